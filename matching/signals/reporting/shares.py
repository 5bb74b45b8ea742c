"""Shares with their Beta posterior as signal columns, and picking an account's figures for its creator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.signals.columns import Proof, SignalColumn, column, only_where
from matching.signals.measure import Measures
from matching.signals.priors import Priors
from matching.signals.segments import Floats, Ints
from matching.signals.shrinkage import BetaPosterior

ENOUGH_POSTS = 12.0


def share_column(
    m: Measures,
    priors: Priors,
    cells: Sequence[str],
    *,
    name: str,
    table: str,
    version: str,
    posterior: BetaPosterior,
    n: Floats,
    enough: float,
    details: Mapping[str, Any],
    evidence: Sequence[Sequence[Proof]] | None = None,
) -> SignalColumn:
    """A share, known only where something was observed. table: its prior. enough: n at which coverage is 1."""
    measured = only_where(n > 0, (posterior.mean, posterior.low, posterior.high))
    compared = priors.share_cell_sizes(table, m.cell)
    return column(
        name,
        "share",
        version,
        measured=measured,
        percentile=priors.share_percentile(table, m.cell, measured),
        n=n.astype(np.int64),
        coverage=np.minimum(n / enough, 1.0),
        cell=cells,
        evidence=evidence,
        details={"compared_with": compared, **details},
    )


def pick(values: np.ndarray, index: Ints) -> Floats:
    """values[index] as floats, NaN where the index is -1."""
    if len(values) == 0:
        return np.full(len(index), np.nan)
    return np.where(index >= 0, np.asarray(values, np.float64)[np.maximum(index, 0)], np.nan)


def grouped(m: Measures, rows: Ints, proofs: Sequence[Proof]) -> list[list[Proof]]:
    """Proofs by creator, in the order given."""
    found: list[list[Proof]] = [[] for _ in range(m.batch.n)]
    for row, proof in zip(rows.tolist(), proofs, strict=True):
        found[row].append(proof)
    return found
