"""Starting points for a brief: data in two languages, by objective and form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

FILE = Path(__file__).parent / "brief_templates.yaml"
_TEXTS = ("goal", "message", "must", "must_not")
_PLAIN = ("freedom", "review_rounds", "answer_days", "deliverables")


@dataclass(frozen=True, slots=True)
class Template:
    key: str
    objective: str
    form: str
    icon: str
    name: str
    lead: str
    content: dict[str, Any]


@cache
def _data() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return data


def _speak(language: str) -> str:
    return "fr" if language.startswith("fr") else "en"


def templates(objective: str = "") -> list[Template]:
    """All of them in the reader's language, those for `objective` first."""
    reader = get_language() or "en"
    found = [template(key, reader) for key in _data()]
    return sorted((item for item in found if item), key=lambda item: item.objective != objective)


def template(key: str, language: str) -> Template | None:
    """One template with its texts in `language` (French or English)."""
    raw = _data().get(key)
    if raw is None:
        return None
    speak, reader = _speak(language), _speak(get_language() or "en")
    content = {name: raw[name][speak] for name in _TEXTS} | {name: raw[name] for name in _PLAIN}
    return Template(key, raw["objective"], raw["form"], raw["icon"], raw["name"][reader], raw["lead"][reader], content)
