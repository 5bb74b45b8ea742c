"""Keys of a mapping, such as `user.name` or `tagged[].username`, compiled to readers of whole columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

ALL = object()
Column = Callable[[Sequence[Any]], list[Any]]
_PART = re.compile(r"([^.\[\]]+)|\[(\d*)\]")


def parts_of(key: str) -> tuple[Any, ...]:
    """`a.b[].c[0]` → ("a", "b", ALL, "c", 0). Raises ValueError on a malformed key."""
    parts: list[Any] = []
    position = 0
    while position < len(key):
        if key[position] == "." and parts and position + 1 < len(key):
            position += 1
        match = _PART.match(key, position)
        if match is None:
            raise ValueError(key)
        parts.append(match[1] if match[1] is not None else int(match[2]) if match[2] else ALL)
        position = match.end()
    if not parts:
        raise ValueError(key)
    return tuple(parts)


def of_objects(key: str) -> Column:
    """Reads `key` of JSON objects; None where it is absent. A key that holds the dots itself wins."""
    parts = parts_of(key)
    if len(parts) == 1 and isinstance(parts[0], str):
        return lambda records: [record.get(key) for record in records]

    if len(parts) == 3 and parts[1] is ALL and isinstance(parts[0], str) and isinstance(parts[2], str):
        return _of_lists(key, parts[0], parts[2])

    def nested(records: Sequence[Any]) -> list[Any]:
        return [record[key] if key in record else follow(record, parts) for record in records]

    return nested


def _of_lists(key: str, outer: str, inner: str) -> Column:
    """`outer[].inner`, which most exports have: one value of every object in a list."""

    def read(records: Sequence[Any]) -> list[Any]:
        column: list[Any] = []
        for record in records:
            items = record.get(outer)
            if type(items) is list:
                found = [item.get(inner) for item in items if type(item) is dict]
                column.append([value for value in found if value is not None])
            else:
                column.append(record.get(key))
        return column

    return read


def of_cells(index: int) -> Column:
    """Reads the cell at `index` of rows that all have that many cells."""
    return lambda rows: [row[index] for row in rows]


def first_given(columns: Sequence[Column]) -> Column:
    """The first value that is neither None nor empty among several keys."""
    if len(columns) == 1:
        return columns[0]

    def read(records: Sequence[Any]) -> list[Any]:
        rows = zip(*(column(records) for column in columns), strict=True)
        return [next((value for value in row if value is not None and value != ""), None) for row in rows]

    return read


def follow(value: Any, parts: Sequence[Any]) -> Any:
    for place, part in enumerate(parts):
        if part is ALL:
            if not isinstance(value, list):
                return None
            found = [follow(item, parts[place + 1 :]) for item in value]
            return [item for item in found if item is not None]
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            return None
    return value
