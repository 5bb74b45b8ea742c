"""Calibration of the chance of acceptance by what creators answered: a prior that moves only with evidence.

    logit p' = a + b logit p,     a ~ N(0, .5^2),  b ~ N(1, .3^2),     MAP by Newton's method (Platt 1999 with a prior)

p is what the engine told before any calibration, the answers are those of invitations that followed a match
(silence counts as a no). Below LEAST answers nothing moves. Source: SIGNALS.md sections 15, 16. Failure: only those
who were invited are seen; a brand that asks the likely ones only learns about them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.ranking.scale import FloatArray, logistic

LEAST = 20
SHIFT_SD, SLOPE_SD = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Calibration:
    """shift a, slope b; n answers they rest on, 0 for the published prior."""

    shift: float = 0.0
    slope: float = 1.0
    n: int = 0

    def apply(self, logit: FloatArray) -> FloatArray:
        return self.shift + self.slope * logit


UNCALIBRATED = Calibration()


def fit_calibration(chance: FloatArray, accepted: FloatArray) -> Calibration:
    """chance (m,): told, 0..1; accepted (m,): 0 or 1."""
    if len(chance) < LEAST:
        return Calibration()
    p = np.clip(chance, 0.005, 0.995)
    x = np.stack([np.ones(len(p)), np.log(p / (1 - p))], axis=1)
    mean, precision = np.array([0.0, 1.0]), np.diag([SHIFT_SD**-2, SLOPE_SD**-2])
    w = mean.copy()
    for _ in range(25):
        q = logistic(x @ w)
        gradient = x.T @ (q - accepted) + precision @ (w - mean)
        step = np.linalg.solve((x * (q * (1 - q))[:, None]).T @ x + precision, gradient)
        w = w - step
        if float(np.abs(step).max()) < 1e-9:
            break
    return Calibration(round(float(w[0]), 4), round(max(float(w[1]), 0.1), 4), len(chance))


def calibration_error(chance: FloatArray, accepted: FloatArray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass: mean distance of told and seen."""
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    apart = [abs(float(chance[part].mean() - accepted[part].mean())) * len(part) for part in parts]
    return sum(apart) / max(len(chance), 1)
