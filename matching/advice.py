"""Which size and which form suit an objective: what this installation's own index says, with sources cited beside.

Per size, over the creators a workspace may find: first quartile, median and third quartile of a figure. The size
advised is the one with the best median among those with `LEAST` creators; nothing is advised where the quartiles of
the two best overlap almost wholly. Published bands are shown as what their sources claim and weigh nothing: measured
medians differ from them by a factor of two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.permissions import require
from accounts.replica import reads
from accounts.templatetags.figures import interval, money, number, percent
from matching.conditions import PRICE_EUR
from matching.filters import TIERS, _tier_label
from matching.plots.kinds import Bar, bars
from matching.plots.sheet import Figure
from matching.search import context_of
from matching.signals.pricing import OTHER_REACHED, REACHED

LEAST = 20
LIKE = 0.9
"""Share by which two medians may differ and still be called alike."""
_REACH = " ".join(f"WHEN '{name}' THEN {share}" for name, share in REACHED.items())
_PEOPLE = f"i.followers * i.er * (CASE WHEN i.er_base IN ('', 'followers') THEN 1 ELSE (CASE i.main_platform {_REACH} ELSE {OTHER_REACHED} END) END)"
_KEYS = {
    "people_per_100": f"100 * {_PEOPLE} / nullif({PRICE_EUR}, 0)",
    "qualified": "i.qualified",
    "price": PRICE_EUR,
    "replies": "i.reply_rate",
    "engagement": "i.er",
}
FALLING = frozenset({"price"})


@dataclass(frozen=True, slots=True)
class Size:
    """One size of the index. n: creators with the figure. Quartiles are None below `LEAST` of them."""

    tier: str
    n: int
    low: float | None
    middle: float | None
    high: float | None

    @property
    def label(self) -> str:
        return _tier_label(self.tier)


@dataclass(frozen=True, slots=True)
class Line:
    """What a source claims, in our own words."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Advice:
    """best: the sizes advised, one or several alike; () where too little is known."""

    objective: str
    label: str
    why: str
    sizes: tuple[Size, ...]
    best: tuple[Size, ...]
    forms: tuple[str, ...]
    lines: tuple[Line, ...]
    figure: Figure | None


@cache
def _book() -> Mapping[str, Any]:
    text = (Path(__file__).parent / "advice.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def objectives() -> list[tuple[str, str]]:
    return [(key, _said(entry["label"])) for key, entry in _book()["objectives"].items()]


def _said(words: Mapping[str, str]) -> str:
    text = words["fr" if (get_language() or "en").startswith("fr") else "en"]
    return (
        text.replace("'", "’")
        .replace(" ;", "\u00a0;")
        .replace(" :", "\u00a0:")
        .replace(" %", "\u00a0%")
        .replace(" €", "\u00a0€")
    )


@reads
def advise(*, actor: Actor, objective: str) -> Advice:
    """Advice for one objective (an unknown one is taken as the first). Raises NotAllowed."""
    require(actor, "match.read")
    book = _book()
    name = objective if objective in book["objectives"] else next(iter(book["objectives"]))
    entry = book["objectives"][name]
    sizes = sizes_by(actor, entry["key"])
    return Advice(
        objective=name,
        label=_said(entry["label"]),
        why=_said(entry["why"]),
        sizes=sizes,
        best=_best(sizes, falling=entry["key"] in FALLING),
        forms=tuple(entry["forms"]),
        lines=tuple(_line(book, key) for key in entry["cited"]),
        figure=_figure(entry["key"], sizes),
    )


def _line(book: Mapping[str, Any], key: str) -> Line:
    line = book["lines"][key]
    source = _said(book["sources"][line["source"]])
    return Line(_said(line["text"]), f"{line['via']}, {source}" if line.get("via") else source)


def sizes_by(actor: Actor, key: str) -> tuple[Size, ...]:
    """Quartiles of one figure per size, by the workspace's own lines between sizes."""
    tier, figure = context_of(actor).tiers.sql(), _KEYS[key]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {tier}, count(v), percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY v)"  # noqa: S608
            f" FROM matching_creatorindex i CROSS JOIN LATERAL (SELECT ({figure})::float8 AS v) f"
            f" WHERE v IS NOT NULL GROUP BY 1"
        )
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    sizes = []
    for name in TIERS:
        n, quartiles = found.get(name, (0, None))
        told = quartiles if quartiles and n >= LEAST else [None] * 3
        sizes.append(Size(name, n, *told))
    return tuple(sizes)


def _best(sizes: tuple[Size, ...], *, falling: bool) -> tuple[Size, ...]:
    told = [(size.middle, size) for size in sizes if size.middle]
    if not told:
        return ()
    pick = min if falling else max
    top = pick(middle for middle, _size in told)
    return tuple(size for middle, size in told if min(middle, top) / max(middle, top) >= LIKE)


def write(key: str, value: float | None) -> str:
    if key in ("qualified", "replies", "engagement"):
        return percent(value, 1)
    return money(round(value)) if key == "price" and value is not None else number(value)


def key_label(key: str) -> str:
    return {
        "people_per_100": _("People who react per 100 €"),
        "qualified": _("Qualified comments"),
        "price": _("Price of one post"),
        "replies": _("Comments answered"),
        "engagement": _("Engagement rate"),
    }[key]


def _figure(key: str, sizes: tuple[Size, ...]) -> Figure | None:
    told = [size for size in sizes if size.middle is not None]
    if not told:
        return None
    best = _best(sizes, falling=key in FALLING)
    names = ", ".join(size.label for size in best)
    title = _("%(figure)s: best among %(sizes)s") % {"figure": key_label(key), "sizes": names}
    return Figure(
        title=title,
        draw=bars([Bar(size.label, size.middle, size.low, size.high, write(key, size.middle)) for size in sizes]),
        columns=(_("Size"), _("Creators"), _("Median"), _("Middle half")),
        rows=tuple((s.label, number(s.n), write(key, s.middle), _half(key, s)) for s in sizes),
        note=_("Median and middle half of the creators of this index; below %(least)s of a size nothing is told.") % {"least": LEAST},
    )  # fmt: skip


def _half(key: str, size: Size) -> str:
    if size.low is None or size.high is None:
        return "–"
    share = key in ("qualified", "replies", "engagement")
    return interval(size.low, size.high, "%" if share else "", 1 if share else 0)
