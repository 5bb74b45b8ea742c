"""Audience authenticity from a sample of followers: a range, never a point.

Each sampled account gets a calibrated chance p of being automated from counts and the shape of its name
(logistic regression on hand-labelled followers, weights/audience.json). Two estimates of the share follow:

    PCC = mean p            ACC = (CC - fpr) / (tpr - fpr),   CC = share with p > 1/2

    range = [min(PCC, ACC), max(PCC, ACC)] +- 1.64 sqrt(s(1-s)/n) +- 5 points of model error

Ranking of accounts carries over between sets, shares do not (errors up to 44 points: SIGNALS.md 0.5), so the
range is withheld below 200 people and where the sample does not resemble the training set:

    separation = Phi(sqrt(d' S^-1 d) / sqrt 2) > .75,   d = difference of the mean features, S pooled covariance

which is the AUC of the best linear rule that tells the sample from the training set. "Follows more than 1,500"
is no sign: 44 % of random followers of real creators do. Source: SIGNALS.md sections 0.5, 5a; SRF Data 2017.
Failure: labels are partly circular; careful fakes; another network than Instagram.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from matching.signals import segments
from matching.signals.batch import Batch
from matching.signals.segments import Bools, Floats, Ints

VERSION = "audience-1"
LEAST_PEOPLE = 200
MODEL_ERROR = 0.05
MOST_SEPARATE = 0.75
HALF_WIDTH = 1.64


@dataclass(frozen=True, slots=True)
class AudienceEstimate:
    """(a,) per account. people: sampled. low, high: share of automated accounts, NaN withheld. separation: 0.5..1
    from the training set. few, unlike: why it is withheld."""

    people: Ints
    low: Floats
    high: Floats
    separation: Floats
    few: Bools
    unlike: Bools


def describe(people: NDArray[Any]) -> Floats:
    """(m, 8) FEATURES -> (m, 9) inputs of the rule; an unknown cell counts as 0."""
    known = np.nan_to_num(np.asarray(people, np.float64))
    posts, following, followers, picture, private, length, digits, ends = known.T
    post, follow, fans = np.log1p(posts), np.log1p(following), np.log1p(followers)
    share = digits / np.maximum(length, 1.0)
    return np.stack([post, follow, fans, follow - fans, picture, private, share, length, ends], axis=1)


@cache
def weights() -> dict[str, Any]:
    """Parameters fitted by `python -m benchmarks.training.audience`."""
    read = json.loads((files("matching.signals") / "weights" / "audience.json").read_text(encoding="utf-8"))
    return {name: np.array(value) if isinstance(value, list) else value for name, value in read.items()}


def chance_automated(people: NDArray[Any]) -> Floats:
    """(m,) calibrated chance of each sampled account. people: (m, 8) FEATURES."""
    w = weights()
    return expit(((describe(people) - w["centre"]) / w["scale"]) @ w["weights"] + w["bias"])


def estimate_audience(batch: Batch) -> AudienceEstimate:
    n = len(batch.accounts.id)
    nothing = np.full(n, np.nan)
    sample = batch.further.audience
    if sample is None or len(sample.account) == 0:
        no = np.zeros(n, bool)
        return AudienceEstimate(np.zeros(n, np.int64), nothing, nothing, nothing, no, no)
    p, held = chance_automated(sample.people), segments.counts(sample.account, n)
    low, high = share_range(segments.means(p, sample.account, n), segments.means(p > 0.5, sample.account, n), held)
    apart = _separations(describe(sample.people), sample.account, held)
    few, unlike = (held > 0) & (held < LEAST_PEOPLE), apart > MOST_SEPARATE
    shown = (held >= LEAST_PEOPLE) & ~unlike
    return AudienceEstimate(held, np.where(shown, low, np.nan), np.where(shown, high, np.nan), apart, few, unlike)


def share_range(probable: Floats, counted: Floats, people: Ints) -> tuple[Floats, Floats]:
    """(low, high) share of automated accounts from mean p, share with p > 1/2, and how many people were sampled."""
    w = weights()
    adjusted = np.clip((counted - w["fpr"]) / (w["tpr"] - w["fpr"]), 0.0, 1.0)
    least, most = np.minimum(probable, adjusted), np.maximum(probable, adjusted)

    def width(share: Floats) -> Floats:
        return HALF_WIDTH * np.sqrt(share * (1 - share) / np.maximum(people, 1)) + MODEL_ERROR

    return np.maximum(least - width(least), 0.0), np.minimum(most + width(most), 1.0)


def _separations(inputs: Floats, account: Ints, held: Ints) -> Floats:
    """(a,) AUC of the best linear rule between each sample and the training set; NaN below ten people."""
    w, out = weights(), np.full(len(held), np.nan)
    for row in np.flatnonzero(held >= 10).tolist():
        own = inputs[account == row]
        pooled = (np.cov(own.T) + w["covariance"]) / 2 + 1e-6 * np.eye(inputs.shape[1])
        apart = own.mean(axis=0) - w["mean"]
        # the squared distance of two equal populations is d/n by chance alone
        square = float(apart @ np.linalg.solve(pooled, apart)) - inputs.shape[1] * (1 / held[row] + 1 / w["n"])
        out[row] = ndtr(np.sqrt(max(square, 0.0) / 2))
    return out
