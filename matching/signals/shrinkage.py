"""Empirical Bayes: a small sample is pulled towards what comparable creators show.

Normal-normal for logarithms of rates and for cosines, beta-binomial for shares. Priors come by the method
of moments from the installation's own index. Source: SIGNALS.md section 1; Robinson, "Introduction to
Empirical Bayes" (beta-binomial).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from matching.signals.segments import Floats

Z90 = 1.6448536269514722
"""Half-width of a 90 % interval in standard deviations."""


@dataclass(frozen=True, slots=True)
class NormalPosterior:
    """mean, sd (n,): posterior of the true value. weight (n,): trust in the raw value, 0..1."""

    mean: Floats
    sd: Floats
    weight: Floats

    @property
    def low(self) -> Floats:
        return self.mean - Z90 * self.sd

    @property
    def high(self) -> Floats:
        return self.mean + Z90 * self.sd


def shrink_normal(raw: Floats, n: Floats, mu: Floats, tau2: Floats, s2: Floats) -> NormalPosterior:
    """Posterior of theta ~ N(mu, tau2) seen as raw ~ N(theta, s2/n); n = 0 or raw NaN gives the prior.

    B = tau2 / (tau2 + s2/n); mean = B raw + (1-B) mu; sd = sqrt(tau2 (1-B)).
    """
    seen = (n > 0) & ~np.isnan(raw)
    safe_n = np.where(seen, np.maximum(n, 1e-9), 1.0)
    weight = np.where(seen, tau2 / (tau2 + s2 / safe_n), 0.0)
    mean = weight * np.where(seen, raw, 0.0) + (1.0 - weight) * mu
    return NormalPosterior(mean, np.sqrt(tau2 * (1.0 - weight)), weight)


@dataclass(frozen=True, slots=True)
class BetaPosterior:
    """Mean and 90 % interval (n,) of a share; alpha, beta of the posterior."""

    mean: Floats
    low: Floats
    high: Floats
    alpha: Floats
    beta: Floats


def shrink_share(hits: Floats, trials: Floats, alpha: Floats, beta: Floats) -> BetaPosterior:
    """Beta posterior of a share after `hits` of `trials`; both may be fractional (overdispersion, weights)."""
    a, b = alpha + hits, beta + np.maximum(trials - hits, 0.0)
    return BetaPosterior(a / (a + b), betaincinv(a, b, 0.05), betaincinv(a, b, 0.95), a, b)


def fit_beta(hits: Floats, trials: Floats, *, least: float = 1.0, most: float = 400.0) -> tuple[float, float]:
    """(alpha, beta) by moments over creators with trials > 0.

    m = sum x / sum n; between-creator variance from the weighted spread of x/n less its binomial part
    (Kleinman 1973); alpha + beta is kept within [least, most]. Raises ValueError below two creators.
    """
    use = trials > 0
    x, n = hits[use], trials[use]
    if len(n) < 2:
        raise ValueError("a share prior needs two creators")
    m = float(x.sum() / n.sum())
    m = min(max(m, 0.5 / (n.sum() + 1)), 1 - 0.5 / (n.sum() + 1))
    share = x / n
    spread = float((n * (share - m) ** 2).sum())
    k = len(n)
    scale = float(n.sum() - (n**2).sum() / n.sum())
    rho = (spread - m * (1 - m) * (k - 1)) / (m * (1 - m) * max(scale - (k - 1), 1e-9))
    strength = most if rho <= 0 else 1.0 / rho - 1.0
    strength = float(np.clip(strength, least, most))
    return m * strength, (1 - m) * strength


@dataclass(frozen=True, slots=True)
class LinearPrior:
    """mu = intercept + slope x + effect of the category; tau2 between creators, s2 within; n creators."""

    intercept: float
    slope: float
    tau2: float
    s2: float
    n: int
    categories: dict[str, float]


def fit_linear(
    mean: Floats, n: Floats, within: Floats, dof: Floats, x: Floats, category: np.ndarray, *, tau2_floor: float = 0.02
) -> LinearPrior:
    """Weighted least squares with shrunk category effects and moment variances.

    mean (c,): creator's mean log rate over n (c,) effective posts. within (c,): sum of squared deviations
    inside the creator, with dof (c,) degrees of freedom. category (c,): strings, "" unknown.
    """
    s2 = float(within.sum() / dof.sum()) if dof.sum() > 0 else 0.35
    tau2, effect = 0.6, np.zeros(len(mean))
    names, code = np.unique(category, return_inverse=True)
    levels = np.zeros(len(names))
    intercept = slope = 0.0
    for _ in range(8):
        weight = 1.0 / (tau2 + s2 / n)
        x0 = float((weight * x).sum() / weight.sum())
        y = mean - effect
        y0 = float((weight * y).sum() / weight.sum())
        sxx = float((weight * (x - x0) ** 2).sum())
        slope = float((weight * (x - x0) * (y - y0)).sum() / sxx) if sxx > 1e-9 else 0.0
        intercept = y0 - slope * x0
        residual = mean - intercept - slope * x
        levels = _levels(residual, weight, code, names)
        effect = levels[code]
        left = residual - effect
        tau2 = float((weight * left**2).sum() / weight.sum() - (weight * (s2 / n)).sum() / weight.sum())
        tau2 = max(tau2, tau2_floor)
    return LinearPrior(
        intercept,
        slope,
        tau2,
        s2,
        len(mean),
        {str(name): float(v) for name, v in zip(names, levels, strict=True) if name},
    )


def _levels(residual: Floats, weight: Floats, code: np.ndarray, names: np.ndarray) -> Floats:
    """Category effects, each shrunk to 0 by its own precision against the spread between categories."""
    total = np.bincount(code, weight, minlength=len(names))
    raw = np.bincount(code, weight * residual, minlength=len(names)) / np.maximum(total, 1e-12)
    raw[names == ""] = 0.0
    named = names != ""
    spread = max(float(np.average(raw[named] ** 2, weights=total[named])) if named.any() else 0.0, 1e-4)
    return np.where(named, raw * spread / (spread + 1.0 / np.maximum(total, 1e-12)), 0.0)
