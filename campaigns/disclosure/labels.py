"""Labels by country of the targeted audience. The product writes the line; the creator pastes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from campaigns.texts import one_line
from matching.codes import countries as known_countries
from matching.codes import country_code, fold

FILE = Path(__file__).parent / "labels.yaml"


@dataclass(frozen=True, slots=True)
class Label:
    """The line for one country, with where it stands and the dated rule behind it.

    `line` is pasted as it is: label first, then who pays. rule "" means that no rule of this country was read.
    """

    country: str
    country_name: str
    text: str
    line: str
    placement: str
    rule: str
    rule_url: str
    rule_since: date | None
    checked_on: date
    confirmed: bool


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return data


def accepted_labels(country: str, language: str = "") -> list[str]:
    """Every accepted label of a country, those in `language` first; the first one is proposed."""
    entry = _data()["countries"].get(country)
    if entry is None:
        elsewhere = _data()["elsewhere"]["labels"]
        return [elsewhere.get(language, elsewhere["en"])]
    first = language if language in entry["labels"] else entry["default_language"]
    ordered = [first, *(code for code in entry["labels"] if code != first)]
    return [label for code in ordered for label in entry["labels"][code]]


def labels_for(*, countries: Iterable[str], chosen: Mapping[str, str], language: str, brand: str) -> list[Label]:
    """One label per targeted country, in the brief's language where that country has several."""
    return [_label(country, chosen.get(country, ""), language, brand) for country in dict.fromkeys(countries)]


def _label(country: str, chosen: str, language: str, brand: str) -> Label:
    entry = _data()["countries"].get(country)
    reader = (get_language() or "en").split("-")[0]
    text = chosen or accepted_labels(country, language)[0]
    source = entry or _data()["elsewhere"]
    rule: Mapping[str, Any] = entry["rule"] if entry else {"name": "", "url": "", "since": None}
    return Label(
        country=country,
        country_name=str(Locale(reader if reader in ("en", "fr") else "en").territories.get(country, country)),
        text=text,
        line=f"{text} – {brand}",
        placement=source["placement"].get(reader, source["placement"]["en"]),
        rule=rule["name"],
        rule_url=rule["url"],
        rule_since=rule["since"],
        checked_on=_data()["checked_on"],
        confirmed=bool(entry and entry["confidence"] == "confirmed"),
    )


def platform_notes(platforms: Iterable[str]) -> list[str]:
    """What each network's own disclosure setting asks for."""
    reader = "fr" if (get_language() or "en").startswith("fr") else "en"
    notes = _data()["platforms"]
    return [notes[platform][reader] for platform in dict.fromkeys(platforms) if platform in notes]


def read_labels(value: Mapping[str, Any], countries: Iterable[str], language: str) -> dict[str, str]:
    """Chosen labels by country, checked against the accepted ones and completed with the proposed ones.

    A country without a rule on file takes any short text. Raises InvalidInput with the accepted labels.
    """
    faults, chosen = [], {}
    for given, text in value.items():
        country, wanted = country_code(one_line(given, 60)), one_line(text, 80)
        if country is None or country not in known_countries():
            faults.append(
                _("“%(value)s” is not a country. Use a two-letter code, such as FR.") % {"value": one_line(given, 40)}
            )
            continue
        accepted = accepted_labels(country, language)
        same = next((label for label in accepted if fold(label).lstrip("#") == fold(wanted).lstrip("#")), None)
        if same or (wanted and country not in _data()["countries"]):
            chosen[country] = same or wanted
        elif wanted:
            params = {"country": country, "text": wanted, "accepted": ", ".join(accepted)}
            faults.append(_("%(country)s: “%(text)s” is not clear enough there. Use one of: %(accepted)s.") % params)
    if faults:
        raise InvalidInput(fields={"disclosure": faults})
    targeted = list(countries) or list(chosen)
    return {country: chosen.get(country) or accepted_labels(country, language)[0] for country in targeted}
