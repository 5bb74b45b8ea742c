"""Whole columns of raw values read at once.

Most columns of most files are what they should be (all integers, all clean text): those are proved right
in a few calls that run at C speed. Only where the proof fails is every value read by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matching.ingest import counts, moments, values
from matching.ingest.counts import LARGEST
from matching.ingest.moments import EARLIEST
from matching.ingest.options import Options
from matching.ingest.reasons import Bad, Problem
from matching.ingest.texts import clean_column

Reader = Callable[[Any, Options], Any]
_NONE = type(None)


@dataclass(slots=True)
class Column:
    """values[i] is the stored form of row i, None when nothing is given. problems: row → what is wrong."""

    values: list[Any]
    problems: dict[int, Problem] = field(default_factory=dict)


def read_column(kind: str, raw: list[Any], options: Options) -> Column:
    """The column of one field. Rows with a problem hold None."""
    if options.values is not None:
        table = options.values
        raw = [
            table.get(str(value).strip().lower(), value) if not isinstance(value, list | dict) else value
            for value in raw
        ]
    quick = _QUICK.get(kind)
    found = quick(raw, options) if quick else None
    if found is not None:
        return Column(found)
    reader = READERS[kind]
    return _distinct(raw, reader, options) if kind in _FEW else _each(raw, reader, options)


def _each(raw: Sequence[Any], reader: Reader, options: Options) -> Column:
    column = Column([None] * len(raw))
    for place, value in enumerate(raw):
        try:
            column.values[place] = reader(value, options)
        except Bad as error:
            column.problems[place] = error.problem
    return column


def _distinct(raw: Sequence[Any], reader: Reader, options: Options) -> Column:
    """For columns of few different values: each is read once."""
    if set(map(type, raw)) <= {str, _NONE}:
        return _distinct_texts(raw, reader, options)
    column, known = Column([None] * len(raw)), dict[Hashable, Any]()
    for place, value in enumerate(raw):
        key = (type(value), value) if isinstance(value, str | int | float | bool | _NONE) else None
        found = known.get(key) if key is not None else None
        if found is None:
            try:
                found = (reader(value, options), None)
            except Bad as error:
                found = (None, error.problem)
            if key is not None:
                known[key] = found
        column.values[place], problem = found
        if problem is not None:
            column.problems[place] = problem
    return column


def _distinct_texts(raw: Sequence[Any], reader: Reader, options: Options) -> Column:
    different = list(dict.fromkeys(raw))
    once = _each(different, reader, options)
    read = dict(zip(different, once.values, strict=True))
    wrong = {different[place]: problem for place, problem in once.problems.items()}
    problems = {place: wrong[value] for place, value in enumerate(raw) if value in wrong} if wrong else {}
    return Column(list(map(read.__getitem__, raw)), problems)


def _counts(raw: list[Any], options: Options) -> list[Any] | None:
    types = set(map(type, raw))
    if types <= {int, _NONE}:
        known = [value for value in raw if value is not None]
        return raw if not known or (min(known) >= 0 and max(known) <= LARGEST) else None
    if types <= {str, _NONE} and all(
        not value or (value.isascii() and value.isdecimal() and len(value) < 13) for value in raw
    ):
        return [int(value) if value else None for value in raw]
    return None


def _moments(raw: list[Any], options: Options) -> list[Any] | None:
    if not set(map(type, raw)) <= {int, _NONE} or options.format or options.type not in ("", "epoch"):
        return None
    known = [value for value in raw if value is not None]
    fits = not known or (min(known) * 10**6 >= EARLIEST and max(known) * 10**6 <= options.now)
    return [None if value is None else value * 10**6 for value in raw] if fits else None


def _booleans(raw: list[Any], options: Options) -> list[Any] | None:
    return raw if set(map(type, raw)) <= {bool, _NONE} else None


def _identifiers(raw: list[Any], options: Options) -> list[Any] | None:
    if not set(map(type, raw)) <= {str, _NONE}:
        return None
    known = [value for value in raw if value]
    digits = "".join(known)
    fits = not known or (digits.isascii() and digits.isdecimal() and max(map(len, known)) <= options.limit)
    return [value or None for value in raw] if fits else None


def _texts(raw: list[Any], options: Options) -> list[Any] | None:
    if not set(map(type, raw)) <= {str, _NONE}:
        return None
    return list(clean_column([value or "" for value in raw]))


def _authors(raw: list[Any], options: Options) -> list[Any] | None:
    """Names are hashed and thrown away: they need no cleaning beyond what the hash itself does."""
    return raw if set(map(type, raw)) <= {str, _NONE} else None


def _names(raw: list[Any], options: Options) -> list[Any] | None:
    """Lists of plain ASCII handles, as the networks' own exports have them."""
    if not set(map(type, raw)) <= {list, _NONE}:
        return None
    items = [item for value in raw if value for item in value]
    if not set(map(type, items)) <= {str}:
        return None
    joined = "".join(items)
    plain = joined.isascii() and joined.isprintable() and " " not in joined and "@" not in joined and "" not in items
    if not plain or (items and max(map(len, items)) > options.limit):
        return None
    return [list(dict.fromkeys(value)) if value else value for value in raw]


READERS: Mapping[str, Reader] = {
    "platform": values.platform,
    "handle": values.handle,
    "id": values.identifier,
    "line": values.line,
    "text": values.text,
    "url": values.address,
    "email": values.email,
    "country": values.country,
    "language": values.language,
    "languages": values.languages,
    "count": counts.count,
    "bool": values.boolean,
    "time": moments.moment,
    "names": values.names,
    "post_kind": values.post_kind,
    "author": values.line,
}
_QUICK: Mapping[str, Callable[[list[Any], Options], list[Any] | None]] = {
    "count": _counts,
    "time": _moments,
    "bool": _booleans,
    "id": _identifiers,
    "text": _texts,
    "names": _names,
    "author": _authors,
}
_FEW = frozenset({"platform", "handle", "country", "language", "post_kind", "line", "author"})
