"""Engagement rate: what share of the people who could see a post reacted to it.

    y_p = log((interactions_p / F(age_p) + .5) / (n_p + 1))
    theta_hat = B ybar + (1-B) mu,   B = tau2 / (tau2 + s2/n),   mu = a + b log(followers) + g(category)

n_p is the reach, else the views, else the followers at the time of the post: one base per account, never a
mixture. The newest ten posts of the last 90 days count (the newest five when fewer are that recent), each
weighed 2^(-age/60 d) from the newest, clipped at three robust standard deviations when there are five or
more. Hidden likes are unknown, not 0. Interactions: likes and comments; shares and saves where the network
publishes them (TikTok, X).

Typical rate exp(theta), expected rate exp(theta + s2/2), 90 % interval exp(theta +- 1.645 sd); ranking uses
exp(theta - sd), for the greatest of many noisy rates is mostly luck. Source: SIGNALS.md sections 0.4 and 1.
Failure: giveaways, a follower count not of the time, a change of format.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from matching.signals import segments
from matching.signals.arrival import YOUNGEST, arrived
from matching.signals.batch import BASES, TIKTOK, Batch, X
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import Z90, NormalPosterior, shrink_normal

VERSION = "engagement-1"
WINDOW_DAYS = 90.0
MOST_POSTS, LEAST_POSTS = 10, 5
HALF_WEIGHT_DAYS = 60.0
BASE_NEEDED = 0.6
"""Share of the recent posts that must show reach (or views) for it to be the base."""
REFERENCE_FOLLOWERS = 10_000.0
PUBLISHED_POSTS = 12


@dataclass(frozen=True, slots=True)
class PostRates:
    """(p,) per post: used by the estimate; y = log rate on the base of its account (NaN unknown)."""

    used: Bools
    y: Floats
    interactions: Floats
    followers: Floats


@dataclass(frozen=True, slots=True)
class EngagementMeasure:
    """(a,) per account, before any prior. base: index in BASES, -1 nothing measurable. n: posts used;
    n_eff: after weights. mean, within: weighted mean of y and sum of its squared deviations.
    x: log(followers / 10,000). stale: the newest post used is older than the window. hidden: recent posts
    that do not show their likes."""

    base: NDArray[np.int8]
    n: Ints
    n_eff: Floats
    mean: Floats
    within: Floats
    x: Floats
    stale: Bools
    hidden: Ints


@dataclass(frozen=True, slots=True)
class EngagementEstimate:
    """(a,) per account. typical, expected, low, high, rank: rates 0..; percentile, percentile_low,
    percentile_high: 0..100 among accounts of the same platform, base, size and category."""

    posterior: NormalPosterior
    mu: Floats
    s2: Floats
    typical: Floats
    expected: Floats
    low: Floats
    high: Floats
    rank: Floats
    percentile: Floats
    percentile_low: Floats
    percentile_high: Floats


def interactions(batch: Batch) -> Floats:
    """(p,) likes + comments, plus shares and saves where the network publishes them; NaN if likes are hidden."""
    posts = batch.posts
    total = posts.likes + np.nan_to_num(posts.comments)
    public = np.isin(batch.accounts.platform[posts.account], (TIKTOK, X))
    return total + np.where(public, np.nan_to_num(posts.shares) + np.nan_to_num(posts.saves), 0.0)


def followers_at(batch: Batch) -> Floats:
    """(p,) followers when each post appeared: from the counts around it, else the account's latest."""
    counts, posts = batch.counts, batch.posts
    latest = batch.accounts.followers[posts.account]
    if len(counts.at) == 0:
        return latest
    span = float(max(counts.at.max(), posts.posted_at.max(initial=0.0))) + 1.0
    key = counts.account * span + counts.at
    value = np.interp(posts.account * span + posts.posted_at, key, np.log(np.maximum(counts.followers, 1.0)))
    first, last = (
        np.searchsorted(counts.account, posts.account),
        np.searchsorted(counts.account, posts.account, "right"),
    )
    none = first == last
    safe_first, safe_last = np.minimum(first, len(key) - 1), np.maximum(last - 1, 0)
    before = posts.posted_at <= counts.at[safe_first]
    after = posts.posted_at >= counts.at[safe_last]
    out = np.exp(value)
    out = np.where(before, counts.followers[safe_first], np.where(after, counts.followers[safe_last], out))
    return np.where(none, latest, out)


def measure_engagement(batch: Batch) -> tuple[EngagementMeasure, PostRates]:
    posts, n = batch.posts, len(batch.accounts.id)
    account, age = posts.account, batch.post_age
    platform = batch.accounts.platform[account]
    total = interactions(batch)
    share = arrived(age, platform)
    mature = share >= YOUNGEST
    followers = followers_at(batch)
    recent = _recent(account, age, mature, n)
    base, denominator = _bases(batch, recent, followers)
    known = recent & ~np.isnan(total) & (denominator > 0)
    rank = np.full(len(account), MOST_POSTS)
    rank[known] = segments.rank_within(account[known], n)
    used = known & (rank < MOST_POSTS) & ((age <= WINDOW_DAYS) | (rank < LEAST_POSTS))
    with np.errstate(invalid="ignore", divide="ignore"):
        y = np.where(denominator > 0, np.log((total / share + 0.5) / (denominator + 1.0)), np.nan)
    hidden = segments.counts(account[recent & np.isnan(total)], n)
    measure = _reduce(batch, used, _clipped(y, used, account, n), base, hidden)
    return measure, PostRates(used, y, total, followers)


