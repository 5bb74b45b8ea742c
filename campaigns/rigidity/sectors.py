"""Restricted sectors as data: what a brief is about, read from its own words and the brand's sectors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

_FILE = Path(__file__).parent / "sectors.yaml"
Action = Literal["block", "proof", "notice", "check"]


@dataclass(frozen=True, slots=True)
class Sector:
    """A restricted sector that was recognised. mark: the words that gave it away. needs: what the law asks for."""

    key: str
    action: Action
    name: str
    needs: str
    law: str
    mark: str
    everywhere: bool


@cache
def _data() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    for entry in data.values():
        entry["find"] = re.compile("|".join(entry["words"]), re.IGNORECASE)
        entry["except"] = re.compile("|".join(entry["not"]), re.IGNORECASE) if entry.get("not") else None
    return data


def restricted(text: str, *, countries: Iterable[str], language: str) -> list[Sector]:
    """The sectors a text speaks of, as far as the targeted countries restrict them; without countries all count."""
    wanted, speak = set(countries), "fr" if language.startswith("fr") else "en"
    found = []
    for key, entry in _data().items():
        if wanted and entry["country"] not in ("*", *wanted):
            continue
        bare = entry["except"].sub(" ", text) if entry["except"] else text
        if mark := entry["find"].search(bare):
            needs = entry.get("needs", {}).get(speak, "")
            found.append(
                Sector(
                    key, entry["action"], entry["name"][speak], needs, entry["law"], mark.group(0).strip(),
                    entry["country"] == "*",
                )
            )  # fmt: skip
    order = ("block", "proof", "notice", "check")
    return sorted(found, key=lambda sector: order.index(sector.action))
