"""Lines as records: JSON objects, or rows of cells under a header; a broken one costs only itself."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from matching.ingest.lines import MAX_LINE, BadLine, Line, Lines, TextLines, as_text
from matching.ingest.reasons import FileRefused, Problem, excerpt

MAX_SPAN = 1000
csv.field_size_limit(MAX_LINE * 2)


@dataclass(slots=True)
class Batch:
    """records[i] stood at line lines[i]. bad: (line, problem, raw text). last: the last line used up."""

    lines: list[int] = field(default_factory=list)
    records: list[Any] = field(default_factory=list)
    bad: list[tuple[int, Problem, str]] = field(default_factory=list)
    last: int = 0
    position: int = 0

    def add(self, line: int, record: Any) -> None:
        self.lines.append(line)
        self.records.append(record)


def json_lines(source: Iterable[Lines]) -> Iterator[Batch]:
    """One JSON object per line; blank lines are nothing."""
    for lines in source:
        last = lines.first + len(lines.items) - 1
        try:
            records = [orjson.loads(line) for line in lines.items]  # type: ignore[arg-type]
        except (orjson.JSONDecodeError, TypeError):
            records = []
        if records and set(map(type, records)) == {dict}:
            yield Batch(list(range(lines.first, last + 1)), records, [], last, lines.position)
            continue
        batch = Batch(last=last, position=lines.position)
        for number, line in enumerate(lines.items, lines.first):
            _json_line(batch, number, line)
        yield batch


def _json_line(batch: Batch, number: int, line: Line) -> None:
    if not isinstance(line, BadLine):
        line = as_text(line)
    if isinstance(line, BadLine):
        batch.bad.append((number, line.problem, ""))
        return
    if not line.strip():
        return
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        batch.bad.append((number, Problem("broken_json", {"detail": _detail(error)}), line))
        return
    if isinstance(record, dict):
        batch.add(number, record)
    else:
        batch.bad.append((number, Problem("not_an_object"), line))


def _detail(error: json.JSONDecodeError) -> str:
    return f"{error.msg.split(':')[0]}, column {error.colno}"


def json_list(source: TextLines, size: int = 1000) -> Iterator[Batch]:
    """The objects of one JSON list, or objects written one after another over several lines.

    Lines here are places in the list, from 1. Raises FileRefused where the text breaks off: what follows
    a broken object cannot be told apart.
    """
    decoder, text, place, batch = json.JSONDecoder(), "", 0, Batch()
    for block in source.texts():
        text, at = text + block, 0
        while True:
            at = _skip(text, at)
            if at >= len(text):
                break
            start = at
            try:
                _record, at = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError) as error:
                if block and len(text) - at < MAX_LINE:
                    break  # the object goes on in the next block
                yield batch
                detail = excerpt(getattr(error, "msg", type(error).__name__))
                raise FileRefused("broken_json_list", line=place + 1, detail=detail) from error
            place += 1
            batch.last = place
            _json_line(batch, place, text[start:at])
            if len(batch.lines) >= size:
                yield batch
                batch = Batch(last=place)
        text = text[at:]
    yield batch


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \n\t,[]":
        at += 1
    return at


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are written. skip: beginnings of lines that are no rows."""

    delimiter: str
    quote: str = '"'
    escape: str = ""
    skip: tuple[str, ...] = ()

    def options(self, *, strict: bool = False) -> dict[str, Any]:
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "escapechar": self.escape or None,
            "doublequote": not self.escape,
            "strict": strict,
        }


