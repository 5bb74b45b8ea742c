"""Signals as columns: one signal for n creators, turned into values or JSON at the very end.

Building 20,000 frozen objects a second and copying them into dictionaries costs more than measuring them;
columns are rounded together and become each creator's JSON in one pass. `Signal.from_json` reads it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from matching.contracts import Signal
from matching.signals.segments import Floats, Ints

Interval = tuple[Floats, Floats, Floats]
"""(value, low, high), each (n,)."""
Proof = tuple[str, int, str]
"""(kind, id, note) of a contracts.Evidence."""
DIGITS = 4


@dataclass(frozen=True, slots=True)
class SignalColumn:
    """One signal of n creators. details: name -> (n,) array or list; a NaN becomes null and a null is left out.
    evidence: one list of proofs per creator, or None. cell: one name per creator, or None."""

    name: str
    unit: str
    version: str
    value: Floats
    low: Floats
    high: Floats
    n: Ints
    coverage: Floats
    percentile: Floats
    percentile_low: Floats
    percentile_high: Floats
    cell: Sequence[str] | None = None
    evidence: Sequence[Sequence[Proof]] | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> np.ndarray:
        return ~np.isnan(self.value)


def column(
    name: str,
    unit: str,
    version: str,
    *,
    measured: Interval,
    percentile: Interval,
    n: Ints,
    coverage: Floats,
    cell: Sequence[str] | None = None,
    evidence: Sequence[Sequence[Proof]] | None = None,
    details: Mapping[str, Any],
) -> SignalColumn:
    """A SignalColumn from its value and its percentile, each with the bounds of the 90 % interval."""
    value, low, high = measured
    at, at_low, at_high = percentile
    return SignalColumn(
        name, unit, version, value, low, high, n, coverage, at, at_low, at_high, cell, evidence, details
    )


def only_where(seen: np.ndarray, values: Interval) -> Interval:
    """The same, NaN where nothing was seen."""
    value, low, high = (np.where(seen, array, np.nan) for array in values)
    return value, low, high


def payloads(columns: Sequence[SignalColumn], n: int) -> list[dict[str, dict[str, Any]]]:
    """Per creator: signal name -> the JSON of its contracts.Signal."""
    out: list[dict[str, dict[str, Any]]] = [{} for _ in range(n)]
    for column in columns:
        for row, item in zip(out, _items(column, n), strict=True):
            row[column.name] = item
    return out


def signals(columns: Sequence[SignalColumn], n: int) -> list[dict[str, Signal]]:
    return [{name: Signal.from_json(item) for name, item in row.items()} for row in payloads(columns, n)]


def _items(column: SignalColumn, n: int) -> list[dict[str, Any]]:
    value, low, high = (_plain(array) for array in (column.value, column.low, column.high))
    percentile = _plain(np.round(column.percentile, 1))
    coverage = np.round(np.clip(np.nan_to_num(column.coverage), 0.0, 1.0), 3).tolist()
    count = column.n.tolist()
    details = {
        "percentile_low": _plain(np.round(column.percentile_low, 1)),
        "percentile_high": _plain(np.round(column.percentile_high, 1)),
    } | {
        name: _plain(array) if isinstance(array, np.ndarray) else list(array) for name, array in column.details.items()
    }
    names, lists = list(details), list(zip(*details.values(), strict=True))
    items = []
    for i in range(n):
        proofs = column.evidence[i] if column.evidence is not None else ()
        items.append(
            {
                "name": column.name,
                "unit": column.unit,
                "value": value[i],
                "low": low[i],
                "high": high[i],
                "n": count[i],
                "coverage": coverage[i],
                "version": column.version,
                "percentile": percentile[i],
                "cell": column.cell[i] if column.cell is not None else "",
                "evidence": [{"kind": kind, "id": pk, "note": note} for kind, pk, note in proofs],
                "details": {name: detail for name, detail in zip(names, lists[i], strict=True) if detail is not None},
            }
        )
    return items


def _plain(array: np.ndarray) -> list[Any]:
    """Python values at DIGITS significant digits, None for NaN."""
    if array.dtype.kind != "f":
        return array.tolist()
    values = short(array).tolist()
    for index in np.flatnonzero(np.isnan(array)).tolist():
        values[index] = None
    return values


def short(array: Floats) -> Floats:
    """The values at DIGITS significant digits: what is stored must not differ by the hour of the computation."""
    known = np.where(np.isnan(array), 1.0, array)
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.maximum(np.abs(known), 1e-9))))
    return np.where(np.isnan(array), np.nan, np.round(known * scale) / scale)
