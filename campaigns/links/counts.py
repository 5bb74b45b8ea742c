"""Clicks counted for pages, reports and the API: people apart from machines, first visits apart from repeats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDay, TruncHour

from accounts.actors import Actor
from campaigns.models import Click, TrackedLink

PEOPLE = Q(is_bot=False)
UNIQUE = Q(is_bot=False, dedup_of__isnull=True)
HOURS_SHOWN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Counts:
    """clicks: of people. unique: at most one per network, kind of device and hour. machines: kept and never counted."""

    clicks: int = 0
    unique: int = 0
    machines: int = 0


def counts_of(actor: Actor, links: Iterable[UUID]) -> dict[UUID, Counts]:
    """link id → Counts, in one query."""
    wanted = list(links)
    rows = (
        Click.visible_to(actor)
        .filter(link__in=wanted)
        .order_by()
        .values("link")
        .annotate(clicks=Count("pk", filter=PEOPLE), unique=Count("pk", filter=UNIQUE), all=Count("pk"))
    )
    found = {row["link"]: Counts(row["clicks"], row["unique"], row["all"] - row["clicks"]) for row in rows}
    return {pk: found.get(pk, Counts()) for pk in wanted}


def over_time(clicks: QuerySet[Click]) -> tuple[str, list[tuple[datetime, int, int]]]:
    """("hour" or "day", [(begin, clicks of people, machines)]): by hour while the whole is short."""
    first, last = clicks.order_by("minute").first(), clicks.order_by("-minute").first()
    short = first is None or last is None or last.minute - first.minute <= HOURS_SHOWN
    unit, trunc = ("hour", TruncHour("minute")) if short else ("day", TruncDay("minute"))
    rows = clicks.order_by().annotate(begin=trunc).values("begin")
    counted = rows.annotate(people=Count("pk", filter=PEOPLE), all=Count("pk")).order_by("begin")
    return unit, [(row["begin"], row["people"], row["all"] - row["people"]) for row in counted]


def shares(clicks: QuerySet[Click], field: str, most: int = 6) -> list[tuple[str, int]]:
    """The commonest values of `field` among people's clicks; "" where unknown."""
    rows = clicks.filter(PEOPLE).order_by().values(field).annotate(n=Count("pk")).order_by("-n", field)[:most]
    return [(row[field], row["n"]) for row in rows]


def machines(clicks: QuerySet[Click]) -> list[tuple[str, int]]:
    rows = clicks.filter(is_bot=True).order_by().values("bot_reason").annotate(n=Count("pk")).order_by("-n")
    return [(row["bot_reason"], row["n"]) for row in rows]


def by_minute(actor: Actor, link: TrackedLink) -> list[dict[str, Any]]:
    """Minute by minute, for the API: newest first, at most 1,000 minutes."""
    rows = Click.visible_to(actor).filter(link=link).order_by().values("minute")
    counted = rows.annotate(
        clicks=Count("pk", filter=PEOPLE),
        unique=Count("pk", filter=UNIQUE),
        machines=Count("pk", filter=Q(is_bot=True)),
    )
    return list(counted.order_by("-minute")[:1000])


def minutes(actor: Actor) -> QuerySet[Click, dict[str, Any]]:
    """Clicks of all links the actor sees, one row per link and minute: {link, minute, clicks, unique, machines}."""
    rows = Click.visible_to(actor).order_by().values("link", "minute")
    return rows.annotate(
        clicks=Count("pk", filter=PEOPLE),
        unique=Count("pk", filter=UNIQUE),
        machines=Count("pk", filter=Q(is_bot=True)),
    )
