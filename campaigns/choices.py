"""What this layer tells the one below: which campaigns a member may be limited to."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.scope import offers_campaigns
from campaigns.models import Campaign

MOST = 500


@offers_campaigns
def campaigns_of(actor: Actor) -> list[tuple[str, str]]:
    """[(id, "brand · campaign")], the newest first."""
    rows = Campaign.visible_to(actor).select_related("brand").order_by("-created_at")[:MOST]
    return [(str(row.pk), f"{row.brand.name} · {row.name}") for row in rows]
