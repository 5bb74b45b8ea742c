"""Growth of the follower count: its pace, and steps that nothing published explains.

Trend: mean daily log growth over the last 90 days of counts, x 90, shrunk to the network's usual growth;
its noise is the robust spread of the daily growth. A step is a day whose growth stands more than six
robust standard deviations above the median of the 28 days before and adds more than 2 %.

A step is explained if a post took off or a giveaway ran within two days. An unexplained step is a first
proof. Further, independent ones: the jump is a round number; followers leave again; the engagement rate
falls after it (95 %). Two proofs are needed before anything is shown, and the words stay "unusual": press,
shout-outs and advertising cannot be seen from here. Source: SIGNALS.md section 5b.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from matching.signals import segments
from matching.signals.batch import DAY, Batch
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import NormalPosterior, shrink_normal

VERSION = "growth-1"
HORIZON = 90
GRID_DAYS = 180
BEFORE = 28
STEP_Z, STEP_SHARE = 6.0, 0.02
QUIET = 0.0008
"""Floor of the daily spread: below it, rounding of the displayed counts would look like steps."""
LEAST_COUNTS = 20
NEAR_DAYS = 2.0
VIRAL_Z = 2.0


@dataclass(frozen=True, slots=True)
class GrowthMeasure:
    """(a,) per account. growth_30, growth_90: observed relative growth, NaN where the counts do not reach
    back. trend: mean daily log growth x 90; days: days behind it; daily: robust sd of the daily growth."""

    growth_30: Floats
    growth_90: Floats
    trend: Floats
    days: Floats
    daily: Floats
    counts: Ints


@dataclass(frozen=True, slots=True)
class Steps:
    """(s,) steps. at: time of the day. share: relative jump; followers: absolute. explained: by a post that
    took off or a giveaway. round_jump, decays, engagement_falls: further proofs."""

    account: Ints
    at: Floats
    share: Floats
    followers: Floats
    z: Floats
    explained: Bools
    round_jump: Bools
    decays: Bools
    engagement_falls: Bools

    @property
    def proofs(self) -> Ints:
        further = self.round_jump.astype(np.int64) + self.decays + self.engagement_falls
        return np.where(self.explained, 0, 1 + further)


def measure_growth(batch: Batch) -> GrowthMeasure:
    counts, n = batch.counts, len(batch.accounts.id)
    held = segments.counts(counts.account, n)
    last = np.cumsum(held) - 1
    has = held >= 2
    end, start = np.full(n, np.nan), np.full(n, np.nan)
    end[has], start[has] = counts.at[last[has]], counts.at[(last - held + 1)[has]]
    now = _log_at(batch, end)
    month, quarter = (np.expm1(now - _log_at(batch, end - days * DAY)) for days in (30, HORIZON))
    since = np.fmax(start, end - HORIZON * DAY)
    days = np.nan_to_num((end - since) / DAY)
    with np.errstate(invalid="ignore", divide="ignore"):
        trend = np.where(days >= 14, (now - _log_at(batch, since)) / days * HORIZON, np.nan)
    return GrowthMeasure(month, quarter, trend, days, _daily_spread(batch, since), held)


def _log_at(batch: Batch, at: Floats) -> Floats:
    """(a,) log followers at a time per account, NaN outside the counts (half a day of grace)."""
    counts, n = batch.counts, len(batch.accounts.id)
    out = np.full(n, np.nan)
    if len(counts.at) == 0:
        return out
    log = np.log(np.maximum(counts.followers, 1.0))
    first = np.searchsorted(counts.account, np.arange(n))
    last = np.searchsorted(counts.account, np.arange(n), "right") - 1
    origin = float(counts.at.min())
    span = float(counts.at.max()) - origin + 1.0
    ok = (last > first) & ~np.isnan(at)
    begin, finish = counts.at[np.minimum(first, len(log) - 1)], counts.at[np.maximum(last, 0)]
    ok &= (at >= begin - DAY / 2) & (at <= finish + DAY / 2)
    place = np.clip(at, begin, finish) - origin
    key = counts.account * span + (counts.at - origin)
    out[ok] = np.interp((np.arange(n) * span + place)[ok], key, log)
    return out


def _daily_spread(batch: Batch, since: Floats) -> Floats:
    """(a,) robust standard deviation of the daily log growth between successive counts."""
    counts, n = batch.counts, len(batch.accounts.id)
    if len(counts.at) < 2:
        return np.full(n, np.nan)
    same = counts.account[1:] == counts.account[:-1]
    gap = np.maximum((counts.at[1:] - counts.at[:-1]) / DAY, 1e-6)
    log = np.log(np.maximum(counts.followers, 1.0))
    use = same & (counts.at[1:] >= since[counts.account[1:]]) & (gap > 0.2)
    account = counts.account[1:][use]
    rate, gap = (log[1:] - log[:-1])[use] / gap[use], gap[use]
    centre = segments.medians(rate, account, n)
    return np.maximum(1.4826 * segments.medians(np.abs(rate - centre[account]) * np.sqrt(gap), account, n), QUIET)


def estimate_growth(measure: GrowthMeasure, priors: Priors) -> NormalPosterior:
    """(a,) posterior of the 90-day trend in log; noise variance = daily^2 x 90^2 / days."""
    mean, tau2, _ = priors.normal_at("growth")
    known = ~np.isnan(measure.trend)
    spread = np.where(np.isnan(measure.daily), 0.01, measure.daily)
    s2 = spread**2 * HORIZON**2 / np.maximum(measure.days, 1.0)
    ones = np.ones(len(known))
    return shrink_normal(measure.trend, known.astype(np.float64), mean * ones, tau2 * ones, s2)


def find_steps(batch: Batch, log_rate: Floats, giveaway: Bools) -> Steps:
    """Steps of every account with at least LEAST_COUNTS counts. log_rate: (p,) log interactions per
    follower, NaN unknown. giveaway: (p,) the post announces one."""
    held = segments.counts(batch.counts.account, len(batch.accounts.id))
    account = np.flatnonzero(held >= LEAST_COUNTS)
    log, end = _grid(batch, account)
    row, day, z, jump = _jumps(log)
    at = end[row] - (GRID_DAYS - 1 - day) * DAY
    level = np.exp(log[row, day - 1]) if len(row) else np.zeros(0)
    added = level * np.expm1(jump)
    who = account[row]
    explained, falls = _around(batch, who, at, log_rate, giveaway)
    after = log[row, np.minimum(day + 14, GRID_DAYS - 1)]
    top = log[row, day]
    return Steps(
        account=who,
        at=at,
        share=np.expm1(jump),
        followers=added,
        z=z,
        explained=explained,
        round_jump=_is_round(added),
        decays=(after < top - 0.1 * jump) & (day + 7 < GRID_DAYS),
        engagement_falls=falls,
    )


def _grid(batch: Batch, account: Ints) -> tuple[Floats, Floats]:
    """(k, GRID_DAYS) log followers on each of the last days, NaN before the first count; (k,) last time."""
    counts = batch.counts
    if len(account) == 0:
        return np.zeros((0, GRID_DAYS)), np.zeros(0)
    first, last = np.searchsorted(counts.account, account), np.searchsorted(counts.account, account, "right") - 1
    end = counts.at[last]
    at = end[:, None] - np.arange(GRID_DAYS - 1, -1, -1)[None, :] * DAY
    origin = float(min(counts.at.min(), at.min()))
    span = float(counts.at.max()) - origin + 1.0
    key = counts.account * span + (counts.at - origin)
    log = np.interp(account[:, None] * span + (at - origin), key, np.log(np.maximum(counts.followers, 1.0)))
    log[at < counts.at[first][:, None]] = np.nan
    return log, end


def _jumps(log: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """(row, day, z, jump) of the first day of each step on a grid of log followers."""
    none = np.zeros(0, np.int64)
    if len(log) == 0:
        return none, none, np.zeros(0), np.zeros(0)
    growth = np.diff(log, axis=1)
    window = sliding_window_view(growth, BEFORE, axis=1)[:, :-1]
    ready = ~np.isnan(window).any(axis=2)
    with np.errstate(invalid="ignore"):
        centre = np.median(window, axis=2)
        spread = 1.4826 * np.median(np.abs(window - centre[:, :, None]), axis=2)
    excess = growth[:, BEFORE:] - centre
    z = excess / (spread + QUIET)
    high = ready & (z > STEP_Z) & (growth[:, BEFORE:] > 0)
    jump = np.where(high, excess, 0.0)
    rows, runs = np.nonzero(high & ~np.pad(high, ((0, 0), (1, 0)))[:, :-1])
    total = np.cumsum(np.pad(jump, ((0, 0), (1, 0))), axis=1)
    length = _run_length(high)
    size = total[rows, runs + length[rows, runs]] - total[rows, runs]
    big = np.expm1(size) > STEP_SHARE
    rows, runs, size = rows[big], runs[big], size[big]
    return rows, runs + BEFORE + 1, z[rows, runs], size


def _run_length(high: NDArray[np.bool_]) -> Ints:
    """Length of the run of True starting at each place, along the rows."""
    length = np.zeros(high.shape, np.int64)
    running = np.zeros(high.shape[0], np.int64)
    for day in range(high.shape[1] - 1, -1, -1):
        running = np.where(high[:, day], running + 1, 0)
        length[:, day] = running
    return length


def _is_round(added: Floats) -> Bools:
    """Within 2 % of 500 or of a multiple of 1,000: orders are sold in such sizes."""
    nearest = np.maximum(np.round(added / 1000.0) * 1000.0, 500.0)
    return (added >= 450) & (np.abs(added - nearest) <= 0.02 * nearest)


def _around(batch: Batch, account: Ints, at: Floats, log_rate: Floats, giveaway: Bools) -> tuple[Bools, Bools]:
    """Per step: explained by what was posted within two days; engagement fell after it."""
    posts, n = batch.posts, len(batch.accounts.id)
    known = ~np.isnan(log_rate)
    centre = segments.medians(log_rate[known], posts.account[known], n)
    spread = 1.4826 * segments.medians(np.abs(log_rate[known] - centre[posts.account[known]]), posts.account[known], n)
    took_off = known & (log_rate > (centre + VIRAL_Z * np.maximum(spread, 0.2))[posts.account])
    first, last = np.searchsorted(posts.account, account), np.searchsorted(posts.account, account, "right")
    explained, falls = np.zeros(len(account), bool), np.zeros(len(account), bool)
    for step in range(len(account)):
        here = slice(first[step], last[step])
        days = (posts.posted_at[here] - at[step]) / DAY
        near = (days >= -NEAR_DAYS - 1) & (days <= NEAR_DAYS)
        explained[step] = bool((near & (took_off[here] | giveaway[here])).any())
        rate, seen = log_rate[here], known[here]
        falls[step] = _fell(rate[seen & (days < -1) & (days > -90)], rate[seen & (days > 2) & (days < 90)])
    return explained, falls


def _fell(before: Floats, after: Floats) -> bool:
    """The mean after is below the mean before, with the upper end of its 95 % interval below 0."""
    if len(before) < 3 or len(after) < 3:
        return False
    error = np.sqrt(before.var(ddof=1) / len(before) + after.var(ddof=1) / len(after))
    return bool(after.mean() - before.mean() + 2.1 * error < 0)
