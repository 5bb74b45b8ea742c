"""Clicks told to partner systems, in batches: one event per link and round, never one per click."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, TruncMinute
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.events import record_event
from accounts.models import WebhookEndpoint
from accounts.webhooks.messages import endpoints_for
from campaigns.links.counts import PEOPLE, UNIQUE
from campaigns.models import Click, TrackedLink

NAME = "link.clicks"
# A click bears the minute of its request and is committed before the answer: a minute later none can appear in it.
SETTLED = timedelta(minutes=1)


def tell_clicks(*, now: datetime | None = None, limit: int = 500) -> int:
    """Records `link.clicks` for links of listening workspaces that were clicked since the last time; run by beat.

    The link's row is claimed by a conditional UPDATE of how far was told, in the transaction of the event: of two
    workers at once one tells, and a killed one has told nothing. Returns the number of links told.
    """
    until = (now or timezone.now()).replace(second=0, microsecond=0) - SETTLED
    workspaces = {endpoint.workspace_id for endpoint in endpoints_for(NAME)}
    told = 0
    for link in list(_clicked(workspaces, until)[:limit]):
        told += _tell(link, link.since, until)
    return told


def _clicked(workspaces: set[object], until: datetime) -> QuerySet[TrackedLink]:
    """Links with clicks in [since, until): since the last telling, or since somebody listens."""
    first = (
        WebhookEndpoint.objects.filter(workspace_id=OuterRef("workspace_id"))
        .filter(Q(events=[]) | Q(events__contains=[NAME]))
        .order_by()
        .values("workspace_id")
        .annotate(begun=Min("created_at"))
        .values("begun")
    )
    rows = TrackedLink.objects.filter(workspace_id__in=workspaces)
    told = Greatest(Coalesce(F("clicks_told_until"), F("created_at")), first, output_field=DateTimeField())
    # whole minutes, as clicks are: a link clicked in the minute it was made has no click before its beginning
    rows = rows.annotate(since=TruncMinute(told))
    clicked = Click.objects.filter(link=OuterRef("pk"), minute__gte=OuterRef("since"), minute__lt=until)
    return rows.filter(Exists(clicked)).order_by("pk")


def _tell(link: TrackedLink, since: datetime, until: datetime) -> int:
    with transaction.atomic():
        unchanged = TrackedLink.objects.filter(pk=link.pk, clicks_told_until=link.clicks_told_until)
        if not unchanged.update(clicks_told_until=until):
            return 0
        clicks = Click.objects.filter(link=link, minute__gte=since, minute__lt=until)
        people, unique, everything = (
            clicks.filter(PEOPLE).count(),
            clicks.filter(UNIQUE).count(),
            clicks.count(),
        )
        data = {"from": since, "until": until, "clicks": people, "unique": unique, "machines": everything - people}
        stated = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()}
        record_event(NAME, link, actor=SYSTEM, data={"batch": stated}, at=until + SETTLED)
    return 1
