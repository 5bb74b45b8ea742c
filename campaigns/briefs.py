"""A campaign's brief as the engine's: the only bridge from campaigns to matching's question."""

from __future__ import annotations

from typing import Any

from accounts.errors import InvalidInput
from campaigns.models import Brief, Campaign
from campaigns.texts import sector_key
from matching import contracts
from matching.briefs import TEXT_SHORTEST, parse_brief

# The fields of the engine's brief that a campaign's form asks for itself; the others follow from brand and campaign.
WISHES = ("text", "topics", "platforms", "followers_min", "followers_max", "languages", "countries", "hard")


def matching_fields(campaign: Campaign, brief: Brief) -> dict[str, Any]:
    """The engine's brief as JSON, before it is checked. Wishes stated in `brief.matching` win over what is derived."""
    brand = campaign.brand
    wanted = [item.get("platform") for item in brief.deliverables]
    derived: dict[str, Any] = {
        "text": ". ".join(part.rstrip(".") for part in (brief.product, brief.message) if part),
        "language": brief.language,
        "product": brief.product,
        "audience": campaign.audience,
        "languages": campaign.languages,
        "countries": campaign.countries,
        "platforms": list(dict.fromkeys(platform for platform in wanted if platform)),
        "forms": list(dict.fromkeys(item["form"] for item in brief.deliverables if item.get("form"))),
        "sectors": [sector_key(sector) for sector in brand.sectors if sector_key(sector)],
        "values_wanted": brand.values_wanted,
        "values_refused": brand.values_refused,
        "competitors": brand.competitors,
        "currency": brief.currency,
    }
    if brief.fee:
        derived["budget_per_creator"] = str(brief.fee)
    elif brief.in_kind:
        derived["in_kind_only"] = True
    stated = {name: value for name, value in (brief.matching or {}).items() if value not in (None, "")}
    if stated.get("in_kind_only"):
        derived.pop("budget_per_creator", None)
    elif stated.get("budget_per_creator"):
        derived.pop("in_kind_only", None)
    return derived | stated


def to_matching_brief(campaign: Campaign, brief: Brief, *, allow_empty: bool = False) -> contracts.Brief:
    """The frozen question. Raises BriefError (an InvalidInput) naming each fault under "matching".

    allow_empty: a draft without text yet is checked as if it had one.
    """
    data = matching_fields(campaign, brief)
    if allow_empty and len(data["text"]) < TEXT_SHORTEST:
        data["text"] = "not written yet"
    try:
        return parse_brief(data)
    except InvalidInput as error:
        messages = [f"{name}: {text}" for name, texts in error.fields.items() for text in texts]
        raise InvalidInput(fields={"matching": messages}, code=error.code) from error
