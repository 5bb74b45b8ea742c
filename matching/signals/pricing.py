"""What one collaboration is likely to cost, and what it buys: a band, never a price list.

    middle = handling + followers x reached(network) / 1000 x CPM(network) x tier x (rate / usual)^1/4
    band   = middle x form x price level of the country,  x/ exp(1.645 sd),  sd = .75

CPM: euros per 1,000 people reached, middle of the ranges in public use; tier: small audiences cost more per
person; form: what the work is worth beside one post; country: price levels relative to France. People rate such
tables 2.5 of 5 (DEFINITIONS.md 2.7), so the band spans a factor of 3.4 to either side, and an announced fee always
wins. Per post:

    cost per qualified comment = price / (comments x qualified share)
    cost per click             = price / (people reached x click share)

comments and reach are expected ones; of people reached .8 % click (.3 to 2 %): a prior until links are measured.
The interval joins the widths in logs. Source: DEFINITIONS.md section 2.7. Failure: fame outside the network,
rights and exclusivity, which are priced apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.contracts import PLATFORMS
from matching.signals.batch import TIER_BOUNDS
from matching.signals.segments import Floats
from matching.signals.shrinkage import Z90

VERSION = "pricing-1"
CPM_EUR = {"instagram": 20.0, "tiktok": 12.0, "youtube": 25.0, "x": 12.0}
"""EUR per 1,000 people reached, middle of the ranges quoted in DEFINITIONS.md §2.7."""
REACHED = {"instagram": 0.35, "tiktok": 0.6, "youtube": 0.25, "x": 0.2}
"""Share of followers one post reaches, before the creator's own engagement speaks."""
TIER_FACTORS = (1.2, 1.0, 0.8, 0.7, 0.6)
"""Nano to mega: the same thousand people cost less from a large account."""
FORMS = {
    "dedicated": 1.0,
    "test": 1.5,
    "co_creation": 1.8,
    "event": 1.5,
    "guide": 1.4,
    "series": 2.5,
    "ambassador": 4.0,
}
"""Work and commitment relative to one dedicated post."""
COUNTRIES = {
    "FR": 1.0, "BE": 1.0, "LU": 1.15, "CH": 1.5, "DE": 1.1, "AT": 1.1, "NL": 1.1, "GB": 1.2, "IE": 1.15, "US": 1.4,
    "CA": 1.15, "AU": 1.25, "DK": 1.25, "SE": 1.15, "NO": 1.3, "FI": 1.1, "ES": 0.8, "IT": 0.85, "PT": 0.7, "GR": 0.7,
    "PL": 0.6, "CZ": 0.65, "HU": 0.55, "RO": 0.5, "BG": 0.5, "MA": 0.45, "TN": 0.4, "DZ": 0.4, "SN": 0.4, "CI": 0.4,
    "BR": 0.5, "MX": 0.55, "IN": 0.3, "ID": 0.35, "TR": 0.4, "JP": 1.1, "KR": 1.0, "AE": 1.3,
}  # fmt: skip
"""Price level relative to France; 1 where the country is unknown."""
HANDLING_EUR = 25.0
"""What making one post costs anybody, however small the audience."""
BAND_SD = 0.75
USUAL_RATE = 0.03
CLICKS, CLICKS_SD = 0.008, 0.6
OTHER_CPM, OTHER_REACHED = 18.0, 0.3


@dataclass(frozen=True, slots=True)
class Band:
    """EUR, (n,): middle and the bounds of the 90 % band; NaN unknown."""

    middle: Floats
    low: Floats
    high: Floats


def band_of(middle: Floats, sd: Floats | float = BAND_SD) -> Band:
    factor = np.exp(Z90 * np.asarray(sd))
    return Band(middle, middle / factor, middle * factor)


def price_of_post(platform: NDArray[np.int8], followers: Floats, rate: Floats) -> Floats:
    """(n,) EUR of one dedicated post in France. platform: index in PLATFORMS, -1 none; rate: engagement, NaN unknown."""
    cpm = np.array([CPM_EUR[name] for name in PLATFORMS] + [OTHER_CPM])[platform]
    tier = np.array(TIER_FACTORS)[np.searchsorted(TIER_BOUNDS, np.nan_to_num(followers), side="right")]
    lift = np.where(np.isnan(rate), 1.0, np.clip((rate / USUAL_RATE) ** 0.25, 0.8, 1.3))
    return HANDLING_EUR + people_reached(platform, followers) / 1000.0 * cpm * tier * lift


def people_reached(platform: NDArray[np.int8], followers: Floats) -> Floats:
    return followers * np.array([REACHED[name] for name in PLATFORMS] + [OTHER_REACHED])[platform]


def form_factor(forms: tuple[str, ...]) -> float:
    """Of the forms a brief names, the least demanding: what a collaboration costs at least."""
    return min((FORMS[form] for form in forms if form in FORMS), default=1.0)


def country_factor(country: str) -> float:
    return COUNTRIES.get(country, 1.0)


def cost_per(price: Floats, units: Floats, sd_units: Floats) -> Band:
    """EUR per unit where `units` are bought for `price`, each known within its log spread."""
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.where(units > 0, price / units, np.nan)
    return band_of(middle, np.sqrt(BAND_SD**2 + np.nan_to_num(sd_units) ** 2))
