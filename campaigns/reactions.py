"""What follows from events of campaigns. Each handler may run twice and then changes nothing twice."""

from __future__ import annotations

from accounts.events import reaction
from accounts.models import Event
from campaigns import notifications
from campaigns.limits import BOUND
from matching.services.recompute import request_rescore


@reaction("partnership_mail", "partnership.*")
def write_letters(event: Event) -> None:
    notifications.notify(event)


@reaction("rescore_history", *(f"partnership.{state}" for state in (*BOUND, "declined", "expired", "cancelled")))
def rescore_history(event: Event) -> None:
    """An answer, a delivery or an end is one more fact about the creator's reliability."""
    if event.creator_id is not None:
        request_rescore(creator_ids=[event.creator_id])
