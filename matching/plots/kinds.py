"""The kinds of drawings: what happened over time, shares with intervals, parts of a whole, steps to a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from matching.plots.axes import LEFT, NARROW, RIGHT, Axes, room
from matching.plots.sheet import Point, Sheet

Write = Callable[[float], str]
LAYERS = 7
"""Distinct fills for parts of a whole; the last is "others"."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One point. ring: drawn hollow. text: told on hover."""

    at: float
    value: float
    ring: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """A line over time. band: (at, low, high) around it."""

    points: Sequence[Point]
    role: str = "accent"
    band: Sequence[tuple[float, float, float]] = ()
    name: str = ""


def over_time(
    *,
    courses: Sequence[Course] = (),
    marks: Sequence[Mark] = (),
    level: tuple[float, float, float] | None = None,
    write: Write,
    floor: float | None = 0.0,
    ceiling: float | None = None,
    height: float = 220.0,
    hours: Sequence[float] = (),
    write_hours: Write = str,
) -> Callable[[float], Sheet]:
    """Lines and points over time. level: a flat band (low, middle, high). hours: marks of a logarithmic axis instead of dates."""
    values = [value for course in courses for _at, value in course.points] + [mark.value for mark in marks]
    values += [edge for course in courses for _at, low, high in course.band for edge in (low, high)] + list(level or ())
    times = [at for course in courses for at, _value in course.points] + [mark.at for mark in marks]
    low, high = min(values), max(values)
    pad = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    y_range = (low - pad if floor is None else floor, high + pad if ceiling is None else ceiling)

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, height)
        span = (min(times), max(times) if max(times) > min(times) else min(times) + 86_400)
        axes = Axes(sheet, (hours[0], hours[-1]) if hours else span, y_range, log_x=bool(hours))
        if level:
            top, bottom = axes.y(level[2]), axes.y(level[0])
            sheet.rect(LEFT, top, width - LEFT - RIGHT, max(bottom - top, 1.0), "band")
        axes.grid(write)
        if level:
            sheet.line([(LEFT, axes.y(level[1])), (width - RIGHT, axes.y(level[1]))], "median")
        for course in courses:
            upper = [(axes.x(at), axes.y(top)) for at, _low, top in course.band]
            lower = [(axes.x(at), axes.y(least)) for at, least, _high in reversed(course.band)]
            sheet.area([*upper, *lower], "soft")
        for course in courses:
            sheet.line([(axes.x(at), axes.y(value)) for at, value in course.points], f"line-{course.role}")
        for mark in marks:
            draw_mark = sheet.ring if mark.ring else sheet.dot
            draw_mark(axes.x(mark.at), axes.y(mark.value), "signal" if mark.ring else "accent", text=mark.text)
        axes.marks(hours, write_hours) if hours else axes.days()
        return sheet

    return draw


