"""Niche, sponsorship, rhythm and persistence as signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv

from matching.signals import cadence, longevity, niche, segments, sponsorship
from matching.signals.columns import Proof, SignalColumn, column, only_where
from matching.signals.measure import Measures
from matching.signals.priors import Priors
from matching.signals.reporting.shares import ENOUGH_POSTS, grouped, share_column
from matching.signals.segments import Floats
from matching.signals.shrinkage import shrink_share

ENOUGH_MONTHS = 12.0
ENOUGH_PARTNERSHIPS = 5.0
ENOUGH_TIMED_POSTS = 8.0
MOST_PROOFS = 3
MOST_PARTNERS = 12
WORTH_AN_EXCEPTION = 5
"""Posts from which the one least like the others is shown too."""


def niche_columns(m: Measures, priors: Priors, cells: Sequence[str]) -> tuple[SignalColumn, ...]:
    raw = m.niche
    posterior = niche.estimate_coherence(raw, priors)
    measured = only_where(raw.posts > 1, (posterior.mean, posterior.low, posterior.high))
    coherence = column(
        "coherence",
        "cosine",
        niche.VERSION,
        measured=measured,
        percentile=priors.percentile("coherence", m.cell, measured),
        n=raw.posts,
        coverage=np.minimum(raw.posts / ENOUGH_POSTS, 1.0),
        cell=cells,
        evidence=_niche_evidence(m),
        details={
            "topics": _topics(m),
            "concentration": raw.concentration,
            "entropy": raw.entropy,
            "raw": raw.coherence,
            "on_topic": segments.divide(raw.on_topic, raw.posts.astype(np.float64)),
        },
    )
    return coherence, _tenure(m, priors, cells), _continuity(m, priors, cells)


def _topics(m: Measures) -> list[dict[str, float]]:
    index, share = niche.topic_shares(m.niche)
    rows = zip(index.tolist(), share.tolist(), strict=True)
    return [
        {m.batch.topics[t]: round(s, 3) for t, s in zip(topics, shares, strict=True) if t >= 0}
        for topics, shares in rows
    ]


def _tenure(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    raw, months = m.niche, m.niche.months
    active = np.nan_to_num(raw.tenure) * months
    a, b = 1.0 + active, 1.0 + months - active
    posterior = (a / (a + b), betaincinv(a, b, 0.05), betaincinv(a, b, 0.95))
    measured = only_where((raw.main >= 0) & (months >= 1), posterior)
    return column(
        "tenure",
        "share",
        niche.VERSION,
        measured=measured,
        percentile=priors.percentile("tenure", m.cell, measured),
        n=months.astype(np.int64),
        coverage=np.minimum(months / ENOUGH_MONTHS, 1.0),
        cell=cells,
        details={"topic": [m.batch.topics[t] if t >= 0 else None for t in raw.main.tolist()], "months": months},
    )


def _continuity(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    """Agreement of the newest posts with the older ones; the drift and its chance level beside it."""
    d = m.niche.drift
    posterior = shrink_share(
        np.clip(1.0 - d.drift, 0.0, 1.0) * d.posts, d.posts.astype(np.float64), *priors.share_at("steady", m.cell)
    )
    return share_column(
        m,
        priors,
        cells,
        name="continuity",
        table="steady",
        version=niche.VERSION,
        posterior=posterior,
        n=d.posts.astype(np.float64),
        enough=ENOUGH_POSTS,
        evidence=_turned(m),
        details={
            "drift": d.drift,
            "chance_level": d.level,
            "pivot": [bool(p) if k else None for p, k in zip(d.pivot.tolist(), d.posts.tolist(), strict=True)],
            "on_topic_recent": d.recent_share,
            "on_topic_before": d.former_share,
        },
    )


def _turned(m: Measures) -> list[list[Proof]]:
    """Where a subject turned: the newest posts, least like the older ones."""
    ids, rows = m.batch.posts.id, m.batch.post_creator
    use = np.flatnonzero(m.niche.drift.recent & m.niche.drift.pivot[rows] & ~np.isnan(m.niche.agreement))
    best = use[segments.top_within(rows[use], -m.niche.agreement[use], MOST_PROOFS, m.batch.n)]
    return grouped(m, rows[best], [("post", pk, "turned") for pk in ids[best].tolist()])


def _niche_evidence(m: Measures) -> list[list[Proof]]:
    """The posts most like the others, and the one least like them."""
    ids, agreement = m.batch.posts.id, m.niche.agreement
    use = np.flatnonzero(~np.isnan(agreement))
    creator = m.batch.post_creator[use]
    central = use[segments.top_within(creator, agreement[use], MOST_PROOFS, m.batch.n)]
    found = grouped(m, m.batch.post_creator[central], [("post", pk, "central") for pk in ids[central].tolist()])
    odd = segments.first_of(creator, -agreement[use], m.batch.n)
    for row in np.flatnonzero((odd >= 0) & (m.niche.posts >= WORTH_AN_EXCEPTION)).tolist():
        found[row].append(("post", int(ids[use[odd[row]]]), "apart"))
    return found


def sponsorship_columns(m: Measures, priors: Priors, cells: Sequence[str]) -> tuple[SignalColumn, ...]:
    s = m.sponsorship
    evidence, alike = _sponsor_evidence(m), s.sponsored + s.resembling
    load = share_column(
        m,
        priors,
        cells,
        name="sponsorship_load",
        table="sponsored",
        version=sponsorship.VERSION,
        posterior=sponsorship.estimate_load(s, m.cell, priors),
        n=s.posts,
        enough=ENOUGH_POSTS,
        evidence=evidence,
        details={
            "sponsored": s.sponsored.astype(np.int64),
            "brands": s.brands.astype(np.int64),
            "days_since": s.days_since,
            "raw": segments.divide(s.sponsored, s.posts),
            "effect": _sponsored_effect(m),
        },
    )
    disclosed = share_column(
        m,
        priors,
        cells,
        name="disclosure_record",
        table="disclosed",
        version=sponsorship.VERSION,
        posterior=sponsorship.shrink_share(s.sponsored, alike, *priors.share_at("disclosed", m.cell)),
        n=alike,
        enough=ENOUGH_PARTNERSHIPS,
        details={"undeclared_resembling": s.resembling.astype(np.int64)},
    )
    selective = share_column(
        m,
        priors,
        cells,
        name="selectivity",
        table="repeated",
        version=sponsorship.VERSION,
        posterior=sponsorship.shrink_share(s.repeated, s.branded, *priors.share_at("repeated", m.cell)),
        n=s.branded,
        enough=ENOUGH_PARTNERSHIPS,
        evidence=evidence,
        details={"brands": s.brands.astype(np.int64), "fit": _partner_fit(m), "partners": _partners(m)},
    )
    return load, disclosed, selective


def _partners(m: Measures) -> list[list[list[int]]]:
    """The newest partners of each creator as [hash of the handle, posts, days since, id of the newest post]."""
    p, n = m.sponsorship.partners, m.batch.n
    found: list[list[list[int]]] = [[] for _ in range(n)]
    kept = segments.rank_within(p.creator, n) < MOST_PARTNERS
    rows = zip(
        p.creator[kept].tolist(),
        p.brand[kept].view(np.int64).tolist(),
        p.posts[kept].tolist(),
        p.days[kept].astype(np.int64).tolist(),
        m.batch.posts.id[p.newest[kept]].tolist(),
        strict=True,
    )
    for creator, *partner in rows:
        found[creator].append(partner)
    return found


def _sponsor_evidence(m: Measures) -> list[list[Proof]]:
    """The newest sponsored posts, and how each is known to be one."""
    posts = m.batch.posts
    use = np.flatnonzero(m.posts.sponsored)
    newest = use[segments.top_within(m.batch.post_creator[use], posts.posted_at[use], MOST_PROOFS, m.batch.n)]
    declared = np.where(m.posts.declared[newest], "declared", "partner")
    notes = np.where(posts.official[newest] == 1, "label", declared).tolist()
    proofs: list[Proof] = [("post", pk, note) for pk, note in zip(posts.id[newest].tolist(), notes, strict=True)]
    return grouped(m, m.batch.post_creator[newest], proofs)


def _sponsored_effect(m: Measures) -> Floats:
    """(n,) ratio of the median rate of sponsored posts to that of the others, less 1; NaN below two of each."""
    use, creator, paid, n = ~np.isnan(m.rates.y), m.batch.post_creator, m.posts.sponsored, m.batch.n
    enough = (segments.counts(creator[use & paid], n) >= 2) & (segments.counts(creator[use & ~paid], n) >= 2)
    with_paid = segments.medians(m.rates.y[use & paid], creator[use & paid], n)
    without = segments.medians(m.rates.y[use & ~paid], creator[use & ~paid], n)
    return np.where(enough, np.expm1(with_paid - without), np.nan)


def _partner_fit(m: Measures) -> Floats:
    """(n,) mean agreement of the sponsored posts with the creator's others, less the coherence (cosines)."""
    known = ~np.isnan(m.niche.agreement)
    creator, paid = m.batch.post_creator, m.posts.sponsored & known
    return segments.means(m.niche.agreement[paid], creator[paid], m.batch.n) - m.niche.coherence


