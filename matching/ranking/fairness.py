"""Whether groups of creators are seen as often as others of equal merit.

    exposure(place)   e = 1 / log2(1 + place)
    merit             mean of affinity, audience and posture: what the creator does, without what size or newness
                      may move by themselves (reliability, economy and willingness are left out)
    expected          of one place: mean exposure of all creators of the same answer and the same third of merit
    ratio of a group  Σ exposure / Σ expected;  1 = seen as often as others who are as good for the brief

The 90 % interval resamples creators (they, not places, are what we have few of), 400 draws, always the same ones.
A group is told from LEAST_PLACES places and LEAST_CREATORS creators on; called uneven only where the whole interval
lies outside [0.8, 1.25]. Source: Singh and Joachims 2018; SIGNALS.md section 19. Failure: only those proposed are
seen here; a group that never reaches an answer is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.ranking.exploration import examination
from matching.ranking.scale import FloatArray, IntArray

LEAST_PLACES, LEAST_CREATORS = 30, 10
FAIR = (0.8, 1.25)
THIRDS = 3
DRAWS, SEED = 400, 20_260_101


@dataclass(frozen=True, slots=True)
class Places:
    """(m,) columns, a row per creator proposed. answer, creator: ids. rank: from 1. merit: 0..100. group: its name."""

    answer: IntArray
    creator: IntArray
    rank: IntArray
    merit: FloatArray


@dataclass(frozen=True, slots=True)
class Share:
    """One group. ratio, low, high: None where too few were seen. verdict: "", "less", "more" or "even"."""

    group: str
    places: int
    creators: int
    ratio: float | None
    low: float | None
    high: float | None
    verdict: str


def expected(seen: Places) -> FloatArray:
    """(m,) mean exposure among those of the same answer and third of merit."""
    exposure = examination(seen.rank)
    out = np.empty(len(exposure))
    for answer in np.unique(seen.answer):
        rows = np.flatnonzero(seen.answer == answer)
        # Ranks of merit, not its values: thirds stay thirds where many are alike.
        order = np.empty(len(rows), dtype=np.int64)
        order[np.lexsort((seen.creator[rows], seen.merit[rows]))] = np.arange(len(rows))
        third = order * THIRDS // max(len(rows), 1)
        for part in np.unique(third):
            here = rows[third == part]
            out[here] = exposure[here].mean()
    return out


def shares(seen: Places, groups: Sequence[str]) -> tuple[Share, ...]:
    """Every group of `groups` (m,), largest first; "" is nobody's group and left out."""
    exposure, wanted = examination(seen.rank), expected(seen)
    names = np.asarray(groups, dtype=object)
    found = [
        _share(str(name), seen.creator[names == name], exposure[names == name], wanted[names == name])
        for name in dict.fromkeys(groups)
        if name
    ]
    return tuple(sorted(found, key=lambda one: (-one.places, one.group)))


def _share(name: str, creator: IntArray, exposure: FloatArray, wanted: FloatArray) -> Share:
    people, row = np.unique(creator, return_inverse=True)
    if len(exposure) < LEAST_PLACES or len(people) < LEAST_CREATORS:
        return Share(name, len(exposure), len(people), None, None, None, "")
    got = np.bincount(row, weights=exposure)
    due = np.bincount(row, weights=wanted)
    draws = np.random.default_rng(SEED).integers(0, len(people), (DRAWS, len(people)))
    ratios = got[draws].sum(axis=1) / due[draws].sum(axis=1)
    low, high = (float(bound) for bound in np.percentile(ratios, [5, 95]))
    verdict = "less" if high < FAIR[0] else "more" if low > FAIR[1] else "even"
    return Share(name, len(exposure), len(people), float(got.sum() / due.sum()), low, high, verdict)
