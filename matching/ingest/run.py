"""An import from its first byte to its last chunk."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, transaction

from matching.ingest.ahead import ahead
from matching.ingest.chunks import Chunk, Extractor
from matching.ingest.mapping import FileMap, ImportMap
from matching.ingest.readers import Origin, open_reader
from matching.ingest.reasons import FileRefused, Problem
from matching.ingest.rejects import RejectsFile
from matching.ingest.store import Stored, store_tables
from matching.ingest.store.newest import run as execute
from matching.ingest.store.staging import payload
from matching.ingest.tables import Table
from matching.ingest.tally import FileTally, Tally

_RETRIES = 3


class TimeIsUp(Exception):
    """The slice of time given to this run is used; the checkpoint says where to go on."""


@dataclass
class Import:
    """What is to be read, how, and on whose account. now, observed_at: microseconds.

    checkpoint: called inside each chunk's transaction, as is `changed` with the creators it changed.
    waiting: called when the reader takes long.
    """

    origins: Sequence[Origin]
    mapping: ImportMap
    source_id: int
    workspace_id: Any
    now: int
    observed_at: int
    kind: str = ""
    rescore: bool = True
    limit: int = 0
    deadline: float | None = None
    tally: Tally = field(default_factory=Tally)
    rejects: RejectsFile | None = None
    checkpoint: Callable[[Tally], None] = lambda tally: None
    changed: Callable[[set[int]], None] = lambda creators: None
    waiting: Callable[[], None] = lambda: None
    on_chunk: Callable[[Chunk, Stored], None] = lambda chunk, stored: None

    def files(self) -> list[tuple[Origin, FileMap | None]]:
        """The files in the order in which their rows need each other."""
        pairs = [(origin, self.mapping.for_file(origin.name, self.kind)) for origin in self.origins]
        return sorted(pairs, key=lambda pair: pair[1].entities[0].entity.rank if pair[1] else 9)

    def run(self) -> Tally:
        """Stores everything. Raises TimeIsUp, and whatever `checkpoint` raises."""
        pairs = self.files()
        if not self.tally.files:
            self.tally.files = [FileTally(origin.name, origin.size) for origin, _entry in pairs]
        self._clock = time.monotonic()
        for place, (origin, entry) in enumerate(pairs):
            if not self.tally.files[place].done:
                self._file(place, origin, entry)
        return self.tally

    def _file(self, place: int, origin: Origin, entry: FileMap | None) -> None:
        tally = self.tally.files[place]
        begun_at = tally.line
        try:
            if entry is None:
                raise FileRefused("no_mapping")
            reader = open_reader(origin, entry)
            tally.format, tally.encoding = reader.format, reader.source.encoding.name
            tally.guessed, tally.entities = reader.source.encoding.guessed, tuple(m.entity.name for m in entry.entities)
            extractor = Extractor(entry, origin.name, reader.columns, now=self.now, observed_at=self.observed_at)
            read = map(_ready, extractor.chunks(reader.batches(after=tally.line)))
            with closing(ahead(read, waiting=self.waiting)) as chunks:
                for chunk in chunks:
                    self._store(chunk, extractor, place)
                    if self.limit and self.tally.files[place].rows >= self.limit:
                        break
            tally = self.tally.files[place]
            tally.problem = reader.problem or (Problem("no_rows") if not tally.rows else None)
            if not begun_at and not reader.columns and not self.limit and tally.rows:
                for entity, pick in extractor.unused_keys():
                    self.tally.warn(
                        entity, pick.field.name, Problem("never_found", {"value": pick.keys[0]}), origin.name
                    )
        except FileRefused as refusal:
            tally = self.tally.files[place]
            tally.problem = refusal.problem
        tally.done, tally.position = True, tally.size
        with transaction.atomic():
            self.checkpoint(self.tally)

    def _store(self, chunk: Chunk, extractor: Extractor, place: int) -> None:
        before = self.tally.to_json()
        for attempt in range(_RETRIES):
            try:
                with transaction.atomic():
                    stored = self._merge(chunk, extractor, place)
                break
            except BaseException as error:
                self._take_back(before)
                if not _worth_retrying(error) or attempt == _RETRIES - 1:
                    raise
                time.sleep(0.2 * (attempt + 1))
        self.on_chunk(chunk, stored)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeIsUp

    def _take_back(self, before: dict[str, Any]) -> None:
        kept = Tally.from_json(before)
        self.tally.__dict__.update(kept.__dict__)
        if self.rejects is not None:
            self.rejects.rewind(kept.rejects_bytes)

    def _merge(self, chunk: Chunk, extractor: Extractor, place: int) -> Stored:
        execute("SET LOCAL synchronous_commit = off")  # rows and checkpoint are lost together or not at all
        stored = store_surely(
            chunk.tables, source_id=self.source_id, workspace_id=self.workspace_id, rescore=self.rescore
        )
        refused = [
            extractor.reject(chunk, row, entity, problem)
            for entity, found in stored.refused.items()
            for row, problem in found
        ]
        rejects = [*chunk.rejects, *refused]
        self.tally.add(chunk, stored.counts, place)
        self.tally.reject(rejects)
        if self.rejects is not None:
            self.rejects.add(sorted(rejects, key=lambda reject: reject.line))
            self.tally.rejects_bytes = self.rejects.size
        now = time.monotonic()
        self.tally.seconds += now - self._clock
        self._clock = now
        if stored.creators:
            self.changed(stored.creators)
        self.checkpoint(self.tally)
        return stored


def _ready(chunk: Chunk) -> Chunk:
    """Writes the bytes of COPY in the reader's thread."""
    for table in chunk.tables:
        table.payload = payload(table)
    return chunk


