"""The demo's followers: names in shared circles, so that audiences overlap, and how each writes."""

from __future__ import annotations

import random
import re
import zlib
from dataclasses import dataclass
from functools import cache

from campaigns.demo import material
from campaigns.demo.material import Language
from campaigns.demo.people import _plain
from campaigns.demo.persona import Person, traits

GENERAL = 2600
CIRCLE = 240
_ENDS = ("", "", "", "_", "__", ".off", ".perso", "_officiel", "xx")


@dataclass(frozen=True, slots=True)
class Crowd:
    """Names per language at large, and per niche and language."""

    general: dict[Language, tuple[str, ...]]
    circles: dict[tuple[str, Language], tuple[str, ...]]


def crowd(seed: int) -> Crowd:
    rng = random.Random(f"crowd:{seed}")
    general = {language: tuple(_names(rng, language, GENERAL, "")) for language in material.LANGUAGES}
    circles = {
        (niche, language): tuple(_names(rng, language, CIRCLE, niche))
        for niche in sorted(traits()["niches"])
        for language in material.LANGUAGES
    }
    return Crowd(general, circles)


def _names(rng: random.Random, language: Language, n: int, niche: str) -> list[str]:
    words = material.common(language)
    pieces = traits()["niches"][niche][language].split() if niche else ()
    found: dict[str, None] = {}
    while len(found) < n:
        first = _plain(rng.choice(words["first_f"] + words["first_m"]))
        last = _plain(rng.choice(words["last"]))
        year = rng.choice(("", "", str(rng.randint(1, 99)), str(rng.randint(1968, 2006)), str(rng.randint(100, 999))))
        forms = [
            f"{first}.{last}",
            f"{first}{last[0]}{year}",
            f"{first}_{last}{year}",
            f"{last}.{first[0]}",
            f"{first}{year}{rng.choice(_ENDS)}",
        ]
        if pieces:
            forms += [
                f"{first}.{rng.choice(pieces)}",
                f"{rng.choice(pieces)}_{first}{year}",
                f"{rng.choice(pieces)}.{last}",
            ]
        found[rng.choice(forms)] = None
    return list(found)


class Audience:
    """Who comments under one person: regulars, the circle of the niche, and passers-by."""

    def __init__(self, person: Person, all_people: Crowd, language: Language) -> None:
        rng = person.rng(f"audience:{language}")
        self._circle = all_people.circles[(person.niche, language)]
        self._general = all_people.general[language]
        size = {"excellent": 60, "good": 48, "ordinary": 34, "pod": 14}.get(person.conversation, 22)
        self._regulars = tuple(rng.sample(self._circle, size // 2) + rng.sample(self._general, size // 2))
        self._loyal = {"excellent": 0.55, "good": 0.5, "pod": 0.25}.get(person.conversation, 0.35)

    def someone(self, rng: random.Random) -> str:
        draw = rng.random()
        if draw < self._loyal:
            return rng.choice(self._regulars)
        return rng.choice(self._circle) if draw < self._loyal + 0.22 else rng.choice(self._general)


@cache
def feminine(author: str) -> bool:
    """How a name agrees in French: by the first name it holds, else by chance, but always the same."""
    women, men = _first_names()
    for piece in re.split(r"[._\d]+", author):
        for length in range(len(piece), 2, -1):
            if piece[:length] in women:
                return True
            if piece[:length] in men:
                return False
    return zlib.crc32(author.encode()) % 3 > 0


@cache
def _first_names() -> tuple[frozenset[str], frozenset[str]]:
    tables = [material.common(language) for language in material.LANGUAGES]
    return tuple(frozenset(_plain(name) for words in tables for name in words[key]) for key in ("first_f", "first_m"))  # type: ignore[return-value]


def in_hand_of(author: str, text: str) -> str:
    """The same words as this author types them: some never use capitals or final stops."""
    habit = zlib.crc32(author.encode()) % 100
    if habit < 30 and "@" not in text[:1]:
        text = text[0].lower() + text[1:]
        text = text[:-1] if text.endswith(".") else text
    if habit % 7 == 0:
        text = text.replace("’", "'").replace(" !", "!").replace(" ?", "?").replace(" :", ":")
    if habit in (31, 32, 33, 34, 35):
        text = text.lower()
    return text
