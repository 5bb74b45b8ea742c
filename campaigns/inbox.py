"""Reading for the inbox: one line per thread, and how long answers take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.actors import Actor
from campaigns.models import Message, Partnership, Thread

FOLDERS = ("waiting", "mine", "unassigned", "snoozed", "all")


@dataclass(frozen=True, slots=True)
class Line:
    """One thread of the inbox. excerpt: its newest message, as text."""

    thread: Thread
    partnership: Partnership
    excerpt: str
    side: str
    unread: bool
    held: bool


def threads(actor: Actor, folder: str = "all", *, now: datetime | None = None) -> QuerySet[Thread]:
    """waiting: the brand owes an answer. mine: assigned to the reader. Snoozed ones are in their own folder only."""
    moment = now or timezone.now()
    rows: QuerySet[Thread] = Thread.visible_to(actor).filter(last_at__isnull=False)
    asleep = Q(snoozed_until__gt=moment)
    if folder == "snoozed":
        return rows.filter(asleep).order_by("snoozed_until")
    if folder == "waiting":
        return rows.filter(waiting="brand").exclude(asleep).order_by("waiting_since")
    if folder == "mine":
        return rows.filter(assigned_to_id=actor.user_id).exclude(asleep).order_by("-last_at")
    if folder == "unassigned":
        return rows.filter(assigned_to__isnull=True).exclude(asleep).order_by("-last_at")
    return rows.order_by("-last_at")


def counts(actor: Actor) -> dict[str, int]:
    return {folder: threads(actor, folder).count() for folder in FOLDERS}


def lines(actor: Actor, rows: QuerySet[Thread]) -> list[Line]:
    """In two queries, whatever their number."""
    newest = Message.visible_to(actor).filter(partnership=OuterRef("partnership")).order_by("-created_at", "-pk")
    found = rows.select_related(
        "partnership__campaign__brand", "partnership__creator", "partnership__brief", "assigned_to"
    ).annotate(
        newest_text=Subquery(newest.values("text")[:1]),
        newest_side=Subquery(newest.values("side")[:1]),
        newest_held=Subquery(newest.values("held")[:1]),
    )
    return [
        Line(
            row,
            row.partnership,
            row.newest_text or "",
            row.newest_side or "",
            unread=row.brand_read_at is None or (row.last_at is not None and row.last_at > row.brand_read_at),
            held=bool(row.newest_held),
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class ReplyTime:
    """Median time to an answer, with the number of answers it rests on; None while there is none."""

    median: timedelta | None
    n: int


def reply_times(actor: Actor, *, since: timedelta = timedelta(days=90)) -> dict[str, ReplyTime]:
    """side → how long its answers took in this time, over the threads the actor sees."""
    rows = Message.visible_to(actor).filter(reply_seconds__isnull=False, created_at__gt=timezone.now() - since)
    found: dict[str, list[int]] = {"brand": [], "creator": []}
    for side, seconds in rows.values_list("side", "reply_seconds"):
        found[side].append(seconds)
    return {side: of(values) for side, values in found.items()}


def of(seconds: Iterable[int]) -> ReplyTime:
    values = list(seconds)
    return ReplyTime(timedelta(seconds=median(values)) if values else None, len(values))


def in_words(span: timedelta | None) -> dict[str, Any]:
    """(number, unit) a person reads at a glance: minutes, hours or days."""
    if span is None:
        return {"n": None, "unit": ""}
    hours = span.total_seconds() / 3600
    if hours < 1:
        return {"n": max(1, round(hours * 60)), "unit": "minutes"}
    return {"n": round(hours), "unit": "hours"} if hours < 48 else {"n": round(hours / 24), "unit": "days"}


def overdue(actor: Actor, *, now: datetime | None = None, after: timedelta = timedelta(hours=8)) -> QuerySet[Thread]:
    """Threads in which a creator has waited for the brand for some hours."""
    moment = now or timezone.now()
    return threads(actor, "waiting", now=moment).filter(waiting_since__lt=moment - after)
