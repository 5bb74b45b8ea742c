"""Authenticity, returning commenters and reciprocity as signals, and the risk codes behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.signals import authenticity, community, network, segments
from matching.signals.authenticity import SIGNS
from matching.signals.columns import Proof, SignalColumn, column, only_where
from matching.signals.measure import Measures
from matching.signals.priors import Priors
from matching.signals.reporting.shares import share_column
from matching.signals.shrinkage import shrink_share

ENOUGH_AUTHORS = 100.0
ENOUGH_PEOPLE = 400.0
ENOUGH_INBOUND = 10.0


def trust_columns(
    m: Measures, priors: Priors, cells: Sequence[str]
) -> tuple[tuple[SignalColumn, ...], list[list[str]]]:
    """(signals, risk codes per creator: empty unless two independent signs agree)."""
    signs = authenticity.find_signs(m.batch, m.cell, m.community, m.conversation, priors)
    risks = authenticity.with_steps(signs, m.steps, m.batch.accounts.creator, m.batch.n)
    found = (_authentic(m, priors, cells, signs, risks), _returning(m, priors, cells), _mutual(m, priors, cells))
    return found, risks


def _authentic(
    m: Measures, priors: Priors, cells: Sequence[str], signs: authenticity.Signs, risks: list[list[str]]
) -> SignalColumn:
    found = authenticity.estimate_authenticity(m.batch, m.main, m.community, m.steps, m.audience)
    measured = found.value, found.low, found.high
    n = np.where(np.isnan(found.from_sample), m.community.authors, found.people)
    wanted = np.where(np.isnan(found.from_sample), ENOUGH_AUTHORS, ENOUGH_PEOPLE)
    raised = [
        [SIGNS[k] for k in np.flatnonzero(row)] if risk else [] for row, risk in zip(signs.raised, risks, strict=True)
    ]
    return column(
        "audience_authenticity",
        "share",
        authenticity.VERSION,
        measured=measured,
        percentile=priors.percentile("authentic", m.cell, measured),
        n=n,
        coverage=np.where(np.isnan(found.value), 0.0, np.minimum(n / wanted, 1.0)),
        cell=cells,
        evidence=_step_evidence(m, risks),
        details={
            "from_comments": found.from_comments,
            "from_sample": found.from_sample,
            "stepped": found.stepped,
            "people": found.people,
            "withheld": found.withheld,
            "signs": raised,
            "proofs": np.array([len(codes) for codes in risks], np.int64),
            **{f"z_{name}": signs.z[:, k] for k, name in enumerate(SIGNS)},
        },
    )


def _step_evidence(m: Measures, risks: list[list[str]]) -> list[list[Proof]]:
    """The follower count nearest to each unexplained step, for creators with two signs."""
    found: list[list[Proof]] = [[] for _ in risks]
    counts = m.batch.counts
    for step in np.flatnonzero(~m.steps.explained).tolist():
        row = int(m.batch.accounts.creator[m.steps.account[step]])
        if risks[row] and len(found[row]) < 6:
            here = np.flatnonzero(counts.account == m.steps.account[step])
            near = here[np.argmin(np.abs(counts.at[here] - m.steps.at[step]))]
            found[row].append(("follower_count", int(counts.id[near]), "unexplained"))
    return found


def _returning(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    """A share of pairs that hang together by author: its interval takes one author for one observation."""
    c = m.community
    share, n = np.clip(np.nan_to_num(c.returning), 0.0, 1.0), np.maximum(c.pairs / np.maximum(c.posts, 1), 1.0)
    posterior = shrink_share(share * n, n, np.full(m.batch.n, 0.3), np.full(m.batch.n, 2.7))
    measured = only_where((c.posts > 1) & (c.pairs > 0), (posterior.mean, posterior.low, posterior.high))
    return column(
        "returning_commenters",
        "share",
        community.VERSION,
        measured=measured,
        percentile=priors.percentile("returning", m.cell, measured),
        n=c.pairs,
        coverage=np.minimum(c.pairs / ENOUGH_AUTHORS, 1.0) * (c.posts > 1),
        cell=cells,
        details={"posts": c.posts, "raw": c.returning, "early": c.early},
    )


def _mutual(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    ties = m.batch.further.ties
    nothing = np.zeros(m.batch.n)
    inbound, mutual = (ties.inbound, ties.mutual) if ties is not None else (nothing, nothing)
    expected = segments.divide(ties.expected, ties.inbound) if ties is not None else nothing
    return share_column(
        m,
        priors,
        cells,
        name="reciprocity",
        table="mutual",
        version=network.VERSION,
        posterior=shrink_share(mutual, inbound, *priors.share_at("mutual", m.cell)),
        n=inbound,
        enough=ENOUGH_INBOUND,
        details={
            "mutual": mutual.astype(np.int64),
            "expected_close": expected,
            "z": ties.z if ties is not None else np.full(m.batch.n, np.nan),
            "group": (ties.group if ties is not None else nothing).astype(np.int64),
        },
    )
