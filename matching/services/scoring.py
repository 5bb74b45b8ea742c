"""How a workspace scores, by version: what is in force, publishing the next, going back to an older one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.permissions import require
from matching.contracts import FAMILIES, PLATFORMS, Brief, Family, Weights
from matching.models import ScoringVersion
from matching.ranking.exploration import MOST_SLOTS, USUAL_SLOTS
from matching.tiers import EVERY, Tiers, sound

PUBLISHED = Weights().version
NOTE_LONGEST = 600
POINTS_MOST = 100.0


@dataclass(frozen=True, slots=True)
class Scoring:
    """What is in force for a workspace; number 0 is what the product ships."""

    number: int = 0
    weights: Weights = field(default_factory=Weights)
    tiers: Tiers = field(default_factory=Tiers)
    explore: int = USUAL_SLOTS

    @property
    def points(self) -> dict[Family, float]:
        """Family → points of 100, summing to 100 but for rounding."""
        return {name: round(100 * share, 1) for name, share in self.weights.normalised().items()}


def current_scoring(workspace_id: UUID | None) -> Scoring:
    """The newest version of the workspace; the shipped one where it never published any."""
    if workspace_id is None:
        return Scoring()
    row = ScoringVersion.objects.filter(workspace_id=workspace_id).order_by("-number").first()
    return scoring_of(row) if row else Scoring()


def scoring_of(row: ScoringVersion) -> Scoring:
    weights = Weights(**{name: float(row.weights[name]) for name in FAMILIES}, version=version_name(row.number))
    return Scoring(row.number, weights, Tiers.from_json(row.tiers), row.explore)


def version_name(number: int) -> str:
    """ "v3" of a workspace; the shipped weights keep their own name."""
    return f"v{number}" if number else PUBLISHED


def weighed(brief: Brief, scoring: Scoring) -> Brief:
    """The brief under the workspace's weights, unless it states its own."""
    return replace(brief, weights=scoring.weights) if brief.weights.version == PUBLISHED else brief


def publish_scoring(
    *,
    actor: Actor,
    note: str,
    based_on: int,
    weights: Mapping[str, Any] | None = None,
    tiers: Mapping[str, Any] | None = None,
    explore: int | None = None,
    kind: str = ScoringVersion.Kind.PUBLISHED,
    evidence: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> ScoringVersion:
    """The next version: what is not given stays as it is. based_on: the number the editor saw.

    Raises NotAllowed, InvalidInput by field, WrongState where somebody published meanwhile or nothing would change.
    """
    require(actor, "scoring.publish")
    held = current_scoring(actor.workspace_of_own())
    faults: dict[str, list[str]] = {}
    points = _read_weights(weights, faults) if weights is not None else held.points
    bounds = _read_tiers(tiers, faults) if tiers is not None else held.tiers
    slots = _read_slots(explore, faults) if explore is not None else held.explore
    words = _read_note(note, faults)
    if faults:
        raise InvalidInput(fields=faults)
    if points == held.points and bounds.to_json() == held.tiers.to_json() and slots == held.explore:
        raise WrongState(_("Nothing would change: these are the values in force."), code="unchanged")
    return _next(
        actor, based_on, weights=dict(points), tiers=bounds.to_json(), explore=slots, note=words, kind=kind,
        evidence=dict(evidence or {}),
        now=now,
    )  # fmt: skip


def restore_scoring(*, actor: Actor, number: int, note: str, based_on: int) -> ScoringVersion:
    """Takes an older version up again as a new one; 0 is what the product ships."""
    require(actor, "scoring.publish")
    faults: dict[str, list[str]] = {}
    words = _read_note(note, faults)
    if faults:
        raise InvalidInput(fields=faults)
    rows = ScoringVersion.visible_to(actor)
    row = rows.filter(number=number).first()
    if row is None and number != 0:
        raise InvalidInput(fields={"number": [_("There is no such version.")]})
    if number == current_scoring(actor.workspace_of_own()).number:
        raise WrongState(_("This version is in force already."), code="unchanged")
    old = scoring_of(row) if row else Scoring()
    return _next(
        actor, based_on, weights=dict(old.points), tiers=old.tiers.to_json(), explore=old.explore, note=words,
        kind=ScoringVersion.Kind.RESTORED, restores=number,
    )  # fmt: skip


def _next(actor: Actor, based_on: int, *, now: datetime | None = None, **values: Any) -> ScoringVersion:
    workspace_id = actor.workspace_of_own()
    if current_scoring(workspace_id).number != based_on:
        raise _overtaken()
    try:
        with transaction.atomic():
            row = ScoringVersion.objects.create(
                workspace_id=workspace_id, number=based_on + 1, published_by=actor.name[:160],
                published_by_id=actor.id[:40], published_at=now or timezone.now(), **values,
            )  # fmt: skip
            data = {"number": row.number, "kind": row.kind, "weights": row.weights, "note": row.note}
            record_event("scoring.published", row, actor=actor, data=data)
    except IntegrityError as error:
        raise _overtaken() from error
    return row


def _overtaken() -> WrongState:
    return WrongState(_("Somebody published another version meanwhile. Look at it, then try again."), code="overtaken")


# --- what was typed


def _read_weights(given: Mapping[str, Any], faults: dict[str, list[str]]) -> dict[Family, float]:
    """Points as typed → points of 100. At least one family beside willingness must weigh something."""
    read: dict[Family, float] = {}
    for name in FAMILIES:
        value = _number(given.get(name))
        if value is None or not 0 <= value <= POINTS_MOST:
            faults[name] = [_("A weight is a number from 0 to 100.")]
        else:
            read[name] = value
    if set(given) - set(FAMILIES):
        faults["weights"] = [_("There is no such family.")]
    if not faults and not any(read[name] for name in FAMILIES if name != "willingness"):
        faults["weights"] = [_("At least one family beside willingness must weigh something.")]
    total = sum(read.values())
    return {name: round(100 * value / total, 1) for name, value in read.items()} if total and not faults else read


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None


def _read_tiers(given: Mapping[str, Any], faults: dict[str, list[str]]) -> Tiers:
    """ "*" or a network → four rising counts; a network without any takes those of "*"."""
    kept: dict[str, tuple[int, ...]] = {}
    for name, steps in given.items():
        if name not in (EVERY, *PLATFORMS):
            faults["tiers"] = [_("There is no such network.")]
        elif not steps and name != EVERY:
            continue
        elif not sound(steps):
            faults[f"tiers_{name}"] = [_("Four whole numbers, each above the one before.")]
        else:
            kept[name] = tuple(steps)
    return Tiers(kept if EVERY in kept else {EVERY: Tiers().steps(EVERY)} | kept)


def _read_slots(value: Any, faults: dict[str, list[str]]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_SLOTS:
        faults["explore"] = [_("From 0 to %(most)s places.") % {"most": MOST_SLOTS}]
        return 0
    return value


def _read_note(text: str, faults: dict[str, list[str]]) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    if not words:
        faults["note"] = [_("Say in a sentence what changed and why: it stays in the history.")]
    elif len(words) > NOTE_LONGEST:
        faults["note"] = [_("At most %(most)s characters.") % {"most": NOTE_LONGEST}]
    return words
