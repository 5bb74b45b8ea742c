"""The events about a creator as the creator reads them: in words, and without the names of a brand's people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Event, Workspace

SHOWN = 30
_WORDS: dict[str, str | Promise] = {
    "partnership.invited": _("Invitation sent"),
    "partnership.seen": _("Invitation opened"),
    "partnership.accepted": _("Partnership accepted"),
    "partnership.declined": _("Invitation declined"),
    "partnership.countered": _("Other terms proposed"),
    "partnership.withdrawn": _("Invitation withdrawn"),
    "partnership.expired": _("Deadline passed without an answer"),
    "partnership.contracted": _("Contract signed"),
    "partnership.live": _("Content published"),
    "partnership.completed": _("Partnership completed"),
    "partnership.cancelled": _("Partnership ended"),
    "partnership.deadline_extended": _("Deadline extended"),
    "claim.opened": _("Profile claim begun"),
    "claim.refused": _("Profile claim refused"),
    "claim.confirmed": _("Profile claim confirmed"),
    "creator.claimed": _("Profile claimed"),
    "creator.copy_asked": _("Copy of your data asked for"),
    "creator.copy_downloaded": _("Copy of your data downloaded"),
    "creator.corrected": _("Facts put right"),
    "creator.noticed": _("You were told where your data came from"),
    "creator.changed": _("Profile or limits changed"),
    "creator.objected": _("Contact refused"),
    "creator.objection_withdrawn": _("Contact allowed again"),
    "creators.updated": _("Public data updated"),
    "scores.changed": _("Scores computed again"),
}
_AREAS: dict[str, str | Promise] = {
    "partnership": _("Partnership changed"),
    "creator": _("Profile changed"),
    "contract": _("Contract changed"),
    "brief": _("Brief changed"),
    "suggestion": _("Brief discussed"),
    "scores": _("Scores computed again"),
}


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    title: str
    who: str


def events_of(actor: Actor) -> QuerySet[Event]:
    """Everything recorded about this creator but what a brand notes for itself (models/event.py)."""
    found: QuerySet[Event] = Event.visible_to(actor)
    return found


def history(actor: Actor) -> list[Line]:
    """The newest events that concern this creator, newest first."""
    rows = list(events_of(actor).order_by("-id")[:SHOWN])
    wanted = {row.workspace_id for row in rows if row.workspace_id}
    names: dict[Any, str] = dict(Workspace.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return [Line(row.at, in_words(row.kind), _who(row, names)) for row in rows]


def in_words(kind: str) -> str:
    return str(_WORDS.get(kind) or _AREAS.get(kind.partition(".")[0]) or _("Change recorded"))


def _who(event: Event, names: dict[Any, str]) -> str:
    if event.actor_kind == "creator":
        return event.actor_name
    return names.get(event.workspace_id) or "Resonance"
