"""Persistence: how long a post goes on being talked about, from the times of its comments.

Comment delays are lognormal (won by AIC on 40,000 arrivals, SIGNALS.md sections 0.7, 12), cut off at the age A
the post had when it was observed. Per post, mu and sigma maximise the truncated likelihood; posts are then
pooled by empirical Bayes. half-life = exp(mu); R7 = 1 - F(7 days), R14, R30 likewise. The creator's own comments
are left out. A post whose comments do not tell, but whose counters were looked at three times or more, gives mu
by least squares on the log counts, log c = log N + log F(age), F of the network's own spread, under a wide prior.
Failure: networks hand over early or top comments first, so posts with fewer than half of their comments
loaded are left out; comments are not views; giveaways.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr, ndtr

from matching.signals import arrival, segments
from matching.signals.batch import HOUR, Batch
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import NormalPosterior, shrink_normal

VERSION = "longevity-2"
LEAST_COMMENTS = 5
SIGMA = 1.9
"""Usual spread of log delays inside one post; a post's own is mixed with it as if of ten comments."""
PRIOR_COMMENTS = 10.0
YOUNGEST_HOURS = 24.0
COMPLETE = 0.5
"""Share of a post's comments that must be loaded: a first page alone is the early or the late ones."""
ROUNDS = 25
LEAST_LOOKS = 3
LOOK_NOISE = 0.04
"""Usual relative error of a counter against the curve, beside its own counting noise."""
MU_GRID = np.linspace(np.log(0.25), np.log(2_000.0), 60)
MU_SPREAD = 1.2


@dataclass(frozen=True, slots=True)
class LongevityMeasure:
    """(n,) per creator. posts: with enough comments or looks; watched: of those by looks at counters. mean: precision-weighted mean of mu over posts (log
    hours); variance: of that mean; between: weighted squared spread of mu between posts; sigma: usual
    spread inside its posts."""

    posts: Ints
    watched: Ints
    mean: Floats
    variance: Floats
    between: Floats
    sigma: Floats


def measure_longevity(batch: Batch) -> LongevityMeasure:
    comments, n, size = batch.comments, batch.n, len(batch.posts.id)
    hours = (comments.posted_at - batch.posts.posted_at[comments.post]) / HOUR
    age = np.maximum(batch.asof - batch.posts.posted_at, 0.0) / HOUR
    use = ~comments.is_owner & (hours > 0) & (hours <= age[comments.post])
    post, log = comments.post[use], np.log(np.maximum(hours[use], 1 / 60))
    count = segments.counts(post, size)
    loaded = segments.counts(comments.post, size)
    complete = loaded >= COMPLETE * np.nan_to_num(batch.posts.comments, nan=0.0)
    fit = (count >= LEAST_COMMENTS) & (age >= YOUNGEST_HOURS) & complete
    mu, sigma = truncated_lognormal(
        segments.means(log, post, size), _variance(log, post, size), count, np.log(np.maximum(age, 1.0))
    )
    noise = np.where(fit, sigma**2 / np.maximum(count, 1), np.nan)
    looked, at_looks, spread = mu_from_looks(batch)
    by_looks = looked & ~fit
    mu, noise = np.where(by_looks, at_looks, mu), np.where(by_looks, spread, noise)
    sigma = np.where(by_looks, arrival.SIGMA[batch.accounts.platform[batch.posts.account]], sigma)
    fit |= by_looks
    at, creator = np.flatnonzero(fit), batch.post_creator
    who, precision = creator[at], 1.0 / (noise[at] + 0.35)
    mean = segments.means(mu[at], who, n, precision)
    total = segments.sums(precision, who, n)
    return LongevityMeasure(
        posts=segments.counts(who, n),
        watched=segments.counts(creator[by_looks], n),
        mean=mean,
        variance=segments.divide(np.ones(n), total),
        between=segments.means((mu[at] - mean[who]) ** 2, who, n, precision),
        sigma=np.sqrt(segments.means(sigma[at] ** 2, who, n, precision)),
    )