def store_surely(
    tables: Sequence[Table], *, source_id: int, workspace_id: Any, rescore: bool = True, by_row: bool = False
) -> Stored:
    """`store_tables`; a row that the database itself refuses is found by halving and costs only itself."""
    try:
        with transaction.atomic():
            return store_tables(tables, source_id=source_id, workspace_id=workspace_id, rescore=rescore, by_row=by_row)
    except (DataError, IntegrityError):
        rows = sorted({row for table in tables for row in table.rows})
        if len(rows) == 1 and len(tables) == 1:
            entity = tables[0].entity.name
            return Stored(
                {entity: Counter(rejected=1)},
                {entity: [(rows[0], Problem("not_stored"))]},
                set(),
                {entity: {rows[0]: "rejected"}},
            )
        middle = rows[len(rows) // 2]
        parts = [_part(tables, lambda row: row < middle), _part(tables, lambda row: row >= middle)]
        if len(rows) == 1:
            parts = [[table] for table in tables]
        found = [
            store_surely(p, source_id=source_id, workspace_id=workspace_id, rescore=rescore, by_row=by_row)
            for p in parts
        ]
        return _together(found)


def _part(tables: Sequence[Table], belongs: Callable[[int], bool]) -> list[Table]:
    parts = []
    for table in tables:
        part = Table(table.entity, list(table.rows), dict(table.columns))
        part.keep([place for place, row in enumerate(table.rows) if belongs(row)])
        if len(part):
            parts.append(part)
    return parts


def _together(parts: Sequence[Stored]) -> Stored:
    whole = Stored()
    for part in parts:
        for name, counts in part.counts.items():
            whole.counts.setdefault(name, Counter()).update(counts)
        for name, refused in part.refused.items():
            whole.refused.setdefault(name, []).extend(refused)
        for name, outcomes in part.outcomes.items():
            whole.outcomes.setdefault(name, {}).update(outcomes)
        whole.creators |= part.creators
    return whole


def _worth_retrying(error: BaseException) -> bool:
    """Deadlocks and serialisation failures; a connection that is gone is not mended by trying again here."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", None) in (
        "40P01",
        "40001",
        "55P03",
    )
