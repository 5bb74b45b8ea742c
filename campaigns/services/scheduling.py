"""Sent later, and followed up gently: rows that say when, polled by beat. Nothing depends on a process staying alive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor, member_actor
from accounts.errors import DomainError, InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Membership
from accounts.permissions import require
from campaigns import limits
from campaigns.models import Partnership, ScheduledInvitation
from campaigns.services.invitations import (
    REMINDERS_MOST,
    _address,
    _check_sentence,
    _days,
    draft_invitation,
    invite,
    lock,
    remind,
)
from campaigns.texts import clean

FARTHEST = timedelta(days=60)


def schedule_invitation(
    *,
    actor: Actor,
    partnership: Partnership,
    send_at: datetime,
    personal_sentence: str,
    email: str = "",
    answer_days: int | None = None,
    recent_contact_reason: str = "",
    terms: dict[str, Any] | None = None,
    follow_ups: int = 0,
    now: datetime | None = None,
) -> ScheduledInvitation:
    """Keeps an invitation for later; everything is checked now, and again when it goes out.

    Raises InvalidInput (sentence, moment), Blocked where it could not be sent even now.
    """
    require(actor, "partnership.change", partnership)
    if actor.user_id is None:
        raise WrongState(_("Only a person schedules an invitation: it is sent in their name."), code="no_person")
    moment = now or timezone.now()
    if not moment < send_at <= moment + FARTHEST:
        raise InvalidInput(fields={"send_at": [_("Choose a moment within the next 60 days.")]})
    sentence, address = clean(personal_sentence), _address(email)
    with transaction.atomic():
        partnership.campaign, partnership.creator = lock(partnership)
        row = Partnership.objects.select_for_update().get(pk=partnership.pk)
        if row.state != "shortlisted":
            raise WrongState(_("This creator has been invited already."), code="invited_already")
        _check_sentence(partnership, sentence, moment)
        draft = draft_invitation(actor=actor, partnership=partnership, email=address, terms=terms, now=moment)
        reason = clean(recent_contact_reason, 300)
        limits.refuse(b for b in draft.blocks if not (b.code == "recent_contact" and len(reason) >= 10))
        options = {
            "email": address,
            "answer_days": _days(answer_days, draft.brief.answer_days if draft.brief else 7),
            "recent_contact_reason": reason,
            "terms": {name: str(value) for name, value in (terms or {}).items()},
            "follow_ups": min(max(follow_ups, 0), REMINDERS_MOST),
        }
        values = {
            "send_at": send_at,
            "state": "waiting",
            "sentence": sentence,
            "options": options,
            "refusal": "",
            "author_id": actor.user_id,
            "created_at": moment,
        }
        scheduled, _made = ScheduledInvitation.objects.update_or_create(partnership=row, defaults=values)
        record_event("partnership.scheduled", row, actor=actor, data={"send_at": send_at.isoformat()}, at=moment)
    return scheduled


def unschedule(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> None:
    """Takes a waiting one back; WrongState when it went out meanwhile."""
    require(actor, "partnership.change", partnership)
    moment = now or timezone.now()
    with transaction.atomic():
        stopped = ScheduledInvitation.objects.filter(partnership=partnership, state="waiting").update(state="cancelled")
        if not stopped:
            raise WrongState(_("Nothing is scheduled for this creator any more."), code="not_scheduled")
        record_event("partnership.unscheduled", partnership, actor=actor, at=moment)


def send_due(*, now: datetime | None = None, limit: int = 200) -> int:
    """Sends what is due, each in its own transaction. Returns how many were settled; safe to run twice at once."""
    moment = now or timezone.now()
    due = ScheduledInvitation.objects.filter(state="waiting", send_at__lte=moment).order_by("send_at")
    return sum(_send(pk, moment) for pk in list(due.values_list("pk", flat=True)[:limit]))


def _send(pk: Any, moment: datetime) -> int:
    """One of them: sent, or refused with the reason for its author to read."""
    with transaction.atomic():
        row = (
            ScheduledInvitation.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("partnership__campaign", "partnership__creator")
            .filter(pk=pk, state="waiting")
            .first()
        )
        if row is None:
            return 0
        partnership = row.partnership
        try:
            with transaction.atomic():
                invite(
                    actor=_author(row), partnership=partnership, personal_sentence=row.sentence, now=moment,
                    **_options(row.options),
                )  # fmt: skip
            changes = {"state": "sent"}
        except DomainError as error:
            texts = [text for lines in getattr(error, "fields", {}).values() for text in lines]
            changes = {"state": "refused", "refusal": " ".join(texts) or error.message}
            record_event(
                "partnership.not_sent", partnership, actor=SYSTEM, data={"reason": changes["refusal"]}, at=moment
            )
        ScheduledInvitation.objects.filter(pk=pk).update(**changes)
    return 1


def _author(row: ScheduledInvitation) -> Actor:
    """The member it is sent for, with the role they have now."""
    membership = (
        Membership.objects.select_related("user")
        .filter(
            user_id=row.author_id,
            workspace_id=row.partnership.campaign.workspace_id,
            suspended_at__isnull=True,
            user__is_active=True,
        )
        .first()
    )
    if membership is None:
        raise WrongState(_("Whoever wrote it no longer works in this workspace."), code="author_gone")
    return member_actor(membership)


def _options(kept: dict[str, Any]) -> dict[str, Any]:
    known = ("email", "answer_days", "recent_contact_reason", "terms", "follow_ups")
    return {name: kept[name] for name in known if kept.get(name) not in (None, "", {})}


def follow_up_moment(invited_at: datetime, expires_at: datetime, sent: int) -> datetime:
    """When the next gentle reminder goes by itself: at half, then at five sixths of the time to answer."""
    return invited_at + (expires_at - invited_at) * (0.5 if sent == 0 else 5 / 6)


def follow_up_due(*, now: datetime | None = None, limit: int = 200) -> int:
    """Sends the reminders that were asked for; stops where the creator has answered. Returns how many rows moved on."""
    moment = now or timezone.now()
    due = Partnership.objects.filter(follow_up_at__lte=moment).order_by("follow_up_at")
    return sum(_follow_up(pk, moment) for pk in list(due.values_list("pk", flat=True)[:limit]))


def _follow_up(pk: Any, moment: datetime) -> int:
    with transaction.atomic():
        row = (
            Partnership.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("campaign")
            .filter(pk=pk, follow_up_at__lte=moment)
            .first()
        )
        if row is None:
            return 0
        scheduled = ScheduledInvitation.objects.filter(partnership=row).first()
        wanted = int((scheduled.options if scheduled else {}).get("follow_ups", row.reminders + 1))
        try:
            with transaction.atomic():
                remind(actor=SYSTEM, partnership=row, now=moment)
            sent = row.reminders
        except WrongState as error:
            # A colleague reminded today: try again tomorrow. Anything else means that nobody is asked any more.
            again = moment + limits.DAY if error.code == "reminded_recently" else None
            Partnership.objects.filter(pk=pk).update(follow_up_at=again)
            return 1
        more = sent < min(wanted, REMINDERS_MOST) and row.invited_at and row.expires_at
        nxt = follow_up_moment(row.invited_at, row.expires_at, sent) if more else None
        Partnership.objects.filter(pk=pk).update(follow_up_at=nxt if nxt and nxt > moment else None)
    return 1


def waiting_for(partnership: Partnership) -> ScheduledInvitation | None:
    """What is scheduled or was refused for this partnership, as the pages show it."""
    return ScheduledInvitation.objects.filter(partnership=partnership, state__in=["waiting", "refused"]).first()
