"""Tone, values and the handling of objections as signals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.signals import posture, segments
from matching.signals.captions import DELICATE, THEMES, TONES
from matching.signals.columns import Proof, SignalColumn, column, only_where
from matching.signals.measure import Measures
from matching.signals.priors import Priors
from matching.signals.reporting.shares import ENOUGH_POSTS, grouped, share_column
from matching.signals.shrinkage import shrink_share

ENOUGH_OBJECTIONS = 8.0
MOST_PROOFS = 8


def posture_columns(m: Measures, priors: Priors, cells: Sequence[str]) -> tuple[SignalColumn, ...]:
    return (
        _tone(m, priors, cells, "nuance"),
        _tone(m, priors, cells, "pressure"),
        _values(m, priors, cells),
        _objections(m, priors, cells),
    )


def _tone(m: Measures, priors: Priors, cells: Sequence[str], name: str) -> SignalColumn:
    p = m.posture
    rate = posture.estimate_tone(p, name, priors)
    measured = only_where(p.words > 0, (rate.mean, rate.low, rate.high))
    rates = 100.0 * segments.divide(p.tones, p.words[:, None])
    others = {tone: rates[:, k] for k, tone in enumerate(TONES)} if name == "nuance" else {}
    asking = {"questions": segments.divide(p.questions, p.captions)} if name == "nuance" else {}
    delicate = {"delicate": _delicate(m)} if name == "pressure" else {}
    return column(
        name,
        "per 100 words",
        posture.VERSION,
        measured=measured,
        percentile=priors.percentile(name, m.cell, measured),
        n=p.captions.astype(np.int64),
        coverage=np.minimum(p.captions / ENOUGH_POSTS, 1.0),
        cell=cells,
        evidence=_spoken(m, name),
        details={"words": p.words.astype(np.int64), **others, **asking, **delicate},
    )


def _delicate(m: Measures) -> list[dict[str, int]]:
    """Captions with a word on each delicate subject: to help a person look, never to score."""
    return [
        {name: int(count) for name, count in zip(DELICATE, row, strict=True) if count}
        for row in m.posture.delicate.tolist()
    ]


def _spoken(m: Measures, name: str) -> list[list[Proof]]:
    """The captions with most phrases of the kind."""
    count = m.posture.phrases[:, TONES.index(name)]
    use = np.flatnonzero(m.posture.read & (count > 0))
    creator = m.batch.post_creator[use]
    best = use[segments.top_within(creator, count[use], 3, m.batch.n)]
    return grouped(m, m.batch.post_creator[best], [("post", pk, name) for pk in m.batch.posts.id[best].tolist()])


def _values(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    p = m.posture
    alpha, beta = priors.share_at("values", m.cell)
    share = shrink_share(p.any_theme, p.captions, alpha, beta)
    return share_column(
        m,
        priors,
        cells,
        name="values",
        table="values",
        version=posture.VERSION,
        posterior=share,
        n=p.captions,
        enough=ENOUGH_POSTS,
        evidence=_named(m),
        details={"themes": _themes(m)},
    )


def _themes(m: Measures) -> list[dict[str, int]]:
    """Captions that name each theme, of the `n` read."""
    return [
        {name: int(count) for name, count in zip(THEMES, row, strict=True) if count}
        for row in m.posture.themes.tolist()
    ]


def _named(m: Measures) -> list[list[Proof]]:
    """The newest captions that name each theme, themes taken in turn."""
    p, posts, rows = m.posture, m.batch.posts, m.batch.post_creator
    pick, note = [], []
    for k in range(len(THEMES)):
        use = np.flatnonzero(p.read & (p.bits >> k & 1 > 0))
        best = use[segments.top_within(rows[use], posts.posted_at[use], 2, m.batch.n)]
        pick.append(best)
        note += [THEMES[k]] * len(best)
    chosen = np.concatenate(pick)
    found = grouped(m, rows[chosen], list(zip(["post"] * len(chosen), posts.id[chosen].tolist(), note, strict=True)))
    return [proofs[:MOST_PROOFS] for proofs in found]


def _objections(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    c = m.conversation
    alpha, beta = priors.share_at("reply", m.cell)
    return share_column(
        m,
        priors,
        cells,
        name="objections_answered",
        table="reply",
        version=posture.VERSION,
        posterior=shrink_share(c.critical_replied, c.critical, alpha, beta),
        n=c.critical,
        enough=ENOUGH_OBJECTIONS,
        evidence=_critical(m),
        details={"answered": c.critical_replied.astype(np.int64)},
    )


def _critical(m: Measures) -> list[list[Proof]]:
    c = m.batch.comments
    use = np.flatnonzero(m.votes.reading.critical & ~c.is_owner & ~c.is_reply)
    creator = m.batch.post_creator[c.post[use]]
    best = use[segments.top_within(creator, m.votes.reading.quality[use], 3, m.batch.n)]
    return grouped(m, m.batch.post_creator[c.post[best]], [("comment", pk, "objection") for pk in c.id[best].tolist()])
