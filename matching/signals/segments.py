"""Reductions over segments: `segment` (m,) gives the row each value belongs to, of `n` rows.

Every function is vectorised over rows; a row without values gives NaN (sums and counts give 0).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def sums(values: NDArray[Any], segment: Ints, n: int) -> Floats:
    return np.bincount(segment, np.asarray(values, np.float64), minlength=n).astype(np.float64)


def counts(segment: Ints, n: int) -> Ints:
    return np.bincount(segment, minlength=n).astype(np.int64)


def means(values: NDArray[Any], segment: Ints, n: int, weights: Floats | None = None) -> Floats:
    w = np.ones(len(segment)) if weights is None else weights
    return divide(sums(values * w, segment, n), sums(w, segment, n))


def divide(top: NDArray[Any], bottom: NDArray[Any]) -> Floats:
    """top / bottom, NaN where bottom is 0."""
    out = np.full(np.broadcast_shapes(np.shape(top), np.shape(bottom)), np.nan)
    return np.divide(top, bottom, out=out, where=np.asarray(bottom) != 0)


def medians(values: Floats, segment: Ints, n: int) -> Floats:
    """Median of each segment; NaN values must have been left out before."""
    return quantiles(values, segment, n, 0.5)


def quantiles(values: Floats, segment: Ints, n: int, q: float) -> Floats:
    """Linear-interpolated quantile of each segment."""
    out = np.full(n, np.nan)
    if len(values) == 0:
        return out
    order = np.lexsort((values, segment))
    ordered = values[order]
    size = counts(segment, n)
    first = np.cumsum(size) - size
    rows = np.flatnonzero(size)
    place = first[rows] + q * (size[rows] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.ceil(place).astype(np.int64)
    out[rows] = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return out


def rank_within(segment: Ints, n: int) -> Ints:
    """0-based position of each value in its segment, for a segment array in ascending order."""
    size = counts(segment, n)
    return np.arange(len(segment)) - (np.cumsum(size) - size)[segment]


def first_of(segment: Ints, key: NDArray[Any], n: int) -> Ints:
    """Index of the value with the greatest `key` in each segment (ties: the first), -1 for an empty one."""
    out = np.full(n, -1, np.int64)
    order = np.lexsort((-np.arange(len(segment)), key, segment))
    out[segment[order]] = order
    return out


def top_within(segment: Ints, key: NDArray[Any], k: int, n: int) -> Ints:
    """Indices of the k greatest keys of each segment, grouped by segment, greatest first."""
    order = np.lexsort((np.arange(len(segment)), -np.asarray(key, np.float64), segment))
    return order[rank_within(segment[order], n) < k]


def split(items: NDArray[Any], segment: Ints, n: int) -> list[NDArray[Any]]:
    """Items grouped by ascending segment, one array per row."""
    return np.split(items, np.cumsum(counts(segment, n))[:-1]) if n else []
