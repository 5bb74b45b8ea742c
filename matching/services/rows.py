"""Rows at hand (API, demo, connectors) stored through the same checks and merges as files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.models import Basis, Provenance, SourceKind
from accounts.permissions import require
from matching.ingest.chunks import CHUNK_ROWS, Chunk, Extractor
from matching.ingest.fields import ENTITIES, Entity
from matching.ingest.mapping import EntityMap, FileMap, Pick
from matching.ingest.reasons import Problem, Reject, sentence
from matching.ingest.records import Batch
from matching.ingest.run import store_surely


@dataclass(slots=True)
class RowOutcome:
    """What became of one row: created, updated, unchanged, duplicate or rejected (then why and where)."""

    status: str
    code: str = ""
    field: str = ""
    detail: str = ""


@dataclass(slots=True)
class RowsResult:
    """counts: rows, created, updated, unchanged, duplicates, rejected. rejects: line is the place from 1.

    outcomes: one per row in order, filled when asked for. creators: ids whose data changed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    outcomes: list[RowOutcome] = field(default_factory=list)
    creators: set[int] = field(default_factory=set)


def import_rows(
    entity: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    actor: Actor,
    source: Provenance | str,
    kind: str = SourceKind.API,
    basis: str = Basis.LEGITIMATE_INTEREST,
    platform: str = "",
    observed_at: datetime | None = None,
    rescore: bool = True,
    announce: bool = True,
    by_row: bool = False,
    chunk_rows: int = CHUNK_ROWS,
) -> RowsResult:
    """Stores rows whose keys are the canonical field names (docs/importing.md), in transactions of `chunk_rows`.

    source: a label, or the Provenance itself (then kind and basis are its own). platform: of rows that name
    none. observed_at: of rows that carry none, else now. Values may be Python objects (datetime, list, int).
    rescore, announce: ask for new scores, and record an event, for the creators that changed.
    """
    require(actor, "import.run")
    if entity not in ENTITIES:
        raise InvalidInput(fields={"entity": [", ".join(ENTITIES)]}, code="unknown_entity")
    now = timezone.now()
    if isinstance(source, str):
        source = Provenance.objects.create(
            kind=kind,
            label=source[:200],
            basis=basis,
            workspace_id=actor.workspace_id,
            user_id=actor.user_id,
            retrieved_at=now,
        )
    extractor = Extractor(
        FileMap(match=("*",), entities=(_own_names(ENTITIES[entity], platform),)),
        source.label,
        (),
        now=int(now.timestamp() * 10**6),
        observed_at=int((observed_at or now).timestamp() * 10**6),
    )
    result = RowsResult()
    for chunk in _chunks(extractor, iter(rows), chunk_rows):
        with transaction.atomic():
            stored = store_surely(
                chunk.tables, source_id=source.pk, workspace_id=actor.workspace_id, rescore=rescore, by_row=by_row
            )
            if announce and stored.creators:
                ids = sorted(stored.creators)
                workspace = actor.workspace_id
                record_event("creators.updated", source, actor=actor, workspace_id=workspace, data={"creator_ids": ids})
        refused = [(row, name, problem) for name, found in stored.refused.items() for row, problem in found]
        rejects = chunk.rejects + [extractor.reject(chunk, row, name, problem) for row, name, problem in refused]
        for counts in (*chunk.counts.values(), *stored.counts.values()):
            result.counts.update(counts)
        result.rejects += rejects
        result.creators |= stored.creators
        if by_row:
            result.outcomes += _outcomes(chunk, stored.outcomes, rejects)
    return result


def _own_names(entity: Entity, platform: str) -> EntityMap:
    """Every field read from the key that is its own name."""
    picks = []
    for target in entity.fields:
        default = platform or None if target.name == "platform" else None
        picks.append(Pick(target, keys=(target.name,), default=default, optional=True))
    return EntityMap(entity, tuple(picks))


def _chunks(extractor: Extractor, rows: Iterator[Any], size: int) -> Iterator[Chunk]:
    place = 0
    while taken := list(islice(rows, size)):
        batch = Batch(last=place + len(taken))
        for row in taken:
            place += 1
            if isinstance(row, dict):
                batch.add(place, row)
            else:
                batch.bad.append((place, Problem("not_an_object"), ""))
        yield extractor.chunk([batch])


def _outcomes(chunk: Chunk, stored: Mapping[str, Mapping[int, str]], rejects: list[Reject]) -> list[RowOutcome]:
    first = chunk.last - chunk.rows + 1
    outcomes = [RowOutcome("duplicate") for _row in range(chunk.rows)]
    for table in chunk.tables:
        for row, status in stored.get(table.entity.name, {}).items():
            outcomes[chunk.lines[row] - first] = RowOutcome(status)
    for reject in rejects:
        problem = reject.problem
        outcomes[reject.line - first] = RowOutcome("rejected", problem.code, problem.field, sentence(problem))
    return outcomes
