"""Shapes on a sheet, with roles instead of colours: pages give them by stylesheet, paper by a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

Point = tuple[float, float]
TEXT = 11.5
"""Size of the letters, in units of the sheet (1 unit = 1 px at natural size)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """kind: line, area, rect, dot, ring, text. points: corners, centre, or (x, y), (width, height) of a rect."""

    kind: str
    role: str
    points: tuple[Point, ...]
    size: float = 0.0
    text: str = ""
    anchor: str = "start"


@dataclass(slots=True)
class Sheet:
    """y grows downwards, as in SVG."""

    width: float
    height: float
    shapes: list[Shape] = field(default_factory=list)

    def line(self, points: Sequence[Point], role: str) -> None:
        if len(points) > 1:
            self.shapes.append(Shape("line", role, tuple(points)))

    def area(self, points: Sequence[Point], role: str, text: str = "") -> None:
        if len(points) > 2:
            self.shapes.append(Shape("area", role, tuple(points), text=text))

    def rect(self, x: float, y: float, width: float, height: float, role: str, text: str = "") -> None:
        self.shapes.append(Shape("rect", role, ((x, y), (max(width, 0.0), max(height, 0.0))), text=text))

    def dot(self, x: float, y: float, role: str, size: float = 4.0, text: str = "") -> None:
        self.shapes.append(Shape("dot", role, ((x, y),), size, text))

    def ring(self, x: float, y: float, role: str, size: float = 4.5, text: str = "") -> None:
        """Hollow: told apart from a dot without colour."""
        self.shapes.append(Shape("ring", role, ((x, y),), size, text))

    def text(self, x: float, y: float, text: str, role: str = "label", anchor: str = "start") -> None:
        self.shapes.append(Shape("text", role, ((x, y),), TEXT, text, anchor))

    def inner(self) -> SafeString:
        """The elements inside <svg>; every text is escaped."""
        return mark_safe("".join(_element(shape) for shape in self.shapes))  # noqa: S308


@dataclass(frozen=True, slots=True)
class Figure:
    """title: the finding. draw: width → sheet. columns, rows: the same figures as a table."""

    title: str
    draw: Callable[[float], Sheet]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    note: str = ""
    legend: tuple[tuple[str, str], ...] = ()


def _f(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _element(shape: Shape) -> str:
    css, (x, y) = f'class="p-{shape.role}"', shape.points[0]
    told = f"<title>{escape(shape.text)}</title>" if shape.text and shape.kind != "text" else ""
    if shape.kind == "text":
        return f'<text {css} x="{_f(x)}" y="{_f(y)}" text-anchor="{shape.anchor}">{escape(shape.text)}</text>'
    if shape.kind == "rect":
        width, height = shape.points[1]
        return f'<rect {css} x="{_f(x)}" y="{_f(y)}" width="{_f(width)}" height="{_f(height)}" rx="2">{told}</rect>'
    if shape.kind in ("dot", "ring"):
        return f'<circle class="p-{shape.kind} p-{shape.role}" cx="{_f(x)}" cy="{_f(y)}" r="{_f(shape.size)}">{told}</circle>'
    path = " ".join(f"{_f(px)},{_f(py)}" for px, py in shape.points)
    return f'<{"polygon" if shape.kind == "area" else "polyline"} {css} points="{path}">{told}</{"polygon" if shape.kind == "area" else "polyline"}>'
