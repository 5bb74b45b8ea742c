"""One thread per partnership: writing, answering a question with one tap, reading, assigning, putting off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor, member_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Membership
from accounts.permissions import can, require
from accounts.services.creators import has_objected
from accounts.templatetags.figures import day
from campaigns.cowriting import LABELS
from campaigns.limits import RUNNING, WAITING
from campaigns.models import Message, Partnership, Suggestion, Thread
from campaigns.models.messages import TEXT_MOST
from campaigns.personal import leftover
from campaigns.terms import read_day
from campaigns.texts import clean, one_line

TALKING = (*WAITING, *RUNNING, "completed")
LISTENING = timedelta(days=90)  # after the end the creator may still write, as long as their link opens
AN_HOUR_MOST = 30
OPTIONS = (2, 6)


def write(
    *,
    actor: Actor,
    partnership: Partnership,
    text: str,
    asks: str = "",
    options: Sequence[str] = (),
    about: str = "",
    suggestion: Suggestion | None = None,
    channel: str = "page",
    left_out: Sequence[str] = (),
    now: datetime | None = None,
) -> Message:
    """A message to the other side. asks: yes_no, choice (with 2 to 6 options) or day, to be answered with one tap.

    Raises InvalidInput (empty, too long, a template left unfilled, options), WrongState (over, objection, too many).
    """
    require(actor, "message.write", partnership)
    moment = now or timezone.now()
    words, choices = _words(text), _options(asks, options)
    if about and about not in LABELS:
        raise InvalidInput(fields={"about": [_("There is no such part of the brief.")]})
    with transaction.atomic():
        row = _open(actor, partnership, moment)
        return _keep(
            actor, row, moment, text=words, asks=asks, options=choices, about=about, suggestion=suggestion,
            channel=channel, left_out=list(left_out),
        )  # fmt: skip


def _words(text: str) -> str:
    words = clean(text)
    if not words:
        raise InvalidInput(fields={"text": [_("Write something first.")]})
    if len(words) > TEXT_MOST:
        raise InvalidInput(fields={"text": [_("At most %(n)s characters.") % {"n": TEXT_MOST}]})
    if mark := leftover(words):
        raise InvalidInput(
            fields={
                "text": [
                    _("“%(mark)s” looks like a template that was not filled in. Replace it.") % {"mark": mark[:60]}
                ]
            }
        )
    return words


def _options(asks: str, options: Sequence[str]) -> list[str]:
    if asks and asks not in Message.Ask.values:
        raise InvalidInput(fields={"asks": [_("Choose among: %(known)s.") % {"known": ", ".join(Message.Ask.values)}]})
    if asks != Message.Ask.CHOICE:
        return []
    choices = list(dict.fromkeys(filter(None, (one_line(option, 120) for option in options))))
    if not OPTIONS[0] <= len(choices) <= OPTIONS[1]:
        raise InvalidInput(fields={"options": [_("Give two to six different answers.")]})
    return choices


def _open(actor: Actor, partnership: Partnership, moment: datetime) -> Partnership:
    """The partnership, locked, if this side may still write in it."""
    row: Partnership = (
        Partnership.objects.select_for_update(of=("self",))
        .select_related("campaign__brand", "campaign__workspace", "creator")
        .get(pk=partnership.pk)
    )
    heard = actor.side == "creator" and row.invited_at and row.state_changed_at > moment - LISTENING
    if row.invited_at is None or not (row.state in TALKING or heard):
        raise WrongState(_("This partnership is over: nobody is written to any more."), code="thread_closed")
    if (
        actor.side == "brand"
        and row.state in WAITING
        and has_objected(row.creator, row.sent_to, row.campaign.workspace_id)
    ):
        raise WrongState(_("This person asked not to be contacted."), code="objection")
    lately = Message.objects.filter(partnership=row, side=actor.side, created_at__gt=moment - timedelta(hours=1))
    if lately.count() >= AN_HOUR_MOST:
        raise WrongState(_("Thirty messages within an hour are the most. Take a moment."), code="too_many")
    return row


def _keep(actor: Actor, row: Partnership, moment: datetime, **values: Any) -> Message:
    """The row, the thread's new turn, and the event that writes the letters. The event never carries the words."""
    thread = thread_of(row, lock=True)
    answered = thread.waiting == actor.side and thread.waiting_since
    seconds = max(0, int((moment - cast(datetime, thread.waiting_since)).total_seconds())) if answered else None
    message: Message = Message.objects.create(
        partnership=row,
        side=actor.side,
        author_id=actor.user_id,
        author_name=actor.name[:120],
        reply_seconds=seconds,
        created_at=moment,
        **values,
    )
    other = "creator" if actor.side == "brand" else "brand"
    changes: dict[str, Any] = {"last_at": moment, f"{actor.side}_read_at": moment}
    if thread.waiting != other:
        changes |= {"waiting": other, "waiting_since": moment}
    if actor.side == "creator":
        changes["snoozed_until"] = None
    Thread.objects.filter(pk=thread.pk).update(**changes)
    data = {"partnership": str(row.pk), "side": actor.side, "asks": message.asks, "channel": message.channel}
    record_event("message.sent", message, actor=actor, data=data, at=moment)
    return message


