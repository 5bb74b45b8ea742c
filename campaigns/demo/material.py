"""What the demo's people say: phrases per niche and language, read from the YAML files beside this package.

A block of a file is one phrase a line; `a => b` is a pair (question and answer, claim and reply).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
FOLDER = Path(__file__).resolve().parent / "material"

Lines = tuple[str, ...]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Something an invented brand sells. `name` per language; the French one carries its gender."""

    brand: str
    handle: str
    names: tuple[tuple[Language, str], ...]

    def name(self, language: Language) -> str:
        return dict(self.names)[language]


@dataclass(frozen=True, slots=True)
class Scene:
    """One subject: what is seen, thought and asked, and what readers would say about exactly that."""

    title: Lines
    see: Lines
    think: Lines
    ask: Lines
    qa: Pairs
    use: Lines
    debate: Pairs
    tags: Lines
    seasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tongue:
    """A niche in one language. `lines` are short subjects with slots; `qa`, `use`, `debate` fit any of them."""

    category: str
    tags: Lines
    bio: Lines
    slots: tuple[tuple[str, Lines], ...]
    lines: Lines
    qa: Pairs
    use: Lines
    debate: Pairs
    scenes: tuple[Scene, ...]


@dataclass(frozen=True, slots=True)
class Niche:
    key: str
    products: tuple[Product, ...]
    tongues: tuple[tuple[Language, Tongue], ...]

    def tongue(self, language: Language) -> Tongue:
        return dict(self.tongues)[language]


@cache
def niches() -> tuple[Niche, ...]:
    """Every niche, in the order of their keys."""
    paths = sorted(p for p in FOLDER.glob("*.yaml") if not p.stem.startswith("common_"))
    return tuple(_niche(path.stem, _read(path)) for path in paths)


@cache
def niche(key: str) -> Niche:
    return next(n for n in niches() if n.key == key)


@cache
def common(language: Language) -> dict[str, Any]:
    """Phrases that belong to no niche, every block split into lines."""
    found = _split(_read(FOLDER / f"common_{language}.yaml"))
    for name in ("first_f", "first_m", "last"):
        found[name] = tuple(" ".join(found[name]).split())
    found["cities"] = {country: tuple(" ".join(names).split()) for country, names in found["cities"].items()}
    return found


def _read(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader


def _split(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _split(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_split(item) for item in value)
    return pairs(value) if " => " in value else lines(value)


def lines(block: str | None) -> Lines:
    return tuple(line.strip() for line in (block or "").splitlines() if line.strip())


def pairs(block: str | None) -> Pairs:
    found = []
    for line in lines(block):
        first, arrow, second = line.partition(" => ")
        if not arrow:
            raise ValueError(f"a pair is written 'a => b': {line}")
        found.append((first.strip(), second.strip()))
    return tuple(found)


def _niche(key: str, data: dict[str, Any]) -> Niche:
    tongues = tuple((language, _tongue(data[language])) for language in LANGUAGES)
    return Niche(key=key, products=tuple(map(_product, lines(data["brands"]))), tongues=tongues)


def _product(line: str) -> Product:
    brand, french, english = (part.strip() for part in line.split("|"))
    return Product(brand, brand_handle(brand), (("fr", french), ("en", english)))


def brand_handle(brand: str) -> str:
    plain = brand.lower().translate(str.maketrans("éèêëàâîïôûùç", "eeeeaaiiouuc"))
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def _tongue(data: dict[str, Any]) -> Tongue:
    slots = tuple((name, lines(block)) for name, block in data["slots"].items())
    plural = [v for _n, values in slots for v in values if v.startswith(("mp ", "fp "))]
    if plural:
        raise ValueError(f"things are singular, their verbs are: {plural}")
    return Tongue(
        category=data["category"],
        tags=tuple(data["tags"].split()),
        bio=lines(data["bio"]),
        slots=slots,
        lines=lines(data["lines"]),
        qa=pairs(data["talk"]["qa"]),
        use=lines(data["talk"]["use"]),
        debate=pairs(data["talk"]["debate"]),
        scenes=tuple(map(_scene, data["scenes"])),
    )


def _scene(data: dict[str, Any]) -> Scene:
    return Scene(
        title=lines(data["title"]),
        see=lines(data["see"]),
        think=lines(data["think"]),
        ask=lines(data["ask"]),
        qa=pairs(data["qa"]),
        use=lines(data["use"]),
        debate=pairs(data["debate"]),
        tags=tuple(data.get("tags", "").split()),
        seasons=frozenset(data.get("when", "").split()),
    )
