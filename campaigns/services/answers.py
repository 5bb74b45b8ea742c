"""Answering the offer on the table: accept, decline, or propose something else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Unpack

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import CreatorTerms
from accounts.permissions import require
from campaigns import limits
from campaigns.actions import COUNTERS_MOST
from campaigns.models import Campaign, ClosingCode, DeclineReason, Offer, Partnership
from campaigns.personal import leftover
from campaigns.services.briefs import lock_brief
from campaigns.services.closing import answer_waiting, close_offers, move
from campaigns.services.invitations import lock
from campaigns.services.review import plan
from campaigns.terms import TermChanges, Terms
from campaigns.texts import clean


def accept(*, actor: Actor, partnership: Partnership, offer_id: Any = None, now: datetime | None = None) -> Partnership:
    """Accepts the other side's open offer. Of any number of answers at once one wins, the others get WrongState.

    offer_id: the terms the person read; refused (code "terms_changed") when others lie on the table by now.
    Locks the brief's version. When the last place is taken everyone else still waiting gets a polite answer.
    """
    require(actor, "partnership.answer", partnership)
    moment = now or timezone.now()
    with transaction.atomic():
        campaign, _creator = lock(partnership)
        offer = _offer_to_answer(actor, partnership, moment, offer_id)
        _check_room(actor, campaign, partnership, moment)
        changes: dict[str, Any] = {"accepted_at": moment, "expires_at": None} | _answered(actor, moment)
        data = {"offer": offer.number, "side": actor.side, "fee": str(offer.fee), "currency": offer.currency}
        move(partnership, "accept", actor=actor, changes=changes, data=data, now=moment)
        Offer.objects.filter(pk=offer.pk, state="open").update(state="accepted")
        plan(partnership=partnership, now=moment)
        if partnership.brief_id:  # as re-read by `move`: a suggestion may have changed it since the page was opened
            lock_brief(brief_id=partnership.brief_id, now=moment)
        left = limits.places_left(campaign)
        if left is not None and left <= 0:
            answer_waiting(campaign=campaign, code=ClosingCode.PLACES_FULL, now=moment)
    return partnership


def _offer_to_answer(actor: Actor, partnership: Partnership, moment: datetime, offer_id: Any) -> Offer:
    """The other side's open offer, with its partnership locked and still in time."""
    row = Partnership.objects.select_for_update().get(pk=partnership.pk)
    if row.state not in limits.WAITING:
        partnership.refresh_from_db()
        label = row.badge.label
        raise WrongState(
            _("This is no longer possible: the state is now “%(state)s”.") % {"state": label},
            params={"state": row.state},
        )
    if row.expires_at and row.expires_at <= moment:
        raise WrongState(_("The deadline has passed."), code="expired")
    offer: Offer | None = Offer.objects.select_for_update().filter(partnership=row, state="open").first()
    if offer is None or offer.side == actor.side:
        raise WrongState(_("Your proposal is on the table: the other side answers next."), code="not_your_turn")
    if offer_id and str(offer.pk) != str(offer_id):
        raise WrongState(
            _("The terms have changed since you read them. Read the new ones first."), code="terms_changed"
        )
    return offer


def _check_room(actor: Actor, campaign: Campaign, partnership: Partnership, moment: datetime) -> None:
    """Places of the campaign and capacity of the creator, counted under their locks."""
    left = limits.places_left(campaign)
    if left is not None and left <= 0:
        raise WrongState(_("All places of this campaign are taken."), code="places_full")
    terms = CreatorTerms.objects.filter(creator_id=partnership.creator_id).first()
    capacity = limits.capacity_left(partnership.creator, terms, now=moment)
    if terms and capacity is not None and capacity <= 0:
        if actor.side == "creator":
            message = _("You take at most %(n)s partnerships a month and have reached that number.")
        else:
            message = _("This creator takes at most %(n)s partnerships a month and has reached that number.")
        raise WrongState(message % {"n": terms.capacity_per_month}, code="capacity")


def _answered(actor: Actor, moment: datetime) -> dict[str, Any]:
    """The creator's first answer, for the time it took; an answer also proves that the invitation was seen."""
    if actor.side != "creator":
        return {}
    return {"answered_at": Coalesce("answered_at", Value(moment)), "seen_at": Coalesce("seen_at", Value(moment))}


def decline(
    *, actor: Actor, partnership: Partnership, reason: str, note: str = "", now: datetime | None = None
) -> Partnership:
    """The creator says no, with a reason. Possible whoever's turn it is."""
    require(actor, "partnership.answer", partnership)
    if actor.side != "creator":
        raise NotAllowed(_("Only the creator declines. Withdraw the invitation instead."), code="other_side")
    if reason not in DeclineReason.values:
        raise InvalidInput(fields={"reason": [_("Choose one of the reasons.")]})
    moment = now or timezone.now()
    note = clean(note, 1000)
    with transaction.atomic():
        changes = {"decline_reason": reason, "closing_note": note, "expires_at": None} | _answered(actor, moment)
        move(partnership, "decline", actor=actor, changes=changes, data={"reason": reason, "note": note}, now=moment)
        close_offers(partnership)
    return partnership


def counter_offer(
    *, actor: Actor, partnership: Partnership, now: datetime | None = None, **terms: Unpack[TermChanges]
) -> Offer:
    """Other terms instead of those on the table; what is left out stays. At most 3 per side.

    Raises InvalidInput (nothing changed, not an offer), WrongState (not your turn, no rounds left, settled).
    """
    require(actor, "partnership.answer", partnership)
    moment = now or timezone.now()
    if mark := leftover(terms.get("message", "")):
        raise InvalidInput(
            fields={
                "message": [
                    _("“%(mark)s” looks like a template that was not filled in. Replace it.") % {"mark": mark[:60]}
                ]
            }
        )
    with transaction.atomic():
        campaign, creator = lock(partnership)
        current = _offer_to_answer(actor, partnership, moment, None)
        if rounds_left(partnership, actor.side) <= 0:
            raise WrongState(_("Three proposals from your side are the most. Accept or end it."), code="rounds_spent")
        base = Terms.of_offer(current)
        proposed = base.changed(terms, today=moment.date())
        differences = base.differences(proposed)
        if not differences:
            raise InvalidInput(
                fields={"": [_("Change at least one of the terms: fee, in kind, deliverables, rights or date.")]},
                code="unchanged",
            )
        if actor.side == "brand":
            limits.refuse(limits.creator_limits(creator, campaign, proposed, now=moment))
        wait = timedelta(days=partnership.brief.answer_days if partnership.brief else 7)
        changes = {"expires_at": moment + wait} | _answered(actor, moment)
        number = current.number + 1
        data = {
            "side": actor.side,
            "offer": number,
            "changes": differences,
            "currency": proposed.currency,
            "message": proposed.message,
        }
        Offer.objects.filter(pk=current.pk).update(state="superseded")
        move(partnership, "counter", actor=actor, changes=changes, data=data, now=moment)
        offer: Offer = Offer.objects.create(
            partnership=partnership, number=number, side=actor.side, created_at=moment, **proposed.as_fields()
        )
    return offer


def rounds_left(partnership: Partnership, side: str) -> int:
    """Counter-offers this side may still make; the invitation itself is not one."""
    made = Offer.objects.filter(partnership=partnership, side=side, number__gt=1).count()
    return COUNTERS_MOST - made
