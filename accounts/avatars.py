"""A picture for every creator, drawn from their id: initials over a calm composition. Nothing is fetched.

The drawings are abstract on purpose: nobody's face, skin or gender is guessed. Attributes only, no
<style> and no script, so that they can be served under `default-src 'none'; style-src 'none'`.
"""

from __future__ import annotations

import random
import unicodedata
from xml.sax.saxutils import escape

SIDE = 96
# background from, to; three shapes; ink of the initials. Ink keeps at least 4.5:1 on both ends of the background.
PALETTES = (
    ("#0f4c5c", "#14756b", "#f2a07b", "#f6d6b8", "#2a9d8f", "#ffffff"),
    ("#264653", "#31688c", "#e9c46a", "#f4a261", "#5aa9b5", "#ffffff"),
    ("#5b2a4e", "#8f3a57", "#f2b5a7", "#f7dcc4", "#c7627d", "#ffffff"),
    ("#2f3e75", "#4a5fa8", "#f5b971", "#c5d2f2", "#7f96d9", "#ffffff"),
    ("#3b3a2f", "#5f6b3c", "#e4c590", "#f3ead2", "#98a869", "#ffffff"),
    ("#7a3b2e", "#a4512f", "#f6c28b", "#fbe6cc", "#d98a5b", "#ffffff"),
    ("#f3e3d3", "#e9cdb4", "#c56b4c", "#2f6f6b", "#f8f1e7", "#3a2a20"),
    ("#dcebe6", "#bcd8d0", "#e07a5f", "#2f6f6b", "#f4faf7", "#12403b"),
    ("#e6e4f2", "#c9c5e6", "#5d55a5", "#f2a07b", "#f6f5fc", "#2b2659"),
    ("#f7ead0", "#f0d49b", "#b5651d", "#4f7c6d", "#fdf8ec", "#45300b"),
    ("#1f2a37", "#37475a", "#7fc8b2", "#f2d0a4", "#58708c", "#ffffff"),
    ("#244b3c", "#2f6b4f", "#f0b67f", "#dfeacb", "#6fae83", "#ffffff"),
)


def initials(name: str) -> str:
    """At most two letters of a name: of the first and the last word that begin with one."""
    letters = [
        word[0].upper()
        for word in unicodedata.normalize("NFC", name).replace(".", " ").replace("_", " ").split()
        if word[0].isalpha()
    ]
    return letters[0] + letters[-1] if len(letters) > 1 else "".join(letters)


def svg_avatar(key: int | str, name: str = "") -> str:
    """The picture of one person, always the same for the same key; the name only gives the letters."""
    rng = random.Random(f"avatar:{key}")  # noqa: S311 - a drawing, not a secret
    start, end, *shapes, ink = rng.choice(PALETTES)
    rng.shuffle(shapes)
    across = rng.choice((("0", "0", "1", "1"), ("0", "1", "1", "0"), ("0", "0", "0", "1")))
    drawn = rng.choice(COMPOSITIONS)(rng, shapes)
    letters = escape(initials(name))
    text = (
        f'<text x="48" y="50" font-family="Inter, Helvetica, Arial, sans-serif" font-size="34" font-weight="600" '
        f'letter-spacing="-0.5" fill="{ink}" text-anchor="middle" dominant-baseline="central">{letters}</text>'
        if letters
        else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}">'
        f'<defs><linearGradient id="g" x1="{across[0]}" y1="{across[1]}" x2="{across[2]}" y2="{across[3]}">'
        f'<stop offset="0" stop-color="{start}"/><stop offset="1" stop-color="{end}"/></linearGradient></defs>'
        f'<rect width="{SIDE}" height="{SIDE}" fill="url(#g)"/>{drawn}{text}</svg>'
    )


def _circle(x: float, y: float, r: float, fill: str, opacity: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" fill-opacity="{opacity}"/>'


def _path(d: str, fill: str, opacity: float) -> str:
    return f'<path d="{d}" fill="{fill}" fill-opacity="{opacity}"/>'


def _moons(rng: random.Random, shapes: list[str]) -> str:
    x, y = rng.choice(((18, 20), (78, 18), (80, 78), (16, 76)))
    return _circle(x, y, rng.uniform(17, 25), shapes[0], 0.85) + _circle(
        96 - x, 96 - y, rng.uniform(24, 36), shapes[1], 0.3
    )


def _hills(rng: random.Random, shapes: list[str]) -> str:
    a, b = rng.uniform(62, 72), rng.uniform(74, 82)
    sun = _circle(rng.uniform(18, 78), rng.uniform(14, 24), rng.uniform(7, 11), shapes[2], 0.9)
    back = _path(
        f"M0 {a:.0f}Q{rng.uniform(18, 34):.0f} {a - 16:.0f} 52 {a + 4:.0f}T96 {a - 4:.0f}V96H0Z", shapes[0], 0.45
    )
    front = _path(
        f"M0 {b + 4:.0f}Q{rng.uniform(26, 46):.0f} {b - 10:.0f} 66 {b + 5:.0f}T96 {b:.0f}V96H0Z", shapes[1], 0.55
    )
    return sun + back + front


def _arcs(rng: random.Random, shapes: list[str]) -> str:
    x, y = rng.choice(((0, 0), (96, 0), (0, 96), (96, 96)))
    rings = ((62, shapes[0], 0.22), (44, shapes[1], 0.32), (26, shapes[2], 0.75))
    return "".join(_circle(x, y, radius, fill, opacity) for radius, fill, opacity in rings)


def _petals(rng: random.Random, shapes: list[str]) -> str:
    turn = rng.randrange(0, 90, 15)
    return "".join(
        f'<ellipse cx="48" cy="12" rx="15" ry="25" fill="{shapes[i % 2]}" fill-opacity="{0.34 if i % 2 else 0.5}" '
        f'transform="rotate({turn + i * 72} 48 48)"/>'
        for i in range(5)
    )


def _blocks(rng: random.Random, shapes: list[str]) -> str:
    left = rng.random() < 0.5
    x = 0 if left else 48
    quarter = f"M{x} 96V48A48 48 0 0 1 {x + 48} 96Z" if left else "M96 96V48A48 48 0 0 0 48 96Z"
    return (
        _path(quarter, shapes[0], 0.5)
        + _path(f"M{48 - x} 0H{96 - x}V24H{48 - x}Z", shapes[1], 0.45)
        + _circle(84 if left else 12, 82, 7, shapes[2], 0.9)
    )


def _waves(rng: random.Random, shapes: list[str]) -> str:
    start = rng.uniform(4, 14)
    bands = []
    for i, opacity in enumerate((0.28, 0.4, 0.6)):
        y = start + i * 11 if i < 1 else 66 + i * 9
        edge = "V0H0Z" if i < 1 else "V96H0Z"
        bands.append(
            _path(
                f"M0 {y + 8:.0f}C24 {y - 6:.0f} 40 {y + 16:.0f} 60 {y + 6:.0f}S86 {y - 2:.0f} 96 {y + 6:.0f}{edge}",
                shapes[i],
                opacity,
            )
        )
    return "".join(bands)


COMPOSITIONS = (_moons, _hills, _arcs, _petals, _blocks, _waves)
