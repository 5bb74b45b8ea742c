"""Clauses chosen by country and form, merged once as text, compared with their template, checked against the law's list."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from matching.codes import fold

FILE = Path(__file__).parent / "clauses.yaml"
TEXT_MOST = 6000
TITLE_MOST = 120
_FIELD = re.compile(r"\{\{(\w+)\}\}")
_WORD = re.compile(r"\s+|[^\s]+")
GAP = "………"
_MAY_BE_EMPTY = ("brand_registration", "creator_registration")

Clause = dict[str, Any]


@cache
def data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist. missing: what is lacking, in words, empty when it is complete."""

    key: str
    label: str
    missing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a comparison: kind "same", "added" or "removed"."""

    kind: str
    text: str


def chosen(countries: Iterable[str], forms: Iterable[str], occasions: Iterable[str]) -> list[Mapping[str, Any]]:
    """The clauses of data for an audience, the forms of the deliverables, and special occasions (non_eu, proof)."""
    targeted, wanted, special = set(countries), set(forms), set(occasions)
    return [row for row in data()["clauses"] if _applies(row, targeted, wanted, special)]


def _applies(row: Mapping[str, Any], countries: set[str], forms: set[str], occasions: set[str]) -> bool:
    places = row.get("countries", [])
    inside = [place for place in places if not place.startswith("-")]
    outside = {place[1:] for place in places if place.startswith("-")}
    return (
        (not inside or bool(countries & set(inside)))
        and not countries & outside
        and (not row.get("forms") or bool(forms & set(row["forms"])))
        and (not row.get("only") or row["only"] in occasions)
    )


def merged(text: str, values: Mapping[str, str]) -> str:
    """Each {{field}} replaced once by its value, as text: a value that looks like a field stays what it is."""
    return _FIELD.sub(lambda found: values.get(found[1]) or ("" if found[1] in _MAY_BE_EMPTY else GAP), text).strip()


def compose(
    rows: Iterable[Mapping[str, Any]], values: Mapping[str, str], language: str, kept: Sequence[Clause] = ()
) -> list[Clause]:
    """Clauses with text and template. `kept`: earlier ones, whose edits (text other than template) stay."""
    edits = {clause["key"]: clause for clause in kept if is_edited(clause)}
    clauses = []
    for row in rows:
        template = merged(row["text"][language], values)
        before = edits.get(row["key"])
        clauses.append(
            {
                "key": row["key"],
                "title": before["title"] if before else row["title"][language],
                "text": before["text"] if before else template,
                "template": template,
            }
        )
    return clauses + [dict(clause) for clause in kept if clause["key"].startswith("own_")]


def is_edited(clause: Mapping[str, Any]) -> bool:
    return bool(clause["text"].strip() != clause["template"].strip())


def compared(before: str, after: str) -> list[Change]:
    """Word by word: what stayed, what was taken out, what came in."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces: list[Change] = []
    for verb, a, b, c, d in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if verb == "equal":
            pieces.append(Change("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(Change("removed", "".join(old[a:b])))
        if c < d:
            pieces.append(Change("added", "".join(new[c:d])))
    return pieces


def checklist(clauses: Sequence[Clause], values: Mapping[str, str], *, language: str) -> list[Item]:
    """The law's mandatory contents: is the clause there, are its facts filled in, do they stand in its text?"""
    reader = (get_language() or "en").split("-")[0]
    rows = {row["key"]: row for row in data()["clauses"]}
    laws = [row for row in data()["clauses"] if row["key"] == "law"]
    present = {clause["key"]: clause for clause in clauses if clause["text"].strip()}
    items = []
    for entry in data()["checklist"]:
        missing: list[str] = []
        for key, row in rows.items():
            if entry["key"] not in row.get("covers", []):
                continue
            clause = present.get(key)
            if clause is None:
                missing.append(_("The clause “%(title)s” is missing.") % {"title": row["title"][reader]})
                continue
            missing += _gaps(row, clause, values, laws, language)
        items.append(Item(entry["key"], entry["label"].get(reader, entry["label"]["en"]), tuple(missing)))
    return items


def _gaps(
    row: Mapping[str, Any],
    clause: Clause,
    values: Mapping[str, str],
    laws: list[Mapping[str, Any]],
    language: str,
) -> list[str]:
    if row["key"] == "law":
        french = next(one for one in laws if "phrase" in one)
        if values.get("french_public") and french["phrase"][language] not in clause["text"].lower():
            return [_("French law must apply: a public in France is targeted.")]
        return []
    found = []
    text = _squeezed(clause["text"])
    for token in row.get("tokens", []):
        value = values.get(token, "")
        if not value:
            found.append(_("Fill in: %(field)s.") % {"field": field_label(token)})
        elif not all(_squeezed(line) in text for line in value.splitlines()):
            found.append(_("No longer in the text: %(field)s.") % {"field": field_label(token)})
    return found


def _squeezed(text: str) -> str:
    return " ".join(fold(text).split())


def field_label(token: str) -> str:
    labels = {
        "brand_name": _("name of the advertiser"),
        "brand_address": _("postal address of the advertiser"),
        "brand_email": _("e-mail address of the advertiser"),
        "brand_tax_country": _("tax residence of the advertiser"),
        "brand_representative": _("who represents the advertiser"),
        "creator_name": _("legal name of the creator"),
        "creator_address": _("postal address of the creator"),
        "creator_email": _("e-mail address of the creator"),
        "creator_tax_country": _("tax residence of the creator"),
        "deliverables": _("what is delivered"),
        "fee": _("the fee"),
        "in_kind_value": _("value in kind"),
        "rights": _("usage rights"),
        "eu_representative": _("legal representative in the EU"),
        "insurance": _("liability insurance"),
        "authorisation": _("authorisation"),
        "law_country": _("country of residence of the creator"),
    }
    return labels.get(token, token)
