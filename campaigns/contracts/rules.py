"""What the law asks of one partnership: dated rules from rules.yaml that fire with their source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

FILE = Path(__file__).parent / "rules.yaml"
# EU, EEA and Switzerland: where a creator needs no representative to address a public in the EU.
EUROPE = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK CH".split()
)


@dataclass(frozen=True, slots=True)
class Fired:
    """One rule that applies. effect: block, require, proof, warn or info. fields, clause: what would settle it."""

    id: str
    effect: str
    text: str
    name: str
    url: str
    since: date
    confidence: str
    fields: tuple[str, ...] = ()
    clause: str = ""

    @property
    def source(self) -> str:
        return f"{self.name} ({self.since.isoformat()})"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From `amount` a year (excl. VAT) a written contract is required."""

    id: str
    amount: Decimal
    currency: str
    text: str
    name: str
    url: str
    since: date


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules read. countries: where the audience is. residence: tax country, "" where unknown."""

    countries: tuple[str, ...]
    residence: str = ""
    minor: bool = False
    sectors: frozenset[str] = frozenset()
    filled: Mapping[str, str] = field(default_factory=dict)


@cache
def data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def pack_version() -> str:
    return str(data()["pack"])


def warning_share() -> Decimal:
    return Decimal(str(data()["threshold_warning_share"]))


def _words(texts: Mapping[str, str], language: str = "") -> str:
    reader = (language or get_language() or "en").split("-")[0]
    return texts.get(reader, texts["en"])


def _dated(rows: Iterable[Mapping[str, Any]], countries: Iterable[str], on: date) -> list[Mapping[str, Any]]:
    targeted = set(countries)
    return [
        row
        for row in rows
        if row["since"] <= on
        and (row.get("until") is None or on < row["until"])
        and (row["country"] in targeted or (row["country"] == "*" and (row.get("region") != "EU" or targeted & EUROPE)))
    ]


def threshold(countries: Iterable[str], on: date) -> Threshold | None:
    """The strictest threshold of the targeted countries in force that day, None where there is none."""
    rows = _dated(data()["thresholds"], countries, on)
    row = min(rows, key=lambda one: one["amount"], default=None)
    if row is None:
        return None
    return Threshold(
        row["id"],
        Decimal(row["amount"]),
        row["currency"],
        _words(row["text"]),
        row["name"],
        row["url"],
        row["since"],
    )


_APPLIES = {
    "always": lambda facts: True,
    "minor": lambda facts: facts.minor,
    "non_eu": lambda facts: bool(facts.residence) and facts.residence not in EUROPE,
    "residence_unknown": lambda facts: not facts.residence,
}


def fired(facts: Facts, on: date) -> list[Fired]:
    """Every rule that applies that day, what blocks first."""
    found = [
        _fired(row, row["effect"])
        for row in _dated(data()["rules"], facts.countries, on)
        if _APPLIES[row["when"]](facts)
    ]
    found += [
        _fired(row, row["effect"], ("authorisation",) if row["effect"] == "proof" else ())
        for row in _dated(data()["sectors"], facts.countries, on)
        if facts.sectors & set(row["keys"])
    ]
    order = ("block", "proof", "require", "warn", "info")
    return sorted(found, key=lambda rule: order.index(rule.effect))


def _fired(row: Mapping[str, Any], effect: str, fields: tuple[str, ...] = ()) -> Fired:
    return Fired(
        id=row["id"],
        effect=effect,
        text=_words(row["text"]),
        name=row["name"],
        url=row["url"],
        since=row["since"],
        confidence=row["confidence"],
        fields=tuple(row.get("fields", fields)),
        clause=row.get("clause", ""),
    )


def obstacles(facts: Facts, on: date) -> list[Fired]:
    """Rules that keep a contract from being sent: blocks whose fields are not filled, or that have none."""
    return [
        rule
        for rule in fired(facts, on)
        if rule.effect in ("block", "proof")
        and (not rule.fields or not all(facts.filled.get(name) for name in rule.fields))
    ]
