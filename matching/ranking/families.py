"""Families that do not depend on a brief: audience quality, editorial posture, reliability, and niche.

Each is a weighted set of signals, read as normal scores among comparable creators (`pool.combine`):
missing signals weigh in as the prior. `standing` is what the flat row keeps; the same figures are opened
signal by signal when an answer is explained.

A signal's percentile becomes z by its shape: rising (more is better), falling, plateau (flat above the
90th percentile), or load (flat up to the cell's median, then falling: sponsorship, SIGNALS.md §6). Middle
and width come from `details["percentile_low"/"percentile_high"]` where given, else the percentile itself and
sd = sqrt(1 − coverage): what an empirical-Bayes estimate has left after n observations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from matching.contracts import Family, FamilyScore, Signal
from matching.ranking.pool import combine
from matching.ranking.scale import Z90, FloatArray, percentile_of, plateau, sd_of_interval, z_of

Shape = Literal["rising", "falling", "plateau", "load"]
Standing = Literal["niche", "audience", "posture", "reliability"]


@dataclass(frozen=True, slots=True)
class Input:
    """One signal of a family: weight within the family, and how its percentile is rewarded."""

    weight: float
    shape: Shape = "rising"


INPUTS: dict[Standing, dict[str, Input]] = {
    "audience": {
        "engagement_rate": Input(0.35, "plateau"),
        "qualified_share": Input(0.30),
        "reply_rate": Input(0.15, "plateau"),
        "generic_share": Input(0.05, "falling"),
        "audience_authenticity": Input(0.10, "plateau"),
        "growth": Input(0.05, "plateau"),
    },
    "posture": {
        "sponsorship_load": Input(0.40, "load"),
        "disclosure_record": Input(0.25),
        "selectivity": Input(0.20),
        "nuance": Input(0.08, "plateau"),
        "pressure": Input(0.07, "falling"),
    },
    "reliability": {
        "deadlines": Input(0.45),
        "response_time": Input(0.2),
        "disputes": Input(0.2, "falling"),
        "answer_rate": Input(0.15),
    },
    "niche": {"coherence": Input(0.5, "plateau"), "tenure": Input(0.35), "continuity": Input(0.15, "plateau")},
}
FAMILY_OF: dict[str, Family] = {
    name: ("affinity" if family == "niche" else family) for family, inputs in INPUTS.items() for name in inputs
}
LOAD_KNOTS = ([0.0, 50.0, 75.0, 100.0], [60.0, 60.0, 50.0, 2.0])
"""Reward of a sponsorship load by its percentile: flat to the median, neutral at the 75th, then falling."""
SLOPE_AT_50 = 39.894228
"""Points of 0..100 per unit of z where z is 0."""


@dataclass(frozen=True, slots=True)
class Part:
    """One signal's share of a family: points (of 0..100) it moved the family away from 50."""

    signal: str
    points: float
    known: bool


