"""What other weights would change, seen on an answer that was kept: the first twenty, and the whole spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accounts.actors import Actor
from matching.contracts import Weights
from matching.models import CreatorIndex, MatchRun
from matching.ranking.reweigh import family_values, ranks, totals
from matching.services.scoring import Scoring
from matching.tiers import NAMES

SHOWN = 20
BIN = 10
QUESTIONS = 12


@dataclass(frozen=True, slots=True)
class Moved:
    """One creator under both weights. rank and score: 1.. and 0..100."""

    index: CreatorIndex
    before: int
    after: int
    score_before: float
    score_after: float

    @property
    def change(self) -> int:
        """Places gained (positive) or lost."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Preview:
    """rows: the first twenty after. gone: those of the first twenty before who are not. bins: (from, before, after).
    sizes: (name, before, after) among the first twenty. n: creators compared."""

    rows: tuple[Moved, ...]
    gone: tuple[Moved, ...]
    bins: tuple[tuple[int, int, int], ...]
    sizes: tuple[tuple[str, int, int], ...]
    median: tuple[float, float]
    n: int


def questions(actor: Actor) -> list[MatchRun]:
    """The newest answer to each of the last briefs asked, for the choice of what to look at."""
    newest = MatchRun.visible_to(actor).order_by("brief_hash", "-created_at").distinct("brief_hash")
    return sorted(newest.defer("excluded", "timings_ms")[:200], key=lambda run: run.created_at, reverse=True)[
        :QUESTIONS
    ]


def preview(actor: Actor, run: MatchRun, before: Scoring, weights: Weights) -> Preview | None:
    """The kept answer under the weights in force and under others; None where nobody is left in it."""
    found = run.results.filter(creator__erased_at__isnull=True, creator__index__isnull=False)
    results = list(found.select_related("creator__index").order_by("rank"))
    if not results:
        return None
    values, ids = family_values([one.fit for one in results]), np.array([one.creator_id for one in results])
    old, new = totals(values, before.weights), totals(values, weights)
    was, now = ranks(old, ids), ranks(new, ids)
    moved = [
        Moved(one.creator.index, int(was[k]), int(now[k]), float(old[k]), float(new[k]))
        for k, one in enumerate(results)
    ]
    top = sorted((one for one in moved if one.after <= SHOWN), key=lambda one: one.after)
    first = [one for one in moved if one.before <= SHOWN]
    edges = np.arange(0, 100 + BIN, BIN)
    counts = [np.histogram(np.clip(side, 0, 99.99), edges)[0].tolist() for side in (old, new)]
    tier = {id(one): before.tiers.of(one.index.main_platform, one.index.followers) for one in moved}
    sizes = [
        (name, sum(tier[id(one)] == name for one in first), sum(tier[id(one)] == name for one in top)) for name in NAMES
    ]
    return Preview(
        rows=tuple(top),
        gone=tuple(sorted((one for one in first if one.after > SHOWN), key=lambda one: one.before)),
        bins=tuple(zip(edges[:-1].tolist(), *counts, strict=True)),
        sizes=tuple(row for row in sizes if row[1] or row[2]),
        median=(float(np.median(old)), float(np.median(new))),
        n=len(results),
    )
