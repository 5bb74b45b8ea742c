"""Contesting a datum or a score, answering, deciding. Everything said is an entry that stays."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Creator
from accounts.permissions import require
from campaigns.disputes import subject
from campaigns.models import Dispute, DisputeEntry
from campaigns.states import DISPUTE, advance
from campaigns.texts import clean
from matching.services.recompute import request_rescore

RUNNING_MOST = 10
ENTRIES_MOST = 40
TEXT_LEAST, TEXT_MOST = 10, 2000


def open_dispute(
    *, actor: Actor, creator: Creator, key: str, statement: str, proposed: str = "", now: datetime | None = None
) -> Dispute:
    """The creator says what is wrong; whoever brought the datum is asked. A second click finds the first ticket.

    Raises NotAllowed, InvalidInput by field, WrongState at RUNNING_MOST running tickets.
    """
    require(actor, "dispute.open", creator)
    if actor.creator_id != creator.pk or actor.partnership_id is not None:
        raise NotAllowed(_("Only the creator contests what is said of them."))
    moment = now or timezone.now()
    found, text, wanted = subject(actor, creator, key), clean(statement, TEXT_MOST), clean(proposed, 300)
    faults: dict[str, list[str]] = {}
    if found is None:
        faults["subject"] = [_("Choose what is wrong from the list.")]
    if len(text) < TEXT_LEAST:
        faults["statement"] = [_("Say in a sentence what is wrong.")]
    if faults or found is None:
        raise InvalidInput(fields=faults)
    running = Dispute.objects.filter(creator=creator, state__in=["open", "answered"])
    same = running.filter(subject=key).exclude(subject="other").first()
    if same is not None:
        return same
    if running.count() >= RUNNING_MOST:
        raise WrongState(_("Ten tickets are running already. Wait for an answer to one of them."), code="too_many")
    try:
        with transaction.atomic():
            row = Dispute.objects.create(
                creator=creator, workspace_id=found.workspace_id, subject=found.key, shown=found.shown[:200],
                version=found.version, proposed=wanted, opened_at=moment,
            )  # fmt: skip
            _say(row, actor, text, "open", moment)
            record_event("dispute.opened", row, actor=actor, data={"subject": found.key}, at=moment)
    except IntegrityError:
        return running.get(subject=key)
    return row


def say(*, actor: Actor, dispute: Dispute, text: str, now: datetime | None = None) -> DisputeEntry:
    """Either side adds something while the ticket runs; an answer's first words make it answered."""
    words = _words(text)
    moment = now or timezone.now()
    require(actor, "dispute.open" if actor.creator_id is not None else "dispute.answer", dispute)
    with transaction.atomic():
        row = Dispute.objects.select_for_update().get(pk=dispute.pk)
        if row.state not in ("open", "answered"):
            raise WrongState(_("This ticket is closed. Open another one."), code="closed")
        if row.entries.count() >= ENTRIES_MOST:
            raise WrongState(_("This ticket is long enough: decide it, or open another one."), code="too_many")
        first = actor.creator_id is None and row.state == "open"
        entry = _say(row, actor, words, "answered" if first else "", moment)
        if first:
            advance(row, DISPUTE, "answer", actor=actor, changes={"answered_at": moment}, at=moment)
        else:
            record_event("dispute.said", row, actor=actor, at=moment)
    dispute.refresh_from_db()
    return entry


def decide(*, actor: Actor, dispute: Dispute, accept: bool, text: str, now: datetime | None = None) -> Dispute:
    """Put right, or left as it is, with the reason; what was put right is computed again."""
    require(actor, "dispute.answer")
    words = _words(text)
    moment = now or timezone.now()
    with transaction.atomic():
        row = Dispute.objects.select_for_update().get(pk=dispute.pk)
        if row.state == "open":
            advance(row, DISPUTE, "answer", actor=actor, changes={"answered_at": moment}, at=moment)
        advance(row, DISPUTE, "accept" if accept else "reject", actor=actor, changes={"closed_at": moment}, at=moment)
        _say(row, actor, words, row.state, moment)
        if accept:
            request_rescore(creator_ids=[row.creator_id])
    dispute.refresh_from_db()
    return dispute


def _words(text: str) -> str:
    words = clean(text, TEXT_MOST)
    if len(words) < TEXT_LEAST:
        raise InvalidInput(fields={"text": [_("Write at least a sentence.")]})
    return words


def _say(row: Dispute, actor: Actor, text: str, step: str, moment: datetime) -> DisputeEntry:
    return DisputeEntry.objects.create(
        dispute=row, side=actor.side, name=actor.name[:160], text=text, step=step, at=moment
    )
