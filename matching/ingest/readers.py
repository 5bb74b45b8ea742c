"""Opens a file or a text as batches of records, by the mapping's word or by what the content shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from django.conf import settings

from matching.ingest.lines import Lines, TextLines
from matching.ingest.mapping import FileMap
from matching.ingest.packed import Unpacked
from matching.ingest.reasons import FileRefused, Problem, excerpt
from matching.ingest.records import Batch, Cells, Dialect, json_lines, json_list
from matching.ingest.sheets import rows_of_sheet

_DELIMITERS = ("\t", ";", ",", "|")


@dataclass(slots=True)
class Origin:
    """One thing to read: a file of this machine, or bytes at hand (pasted text)."""

    name: str
    path: Path | None = None
    data: bytes = b""
    size: int = 0

    def open(self) -> BinaryIO:
        if self.path is None:
            return io.BytesIO(self.data)
        try:
            return self.path.open("rb")
        except OSError as error:
            raise FileRefused("unreadable", detail=excerpt(error.strerror or type(error).__name__)) from error


@dataclass(slots=True)
class Reader:
    """A file opened: what it was found to be, and its records.

    columns: names of the cells, () for objects, which have keys.
    """

    origin: Origin
    source: TextLines
    format: str
    columns: tuple[str, ...] = ()
    dialect: Dialect = field(default_factory=lambda: Dialect(","))
    header_line: int = 0

    @property
    def problem(self) -> Problem | None:
        return self.source.problem

    def batches(self, after: int = 0) -> Iterator[Batch]:
        """Records of the lines that follow line `after`."""
        if self.format == "json":
            for batch in json_list(self.source):
                if batch.last > after:
                    yield _beyond(batch, after)
            return
        start = max(after, self.header_line)
        source = self.source.raw() if self.format == "jsonl" else self.source
        lines = (kept for lines in source if (kept := _lines_beyond(lines, start)) is not None)
        if self.format == "jsonl":
            yield from json_lines(lines)
        else:
            yield from Cells(self.dialect, len(self.columns), _named(self.columns)).batches(lines)


def _lines_beyond(lines: Lines, after: int) -> Lines | None:
    skip = after - lines.first + 1
    if skip <= 0:
        return lines
    return Lines(after + 1, lines.items[skip:], lines.position) if skip < len(lines.items) else None


def _beyond(batch: Batch, after: int) -> Batch:
    keep = [place for place, line in enumerate(batch.lines) if line > after]
    bad = [item for item in batch.bad if item[0] > after]
    return Batch([batch.lines[i] for i in keep], [batch.records[i] for i in keep], bad, batch.last, batch.position)


def open_reader(origin: Origin, entry: FileMap | None) -> Reader:
    """Raises FileRefused when no rows can be read from it at all."""
    limit = settings.IMPORT_MAX_UNPACKED_MB << 20
    stream = Unpacked(rows_of_sheet(origin.open(), limit), limit)
    source = TextLines(stream, entry.encoding if entry else "")
    kind = (entry.format if entry else "") or guess_format(source)
    if kind != "csv":
        return Reader(origin, source, kind)
    return _delimited(origin, source, entry)


def guess_format(source: TextLines) -> str:
    """ "jsonl" when one of the first lines is an object, "json" for a list or spread-out objects, else "csv"."""
    start = source.sample.lstrip()[:1]
    if start not in ("{", "["):
        return "csv"
    lines = [line for line in source.sample.split("\n")[:60] if line.strip()]
    kinds = [type(_json(line)) for line in lines[:50]]
    if start == "[":
        return "jsonl" if kinds[0] is list and dict in kinds else "json"
    return "jsonl" if dict in kinds or (lines[0].strip() != "{" and not source.sample_is_whole) else "json"


def _json(line: str) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def _delimited(origin: Origin, source: TextLines, entry: FileMap | None) -> Reader:
    skip = entry.skip_lines if entry else ()
    lines = source.sample.split("\n")
    at = entry.skip_first if entry else 0
    delimiter = entry.delimiter if entry else ""
    while at < len(lines) and (not lines[at].strip() or (skip and lines[at].startswith(skip)) or _declares(lines[at])):
        delimiter = delimiter or _declares(lines[at])
        at += 1
    if at >= len(lines):
        raise FileRefused("no_rows")
    body = [line for line in lines[at : at + 200] if line.strip() and not (skip and line.startswith(skip))]
    dialect = Dialect(
        delimiter=delimiter or guess_delimiter(body[:60]),
        quote=entry.quote if entry else '"',
        escape=entry.escape if entry else "",
        skip=skip,
    )
    header = entry.header if entry else True
    first = next(csv.reader([lines[at]], **dialect.options()), [])
    if header is True:
        return Reader(origin, source, "csv", _names(first), dialect, at + 1)
    columns = tuple(str(n + 1) for n in range(len(first))) if header is False else header
    return Reader(origin, source, "csv", columns, dialect, at)


def _declares(line: str) -> str:
    """The delimiter of a spreadsheet's first line "sep=;", else ""."""
    return line[4] if line[:4].lower() == "sep=" and len(line.strip()) <= 5 and len(line) > 4 else ""


def _names(cells: list[str]) -> tuple[str, ...]:
    """Column names; an empty or repeated one is told apart by its place."""
    names: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = " ".join(cell.replace("\ufeff", "").split()) or f"column {place}"
        names.append(name if name not in names else f"{name} ({place})")
    return tuple(names)


def _named(names: tuple[str, ...]) -> int:
    """How many columns stand before trailing ones without a name."""
    return max((place for place, name in enumerate(names, 1) if name != f"column {place}"), default=len(names))


def guess_delimiter(lines: list[str]) -> str:
    """The mark that cuts the lines into most equal rows of more than one cell; a comma when none does."""
    best, best_score = ",", 0.0
    for mark in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark) if row]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        score = sum(width == widths[0] for width in widths) / len(widths) + min(widths[0], 50) / 1000
        if score > best_score:
            best, best_score = mark, score
    return best