def mu_from_looks(batch: Batch) -> tuple[Bools, Floats, Floats]:
    """(p,) whether a post has LEAST_LOOKS looks at a growing counter; mu of its curve and the variance of it."""
    size, looks = len(batch.posts.id), batch.further.snapshots
    nothing = np.full(size, np.nan)
    if looks is None or len(looks.post) == 0:
        return np.zeros(size, bool), nothing, nothing
    hours = (looks.at - batch.posts.posted_at[looks.post]) / HOUR
    use = (hours > 0.05) & (looks.count > 0)
    post, age, count = looks.post[use], np.log(hours[use]), looks.count[use]
    platform = batch.accounts.platform[batch.posts.account[post]]
    weight = 1.0 / (LOOK_NOISE**2 + 1.0 / count)
    log, total = np.log(count), segments.sums(weight, post, size)
    loss = np.empty((len(MU_GRID), size))
    for k, mu in enumerate(MU_GRID):
        rest = log - log_ndtr((age - mu) / arrival.SIGMA[platform])
        mean = segments.divide(segments.sums(weight * rest, post, size), total)
        loss[k] = segments.sums(weight * (rest - mean[post]) ** 2, post, size)
    usual = np.log(arrival.MEDIAN_HOURS[batch.accounts.platform[batch.posts.account]])
    chance = np.exp(-0.5 * (loss - loss.min(axis=0)) - 0.5 * ((MU_GRID[:, None] - usual) / MU_SPREAD) ** 2)
    chance /= chance.sum(axis=0)
    mean = (chance * MU_GRID[:, None]).sum(axis=0)
    variance = (chance * (MU_GRID[:, None] - mean) ** 2).sum(axis=0)
    seen = segments.counts(post, size) >= LEAST_LOOKS
    return seen, np.where(seen, mean, np.nan), np.where(seen, variance + LOOK_NOISE**2, np.nan)


def observed_half_life(hours: Floats, cumulative: Floats) -> tuple[float, bool]:
    """(hours until half of the total seen, whether it is still growing) of one series, by linear interpolation.

    hours, cumulative (k,) ascending. Still growing: the last 24 hours added more than 1 %, so that the figure is
    a lower bound. NaN without anything. The definition of this product (DEFINITIONS.md 2.8).
    """
    if len(hours) < 2 or cumulative[-1] <= 0:
        return float("nan"), True
    half = float(np.interp(cumulative[-1] / 2.0, cumulative, hours))
    earlier = float(np.interp(hours[-1] - 24.0, hours, cumulative))
    return half, bool(hours[-1] < 24.0 or cumulative[-1] - earlier > 0.01 * cumulative[-1])


def _variance(values: Floats, segment: Ints, n: int) -> Floats:
    mean = segments.means(values, segment, n)
    return segments.means((values - mean[segment]) ** 2, segment, n)


def truncated_lognormal(mean: Floats, variance: Floats, count: Ints, cut: Floats) -> tuple[Floats, Floats]:
    """(mu, sigma) of log delays seen only below `cut` = log age, from their mean and variance.

    Fixed point of the likelihood equations of the normal truncated on the right:
    mean = mu - sigma h(z), variance = sigma^2 (1 - z h(z) - h(z)^2), z = (cut - mu)/sigma, h = phi/Phi.
    sigma is mixed with SIGMA as if it came from PRIOR_COMMENTS comments; NaN without comments.
    """
    weight = count / (count + PRIOR_COMMENTS)
    mu, sigma = mean.copy(), np.sqrt(weight * np.nan_to_num(variance) + (1 - weight) * SIGMA**2)
    for _ in range(ROUNDS):
        z = (cut - mu) / sigma
        hazard = np.exp(-0.5 * z**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(z))
        kept = np.clip(1.0 - z * hazard - hazard**2, 0.05, 1.0)
        sigma = np.sqrt(weight * np.nan_to_num(variance) / kept + (1 - weight) * SIGMA**2)
        mu = mean + sigma * hazard
    return np.minimum(mu, cut), sigma


def estimate_longevity(measure: LongevityMeasure, priors: Priors) -> NormalPosterior:
    """(n,) posterior of mu (log hours to half of the comments)."""
    mean, tau2, _ = priors.normal_at("delay")
    ones = np.ones(len(measure.posts))
    return shrink_normal(
        measure.mean, (measure.posts > 0).astype(np.float64), mean * ones, tau2 * ones, measure.variance
    )


def remaining(posterior: NormalPosterior, sigma: Floats, days: float) -> Floats:
    """(n,) expected share of comments that come after `days`, averaged over the posterior of mu."""
    spread = np.sqrt(np.nan_to_num(sigma, nan=SIGMA) ** 2 + posterior.sd**2)
    return ndtr((posterior.mean - np.log(days * 24.0)) / spread)