class Cells:
    """Rows of a delimited file. A quote that is opened and never closed costs one line, not the file."""

    def __init__(self, dialect: Dialect, width: int, named: int = 0) -> None:
        """width: cells of a row. named: how many of them a row must have, trailing columns without name left out."""
        self.dialect, self.width, self.named = dialect, width, named or width
        self._loose, self._strict = dialect.options(), dialect.options(strict=True)
        self._held: list[tuple[int, Line]] = []

    def batches(self, source: Iterable[Lines]) -> Iterator[Batch]:
        position = last = 0
        for lines in source:
            position, last = lines.position, lines.first + len(lines.items) - 1
            batch = None if self._held else self._at_once(lines)
            if batch is None:
                numbered = [*self._held, *enumerate(lines.items, lines.first)]
                batch = self._one_by_one(numbered, at_end=False)
                batch.last = self._held[0][0] - 1 if self._held else last
                batch.position = position
            yield batch
        if self._held:
            batch = self._one_by_one(self._held, at_end=True)
            batch.last, batch.position = last, position
            yield batch

    def _at_once(self, lines: Lines) -> Batch | None:
        """The quick way, when every line is one plain row of the right width."""
        quote, skip = self.dialect.quote, self.dialect.skip
        items = [item for item in lines.items if isinstance(item, str)]
        if len(items) < len(lines.items) or (quote and any(quote in item for item in items)):
            return None
        if skip and any(item.startswith(skip) for item in items):
            return None
        try:
            rows = list(csv.reader(items, **self._loose))
        except csv.Error:
            return None
        if len(rows) != len(items) or set(map(len, rows)) != {self.width}:
            return None
        last = lines.first + len(items) - 1
        return Batch(list(range(lines.first, last + 1)), rows, [], last, lines.position)

    def _one_by_one(self, numbered: Sequence[tuple[int, Line]], *, at_end: bool) -> Batch:
        batch, place, self._held = Batch(), 0, []
        while place < len(numbered):
            number, line = numbered[place]
            place += 1
            line = line if isinstance(line, BadLine) else as_text(line)
            if isinstance(line, BadLine):
                batch.bad.append((number, line.problem, ""))
            elif not line.strip(" \t;,") or (self.dialect.skip and line.startswith(self.dialect.skip)):
                continue
            elif not self.dialect.quote or self.dialect.quote not in line:
                self._loose_row(batch, number, line)
            else:
                used = self._quoted_row(batch, numbered, place - 1, at_end=at_end)
                if used == 0:
                    self._held = list(numbered[place - 1 :])
                    break
                place += used - 1
        return batch

    def _quoted_row(self, batch: Batch, numbered: Sequence[tuple[int, Line]], place: int, *, at_end: bool) -> int:
        """Lines used by the row that begins at `place`; 0 when it goes on beyond the lines at hand."""
        number, at, size = numbered[place][0], place, 0
        parts: list[str] = [str(numbered[place][1])]
        while True:
            text = "\n".join(parts)
            try:
                row = next(csv.reader([text], **self._strict))
            except (csv.Error, StopIteration) as error:
                if "unexpected end" not in str(error):
                    return self._loose_row(batch, number, parts[0], unclosed=len(parts) > 1)
            else:
                self._take(batch, number, row, text)
                return at - place + 1
            while True:  # on to the next line that could close the quote
                at += 1
                if at >= len(numbered) and not at_end and size < MAX_LINE:
                    return 0
                line = numbered[at][1] if at < len(numbered) else None
                if not isinstance(line, str) or at - place >= MAX_SPAN or size >= MAX_LINE:
                    return self._loose_row(batch, number, parts[0], unclosed=True)
                parts.append(line)
                size += len(line)
                if self.dialect.quote in line:
                    break

    def _loose_row(self, batch: Batch, number: int, line: str, *, unclosed: bool = False) -> int:
        if unclosed:
            batch.bad.append((number, Problem("unclosed_quote"), line))
            return 1
        try:
            row = next(csv.reader([line], **self._loose))
        except (csv.Error, StopIteration) as error:
            batch.bad.append((number, Problem("broken_csv", {"detail": excerpt(error)}), line))
        else:
            self._take(batch, number, row, line)
        return 1

    def _take(self, batch: Batch, number: int, row: list[str], text: str) -> None:
        while len(row) > self.width and not row[-1].strip():
            row.pop()
        if self.named <= len(row) < self.width:
            row += [""] * (self.width - len(row))
        if len(row) != self.width:
            batch.bad.append((number, Problem("column_count", {"found": len(row), "expected": self.width}), text))
        else:
            batch.add(number, row)
