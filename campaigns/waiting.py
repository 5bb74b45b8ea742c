"""What waits for the brand in its dialogue with creators: suggestions, messages, parcels, and what was not sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from accounts.permissions import can
from campaigns import inbox
from campaigns.limits import RUNNING, WAITING
from campaigns.models import Message, ScheduledInvitation, Shipment, Suggestion
from campaigns.selectors import Need
from campaigns.services.code_leaks import leaking

MOST = 20


def leak_needs(actor: Actor, *, campaign: Any = None) -> list[Need]:
    """Promo codes of running campaigns that show signs of a leak."""
    return [
        Need("leak", code.campaign, code.partnership, text=code.code)
        for code, _signs in leaking(actor)
        if campaign is None or code.campaign_id == campaign.pk
    ][:MOST]


def dialogue_needs(actor: Actor, *, campaign: Any = None, now: datetime | None = None) -> list[Need]:
    """The longest waiting first within each kind."""
    moment = now or timezone.now()

    def mine(model: Any, **where: Any) -> Any:
        rows = model.visible_to(actor).select_related("partnership__campaign__brand", "partnership__creator")
        rows = rows.filter(partnership__campaign=campaign) if campaign is not None else rows
        return rows.filter(**where)

    found = [
        Need("suggestion", row.partnership.campaign, row.partnership, row.created_at)
        for row in mine(Suggestion, state="open", side="creator", partnership__state__in=[*WAITING, *RUNNING]).order_by(
            "created_at"
        )[:MOST]
    ]
    if can(actor, "message.read"):
        threads = inbox.threads(actor, "waiting", now=moment)
        threads = threads.filter(partnership__campaign=campaign) if campaign is not None else threads
        rows = threads.select_related("partnership__campaign__brand", "partnership__creator")[:MOST]
        found += [Need("message", t.partnership.campaign, t.partnership, t.waiting_since) for t in rows]
        held = mine(Message, held=True).order_by("created_at")[:MOST]
        found += [Need("held", row.partnership.campaign, row.partnership, row.created_at) for row in held]
    found += [
        Need(
            "parcel" if row.state == "ready" else "parcel_problem",
            row.partnership.campaign,
            row.partnership,
            row.state_changed_at,
        )
        for row in mine(Shipment, state__in=["ready", "problem"]).order_by("state_changed_at")[:MOST]
    ]
    unsent = mine(ScheduledInvitation, state="refused", partnership__state="shortlisted").order_by("send_at")[:MOST]
    return [*found, *(Need("unsent", row.partnership.campaign, row.partnership, row.send_at) for row in unsent)]
