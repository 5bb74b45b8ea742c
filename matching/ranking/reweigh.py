"""The same answer under other weights: from the families as they were kept, without asking the engine again.

    total = Σ w_f·v_f · p^γ     exactly as `ranking.total`; what was kept is rounded to a tenth of a point

Only those kept can be ranked anew: somebody left behind by the first weights does not come back here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.contracts import FAMILIES, Family, Weights
from matching.ranking.scale import FloatArray, IntArray
from matching.ranking.total import split

UNKNOWN = 50.0


def family_values(fits: Sequence[Mapping[str, Any]]) -> FloatArray:
    """(n, 6) in the order of FAMILIES, 0..100, of fits as JSON; a family that is missing is 50."""
    out = np.full((len(fits), len(FAMILIES)), UNKNOWN)
    for row, fit in enumerate(fits):
        for score in fit.get("families", ()):
            if score["family"] in FAMILIES and score["value"] is not None:
                out[row, FAMILIES.index(score["family"])] = score["value"]
    return out


def totals(values: FloatArray, weights: Weights) -> FloatArray:
    """(n,) 0..100 from `family_values`."""
    shares, exponent = split(weights)
    brand = sum((share * values[:, FAMILIES.index(name)] for name, share in shares.items()), np.zeros(len(values)))
    chance = np.clip(values[:, FAMILIES.index("willingness")] / 100.0, 0.0, 1.0)
    return np.asarray(brand * chance**exponent, dtype=np.float64)


def ranks(total: FloatArray, ids: IntArray) -> IntArray:
    """(n,) from 1; equal totals by id, as the engine does."""
    out = np.empty(len(total), dtype=np.int64)
    out[np.lexsort((ids, -total))] = np.arange(1, len(total) + 1)
    return out


def heavier(weights: Weights, families: Mapping[Family, int], factor: float = 1.25) -> Weights:
    """Weights in which each of `families` counts `factor` times more for every reason given, up to five of them."""
    given = weights.normalised()
    raised = {name: given[name] * factor ** min(families.get(name, 0), 5) for name in FAMILIES}
    total = sum(raised.values()) or 1.0
    return Weights(**{name: value / total for name, value in raised.items()}, version=weights.version)
