"""What a creator says they stand for, beside the posts that speak of it. Nothing proves a value; posts show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.actors import Actor
from accounts.models import Creator
from matching.contracts import Signal
from matching.facts import THEMES
from matching.proofs import EvidenceBook, Proof
from matching.signals.captions import themes_of


@dataclass(frozen=True, slots=True)
class ValueShown:
    """One theme. said: in which words the creator declares it, "" where they do not. posts: captions that name it."""

    label: str
    said: str
    posts: int
    proofs: list[Proof]


def values_shown(actor: Actor, creator: Creator, signals: Mapping[str, Signal]) -> list[ValueShown]:
    """Declared values first, then themes of the posts that are not declared. [] where neither is known."""
    declared = list(getattr(getattr(creator, "terms", None), "values", ()) or ())
    signal = signals.get("values")
    counts: Mapping[str, int] = (signal.details.get("themes") if signal else None) or {}
    named = {value: themes_of(value.replace("_", " ").replace("-", " ")) for value in declared}
    claims = {theme: _claim(signal, theme) for theme in THEMES}
    book = EvidenceBook(actor, claims.values())
    found: list[ValueShown] = []
    told: set[str] = set()
    for value, themes in named.items():
        posts = sum(counts.get(theme, 0) for theme in themes)
        proofs = [proof for theme in themes for proof in book.of(claims[theme])]
        found.append(ValueShown(", ".join(str(THEMES[theme]) for theme in themes), value, posts, proofs[:3]))
        told |= set(themes)
    rest = sorted((theme for theme in counts if theme not in told), key=lambda theme: -counts[theme])
    found += [
        ValueShown(str(THEMES.get(t, t)), "", counts[t], book.of(claims[t])[:3] if t in claims else []) for t in rest
    ]
    return found


def _claim(signal: Signal | None, theme: str) -> dict[str, Any]:
    items = [item for item in signal.evidence if item.note == theme] if signal else []
    return {"evidence": [{"kind": item.kind, "id": item.id} for item in items]}
