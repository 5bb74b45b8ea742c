"""From a partnership to a contract's words: the values of merge fields, the facts the rules read, the open questions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from babel import Locale
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import CreatorTerms
from accounts.templatetags.figures import day, money
from campaigns.contracts import clauses, rules
from campaigns.contracts.clauses import Clause, Item
from campaigns.contracts.parties import lacking
from campaigns.contracts.rules import Facts, Fired
from campaigns.contracts.threshold import targeted
from campaigns.deliverables import described
from campaigns.disclosure import labels_for
from campaigns.limits import brand_sectors
from campaigns.models import Contract, Partnership
from campaigns.vocabulary import FREEDOM

_MONTHS = re.compile(r"(\d{1,3})\s*(mois|months?|ans?|years?|semaines?|weeks?|jours?|days?)\b", re.IGNORECASE)
_LENGTH = {"m": 30.44, "a": 365.25, "y": 365.25, "s": 7, "w": 7, "j": 1, "d": 1}


def rights_end(rights: str, begin: date) -> date | None:
    """The end that a free wording such as "Instagram, 6 months" means, None where it names no length."""
    found = _MONTHS.search(rights)
    if not found:
        return None
    number, unit = int(found[1]), found[2][0].lower()
    if unit in "may":
        months = number if unit == "m" else number * 12
        year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
        for last in (begin.day, 30, 29, 28):
            try:
                return date(year, month + 1, last)
            except ValueError:
                continue
    return begin + timedelta(days=round(number * _LENGTH[unit]))


def values_of(contract: Contract) -> dict[str, str]:
    """Every merge field, in the contract's language. Empty means: not known yet."""
    with translation.override(contract.language):
        return _values(contract)


def _values(contract: Contract) -> dict[str, str]:
    partnership, brief = contract.partnership, contract.partnership.brief
    campaign = partnership.campaign
    names = Locale.parse(contract.language).territories
    brand, creator = contract.brand_party, contract.creator_party

    def country(party: Mapping[str, str]) -> str:
        code = party.get("tax_country", "")
        return str(names.get(code, code))

    def registration(party: Mapping[str, str]) -> str:
        return f", {party['registration']}" if party.get("registration") else ""

    first = contract.amends
    freedom = brief.freedom if brief else 4
    values = {
        "brand_registration": registration(brand),
        "creator_registration": registration(creator),
        "brand_tax_country": country(brand),
        "creator_tax_country": country(creator),
        "law_country": country(creator),
        "authorisation": brand.get("authorisation", ""),
        "eu_representative": creator.get("eu_representative", ""),
        "insurance": creator.get("insurance", ""),
        "campaign": campaign.name,
        "product": (brief.product if brief else "") or campaign.name,
        "objective": str(campaign.get_objective_display()).lower(),
        "deliverables": _deliverables(contract.deliverables),
        "due_on": day(contract.due_on) if contract.due_on else _("to be agreed in writing"),
        "freedom": f"{FREEDOM[freedom][0]} ({freedom}/5).",
        "must": _sentence(brief.must if brief else ""),
        "must_not": _sentence(brief.must_not if brief else ""),
        "review_rounds": str(brief.review_rounds if brief else 1),
        "labels": _labels(contract),
        "fee": money(contract.fee, contract.currency),
        "payment_days": str(contract.payment_days),
        "in_kind": contract.in_kind or _("none"),
        "in_kind_value": money(contract.in_kind_value, contract.currency),
        "rights": contract.rights or _("no use beyond the creator's own accounts"),
        "rights_until": day(contract.rights_until) if contract.rights_until else _("no end agreed"),
        "french_public": "yes" if "FR" in targeted(partnership) else "",
        "reference": first.reference if first else "",
        "executed_on": day(first.executed_at) if first and first.executed_at else "",
    }
    values |= {f"brand_{name}": brand.get(name, "") for name in ("name", "address", "email", "representative")}
    return values | {f"creator_{name}": creator.get(name, "") for name in ("name", "address", "email")}


