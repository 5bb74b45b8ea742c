"""Weights that move from where they stand only as far as outcomes push them.

    P(chosen | creator i in answer a) = logistic(c + Σ_f β_f·x_if)      x: family 0..100, minus the answer's mean, / 25
    β ~ N(s·w0, (s·SD)²)                w0: weights in force (shares), s: their scale, fitted first; c free
    MAP by Newton's method; weights = max(β, 0) / Σ max(β, 0); interval: Laplace, 1,000 draws, always the same ones

Every example counts by its propensity q (chance of having been seen): chosen and passed over min(1/q, 10), because
what was seldom seen and still acted on tells more; shown without an answer q, because what nobody looked at says
nothing. Both are brought to a mean of 1, so that n examples never count as more than n. An answer in which nobody
was chosen teaches nothing. Nothing is proposed under LEAST examples, LEAST_CHOSEN chosen and LEAST_ANSWERS answers,
nor where no weight surely left the weight in force (six intervals of 98.3 %, so that chance moves one in ten times
at most), nor where held-out answers are not told better.
Source: SIGNALS.md section 17 (Joachims et al. 2018 for the propensities). Failure: what people choose is not yet
what works; exposure bias stays where the propensity is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.contracts import FAMILIES
from matching.ranking.scale import FloatArray, IntArray, logistic

LEAST, LEAST_CHOSEN, LEAST_ANSWERS = 300, 40, 5
PRIOR_SD = 0.12
"""Of one weight, as a share of all: how far the published weights may reasonably be off."""
MOST_WEIGHT = 10.0
UNIT = 25.0
FOLDS = 5
DRAWS, SEED = 1000, 20_260_102
SURE = 100 * 0.1 / len(FAMILIES) / 2
"""Per cent left out on either side where six weights are looked at at once."""


@dataclass(frozen=True, slots=True)
class Examples:
    """(n,) rows. values (n, 6): families 0..100 in the order of FAMILIES. chosen: 1, passed or unanswered 0.
    judged: a person acted on it. propensity: 0..1, above 0. answer: which answer it stood in."""

    values: FloatArray
    chosen: FloatArray
    judged: FloatArray
    propensity: FloatArray
    answer: IntArray

    def take(self, rows: IntArray) -> Examples:
        return Examples(
            self.values[rows], self.chosen[rows], self.judged[rows], self.propensity[rows], self.answer[rows]
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """weights, low, high: (6,) shares summing to 1, and the 90 % interval of each. n, chosen, answers: the evidence.
    gain: held-out log-likelihood per example against the weights in force. verdict: "few", "same" or "change"."""

    weights: FloatArray
    low: FloatArray
    high: FloatArray
    n: int
    chosen: int
    answers: int
    gain: float
    verdict: str


def learn(examples: Examples, prior: FloatArray) -> Learned:
    """prior (6,): the weights in force, summing to 1."""
    told = _telling(examples)
    n, chosen, answers = len(told.chosen), int(told.chosen.sum()), len(np.unique(told.answer))
    if n < LEAST or chosen < LEAST_CHOSEN or answers < LEAST_ANSWERS:
        return Learned(prior, prior, prior, n, chosen, answers, 0.0, "few")
    weights, draws = _drawn(told, prior)
    low, high = _bounds(weights, draws, 5.0)
    surely_low, surely_high = _bounds(weights, draws, SURE)
    gain = _held_out(told, prior)
    proven = bool(((surely_low > prior) | (surely_high < prior)).any()) and gain > 0
    return Learned(weights, low, high, n, chosen, answers, gain, "change" if proven else "same")


def posterior(examples: Examples, prior: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(weights, low, high), each (6,): MAP shares and their 90 % interval. No examples: the prior."""
    if not len(examples.chosen):
        return prior, prior, prior
    weights, draws = _drawn(examples, prior)
    return weights, *_bounds(weights, draws, 5.0)