@dataclass(frozen=True, slots=True)
class Bar:
    """A share with its interval; value None: not known."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    text: str = ""


def bars(rows: Sequence[Bar], *, most: float | None = None) -> Callable[[float], Sheet]:
    """Lying bars: names beside them where there is room, above them on a phone."""
    ends = [edge for row in rows for edge in (row.value, row.high) if edge is not None]
    full = most or max([*ends, 1e-9])

    def draw(width: float) -> Sheet:
        above = width < NARROW
        names = 0.0 if above else min(max(room(row.label) for row in rows) + 14, width * 0.42)
        step, tail = (40.0, 96.0) if above else (28.0, 104.0)
        sheet = Sheet(width, step * len(rows) + 6)
        usable = width - names - tail
        for number, row in enumerate(rows):
            top = number * step + (20 if above else 6)
            sheet.text(
                0 if above else names - 10,
                top - 7 if above else top + 11,
                row.label,
                "name",
                "start" if above else "end",
            )
            sheet.rect(names, top, usable, 14, "rail")
            if row.value is not None:
                sheet.rect(names, top, usable * min(row.value / full, 1.0), 14, "fill", row.label)
            if row.low is not None and row.high is not None:
                left, right = (names + usable * min(edge / full, 1.0) for edge in (row.low, row.high))
                sheet.line([(left, top + 7), (right, top + 7)], "whisker")
            sheet.text(names + usable + 8, top + 11, row.text, "value")
        return sheet

    return draw


def stream(
    times: Sequence[float], layers: Sequence[tuple[str, Sequence[float]]], *, height: float = 230.0
) -> Callable[[float], Sheet]:
    """Shares (0..1, one per time and layer, summing to 1) as layers that fill the height, named where they are thick."""

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, height)
        axes = Axes(sheet, (times[0], times[-1]), (0.0, 1.0))
        under = [0.0] * len(times)
        for number, (name, shares) in enumerate(layers):
            over = [base + share for base, share in zip(under, shares, strict=True)]
            top = [(axes.x(at), axes.y(value)) for at, value in zip(times, over, strict=True)]
            bottom = [(axes.x(at), axes.y(value)) for at, value in zip(times, under, strict=True)]
            sheet.area([*top, *reversed(bottom)], f"layer-{min(number, LAYERS - 1)}", name)
            thick = max(range(len(times)), key=lambda k: shares[k])
            place = min(max(axes.x(times[thick]), LEFT + room(name) / 2 + 4), width - RIGHT - room(name) / 2 - 4)
            if (top[thick][1] - bottom[thick][1]) < -20 and room(name) < width - LEFT - RIGHT:
                sheet.text(
                    place, (top[thick][1] + bottom[thick][1]) / 2 + 4, name, f"on-{min(number, LAYERS - 1)}", "middle"
                )
            under = over
        axes.grid(lambda value: f"{value * 100:.0f}", most=2)
        axes.days()
        return sheet

    return draw


@dataclass(frozen=True, slots=True)
class Step:
    """points: what it adds; None: not known, adds nothing."""

    label: str
    points: float | None
    text: str = ""


def waterfall(start: float, steps: Sequence[Step], end: float, *, first: str, last: str) -> Callable[[float], Sheet]:
    """From a start to an end on 0..100, step by step."""

    def draw(width: float) -> Sheet:
        above = width < NARROW
        labels = [first, *(step.label for step in steps), last]
        names = 0.0 if above else min(max(room(label) for label in labels) + 14, width * 0.42)
        height, tail = (38.0 if above else 26.0), 56.0
        sheet = Sheet(width, height * len(labels) + 6)
        usable = width - names - tail

        def place(value: float) -> float:
            return names + usable * min(max(value, 0.0), 100.0) / 100

        sheet.line([(place(50), 0), (place(50), sheet.height)], "grid")
        value = start
        for number, label in enumerate(labels):
            top = number * height + (18 if above else 4)
            sheet.text(
                0 if above else names - 10, top - 6 if above else top + 12, label, "name", "start" if above else "end"
            )
            if number in (0, len(labels) - 1):
                here = start if number == 0 else end
                sheet.rect(names, top, place(here) - names, 14, "rail" if number == 0 else "fill", label)
                sheet.text(names + usable + 8, top + 11, f"{here:.0f}", "value")
                continue
            step = steps[number - 1]
            if step.points is None:
                sheet.line([(place(value), top + 7), (place(value) + 18, top + 7)], "unknown")
            else:
                left, right = sorted((place(value), place(value + step.points)))
                sheet.rect(left, top, max(right - left, 1.5), 14, "plus" if step.points >= 0 else "minus", label)
                value += step.points
            sheet.text(names + usable + 8, top + 11, step.text, "value")
        return sheet

    return draw


@dataclass(frozen=True, slots=True)
class Spot:
    """One creator among many: low, high on the upright axis."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    text: str = ""
    label: str = ""
    ring: bool = False


def cloud(
    spots: Sequence[Spot], *, write_x: Write, write_y: Write, y_range: tuple[float, float] = (0.0, 100.0), height: float = 300.0,
    log_x: bool = True, marks_x: Sequence[float] = (),
) -> Callable[[float], Sheet]:  # fmt: skip
    """Points with upright intervals; labels for those that carry one, where they do not collide."""
    left, right = min(spot.x for spot in spots), max(spot.x for spot in spots)

    def draw(width: float) -> Sheet:
        sheet = Sheet(width, height)
        x_range = (left / 1.15, right * 1.15) if log_x else (left, right or 1.0)
        axes, taken = Axes(sheet, x_range, y_range, log_x=log_x), _Taken()
        axes.grid(write_y)
        for spot in spots:
            if spot.low is not None and spot.high is not None:
                sheet.line([(axes.x(spot.x), axes.y(spot.low)), (axes.x(spot.x), axes.y(spot.high))], "faint")
        for spot in spots:
            (sheet.ring if spot.ring else sheet.dot)(
                axes.x(spot.x), axes.y(spot.y), "signal" if spot.ring else "accent", 4.5, spot.text
            )
        for spot in spots:
            x, y, wide = axes.x(spot.x), axes.y(spot.y), room(spot.label)
            fits = x + 8 + wide < width - RIGHT
            begin = x + 8 if fits else x - 8 - wide
            if spot.label and begin > LEFT and taken.free(begin, y, wide):
                sheet.text(x + 8 if fits else x - 8, y + 4, spot.label, "name", "start" if fits else "end")
        inside = [value for value in marks_x if x_range[0] <= value <= x_range[1]]
        axes.marks(inside or [left, right], write_x)
        return sheet

    return draw


@dataclass(slots=True)
class _Taken:
    boxes: list[tuple[float, float, float]] = field(default_factory=list)

    def free(self, x: float, y: float, wide: float) -> bool:
        if any(abs(y - other) < 14 and x < end and begin < x + wide for begin, other, end in self.boxes):
            return False
        self.boxes.append((x, y, x + wide))
        return True