def rhythm_columns(m: Measures, priors: Priors, cells: Sequence[str]) -> tuple[SignalColumn, ...]:
    c, raw = m.cadence, m.longevity
    rhythm = column(
        "posting_frequency",
        "posts/week",
        cadence.VERSION,
        measured=(c.per_week, c.low, c.high),
        percentile=priors.percentile("cadence", m.cell, (c.per_week, c.low, c.high)),
        n=c.posts,
        coverage=np.minimum(c.posts / ENOUGH_POSTS, 1.0),
        cell=cells,
        details={"days_since": c.days_since, "regularity": c.regularity},
    )
    posterior, seen = longevity.estimate_longevity(raw, priors), raw.posts > 0
    measured = only_where(seen, (np.exp(posterior.mean), np.exp(posterior.low), np.exp(posterior.high)))
    left = {days: longevity.remaining(posterior, raw.sigma, days) for days in (7, 14, 30)}
    persistence = column(
        "half_life",
        "hours",
        longevity.VERSION,
        measured=measured,
        percentile=priors.percentile("half_life", m.cell, measured),
        n=raw.posts,
        coverage=np.minimum(raw.posts / ENOUGH_TIMED_POSTS, 1.0),
        cell=cells,
        details={
            **{f"r{days}": np.where(seen, share, np.nan) for days, share in left.items()},
            "watched": raw.watched,
        },
    )
    return rhythm, persistence
