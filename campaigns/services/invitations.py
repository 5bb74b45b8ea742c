"""Inviting one creator, in person: the first offer, its deadline, and what may be done while waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Creator
from accounts.permissions import require
from accounts.zone import zone
from campaigns import limits, personal
from campaigns.drafts import unedited
from campaigns.models import Brief, Campaign, ClosingCode, Offer, Partnership, ScheduledInvitation
from campaigns.services.closing import close_offers, move, read_reason
from campaigns.terms import TermChanges, Terms
from campaigns.texts import clean, one_line

REMINDERS_MOST = 2
REMINDER_GAP = timedelta(hours=24)
LONGEST_WAIT = timedelta(days=60)
SIMILAR_WITHIN, SIMILAR_MOST = timedelta(days=14), 400


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
    follow_ups: int = 0,
    now: datetime | None = None,
) -> Partnership:
    """Shortlisted → invited, with the first offer. The mail follows from the event.

    follow_ups: gentle reminders that go out by themselves while there is no answer, two at most.

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
            _check_sentence(partnership, sentence, moment)
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
            "follow_up_at": moment + timedelta(days=days) / 2 if follow_ups > 0 else None,
        }
        data = {"to": draft.address, "brief_version": brief.version if brief else None}
        if any(block.code == "recent_contact" for block in draft.blocks):
            data["recent_contact_reason"] = reason
        move(partnership, "invite", actor=actor, changes=changes, data=data, now=moment)
        _settle_schedule(partnership, follow_ups)
        Offer.objects.create(
            partnership=partnership, number=1, side="brand", created_at=moment, **draft.terms.as_fields()
        )
    return partnership


def _settle_schedule(partnership: Partnership, follow_ups: int) -> None:
    """What was planned for later is done with; how many follow-ups were asked for stays known."""
    options = {"follow_ups": min(max(follow_ups, 0), REMINDERS_MOST)}
    known = ScheduledInvitation.objects.filter(partnership=partnership).first()
    if known:
        ScheduledInvitation.objects.filter(pk=known.pk).update(state="sent", options=known.options | options)
    elif follow_ups:
        ScheduledInvitation.objects.create(
            partnership=partnership,
            send_at=partnership.invited_at or timezone.now(),
            state="sent",
            sentence=partnership.personal_sentence,
            options=options,
            author_id=partnership.invited_by_id,
        )


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


def _check_sentence(partnership: Partnership, sentence: str, now: datetime) -> None:
    if fault := unedited(sentence):
        raise InvalidInput(fields={"personal_sentence": [fault]}, code="unedited")
    sent = [(text, names_of(creator)) for text, creator in _already_written(partnership, now)]
    if found := personal.faults(sentence, names=names_of(partnership.creator), others=sent):
        raise InvalidInput(fields={"personal_sentence": found})


def _already_written(partnership: Partnership, now: datetime) -> list[tuple[str, Creator]]:
    """What went to others in this campaign, from this workspace around these days, and what waits to be sent."""
    workspace, campaign = partnership.campaign.workspace_id, partnership.campaign_id
    near = models.Q(invited_at__gt=now - SIMILAR_WITHIN, invited_at__lt=now + SIMILAR_WITHIN)
    rows = Partnership.objects.exclude(personal_sentence="").exclude(pk=partnership.pk).select_related("creator")
    rows = rows.filter(models.Q(campaign_id=campaign) | models.Q(near, campaign__workspace_id=workspace)).exclude(
        creator_id=partnership.creator_id
    )
    planned = ScheduledInvitation.objects.filter(state="waiting", partnership__campaign__workspace_id=workspace)
    planned = planned.exclude(partnership=partnership).select_related("partnership__creator")
    found = [(row.personal_sentence, row.creator) for row in rows.order_by("-invited_at")[:SIMILAR_MOST]]
    found += [(row.sentence, row.partnership.creator) for row in planned[:SIMILAR_MOST]]
    prefetch_related_objects([creator for _text, creator in found], "accounts")
    return found


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