def _recent(account: Ints, age: Floats, mature: Bools, n: int) -> Bools:
    """The newest mature posts that could count, whatever they show: enough for hidden likes in between."""
    rank = np.full(len(account), 10 * MOST_POSTS)
    rank[mature] = segments.rank_within(account[mature], n)
    return mature & (rank < 2 * MOST_POSTS)


def _bases(batch: Batch, recent: Bools, followers: Floats) -> tuple[NDArray[np.int8], Floats]:
    """One base per account: reach or views if most recent posts show them, else followers; (a,), (p,)."""
    posts, n = batch.posts, len(batch.accounts.id)
    account = posts.account
    seen = segments.counts(account[recent], n)
    base = np.full(n, -1, np.int8)
    base[(segments.counts(account[recent & (followers > 0)], n) > 0)] = BASES.index("followers")
    for name, value in (("views", posts.views), ("reach", posts.reach)):
        shown = segments.counts(account[recent & (value > 0)], n)
        base[(shown > 0) & (shown >= BASE_NEEDED * seen)] = BASES.index(name)
    of_post = base[account]
    denominator = np.select([of_post == 0, of_post == 1, of_post == 2], [posts.reach, posts.views, followers], np.nan)
    return base, denominator


def _clipped(y: Floats, used: Bools, account: Ints, n: int) -> Floats:
    """y limited to its account's median +- 3 robust standard deviations where five posts or more count."""
    values, at = y[used], account[used]
    centre = segments.medians(values, at, n)
    spread = 1.4826 * segments.medians(np.abs(values - centre[at]), at, n)
    enough = (segments.counts(at, n) >= LEAST_POSTS) & (spread > 0)
    reach = np.where(enough, 3.0 * spread, np.inf)
    out = y.copy()
    out[used] = np.clip(values, (centre - reach)[at], (centre + reach)[at])
    return out


def _reduce(batch: Batch, used: Bools, y: Floats, base: NDArray[np.int8], hidden: Ints) -> EngagementMeasure:
    """The measure per account from the posts used."""
    n = len(batch.accounts.id)
    at, values, days = batch.posts.account[used], y[used], batch.post_age[used]
    newest = np.full(n, np.inf)
    np.minimum.at(newest, at, days)
    weight = np.exp2(-(days - newest[at]) / HALF_WEIGHT_DAYS)
    total, squares = segments.sums(weight, at, n), segments.sums(weight**2, at, n)
    count, plain = segments.counts(at, n), segments.means(values, at, n)
    return EngagementMeasure(
        base=np.where(count > 0, base, -1).astype(np.int8),
        n=count,
        n_eff=np.nan_to_num(segments.divide(total**2, squares)),
        mean=segments.divide(segments.sums(weight * values, at, n), total),
        within=segments.sums((values - plain[at]) ** 2, at, n),
        x=np.log(np.maximum(batch.accounts.followers, 1.0) / REFERENCE_FOLLOWERS),
        stale=(count > 0) & (newest > WINDOW_DAYS),
        hidden=hidden,
    )


def estimate_engagement(
    measure: EngagementMeasure, platform: NDArray[np.int8], category: tuple[str, ...], priors: Priors
) -> EngagementEstimate:
    mu, tau2, s2 = priors.engagement_at(platform, measure.base, measure.x, category)
    posterior = shrink_normal(measure.mean, measure.n_eff, mu, tau2, s2)
    known = measure.base >= 0
    tau = np.sqrt(tau2)

    def shown(values: Floats) -> Floats:
        return np.where(known, values, np.nan)

    def percent(theta: Floats) -> Floats:
        return shown(100.0 * ndtr((theta - mu) / tau))

    return EngagementEstimate(
        posterior=posterior,
        mu=mu,
        s2=s2,
        typical=shown(np.exp(posterior.mean)),
        expected=shown(np.exp(posterior.mean + s2 / 2.0)),
        low=shown(np.exp(posterior.low)),
        high=shown(np.exp(posterior.high)),
        rank=shown(np.exp(posterior.mean - posterior.sd)),
        percentile=percent(posterior.mean),
        percentile_low=percent(posterior.low),
        percentile_high=percent(posterior.high),
    )


def next_post_interval(estimate: EngagementEstimate) -> tuple[Floats, Floats]:
    """(a,), (a,) 90 % interval of the rate of one further post: the spread between posts is added."""
    sd = np.sqrt(estimate.posterior.sd**2 + estimate.s2)
    return np.exp(estimate.posterior.mean - Z90 * sd), np.exp(estimate.posterior.mean + Z90 * sd)


def published_rates(batch: Batch, rates: PostRates) -> dict[str, Floats]:
    """(a,) the newest twelve posts that show likes, under other people's definitions (DEFINITIONS.md 2.1).

    Never used for ranking: shown so that a figure from elsewhere can be recognised.
    """
    posts, n = batch.posts, len(batch.accounts.id)
    shown = np.flatnonzero(~np.isnan(posts.likes) & (rates.followers > 0))
    shown = shown[segments.rank_within(posts.account[shown], n) < PUBLISHED_POSTS]
    at, likes = posts.account[shown], posts.likes[shown]
    both, followers = likes + np.nan_to_num(posts.comments[shown]), rates.followers[shown]
    viewed = shown[posts.views[shown] > 0]
    views = segments.means(posts.views[viewed], posts.account[viewed], n)
    return {
        "median_likes_by_followers": segments.medians(likes / followers, at, n),
        "median_interactions_by_followers": segments.medians(both / followers, at, n),
        "mean_interactions_by_followers": segments.means(both / followers, at, n),
        "mean_likes_by_mean_views": segments.means(posts.likes[viewed], posts.account[viewed], n) / views,
    }
