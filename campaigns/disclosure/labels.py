"""Labels by country of the targeted audience. The product writes the line; the creator pastes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from campaigns.disclosure.packs import COUNTRIES, pack
from campaigns.disclosure.packs import platforms as network_rules
from campaigns.texts import one_line
from matching.codes import countries as known_countries
from matching.codes import country_code, fold


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


def accepted_labels(country: str, language: str = "") -> list[str]:
    """Every label to propose in a country, those in `language` first; the first one is proposed."""
    rules = pack(country)
    if rules is None:
        elsewhere = network_rules()["elsewhere"]["labels"]
        return [elsewhere.get(language, elsewhere["en"])]
    first = language if language in rules.propose else rules.default_language
    ordered = [first, *(code for code in rules.propose if code != first)]
    return [label for code in ordered for label in rules.propose[code]]


def labels_for(*, countries: Iterable[str], chosen: Mapping[str, str], language: str, brand: str) -> list[Label]:
    """One label per targeted country, in the brief's language where that country has several."""
    return [_label(country, chosen.get(country, ""), language, brand) for country in dict.fromkeys(countries)]


def _label(country: str, chosen: str, language: str, brand: str) -> Label:
    rules = pack(country)
    reader = (get_language() or "en").split("-")[0]
    text = chosen or accepted_labels(country, language)[0]
    placement = rules.placement if rules else network_rules()["elsewhere"]["placement"]
    rule = rules.rule(rules.headline) if rules else None
    return Label(
        country=country,
        country_name=str(Locale(reader if reader in ("en", "fr") else "en").territories.get(country, country)),
        text=text,
        line=f"{text} – {brand}",
        placement=placement.get(reader, placement["en"]),
        rule=rule.citation if rule else "",
        rule_url=rule.url if rule else "",
        rule_since=rule.since if rule else None,
        checked_on=rules.checked_on if rules else network_rules()["checked_on"],
        confirmed=bool(rule and rule.confidence == "confirmed"),
    )


def platform_notes(platforms: Iterable[str]) -> list[str]:
    """What each network's own disclosure setting asks for."""
    reader = "fr" if (get_language() or "en").startswith("fr") else "en"
    notes = network_rules()["notes"]
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
        if same or (wanted and country not in COUNTRIES):
            chosen[country] = same or wanted
        elif wanted:
            params = {"country": country, "text": wanted, "accepted": ", ".join(accepted)}
            faults.append(_("%(country)s: “%(text)s” is not clear enough there. Use one of: %(accepted)s.") % params)
    if faults:
        raise InvalidInput(fields={"disclosure": faults})
    targeted = list(countries) or list(chosen)
    return {country: chosen.get(country) or accepted_labels(country, language)[0] for country in targeted}
