"""What came of proposals, kept with the chance that they were seen; fairness and learning read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import WrongState
from accounts.permissions import require
from matching.contracts import FAMILIES, Family
from matching.models import CreatorIndex, MatchResult, MatchRun, Outcome, ScoringVersion
from matching.ranking import fairness, learning
from matching.ranking.exploration import examination
from matching.services import scoring

CHOSEN = (
    Outcome.Stage.PROMOTED,
    Outcome.Stage.SHORTLISTED,
    Outcome.Stage.INVITED,
    Outcome.Stage.ACCEPTED,
    Outcome.Stage.DECLINED,
    Outcome.Stage.DELIVERED,
    Outcome.Stage.MEASURED,
)
"""Stages that a person reached by wanting this creator. That the creator declined is not the brand's judgement."""
RUNS, DAYS = 300, 365
MERIT = ("affinity", "audience", "posture")


def keep(
    result: MatchResult,
    stage: str,
    *,
    actor: Actor = SYSTEM,
    reason: str = "",
    note: str = "",
    value: float | None = None,
    at: datetime | None = None,
) -> Outcome:
    """A row as it is; raises IntegrityError where one of this stage stands already."""
    chance = result.propensity or float(examination(np.array([result.rank]))[0])
    return Outcome.objects.create(
        workspace_id=result.run.workspace_id, result=result, creator_id=result.creator_id, stage=stage,
        rank=result.rank, propensity=chance, weights_version=str(result.run.weights.get("version", ""))[:40],
        reason=reason, note=note, value=value, actor_name=actor.name[:160], at=at or timezone.now(),
    )  # fmt: skip


def record_outcome(*, result_id: int, stage: str, name: str = "", value: float | None = None, at: datetime) -> None:
    """What the layer above tells of a proposal; told twice it changes nothing, a newer figure takes the older's place."""
    result = MatchResult.objects.select_related("run").filter(pk=result_id).first()
    if result is None or result.creator_id is None:
        return
    try:
        with transaction.atomic():
            if value is not None:
                older = Outcome.objects.standing().filter(result=result, stage=stage, at__lt=at)
                older.update(retracted_at=at)
            keep(result, stage, actor=Actor(kind="system", name=name), value=value, at=at)
    except IntegrityError:
        return


# --- fairness


@dataclass(frozen=True, slots=True)
class Report:
    """sides: name of the side → its groups. answers, places, explored: what was looked at, since when."""

    sides: Mapping[str, tuple[fairness.Share, ...]]
    answers: int
    places: int
    explored: int
    since: datetime


def fairness_report(actor: Actor, *, now: datetime | None = None) -> Report:
    """Exposure at equal merit in this workspace's answers of the last year, by size, language, country and newness."""
    require(actor, "scoring.read")
    since = (now or timezone.now()) - timedelta(days=DAYS)
    rows = _rows(actor, since)
    people = CreatorIndex.visible_to(actor).filter(pk__in={row["creator"] for row in rows})
    index = {one.pk: one for one in people.only("main_platform", "followers", "languages", "country")}
    sizes = scoring.current_scoring(actor.workspace_id).tiers
    rows = [row for row in rows if row["creator"] in index]
    seen = fairness.Places(
        answer=np.unique([row["run"] for row in rows], return_inverse=True)[1].astype(np.int64),
        creator=np.array([row["creator"] for row in rows], dtype=np.int64),
        rank=np.array([row["rank"] for row in rows], dtype=np.int64),
        merit=np.array([np.mean([row["values"].get(name, 50.0) for name in MERIT]) for row in rows]),
    )
    held = [index[row["creator"]] for row in rows]
    sides = {
        "tier": [sizes.of(one.main_platform, one.followers) for one in held],
        "language": [(one.languages or [""])[0] for one in held],
        "country": [one.country for one in held],
        "newness": ["new" if row["new"] else "known" for row in rows],
    }
    found = {name: fairness.shares(seen, groups) if rows else () for name, groups in sides.items()}
    return Report(found, len({row["run"] for row in rows}), len(rows), sum(row["explored"] for row in rows), since)


# --- learning


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the outcomes say of the weights in force. rows: (family, in force, learned, low, high), points of 100."""

    rows: tuple[tuple[Family, float, float, float, float], ...]
    found: learning.Learned
    counts: Mapping[str, int]
    based_on: int

    @property
    def weights(self) -> dict[str, float]:
        return {name: after for name, _before, after, _low, _high in self.rows}


def proposal(actor: Actor) -> Proposal:
    """The MAP weights from this workspace's outcomes; `found.verdict` says whether they are worth proposing."""
    require(actor, "scoring.read")
    now = scoring.current_scoring(actor.workspace_id)
    given = now.weights.normalised()
    prior = np.array([given[name] for name in FAMILIES])
    found = learning.learn(_examples(actor), prior)
    rows = tuple(
        (name, *(round(100 * float(side[k]), 1) for side in (prior, found.weights, found.low, found.high)))
        for k, name in enumerate(FAMILIES)
    )
    return Proposal(rows, found, counts(actor), now.number)  # type: ignore[arg-type]


