"""From raw measures and priors to the signals of every creator: value, interval, percentile, evidence."""

from __future__ import annotations

from dataclasses import dataclass

from matching.signals.columns import SignalColumn
from matching.signals.measure import Measures
from matching.signals.priors import Priors, cell_name
from matching.signals.reporting.audience import conversation_columns, engagement_column
from matching.signals.reporting.content import niche_columns, rhythm_columns, sponsorship_columns
from matching.signals.reporting.economy import economy_columns
from matching.signals.reporting.growth import growth_column
from matching.signals.reporting.history import reliability_columns
from matching.signals.reporting.posture import posture_columns
from matching.signals.reporting.trust import trust_columns

SIGNALS_VERSION = "signals-4"
"""Raise it whenever a formula changes: every creator is then scored anew."""


@dataclass(frozen=True, slots=True)
class Scores:
    """columns: every signal of the batch's n creators. risks: codes of the proofs per creator, empty unless
    two or more independent ones agree."""

    columns: tuple[SignalColumn, ...]
    risks: list[list[str]]

    def column(self, name: str) -> SignalColumn:
        return next(column for column in self.columns if column.name == name)


def score(m: Measures, priors: Priors) -> Scores:
    cells = [cell_name(int(cell)) for cell in m.cell]
    trusted, risks = trust_columns(m, priors, cells)
    rate, said = engagement_column(m, priors), conversation_columns(m, priors, cells)
    qualified, ratio = (next(c for c in said if c.name == name) for name in ("qualified_share", "comment_ratio"))
    columns = (
        rate,
        *said,
        *niche_columns(m, priors, cells),
        *sponsorship_columns(m, priors, cells),
        growth_column(m, priors, cells),
        *trusted,
        *posture_columns(m, priors, cells),
        *reliability_columns(m, priors, cells),
        *economy_columns(m, priors, cells, rate, ratio, qualified),
        *rhythm_columns(m, priors, cells),
    )
    return Scores(columns, risks)
