"""A person decides: passing over a proposal, putting one first, taking it back, and what that does to the search."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.permissions import require
from matching.contracts import FAMILIES, Family, Weights
from matching.models import MatchResult, MatchRun, Outcome
from matching.ranking.reweigh import family_values, heavier, totals
from matching.services import outcomes
from matching.services.scoring import current_scoring
from matching.tiers import Tiers
from matching.verdicts import LOWERED, NEEDS_WORDS, REASONS

VERDICTS = (Outcome.Stage.PASSED, Outcome.Stage.PROMOTED)
NOTE_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Standing:
    """One proposal where it stands now. place: from 1, as shown; verdict: what a person said of it, if anything."""

    result: MatchResult
    place: int
    verdict: Outcome | None = None

    @property
    def moved(self) -> int:
        return self.result.rank - self.place


@dataclass(frozen=True, slots=True)
class Reordered:
    """shown: in their order now. passed: kept apart. changes: (family, share before, share after) this search uses."""

    shown: tuple[Standing, ...]
    passed: tuple[Standing, ...]
    changes: tuple[tuple[Family, float, float], ...]
    lowered: tuple[str, ...]


def judge(*, actor: Actor, result: MatchResult, stage: str, reason: str = "", note: str = "") -> Outcome:
    """Passes over a proposal with a reason, or puts it first with words. A second click changes nothing.

    Raises NotAllowed, InvalidInput; WrongState where the other verdict stands.
    """
    require(actor, "match.judge")
    words = " ".join("".join(c if c.isprintable() else " " for c in note).split())
    faults: dict[str, list[str]] = {}
    if stage not in VERDICTS:
        faults["stage"] = [_("Choose whether to pass over or to put first.")]
    elif stage == Outcome.Stage.PASSED and reason not in REASONS:
        faults["reason"] = [_("Choose a reason from the list.")]
    if len(words) > NOTE_LONGEST:
        faults["note"] = [_("At most %(most)s characters.") % {"most": NOTE_LONGEST}]
    elif not words and (stage == Outcome.Stage.PROMOTED or reason in NEEDS_WORDS):
        faults["note"] = [_("Say why, in your own words: it stays beside your name.")]
    if faults:
        raise InvalidInput(fields=faults)
    standing = Outcome.visible_to(actor).standing().filter(result=result, stage__in=VERDICTS).first()
    if standing is not None:
        if standing.stage == stage:
            return standing  # type: ignore[no-any-return]
        raise WrongState(_("Take back what was said of this creator first."), code="judged")
    code = reason if stage == Outcome.Stage.PASSED else ""
    try:
        with transaction.atomic():
            row = outcomes.keep(result, stage, actor=actor, reason=code, note=words)
            data = {"creator": result.creator_id, "reason": code, "note": words, "rank": result.rank}
            record_event(f"match.{stage}", row, actor=actor, data=data)
    except IntegrityError:
        return Outcome.visible_to(actor).standing().get(result=result, stage=stage)  # type: ignore[no-any-return]
    return row


def take_back(*, actor: Actor, result: MatchResult) -> bool:
    """What was said of this proposal is kept in the log and counts no more. False where nothing was said."""
    require(actor, "match.judge")
    with transaction.atomic():
        rows = Outcome.visible_to(actor).standing().filter(result=result, stage__in=VERDICTS)
        row = rows.select_for_update().first()
        if row is None:
            return False
        Outcome.objects.filter(pk=row.pk).update(retracted_at=timezone.now())
        record_event("match.taken_back", row, actor=actor, data={"creator": result.creator_id, "stage": row.stage})
    return True


def reordered(actor: Actor, run: MatchRun, results: Sequence[MatchResult]) -> Reordered:
    """The kept answer as this workspace's verdicts leave it; without any it is as it was answered."""
    said = {
        row.result_id: row for row in Outcome.visible_to(actor).standing().filter(result__run=run, stage__in=VERDICTS)
    }
    passed = [one for one in results if one.pk in said and said[one.pk].stage == Outcome.Stage.PASSED]
    first = [one for one in results if one.pk in said and said[one.pk].stage == Outcome.Stage.PROMOTED]
    rest = [one for one in results if one.pk not in said]
    reasons = Counter(said[one.pk].reason for one in passed)
    weights, heavy = _weights(run), _families(reasons)
    traits = {code for code in reasons if code in REASONS and REASONS[code].trait}
    if heavy or traits:
        rest = _ranked(actor, rest, passed, said, heavier(weights, heavy))
    order = [*sorted(first, key=lambda one: said[one.pk].at), *rest]
    after = heavier(weights, heavy).normalised()
    changes = [(name, weights.normalised()[name], after[name]) for name in FAMILIES if heavy]
    return Reordered(
        shown=tuple(Standing(one, place, said.get(one.pk)) for place, one in enumerate(order, start=1)),
        passed=tuple(Standing(one, one.rank, said[one.pk]) for one in passed),
        changes=tuple(changes),
        lowered=tuple(sorted(REASONS[code].trait for code in traits)),
    )


def _weights(run: MatchRun) -> Weights:
    known: dict[str, Any] = {
        name: float(run.weights[name]) for name in FAMILIES if isinstance(run.weights.get(name), int | float)
    }
    return Weights(**known) if known else Weights()


def _families(reasons: Counter[str]) -> dict[Family, int]:
    counted: Counter[Family] = Counter()
    for code, times in reasons.items():
        known = REASONS.get(code)
        if known and known.family:
            counted[known.family] += times
    return dict(counted)


def _ranked(
    actor: Actor,
    rest: Sequence[MatchResult],
    passed: Sequence[MatchResult],
    said: dict[int, Outcome],
    weights: Weights,
) -> list[MatchResult]:
    """Everybody not judged, under the search's own weights and without favour for what was passed over."""
    if not rest:
        return []
    sizes = current_scoring(actor.workspace_id).tiers
    shared: Counter[tuple[str, str]] = Counter()
    for one in passed:
        known = REASONS.get(said[one.pk].reason)
        if known and known.trait:
            shared[known.trait, _trait(one, known.trait, sizes)] += 1
    score = totals(family_values([one.fit for one in rest]), weights)
    for row, one in enumerate(rest):
        times = sum(n for (trait, value), n in shared.items() if value and _trait(one, trait, sizes) == value)
        score[row] *= LOWERED**times
    ids = np.array([one.creator_id for one in rest])
    # An explored place stays where it is: it was given, and its own score would take it away again.
    earned = [rest[k] for k in np.lexsort((ids, -score)).tolist() if not rest[k].explored]
    for k, one in enumerate(rest):
        if one.explored:
            earned.insert(min(k, len(earned)), one)
    return earned


def _trait(result: MatchResult, trait: str, sizes: Tiers) -> str:
    index = getattr(result.creator, "index", None)
    if index is None:
        return ""
    if trait == "tier":
        return sizes.of(index.main_platform, index.followers)
    return str(index.country if trait == "country" else (index.languages or [""])[0])
