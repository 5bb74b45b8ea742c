"""Willingness: the chance that this creator accepts, if this brand asks.

    logit p = BASE + Σ effect·x        p0 = 0.35 (between the 20–30 % who answer cold messages and the
                                        40–60 % who accept gifts: DEFINITIONS.md §2.10)

The effects are a published prior set by hand; the whole is calibrated by the answers that followed matches
(`calibration`), from twenty of them on. The interval is wide (sd 1.1 in logit
when nothing is known of the creator, narrowing with what is known), and outcomes may move it
(SIGNALS.md §15, §17). Seeds: 67 % of creators always refuse what is against their values, so refusal is
modelled and shown, not hidden. What a creator refuses outright never reaches this page: hard limits.
"""

from __future__ import annotations

import numpy as np

from matching.ranking.economy import expected_price
from matching.ranking.pool import Estimate, Pool, Wish
from matching.ranking.scale import FloatArray, logistic, z_of

BASE = float(np.log(0.35 / 0.65))
SPREAD = 1.1
EFFECTS = {
    "wants_topic": 0.8,
    "accepts_form": 0.35,
    "fee": 0.7,
    "claimed": 0.3,
    "reply": 0.25,
    "sponsor_load": -1.5,
    "crowded": -0.35,
    "quiet": -0.35,
}
"""Change of logit per unit: ±1 for yes/no, 1 = budget e times the fee, 1 sd, 1 = 100 points of share, log(1 +
invitations waiting), log(days silent / 90) up to 3."""
QUIET_DAYS = 90.0
USUAL_LOAD = 0.25


def willingness(pool: Pool, wish: Wish) -> Estimate:
    """Logit of acceptance of n candidates: z is the logit, sd its width, parts the effects. Not a percentile."""
    inputs = {
        "wants_topic": _signed(pool.wants_topic),
        "accepts_form": _signed(pool.accepts_form),
        "fee": _fee_room(pool, wish),
        "claimed": pool.claimed,
        "reply": np.clip(z_of(pool.reliability), -2, 2),
        "sponsor_load": np.maximum(pool.sponsored - USUAL_LOAD, 0.0),
        "quiet": np.clip(np.log(np.maximum(pool.quiet_days, 1.0) / QUIET_DAYS), 0.0, 3.0),
        "crowded": np.where(pool.open_invitations > 0, np.log1p(pool.open_invitations), np.nan),
    }
    parts = {name: EFFECTS[name] * np.nan_to_num(values, nan=0.0) for name, values in inputs.items()}
    asked = ("wants_topic", "accepts_form", "fee", "reply")
    coverage = np.mean([~np.isnan(inputs[name]) for name in asked], axis=0)
    told = BASE + sum(parts.values(), np.zeros(len(pool)))
    moved = {name: wish.calibration.slope * values for name, values in parts.items()}
    spread = SPREAD * wish.calibration.slope * np.sqrt(1 - 0.7 * coverage)
    return Estimate(wish.calibration.apply(told), spread, np.asarray(coverage, dtype=np.float64), moved)


def chance(estimate: Estimate) -> FloatArray:
    """P(accept), 0..1, (n,)."""
    return logistic(estimate.z)


def _signed(answer: FloatArray) -> FloatArray:
    """1 yes → +1, 0 no → −1, unknown stays unknown."""
    return np.where(np.isnan(answer), np.nan, np.where(answer > 0, 1.0, -1.0))


def _fee_room(pool: Pool, wish: Wish) -> FloatArray:
    """Log of budget over expected price, −1.5..1.5, half as telling when the price is only a band."""
    if wish.in_kind_only:
        return _signed(pool.accepts_in_kind)
    if wish.budget is None:
        return np.full(len(pool), np.nan)
    middle, spread = expected_price(pool)
    room = np.clip(np.log(max(wish.budget, 0.01)) - middle, -1.5, 1.5)
    return np.where(pool.min_fee > 0, room, room / (1 + spread))
