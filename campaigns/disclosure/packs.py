"""Rule packs: one dated YAML file per country, read once and cut into patterns.

A rule applies from `from` to `until` (both included). Which rules were in force on a day is asked with `on`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from campaigns.disclosure.reading import fold, read

FOLDER = Path(__file__).parent / "packs"
COUNTRIES = ("FR", "BE", "DE", "ES", "IT", "NL", "IE", "GB", "US")
ALIASES = {"UK": "GB"}


@dataclass(frozen=True, slots=True)
class Pattern:
    """Words in order; each atom is a set of folded words, or {"{brand}"}, or {"{gift}"} (up to six words).

    kind: "word" counts only standing alone, "phrase" where it opens, "tag" only with its #, "sentence" anywhere
    before the fold. joined: the same as one hashtag. language: of the label.
    """

    kind: str
    atoms: tuple[frozenset[str], ...]
    language: str
    joined: str
    text: str
    ending: bool = False  # "#iworkwith…": anything may follow
    starting: bool = False  # "#…ambassador": anything may precede
    beside_brand: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule with its source. gives: clear, clear_if_gift, ambiguous, or "" for a notice."""

    id: str
    country: str
    gives: str
    since: date | None
    until: date | None
    confidence: str
    citation: str
    url: str
    says: Mapping[str, str]
    patterns: tuple[Pattern, ...] = ()
    brand_tags: tuple[str, ...] = ()
    unknown_is_gift: bool = False
    notice: str = ""
    notice_text: str = ""
    accepts: tuple[tuple[str, ...], ...] = ()
    banned: bool = False

    def in_force(self, on: date) -> bool:
        return (self.since is None or self.since <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class Pack:
    country: str
    version: str
    checked_on: date
    default_language: str
    position: str
    language_of_post: bool
    hash_required: bool
    headline: str
    propose: Mapping[str, tuple[str, ...]]
    placement: Mapping[str, str]
    rules: tuple[Rule, ...]

    def labels(self, on: date) -> list[Rule]:
        return [rule for rule in self.rules if rule.gives and rule.in_force(on)]

    def notices(self, on: date) -> list[Rule]:
        return [rule for rule in self.rules if rule.notice and rule.in_force(on)]

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def platforms() -> dict[str, Any]:
    return _load("platforms")


@cache
def words() -> dict[str, Any]:
    """The lists of `common.yaml`, folded."""
    data = _load("common")
    folded = {name: frozenset(fold(str(word)) for word in data[name]) for name in _LISTS}
    denial = {name: frozenset(fold(str(word)) for word in values) for name, values in data["denial"].items()}
    return folded | {"denial": denial}


_LISTS = (
    "unreal",
    "lead_in",
    "lead_verbs",
    "lead_nouns",
    "predicates",
    "metawords",
    "determiners",
    "continuations",
    "connectors",
    "weak_connectors",
    "articles",
    "people",
    "generic_prefixes",
)


@cache
def common_hint() -> Rule:
    raw = dict(_load("common")["hint"])
    return _rule("", raw | {"gives": "ambiguous"})


@cache
def pack(country: str) -> Pack | None:
    """The pack of a country (ISO code; "UK" is read as GB), or None where no rule was read."""
    country = ALIASES.get(country, country)
    return _pack(country) if country in COUNTRIES else None


@cache
def _pack(country: str) -> Pack:
    raw = _load(country)
    return Pack(
        country=country,
        version=str(raw["version"]),
        checked_on=raw["checked_on"],
        default_language=raw["default_language"],
        position=raw["placement"]["position"],
        language_of_post=bool(raw.get("language_of_post")),
        hash_required=bool(raw.get("hash_required")),
        headline=raw["headline"],
        propose={code: tuple(labels) for code, labels in raw["propose"].items()},
        placement=raw["placement"],
        rules=tuple(_rule(country, entry) for entry in raw["rules"]),
    )


def all_packs() -> list[Pack]:
    return [_pack(country) for country in COUNTRIES]


@cache
def label_rules_elsewhere(country: str) -> tuple[Rule, ...]:
    """What other countries accept: a reader here takes it for a hint, and no more."""
    return tuple(
        rule for other in all_packs() if other.country != country for rule in other.rules if rule.gives == "clear"
    )


def _rule(country: str, raw: Mapping[str, Any]) -> Rule:
    beside = {fold(word) for word in raw.get("beside_brand", ())}
    found = []
    for field, kind in (("words", "word"), ("phrases", "phrase"), ("tags", "tag"), ("sentences", "sentence")):
        for language, labels in (raw.get(field) or {}).items():
            found += [_pattern(kind, str(label), language, beside) for label in labels]
    return Rule(
        id=raw["id"],
        country=country,
        gives=raw.get("gives", ""),
        since=raw.get("from"),
        until=raw.get("until"),
        confidence=raw["confidence"],
        citation=raw["citation"],
        url=raw["url"],
        says=raw["says"],
        patterns=tuple(found),
        brand_tags=tuple(raw.get("brand_tags", ())),
        unknown_is_gift=bool(raw.get("unknown_is_gift")),
        notice=raw.get("notice", ""),
        notice_text=raw.get("text", ""),
        accepts=tuple(_plain_words(text) for text in raw.get("accepts", ())),
        banned=bool(raw.get("banned")),
    )


def _plain_words(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in read(text).tokens if token.kind == "word")


def _pattern(kind: str, label: str, language: str, beside: set[str]) -> Pattern:
    starting, ending = label.startswith("*"), label.endswith("*")
    atoms: list[frozenset[str]] = []
    for part in label.strip("*").split():
        if part in ("{brand}", "{gift}"):
            atoms.append(frozenset({part}))
            continue
        choices = [_plain_words(choice) for choice in part.split("/")]
        # "l'abus" and "d'affiliation" are two words each; choices with a slash are single words.
        atoms += [frozenset({word}) for word in choices[0]] if len(choices) == 1 else [frozenset(c[0] for c in choices)]
    joined = "".join(next(iter(atom)) if len(atom) == 1 else "" for atom in atoms if "{brand}" not in atom)
    plain = all(len(atom) == 1 for atom in atoms)
    whole = fold(label.strip("*")) in beside
    return Pattern(kind, tuple(atoms), language, joined if plain else "", label, ending, starting, whole)
