"""Records become chunks: some thousand rows, read, checked and ready to be stored in one transaction."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from matching.ingest import paths
from matching.ingest.columns import Column as ReadColumn
from matching.ingest.columns import read_column
from matching.ingest.fields import Field
from matching.ingest.mapping import EntityMap, FileMap, Pick
from matching.ingest.options import Options
from matching.ingest.paths import Column, first_given, of_cells, of_objects
from matching.ingest.reasons import FileRefused, Problem, Reject, excerpt
from matching.ingest.records import Batch
from matching.ingest.tables import Table, collapse, complete, derive, missing

CHUNK_ROWS = 10_000
CHUNK_BATCHES = 8
RAW_LIMIT = 1000
Warned = tuple[str, str, str]


@dataclass
class Chunk:
    """What some lines of one file hold. last: the last line used up. tables: in the order of storing."""

    file: str
    last: int
    position: int = 0
    rows: int = 0
    tables: list[Table] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    warnings: dict[Warned, tuple[int, int, Problem]] = field(default_factory=dict)
    repeats: list[tuple[int, int]] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    lines: Sequence[int] = ()
    records: Sequence[Any] = ()

    def warn(self, entity: str, name: str, line: int, problem: Problem) -> None:
        key = (entity, name, problem.code)
        times, first, example = self.warnings.get(key, (0, line, problem))
        self.warnings[key] = (times + 1, first, example)


@dataclass(frozen=True, slots=True)
class Source:
    """One field of one entity, compiled against a file: where its raw values come from, how they are read."""

    field: Field
    options: Options
    read: Column | None = None
    const: Any = None
    default: Any = None
    required: bool = False
    keys: tuple[str, ...] = ()


def _as_json(record: dict[str, Any]) -> str:
    try:
        return orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # a text that is no valid Unicode
        return ascii(record)


def _repeated(constant: ReadColumn, times: int) -> ReadColumn:
    problems = dict.fromkeys(range(times), constant.problems[0]) if constant.problems else {}
    return ReadColumn(constant.values * times, problems)


def _of_objects(key: str) -> Column:
    try:
        return of_objects(key)
    except ValueError as error:
        raise FileRefused("bad_key", value=key) from error


class Extractor:
    """Turns records of one file into chunks. columns: names of the cells, () when records are objects.

    now, observed_at: microseconds. Raises FileRefused when a mapped column does not exist.
    """

    def __init__(self, entry: FileMap, file: str, columns: tuple[str, ...], *, now: int, observed_at: int) -> None:
        self.entry, self.file, self.columns = entry, file, columns
        self.observed_at = observed_at
        self.found: set[tuple[str, str]] = set()
        self._sources = [(m, [s for pick in m.picks if (s := self._source(pick, now))]) for m in entry.entities]
        hidden = (pick for m in entry.entities for pick in m.picks if pick.field.kind == "author")
        self._hidden = frozenset(key for pick in hidden for key in pick.keys)

    def _source(self, pick: Pick, now: int) -> Source | None:
        entry = self.entry
        options = Options(
            type=pick.type, separator=pick.separator, decimal=pick.decimal or entry.decimal, format=pick.format,
            dates=entry.dates, zone=entry.zone, now=now, limit=pick.field.limit, values=pick.values,
        )  # fmt: skip
        if not pick.keys:
            return Source(pick.field, replace(options, values=None), const=pick.const, required=pick.required)
        if self.columns:
            places = [place for key in pick.keys if (place := self._place(key)) is not None]
            if not places and not pick.optional:
                raise FileRefused("missing_columns", value=pick.keys[0], known=", ".join(map(excerpt, self.columns)))
            readers = [of_cells(place) for place in places]
        else:
            readers = [_of_objects(key) for key in pick.keys]
        if not readers:
            return None
        keys = tuple(str(paths.parts_of(key)[0]) for key in pick.keys) if not self.columns else ()
        return Source(pick.field, options, first_given(readers), None, pick.default, pick.required, keys)

    def _place(self, key: str) -> int | None:
        if key in self.columns:
            return self.columns.index(key)
        folded = [" ".join(name.split()).casefold() for name in self.columns]
        wanted = " ".join(key.split()).casefold()
        return folded.index(wanted) if wanted in folded else None

    def chunks(self, batches: Iterator[Batch]) -> Iterator[Chunk]:
        held: list[Batch] = []
        for batch in batches:
            held.append(batch)
            if sum(len(b.lines) for b in held) >= CHUNK_ROWS or len(held) >= CHUNK_BATCHES:
                yield self.chunk(held)
                held = []
        if held:
            yield self.chunk(held)

    def chunk(self, batches: Sequence[Batch]) -> Chunk:
        lines = [line for batch in batches for line in batch.lines]
        records = [record for batch in batches for record in batch.records]
        bad = [item for batch in batches for item in batch.bad]
        chunk = Chunk(
            self.file, batches[-1].last, batches[-1].position, len(lines) + len(bad), lines=lines, records=records
        )
        main = self.entry.entities[0].entity.name
        for line, problem, raw in bad:
            shown = "" if self.entry.hides_author else raw[:RAW_LIMIT]
            chunk.rejects.append(Reject(self.file, line, main, problem, shown))
        chunk.counts[main] = Counter(rows=chunk.rows, rejected=len(bad))
        rows: Sequence[int] = range(len(records))
        for m, sources in self._sources:
            table = self._table(chunk, m, sources, rows)
            if m is self.entry.entities[0]:
                rows = list(table.rows)
            self._finish(chunk, table, carried=m is not self.entry.entities[0])
        chunk.tables.sort(key=lambda table: table.entity.rank)
        return chunk

    def _table(self, chunk: Chunk, m: EntityMap, sources: Sequence[Source], rows: Sequence[int]) -> Table:
        whole = len(rows) == len(chunk.records)
        records = chunk.records if whole else [chunk.records[row] for row in rows]
        table, faults = Table(m.entity, list(rows)), dict[int, Problem]()
        for source in sources:
            self._read(chunk, table, source, records, faults)
        if "observed_at" in m.entity.by_name:
            given = table.column("observed_at")
            table.columns["observed_at"] = [self.observed_at if value is None else value for value in given]
        self._reject(chunk, table, faults)
        complete(table)
        self._reject(chunk, table, missing(table))
        return table

    def _read(
        self, chunk: Chunk, table: Table, source: Source, records: Sequence[Any], faults: dict[int, Problem]
    ) -> None:
        name = source.field.name
        raw = source.read(records) if source.read else [source.const]
        if source.default is not None:
            raw = [source.default if value is None or value == "" else value for value in raw]
        column = read_column(source.field.kind, raw, source.options)
        if not source.read:
            column = _repeated(column, len(records))
        if (table.entity.name, name) not in self.found and self._present(source, raw, records):
            self.found.add((table.entity.name, name))
        for place, problem in column.problems.items():
            if source.field.soft:
                chunk.warn(table.entity.name, name, chunk.lines[table.rows[place]], problem)
            else:
                faults.setdefault(place, problem._replace(field=name))
        if source.required:
            for place, value in enumerate(column.values):
                if value is None or value == "":
                    faults.setdefault(place, Problem("missing", {}, name))
        if source.field.limit and source.field.kind in ("text", "line"):
            self._shorten(chunk, table, source.field, column.values)
        table.columns[name] = column.values

    def _present(self, source: Source, raw: Sequence[Any], records: Sequence[Any]) -> bool:
        if self.columns or any(value is not None for value in raw):
            return True
        return any(name in record for record in records for name in source.keys)

    def _shorten(self, chunk: Chunk, table: Table, target: Field, texts: list[Any]) -> None:
        for place, text in enumerate(texts):
            if text is not None and len(text) > target.limit:
                texts[place] = text[: target.limit].rstrip()
                problem = Problem("shortened", {"limit": target.limit})
                chunk.warn(table.entity.name, target.name, chunk.lines[table.rows[place]], problem)

    def _reject(self, chunk: Chunk, table: Table, faults: Mapping[int, Problem]) -> None:
        if not faults:
            return
        name = table.entity.name
        for place, problem in sorted(faults.items()):
            chunk.rejects.append(self.reject(chunk, table.rows[place], name, problem))
        count = chunk.counts.setdefault(name, Counter())
        count["rejected"] += len(faults)
        if name != self.entry.entities[0].entity.name:
            count["rows"] += len(faults)
        table.keep([place for place in range(len(table)) if place not in faults])

    def _finish(self, chunk: Chunk, table: Table, *, carried: bool) -> None:
        collapse(table)
        derive(table)
        count = chunk.counts.setdefault(table.entity.name, Counter())
        if carried:
            count["rows"] += len(table)
        else:
            count["duplicates"] += len(table.duplicates)
            chunk.repeats += [(chunk.lines[row], chunk.lines[kept]) for row, kept in table.duplicates]
        if len(table):
            chunk.tables.append(table)

    def reject(self, chunk: Chunk, row: int, entity: str, problem: Problem) -> Reject:
        return Reject(self.file, chunk.lines[row], entity, problem, self._raw(chunk.records[row]))

    def _raw(self, record: Any) -> str:
        """The row as text. Of files with comments only what is mapped is shown, and never the author."""
        if self.entry.hides_author:
            record = self._without_people(record)
        if isinstance(record, dict):
            return _as_json(record)[:RAW_LIMIT]
        text = io.StringIO()
        csv.writer(text).writerow(record)
        return text.getvalue().strip("\r\n")[:RAW_LIMIT]

    def _without_people(self, record: Any) -> dict[str, Any]:
        shown = {}
        for m in self.entry.entities:
            for key in (key for pick in m.picks for key in pick.keys if key not in self._hidden):
                place = self._place(key) if self.columns else None
                value = (
                    record[place] if place is not None else of_objects(key)([record])[0] if not self.columns else None
                )
                if value is not None and not isinstance(value, dict | list):
                    shown[key] = value
        return shown

    def unused_keys(self) -> list[tuple[str, Pick]]:
        """Mapped keys of which no record ever had a value; known once every record was read."""
        return [
            (m.entity.name, pick)
            for m in self.entry.entities
            for pick in m.picks
            if pick.keys and not pick.optional and (m.entity.name, pick.field.name) not in self.found
        ]
