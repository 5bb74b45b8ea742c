"""Sentiment of comments, French and English, and its change: corrected for the classifier's own errors.

    chance    multinomial logistic regression over hashed words and pairs of words, phrase counts and marks
    shares    pi = argmin |C pi - mean chance|,  pi >= 0, sum pi = 1;   C[k, j] = mean chance of k where j is true
    change    (pi+ - pi-) after - before, less the same of other posts in the same weeks where given

C comes from cross-validation (weights/sentiment.npz). Counting labels alone errs by .19 on two French samples of
200, the corrected shares by .14 (docs/benchmarks.md). The interval is a bootstrap over groups (author or post),
by fixed weights of a counter, and the change is told from LEAST comments on each side on and where the interval
leaves 0 out. Trained on French and English tweets (Apache-2.0) by `python -m benchmarks.training.sentiment`; only
parameters are kept. Source: SIGNALS.md sections 0.6, 11; Daughton & Paul 2021. Failure: irony; comments are not
tweets, so that C drifts: 200 labels of one's own comments are better.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from matching.signals.comments import ENGLISH, FRENCH
from matching.signals.lexicon import load
from matching.signals.segments import Floats, Ints
from matching.signals.text import TextColumn, phrase_hashes, words_of

VERSION = "sentiment-1"
CLASSES = ("negative", "neutral", "positive")
BITS = 14
LEAST = 200
DRAWS = 200
PHRASES = ("praise", "critical", "hostile", "recommend", "opinion", "reasoning", "plea")
LANGUAGES = {FRENCH: "fr", ENGLISH: "en"}


@dataclass(frozen=True, slots=True)
class Features:
    """Of n texts: hashed columns of their words and pairs (m,), the text of each, and (n, f) dense features."""

    text: Ints
    column: Ints
    dense: Floats
    n: int


def features(texts: TextColumn) -> Features:
    words = words_of(texts)
    pairs, first = phrase_hashes(words, 2)
    text = np.concatenate([words.text, words.text[first]])
    column = (np.concatenate([words.hash, pairs]) >> np.uint64(64 - BITS)).astype(np.int64)
    unique = np.unique(text * (1 << BITS) + column)
    hits = load("comments").find(words)
    counts = [np.minimum(hits.count(name), 3) / 3 for name in PHRASES]
    marks = [
        np.minimum(words.n_exclaims, 3) / 3,
        np.minimum(words.n_questions, 3) / 3,
        np.minimum(words.n_emoji, 3) / 3,
        np.minimum(words.n_hashtags, 5) / 5,
        np.minimum(words.n_mentions, 3) / 3,
        np.log1p(words.n_plain) / 4,
    ]
    return Features(unique >> BITS, unique & ((1 << BITS) - 1), np.stack([*counts, *marks], axis=1), words.n)


@cache
def _weights() -> dict[str, NDArray[np.float64]]:
    with (files("matching.signals") / "weights" / "sentiment.npz").open("rb") as packed, np.load(packed) as kept:
        return {name: kept[name].astype(np.float64) for name in kept.files}


def chances(texts: TextColumn, language: NDArray[np.int8]) -> Floats:
    """(n, 3) chance of each class; NaN rows where the language is neither French nor English."""
    found, out = features(texts), np.full((texts.n, 3), np.nan)
    length = np.sqrt(np.maximum(np.bincount(found.text, minlength=texts.n), 1))
    for code, name in LANGUAGES.items():
        w, here = _weights(), language == code
        if not here.any():
            continue
        score = np.stack(
            [
                np.bincount(found.text, w[f"{name}_words"][found.column, k], minlength=texts.n) / length
                for k in range(3)
            ],
            axis=1,
        )
        score += found.dense @ w[f"{name}_dense"] + w[f"{name}_bias"]
        score = np.exp(score - score.max(axis=1, keepdims=True))
        out[here] = (score / score.sum(axis=1, keepdims=True))[here]
    return out


def confusion(language: int) -> Floats:
    """(3, 3) mean chance of class k where j is true."""
    return _weights()[f"{LANGUAGES[language]}_confusion"]


def shares(mean: Floats, matrix: Floats) -> Floats:
    """(3,) shares of the classes from the mean chances (3,)."""
    solved, _rest = nnls(np.vstack([matrix, 10.0 * np.ones(3)]), np.append(mean, 10.0))
    total = solved.sum()
    return solved / total if total > 0 else np.full(3, 1 / 3)


def balance(chance: Floats, matrix: Floats) -> float:
    """Positive less negative share, corrected. chance (n, 3)."""
    found = shares(chance.mean(axis=0), matrix)
    return float(found[2] - found[0])


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison in one language: chances (n, 3), the group (author or post) of each comment."""

    chance: Floats
    group: Ints

    @property
    def n(self) -> int:
        return len(self.chance)


@dataclass(frozen=True, slots=True)
class Shift:
    """Change of the balance (-2..2) with its 90 % interval. told: enough comments and an interval without 0.
    n: comments of the smallest side."""

    value: float
    low: float
    high: float
    n: int
    told: bool


def shift(
    before: Side, after: Side, language: int, *, other_before: Side | None = None, other_after: Side | None = None
) -> Shift:
    """Change from before to after; with both others, less the change of the creator's other posts meanwhile."""
    sides = [(before, -1.0), (after, 1.0)]
    if other_before is not None and other_after is not None:
        sides += [(other_before, 1.0), (other_after, -1.0)]
    n = min(side.n for side, _sign in sides)
    if n == 0:
        return Shift(float("nan"), float("nan"), float("nan"), 0, False)
    matrix = confusion(language)
    value = sum(sign * balance(side.chance, matrix) for side, sign in sides)
    draws = np.zeros(DRAWS)
    for number, (side, sign) in enumerate(sides):
        draws += sign * _draws(side, matrix, number)
    low, high = (float(bound) for bound in np.quantile(draws, [0.05, 0.95]))
    low, high = min(low, value), max(high, value)
    return Shift(value, low, high, n, n >= LEAST and not low <= 0.0 <= high)


def _draws(side: Side, matrix: Floats, number: int) -> Floats:
    """(DRAWS,) balances under exponential weights of the groups (Bayesian bootstrap), always the same ones."""
    _names, group = np.unique(side.group, return_inverse=True)
    count = int(group.max()) + 1
    total = np.stack([np.bincount(group, side.chance[:, k], minlength=count) for k in range(3)], axis=1)
    size = np.bincount(group, minlength=count).astype(np.float64)
    counter = np.arange(DRAWS * count, dtype=np.uint64) + np.uint64((number + 1) << 40)
    keys = counter * np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    uniform = ((keys ^ (keys >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2**53
    weight = -np.log(np.maximum(uniform, 1e-12)).reshape(DRAWS, count)
    means = (weight @ total) / (weight @ size)[:, None]
    found = np.array([shares(mean, matrix) for mean in means])
    return found[:, 2] - found[:, 0]
