"""Places given to people of whom little is known, and the chance with which every place was seen.

Of the first FIRST places, `slots` go to whoever wins a draw of their own posterior (Thompson sampling: total + sd·ε)
among the leading candidates that the order alone would leave behind. Without them nothing is ever learned about the
newly read. A draw depends on (creator, seed) only, so the same brief on the same data gives the same places.

    propensity = P(this person stood there) · 1/log2(1 + rank)

The first factor is 1 for a place earned, and for an explored one the share of DRAWS further draws in which the same
person is chosen; the second is how likely a place is looked at, the same discount as exposure (`fairness`).
Everybody here passed every hard limit. Source: SIGNALS.md sections 17 and 18.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.ranking.scale import Z90, FloatArray, IntArray, hashed_normals

FIRST = 20
MOST_SLOTS = 5
USUAL_SLOTS = 2
DRAWS = 200
_SALT = 0x45585052


@dataclass(frozen=True, slots=True)
class Placed:
    """order (k,): row numbers as shown. propensity (k,): 0..1, never 0. explored (k,): given, not earned."""

    order: IntArray
    propensity: FloatArray
    explored: NDArray[np.bool_]


def examination(rank: FloatArray | IntArray) -> FloatArray:
    """Chance that place `rank` (from 1) is looked at."""
    return np.asarray(1.0 / np.log2(1.0 + np.asarray(rank, dtype=np.float64)))


def places(slots: int) -> list[int]:
    """The explored places, counted from 1 and spread evenly: 2 → 10 and 20."""
    return [round(FIRST * (k + 1) / slots) for k in range(slots)]


def arrange(
    order: IntArray,
    total: FloatArray,
    low: FloatArray,
    high: FloatArray,
    creator_id: IntArray,
    *,
    limit: int,
    slots: int,
    seed: int,
) -> Placed:
    """order (m,): row numbers, best first. total, low, high, creator_id (n,): by row; NaN bounds are never drawn."""
    slots = max(0, min(slots, MOST_SLOTS))
    kept = np.asarray(order, dtype=np.int64)
    behind = kept[FIRST - slots :]
    behind = behind[~(np.isnan(low[behind]) | np.isnan(high[behind]))]
    if not slots or limit < FIRST or len(kept) < FIRST or len(behind) <= slots:
        kept = kept[:limit]
        return Placed(kept, examination(np.arange(1, len(kept) + 1)), np.zeros(len(kept), bool))
    spread = np.maximum(high[behind] - low[behind], 0.0) / (2 * Z90)
    normals = hashed_normals(creator_id[behind], 1, DRAWS + 1, seed ^ _SALT)[:, :, 0]
    drawn = total[behind] + spread * normals
    winners = np.argsort(-drawn, axis=1, kind="stable")[:, :slots]
    chosen = behind[winners[0]]
    often = np.bincount(winners[1:].ravel(), minlength=len(behind)) / DRAWS
    chance = np.clip(often[winners[0]], 1 / (DRAWS + 1), 1.0)
    rest = kept[~np.isin(kept, chosen)].tolist()
    for place, row in zip(places(slots), chosen.tolist(), strict=True):
        rest.insert(place - 1, row)
    shown = np.array(rest[:limit], dtype=np.int64)
    explored = np.isin(shown, chosen)
    stood = np.ones(len(shown))
    for row, share in zip(chosen.tolist(), chance.tolist(), strict=True):
        stood[shown == row] = share
    return Placed(shown, stood * examination(np.arange(1, len(shown) + 1)), explored)
