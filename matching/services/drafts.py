"""Imports being prepared in the browser: files kept, a mapping guessed, tried on the first rows, then started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from glob import escape
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.models import Job
from accounts.permissions import require
from matching.ingest import uploads
from matching.ingest.chunks import Chunk
from matching.ingest.definition import parse_mapping
from matching.ingest.guess import Seen, guess_file, look
from matching.ingest.readers import Origin, Reader, open_reader
from matching.ingest.reasons import FileRefused, Problem
from matching.ingest.run import Import
from matching.ingest.store import Stored
from matching.models import ImportDraft
from matching.services.imports import Wish, create_import, rehearse

KEPT_FOR = timedelta(days=7)
TRIED_ROWS = 2000
SHOWN_ROWS = 8


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file of a draft as it was found: its reader and columns, or why it cannot be read."""

    name: str
    size: int
    reader: Reader | None
    seen: Sequence[Seen] = ()
    problem: Problem | None = None


@dataclass(slots=True)
class Trial:
    """What the import of the first rows gave. shown: file → (entity, rows as they would be stored)."""

    job: Job
    shown: dict[str, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)


def open_draft(
    *,
    actor: Actor,
    files: Iterable[tuple[str, Iterable[bytes]]],
    platform: str = "",
    source: str = "",
    basis: str,
    definition: Mapping[str, Any] | None = None,
) -> ImportDraft:
    """Keeps the files ((name, pieces) pairs) and guesses how to read those that `definition` does not know."""
    require(actor, "import.run")
    kept: list[dict[str, Any]] = []
    try:
        for name, pieces in files:
            kept.append(uploads.keep(_distinct(name, kept), pieces))
        if not kept:
            raise InvalidInput(fields={"files": [_("Choose at least one file, or paste some rows.")]})
        entries = [entry for file in kept if (entry := _entry_for(file, platform, definition)) is not None]
        return ImportDraft.objects.create(
            workspace_id=actor.workspace_of_own(),
            files=kept,
            definition={"files": entries},
            source=" ".join(source.split())[:200],
            basis=basis,
            created_by_id=actor.user_id,
        )
    except BaseException:
        uploads.remove(kept)
        raise


def _distinct(name: str, kept: Sequence[Mapping[str, Any]]) -> str:
    shown = uploads.shown_name(name)
    known = {file["name"] for file in kept}
    return shown if shown not in known else f"{len(kept) + 1}-{shown}"


def _entry_for(file: Mapping[str, Any], platform: str, definition: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if definition:
        mapping = parse_mapping(definition)
        for place, entry in enumerate(mapping.files):
            if entry.applies_to(str(file["name"])):
                known = definition["files"][place] if "files" in definition else dict(definition)
                shared = {
                    key: definition[key] for key in ("constants", "timezone", "dates", "decimal") if key in definition
                }
                return shared | deepcopy(dict(known)) | {"match": escape(str(file["name"]))}
    found = open_file(file)
    return guess_file(found.reader, found.seen, platform) if found.reader else None


def open_file(file: Mapping[str, Any], entry: Mapping[str, Any] | None = None) -> OpenFile:
    """Reads the beginning of a kept file, by the draft's own entry for it when that is valid."""
    name, size = str(file["name"]), int(file["size"])
    try:
        how = None
        if entry is not None:
            try:
                how = parse_mapping({"files": [entry]}).files[0]
            except InvalidInput:
                how = None
        reader = open_reader(Origin(name, uploads.path_of(file), size=size), how)
        return OpenFile(name, size, reader, look(reader))
    except FileRefused as refusal:
        return OpenFile(name, size, None, (), refusal.problem)


def change_draft(
    *, actor: Actor, draft: ImportDraft, entries: Sequence[Mapping[str, Any]], source: str, basis: str
) -> ImportDraft:
    """Keeps the mapping as chosen so far; whether it is complete is told when it is tried or started."""
    require(actor, "import.run", draft)
    draft.definition, draft.source, draft.basis = {"files": list(entries)}, " ".join(source.split())[:200], basis
    draft.save(update_fields=["definition", "source", "basis"])
    return draft


def _wish(draft: ImportDraft) -> Wish:
    """Raises InvalidInput naming every fault of the mapping."""
    mapping = parse_mapping(draft.definition)
    names = {str(file["name"]) for file in draft.files}
    readable = [file for file in draft.files if mapping.for_file(str(file["name"])) and file["name"] in names]
    if not readable:
        raise InvalidInput(_("None of these files can be read."), code="no_readable_file")
    return Wish(files=readable, mapping=mapping, source=draft.source, basis=draft.basis)


def try_draft(*, actor: Actor, draft: ImportDraft) -> Trial:
    """Imports the first rows of every file and takes it all back."""
    require(actor, "import.run", draft)
    shown: dict[str, tuple[str, list[dict[str, Any]]]] = {}

    def keep_rows(chunk: Chunk, stored: Stored) -> None:
        if chunk.file not in shown and chunk.tables:
            main = next(iter(chunk.counts))
            table = next((table for table in chunk.tables if table.entity.name == main), chunk.tables[0])
            rows = range(min(len(table), SHOWN_ROWS))
            named = {name: column for name, column in table.columns.items() if name != "handle_key"}
            shown[chunk.file] = (
                table.entity.name,
                [
                    {"line": chunk.lines[table.rows[row]], **{name: column[row] for name, column in named.items()}}
                    for row in rows
                ],
            )

    def watch(importing: Import) -> None:
        importing.on_chunk = keep_rows
        importing.rescore = False

    job, _tally = rehearse(actor=actor, wish=_wish(draft), limit=TRIED_ROWS, see=watch)
    return Trial(job, shown)


def start_draft(*, actor: Actor, draft: ImportDraft) -> Job:
    """Starts the import once; a second click finds the job of the first."""
    require(actor, "import.run", draft)
    with transaction.atomic():
        current = ImportDraft.objects.select_for_update().get(pk=draft.pk)
        if current.job is not None:
            return current.job
        job = create_import(actor=actor, wish=_wish(current))
        ImportDraft.objects.filter(pk=draft.pk).update(job=job)
    return job


def discard_draft(*, actor: Actor, draft: ImportDraft) -> None:
    """Removes files and mapping. 409 once the import was started."""
    require(actor, "import.run", draft)
    if not ImportDraft.objects.filter(pk=draft.pk, job__isnull=True).delete()[0]:
        raise WrongState(_("This import was started already."), code="import_started")
    uploads.remove(draft.files)


def remove_old_drafts() -> int:
    """Retention: drafts that nobody started. Called by beat."""
    old = ImportDraft.objects.filter(job__isnull=True, created_at__lt=timezone.now() - KEPT_FOR)
    removed = 0
    for draft in old[:100]:
        if ImportDraft.objects.filter(pk=draft.pk, job__isnull=True).delete()[0]:
            uploads.remove(draft.files)
            removed += 1
    return removed
