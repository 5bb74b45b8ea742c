"""From a brief to a defended shortlist: the one use-case behind the page, the command and the API."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.permissions import require
from accounts.replica import reads
from matching.briefs import brief_hash
from matching.candidates import facts_of, pool_of, with_posts, with_terms, with_words
from matching.commitments import current_commitments
from matching.conditions import Sql, budget_eur
from matching.conflicts import conflicts_of, with_conflicts
from matching.contracts import Brief, Fit
from matching.evidence import post_evidence
from matching.limits import broken_limits
from matching.meaning import meaning_of
from matching.models import MatchResult, MatchRun
from matching.payload import result_payloads
from matching.ranking import ENGINE_VERSION
from matching.ranking.explain import explain
from matching.ranking.exploration import arrange
from matching.ranking.pool import Wish
from matching.ranking.total import LEADING, rank
from matching.retrieval import Query, retrieve, words_used
from matching.services.calibration import current_calibration
from matching.services.scoring import current_scoring, weighed
from matching.terms import terms_of

MOST_RESULTS = 200
EXPLORED_AFFINITY = 40.0
"""Below it nobody is given an explored place: somebody far from the subject teaches nothing about this brief."""
RESERVE = 30
"""Leading candidates read beyond those ranked, so that who breaks a limit on second reading is replaced."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is stored. excluded: code → count. refused: nearest (creator, code).

    places: of every fit, (propensity, whether the place was explored).
    """

    brief: Brief
    fits: tuple[Fit, ...]
    places: tuple[tuple[float, bool], ...]
    terms: tuple[str, ...]
    considered: int
    eligible: int
    exact: bool
    index_size: int
    excluded: Mapping[str, int]
    refused: tuple[tuple[int, str], ...]
    timings_ms: Mapping[str, float]
    space_version: str
    engine_version: str = ENGINE_VERSION


def run_match(*, actor: Actor, brief: Brief, limit: int = 50, seed: int | None = None) -> MatchRun:
    """Answers a brief and keeps the answer for ever. limit: 1..200 results.

    Raises NotAllowed for a role or key that may not match, InvalidInput for a limit out of range.
    """
    require(actor, "match.run")
    if actor.workspace_id is None:
        raise InvalidInput(fields={"workspace": ["A match belongs to a workspace."]})
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST_RESULTS:
        raise InvalidInput(fields={"limit": [f"1–{MOST_RESULTS}"]})
    asked, scoring = brief_hash(brief), current_scoring(actor.workspace_id)
    brief = weighed(brief, scoring)
    seed = int(asked[:15], 16) if seed is None else seed
    found = answer(brief=brief, limit=limit, seed=seed, workspace_id=actor.workspace_id, explore=scoring.explore)
    with transaction.atomic():
        run = MatchRun.objects.create(
            workspace_id=actor.workspace_id,
            brief=brief.to_json(),
            brief_hash=asked,
            weights=asdict(brief.weights),
            engine_version=found.engine_version,
            space_version=found.space_version,
            index_size=found.index_size,
            eligible=found.eligible,
            considered=found.considered,
            excluded=_excluded_json(found),
            timings_ms=dict(found.timings_ms),
            created_by=actor.name[:160],
            author_id=actor.user_id,
        )
        MatchResult.objects.bulk_create(
            MatchResult(
                run=run,
                rank=rank_,
                creator_id=fit.creator_id,
                score=fit.score,
                fit=asdict(fit) | {"weights_version": brief.weights.version},
                propensity=propensity,
                explored=explored,
            )
            for rank_, (fit, (propensity, explored)) in enumerate(zip(found.fits, found.places, strict=True), start=1)
        )
        record_event("match.ran", run, actor=actor, data={"results": len(found.fits), "engine": found.engine_version})
    return run


@reads
def answer(
    *,
    brief: Brief,
    limit: int = 50,
    seed: int | None = None,
    where: Sql | None = None,
    today: date | None = None,
    workspace_id: UUID | None = None,
    exact: bool | None = None,
    explore: int = 0,
) -> Answer:
    """Answers a brief without keeping it. where: further hard filters over the index row. Same data, same answer.

    explore: how many of the first places go to people of whom little is known.
    """
    clock = _Clock()
    today = today or timezone.now().date()
    seed = int(brief_hash(brief)[:15], 16) if seed is None else seed
    meaning, terms = meaning_of(brief), terms_of(brief)
    query = Query(brief, meaning.vector, meaning.subject, terms, today, where or Sql("TRUE"))
    clock.lap("read")
    found = retrieve(query, exact=exact)
    clock.lap("retrieve")
    commitments, wish = current_commitments(), Wish(_budget(brief), brief.in_kind_only, current_calibration())
    pool = pool_of(found, terms, commitments, today=today, forms=brief.forms)
    reference = replace(found.reference, candidates=pool.topic_similarity)
    first = rank(pool, reference, wish, brief.weights, seed=seed, leading=0)
    depth = max(LEADING, limit)
    ahead = first.order[: depth + RESERVE]
    broken, known = broken_limits(
        pool.creator_id[ahead].tolist(), brief, commitments, today=today, workspace_id=workspace_id
    )
    free = [row for row in ahead.tolist() if int(pool.creator_id[row]) not in broken][:depth]
    clock.lap("rank")
    leaders = pool.take(np.array(free, dtype=np.int64))
    posts = post_evidence(leaders.creator_id.tolist(), found.vector, meaning.topics, space=meaning.version)
    used = words_used(leaders.creator_id.tolist(), terms)
    leaders = with_words(leaders, used, terms)
    leaders = with_terms(with_posts(leaders, posts, named=bool(meaning.topics)), known, brief, meaning)
    conflicts = conflicts_of(leaders.creator_id.tolist(), brief)
    leaders = with_conflicts(leaders, conflicts)
    ranking = rank(leaders, reference, wish, brief.weights, seed=seed)
    clock.lap("posts")
    placed = arrange(
        ranking.order,
        ranking.total,
        np.where(ranking.value["affinity"] >= EXPLORED_AFFINITY, ranking.total_low, np.nan),
        ranking.total_high,
        leaders.creator_id,
        limit=limit,
        slots=explore,
        seed=seed,
    )
    shown = placed.order.tolist()
    words = [[term.word for term, hit in zip(terms, used[row], strict=True) if hit] for row in shown]
    facts = facts_of(leaders.creator_id[shown].tolist(), posts, meaning, words, conflicts, today=today)
    fits = explain(ranking, leaders, shown, facts, wish)
    clock.lap("explain")
    refused = [(pk, code if pk in known and known[pk].shows_reasons else "undisclosed") for pk, code in broken.items()]
    return Answer(
        brief=brief,
        fits=fits,
        places=tuple(zip(placed.propensity.round(6).tolist(), placed.explored.tolist(), strict=True)),
        terms=tuple(term.word for term in terms),
        considered=len(pool),
        eligible=found.eligible,
        exact=found.exact,
        index_size=found.index_size,
        excluded=_counted(found.excluded, refused),
        timings_ms=clock.laps,
        refused=tuple([*found.shown_excluded, *refused][:MOST_RESULTS]),
        space_version=meaning.version,
    )


def match_payload(run: MatchRun, *, limit: int | None = None) -> dict[str, Any]:
    """The one JSON form of a run. Reasons carry their sentence in the active language beside code and parameters."""
    results = list(run.results.select_related("creator__index").order_by("rank")[: limit or MOST_RESULTS])
    return {
        "id": str(run.pk),
        "created_at": run.created_at.isoformat(),
        "engine_version": run.engine_version,
        "space_version": run.space_version,
        "brief": run.brief,
        "brief_hash": run.brief_hash,
        "weights": run.weights,
        "index_size": run.index_size,
        "eligible": run.eligible,
        "considered": run.considered,
        "excluded": run.excluded,
        "results": result_payloads(results),
    }


class _Clock:
    """Milliseconds between laps."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 1)
        self._last = now


def _budget(brief: Brief) -> float | None:
    euros = budget_eur(brief)
    return None if euros is None else float(euros)


def _counted(excluded: Mapping[str, int], refused: Sequence[tuple[int, str]]) -> dict[str, int]:
    counts = dict(excluded)
    for _pk, code in refused:
        counts[code] = counts.get(code, 0) + 1
    return dict(sorted(counts.items()))


def _excluded_json(found: Answer) -> dict[str, Any]:
    """Counts by reason, and the nearest who were left out; a reason is only named where the creator allows it."""
    nearest = [{"creator": pk, "code": code} for pk, code in found.refused[:20]]
    return {"counts": dict(found.excluded), "nearest": nearest, "exact": found.exact}
