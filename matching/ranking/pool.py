"""What ranking takes in: candidates as columns, the population they are compared with, and the wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from matching.ranking.calibration import UNCALIBRATED, Calibration
from matching.ranking.scale import FloatArray, IntArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """n candidates that passed every hard limit. Every array is (n,); NaN means unknown, never 0.

    similarity, topic_similarity: cosine of the creator's vector with the brief and with its subject.
    evidence: mean cosine of the creator's five closest posts (NaN until loaded). posts: posts seen.
    on_subject: of `recent` posts read one by one, those on the brief's subject (both NaN until loaded).
    lexical: 0..1, rarity-weighted share of the brief's words the creator uses.
    niche, audience, posture, reliability (and _low, _high): 0..100 among comparable creators.
    price: expected EUR for one collaboration, with its 90 % band; min_fee: EUR, from the terms.
    reward: qualified engagements expected from one post (followers × engagement rate × qualified share).
    wants_topic, accepts_form, accepts_in_kind: 1 yes, 0 no, NaN not said. reply: 0..100 among comparable.
    competitor_days: since the last partnership with a competitor.
    sponsored: share 0..1. open_invitations: count. quiet_days: since the last post. risks: independent proofs of
    an unusual audience. wishes: name of a soft wish → True where it is met.
    """

    creator_id: IntArray
    similarity: FloatArray
    topic_similarity: FloatArray
    posts: FloatArray
    lexical: FloatArray
    evidence: FloatArray
    on_subject: FloatArray
    recent: FloatArray
    niche: FloatArray
    niche_low: FloatArray
    niche_high: FloatArray
    audience: FloatArray
    audience_low: FloatArray
    audience_high: FloatArray
    posture: FloatArray
    posture_low: FloatArray
    posture_high: FloatArray
    reliability: FloatArray
    reliability_low: FloatArray
    reliability_high: FloatArray
    price: FloatArray
    price_low: FloatArray
    price_high: FloatArray
    min_fee: FloatArray
    reward: FloatArray
    wants_topic: FloatArray
    accepts_form: FloatArray
    accepts_in_kind: FloatArray
    claimed: FloatArray
    sponsored: FloatArray
    open_invitations: FloatArray
    quiet_days: FloatArray
    risks: FloatArray
    competitor_days: FloatArray
    wishes: Mapping[str, BoolArray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.creator_id)

    def take(self, index: IntArray) -> Pool:
        """The same columns for the rows at `index`, in that order."""
        columns = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "wishes"}
        return Pool(**columns, wishes={name: met[index] for name, met in self.wishes.items()})

    @classmethod
    def of(cls, creator_id: IntArray, wishes: Mapping[str, BoolArray] | None = None, **columns: FloatArray) -> Pool:
        """A pool from the columns that are known; every other one is unknown (NaN; counts are 0)."""
        n = len(creator_id)
        unknown = {f.name: np.full(n, np.nan) for f in fields(cls) if f.name not in ("creator_id", "wishes")}
        unknown |= {name: np.zeros(n) for name in ("posts", "lexical", "open_invitations", "risks")}
        given = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
        return cls(creator_id=np.asarray(creator_id, dtype=np.int64), wishes=dict(wishes or {}), **(unknown | given))


@dataclass(frozen=True, slots=True)
class Reference:
    """The comparable population, measured against the same brief.

    similarity, topic_similarity: (m,) a seeded sample of the whole index. candidates: (c,) topic_similarity of
    everyone retrieved for the brief; empty where nobody else was.
    """

    similarity: FloatArray
    topic_similarity: FloatArray
    candidates: FloatArray = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, slots=True)
class Wish:
    """The numbers of a brief that scoring needs. budget: EUR for one creator, None when not said. calibration: of the
    chance of acceptance."""

    budget: float | None = None
    in_kind_only: bool = False
    calibration: Calibration = UNCALIBRATED


@dataclass(frozen=True, slots=True)
class Estimate:
    """One family of n candidates as normal scores: mean (n,), sd (n,), and the parts that moved it.

    parts: name → (n,) points of z; their sum is z. coverage: 0..1, share of what was wanted that was there.
    """

    z: FloatArray
    sd: FloatArray
    coverage: FloatArray
    parts: Mapping[str, FloatArray] = field(default_factory=dict)


def combine(inputs: Mapping[str, tuple[float, FloatArray, FloatArray]]) -> Estimate:
    """Weighted inputs name → (weight, z mean (n,), sd (n,)) → one score with unit prior variance.

    z = Σ a·m / |a| and sd = sqrt(Σ a²·s²) / |a|, so all unknown (m 0, s 1) gives 0 with sd 1, and a
    weight of 0 takes its input out entirely. Inputs are taken as independent: correlated ones make the
    interval a little too narrow. A NaN mean is unknown.
    """
    norm = float(np.sqrt(sum(weight**2 for weight, _, _ in inputs.values()))) or 1.0
    wanted = sum(weight for weight, _, _ in inputs.values()) or 1.0
    n = len(next(iter(inputs.values()))[1])
    total, variance, coverage = np.zeros(n), np.zeros(n), np.zeros(n)
    parts: dict[str, FloatArray] = {}
    for name, (weight, mean, sd) in inputs.items():
        unknown = np.isnan(mean)
        spread = np.where(unknown, 1.0, np.clip(sd, 0.0, 1.0))
        parts[name] = weight / norm * np.where(unknown, 0.0, mean)
        total += parts[name]
        variance += (weight / norm * spread) ** 2
        coverage += weight / wanted * np.where(unknown, 0.0, 1 - spread**2)
    return Estimate(total, np.sqrt(variance), coverage, parts)
