"""How one column is written, and what exports write for "nothing"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

# Where a number, a moment or a yes/no is expected, these mean that nothing is given.
NOTHING = frozenset(
    ["", "-", "–", "—", "na", "n/a", "n.a.", "#n/a", "nan", "nat", "null", "none", "nil", "undefined", "unknown", "\\n"]
)


@dataclass(frozen=True, slots=True)
class Options:
    """How one column is written. type: "" guesses. separator: between the items of a list in one cell.

    decimal: "." or "," fixes what is otherwise guessed. dates: day_first, month_first or "".
    now: microseconds; what lies more than a day after it is refused.
    """

    type: str = ""
    separator: str = ""
    decimal: str = ""
    format: str = ""
    dates: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    now: int = 0
    limit: int = 0
    values: Mapping[str, Any] | None = None


def is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in NOTHING)
