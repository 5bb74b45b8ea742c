"""Inviting one creator, in person: the first offer, its deadline, and what may be done while waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Creator
from accounts.permissions import require
from accounts.zone import zone
from campaigns import limits, personal
from campaigns.models import Brief, Campaign, ClosingCode, Offer, Partnership
from campaigns.services.closing import close_offers, move, read_reason
from campaigns.terms import TermChanges, Terms
from campaigns.texts import clean, one_line

REMINDERS_MOST = 2
REMINDER_GAP = timedelta(hours=24)
LONGEST_WAIT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Draft:
    """An invitation as it would be sent: what composer, preview and service agree on."""

    partnership: Partnership
    brief: Brief | None
    terms: Terms
    address: str
    blocks: list[limits.Block]


def draft_invitation(
    *,
    actor: Actor,
    partnership: Partnership,
    email: str = "",
    terms: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Draft:
    """What would be sent, and every obstacle. Reads only. Raises InvalidInput where `terms` cannot be an offer."""
    require(actor, "partnership.read", partnership)
    moment = now or timezone.now()
    campaign = partnership.campaign
    brief = Brief.objects.filter(campaign=campaign).current()
    if brief is None:
        block = limits.Block("no_brief", _("Write the brief first: it is what the creator reads."))
        return Draft(partnership, None, Terms(currency=campaign.currency), "", [block])
    brief.campaign = campaign
    offer = Terms.of_brief(brief).changed(terms or {}, today=moment.date())
    address = limits.contact_address(partnership, email)
    found = limits.campaign_blocks(campaign, today=moment.date())
    found += limits.sending_blocks(partnership, now=moment)
    found += limits.creator_limits(partnership.creator, campaign, offer, now=moment, brief=brief)
    found += limits.contact_blocks(partnership, address, now=moment)
    return Draft(partnership, brief, offer, address, found)


def invite(
    *,
    actor: Actor,
    partnership: Partnership,
    personal_sentence: str,
    email: str = "",
    answer_days: int | None = None,
    recent_contact_reason: str = "",
    terms: TermChanges | None = None,
    now: datetime | None = None,
) -> Partnership:
    """Shortlisted → invited, with the first offer. The mail follows from the event.

    Raises InvalidInput (sentence, address, terms), Blocked (409: limits of the creator, places, objections,
    duplicates, recent contact), WrongState (no longer shortlisted).
    """
    require(actor, "partnership.change", partnership)
    moment = now or timezone.now()
    sentence = clean(personal_sentence)
    email = _address(email)
    with transaction.atomic():
        partnership.campaign, partnership.creator = lock(partnership)
        if partnership.state == "shortlisted":
            _check_sentence(partnership, sentence)
        draft = draft_invitation(actor=actor, partnership=partnership, email=email, terms=terms, now=moment)
        reason = one_line(recent_contact_reason, 300)
        refusing = [block for block in draft.blocks if not (block.code == "recent_contact" and len(reason) >= 10)]
        if partnership.state == "shortlisted":
            limits.refuse(refusing)
        brief = draft.brief
        days = _days(answer_days, brief.answer_days if brief else 7)
        changes = {
            "brief": brief,
            "personal_sentence": sentence,
            "sent_to": draft.address,
            "invited_at": moment,
            "invited_by_id": actor.user_id,
            "expires_at": moment + timedelta(days=days),
        }
        data = {"to": draft.address, "brief_version": brief.version if brief else None}
        if any(block.code == "recent_contact" for block in draft.blocks):
            data["recent_contact_reason"] = reason
        move(partnership, "invite", actor=actor, changes=changes, data=data, now=moment)
        Offer.objects.create(
            partnership=partnership, number=1, side="brand", created_at=moment, **draft.terms.as_fields()
        )
    return partnership


def lock(partnership: Partnership) -> tuple[Campaign, Creator]:
    """Locks campaign, then creator: always in this order, so that counting places and capacity cannot race."""
    campaign = (
        Campaign.objects.select_for_update(no_key=True, of=("self",))
        .select_related("brand", "workspace")
        .get(pk=partnership.campaign_id)
    )
    creator = Creator.objects.select_for_update(no_key=True).get(pk=partnership.creator_id)
    return campaign, creator


def _address(email: str) -> str:
    address = one_line(email, 254)
    if address:
        try:
            validate_email(address)
        except ValidationError:
            raise InvalidInput(fields={"email": [_("This is not an e-mail address.")]}) from None
    return address


def _days(given: Any, default: int) -> int:
    if given in (None, ""):
        return default
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= LONGEST_WAIT.days:
        raise InvalidInput(fields={"answer_days": [_("From 1 to 60 days.")]})
    return given


def _check_sentence(partnership: Partnership, sentence: str) -> None:
    others = (
        Partnership.objects.filter(campaign_id=partnership.campaign_id)
        .exclude(personal_sentence="")
        .exclude(pk=partnership.pk)
    )
    sent = [
        (row.personal_sentence, names_of(row.creator))
        for row in others.select_related("creator").prefetch_related("creator__accounts")
    ]
    if found := personal.faults(sentence, names=names_of(partnership.creator), others=sent):
        raise InvalidInput(fields={"personal_sentence": found})


def names_of(creator: Creator) -> list[str]:
    return [creator.display_name, *(account.handle for account in creator.accounts.all())]


def mark_seen(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> bool:
    """Invited → seen; False when it was seen or settled before. Comes from a POST: a scanner's GET changes nothing."""
    require(actor, "partnership.answer", partnership)
    moment = now or timezone.now()
    try:
        move(partnership, "mark_seen", actor=actor, changes={"seen_at": moment}, now=moment)
    except WrongState:
        return False
    return True