def thread_of(partnership: Partnership, *, lock: bool = False) -> Thread:
    Thread.objects.bulk_create([Thread(partnership=partnership)], ignore_conflicts=True)
    rows = Thread.objects.select_for_update() if lock else Thread.objects.all()
    return cast(Thread, rows.get(partnership=partnership))


def answer(*, actor: Actor, message: Message, value: str, note: str = "", now: datetime | None = None) -> Message:
    """The ready answer to a question, once. value: yes or no, one of the options, or a date (YYYY-MM-DD)."""
    require(actor, "message.write", message.partnership)
    moment = now or timezone.now()
    if message.side == actor.side:
        raise NotAllowed(_("The other side answers this question."), code="other_side")
    words = _in_words(message, value)
    if extra := clean(note, 1000):
        words = f"{words}\n{extra}"
    with transaction.atomic():
        row = _open(actor, message.partnership, moment)
        if Message.objects.filter(answers=message).exists():
            raise WrongState(_("This question has been answered already."), code="answered")
        return _keep(actor, row, moment, text=words, answers=message, channel="page")


def _in_words(message: Message, value: str) -> str:
    if message.asks == Message.Ask.YES_NO and value in ("yes", "no"):
        return _("Yes") if value == "yes" else _("No")
    if message.asks == Message.Ask.CHOICE and value in message.options:
        return value
    if message.asks == Message.Ask.DAY and (chosen := _day(value)):
        return day(chosen)
    raise InvalidInput(fields={"value": [_("Choose one of the answers.")]})


def _day(value: str) -> date | None:
    return read_day(value)


def mark_read(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> None:
    """Notes that this side has read up to now. Changes nothing that the other side sees."""
    require(actor, "message.read", partnership)
    field = "brand_read_at" if actor.side == "brand" else "creator_read_at"
    thread_of(partnership)
    Thread.objects.filter(partnership=partnership).update(**{field: now or timezone.now()})


def settle(*, actor: Actor, partnership: Partnership) -> None:
    """The brand says that nothing waits for an answer: a thank-you needs none."""
    require(actor, "message.sort", partnership)
    Thread.objects.filter(partnership=partnership, waiting="brand").update(waiting="", waiting_since=None)


def assign(*, actor: Actor, partnership: Partnership, user_id: int | None) -> Thread:
    """Who looks after the thread: a member of the workspace who may write, or nobody."""
    require(actor, "message.sort", partnership)
    if user_id is not None and user_id not in {member.user_id for member in writers(partnership)}:
        raise InvalidInput(fields={"user": [_("Choose somebody who may write in this workspace.")]})
    thread_of(partnership)
    Thread.objects.filter(partnership=partnership).update(assigned_to_id=user_id)
    return thread_of(partnership)


def writers(partnership: Partnership) -> list[Membership]:
    """The members who may write to creators here."""
    rows = Membership.objects.filter(
        workspace_id=partnership.campaign.workspace_id, suspended_at__isnull=True, user__is_active=True
    ).select_related("user")
    return [row for row in rows if can(member_actor(row), "message.write", partnership)]


def snooze(*, actor: Actor, partnership: Partnership, until: datetime | None, now: datetime | None = None) -> Thread:
    """Out of the inbox until then, or until the creator writes; None brings it back."""
    require(actor, "message.sort", partnership)
    moment = now or timezone.now()
    if until is not None and not moment < until <= moment + timedelta(days=90):
        raise InvalidInput(fields={"until": [_("Choose a moment within the next 90 days.")]})
    thread_of(partnership)
    Thread.objects.filter(partnership=partnership).update(snoozed_until=until)
    return thread_of(partnership)


def let_in(*, actor: Actor, message: Message, now: datetime | None = None) -> Message:
    """The brand vouches for a message held back: it is the creator's after all."""
    require(actor, "message.sort", message.partnership)
    with transaction.atomic():
        if not Message.objects.filter(pk=message.pk, held=True, side="creator").update(held=False):
            raise WrongState(_("This message is not held back any more."), code="not_held")
        record_event("message.let_in", message, actor=actor, data={"partnership": str(message.partnership_id)}, at=now)
    message.refresh_from_db()
    return message


def discard(*, actor: Actor, message: Message, now: datetime | None = None) -> None:
    """A message held back is deleted; only that there was one stays."""
    require(actor, "message.sort", message.partnership)
    with transaction.atomic():
        found = Message.objects.select_for_update().filter(pk=message.pk, held=True).first()
        if found is None:
            raise WrongState(_("This message is not held back any more."), code="not_held")
        record_event("message.discarded", found, actor=actor, data={"partnership": str(found.partnership_id)}, at=now)
        found.delete()
