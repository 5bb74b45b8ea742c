"""Reliability as signals: deadlines, reply time to brands, partnerships that ended badly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from matching.signals import reliability, segments
from matching.signals.columns import SignalColumn, column, only_where
from matching.signals.measure import Measures
from matching.signals.priors import Priors
from matching.signals.reporting.shares import share_column

ENOUGH = 5.0


def reliability_columns(m: Measures, priors: Priors, cells: Sequence[str]) -> tuple[SignalColumn, ...]:
    h = reliability.history_of(m.batch)
    found = reliability.estimate_reliability(h, m.cell, priors)
    deadlines = share_column(
        m,
        priors,
        cells,
        name="deadlines",
        table="on_time",
        version=reliability.VERSION,
        posterior=found.deadlines,
        n=h.due,
        enough=ENOUGH,
        details={
            "on_time": h.on_time.astype(np.int64),
            "rounds": segments.divide(h.rounds, h.reviewed),
        },
    )
    disputes = share_column(
        m,
        priors,
        cells,
        name="disputes",
        table="ended_badly",
        version=reliability.VERSION,
        posterior=found.disputes,
        n=h.finished,
        enough=ENOUGH,
        details={"disputed": h.disputed.astype(np.int64), "withdrawn": h.withdrawn.astype(np.int64)},
    )
    answers = share_column(
        m,
        priors,
        cells,
        name="answer_rate",
        table="answered",
        version=reliability.VERSION,
        posterior=found.answers,
        n=h.invited,
        enough=ENOUGH,
        details={"answered": h.answered.astype(np.int64), "accepted": h.accepted.astype(np.int64)},
    )
    return deadlines, _response(m, priors, cells), disputes, answers


def _response(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    """Hours to the answer; the percentile is of quickness, so that more is better."""
    h = reliability.history_of(m.batch)
    theta = reliability.estimate_reliability(h, m.cell, priors).response
    mean, tau2, _s2 = priors.normal_at("response")
    seen = h.timed > 0

    def quick(values: np.ndarray) -> np.ndarray:
        return 100.0 * ndtr((mean - values) / np.sqrt(tau2))

    return column(
        "response_time",
        "hours",
        reliability.VERSION,
        measured=only_where(seen, (np.exp(theta.mean), np.exp(theta.low), np.exp(theta.high))),
        percentile=only_where(seen, (quick(theta.mean), quick(theta.high), quick(theta.low))),
        n=h.timed.astype(np.int64),
        coverage=np.minimum(h.timed / ENOUGH, 1.0),
        cell=cells,
        details={},
    )
