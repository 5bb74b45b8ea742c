"""What the engine must know of partnerships, as numbers: capacity used, invitations waiting, who was written to."""

from __future__ import annotations

from datetime import UTC

from django.db.models import Count
from django.utils import timezone

from accounts.actors import Actor
from campaigns.limits import BOUND, WAITING
from campaigns.models import Partnership
from matching import commitments
from matching.commitments import Commitments


def current() -> Commitments:
    """Over all workspaces: acceptances of this calendar month (UTC), and unanswered invitations, by creator."""
    month = timezone.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    accepted = Partnership.objects.filter(state__in=BOUND, accepted_at__gte=month)
    waiting = Partnership.objects.filter(state__in=WAITING)
    return Commitments(
        accepted=dict(accepted.order_by().values_list("creator_id").annotate(n=Count("pk"))),
        waiting=dict(waiting.order_by().values_list("creator_id").annotate(n=Count("pk"))),
    )


def contacted(actor: Actor) -> frozenset[int]:
    """Creators the actor's workspace has invited, ever."""
    rows = Partnership.visible_to(actor).filter(invited_at__isnull=False)
    return frozenset(rows.order_by().values_list("creator_id", flat=True).distinct())


def register() -> None:
    commitments.register(commitments=current, contacted=contacted)
