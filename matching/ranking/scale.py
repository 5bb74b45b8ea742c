"""The scales of the engine: percentiles, standard normal scores, plateaus, seeded draws.

A family is kept as a normal score z (mean, sd) among comparable creators and shown as a percentile
100·Φ(z). Unknown is z = 0 with sd = 1: the prior with its full width, shown as 50 [5, 95].
Source: SIGNALS.md §16 and §21.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Z90 = 1.6448536269514722
"""Half width of a 90 % interval in standard deviations."""

_NORMALS: FloatArray = ndtri((np.arange(65_536) + 0.5) / 65_536)
_FLOOR = 0.5
_NARROWEST = 0.08
_UNSTATED = 0.6


def z_of(percentile: ArrayLike) -> FloatArray:
    """0..100 → standard normal score, cut at 0.5 and 99.5 so that one datum cannot outweigh the rest."""
    return np.asarray(ndtri(np.clip(np.asarray(percentile, dtype=np.float64), _FLOOR, 100 - _FLOOR) / 100))


def percentile_of(z: ArrayLike) -> FloatArray:
    """Standard normal score → 0..100."""
    return np.asarray(100 * ndtr(np.asarray(z, dtype=np.float64)))


def sd_of_interval(low: ArrayLike, high: ArrayLike) -> FloatArray:
    """Standard deviation in z of a 90 % interval given on 0..100, within 0.08..1; 0.6 where no interval was kept."""
    width = z_of(high) - z_of(low)
    return np.where(np.isnan(width), _UNSTATED, np.clip(width / (2 * Z90), _NARROWEST, 1.0))


def plateau(percentile: ArrayLike, knee: float = 90.0) -> FloatArray:
    """Reward rises to `knee` and is flat above it (an inverted U is cut, not guessed: SIGNALS.md §8)."""
    return np.minimum(np.asarray(percentile, dtype=np.float64), knee)


def rank_percentile(values: FloatArray, among: FloatArray) -> FloatArray:
    """Mid-rank percentile, 0..100, of each of `values` (n,) among `among` (m,); 50 where either is unknown.

    (less + equal/2 + 1/2) / (m + 1): one lone comparison says little, so it moves little.
    """
    ordered = np.sort(among[~np.isnan(among)])
    if not len(ordered):
        return np.full(values.shape, 50.0)
    below = np.searchsorted(ordered, values, side="left")
    upto = np.searchsorted(ordered, values, side="right")
    percent = 100 * (0.5 * (below + upto) + 0.5) / (len(ordered) + 1)
    return np.where(np.isnan(values), 50.0, percent)


def logistic(x: ArrayLike) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-np.clip(np.asarray(x, dtype=np.float64), -40, 40))))


def hashed_normals(ids: IntArray, columns: int, draws: int, seed: int) -> FloatArray:
    """Standard normal draws (draws, n, columns) that depend only on (id, column, draw, seed).

    A counter-based generator (splitmix64 finaliser) rather than a stream, so that adding, removing or
    reordering candidates never changes what another candidate draws. Each 64-bit word gives four draws,
    of 65,536 equally likely values: plenty for percentiles of some hundred draws.
    """
    wanted = draws * columns
    counter = np.arange(-(-wanted // 4), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    key = _mix(ids.astype(np.uint64) ^ _mix(np.asarray([seed & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64)))
    words = _mix((key[:, None] + counter).astype(np.uint64))
    normals = _NORMALS[words.view(np.uint16)][:, :wanted]
    return np.ascontiguousarray(normals.reshape(len(ids), draws, columns).transpose(1, 0, 2))


def _mix(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = (word + np.uint64(0x9E3779B97F4A7C15)).astype(np.uint64)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
