"""Overlap of audiences from sketches of the people who comment: estimates with errors, or "unknown".

Each creator keeps the k smallest hashes of its commenters (keyed pseudonyms, `AudienceSketch`). For a set of
creators, with h_(k) the k-th smallest hash of their union as a fraction of the hash range:

    |union| = (k - 1) / h_(k)              relative error 1 / sqrt(k - 2)
    J = |k smallest of A u B in both| / k   error sqrt(J (1 - J) / k)
    |A n B| = J |A u B|

An audience of which all people fit into its sketch is counted exactly. Pairwise overlap is told as the share of
the smaller audience, as the trade does; `unique` is the union, `exclusive` the people of one creator only, and
the expected frequency is sum / union. Below 100 people in either sketch the overlap is unknown: commenters are a
sample of the audience, and a small one meets by chance (SIGNALS.md section 13). HyperLogLog is not used: its
intersections by inclusion and exclusion fail when they are small (Ertl 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.signals import segments
from matching.signals.segments import Floats, Ints
from matching.signals.text import Hashes

VERSION = "overlap-1"
WIDTH = 256
LEAST_PEOPLE = 100
_RANGE = float(2**64)
_Z90 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class Sketch:
    """hashes: the smallest `WIDTH` or fewer, ascending. people: distinct commenters known."""

    hashes: Hashes
    people: int

    @property
    def whole(self) -> bool:
        return self.people <= len(self.hashes)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A count or a share with its 90 % interval; known is False where the samples are too small to say."""

    value: float
    low: float
    high: float
    known: bool = True

    @classmethod
    def unknown(cls) -> Estimate:
        return cls(float("nan"), float("nan"), float("nan"), False)


def sketches(author: Hashes, creator: Ints, n: int) -> list[Sketch]:
    """Sketches of n creators from comments: author hash (0 unknown) and creator of each."""
    known = author != 0
    author, creator = spread(author[known]), creator[known]
    order = np.lexsort((author, creator))
    author, creator = author[order], creator[order]
    new = np.ones(len(author), bool)
    new[1:] = (author[1:] != author[:-1]) | (creator[1:] != creator[:-1])
    author, creator = author[new], creator[new]
    people = segments.counts(creator, n)
    kept = segments.rank_within(creator, n) < WIDTH
    ends = np.cumsum(np.minimum(people, WIDTH))
    parts = np.split(author[kept], ends[:-1]) if n else []
    return [Sketch(part, int(count)) for part, count in zip(parts, people.tolist(), strict=True)]


def spread(hashes: Hashes) -> Hashes:
    """The same identities, evenly spread over the range (splitmix64 finaliser)."""
    values = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def union(parts: Sequence[Sketch]) -> Estimate:
    """People in any of the audiences."""
    if not parts or any(part.people < LEAST_PEOPLE for part in parts):
        return Estimate.unknown()
    return _union(parts)[0]


def _union(parts: Sequence[Sketch]) -> tuple[Estimate, Hashes]:
    """The estimate and the sample of the union it rests on (ascending, at most the smallest common width)."""
    merged = np.unique(np.concatenate([part.hashes for part in parts]))
    if all(part.whole for part in parts):
        exact = float(len(merged))
        return Estimate(exact, exact, exact), merged
    # below the greatest hash of every cut sketch each of them is complete
    limit = min(int(part.hashes[-1]) for part in parts if not part.whole)
    sample = merged[merged <= np.uint64(limit)]
    k = len(sample)
    value = (k - 1) / ((limit + 1) / _RANGE) if k > 1 else float(k)
    value = max(value, float(max(part.people for part in parts)))
    error = value / np.sqrt(max(k - 2, 1))
    most = float(sum(part.people for part in parts))
    least = float(max(part.people for part in parts))
    value = min(value, most)
    return Estimate(value, max(value - _Z90 * error, least), min(value + _Z90 * error, most)), sample


