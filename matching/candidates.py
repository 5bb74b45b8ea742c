"""From retrieved rows to the pool that ranking takes, and what is known of those who lead it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from datetime import UTC, date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.commitments import Commitments
from matching.conflicts import Conflict
from matching.contracts import PLATFORMS, Brief
from matching.evidence import PostEvidence, current_signals, last_seen
from matching.limits import Terms
from matching.meaning import Meaning
from matching.ranking.economy import price_band
from matching.ranking.explain import Facts
from matching.ranking.pool import Pool
from matching.ranking.scale import FloatArray, rank_percentile
from matching.retrieval import Retrieved
from matching.signals.pricing import form_factor
from matching.terms import Term

DAY_SECONDS = 86_400.0
USUAL_QUALIFIED = 0.1
"""Share of qualified comments taken where none were read."""
_SAME = (
    "similarity",
    "topic_similarity",
    "posts",
    "audience",
    "audience_low",
    "audience_high",
    "posture",
    "posture_low",
    "posture_high",
    "reliability",
    "reliability_low",
    "reliability_high",
    "min_fee",
    "accepts_in_kind",
    "claimed",
    "sponsored",
    "risks",
)


def pool_of(
    found: Retrieved, terms: Sequence[Term], commitments: Commitments, *, today: date, forms: tuple[str, ...] = ()
) -> Pool:
    """Columns of the candidates, prices filled in from the bands. forms: those the brief asks for."""
    rows = found.rows
    price = np.full((3, len(found.creator_id)), np.nan)
    for number, platform in enumerate(PLATFORMS, start=1):
        on = rows["platform"] == number
        price[:, on] = price_band(
            platform, rows["followers"][on], rows["er"][on], level=rows["price_level"][on], form=form_factor(forms)
        )
    coherence = rank_percentile(rows["coherence"], found.coherence)
    waiting = [commitments.waiting.get(pk, 0) for pk in found.creator_id.tolist()]
    return Pool.of(
        found.creator_id,
        wishes=found.wishes,
        **{name: rows[name] for name in _SAME},
        lexical=_lexical(found.terms, terms),
        niche=np.where(np.isnan(rows["coherence"]), np.nan, coherence),
        price=price[0],
        price_low=price[1],
        price_high=price[2],
        reward=rows["followers"]
        * rows["er"]
        * np.where(np.isnan(rows["qualified"]), USUAL_QUALIFIED, rows["qualified"]),
        open_invitations=np.array(waiting, dtype=np.float64),
        quiet_days=np.maximum((_looked_at(rows["observed"], today) - rows["last_post"]) / DAY_SECONDS, 0.0),
    )


def with_posts(pool: Pool, posts: Mapping[int, PostEvidence], *, named: bool) -> Pool:
    """The pool with what each creator's posts prove: closeness of the five closest, share on the brief's niches.

    named: whether any niche names the brief; else nothing can be on its subject.
    """
    found = [posts.get(pk) for pk in pool.creator_id.tolist()]
    return replace(
        pool,
        evidence=_answers([one.top if one else None for one in found]),
        on_subject=_answers([float(one.proven) if one and named else None for one in found]),
        recent=_answers([float(one.recent) if one and named else None for one in found]),
    )


def with_words(pool: Pool, used: NDArray[np.bool_], terms: Sequence[Term]) -> Pool:
    """The pool with the share of the brief's words each creator uses. used: (n, t)."""
    return replace(pool, lexical=_lexical(used, terms))


def with_terms(pool: Pool, known: Mapping[int, Terms], brief: Brief, meaning: Meaning) -> Pool:
    """The pool with the creators' own words on subjects, forms, fees and payment in kind."""
    terms = [known[pk] for pk in pool.creator_id.tolist()]
    asked = set(meaning.topics) | set(brief.topics)
    return replace(
        pool,
        wants_topic=_answers([_said(asked.intersection(t.topics), t.topics and asked) for t in terms]),
        accepts_form=_answers([_said(set(brief.forms).intersection(t.forms), t.forms and brief.forms) for t in terms]),
        min_fee=_answers([None if t.min_fee is None else float(t.min_fee) for t in terms]),
        accepts_in_kind=_answers([None if t.accepts_in_kind is None else float(t.accepts_in_kind) for t in terms]),
    )


def facts_of(
    creator_ids: Sequence[int],
    posts: Mapping[int, PostEvidence],
    meaning: Meaning,
    used: Sequence[Sequence[str]],
    conflicts: Mapping[int, Conflict],
    *,
    today: date,
) -> list[Facts]:
    """What explaining needs about each creator, in the order given. used: the brief's words each one uses."""
    signals, rows, now = current_signals(creator_ids), last_seen(creator_ids), _midnight(today)
    facts = []
    for pk, words in zip(creator_ids, used, strict=True):
        evidence = posts.get(pk)
        on_topic, recent = evidence.on_subject() if evidence else ((), 0)
        comments, last, seen = rows.get(pk, (0, None, None))
        facts.append(
            Facts(
                signals=signals.get(pk, {}),
                posts=evidence.closest() if evidence else (),
                on_topic=on_topic,
                recent=recent,
                subjects=meaning.topics,
                matched=tuple(words),
                comments=comments,
                quiet_days=max((min(seen or now, now) - last).days, 0) if last else None,
                stale_days=max((now - seen).days, 0) if seen else None,
                fresh_at=seen.isoformat() if seen else None,
                competitor=astuple(conflicts[pk]) if pk in conflicts else None,  # type: ignore[arg-type]
            )
        )
    return facts


def _lexical(used: NDArray[np.bool_], terms: Sequence[Term]) -> FloatArray:
    weights = np.array([term.weight for term in terms])
    total = float(weights.sum())
    return np.asarray(used @ weights / total if total > 0 else np.zeros(len(used)))


def _looked_at(observed: FloatArray, today: date) -> FloatArray:
    """Until when silence can be told: nobody is silent for the time we did not look."""
    now = _midnight(today).timestamp()
    return np.where(np.isnan(observed), now, np.minimum(observed, now))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _said(agrees: Any, asked: Any) -> float | None:
    return float(bool(agrees)) if asked else None


def _answers(values: Sequence[float | None]) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
