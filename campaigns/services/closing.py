"""Ending what others still wait for, politely: nobody is left without an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput
from campaigns.limits import WAITING
from campaigns.models import Campaign, ClosingCode, Offer, Partnership
from campaigns.personal import leftover
from campaigns.states import PARTNERSHIP, advance
from campaigns.texts import clean, words

REASON_SHORTEST = 10


def move(
    partnership: Partnership,
    verb: str,
    *,
    actor: Actor,
    now: datetime | None = None,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """`advance` of a partnership that also notes when its state changed."""
    moment = now or timezone.now()
    advance(
        partnership,
        PARTNERSHIP,
        verb,
        actor=actor,
        changes={"state_changed_at": moment, **(changes or {})},
        data=data,
        at=moment,
    )


def read_reason(text: str, field: str) -> str:
    """A reason or message the other side will read: some words at least, no leftovers of a template."""
    reason = clean(text, 1000)
    if len(reason) < REASON_SHORTEST or len(words(reason)) < 2:
        raise InvalidInput(fields={field: [_("Write a short sentence: the other person reads it.")]})
    if mark := leftover(reason):
        raise InvalidInput(
            fields={
                field: [_("“%(mark)s” looks like a template that was not filled in. Replace it.") % {"mark": mark[:60]}]
            }
        )
    return reason


def close_offers(partnership: Partnership) -> None:
    Offer.objects.filter(partnership=partnership, state="open").update(state="closed")


def answer_waiting(*, campaign: Campaign, code: ClosingCode, note: str = "", now: datetime | None = None) -> int:
    """Withdraws every open invitation of a campaign. Call with the campaign locked. Returns how many."""
    rows = Partnership.objects.filter(campaign=campaign, state__in=WAITING).select_for_update().order_by("pk")
    changes = {"closing_code": code, "closing_note": note}
    count = 0
    for row in rows:
        move(row, "withdraw", actor=SYSTEM, changes=changes, data={"code": str(code), "message": note}, now=now)
        close_offers(row)
        count += 1
    return count


def cancel_accepted(*, actor: Actor, campaign: Campaign, reason: str, now: datetime | None = None) -> None:
    rows = (
        Partnership.objects.filter(campaign=campaign, state__in=["accepted", "contracted"])
        .select_for_update()
        .order_by("pk")
    )
    for row in rows:
        changes = {"closing_code": ClosingCode.CAMPAIGN_CANCELLED, "closing_note": reason}
        move(
            row, "cancel", actor=actor, changes=changes, data={"code": "campaign_cancelled", "reason": reason}, now=now
        )
