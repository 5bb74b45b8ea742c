"""After the acceptance and the contract (services/contracts.py): publication, completion, or an end with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.permissions import require
from campaigns.models import Campaign, ClosingCode, Partnership
from campaigns.publication_rules import require_publishable
from campaigns.services import after_signature
from campaigns.services.campaigns import close_if_over
from campaigns.services.closing import move, read_reason
from campaigns.states import PARTNERSHIP


def go_live(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> Partnership:
    """→ live: the first content is published. Raises NotPublishable while a publication rule forbids it."""
    return _step("go_live", actor, partnership, now)


def complete(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> Partnership:
    """Live → completed; a closing campaign whose last partnership this was closes."""
    return _step("complete", actor, partnership, now)


def _step(verb: str, actor: Actor, partnership: Partnership, now: datetime | None) -> Partnership:
    require(actor, "partnership.change", partnership)
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=partnership.campaign_id)
        if verb == "go_live" and partnership.state in PARTNERSHIP.transition(verb).sources:
            require_publishable(partnership, now or timezone.now())
        was_contracted = partnership.state != "accepted"
        move(partnership, verb, actor=actor, now=now)
        if verb == "go_live":
            if not was_contracted:  # published right after the agreement: what was accepted is owed
                after_signature.uncontracted(partnership, now or timezone.now())
            after_signature.published(partnership, now or timezone.now())
        close_if_over(campaign_id=partnership.campaign_id, now=now)
    return partnership


def cancel(*, actor: Actor, partnership: Partnership, reason: str, now: datetime | None = None) -> Partnership:
    """Either side ends what was accepted, with a reason the other reads. The place is free again."""
    require(actor, "partnership.answer", partnership)
    note = read_reason(reason, "reason")
    code = ClosingCode.CREATOR if actor.side == "creator" else ClosingCode.BRAND
    with transaction.atomic():
        Campaign.objects.select_for_update(no_key=True).get(pk=partnership.campaign_id)
        changes = {"closing_code": code, "closing_note": note}
        move(partnership, "cancel", actor=actor, changes=changes, data={"code": str(code), "reason": note}, now=now)
        close_if_over(campaign_id=partnership.campaign_id, now=now)
    return partnership
