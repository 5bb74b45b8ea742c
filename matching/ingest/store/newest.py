"""How two observations of one thing become one row: the newer value given wins, nothing known is lost.

`new` and `old` are SQL aliases that both have `observed_at`. At equal times the row that arrives later wins,
so that a corrected file corrects; "nothing given" (null, empty text, empty list) never replaces a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

TEXT, LIST, PLAIN = "text", "list", "plain"
_EMPTY = {TEXT: "''", LIST: "'{}'"}


def is_newer(new: str, old: str) -> str:
    return f"({new}.observed_at >= COALESCE({old}.observed_at, '-infinity'))"


def newest(column: str, kind: str, new: str, old: str) -> str:
    """SQL of the merged value of one column."""
    a, b = f"{new}.{column}", f"{old}.{column}"
    given, known = (f"NULLIF({x}, {_EMPTY[kind]})" if kind in _EMPTY else x for x in (a, b))
    return f"CASE WHEN {is_newer(new, old)} THEN COALESCE({given}, {b}) ELSE COALESCE({known}, {a}) END"


def latest(new: str, old: str) -> str:
    return f"GREATEST({new}.observed_at, {old}.observed_at)"


def source(new: str, old: str) -> str:
    return f"CASE WHEN {is_newer(new, old)} THEN {new}.source_id ELSE {old}.source_id END"


def merged(columns: Mapping[str, str], new: str, old: str) -> dict[str, str]:
    """column → SQL of its merged value."""
    return {name: newest(name, kind, new, old) for name, kind in columns.items()}


def assignments(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def differs(values: Mapping[str, str], old: str) -> str:
    names = ", ".join(f"{old}.{name}" for name in values)
    return f"({names}) IS DISTINCT FROM ({', '.join(values.values())})"


def listed(names: Iterable[str], alias: str = "") -> str:
    return ", ".join(f"{alias}.{name}" if alias else name for name in names)


def run(sql: str, **params: Any) -> int:
    """Executes one statement; rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def rows(sql: str, **params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
