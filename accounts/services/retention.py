"""How long a workspace keeps what: periods as data, a preview of what they would delete, and the run with its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.models import CreatorRecord, Job, JobState, Mail, RetentionRun, Workspace, WorkspaceInvitation
from accounts.permissions import require

Rows = Callable[[Any, datetime], QuerySet[Any]]
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Area:
    """days: the usual period; a workspace may choose one from least to most. rows: (workspace id, moment) → what is older."""

    key: str
    label: Any
    note: Any
    days: int
    least: int
    most: int
    rows: Rows


AREAS: dict[str, Area] = {}


def area(key: str, label: Any, note: Any, *, days: int, least: int, most: int) -> Callable[[Rows], Rows]:
    """Registers an area; layers above add theirs."""

    def register(rows: Rows) -> Rows:
        AREAS[key] = Area(key, label, note, days, least, most, rows)
        return rows

    return register


@area(
    "letters",
    gettext_lazy("Letters sent"),
    gettext_lazy("The text of e-mails; that they were sent stays in the events."),
    days=365,
    least=30,
    most=1825,
)
def _letters(workspace: Any, before: datetime) -> QuerySet[Any]:
    return Mail.objects.filter(workspace_id=workspace, state__in=["sent", "failed"], created_at__lt=before)


@area(
    "jobs",
    gettext_lazy("Finished jobs"),
    gettext_lazy("Their progress and error lists."),
    days=365,
    least=30,
    most=1095,
)
def _jobs(workspace: Any, before: datetime) -> QuerySet[Any]:
    over = [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED]
    return Job.objects.filter(workspace_id=workspace, state__in=over, finished_at__lt=before)


@area(
    "joining",
    gettext_lazy("Invitations to join"),
    gettext_lazy("Of people who never came, or came long ago."),
    days=180,
    least=30,
    most=730,
)
def _joining(workspace: Any, before: datetime) -> QuerySet[Any]:
    return WorkspaceInvitation.objects.filter(workspace_id=workspace, expires_at__lt=before)


@area(
    "prospects",
    gettext_lazy("Notes on creators never worked with"),
    gettext_lazy("Three years after the last change, as the CNIL asks for prospects."),
    days=1095,
    least=90,
    most=1095,
)
def _prospects(workspace: Any, before: datetime) -> QuerySet[Any]:
    worked = models.Q(creator__partnerships__campaign__workspace_id=workspace)
    rows = CreatorRecord.objects.filter(workspace_id=workspace, updated_at__lt=before)
    return rows.exclude(pk__in=rows.filter(worked).values("pk"))


def period(workspace: Workspace, one: Area) -> int:
    """Days; a stored value outside of what is allowed today counts as the nearest that is."""
    said = workspace.retention.get(one.key)
    return min(one.most, max(one.least, said)) if isinstance(said, int) else one.days


def preview(*, actor: Actor, workspace: Workspace, now: datetime | None = None) -> list[dict[str, Any]]:
    """[{area, days, due, last}]: what would be deleted now, and when something last was."""
    require(actor, "retention.read", workspace)
    moment = now or timezone.now()
    last = {run.area: run for run in RetentionRun.objects.filter(workspace=workspace).order_by("at")}
    return [
        {
            "area": one,
            "days": period(workspace, one),
            "due": one.rows(workspace.pk, moment - timedelta(days=period(workspace, one))).count(),
            "last": last.get(one.key),
        }
        for one in AREAS.values()
    ]


def save(*, actor: Actor, workspace: Workspace, periods: Mapping[str, str]) -> None:
    """New periods, in days; an empty one goes back to the usual one."""
    require(actor, "retention.change", workspace)
    read: dict[str, int] = {}
    faults: dict[str, list[str]] = {}
    for one in AREAS.values():
        text = str(periods.get(one.key, "")).strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 6 and one.least <= int(text) <= one.most):
            faults[one.key] = [_("From %(least)s to %(most)s days.") % {"least": one.least, "most": one.most}]
        elif int(text) != one.days:
            read[one.key] = int(text)
    if faults:
        raise InvalidInput(fields=faults)
    with transaction.atomic():
        held = Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
        if held.retention == read:
            return
        Workspace.objects.filter(pk=workspace.pk).update(retention=read)
        data = {"before": held.retention, "after": read}
        record_event("retention.changed", workspace, actor=actor, workspace_id=workspace.pk, data=data)


def apply(*, actor: Actor, workspace: Workspace, now: datetime | None = None) -> dict[str, int]:
    """Deletes what is older than its period, in batches; one record per area that had something."""
    require(actor, "retention.change", workspace)
    moment = now or timezone.now()
    removed: dict[str, int] = {}
    for one in AREAS.values():
        days = period(workspace, one)
        before = moment - timedelta(days=days)
        count = 0
        while keys := list(one.rows(workspace.pk, before).order_by("pk").values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                one.rows(workspace.pk, before).model._default_manager.filter(pk__in=keys).delete()
                count += len(keys)
        if count:
            removed[one.key] = count
            RetentionRun.objects.create(
                workspace=workspace, area=one.key, days=days, before=before, removed=count, at=moment
            )
    if removed:
        record_event("retention.ran", workspace, actor=actor, workspace_id=workspace.pk, data=removed, at=moment)
    return removed


def apply_all() -> int:
    """Every workspace, by the nightly task. Returns how many rows went."""
    return sum(sum(apply(actor=SYSTEM, workspace=row).values()) for row in Workspace.objects.all())
