"""Which scene a post gets, and the finished SVG."""

from __future__ import annotations

import random
from collections.abc import Callable

from matching.codes import fold
from matching.pictures import indoors, outdoors, tables
from matching.pictures.canvas import HEIGHT, PALETTES, WIDTH, Canvas, Palette

Scene = Callable[[Canvas], None]

# motif → (scene, its palettes, pieces of category names in French or English, folded)
MOTIFS: dict[str, tuple[Scene, tuple[str, ...], tuple[str, ...]]] = {
    "room": (indoors.room, ("linen", "sage", "morning", "clay", "slate"), ("interior", "decor", "maison", "home")),
    "bottles": (tables.bottles, ("sage", "linen", "blush", "forest", "clay"), ("cosmet", "soin", "skincare", "savon")),
    "makeup": (tables.makeup, ("blush", "plum", "clay", "dusk"), ("maquillage", "makeup", "beaut")),
    "clothes": (indoors.clothes, ("linen", "slate", "sage", "clay", "plum"), ("mode", "fashion", "style")),
    "shoe": (tables.shoe, ("slate", "ocean", "citrus", "morning", "dusk"), ("sneaker", "basket", "trainer")),
    "runner": (
        outdoors.runner,
        ("morning", "forest", "dusk", "ocean", "citrus"),
        ("trail", "running", "course", "sport"),
    ),
    "yoga": (outdoors.yoga, ("sage", "blush", "dusk", "morning", "linen"), ("yoga", "pilates", "fitness", "wellbeing")),
    "bicycle": (outdoors.bicycle, ("morning", "ocean", "citrus", "slate"), ("velo", "cycling", "bike", "cyclisme")),
    "bowl": (tables.bowl, ("citrus", "sage", "linen", "forest"), ("cuisine", "cooking", "food", "veget", "recette")),
    "cake": (
        tables.cake,
        ("blush", "linen", "citrus", "clay"),
        ("patisserie", "baking", "pastry", "gateau", "boulang"),
    ),
    "wine": (tables.wine, ("dusk", "plum", "forest", "clay"), ("vin nature", "wine", "vigne", "vin ")),
    "cup": (tables.cup, ("clay", "linen", "slate", "dusk"), ("cafe", "coffee", "the ", "tea")),
    "blocks": (indoors.blocks, ("morning", "blush", "citrus", "sage"), ("parent", "famil", "enfant", "kids")),
    "dog": (outdoors.dog, ("morning", "sage", "citrus", "clay"), ("chien", "dog")),
    "cat": (outdoors.cat, ("dusk", "morning", "plum", "linen"), ("chat", "cat ", "cats", "animal", "pets")),
    "train": (outdoors.train, ("dusk", "ocean", "morning", "forest"), ("voyage", "travel", "tourism")),
    "peaks": (
        outdoors.peaks,
        ("forest", "morning", "ocean", "dusk"),
        ("rando", "hiking", "montagne", "outdoor", "nature"),
    ),
    "van": (outdoors.van, ("night", "dusk", "morning", "forest"), ("van life", "vanlife", "camping")),
    "camera": (indoors.camera, ("slate", "clay", "night", "linen"), ("photo", "argentique", "cinema")),
    "terminal": (
        indoors.terminal,
        ("night", "slate", "ocean"),
        ("logiciel", "software", "tech", "open source", "informatique"),
    ),
    "board": (indoors.board, ("citrus", "forest", "plum", "ocean"), ("jeux", "game", "gaming")),
    "wood": (tables.wood, ("linen", "clay", "sage", "slate"), ("bois", "wood", "diy", "brico")),
    "garden": (outdoors.garden, ("sage", "morning", "forest", "citrus"), ("jardin", "garden", "potager", "plant")),
    "books": (indoors.books, ("linen", "plum", "slate", "forest"), ("livre", "book", "lecture", "litter")),
    "vases": (tables.vases, ("clay", "linen", "sage", "blush"), ("ceram", "poterie", "pottery", "artisanat")),
    "money": (indoors.money, ("slate", "ocean", "sage", "morning"), ("financ", "budget", "argent", "money")),
}
# What else people of a subject show, so that a page of their posts is not one picture twenty times.
KIN: dict[str, tuple[str, ...]] = {
    "room": ("vases", "books", "cup", "room"), "bottles": ("garden", "vases", "bottles"),
    "makeup": ("bottles", "makeup"),
    "clothes": ("room", "vases", "clothes"), "shoe": ("clothes", "shoe"), "runner": ("peaks", "shoe", "cup"),
    "yoga": ("bottles", "peaks", "yoga"), "bicycle": ("peaks", "cup", "runner"), "bowl": ("garden", "cup", "vases"),
    "cake": ("cup", "bowl", "cake"), "wine": ("bowl", "garden", "wine"), "cup": ("cake", "vases", "books"),
    "blocks": ("books", "bowl", "board"), "dog": ("peaks", "room", "dog"), "cat": ("room", "books", "cat"),
    "train": ("peaks", "camera", "cup", "books"), "peaks": ("runner", "van", "train"), "van": ("peaks", "cup", "bowl"),
    "camera": ("train", "peaks", "books"), "terminal": ("cup", "terminal"), "board": ("blocks", "books", "board"),
    "wood": ("room", "garden", "wood"), "garden": ("bowl", "vases", "garden"), "books": ("cup", "cat", "room"),
    "vases": ("cup", "room", "vases"), "money": ("books", "cup", "money"),
}  # fmt: skip
ONE_WAY = frozenset({"terminal", "money"})  # writing and charts are not mirrored
FALLBACK: tuple[Scene, tuple[str, ...]] = (outdoors.horizon, tuple(PALETTES))


