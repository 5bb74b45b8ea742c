"""Pages of a list by number, for the lists that are ordered by what is urgent and not by an identifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SIZE = 40


@dataclass(frozen=True, slots=True)
class Paged:
    """rows: of this page. next_cursor, previous_cursor: page numbers for the component "pagination", "" at the ends."""

    rows: Sequence[Any]
    next_cursor: str
    previous_cursor: str
    total: int


def paged(rows: Any, text: str | None, size: int = SIZE) -> Paged:
    """rows: a list or an ordered queryset. text: the page asked for, as it came; anything odd is the nearest page."""
    total = len(rows) if isinstance(rows, list) else rows.count()
    last = max(1, -(-total // size))
    asked = int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1
    number = min(max(asked, 1), last)
    found = list(rows[(number - 1) * size : number * size])
    return Paged(found, str(number + 1) if number < last else "", str(number - 1) if number > 1 else "", total)
