"""The words of the interface: each with its definition, formula, unit and source, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

FILE = Path(__file__).parent / "terms.yaml"
LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Term:
    """One term in one language. `key` is stable: it is the anchor and what templates name."""

    key: str
    name: str
    definition: str
    formula: str
    unit: str
    source: str
    also: tuple[str, ...]

    @property
    def short(self) -> str:
        """The first sentence of the definition, for a tooltip."""
        return self.definition.split(". ")[0].rstrip(".") + "."


@lru_cache(maxsize=1)
def _raw() -> dict[str, dict[str, object]]:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def _text(value: object, language: str) -> str:
    if isinstance(value, dict):
        return str(value[language]).strip()
    return str(value or "").strip()


@lru_cache(maxsize=4)
def _terms(language: str) -> dict[str, Term]:
    found = {}
    for key, raw in _raw().items():
        parts = {name: _text(raw.get(name), language) for name in ("name", "definition", "formula", "unit", "source")}
        found[key] = Term(key=key, also=tuple(raw.get("also", ())), **parts)  # type: ignore[arg-type]
    return found


def terms(language: str | None = None) -> dict[str, Term]:
    """Every term by key, in `language` (default: the active one, English when it has no glossary)."""
    code = (language or get_language() or "en").split("-")[0]
    return _terms(code if code in LANGUAGES else "en")


def term(key: str, language: str | None = None) -> Term | None:
    """One term, or None."""
    return terms(language).get(key)
