"""What may be suggested in a brief, how a change is read, and how it is shown word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.templatetags.figures import day, money
from campaigns.deliverables import described
from campaigns.models import Brief
from campaigns.models.campaign import Use
from campaigns.terms import read_day
from campaigns.vocabulary import FREEDOM

# The words both sides write together. Pay, items, dates and rights are terms: those go into a counter-offer.
SUGGESTIBLE = ("message", "must", "must_not", "freedom", "review_rounds", "not_before")
LABELS: dict[str, Promise] = {
    "product": gettext_lazy("Product or idea"),
    "goal": gettext_lazy("Goal"),
    "message": gettext_lazy("Message in one sentence"),
    "must": gettext_lazy("Must be said or shown"),
    "must_not": gettext_lazy("Must not be said or shown"),
    "freedom": gettext_lazy("Freedom left to the creator"),
    "review_rounds": gettext_lazy("Review rounds"),
    "not_before": gettext_lazy("Not published before"),
    "deliverables": gettext_lazy("Deliverables"),
    "assets": gettext_lazy("Material"),
    "link": gettext_lazy("Page to link to"),
    "gives_code": gettext_lazy("A code of their own"),
    "fee": gettext_lazy("Fee"),
    "in_kind": gettext_lazy("In kind"),
    "in_kind_value": gettext_lazy("Value in kind"),
    "rights": gettext_lazy("Usage rights"),
    "rights_uses": gettext_lazy("Used where"),
    "rights_months": gettext_lazy("For how many months"),
    "disclosure": gettext_lazy("Disclosure label"),
    "answer_days": gettext_lazy("Days to answer"),
    "language": gettext_lazy("Written in"),
}
_TEXTS = ("product", "goal", "message", "must", "must_not", "in_kind", "rights", "link")
_TOKEN = re.compile(r"\n|[^\S\n]+|\w+(?:[’'-]\w+)*|[^\w\s]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: kind is "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a brief before and after; `pieces` for texts, else `before` and `after` in words."""

    field: str
    label: str
    before: str
    after: str
    pieces: tuple[Piece, ...] = ()


def compare(before: Mapping[str, Any], after: Mapping[str, Any], *, currency: str = "EUR") -> list[Change]:
    """The fields that differ, in the order of the form."""
    found = []
    for field, label in LABELS.items():
        if field not in after or _same(before.get(field), after.get(field)):
            continue
        one, two = (_in_words(field, side.get(field), currency) for side in (before, after))
        pieces = tuple(word_pieces(one, two)) if field in _TEXTS else ()
        found.append(Change(field, str(label), one, two, pieces))
    return found


def _same(one: Any, two: Any) -> bool:
    return (one or "") == (two or "") if not isinstance(one, bool) else one == two


def values(brief: Brief) -> dict[str, Any]:
    return {field: getattr(brief, field) for field in LABELS}


def _in_words(field: str, value: Any, currency: str) -> str:
    if value in (None, "", [], {}):
        return "–"
    if field in ("fee", "in_kind_value"):
        return money(value, currency)
    if field == "freedom":
        return f"{value} · {FREEDOM[int(value)][0]}"
    if field == "not_before":
        return day(read_day(value))
    if field == "gives_code":
        return _("yes") if value else _("no")
    if field == "deliverables":
        return "\n".join(_item(item) for item in described(value))
    if field == "assets":
        return "\n".join(f"{item['label']} ({item['url']})" for item in value)
    if field == "rights_uses":
        return ", ".join(str(Use(use).label) for use in value)
    if field == "disclosure":
        return "\n".join(f"{country}: {label}" for country, label in sorted(value.items()))
    return str(value)


def _item(item: Mapping[str, Any]) -> str:
    due = f" · {day(item['due_on'])}" if item["due_on"] else ""
    return f"{item['words']} ({item['platform']}){due}{' · ' + item['note'] if item['note'] else ''}"


def word_pieces(before: str, after: str) -> list[Piece]:
    """Word by word: what stays, what goes, what is new. Blanks between two changed words belong to them."""
    one, two = _TOKEN.findall(before if before != "–" else ""), _TOKEN.findall(after if after != "–" else "")
    pieces: list[Piece] = []
    for kind, a0, a1, b0, b1 in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if kind == "equal":
            _add(pieces, "same", "".join(one[a0:a1]))
        else:
            _add(pieces, "gone", "".join(one[a0:a1]))
            _add(pieces, "new", "".join(two[b0:b1]))
    return pieces


def _add(pieces: list[Piece], kind: str, text: str) -> None:
    if text:
        pieces.append(Piece(kind, text))


def plain(value: Any) -> Any:
    """A value of a brief as JSON keeps it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
