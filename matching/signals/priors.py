"""What comparable creators show: the parameters that small samples are pulled towards.

Fitted on the installation's own index (`matching.signals.fit`) and stored by version; until enough creators
are there the shipped defaults stand, wide and marked "reference". Cells are platform x tier.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from matching.contracts import PLATFORMS
from matching.signals.batch import BASES, TIERS, UNKNOWN_TIER
from matching.signals.columns import Interval
from matching.signals.segments import Floats
from matching.signals.shrinkage import LinearPrior
from matching.signals.text import Hashes

CELLS = len(PLATFORMS) * len(TIERS)
CELL_NEEDED = 30
"""Creators below which a cell gives no percentile of its own and its platform stands in."""
SHARES = (
    "qualified",
    "generic",
    "reply",
    "sponsored",
    "disclosed",
    "repeated",
    "mutual",
    "on_time",
    "ended_badly",
    "answered",
)
NORMALS = ("coherence", "growth", "delay", "response")
TIERED = ("returning", "early", "ratio")

# Engagement before any fit: log rate at 10,000 followers and its slope, (platform, base) -> LinearPrior.
# Instagram/followers from 22,669 creators of 2018 (SIGNALS.md section 1); the others from public benchmarks
# (DEFINITIONS.md 2.2), widened.
_DEFAULT_ENGAGEMENT = {
    ("instagram", "followers"): (-3.50, -0.11, 0.70, 0.35),
    ("instagram", "views"): (-3.00, 0.0, 0.80, 0.40),
    ("instagram", "reach"): (-2.60, 0.0, 0.70, 0.35),
    ("tiktok", "views"): (-2.50, 0.0, 0.70, 0.45),
    ("tiktok", "followers"): (-2.60, 0.05, 1.40, 1.00),
    ("youtube", "views"): (-3.40, 0.0, 0.60, 0.30),
    ("youtube", "followers"): (-4.20, -0.05, 1.40, 0.80),
    ("x", "views"): (-4.00, 0.0, 0.80, 0.60),
    ("x", "followers"): (-5.20, -0.15, 1.20, 0.80),
}
_WIDEST = (-3.6, 0.0, 1.4, 0.8)
# alpha, beta per tier (nano, micro, mid, macro, mega, unknown); reply rates from SIGNALS.md 0.8, base rates from 0.9.
_DEFAULT_SHARES = {
    "qualified": [(1.1, 10.0)] * 6,
    "generic": [(5.5, 4.5)] * 6,
    "reply": [(0.9, 2.4), (0.7, 2.9), (0.35, 4.8), (0.1, 10.0), (0.1, 12.0), (0.6, 3.0)],
    "sponsored": [(0.7, 7.0)] * 6,
    "disclosed": [(6.0, 1.0)] * 6,
    "repeated": [(1.0, 3.0)] * 6,
    "mutual": [(0.6, 4.4)] * 6,
    "on_time": [(4.0, 1.0)] * 6,
    "ended_badly": [(0.4, 6.0)] * 6,
    "answered": [(1.8, 2.2)] * 6,
    "steady": [(18.0, 2.0)] * 6,
    "values": [(0.25, 6.0)] * 6,
}
# mean, variance between creators, variance within (of one post, one day, one comment).
_DEFAULT_NORMALS = {
    "coherence": (0.25, 0.02, 0.15),
    "growth": (0.01, 0.003, 0.002),
    "delay": (1.36, 0.5, 1.2),
    "response": (3.58, 0.8, 1.4),
    # phrases per word, and how many words that is worth
    "tone_nuance": (0.0016, 600.0, 0.0),
    "tone_pressure": (0.004, 400.0, 0.0),
}
# per tier (nano, micro, mid, macro, mega, unknown): mean and variance between creators; noise of one observation.
# From 20,000 Instagram creators of 2018: roots of shares, and the log of comments per reaction.
_DEFAULT_TIERED = {
    "returning": ((0.334, 0.233, 0.135, 0.092, 0.068, 0.233), (0.021, 0.023, 0.016, 0.009, 0.006, 0.023), 0.25),
    "early": ((0.302, 0.273, 0.206, 0.088, 0.048, 0.273), (0.040, 0.041, 0.042, 0.024, 0.013, 0.041), 0.25),
    "ratio": ((-2.94, -3.57, -4.35, -4.81, -4.98, -3.57), (0.65, 0.88, 0.63, 0.78, 0.42, 0.88), 0.3),
}
_DEFAULT_DISPERSION = {
    "qualified": 1.3,
    "generic": 1.5,
    "reply": 2.5,
    "sponsored": 1.0,
    "disclosed": 1.0,
    "repeated": 1.0,
    "mutual": 1.0,
    "on_time": 1.0,
    "ended_badly": 1.0,
    "answered": 1.0,
    "values": 1.0,
    "steady": 1.0,
}


def cell_of(platform: NDArray[np.int8], tier: NDArray[np.int8]) -> NDArray[np.int64]:
    """Cell index; -1 without a platform."""
    cell = platform.astype(np.int64) * len(TIERS) + tier
    return np.where(platform >= 0, cell, -1)


def cell_name(cell: int) -> str:
    return f"{PLATFORMS[cell // len(TIERS)]} × {TIERS[cell % len(TIERS)] or '?'}" if cell >= 0 else ""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Distribution of one signal among n creators of one cell: values at equally spaced probabilities."""

    values: tuple[float, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Priors:
    """engagement: "platform:base" -> LinearPrior. shares: name -> cell -> (alpha, beta, n). normals: name ->
    (mean, tau2, s2). dispersion: name -> factor by which counts inside one creator spread more than
    independent draws. quantiles: name -> cell -> Quantiles. common: sorted hashes of comment texts found
    under many creators. n: creators they were fitted on, 0 for the shipped defaults."""

    version: str
    n: int = 0
    engagement: Mapping[str, LinearPrior] = field(default_factory=dict)
    shares: Mapping[str, Mapping[int, tuple[float, float, int]]] = field(default_factory=dict)
    normals: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)
    dispersion: Mapping[str, float] = field(default_factory=dict)
    quantiles: Mapping[str, Mapping[int, Quantiles]] = field(default_factory=dict)
    common: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))

    def engagement_at(
        self, platform: NDArray[np.int8], base: NDArray[np.int8], x: Floats, category: tuple[str, ...]
    ) -> tuple[Floats, Floats, Floats]:
        """(mu, tau2, s2), each (a,), for accounts of these platforms, bases, sizes x and categories."""
        mu, tau2, s2 = (np.full(len(x), value) for value in (_WIDEST[0], _WIDEST[2], _WIDEST[3]))
        sized = np.nan_to_num(x)
        for p, name in enumerate(PLATFORMS):
            for b, base_name in enumerate(BASES):
                here = np.flatnonzero((platform == p) & (base == b))
                prior = self.engagement.get(f"{name}:{base_name}")
                if len(here) and prior is not None:
                    effect = np.array([prior.categories.get(category[i], 0.0) for i in here])
                    mu[here] = prior.intercept + prior.slope * sized[here] + effect
                    tau2[here], s2[here] = prior.tau2, prior.s2
        return mu, tau2, s2

    def share_at(self, name: str, cell: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """(alpha, beta), each (n,), of a share in these cells."""
        table = np.tile(np.array([1.0, 3.0]), (CELLS + 1, 1))
        for index in range(CELLS):
            table[index] = _DEFAULT_SHARES[name][index % len(TIERS)]
        for index, (alpha, beta, _n) in self.shares.get(name, {}).items():
            table[index] = alpha, beta
        table[CELLS] = _DEFAULT_SHARES[name][UNKNOWN_TIER]
        return table[cell, 0], table[cell, 1]

    def share_percentile(self, name: str, cell: NDArray[np.int64], measured: Interval) -> Interval:
        """Percentile 0..100 of true shares in the distribution of the cell: its Beta prior, not the shrunk values."""
        alpha, beta = self.share_at(name, cell)
        value, low, high = (100.0 * betainc(alpha, beta, np.clip(array, 0.0, 1.0)) for array in measured)
        return value, low, high

    def share_cell_sizes(self, name: str, cell: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) creators behind the prior of each cell, 0 for the shipped reference."""
        sizes = np.zeros(CELLS + 1, np.int64)
        for index, (_alpha, _beta, held) in self.shares.get(name, {}).items():
            sizes[index] = held
        return sizes[cell]

    def dispersion_of(self, name: str) -> float:
        return self.dispersion.get(name, _DEFAULT_DISPERSION[name])

    def normal_at(self, name: str) -> tuple[float, float, float]:
        return self.normals.get(name, _DEFAULT_NORMALS[name])

    def tiered_at(self, name: str, cell: NDArray[np.int64]) -> tuple[Floats, Floats, float]:
        """(mean, variance between creators), each (n,), and the noise of one observation, in the tiers of these
        cells. Kept in `normals` as "name:tier"."""
        means, spreads, noise = _DEFAULT_TIERED[name]
        table = np.array([means, spreads]).T
        for index, tier in enumerate(TIERS):
            if (own := self.normals.get(f"{name}:{tier}")) is not None:
                table[index] = own[:2]
        at = table[np.where(cell >= 0, cell % len(TIERS), UNKNOWN_TIER)]
        return at[:, 0], at[:, 1], noise

    def percentile(self, name: str, cell: NDArray[np.int64], measured: Interval) -> Interval:
        """Percentile 0..100 of each (n,) array among the creators of the cell; NaN where it is too small."""
        out = (np.full(len(cell), np.nan), np.full(len(cell), np.nan), np.full(len(cell), np.nan))
        for index in np.unique(cell):
            found = self.quantiles.get(name, {}).get(int(index))
            if found is None or found.n < CELL_NEEDED:
                continue
            here = cell == index
            grid, place = np.array(found.values), np.linspace(0.0, 100.0, len(found.values))
            for shown, values in zip(out, measured, strict=True):
                shown[here] = _interpolate(values[here], grid, place)
        return out

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "engagement": {
                key: {
                    "intercept": p.intercept,
                    "slope": p.slope,
                    "tau2": p.tau2,
                    "s2": p.s2,
                    "n": p.n,
                    "categories": p.categories,
                }
                for key, p in self.engagement.items()
            },
            "shares": {name: {str(c): list(v) for c, v in cells.items()} for name, cells in self.shares.items()},
            "normals": {name: list(v) for name, v in self.normals.items()},
            "dispersion": dict(self.dispersion),
            "quantiles": {
                name: {str(c): {"values": list(q.values), "n": q.n} for c, q in cells.items()}
                for name, cells in self.quantiles.items()
            },
            "common": [f"{int(value):x}" for value in self.common],
        }

    @classmethod
    def from_json(cls, version: str, data: Mapping[str, Any]) -> Priors:
        return cls(
            version=version,
            n=int(data["n"]),
            engagement={key: LinearPrior(**value) for key, value in data["engagement"].items()},
            shares={
                name: {int(c): (v[0], v[1], int(v[2])) for c, v in cells.items()}
                for name, cells in data["shares"].items()
            },
            normals={name: (v[0], v[1], v[2]) for name, v in data["normals"].items()},
            dispersion=dict(data["dispersion"]),
            quantiles={
                name: {int(c): Quantiles(tuple(q["values"]), int(q["n"])) for c, q in cells.items()}
                for name, cells in data["quantiles"].items()
            },
            common=np.array(sorted(int(value, 16) for value in data["common"]), np.uint64),
        )


def _interpolate(values: Floats, grid: Floats, place: Floats) -> Floats:
    """Mid-rank percentile on a grid that may have flat parts."""
    low, high = np.searchsorted(grid, values, "left"), np.searchsorted(grid, values, "right")
    exact = (place[np.minimum(low, len(grid) - 1)] + place[np.maximum(high - 1, 0)]) / 2.0
    between = np.interp(values, grid, place)
    out = np.where(high > low, exact, between)
    return np.where(np.isnan(values), np.nan, np.clip(out, 0.0, 100.0))


def default_priors() -> Priors:
    """The shipped reference, used until the index holds enough creators."""
    engagement = {
        f"{p}:{b}": LinearPrior(a, slope, tau2, s2, 0, {})
        for (p, b), (a, slope, tau2, s2) in _DEFAULT_ENGAGEMENT.items()
    }
    return Priors(version="reference-1", engagement=engagement)


def content_version(data: Mapping[str, Any]) -> str:
    """Name of fitted priors from their own content: the same fit is the same version."""
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    return f"fit-{digest[:12]}"