def intersection(a: Sketch, b: Sketch) -> Estimate:
    """People in both audiences."""
    if min(a.people, b.people) < LEAST_PEOPLE:
        return Estimate.unknown()
    whole, sample = _union([a, b])
    k = len(sample)
    both = int(np.isin(sample, a.hashes, assume_unique=True)[np.isin(sample, b.hashes, assume_unique=True)].sum())
    if a.whole and b.whole:
        return Estimate(float(both), float(both), float(both))
    share = both / max(k, 1)
    # half a person of smoothing: none seen does not mean none there
    smooth = (both + 0.5) / (k + 1)
    error = np.sqrt(smooth * (1 - smooth) / max(k, 1) + (share / np.sqrt(max(k - 2, 1))) ** 2) * whole.value
    most = float(min(a.people, b.people))
    value = min(share * whole.value, most)
    return Estimate(value, max(value - _Z90 * error, 0.0), min(value + _Z90 * error, most))


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Of m creators. people: (m,) commenters known. shared: m x m estimates of |A n B| (the diagonal: itself).
    of_smaller: m x m share of the smaller audience. total: sum; unique: union; exclusive: m people who comment this
    one only; frequency: sum / union."""

    people: Ints
    shared: list[list[Estimate]]
    of_smaller: list[list[Estimate]]
    total: float
    unique: Estimate
    exclusive: list[Estimate]
    frequency: Estimate


def overlaps(parts: Sequence[Sketch]) -> Overlaps:
    m = len(parts)
    people = np.array([part.people for part in parts], np.int64)
    shared = [[Estimate.unknown()] * m for _ in range(m)]
    of_smaller = [[Estimate.unknown()] * m for _ in range(m)]
    for i in range(m):
        own = float(people[i])
        shared[i][i] = Estimate(own, own, own) if own >= LEAST_PEOPLE else Estimate.unknown()
        for j in range(i):
            both = intersection(parts[i], parts[j])
            smaller = float(min(people[i], people[j]))
            shared[i][j] = shared[j][i] = both
            of_smaller[i][j] = of_smaller[j][i] = scaled(both, smaller)
    total, whole = float(people.sum()), union(parts)
    alone = [_exclusive(parts, i, whole) for i in range(m)]
    met = Estimate(total / whole.value, total / whole.high, total / whole.low) if whole.known else Estimate.unknown()
    return Overlaps(people, shared, of_smaller, total, whole, alone, met)


def scaled(estimate: Estimate, by: float) -> Estimate:
    if not estimate.known or by <= 0:
        return Estimate.unknown()
    return Estimate(min(estimate.value / by, 1.0), min(estimate.low / by, 1.0), min(estimate.high / by, 1.0))


def _exclusive(parts: Sequence[Sketch], row: int, whole: Estimate) -> Estimate:
    if not whole.known:
        return Estimate.unknown()
    others = [part for k, part in enumerate(parts) if k != row]
    if not others:
        return whole
    rest = _union(others)[0]
    own = float(parts[row].people)

    def kept(value: float) -> float:
        return min(max(value, 0.0), own)

    if whole.low == whole.high and rest.low == rest.high:
        exact = kept(whole.value - rest.value)
        return Estimate(exact, exact, exact)
    _sizes, sample = _union(parts)
    mine = np.isin(sample, parts[row].hashes, assume_unique=True)
    met = np.zeros(len(sample), bool)
    for other in others:
        met |= np.isin(sample, other.hashes, assume_unique=True)
    k, alone = len(sample), int((mine & ~met).sum())
    share = alone / max(k, 1)
    error = np.sqrt(share * (1 - share) / max(k, 1) + (share / np.sqrt(max(k - 2, 1))) ** 2) * whole.value
    value = share * whole.value
    return Estimate(kept(value), kept(value - _Z90 * error), kept(value + _Z90 * error))


def audience_shares(estimates: Sequence[Estimate], people: Sequence[float]) -> Floats:
    """(m,) exclusive share of each audience, NaN unknown."""
    return np.array([e.value / p if e.known and p else np.nan for e, p in zip(estimates, people, strict=True)])
