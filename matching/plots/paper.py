"""The same sheets for ReportLab: y turned round, roles as colours of the printed page."""

from __future__ import annotations

from collections.abc import Callable

from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor

from matching.plots.sheet import Shape, Sheet

_INK, _QUIET, _ACCENT, _SIGNAL = (HexColor(code) for code in ("#1a1e1d", "#535b58", "#0b5f5c", "#ee6a4d"))
_COLOURS: dict[str, Color] = {
    "grid": HexColor("#e5e7e3"), "label": _QUIET, "name": _INK, "value": _INK, "band": HexColor("#e9ece9"), "median": _QUIET,
    "soft": HexColor("#d9e9e7"), "rail": HexColor("#eef0ed"), "fill": _ACCENT, "whisker": _INK, "plus": _ACCENT, "minus": _SIGNAL,
    "unknown": _QUIET, "accent": _ACCENT, "signal": _SIGNAL, "faint": HexColor("#a9cfca"), "line-accent": _ACCENT,
    "line-signal": _SIGNAL, "line-quiet": _QUIET,
    **{f"layer-{k}": HexColor(code) for k, code in enumerate(("#0b5f5c", "#5b9b95", "#a9cfca", "#ee6a4d", "#f3bfb1", "#858d8a", "#d5dbd7"))},
    **{f"on-{k}": HexColor(code) for k, code in enumerate(("#ffffff", "#04201e", "#04201e", "#2b0d06", "#2b0d06", "#ffffff", "#1a1e1d"))},
}  # fmt: skip


def drawing(sheet: Sheet, font: str, drawable: Callable[[str], str] = str) -> Drawing:
    """font: a registered face. drawable: replaces letters the face lacks."""
    out = Drawing(sheet.width, sheet.height)
    for shape in sheet.shapes:
        out.add(_made(shape, sheet.height, font, drawable))
    return out


def _made(shape: Shape, height: float, font: str, drawable: Callable[[str], str]) -> Line:
    colour, (x, y) = _COLOURS.get(shape.role, _INK), shape.points[0]
    if shape.kind == "text":
        return String(
            x,
            height - y,
            drawable(shape.text),
            fontName=font,
            fontSize=shape.size * 0.86,
            fillColor=colour,
            textAnchor=shape.anchor,
        )
    if shape.kind == "rect":
        wide, tall = shape.points[1]
        return Rect(x, height - y - tall, wide, tall, fillColor=colour, strokeColor=None)
    if shape.kind in ("dot", "ring"):
        fill = colour if shape.kind == "dot" else None
        return Circle(x, height - y, shape.size * 0.75, fillColor=fill, strokeColor=colour, strokeWidth=1)
    flat = [value for px, py in shape.points for value in (px, height - py)]
    if shape.kind == "area":
        return Polygon(flat, fillColor=colour, strokeColor=None)
    return PolyLine(flat, strokeColor=colour, strokeWidth=1.6 if shape.role.startswith("line-") else 0.7)