class Column(Protocol):
    """One signal of n creators: percentile and its 90 % bounds 0..100, coverage 0..1; NaN unknown."""

    @property
    def percentile(self) -> FloatArray: ...
    @property
    def percentile_low(self) -> FloatArray: ...
    @property
    def percentile_high(self) -> FloatArray: ...
    @property
    def coverage(self) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class StandingColumns:
    """value, low, high: (n,) 0..100, NaN where no signal of the family is known. coverage: (n,) 0..1.
    points: signal → (n,) points it moved the family away from 50 (0 unknown). known: signal → (n,) bool."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    coverage: FloatArray
    points: Mapping[str, FloatArray]
    known: Mapping[str, NDArray[np.bool_]]


def standing_columns(family: Standing, columns: Mapping[str, Column], n: int) -> StandingColumns:
    """One family of n creators from the columns of its signals (others are ignored, missing ones unknown)."""
    inputs = INPUTS[family]
    nothing, full = np.full(n, np.nan), np.ones(n)
    read = {
        name: _read(columns[name], item.shape) if name in columns else (nothing, full) for name, item in inputs.items()
    }
    estimate = combine({name: (item.weight, *read[name]) for name, item in inputs.items()})
    known = {name: ~np.isnan(read[name][0]) for name in inputs}
    anything = np.any(list(known.values()), axis=0)
    value = percentile_of(estimate.z)
    # the secant, not the slope, so that the parts add up exactly to the distance from 50
    flat = np.abs(estimate.z) < 1e-9
    per_z = np.where(flat, SLOPE_AT_50, (value - 50) / np.where(flat, 1.0, estimate.z))
    covered = [
        inputs[name].weight * np.where(known[name], np.nan_to_num(columns[name].coverage), 0.0)
        for name in inputs
        if name in columns
    ]
    return StandingColumns(
        value=np.where(anything, value, np.nan),
        low=np.where(anything, percentile_of(estimate.z - Z90 * estimate.sd), np.nan),
        high=np.where(anything, percentile_of(estimate.z + Z90 * estimate.sd), np.nan),
        coverage=sum(covered, np.zeros(n)) / sum(item.weight for item in inputs.values()),
        points={name: per_z * estimate.parts[name] for name in inputs},
        known=known,
    )


@dataclass(frozen=True, slots=True)
class StandingOf:
    """One family of one creator: score None when no signal of it is known."""

    score: FamilyScore | None
    parts: tuple[Part, ...]


def standings(people: Sequence[Mapping[str, Signal]]) -> list[dict[Standing, StandingOf]]:
    """Every family of every creator from their signals, all at once: per creator, family → score and parts."""
    out: list[dict[Standing, StandingOf]] = [{} for _ in people]
    for family, inputs in INPUTS.items():
        columns = {name: _gather([signals.get(name) for signals in people]) for name in inputs}
        found = standing_columns(family, columns, len(people))
        for kept, one in zip(out, _each(family, found), strict=True):
            kept[family] = one
    return out


def standing(family: Standing, signals: Mapping[str, Signal]) -> StandingOf:
    """One family of one creator."""
    return standings([signals])[0][family]


def _each(family: Standing, found: StandingColumns) -> Iterator[StandingOf]:
    """The family of one creator after another; columns become lists at once, for reading them by element is slow."""
    name: Family = "affinity" if family == "niche" else family
    points = zip(*(found.points[signal].tolist() for signal in INPUTS[family]), strict=True)
    known = zip(*(found.known[signal].tolist() for signal in INPUTS[family]), strict=True)
    scores = zip(*(v.tolist() for v in (found.value, found.low, found.high, found.coverage)), strict=True)
    for moved, told, (value, low, high, coverage) in zip(points, known, scores, strict=True):
        parts = tuple(Part(*part) for part in zip(INPUTS[family], moved, told, strict=True))
        if value != value:  # NaN: no signal of the family is known
            yield StandingOf(None, parts)
            continue
        used = tuple(part.signal for part in parts if part.known)
        details = {"parts": {part.signal: round(part.points, 2) for part in parts if part.known}}
        yield StandingOf(FamilyScore(name, value, low, high, coverage, used, details), parts)


def rewarded(percentile: FloatArray, shape: Shape) -> FloatArray:
    """Percentile → the percentile that is rewarded, by shape; NaN stays NaN."""
    if shape == "falling":
        return 100 - percentile
    if shape == "plateau":
        return plateau(percentile)
    if shape == "load":
        return np.where(np.isnan(percentile), np.nan, np.interp(percentile, *LOAD_KNOTS))
    return percentile


def _read(column: Column, shape: Shape) -> tuple[FloatArray, FloatArray]:
    """(z, sd) of one signal; NaN where it or its comparison is unknown.

    With bounds, z is the middle of the interval in z: the percentile of a posterior mean is off the middle
    where shares crowd at 0 or 1, so that one disclosed partnership would read as a poor record.
    """
    bounded = ~(np.isnan(column.percentile_low) | np.isnan(column.percentile_high))
    middle = percentile_of((z_of(column.percentile_low) + z_of(column.percentile_high)) / 2)
    percentile = np.where(np.isnan(column.percentile), np.nan, np.where(bounded, middle, column.percentile))
    shrunk = np.sqrt(np.clip(1 - np.nan_to_num(column.coverage), 0.02, 1.0))
    spread = np.where(bounded, sd_of_interval(column.percentile_low, column.percentile_high), shrunk)
    return z_of(rewarded(percentile, shape)), spread


@dataclass(frozen=True, slots=True)
class _Gathered:
    percentile: FloatArray
    percentile_low: FloatArray
    percentile_high: FloatArray
    coverage: FloatArray


def _gather(signals: Sequence[Signal | None]) -> _Gathered:
    rows = np.array([_figures(signal) for signal in signals], dtype=np.float64).reshape(-1, 4)
    return _Gathered(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])


_NOTHING = (np.nan, np.nan, np.nan, 0.0)


def _figures(signal: Signal | None) -> tuple[float, float, float, float]:
    if signal is None or signal.value is None:
        return _NOTHING
    details = signal.details
    low, high = details.get("percentile_low"), details.get("percentile_high")
    return _number(signal.percentile), _number(low), _number(high), signal.coverage


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else np.nan