def _deliverables(items: Iterable[Mapping[str, Any]]) -> str:
    lines = []
    for item in described(list(items)):
        until = f", {day(item['due_on'])}" if item["due_on"] else ""
        note = f" ({item['note']})" if item["note"] else ""
        lines.append(f"– {item['words']}, {item['platform'].title()}, {str(item['form']).lower()}{until}{note}")
    return "\n".join(lines)


def _sentence(text: str) -> str:
    lines = [line.strip(" -–•\t") for line in text.splitlines() if line.strip(" -–•\t")]
    lines = [line.rstrip(".;") for line in lines[:-1]] + lines[-1:]
    if not lines:
        return _("nothing in particular.")
    joined = " ; ".join(lines) if translation.get_language() == "fr" else "; ".join(lines)
    return joined if joined.endswith((".", "!", "?", "…")) else f"{joined}."


def _labels(contract: Contract) -> str:
    campaign, brief = contract.partnership.campaign, contract.partnership.brief
    labels = labels_for(
        countries=targeted(contract.partnership),
        chosen=brief.disclosure if brief else {},
        language=brief.language if brief else contract.language,
        brand=campaign.brand.name,
    )
    shape = _("– %(country)s: “%(line)s”. %(place)s")
    return "\n".join(
        shape % {"country": label.country_name, "line": label.line, "place": label.placement} for label in labels
    )


def residence_of(contract: Contract | None, partnership: Partnership) -> str:
    """Tax country of the creator: as the contract says, else their own terms. Never guessed from elsewhere."""
    if contract is not None and contract.creator_party.get("tax_country"):
        return str(contract.creator_party["tax_country"])
    terms = CreatorTerms.objects.filter(creator_id=partnership.creator_id).first()
    return terms.tax_country if terms else ""


def facts_of(partnership: Partnership, contract: Contract | None = None) -> Facts:
    filled: dict[str, str] = {}
    if contract is not None:
        filled = {**contract.creator_party, "authorisation": contract.brand_party.get("authorisation", "")}
    return Facts(
        countries=targeted(partnership),
        residence=residence_of(contract, partnership),
        minor=partnership.creator.is_minor,
        sectors=frozenset(brand_sectors(partnership.campaign, partnership.brief)),
        filled=filled,
    )


def occasions(facts: Facts, on: date) -> list[str]:
    found = rules.fired(facts, on)
    special = ["non_eu"] if any(rule.id.endswith(".non_eu") for rule in found) else []
    return special + (["proof"] if any(rule.effect == "proof" for rule in found) else [])


def composed(contract: Contract, on: date, kept: Iterable[Clause] = ()) -> list[Clause]:
    """The clauses for this contract's country, forms and facts, earlier edits kept."""
    facts = facts_of(contract.partnership, contract)
    forms = {str(item.get("form") or "dedicated") for item in contract.deliverables}
    chosen = clauses.chosen(facts.countries, forms, occasions(facts, on))
    if contract.amends_id:
        chosen = [{"key": "amendment", **clauses.data()["amendment"]}, *chosen]
    return clauses.compose(chosen, values_of(contract), contract.language, list(kept))


def items_of(contract: Contract) -> list[Item]:
    """The mandatory contents, with what is still missing."""
    return clauses.checklist(contract.clauses, values_of(contract), language=contract.language)


def to_settle(contract: Contract, on: date) -> tuple[list[Item], list[Fired], dict[str, list[str]]]:
    """What keeps this contract from being sent: checklist, rules, empty fields by side."""
    open_items = [item for item in items_of(contract) if not item.ok]
    blocking = rules.obstacles(facts_of(contract.partnership, contract), on)
    present = {clause["key"] for clause in contract.clauses if clause["text"].strip()}
    blocking += [
        rule
        for rule in rules.fired(facts_of(contract.partnership, contract), on)
        if rule.effect == "require" and rule.clause and rule.clause not in present
    ]
    empty = {
        "brand": lacking("brand", contract.brand_party),
        "creator": lacking("creator", contract.creator_party),
    }
    return open_items, blocking, {side: names for side, names in empty.items() if names}
