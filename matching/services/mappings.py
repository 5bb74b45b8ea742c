"""Mappings of columns to fields: guessed from files, kept by a workspace."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.permissions import require
from matching.ingest import uploads
from matching.ingest.definition import parse_mapping
from matching.ingest.guess import guess_file, look
from matching.ingest.readers import Origin, open_reader
from matching.ingest.reasons import FileRefused
from matching.models import ImportMapping


def guess_mapping(files: Sequence[Mapping[str, Any]], *, kind: str = "", platform: str = "") -> dict[str, Any]:
    """A definition with one entry per readable file, guessed from its columns or keys."""
    entries = []
    for file in files:
        with suppress(FileRefused):
            reader = open_reader(Origin(str(file["name"]), uploads.path_of(file)), None)
            entries.append(guess_file(reader, look(reader), platform, kind))
    return {"files": entries}


def save_mapping(*, actor: Actor, name: str, definition: Mapping[str, Any], for_later: bool = False) -> ImportMapping:
    """Keeps a checked mapping under a name of the workspace; the same name again replaces it.

    for_later: figures in file names become wildcards, so that next month's file is known too.
    """
    require(actor, "import.run")
    if actor.workspace_id is None:
        raise NotAllowed(_("Mappings are kept by a workspace."))
    if for_later and "files" in definition:
        definition = {**definition, "files": [_loosened(entry) for entry in definition["files"]]}
    checked = parse_mapping(definition)
    row, _created = ImportMapping.objects.update_or_create(
        workspace_id=actor.workspace_id,
        name=" ".join(name.split())[:80],
        defaults={"definition": dict(checked.definition)},
    )
    return row


def _loosened(entry: Mapping[str, Any]) -> dict[str, Any]:
    match = entry.get("match")
    return {**entry, "match": re.sub(r"\d+", "*", match)} if isinstance(match, str) else dict(entry)
