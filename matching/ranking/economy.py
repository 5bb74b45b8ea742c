"""Economy: does the price meet the budget, and what does one engagement cost?

Expected price of one collaboration, lognormal: log(price) = log(minimum fee) + 0.15 ± 0.25 where the
creator said a minimum, else the band of platform, tier, form and country (`signals.pricing`). Two inputs:

    affordable   P(price ≤ budget), flat above 90 % (cheaper than affordable earns nothing)
    cost         price per qualified engagement expected from one post, percentile among the candidates

Failure mode: the bands are market surveys that users themselves rate 2.5/5 (DEFINITIONS.md §2.7), so
their width is wide and an announced fee always wins.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from matching.contracts import PLATFORMS
from matching.ranking.pool import Estimate, Pool, Wish, combine
from matching.ranking.scale import Z90, FloatArray, plateau, rank_percentile, z_of
from matching.signals.pricing import BAND_SD, band_of, price_of_post

AFFORDABLE, COST = 0.6, 0.4
ANNOUNCED_SD = 0.25
ANNOUNCED_LIFT = 0.15
_NEVER = 0.02


def price_band(
    platform: str,
    followers: FloatArray,
    engagement_rate: FloatArray,
    *,
    level: FloatArray | float = 1.0,
    form: float = 1.0,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected EUR (middle, low, high: 90 % band) of one collaboration. Inputs (n,); NaN followers → NaN.

    level: price level of each creator's country; form: what the form asked is worth beside one post.
    """
    index = PLATFORMS.index(platform) if platform in PLATFORMS else -1  # type: ignore[arg-type]
    post = price_of_post(np.full(len(followers), index, np.int8), followers, engagement_rate)
    band = band_of(post * level * form)
    return band.middle, band.low, band.high


def expected_price(pool: Pool) -> tuple[FloatArray, FloatArray]:
    """(log price, sd of the log), each (n,): the announced minimum where there is one, else the band."""
    announced = pool.min_fee > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        said = np.log(pool.min_fee) + ANNOUNCED_LIFT
        middle = np.log(pool.price)
        width = (np.log(pool.price_high) - np.log(pool.price_low)) / (2 * Z90)
    return np.where(announced, said, middle), np.where(
        announced, ANNOUNCED_SD, np.where(np.isnan(width), BAND_SD, width)
    )


def affordability(pool: Pool, wish: Wish) -> FloatArray:
    """P(price ≤ budget), (n,), NaN where budget or price is unknown. In kind: what the creator accepts."""
    if wish.in_kind_only:
        return np.where(np.isnan(pool.accepts_in_kind), np.nan, np.where(pool.accepts_in_kind > 0, 0.9, _NEVER))
    if wish.budget is None:
        return np.full(len(pool), np.nan)
    middle, spread = expected_price(pool)
    return np.asarray(ndtr((np.log(max(wish.budget, 0.01)) - middle) / spread))


def economy(pool: Pool, wish: Wish) -> Estimate:
    """Economy of n candidates. A brief without a budget is judged on cost per engagement alone."""
    chance = affordability(pool, wish)
    middle, spread = expected_price(pool)
    with np.errstate(divide="ignore", invalid="ignore"):
        cost = -(middle - np.log(np.where(pool.reward > 0, pool.reward, np.nan)))
    among = float(np.nanstd(cost)) if (~np.isnan(cost)).sum() > 1 else 1.0
    doubt = np.clip(spread / np.sqrt(spread**2 + max(among, 1e-6) ** 2), 0.0, 1.0)
    cost_z = np.where(np.isnan(cost), np.nan, z_of(rank_percentile(cost, cost)) * (1 - doubt**2))
    asked = wish.budget is not None or wish.in_kind_only
    inputs = {"cost_per_engagement": (COST if asked else 1.0, cost_z, doubt)}
    if asked:
        fits = z_of(plateau(100 * chance, 90.0))
        # the chance already carries the width of the price: only its own roughness is left
        inputs["affordable"] = (AFFORDABLE, fits, np.full(len(pool), 0.35))
    return combine(inputs)
