"""How a content's engagement grew: half-life, t90, what came after a week. Pure: numbers in, numbers out.

Cumulative engagement is interpolated linearly between readings, from 0 at publication (DEFINITIONS 2.8). Still growing:
the last 24 hours added more than 1 %; then every time is a lower bound. From comment times, a lognormal cut off at the
content's age (SIGNALS 12) gives the half-life of its conversation with a 90 % interval by parametric bootstrap.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from matching.signals.longevity import LEAST_COMMENTS, truncated_lognormal

FORMULA = "curve-2"
GROWING = 0.01
DRAWS = 400


def reached(points: Sequence[tuple[float, float]], share: float) -> float | None:
    """Hours until `share` of the last value. points: (hours since publication, cumulative), rising in time."""
    line = _line(points)
    if len(line) < 2 or line[-1][1] <= 0:
        return None
    goal = share * line[-1][1]
    for (h0, v0), (h1, v1) in itertools.pairwise(line):
        if v1 >= goal:
            return h0 if v1 == v0 else h0 + (goal - v0) / (v1 - v0) * (h1 - h0)
    return None


def _line(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """From (0, 0) on, never falling: a counter that falls was cleaned by the network, its earlier value stands."""
    line: list[tuple[float, float]] = [(0.0, 0.0)]
    for hours, value in sorted(points):
        if hours > line[-1][0]:
            line.append((hours, max(value, line[-1][1])))
        elif hours == 0:
            line[0] = (0.0, max(0.0, value))
    return line


def value_at(points: Sequence[tuple[float, float]], hours: float) -> float | None:
    """Cumulative value at that age, None beyond the last reading."""
    line = _line(points)
    if hours > line[-1][0]:
        return None
    return float(np.interp(hours, [h for h, _v in line], [v for _h, v in line]))


def growing(points: Sequence[tuple[float, float]]) -> bool | None:
    """Whether the last 24 hours added more than 1 % of the whole; None with a single reading."""
    line = _line(points)
    if len(line) < 3 or line[-1][1] <= 0:
        return None
    before = value_at(points, max(0.0, line[-1][0] - 24.0)) or 0.0
    return (line[-1][1] - before) / line[-1][1] > GROWING


def curve(points: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """t50, t90 in hours; growing; r7, r14, r30: share of the last value that came after so many days."""
    last = max((hours for hours, _v in points), default=0.0)
    found: dict[str, Any] = {"t50": reached(points, 0.5), "t90": reached(points, 0.9), "growing": growing(points)}
    total = _line(points)[-1][1]
    for days in (7, 14, 30):
        then = value_at(points, days * 24.0)
        found[f"r{days}"] = None if then is None or total <= 0 or last <= days * 24.0 else 1.0 - then / total
    return found


def conversation(delays: Sequence[float], age: float, seed: int = 7) -> dict[str, Any] | None:
    """Half-life of the comments in hours, and the share that comes after 7, 14, 30 days, with 90 % intervals. delays, age: hours. None below 5 comments."""
    hours = np.array([d for d in delays if 0 < d <= age], dtype=float)
    if len(hours) < LEAST_COMMENTS or age < 24:
        return None
    cut = np.log(age)
    mu, sigma = _fit(np.log(np.maximum(hours, 1 / 60)), cut)
    rng = np.random.default_rng(seed)
    # Draws from the fitted curve, cut off as the comments were, fitted in their turn.
    uniform = rng.random((DRAWS, len(hours))) * ndtr((cut - mu) / sigma)
    again = np.array([_fit(mu + sigma * ndtri(np.clip(row, 1e-12, 1 - 1e-12)), cut) for row in uniform])
    low, high = np.quantile(again[:, 0], [0.05, 0.95])
    found: dict[str, Any] = {
        "half_life": float(np.exp(mu)),
        "low": float(np.exp(low)),
        "high": float(np.exp(high)),
        "n": len(hours),
    }
    for days in (7, 14, 30):
        left = 1 - ndtr((np.log(days * 24.0) - again[:, 0]) / again[:, 1])
        bounds = np.quantile(left, [0.05, 0.95])
        found[f"r{days}"] = float(1 - ndtr((np.log(days * 24.0) - mu) / sigma))
        found[f"r{days}_low"], found[f"r{days}_high"] = float(bounds[0]), float(bounds[1])
    return found


def _fit(logs: Any, cut: float) -> tuple[float, float]:
    one = np.array([float(len(logs))])
    mu, sigma = truncated_lognormal(np.array([logs.mean()]), np.array([logs.var()]), one, np.array([cut]))
    return float(mu[0]), float(sigma[0])