def motif_of(category: str) -> str:
    """The motif of a category written by anybody ("Décoration", "Home & Garden"); "" when none fits."""
    name = fold(category) + " "
    found = [m for m, row in MOTIFS.items() for piece in row[2] if name.startswith(piece) or f" {piece}" in name]
    return found[0] if found else ""


def svg_for_post(seed: int | str, niche: str, kind: str = "image") -> str:
    """An illustration, always the same for the same seed. niche: a category or a motif's name.

    kind: image, carousel, video, reel, short or text; films carry a play mark, carousels their dots.
    """
    rng = random.Random(f"picture:{seed}")  # noqa: S311 - a drawing, not a secret
    motif = niche if niche in MOTIFS else motif_of(niche)
    if motif and rng.random() < 0.36:
        motif = rng.choice(KIN[motif])
    scene, names = MOTIFS[motif][:2] if motif else FALLBACK
    palette = PALETTES[rng.choice(names)]
    canvas = Canvas(rng, palette)
    if kind == "text":
        _words(canvas)
    else:
        scene(canvas)
        if rng.random() < 0.35 and motif not in ONE_WAY:  # seen from the other side
            canvas.parts = [f'<g transform="matrix(-1 0 0 1 {WIDTH} 0)">', *canvas.parts, "</g>"]
    return _framed(canvas, palette, kind)


def _framed(canvas: Canvas, palette: Palette, kind: str) -> str:
    mark = {"video": _play, "reel": _play, "short": _play, "live": _play, "carousel": _dots}.get(kind)
    inside = "".join(canvas.parts) + (mark(palette) if mark else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'preserveAspectRatio="xMidYMid slice"><defs><linearGradient id="s" x1="0" y1="0" x2="0" y2="1">'
        f'<stop offset="0" stop-color="{palette.sky[0]}"/><stop offset="1" stop-color="{palette.sky[1]}"/>'
        f'</linearGradient></defs><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#s)"/>{inside}</svg>'
    )


def _play(palette: Palette) -> str:
    return (
        '<circle cx="362" cy="34" r="17" fill="#15191d" fill-opacity="0.55"/>'
        '<path d="M357 25.500l14 8.500-14 8.500Z" fill="#fff" stroke="#fff" stroke-width="2" stroke-linejoin="round"/>'
    )


def _dots(palette: Palette) -> str:
    dots = "".join(
        f'<circle cx="{178 + i * 15}" cy="236" r="{3.5 if i else 4.5}" fill="#fff" fill-opacity="{0.6 if i else 1}"/>'
        for i in range(4)
    )
    return f'<rect x="166" y="227" width="70" height="18" rx="9" fill="#15191d" fill-opacity="0.35"/>{dots}'


def _words(canvas: Canvas) -> None:
    """A text post: a quiet card with lines of writing."""
    p, rng = canvas.palette, canvas.rng
    canvas.circle(rng.uniform(40, 360), rng.uniform(20, 230), rng.uniform(60, 110), p.c, opacity=0.5)
    canvas.circle(rng.uniform(40, 360), rng.uniform(20, 230), rng.uniform(40, 80), p.a, opacity=0.25)
    canvas.rect(62, 46, 276, 158, p.light, r=14)
    canvas.path("M88 74h13v12q0 10 -11 13l-3 -5q5 -3 5 -8h-4ZM108 74h13v12q0 10 -11 13l-3 -5q5 -3 5 -8h-4Z", p.a)
    for i in range(rng.randint(3, 4)):
        width = rng.uniform(150, 218) if i < 3 else rng.uniform(60, 120)
        canvas.rect(88, 114 + i * 20, width, 8, p.dark, r=4, opacity=0.7)