def adopt(*, actor: Actor, based_on: int, note: str) -> ScoringVersion:
    """Publishes what is proposed as the next version, by this person. Raises WrongState where nothing is proposed."""

    require(actor, "scoring.publish")
    offer = proposal(actor)
    if offer.found.verdict != "change":
        raise WrongState(_("The outcomes do not call for another weight."), code="no_proposal")
    evidence = {
        "n": offer.found.n, "chosen": offer.found.chosen, "answers": offer.found.answers,
        "gain": round(offer.found.gain, 5), "prior": {name: before for name, before, *_rest in offer.rows},
        "intervals": {name: [low, high] for name, _b, _a, low, high in offer.rows},
    }  # fmt: skip
    return scoring.publish_scoring(
        actor=actor, weights=offer.weights, note=note, based_on=based_on, kind=ScoringVersion.Kind.LEARNED,
        evidence=evidence,
    )  # fmt: skip


def counts(actor: Actor) -> dict[str, int]:
    """Stage → how many stand, with `shown` for what was proposed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stage, count(*) FROM matching_outcome WHERE workspace_id = %s AND retracted_at IS NULL"
            " GROUP BY stage",
            [actor.workspace_id],
        )
        found = dict(cursor.fetchall())
    shown = MatchResult.visible_to(actor).count()
    return {"shown": shown} | {stage: int(found.get(stage, 0)) for stage in Outcome.Stage.values}


def _examples(actor: Actor) -> learning.Examples:
    rows = _rows(actor, timezone.now() - timedelta(days=DAYS), chosen_only=True)
    said: dict[int, set[str]] = {}
    mine = Outcome.visible_to(actor).standing().filter(result_id__in=[row["id"] for row in rows])
    for result_id, stage in mine.values_list("result_id", "stage"):
        said.setdefault(result_id, set()).add(stage)
    chosen = [bool(said.get(row["id"], set()) & set(CHOSEN)) for row in rows]
    values = [[row["values"].get(name, 50.0) for name in FAMILIES] for row in rows]
    return learning.Examples(
        values=np.array(values, dtype=np.float64).reshape(-1, len(FAMILIES)),
        chosen=np.array(chosen, dtype=np.float64),
        judged=np.array([row["id"] in said for row in rows], dtype=np.float64),
        propensity=np.array([row["propensity"] for row in rows], dtype=np.float64),
        answer=np.unique([row["run"] for row in rows], return_inverse=True)[1].astype(np.int64),
    )


_PLACES = """
SELECT r.id, r.run_id::text, r.creator_id, r.rank, coalesce(r.propensity, 1 / log(2, 1 + r.rank)::float8), r.explored,
       jsonb_path_query_array(r.fit, '$.families[*].family'), jsonb_path_query_array(r.fit, '$.families[*].value'),
       NOT EXISTS (
           SELECT 1 FROM matching_matchresult e JOIN matching_matchrun o ON o.id = e.run_id
           WHERE e.creator_id = r.creator_id AND o.workspace_id = m.workspace_id AND o.created_at < m.created_at
       )
FROM matching_matchresult r JOIN matching_matchrun m ON m.id = r.run_id
WHERE m.id = ANY(%s::uuid[]) ORDER BY r.run_id, r.rank
"""


def _rows(actor: Actor, since: datetime, *, chosen_only: bool = False) -> list[dict[str, Any]]:
    """Places of the newest RUNS answers since then, families read in the database: the whole fits are large."""
    runs = MatchRun.visible_to(actor).filter(created_at__gte=since)
    if chosen_only:
        chosen = Outcome.visible_to(actor).standing().filter(stage__in=CHOSEN)
        runs = runs.filter(pk__in=chosen.values("result__run_id"))
    ids = [str(pk) for pk in runs.order_by("-created_at").values_list("pk", flat=True)[:RUNS]]
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [ids])
        found = cursor.fetchall()
    out = []
    for pk, run, creator, rank, chance, explored, names, values, new in found:
        names, values = (json.loads(side) if isinstance(side, str) else side for side in (names, values))
        families = {n: float(v) for n, v in zip(names, values, strict=False) if v is not None}
        out.append(
            {"id": pk, "run": run, "creator": creator, "rank": rank, "propensity": min(max(float(chance), 1e-6), 1.0),
             "explored": explored, "values": families, "new": new}
        )  # fmt: skip
    return out
