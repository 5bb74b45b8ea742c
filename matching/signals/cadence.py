"""Publishing rhythm: posts a week over the last 90 days, regularity, age of the newest post.

The rate is a Gamma-Poisson posterior: (posts + 1) / (weeks + 1/usual), usual = 2.5 posts a week, so that a
quiet fortnight is not read as silence. Source: SIGNALS.md section 7 (continuity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from matching.signals import segments
from matching.signals.batch import DAY, Batch
from matching.signals.segments import Floats, Ints

VERSION = "cadence-1"
WINDOW_DAYS = 90.0
USUAL_PER_WEEK = 2.5


@dataclass(frozen=True, slots=True)
class Cadence:
    """(n,) per creator. per_week with its 90 % interval; posts in the window; days_since the newest post
    (NaN none); regularity 0..1: 1 / (1 + spread of the gaps / their mean), NaN below four posts."""

    per_week: Floats
    low: Floats
    high: Floats
    posts: Ints
    days_since: Floats
    regularity: Floats


def cadence(batch: Batch) -> Cadence:
    n, creator, age = batch.n, batch.post_creator, batch.post_age
    newest = np.full(n, np.inf)
    np.minimum.at(newest, creator, age)
    oldest = np.full(n, 0.0)
    np.maximum.at(oldest, creator, age)
    recent = segments.counts(creator[age <= WINDOW_DAYS], n)
    weeks = np.clip(oldest, 7.0, WINDOW_DAYS) / 7.0
    a, b = recent + 1.0, weeks + 1.0 / USUAL_PER_WEEK
    seen = segments.counts(creator, n) > 0
    return Cadence(
        per_week=np.where(seen, a / b, np.nan),
        low=np.where(seen, gammaincinv(a, 0.05) / b, np.nan),
        high=np.where(seen, gammaincinv(a, 0.95) / b, np.nan),
        posts=recent,
        days_since=np.where(np.isinf(newest), np.nan, newest),
        regularity=_regularity(batch),
    )


def _regularity(batch: Batch) -> Floats:
    n = batch.n
    order = np.lexsort((batch.posts.posted_at, batch.post_creator))
    creator, at = batch.post_creator[order], batch.posts.posted_at[order]
    same = creator[1:] == creator[:-1]
    gap, who = ((at[1:] - at[:-1]) / DAY)[same], creator[1:][same]
    mean = segments.means(gap, who, n)
    spread = np.sqrt(segments.means((gap - mean[who]) ** 2, who, n))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = 1.0 / (1.0 + spread / mean)
    return np.where(segments.counts(who, n) >= 3, value, np.nan)
