"""Tells partner systems when a score they follow has moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from accounts.actors import SYSTEM
from accounts.events import record_event
from accounts.models import Creator
from accounts.webhooks.messages import anybody_wants, endpoints_for, interested
from matching.models import CreatorIndex

# What counts as a score, as the API names it, and whether the API shows it with an interval.
SCORES = {
    "er": ("engagement_rate", True),
    "er_percentile": ("engagement_percentile", False),
    "qualified": ("qualified_share", True),
    "audience_score": ("audience", True),
    "posture_score": ("posture", True),
    "coherence": ("coherence", False),
    "sponsored_share": ("sponsored_share", False),
}
# Part of the value below which a difference is no news.
STEP = 0.01
Figures = dict[int, dict[str, float | None]]


@contextmanager
def told(creator_ids: Sequence[int]) -> Iterator[None]:
    """Around a storing of scores: one event in its transaction names the followed creators whose figures moved."""
    if not anybody_wants("score.changed"):
        yield
        return
    rooms = {endpoint.workspace_id for endpoint in endpoints_for("score.changed")}
    followed = sorted(set().union(*interested(creator_ids, only=rooms).values())) if rooms else []
    with transaction.atomic():
        before = _figures(followed)
        yield
        after = _figures(followed)
        moved = {pk: old for pk, old in before.items() if _differs(old, after.get(pk, {}))}
        first = Creator.objects.filter(pk__in=list(moved)).first()
        if first is not None:
            previous = {str(pk): {"scores": _as_shown(old)} for pk, old in moved.items()}
            data = {"creator_ids": sorted(moved), "previous": previous}
            record_event("scores.changed", first, actor=SYSTEM, data=data)


def _figures(creator_ids: Sequence[int]) -> Figures:
    rows = CreatorIndex.objects.filter(creator_id__in=creator_ids).values("creator_id", *SCORES)
    return {row.pop("creator_id"): dict(row) for row in rows} if creator_ids else {}


def _differs(old: dict[str, float | None], new: dict[str, float | None]) -> bool:
    for name in SCORES:
        a, b = old.get(name), new.get(name)
        if (a is None) != (b is None) or (a is not None and b is not None and abs(a - b) > STEP * max(abs(a), abs(b))):
            return True
    return False


def _as_shown(figures: dict[str, float | None]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for column, value in figures.items():
        name, has_interval = SCORES[column]
        shown[name] = {"value": value} if has_interval else value
    return shown