def remind(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> Partnership:
    """A reminder to a creator who has to answer: at most 2, a day apart, before the deadline."""
    require(actor, "partnership.change", partnership)
    moment = now or timezone.now()
    with transaction.atomic():
        row = Partnership.objects.select_for_update().get(pk=partnership.pk)
        offer = _creators_turn(row)
        if row.reminders >= REMINDERS_MOST:
            raise WrongState(_("Two reminders were sent. Let them be, or extend the deadline."), code="reminders_spent")
        last = max(offer.created_at, row.reminded_at or offer.created_at)
        if moment - last < REMINDER_GAP:
            raise WrongState(_("The last message is less than a day old."), code="reminded_recently")
        if row.expires_at and row.expires_at <= moment:
            raise WrongState(_("The deadline has passed."), code="expired")
        count = row.reminders + 1
        Partnership.objects.filter(pk=row.pk).update(reminders=count, reminded_at=moment)
        record_event("partnership.reminded", row, actor=actor, data={"number": count}, at=moment)
    partnership.refresh_from_db()
    return partnership


def _creators_turn(row: Partnership) -> Offer:
    """The brand's open offer that the creator has to answer; WrongState when there is none."""
    offer: Offer | None = Offer.objects.filter(partnership=row, state="open", side="brand").first()
    if offer is None or row.state not in limits.WAITING:
        raise WrongState(_("The creator has nothing to answer at the moment."))
    return offer


def extend_deadline(
    *, actor: Actor, partnership: Partnership, until: datetime | date, now: datetime | None = None
) -> Partnership:
    """A later deadline while the creator still has to answer. A date means its last minute where the brand is."""
    require(actor, "partnership.change", partnership)
    moment = now or timezone.now()
    end = until if isinstance(until, datetime) else _end_of(until, partnership)
    if end > moment + LONGEST_WAIT:
        raise InvalidInput(fields={"until": [_("At most 60 days ahead.")]})
    with transaction.atomic():
        row = Partnership.objects.select_for_update().get(pk=partnership.pk)
        _creators_turn(row)
        if end <= max(moment, row.expires_at or moment):
            raise InvalidInput(fields={"until": [_("Choose a later moment than the present deadline.")]})
        before = row.expires_at
        Partnership.objects.filter(pk=row.pk).update(expires_at=end)
        data = {"from": before.isoformat() if before else None, "to": end.isoformat()}
        record_event("partnership.deadline_extended", row, actor=actor, data=data, at=moment)
    partnership.refresh_from_db()
    return partnership


def _end_of(day: date, partnership: Partnership) -> datetime:
    """The last minute of a day where the brand is."""
    return datetime.combine(day, time(23, 59), tzinfo=zone(partnership.campaign.workspace.timezone))


def withdraw(*, actor: Actor, partnership: Partnership, message: str, now: datetime | None = None) -> Partnership:
    """The brand takes its invitation back, with a message the creator reads."""
    require(actor, "partnership.change", partnership)
    note = read_reason(message, "message")
    with transaction.atomic():
        changes = {"closing_code": ClosingCode.BRAND, "closing_note": note}
        move(partnership, "withdraw", actor=actor, changes=changes, data={"code": "brand", "message": note}, now=now)
        close_offers(partnership)
    return partnership


def expire_due(*, now: datetime | None = None, limit: int = 500) -> int:
    """Every invitation or counter-offer whose deadline has passed. Returns how many; safe to run twice at once."""
    moment = now or timezone.now()
    due = Partnership.objects.filter(state__in=limits.WAITING, expires_at__lte=moment).order_by("expires_at")
    return sum(expire(partnership=row, now=moment) for row in due[:limit])


def expire(*, partnership: Partnership, now: datetime) -> bool:
    """Expires one, if it still waits and its deadline is still past; tells whose silence it was."""
    with transaction.atomic():
        row = (
            Partnership.objects.select_for_update()
            .filter(pk=partnership.pk, state__in=limits.WAITING, expires_at__lte=now)
            .first()
        )
        if row is None:
            return False
        creators_turn = Offer.objects.filter(partnership=row, state="open", side="brand").exists()
        code = ClosingCode.CREATOR_SILENT if creators_turn else ClosingCode.BRAND_SILENT
        move(row, "expire", actor=SYSTEM, changes={"closing_code": code}, data={"code": str(code)}, now=now)
        close_offers(row)
    return True


def open_offer(partnership: Partnership) -> Offer | None:
    """The terms on the table, None when nothing is."""
    return Offer.objects.filter(models.Q(partnership=partnership), state="open").first()
