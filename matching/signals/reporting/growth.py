"""Growth as a signal, with the counts at its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matching.signals import growth, segments
from matching.signals.columns import Proof, SignalColumn, column
from matching.signals.measure import Measures
from matching.signals.priors import Priors
from matching.signals.reporting.shares import pick
from matching.signals.segments import Floats, Ints

MOST_PROOFS = 6


@dataclass(frozen=True, slots=True)
class _Findings:
    """Per creator: proofs, steps and those without a known cause."""

    evidence: list[list[Proof]]
    steps: Ints
    unexplained: Ints


def growth_column(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    """The trend of each creator's largest account with a history."""
    g, n, accounts = m.growth, m.batch.n, m.batch.accounts
    posterior, known = growth.estimate_growth(g, priors), ~np.isnan(g.trend)
    key = np.nan_to_num(accounts.followers) + np.where(known, 1e12, 0.0)
    account = segments.first_of(accounts.creator, key, n)
    seen = np.nan_to_num(pick(known, account)) > 0

    def of(values: Floats) -> Floats:
        return np.where(seen, pick(values, account), np.nan)

    measured = (of(np.expm1(posterior.mean)), of(np.expm1(posterior.low)), of(np.expm1(posterior.high)))
    days, found = np.nan_to_num(pick(g.days, account)), _findings(m)
    return column(
        "growth",
        "rate",
        growth.VERSION,
        measured=measured,
        percentile=priors.percentile("growth", m.cell, measured),
        n=np.nan_to_num(pick(g.counts, account)).astype(np.int64),
        coverage=np.minimum(days / growth.HORIZON, 1.0),
        cell=cells,
        evidence=[proofs[:MOST_PROOFS] for proofs in found.evidence],
        details={
            "growth_30": of(g.growth_30),
            "growth_90": of(g.growth_90),
            "days": days,
            "steps": found.steps,
            "unexplained_steps": found.unexplained,
        },
    )


def _findings(m: Measures) -> _Findings:
    s, n, counts = m.steps, m.batch.n, m.batch.counts
    found = _Findings([[] for _ in range(n)], np.zeros(n, np.int64), np.zeros(n, np.int64))
    for step in range(len(s.account)):
        row = int(m.batch.accounts.creator[s.account[step]])
        found.steps[row] += 1
        found.unexplained[row] += not s.explained[step]
        here = np.flatnonzero(counts.account == s.account[step])
        near = int(counts.id[here[np.argmin(np.abs(counts.at[here] - s.at[step]))]])
        found.evidence[row].append(("follower_count", near, "explained" if s.explained[step] else "unexplained"))
    return found
