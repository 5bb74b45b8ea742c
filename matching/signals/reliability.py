"""Operational reliability: what past partnerships show, with a wide prior before any.

    deadlines      (on time + a) / (due + a + b)
    response time  exp(theta),  theta ~ N(mu, tau2), log hours ~ N(theta, s2)
    disputes       (disputed + withdrawn + a) / (finished + a + b)
    answers        (answered + a) / (invited + a + b)

Priors are the whole index's, by moments once thirty creators have a history, else the shipped ones: 80 % in
time, 36 hours, 6 % ending badly, 45 % answering (DEFINITIONS.md 2.10), each worth only a few partnerships. A
cancellation counts only where the creator was the one to leave; silence counts as an answer not given, never as
a refusal. Nothing is shown before a first partnership: the family stays unknown, not poor. Source: issue
"Reliability"; SIGNALS.md section 1 (beta-binomial). Failure: few partnerships; a late brief is not the creator's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.signals.batch import Batch
from matching.signals.further import History
from matching.signals.priors import Priors
from matching.signals.segments import Ints
from matching.signals.shrinkage import BetaPosterior, NormalPosterior, shrink_normal, shrink_share

VERSION = "reliability-1"


@dataclass(frozen=True, slots=True)
class ReliabilityEstimate:
    """(n,) posteriors; `response` is of log hours."""

    deadlines: BetaPosterior
    response: NormalPosterior
    disputes: BetaPosterior
    answers: BetaPosterior


def history_of(batch: Batch) -> History:
    return batch.further.history or History.none(batch.n)


def estimate_reliability(history: History, cell: Ints, priors: Priors) -> ReliabilityEstimate:
    n, (mean, tau2, s2) = len(history.invited), priors.normal_at("response")
    ones = np.ones(n)
    with np.errstate(invalid="ignore", divide="ignore"):
        usual = np.where(history.timed > 0, history.log_hours / history.timed, np.nan)
    bad = np.minimum(history.disputed + history.withdrawn, history.finished)
    return ReliabilityEstimate(
        deadlines=shrink_share(history.on_time, history.due, *priors.share_at("on_time", cell)),
        response=shrink_normal(usual, history.timed, mean * ones, tau2 * ones, s2 * ones),
        disputes=shrink_share(bad, history.finished, *priors.share_at("ended_badly", cell)),
        answers=shrink_share(history.answered, history.invited, *priors.share_at("answered", cell)),
    )
