"""From six families to one order.

    brand side   B = Σ w_f·v_f             w over the five families but willingness, v_f = 100·Φ(z_f)
    two-sided    total = B · p^γ           p = chance of acceptance, γ = min(1, 2.5·w_willingness)

γ = 0.25 with the published weight 0.10; γ = 1 is the plain product, which won as soon as both chances
were calibrated (AUC .748 against .640 one-sided: SIGNALS.md §15); ours is a prior, so it is tempered.
A weight of 0 takes its family out. Two independent proofs of an unusual audience cap that family at 30,
one does nothing. Interval and P(top 10): 200 seeded draws of every family of the leading candidates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from matching.contracts import FAMILIES, Family, Weights
from matching.ranking.affinity import Affinity, affinity
from matching.ranking.economy import economy
from matching.ranking.pool import Estimate, Pool, Reference, Wish, combine
from matching.ranking.scale import (
    Z90,
    FloatArray,
    IntArray,
    hashed_normals,
    logistic,
    percentile_of,
    sd_of_interval,
    z_of,
)
from matching.ranking.willingness import BASE, willingness

DRAWS = 200
LEADING = 200
"""Candidates whose draws compete for the first ten places; those behind have no chance worth a figure."""
RISK_CAP = 30.0
CONFLICT, CONFLICT_DAYS = 1.2, 180.0
PROOFS_NEEDED = 2
PRIOR_CHANCE = float(logistic(BASE))
"""Chance of acceptance of a creator of whom nothing is known."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """An answer over n candidates. order (k,): row numbers, best first; the rest are (n,) or by family.

    families: scored estimates. value, low, high: family → (n,), 0..100 (willingness: 100·p).
    total: (n,) 0..100. total_low, total_high, p_top10: (n,), NaN behind the leading candidates.
    """

    order: IntArray
    total: FloatArray
    total_low: FloatArray
    total_high: FloatArray
    p_top10: FloatArray
    brand_side: FloatArray
    acceptance: FloatArray
    weights: Mapping[Family, float]
    exponent: float
    families: Mapping[Family, Estimate]
    value: Mapping[Family, FloatArray]
    low: Mapping[Family, FloatArray]
    high: Mapping[Family, FloatArray]
    affinity: Affinity


def rank(
    pool: Pool, reference: Reference, wish: Wish, weights: Weights, *, seed: int, leading: int = LEADING
) -> Ranking:
    """Order n candidates. Depends on nothing but its arguments; the order of the rows does not matter."""
    fit = affinity(pool, reference)
    estimates = _estimates(pool, fit, wish)
    shares, exponent = split(weights)
    value = {name: _points(name, estimates[name].z, pool) for name in FAMILIES}
    brand = sum((shares[name] * value[name] for name in shares), np.zeros(len(pool)))
    accept = logistic(estimates["willingness"].z)
    total = brand * accept**exponent
    order = np.lexsort((pool.creator_id, -total))
    low, high, p_top10 = _draw(pool, estimates, shares, exponent, total, order[:leading], seed)
    bounds = {name: _bounds(name, estimates[name], pool) for name in FAMILIES}
    return Ranking(
        order=order,
        total=total,
        total_low=low,
        total_high=high,
        p_top10=p_top10,
        brand_side=brand,
        acceptance=accept,
        weights=shares,
        exponent=exponent,
        families=estimates,
        value=value,
        low={name: pair[0] for name, pair in bounds.items()},
        high={name: pair[1] for name, pair in bounds.items()},
        affinity=fit,
    )


def neutral(ranking: Ranking) -> float:
    """The total of a creator about whom nothing is known: 50 in every family, the prior chance to accept."""
    return 50.0 * sum(ranking.weights.values()) * PRIOR_CHANCE**ranking.exponent


def family_points(ranking: Ranking, family: Family, row: int) -> float:
    """Points of the total that one family moved away from `neutral`; over the families they add up exactly."""
    if family == "willingness":
        moved = ranking.acceptance[row] ** ranking.exponent - PRIOR_CHANCE**ranking.exponent
        return float(ranking.brand_side[row] * moved)
    return float((ranking.value[family][row] - 50.0) * point_scale(ranking, family))


def point_scale(ranking: Ranking, family: Family) -> float:
    """Points of the total per point of a family on 0..100; 0 for a family without weight."""
    return ranking.weights.get(family, 0.0) * PRIOR_CHANCE**ranking.exponent


def split(weights: Weights) -> tuple[dict[Family, float], float]:
    """(share of the five brand families, summing to 1; exponent of the chance of acceptance)."""
    given = weights.normalised()
    brand = {name: given[name] for name in FAMILIES if name != "willingness"}
    total = sum(brand.values())
    if total <= 0:
        brand, total = dict.fromkeys(brand, 1.0), float(len(brand))
    return {name: value / total for name, value in brand.items() if value > 0}, min(1.0, 2.5 * given["willingness"])


def _estimates(pool: Pool, fit: Affinity, wish: Wish) -> dict[Family, Estimate]:
    standing: dict[Family, Estimate] = {}
    for name in ("audience", "posture", "reliability"):
        columns = (getattr(pool, name), getattr(pool, f"{name}_low"), getattr(pool, f"{name}_high"))
        standing[name] = combine({name: (1.0, z_of(columns[0]), sd_of_interval(columns[1], columns[2]))})
    standing["posture"] = _less_conflicts(standing["posture"], pool.competitor_days)
    return standing | {"affinity": fit.estimate, "economy": economy(pool, wish), "willingness": willingness(pool, wish)}


def _less_conflicts(posture: Estimate, days: FloatArray) -> Estimate:
    """A partnership with a competitor lowers posture by CONFLICT, half of it after CONFLICT_DAYS; never excludes."""
    lost = np.where(np.isnan(days), 0.0, -CONFLICT * np.exp2(-np.nan_to_num(days) / CONFLICT_DAYS))
    return Estimate(posture.z + lost, posture.sd, posture.coverage, dict(posture.parts) | {"competitor": lost})


def _points(name: Family, z: FloatArray, pool: Pool) -> FloatArray:
    """Normal score (…, n) → 0..100, with the cap on an audience that two proofs call unusual."""
    if name == "willingness":
        return 100 * logistic(z)
    points = percentile_of(z)
    return np.where(pool.risks >= PROOFS_NEEDED, np.minimum(points, RISK_CAP), points) if name == "audience" else points


def _bounds(name: Family, estimate: Estimate, pool: Pool) -> tuple[FloatArray, FloatArray]:
    half = Z90 * estimate.sd
    return _points(name, estimate.z - half, pool), _points(name, estimate.z + half, pool)


def _draw(
    pool: Pool,
    estimates: Mapping[Family, Estimate],
    shares: Mapping[Family, float],
    exponent: float,
    total: FloatArray,
    rows: IntArray,
    seed: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(low, high, P(rank ≤ 10)), each (n,), from posterior draws of the leading rows; NaN elsewhere."""
    low, high, first = (np.full(len(pool), np.nan) for _ in range(3))
    if not len(rows):
        return low, high, first
    ahead = pool.take(rows)
    normals = hashed_normals(ahead.creator_id, len(FAMILIES), DRAWS, seed)
    drawn = np.zeros((DRAWS, len(rows)))
    for column, name in enumerate(FAMILIES):
        z = estimates[name].z[rows] + estimates[name].sd[rows] * normals[:, :, column]
        if name == "willingness":
            accept = logistic(z) ** exponent
        elif name in shares:
            drawn += shares[name] * _points(name, z, ahead)
    drawn *= accept
    bounds = np.percentile(drawn, [5, 95], axis=0)
    low[rows] = np.minimum(bounds[0], total[rows])
    high[rows] = np.maximum(bounds[1], total[rows])
    place = max(len(rows) - 10, 0)
    tenth = np.partition(drawn, place, axis=1)[:, place]
    first[rows] = (drawn >= tenth[:, None]).mean(axis=0)
    return low, high, first
