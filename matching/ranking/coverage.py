"""From sketches of commenters to the audiences that a portfolio is chosen over.

Each person in a sketch below the common limit stands for E_i / n_i people: creator i engages E_i people with a post
and n_i of its commenters are in the sample. Somebody in several audiences is one element, of the greatest such
weight, reached by each with the ratio of its own. So Σ_u w_u·p_iu = E_i for every creator, and people met twice are
counted once. Failure mode: commenters stand for everybody who engages; where fewer than `LEAST_SEEN` of a
creator's commenters are in the common sample its overlap is unknown, and it is counted as having none (said so).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.ranking.portfolio import Audiences, BoolArray
from matching.ranking.scale import FloatArray
from matching.signals.overlap import LEAST_PEOPLE, Sketch

LEAST_SEEN = 8


def audiences_of(sketches: Sequence[Sketch | None], engaged: FloatArray) -> tuple[Audiences, BoolArray]:
    """(audiences of m creators, whether each one's overlap is known). engaged: (m,) people per post, ≥ 0, NaN → 0."""
    engaged = np.nan_to_num(np.asarray(engaged, np.float64), nan=0.0)
    usable = [sketch is not None and sketch.people >= LEAST_PEOPLE for sketch in sketches]
    limits = [int(s.hashes[-1]) for s, ok in zip(sketches, usable, strict=True) if ok and s is not None and not s.whole]
    limit = np.uint64(min(limits)) if limits else np.uint64(2**64 - 1)
    seen: list[list[int]] = []
    for sketch, ok in zip(sketches, usable, strict=True):
        found = sketch.hashes[sketch.hashes <= limit].tolist() if ok and sketch is not None else []
        seen.append(found if len(found) >= LEAST_SEEN else [])
    known = np.array([bool(found) for found in seen], bool)
    place: dict[int, int] = {}
    rows: list[list[int]] = []
    for number, found in enumerate(seen):
        # an audience of which nothing is known is an element of its own
        rows.append([place.setdefault(value if known[number] else -1 - number, len(place)) for value in found or [0]])
    share = np.array([amount / len(row) for amount, row in zip(engaged, rows, strict=True)])
    weight = np.zeros(len(place))
    for row, part in zip(rows, share, strict=True):
        weight[row] = np.maximum(weight[row], part)
    element = np.array([u for row in rows for u in row], np.int64)
    part = np.repeat(share, [len(row) for row in rows])
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = np.where(weight[element] > 0, part / weight[element], 0.0)
    start = np.cumsum([0, *(len(row) for row in rows)]).astype(np.int64)
    return Audiences(start, element, np.minimum(chance, 1.0), weight), known
