"""The score strip: comparable creators as a faint band, the 90 % interval as a bar, the estimate as a dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _

from accounts.templatetags.figures import as_number, number, with_unit

register = template.Library()

# width, height, margin left and right, in SVG units (1 unit = 1 px at natural size)
_SIZES = {"sm": (120, 16, 5), "md": (200, 20, 6), "lg": (440, 30, 8)}


@dataclass(frozen=True)
class Strip:
    """Geometry and wording of one strip; every coordinate is a plain number of SVG units."""

    size: str
    width: int
    height: int
    middle: float
    known: bool
    text: str
    label: str
    shown: str
    start: float
    end: float
    dot: float = 0
    bar_x: float = 0
    bar_width: float = 0
    outer_x: float = 0
    outer_width: float = 0
    inner_x: float = 0
    inner_width: float = 0
    median: float | None = None

    @property
    def length(self) -> float:
        return round(self.end - self.start, 1)

    @property
    def rail(self) -> float:
        return round(self.height * 0.4, 1)

    @property
    def corner(self) -> float:
        return round(self.rail / 2, 1)

    @property
    def rail_y(self) -> float:
        return round(self.middle - self.rail / 2, 1)

    @property
    def rail_end(self) -> float:
        return round(self.middle + self.rail / 2, 1)

    @property
    def bar(self) -> float:
        return 3.0 if self.height < 24 else 4.0

    @property
    def bar_y(self) -> float:
        return self.middle - self.bar / 2

    @property
    def bar_round(self) -> float:
        return self.bar / 2

    @property
    def radius(self) -> float:
        return round(self.height * 0.24, 1)

    @property
    def hatching(self) -> list[str]:
        """Slanted lines over the rail: the pattern that means "not enough data"."""
        start, step = self.start + self.rail, 6
        stops = int((self.length - 2 * self.rail) // step) + 1
        return [f"M{start + i * step:.1f} {self.rail_end:.1f}l{self.rail:.1f} -{self.rail:.1f}" for i in range(stops)]


def _describe(label: str, value: str, low: Any, high: Any, unit: str, digits: int) -> str:
    if low is None or high is None:
        return _("%(label)s: %(value)s") % {"label": label, "value": value}
    ends = {"low": number(low, digits), "high": with_unit(number(high, digits), unit)}
    return _("%(label)s: %(value)s, 90%% interval %(low)s to %(high)s") % {"label": label, "value": value, **ends}


def measure(
    value: Any,
    low: Any,
    high: Any,
    band: Sequence[float] | None,
    label: str,
    size: str,
    floor: float,
    ceiling: float,
    unit: str,
) -> Strip:
    """Place value, interval (low, high) and band (p10, p25, p50, p75, p90) between floor and ceiling."""
    width, height, margin = _SIZES[size]
    point, start, end = as_number(value), as_number(low), as_number(high)
    span = float(ceiling) - float(floor) or 1.0

    def x(figure: Any) -> float:
        share = min(1.0, max(0.0, (float(figure) - float(floor)) / span))
        return round(margin + share * (width - 2 * margin), 1)

    places: dict[str, Any] = {"start": float(margin), "end": float(width - margin)}
    points = [as_number(item) for item in band] if band else []
    if len(points) == 5 and None not in points:
        p10, p25, p50, p75, p90 = (x(item) for item in points)
        places |= {
            "outer_x": p10,
            "outer_width": round(p90 - p10, 1),
            "inner_x": p25,
            "inner_width": round(p75 - p25, 1),
        }
        places["median"] = p50
    digits = 0 if span > 20 else 1
    if point is None:
        text = _("%(label)s: not enough data") % {"label": label}
        return Strip(size, width, height, height / 2, False, text, label, "–", **places)
    if start is not None and end is not None:
        places |= {"bar_x": x(start), "bar_width": max(2.0, round(x(end) - x(start), 1))}
    shown = with_unit(number(point, digits), unit)
    text = _describe(label, shown, start, end, unit, digits)
    return Strip(size, width, height, height / 2, True, text, label, shown, dot=x(point), **places)


@register.inclusion_tag("components/score.html")
def score(
    value: Any = None,
    low: Any = None,
    high: Any = None,
    band: Sequence[float] | None = None,
    label: str = "",
    size: str = "sm",
    figure: bool = True,
    floor: float = 0,
    ceiling: float = 100,
    unit: str = "",
) -> dict[str, Any]:
    """value, low, high in floor..ceiling; band: five percentiles of comparable creators on that scale."""
    strip = measure(value, low, high, band, label, size, floor, ceiling, unit)
    return {"strip": strip, "figure": figure}
