"""A workspace's own notes about a creator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed
from accounts.events import record_event
from accounts.models import Creator
from accounts.permissions import can, require
from accounts.texts import clean
from matching.models import CreatorNote

LONGEST = 4000


def write_note(*, actor: Actor, creator: Creator, text: str, now: datetime | None = None) -> CreatorNote:
    """Raises InvalidInput for an empty text. The same text by the same person within a minute is kept once."""
    require(actor, "note.write")
    if actor.workspace_id is None:
        raise NotAllowed(_("Notes belong to a workspace."))
    words, moment = clean(text, LONGEST), now or timezone.now()
    if not words:
        raise InvalidInput(fields={"text": [_("Write something first.")]})
    with transaction.atomic():
        mine = CreatorNote.visible_to(actor).filter(creator=creator, author_id=actor.user_id)
        last = mine.order_by("-created_at").first()
        if last is not None and last.text == words and (moment - last.created_at).total_seconds() < 60:
            return last
        note = CreatorNote.objects.create(
            workspace_id=actor.workspace_id, creator=creator, text=words, author_id=actor.user_id,
            author_name=actor.name, created_at=moment,
        )  # fmt: skip
        _record("note.written", actor, note)
    return note


def remove_note(*, actor: Actor, note: CreatorNote) -> None:
    """By who wrote it, or by who looks after the workspace."""
    require(actor, "note.write")
    if note.author_id != actor.user_id and not can(actor, "workspace.change"):
        raise NotAllowed(_("Only who wrote a note, or an administrator, removes it."))
    with transaction.atomic():
        _record("note.removed", actor, note)
        CreatorNote.objects.filter(pk=note.pk).delete()


def _record(kind: str, actor: Actor, note: CreatorNote) -> None:
    """On the workspace: an event on the note would name the creator, and creators read what names them."""
    workspace = note.workspace
    data = {"note": str(note.pk), "about": note.creator_id}
    record_event(kind, workspace, actor=actor, workspace_id=workspace.pk, data=data)
