"""The niches, read from `data/topics.yaml`: names, groups, regulated sectors, seed words and captions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TAXONOMY = Path(__file__).parent / "data" / "topics.yaml"
LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Topic:
    """One niche. sector: the regulated sector it belongs to, "" when none."""

    id: str
    group: str
    names: dict[str, str]
    words: dict[str, str]
    captions: dict[str, list[str]]
    sector: str = ""


@cache
def _document() -> dict[str, Any]:
    # The C reader is ten times quicker than safe_load and as safe.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(TAXONOMY.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


@cache
def topics() -> tuple[Topic, ...]:
    """All niches, in the order of their columns in every score."""
    return tuple(
        Topic(
            id=item["id"],
            group=item["group"],
            names={language: item[language] for language in LANGUAGES},
            words=item["words"],
            captions=item["captions"],
            sector=item.get("sector", ""),
        )
        for item in _document()["topics"]
    )


@cache
def groups() -> dict[str, dict[str, str]]:
    """Group id → its names by language."""
    return dict(_document()["groups"])
