"""Sizes of creators as data: where micro, mid, macro and mega begin, for every network or for one of them.

A workspace may draw its own lines (they are published with its weights, by version). Filters, facets, limits of a
portfolio and every answer use the reader's lines; the cells in which signals are shrunk stay those of the
installation (`signals.batch.TIER_BOUNDS`), because their priors are fitted once for everybody.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.contracts import PLATFORMS
from matching.signals.batch import TIER_BOUNDS

NAMES = ("nano", "micro", "mid", "macro", "mega")
EVERY = "*"
STANDARD: tuple[int, ...] = tuple(int(bound) for bound in TIER_BOUNDS)
MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tiers:
    """bounds: "*" or a network → the four followers counts at which micro, mid, macro and mega begin, rising."""

    bounds: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: {EVERY: STANDARD})

    @property
    def standard(self) -> bool:
        return all(steps == STANDARD for steps in self.bounds.values())

    def of(self, platform: str, followers: int | None) -> str:
        """The name of the size, "" where followers are unknown."""
        if followers is None:
            return ""
        return NAMES[sum(followers >= step for step in self.steps(platform))]

    def steps(self, platform: str) -> tuple[int, ...]:
        return self.bounds.get(platform) or self.bounds.get(EVERY) or STANDARD

    def sql(self, row: str = "i") -> str:
        """An expression over the index row: the stored size where the lines are the standard ones."""
        if self.standard:
            return f"{row}.tier"
        own = " ".join(
            f"WHEN '{name}' THEN {_case(row, steps)}"
            for name, steps in sorted(self.bounds.items())
            if name in PLATFORMS
        )
        usual = _case(row, self.steps(EVERY))
        known = f"CASE {row}.main_platform {own} ELSE {usual} END" if own else usual
        return f"CASE WHEN {row}.followers IS NULL THEN '' ELSE {known} END"

    def to_json(self) -> dict[str, list[int]]:
        return {name: list(steps) for name, steps in self.bounds.items()}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Tiers:
        """What was stored; anything that is not four rising whole numbers is left out."""
        kept = {name: tuple(steps) for name, steps in data.items() if sound(steps) and name in (EVERY, *PLATFORMS)}  # type: ignore[arg-type]
        return cls({EVERY: STANDARD} | kept)


def sound(steps: object) -> bool:
    """Four whole numbers, each above the one before, within what a network can hold."""
    if not isinstance(steps, list | tuple) or len(steps) != len(STANDARD):
        return False
    whole = all(isinstance(step, int) and not isinstance(step, bool) and 0 < step <= MOST for step in steps)
    return whole and all(low < high for low, high in itertools.pairwise(steps))


def _case(row: str, steps: tuple[int, ...]) -> str:
    # Whole numbers of our own: nothing typed reaches the statement.
    arms = " ".join(
        f"WHEN {row}.followers < {int(step)} THEN '{name}'" for step, name in zip(steps, NAMES, strict=False)
    )
    return f"CASE {arms} ELSE '{NAMES[-1]}' END"