def _drawn(examples: Examples, prior: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(MAP shares (6,), draws of them (DRAWS, 6))."""
    x, y, importance = _design(examples)
    scale = _scale(x, y, importance, prior)
    mean = np.concatenate([[0.0], scale * prior])
    spread = np.full(len(FAMILIES), scale * PRIOR_SD)
    precision = np.diag(np.concatenate([[1e-4], spread**-2.0]))
    beta, hessian = _newton(np.column_stack([np.ones(len(y)), x]), y, importance, mean, precision)
    draws = np.random.default_rng(SEED).multivariate_normal(beta, np.linalg.inv(hessian), DRAWS, method="cholesky")
    return _shares(beta[None, 1:])[0], _shares(draws[:, 1:])


def _bounds(weights: FloatArray, draws: FloatArray, left_out: float) -> tuple[FloatArray, FloatArray]:
    low, high = np.percentile(draws, [left_out, 100 - left_out], axis=0)
    return np.minimum(low, weights), np.maximum(high, weights)


def importance_of(examples: Examples) -> FloatArray:
    """(n,) what each example counts, mean 1."""
    judged = examples.judged > 0
    raw = np.where(judged, np.minimum(1.0 / examples.propensity, MOST_WEIGHT), examples.propensity)
    out = np.ones(len(raw))
    for part in (judged, ~judged):
        if part.any():
            out[part] = raw[part] / raw[part].mean()
    return out


def _telling(examples: Examples) -> Examples:
    """Without the answers in which nobody was chosen."""
    used = np.unique(examples.answer[examples.chosen > 0])
    return examples.take(np.flatnonzero(np.isin(examples.answer, used)))


def _design(examples: Examples) -> tuple[FloatArray, FloatArray, FloatArray]:
    x = examples.values / UNIT
    _ids, row = np.unique(examples.answer, return_inverse=True)
    count = np.bincount(row)
    centre = np.stack([np.bincount(row, weights=x[:, k]) / count for k in range(x.shape[1])], axis=1)
    return x - centre[row], examples.chosen, importance_of(examples)


def _scale(x: FloatArray, y: FloatArray, importance: FloatArray, prior: FloatArray) -> float:
    """How strongly the weights in force already tell choices apart: β = s·w0, s between 0.5 and 8."""
    line = np.column_stack([np.ones(len(y)), x @ prior])
    beta, _h = _newton(line, y, importance, np.array([0.0, 2.0]), np.diag([1e-4, 0.25]))
    return float(np.clip(beta[1], 0.5, 8.0))


def _newton(
    x: FloatArray, y: FloatArray, importance: FloatArray, mean: FloatArray, precision: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(MAP, Hessian at it) of a weighted logistic regression with a Gaussian prior; the problem is convex."""
    beta, hessian = mean.copy(), precision
    for _round in range(60):
        p = logistic(x @ beta)
        gradient = x.T @ (importance * (p - y)) + precision @ (beta - mean)
        hessian = (x * (importance * p * (1 - p))[:, None]).T @ x + precision
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        beta = beta - step
        if float(np.abs(step).max()) < 1e-10:
            break
    return beta, hessian


def _shares(beta: FloatArray) -> FloatArray:
    kept = np.maximum(beta, 0.0)
    total = kept.sum(axis=1, keepdims=True)
    return np.where(total > 0, kept / np.where(total > 0, total, 1.0), 1.0 / beta.shape[1])


def _held_out(examples: Examples, prior: FloatArray) -> float:
    """Mean gain in log-likelihood on answers not learned from; folds by answer."""
    ids = np.unique(examples.answer)
    gains, weight = 0.0, 0.0
    for fold in range(min(FOLDS, len(ids))):
        inside = np.isin(examples.answer, ids[fold::FOLDS])
        train, test = examples.take(np.flatnonzero(~inside)), examples.take(np.flatnonzero(inside))
        if not len(test.chosen) or not train.chosen.any():
            continue
        learned, _draws = _drawn(train, prior)
        x, y, importance = _design(train)
        tx, ty, ti = _design(test)
        for weights, sign in ((learned, 1.0), (prior, -1.0)):
            line = np.column_stack([np.ones(len(y)), x @ weights])
            beta, _h = _newton(line, y, importance, np.array([0.0, 2.0]), np.diag([1e-4, 0.25]))
            p = np.clip(logistic(beta[0] + beta[1] * (tx @ weights)), 1e-9, 1 - 1e-9)
            gains += sign * float((ti * (ty * np.log(p) + (1 - ty) * np.log(1 - p))).sum())
        weight += float(ti.sum())
    return gains / weight if weight else 0.0
