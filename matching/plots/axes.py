"""Scales and their marks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from babel.dates import format_skeleton

from accounts.templatetags.figures import locale
from matching.plots.sheet import TEXT, Sheet

LEFT, RIGHT, TOP, BOTTOM = 46.0, 14.0, 14.0, 24.0
NARROW = 480.0


@dataclass(slots=True)
class Axes:
    """A frame on a sheet: from values to places. log_x: hours on a logarithmic axis."""

    sheet: Sheet
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    log_x: bool = False

    def x(self, value: float) -> float:
        low, high = self.x_range
        if self.log_x:
            low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-9))
        share = (value - low) / ((high - low) or 1.0)
        return LEFT + min(max(share, 0.0), 1.0) * (self.sheet.width - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_range
        share = (value - low) / ((high - low) or 1.0)
        return self.sheet.height - BOTTOM - min(max(share, 0.0), 1.0) * (self.sheet.height - TOP - BOTTOM)

    def grid(self, write: Callable[[float], str], most: int = 4) -> None:
        for value in ticks(*self.y_range, most):
            at = self.y(value)
            self.sheet.line([(LEFT, at), (self.sheet.width - RIGHT, at)], "grid")
            self.sheet.text(LEFT - 6, at + 4, write(value), "label", "end")

    def days(self) -> None:
        """Months below a time axis (seconds since 1970), as many as there is room for."""
        for at, word in months(*self.x_range, most=max(2, int(self.sheet.width // 95))):
            self.sheet.text(self.x(at), self.sheet.height - 6, word, "label", _anchor(self, at))

    def marks(self, values: Sequence[float], write: Callable[[float], str]) -> None:
        for value in values:
            self.sheet.text(self.x(value), self.sheet.height - 6, write(value), "label", _anchor(self, value))


def _anchor(axes: Axes, value: float) -> str:
    place = axes.x(value)
    return "start" if place < LEFT + 14 else "end" if place > axes.sheet.width - RIGHT - 14 else "middle"


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round values inside low..high, `most` + 1 of them or fewer."""
    span = high - low
    if not span > 0 or not math.isfinite(span):
        return [low]
    raw = span / most
    base = 10.0 ** math.floor(math.log10(raw))
    step = next(base * k for k in (1, 2, 2.5, 5, 10) if base * k >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def months(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """First days of months inside the range, with their names; the year where it turns or stands first."""
    start, end = (datetime.fromtimestamp(value, UTC) for value in (low, high))
    count = (end.year - start.year) * 12 + end.month - start.month + 1
    step = next(k for k in (1, 2, 3, 4, 6, 12, 24, 60, 240) if count / k <= most or k == 240)
    found: list[tuple[float, str]] = []
    for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
        if number % step == 0 and low <= at.timestamp() <= high:
            found.append((at.timestamp(), _month(at, turn=not found or at.month <= step)))
    if len(found) < 2:  # a span within two months: its ends
        return [(at.timestamp(), format_skeleton("MMMd", at, locale=locale())) for at in (start, end)]
    return found


def _month(at: datetime, turn: bool) -> str:
    return str(format_skeleton("yMMM" if turn else "MMM", at, locale=locale()))


def room(text: str) -> float:
    """About how wide a text will be."""
    return len(text) * TEXT * 0.53
