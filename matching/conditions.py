"""Hard limits as SQL over the flat row: what the brand requires, what each creator refuses.

The brand's requirements are WHERE conditions. A creator's limits are one CASE that names the first limit
that is broken, so that the same pass over the rows excludes and counts reasons. Both are values: text
with `%s` places and their parameters, put together in the order written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from matching.codes import EUR_PER_UNIT, in_eur
from matching.contracts import Brief
from matching.signals.batch import TIER_BOUNDS
from matching.signals.pricing import (
    BAND_SD,
    COUNTRIES,
    CPM_EUR,
    HANDLING_EUR,
    OTHER_CPM,
    OTHER_REACHED,
    REACHED,
    TIER_FACTORS,
)


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL and its parameters."""

    text: str
    params: tuple[Any, ...] = ()

    @classmethod
    def join(cls, separator: str, parts: Iterable[Sql]) -> Sql:
        pieces = list(parts)
        return cls(separator.join(p.text for p in pieces), tuple(value for p in pieces for value in p.params))


EVERYTHING = Sql("TRUE")
"""No condition."""
LIMIT_CODES = (
    "erased",
    "minor",
    "objected",
    "sector_refused",
    "in_kind_refused",
    "minimum_fee",
    "no_capacity",
    "unavailable",
    "over_budget",
)
"""Reason codes; the number in SQL is the place in this list plus one, 0 meaning no limit is broken."""
HIDDEN = 100
"""Added to the number where the creator does not let brands read the reason: it is counted as undisclosed."""


def limit_name(number: int) -> str:
    """Reason code of a number that `limits` gave."""
    return "undisclosed" if number > HIDDEN else LIMIT_CODES[number - 1]


def requirements(brief: Brief, row: str = "i") -> Sql:
    """The brand's hard filters as one boolean expression; TRUE when there are none.

    row: "i" reads the index row, "v" the narrow `CreatorVector` row.
    """
    hard = set(brief.hard)
    parts = [part for name, part in _wished(brief, row).items() if name in hard]
    if brief.exclude_creators:
        parts.append(Sql(f"{row}.creator_id <> ALL(%s)", (list(brief.exclude_creators),)))
    return Sql.join(" AND ", parts) if parts else Sql("TRUE")


def wishes(brief: Brief) -> dict[str, Sql]:
    """The soft wishes: name → boolean expression, for the fields the brief does not make hard."""
    return {name: part for name, part in _wished(brief, "i").items() if name not in brief.hard}


def _wished(brief: Brief, row: str) -> dict[str, Sql]:
    found: dict[str, Sql] = {}
    for name, column in (("platforms", "platforms"), ("languages", "languages"), ("topics", "topics")):
        if values := list(getattr(brief, name)):
            found[name] = Sql(f"{row}.{column} && %s::varchar[]", (values,))
    if brief.countries:
        found["countries"] = Sql(f"{row}.country = ANY(%s)", (list(brief.countries),))
    bounds = []
    for value, sign, slack in ((brief.followers_min, ">=", -1), (brief.followers_max, "<=", 1)):
        if value is not None:
            bounds.append(Sql(f"{row}.followers {sign} %s", (value,)))
            if row == "v":  # the indexed form lets the planner find the range; one step of slack for rounding
                bounds.append(Sql(f"v.size_step {sign} %s", (size_step(value) + slack,)))
    if bounds:
        found["followers"] = Sql.join(" AND ", bounds)
    return found


def size_step(followers: int) -> int:
    """floor(4 · log2(followers + 1)): the steps `CreatorVector` indexes followers by."""
    return math.floor(4 * math.log2(followers + 1))


def limits(brief: Brief, *, today: date) -> Sql:
    """Number of the first limit broken, 0 for none: a CASE over `i`."""
    cases = {"minor": Sql("i.is_minor")}
    if brief.sectors:
        cases["sector_refused"] = Sql("i.refused_sectors && %s::varchar[]", (list(brief.sectors),))
    budget = budget_eur(brief)
    if brief.in_kind_only:
        cases["in_kind_refused"] = Sql("i.accepts_in_kind IS FALSE")
        cases["minimum_fee"] = Sql("i.min_fee > 0 AND i.accepts_in_kind IS NOT TRUE")
    elif budget is not None:
        cases["minimum_fee"] = Sql(f"{MIN_FEE_EUR} > %s", (budget,))
    cases["no_capacity"] = Sql("i.capacity_per_month = 0")
    cases["unavailable"] = Sql("i.unavailable_until >= %s", (today,))
    if "budget" in brief.hard and budget is not None:
        cases["over_budget"] = _surely_dearer(budget)
    hide = f"+ {HIDDEN} * (NOT i.shows_reasons)::int"
    parts = [
        Sql(f"WHEN {part.text} THEN {LIMIT_CODES.index(name) + 1} {hide}", part.params) for name, part in cases.items()
    ]
    return Sql.join(" ", [Sql("CASE"), *parts, Sql("ELSE 0 END")])


_RATES = " ".join(f"WHEN '{code}' THEN {rate}" for code, rate in EUR_PER_UNIT.items())
MIN_FEE_EUR = f"(i.min_fee * CASE i.fee_currency {_RATES} ELSE 1 END)"
"""The lowest minimum fee in EUR, as SQL."""


_TIERS = " ".join(
    f"WHEN i.followers < {bound:.0f} THEN {f}" for bound, f in zip(TIER_BOUNDS, TIER_FACTORS, strict=False)
)
_TIER = f"CASE {_TIERS} ELSE {TIER_FACTORS[-1]} END"
_LEVELS = " ".join(f"WHEN '{code}' THEN {level}" for code, level in COUNTRIES.items() if level != 1.0)
PRICE_LEVEL = f"(CASE i.country {_LEVELS} ELSE 1 END)"
"""Price level of the creator's country relative to France, as SQL."""
_BAND = " ".join(f"WHEN '{name}' THEN i.followers * {REACHED[name] * CPM_EUR[name] / 1000:.8f}" for name in CPM_EUR)
_OTHER = f"i.followers * {OTHER_REACHED * OTHER_CPM / 1000:.8f}"
_LIFT = "CASE WHEN i.er IS NULL THEN 1 ELSE least(1.3, greatest(0.8, power(i.er / 0.03, 0.25))) END"
PRICE_EUR = (
    f"coalesce(nullif({MIN_FEE_EUR}, 0) * 1.161834, ((CASE i.main_platform {_BAND} ELSE {_OTHER} END)"
    f" * {_TIER} * {_LIFT} + {HANDLING_EUR}) * {PRICE_LEVEL})"
)
"""Expected price of one post in EUR, as SQL: `ranking.economy.price_band` and its announced fee, row by row."""


def budget_eur(brief: Brief) -> Decimal | None:
    return None if brief.budget_per_creator is None else in_eur(brief.budget_per_creator, brief.currency)


def _surely_dearer(budget: Decimal) -> Sql:
    """Where no fee is announced: even the low end of the expected band is above the budget."""
    top = float(budget) * 2.718281828 ** (1.6448536 * BAND_SD)
    room = max(top - HANDLING_EUR, 0.0) * 1000 / min(TIER_FACTORS) / 0.8  # the cheapest tier and engagement there are
    bounds = " ".join(f"WHEN '{name}' THEN {room / (CPM_EUR[name] * REACHED[name]):.0f}" for name in CPM_EUR)
    other = f"{room / (OTHER_CPM * OTHER_REACHED):.0f}"
    return Sql(f"i.min_fee IS NULL AND i.followers * {PRICE_LEVEL} > CASE i.main_platform {bounds} ELSE {other} END")
