"""Price band, cost per qualified comment and per click as signals: orders of magnitude, in euros."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.signals import pricing
from matching.signals.columns import SignalColumn, column
from matching.signals.measure import Measures
from matching.signals.pricing import Band
from matching.signals.priors import Priors
from matching.signals.reporting.shares import pick
from matching.signals.shrinkage import Z90


def economy_columns(
    m: Measures, priors: Priors, cells: Sequence[str], rate: SignalColumn, ratio: SignalColumn, qualified: SignalColumn
) -> tuple[SignalColumn, ...]:
    """rate, ratio, qualified: the columns of the engagement rate, comments per reaction and qualified share."""
    accounts = m.batch.accounts
    followers = pick(accounts.followers, m.main)
    platform = np.nan_to_num(pick(accounts.platform, m.main), nan=-1).astype(np.int8)
    price = pricing.price_of_post(platform, followers, np.where(np.isnan(rate.value), np.nan, rate.value))
    base = np.where(np.array([b == "followers" for b in rate.details["base"]], bool), followers, np.nan)
    reached = pricing.people_reached(platform, followers)
    people = np.where(np.isnan(base), reached, base)
    comments = people * rate.value * ratio.value / (1.0 + ratio.value)
    spread = np.sqrt(sum(_log_sd(c) ** 2 for c in (rate, ratio, qualified)))
    posts = rate.n
    return (
        _column(m, priors, cells, "expected_price", pricing.band_of(price), posts, rate.coverage),
        _column(
            m,
            priors,
            cells,
            "cost_per_qualified",
            pricing.cost_per(price, comments * qualified.value, spread),
            qualified.n,
            qualified.coverage,
        ),
        _column(
            m,
            priors,
            cells,
            "cost_per_click",
            pricing.cost_per(price, reached * pricing.CLICKS, np.full(m.batch.n, pricing.CLICKS_SD)),
            posts,
            0.5 * rate.coverage,
        ),
    )


def _log_sd(c: SignalColumn) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num((np.log(c.high) - np.log(np.maximum(c.low, 1e-6))) / (2 * Z90))


def _column(
    m: Measures, priors: Priors, cells: Sequence[str], name: str, band: Band, n: np.ndarray, coverage: np.ndarray
) -> SignalColumn:
    measured = band.middle, band.low, band.high
    return column(
        name,
        "EUR",
        pricing.VERSION,
        measured=measured,
        percentile=priors.percentile(name, m.cell, measured),
        n=n.astype(np.int64),
        coverage=np.where(np.isnan(band.middle), 0.0, coverage),
        cell=cells,
        details={},
    )
