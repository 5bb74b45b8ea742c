"""Niche: what a creator speaks of, how coherently, since when.

    coh = (n |m|^2 - 1) / (n - 1),   m = mean of n unit post vectors

is the mean cosine of two different posts; |m| itself is biased upward when n is small. Its spread comes
from how much each post agrees with the others; it is shrunk to what the index shows. Topic shares are
smoothed by half a post; tenure is the share of the months observed with a post on the main topic.
Continuity: drift = 1 - cos(mean of the newest third of the posts, mean of the rest), less what chance alone
would give: the same split after the order of the posts is shuffled, 40 times from the creator's own posts. A
pivot is told only above the 95 % level of the shuffles, and from a drift of a tenth on. Source: SIGNALS.md section 7 (Waller & Anderson 2019). Failure: below five posts the niche is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from matching.signals import segments
from matching.signals.batch import DAY, Batch
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import NormalPosterior, shrink_normal

VERSION = "niche-2"
MONTH = 30.44 * DAY
LEAST_FOR_DRIFT = 8
SHUFFLES = 40
NOTABLE_DRIFT = 0.1
"""Drift beyond chance below which a change of subject is too small to be told, however certain."""


@dataclass(frozen=True, slots=True)
class NicheMeasure:
    """(n,) per creator. coherence: raw; variance: of the raw coherence; posts: with a vector. mean: (n, d)
    mean of the unit vectors (zero without posts). agreement: (p,) cosine of each post with the
    mean of the others. topics: (n, k) posts per topic; on_topic: posts with any topic. main: index of the
    main topic, -1 none. concentration: Herfindahl index, entropy: nats with the Miller-Madow correction.
    tenure: months with a post on the main topic / months observed; months: observed."""

    coherence: Floats
    variance: Floats
    posts: Ints
    mean: Floats
    agreement: Floats
    topics: Floats
    on_topic: Floats
    main: Ints
    concentration: Floats
    entropy: Floats
    tenure: Floats
    months: Floats
    drift: Drift


@dataclass(frozen=True, slots=True)
class Drift:
    """(n,) posts: with a vector, 0 below LEAST_FOR_DRIFT. drift: beyond chance (mean of the shuffles), 0..1; level:
    95 % of the shuffles beyond their mean; pivot: drift above it. recent_share, former_share: of the posts with a
    topic, on the main one, in the newest third and before. recent: (p,) the newest third."""

    posts: Ints
    drift: Floats
    level: Floats
    pivot: Bools
    recent_share: Floats
    former_share: Floats
    recent: Bools


def measure_niche(batch: Batch) -> NicheMeasure:
    coherence, variance, posts, mean, agreement = _coherence(batch)
    k, n, creator = len(batch.topics), batch.n, batch.post_creator
    topic = batch.posts.topic if batch.posts.topic is not None else np.full(len(creator), -1)
    known = topic >= 0
    counted = (
        np.bincount(creator[known] * max(k, 1) + topic[known], minlength=n * max(k, 1))
        .reshape(n, max(k, 1))
        .astype(np.float64)
    )
    total = counted.sum(axis=1)
    share = segments.divide(counted, total[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.nansum(np.where(share > 0, share * np.log(share), 0.0), axis=1)
    present = (counted > 0).sum(axis=1)
    main = np.where(total > 0, counted.argmax(axis=1), -1)
    tenure, months = _tenure(batch, topic, main)
    return NicheMeasure(
        coherence=coherence,
        variance=variance,
        posts=posts,
        mean=mean,
        agreement=agreement,
        topics=counted,
        on_topic=total,
        main=main,
        concentration=np.where(total > 0, (share**2).sum(axis=1), np.nan),
        entropy=np.where(total > 0, entropy + np.maximum(present - 1, 0) / (2.0 * np.maximum(total, 1)), np.nan),
        tenure=tenure,
        months=months,
        drift=_drift(batch, topic, main),
    )


def _drift(batch: Batch, topic: Ints, main: Ints) -> Drift:
    n, creator, vectors = batch.n, batch.post_creator, batch.posts.vectors
    size = len(creator)
    nothing, none = np.full(n, np.nan), np.zeros(n, bool)
    if vectors is None or size == 0:
        return Drift(np.zeros(n, np.int64), nothing, nothing, none, nothing, nothing, np.zeros(size, bool))
    seen = np.flatnonzero(np.einsum("ij,ij->i", vectors, vectors) > 0.25)
    order = seen[np.lexsort((-batch.posts.posted_at[seen], creator[seen]))]
    who = creator[order]
    held = segments.counts(who, n)
    enough = held >= LEAST_FOR_DRIFT
    order, who = order[enough[who]], who[enough[who]]
    held = np.where(enough, held, 0)
    newest = np.maximum(held // 3, 2)
    recent = np.zeros(size, bool)
    recent[order[segments.rank_within(who, n) < newest[who]]] = True
    raw, chance, level = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    first = np.cumsum(held) - held
    for count in np.unique(held[enough]).tolist():  # creators with as many posts at once
        alike = np.flatnonzero(held == count)
        own = vectors[order[first[alike][:, None] + np.arange(count)]]
        raw[alike], chance[alike], level[alike] = against_shuffles(own, int(newest[alike[0]]))
    drift = np.clip(raw - chance, 0.0, 1.0)
    on = (topic >= 0) & (topic == main[creator])
    told = topic >= 0

    def share(part: Bools) -> Floats:
        return segments.means(on[part & told], creator[part & told], n)

    kept = np.zeros(size, bool)
    kept[order] = True
    return Drift(
        held,
        drift,
        level - chance,
        enough & (raw > level) & (drift >= NOTABLE_DRIFT),
        share(recent),
        share(kept & ~recent),
        recent,
    )


def against_shuffles(own: np.ndarray, newest: int) -> tuple[Floats, Floats, Floats]:
    """own (g, k, d): unit vectors of g creators, newest first. Per creator: distance of the `newest` from the rest,
    mean and 95 % level of that distance after shuffling the order. By Gram matrices, for d is far above k."""
    splits = _shuffles(own.shape[1], newest)
    gram = own @ own.transpose(0, 2, 1)
    chosen = splits @ gram
    inside, across = np.einsum("gsk,sk->gs", chosen, splits), chosen.sum(axis=2)
    outside = gram.sum(axis=(1, 2))[:, None] - 2 * across + inside
    cosine = (across - inside) / np.sqrt(np.maximum(inside * outside, 1e-12))
    away = np.sort(1.0 - cosine[:, 1:].astype(np.float64), axis=1)
    return 1.0 - cosine[:, 0], away.mean(axis=1), away[:, int(np.ceil(0.95 * SHUFFLES)) - 1]


@cache
def _shuffles(n: int, newest: int) -> np.ndarray:
    """(SHUFFLES + 1, n) rows of 0 and 1 that choose `newest` posts: the true split first, then fixed shuffles
    of a counter-based generator, the same for everybody so that a score never depends on the company."""
    rows = np.zeros((SHUFFLES + 1, n), np.float32)
    rows[0, :newest] = 1.0
    counter = np.arange(SHUFFLES * n, dtype=np.uint64).reshape(SHUFFLES, n) + np.uint64(1)
    keys = counter * np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    chosen = np.argsort(keys ^ (keys >> np.uint64(31)), axis=1)[:, :newest]
    np.put_along_axis(rows[1:], chosen, 1.0, axis=1)
    return rows


def _coherence(batch: Batch) -> tuple[Floats, Floats, Ints, Floats, Floats]:
    n, creator, vectors = batch.n, batch.post_creator, batch.posts.vectors
    agreement = np.full(len(creator), np.nan)
    if vectors is None or len(vectors) == 0:
        nothing = np.full(n, np.nan)
        return nothing, nothing, np.zeros(n, np.int64), np.zeros((n, 256)), agreement
    seen = np.einsum("ij,ij->i", vectors, vectors) > 0.25
    whole = bool(seen.all())
    at, unit = (creator, vectors) if whole else (creator[seen], vectors[seen])
    count = segments.counts(at, n)
    total, own = _totals(unit, at, n)
    square = np.einsum("ij,ij->i", total, total, dtype=np.float64)
    pairs = np.where(count > 1, count, 2)
    raw = np.where(count > 1, (square - count) / (pairs * (pairs - 1.0)), np.nan)
    others = np.where(count[at] > 1, (own - 1.0) / np.maximum(count[at] - 1.0, 1.0), np.nan)
    agreement[seen] = others
    spread = segments.sums(np.nan_to_num(others - raw[at]) ** 2, at, n) / np.maximum(count - 1.0, 1.0)
    variance = np.where(count > 1, 4.0 * spread / np.maximum(count, 1), np.nan)
    return raw, variance, count, total / np.maximum(count, 1)[:, None], agreement


def mean_with(measure: NicheMeasure, extra: np.ndarray) -> Floats:
    """(n, d) unit vector of each creator: the mean of the posts and of one more text (zero row: none)."""
    total = measure.mean * measure.posts[:, None] + extra
    norm = np.sqrt(np.einsum("ij,ij->i", total, total))[:, None]
    return np.divide(total, norm, out=np.zeros_like(total), where=norm > 1e-6)


def _totals(values: np.ndarray, segment: Ints, n: int) -> tuple[np.ndarray, Floats]:
    """((n, d) sum of the rows of each segment, (m,) dot product of each row with the sum of its own).

    One small product per creator: a reduction over all rows at once walks the memory the wrong way round.
    """
    totals, dots = np.zeros((n, values.shape[1]), values.dtype), np.empty(len(values))
    bounds = np.append(np.flatnonzero(np.diff(segment, prepend=-1)), len(segment)).tolist()
    for first, last in pairwise(bounds):
        rows = values[first:last]
        totals[segment[first]] = total = rows.sum(axis=0)
        dots[first:last] = rows @ total
    return totals, dots


def _tenure(batch: Batch, topic: Ints, main: Ints) -> tuple[Floats, Floats]:
    n, creator = batch.n, batch.post_creator
    month = np.floor(batch.posts.posted_at / MONTH).astype(np.int64)
    observed = _distinct_months(creator, month, n)
    on = (topic >= 0) & (topic == main[creator])
    active = _distinct_months(creator[on], month[on], n)
    return segments.divide(active, observed), observed


def _distinct_months(creator: Ints, month: Ints, n: int) -> Floats:
    if len(creator) == 0:
        return np.zeros(n)
    low = int(month.min())
    span = int(month.max()) - low + 1
    return segments.counts(np.unique(creator * span + (month - low)) // span, n).astype(np.float64)


def estimate_coherence(measure: NicheMeasure, priors: Priors) -> NormalPosterior:
    """(n,) posterior of the coherence; its noise is the creator's own, mixed with the usual one when n is small."""
    mean, tau2, s2 = priors.normal_at("coherence")
    count = measure.posts.astype(np.float64)
    own = np.nan_to_num(measure.variance)
    usual = s2 / np.maximum(count, 1.0)
    noise = (own * count + usual * 5.0) / (count + 5.0)
    ones = np.ones(len(count))
    seen = (measure.posts > 1).astype(np.float64)
    return shrink_normal(measure.coherence, seen, mean * ones, tau2 * ones, np.maximum(noise, 1e-6))


def topic_shares(measure: NicheMeasure, most: int = 6) -> tuple[Ints, Floats]:
    """(n, most) topic indices by falling share, -1 none, and their shares (half a post of smoothing)."""
    k = measure.topics.shape[1]
    order = np.argsort(-measure.topics, axis=1, kind="stable")[:, :most]
    rows = np.arange(len(order))[:, None]
    held = measure.topics[rows, order]
    share = held / (measure.on_topic[:, None] + 0.5)
    index = np.where(held > 0, order, -1)
    if index.shape[1] < most:
        pad = ((0, 0), (0, most - k))
        return np.pad(index, pad, constant_values=-1), np.pad(share, pad)
    return index, share
