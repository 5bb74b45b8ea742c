"""SVG by attributes only (no <style>, no script), in a scene of 400 × 250 units."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

WIDTH, HEIGHT = 400, 250
FLOOR = 190


@dataclass(frozen=True, slots=True)
class Palette:
    """sky: background from top to bottom. ground: floor or land. a, b, c: things. dark, light: accents."""

    sky: tuple[str, str]
    ground: str
    a: str
    b: str
    c: str
    dark: str
    light: str


PALETTES: dict[str, Palette] = {
    "linen": Palette(("#f4ede2", "#e9dccb"), "#d9c6ad", "#b98b62", "#7d8f82", "#e3a587", "#4a3f35", "#fffaf2"),
    "sage": Palette(("#e6eee6", "#cfdfd2"), "#a9c1a9", "#5f8a72", "#d9a679", "#f0d9b5", "#2f4a3f", "#fbfdf9"),
    "dusk": Palette(("#f6d5c0", "#d98f80"), "#8a5a66", "#5b3a57", "#f2b36f", "#fce6c9", "#38243d", "#fff5ea"),
    "morning": Palette(("#dcecf3", "#f7e9d7"), "#b7cbb2", "#6f9aa8", "#e7a977", "#f3d9a8", "#33535e", "#ffffff"),
    "night": Palette(("#1e2a44", "#3a4a6b"), "#27344f", "#6f87b5", "#f0b775", "#d6dcf0", "#121a2c", "#f7f1e3"),
    "clay": Palette(("#f1ddcc", "#e2b99b"), "#b9764f", "#8f4f36", "#6f8078", "#f0c891", "#4d2a1e", "#fff4e8"),
    "ocean": Palette(("#d7ebee", "#9cc9cf"), "#4f8f99", "#256a78", "#f2c185", "#f7e6cc", "#123f49", "#ffffff"),
    "plum": Palette(("#efe2ec", "#d3b3cd"), "#9c6f96", "#6b3f68", "#e8a9a0", "#f4d6c4", "#3d2140", "#fff8fc"),
    "citrus": Palette(("#fdf3d6", "#f6d98c"), "#d9a23f", "#c9622f", "#6f8f4f", "#f2b84b", "#5a3413", "#fffdf4"),
    "forest": Palette(("#d5e3d3", "#8fb39a"), "#3f6b52", "#274b3c", "#c98f52", "#e5cf9f", "#18332a", "#f5f9f0"),
    "slate": Palette(("#e4e8ed", "#bcc6d1"), "#8492a2", "#4d6073", "#e08e6d", "#cfd9a8", "#26323f", "#ffffff"),
    "blush": Palette(("#fbe9e6", "#f2c9c2"), "#e0a09a", "#c46a72", "#8e5f7a", "#f6d8a8", "#4e2934", "#fffaf8"),
}


@dataclass(slots=True)
class Canvas:
    """Collects shapes. `rng` is the drawing's own stream of chance, so that a seed always draws the same."""

    rng: random.Random
    palette: Palette
    parts: list[str] = field(default_factory=list)

    def rect(
        self, x: float, y: float, w: float, h: float, fill: str, *, r: float = 0, opacity: float = 1, turn: float = 0
    ) -> None:
        more = f' rx="{r:g}"' if r else ""
        more += f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        more += f' transform="rotate({turn:.1f} {x + w / 2:.1f} {y + h / 2:.1f})"' if turn else ""
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" fill="{fill}"{more}/>')

    def circle(self, x: float, y: float, r: float, fill: str, *, opacity: float = 1) -> None:
        more = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}"{more}/>')

    def oval(self, x: float, y: float, rx: float, ry: float, fill: str, *, opacity: float = 1, turn: float = 0) -> None:
        more = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        more += f' transform="rotate({turn:.1f} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{rx:.1f}" ry="{ry:.1f}" fill="{fill}"{more}/>')

    def path(self, d: str, fill: str, *, opacity: float = 1) -> None:
        more = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(f'<path d="{d}" fill="{fill}"{more}/>')

    def line(self, d: str, stroke: str, width: float, *, opacity: float = 1) -> None:
        more = f' stroke-opacity="{opacity:g}"' if opacity < 1 else ""
        self.parts.append(
            f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-linecap="round" '
            f'stroke-linejoin="round"{more}/>'
        )

    def ring(self, x: float, y: float, r: float, stroke: str, width: float) -> None:
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="none" stroke="{stroke}" stroke-width="{width:g}"/>'
        )

    def floor(self, y: float = FLOOR) -> None:
        self.rect(0, y, WIDTH, HEIGHT - y, self.palette.ground)

    def shadow(self, x: float, y: float, w: float) -> None:
        self.oval(x, y, w / 2, max(2.5, w / 18), self.palette.dark, opacity=0.16)

    def sun(self, x: float, y: float, r: float) -> None:
        self.circle(x, y, r * 1.5, self.palette.light, opacity=0.35)
        self.circle(x, y, r, self.palette.c)

    def leaf(self, x: float, y: float, size: float, turn: float, fill: str) -> None:
        self.parts.append(
            f'<path d="M0 0C{size * 0.32:.1f} {-size * 0.28:.1f} {size * 0.32:.1f} {-size * 0.78:.1f} 0 {-size:.1f}'
            f'C{-size * 0.32:.1f} {-size * 0.78:.1f} {-size * 0.32:.1f} {-size * 0.28:.1f} 0 0Z" fill="{fill}" '
            f'transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})"/>'
        )

    def branch(self, x: float, y: float, height: float, lean: float, fill: str, n: int = 6) -> None:
        """A stem with leaves on both sides."""
        self.line(f"M{x:.1f} {y:.1f}q{lean * 0.2:.1f} {-height * 0.55:.1f} {lean:.1f} {-height:.1f}", fill, 2)
        for i in range(n):
            t = (i + 1.2) / (n + 0.6)
            px, py = x + lean * t * t * 0.9 + lean * 0.1 * t, y - height * t
            self.leaf(px, py, height * 0.3 * (1.15 - 0.5 * t), (-62 if i % 2 else 62) + lean * 0.4, fill)
        self.leaf(x + lean, y - height, height * 0.22, lean * 0.5, fill)

    def hills(self, y: float, fill: str, swell: float, *, opacity: float = 1) -> None:
        rng = self.rng
        d, x = f"M-10 {HEIGHT + 5}V{y:.1f}", -10.0
        while x < WIDTH + 10:
            step = rng.uniform(70, 130)
            d += f"q{step / 2:.1f} {-rng.uniform(0.5, 1) * swell:.1f} {step:.1f} {rng.uniform(-4, 4):.1f}"
            x += step
        self.path(d + f"V{HEIGHT + 5}Z", fill, opacity=opacity)

    def peaks(self, y: float, fill: str, height: float, snow: str = "", *, opacity: float = 1) -> None:
        """A ridge of triangles, some with snow."""
        rng, x = self.rng, -40.0
        while x < WIDTH + 30:
            half, top = rng.uniform(48, 84), height * rng.uniform(0.6, 1)
            skew = rng.uniform(-12, 12)
            self.path(f"M{x - half:.1f} {y}L{x + skew:.1f} {y - top:.1f}L{x + half:.1f} {y}Z", fill, opacity=opacity)
            if snow and top > height * 0.72:
                s = 0.26
                self.path(
                    f"M{x + skew:.1f} {y - top:.1f}L{x + skew + (half - skew) * s:.1f} {y - top * (1 - s):.1f}"
                    f"l{-half * 0.12:.1f} {-top * 0.05:.1f} {-half * 0.14:.1f} {top * 0.08:.1f} "
                    f"{-half * 0.1:.1f} {-top * 0.07:.1f}"
                    f"L{x + skew - (half + skew) * s:.1f} {y - top * (1 - s):.1f}Z",
                    snow,
                )
            x += rng.uniform(52, 92)

    def pine(self, x: float, y: float, h: float, fill: str) -> None:
        self.rect(x - h * 0.035, y - h * 0.16, h * 0.07, h * 0.16, self.palette.dark)
        for i in range(3):
            w, top = h * (0.42 - i * 0.09), y - h * (0.12 + i * 0.26)
            self.path(f"M{x - w / 2:.1f} {top:.1f}L{x:.1f} {top - h * 0.4:.1f}L{x + w / 2:.1f} {top:.1f}Z", fill)

    def pot_plant(self, x: float, y: float, size: float) -> None:
        p = self.palette
        self.shadow(x, y, size * 0.7)
        for i in range(5):
            self.leaf(
                x,
                y - size * 0.35,
                size * self.rng.uniform(0.5, 0.72),
                -56 + i * 28 + self.rng.uniform(-6, 6),
                p.a if i % 2 else p.b,
            )
        self.path(
            f"M{x - size * 0.24:.1f} {y - size * 0.42:.1f}h{size * 0.48:.1f}l{-size * 0.07:.1f} {size * 0.42:.1f}"
            f"h{-size * 0.34:.1f}Z",
            p.light,
        )

    def steam(self, x: float, y: float, n: int = 3) -> None:
        for i in range(n):
            self.line(f"M{x + i * 11:.1f} {y:.1f}c-7 -9 7 -15 0 -25", self.palette.light, 3, opacity=0.75)
