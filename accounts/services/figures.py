"""What a workspace uses: seats, creators noted, jobs, API calls, storage of its files."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import ApiUsage, Creator, CreatorRecord, Event, Job, JobState, Mail, Membership
from accounts.permissions import require

DAYS = 30


def of_workspace(actor: Actor) -> dict[str, Any]:
    """{seats, creators, noted, api, jobs, failed, letters, exports, waiting, storage}: counts of the last 30 days or of now.

    storage: bytes of the originals of its imports that are still kept.
    """
    require(actor, "health.read")
    now = timezone.now()
    since = now - timedelta(days=DAYS)
    jobs = Job.visible_to(actor)
    seats = Membership.visible_to(actor).aggregate(
        active=Count("pk", filter=Q(suspended_at__isnull=True)), all=Count("pk")
    )
    api = (
        ApiUsage.visible_to(actor)
        .filter(day__gte=since.date())
        .aggregate(requests=Sum("requests"), refused=Sum("refused"), failed=Sum("failed"))
    )
    letters = Mail.objects.filter(workspace_id=actor.workspace_of_own(), created_at__gte=since)
    files = [
        f
        for params in jobs.filter(kind="import", finished_at__gte=since).values_list("params", flat=True)
        for f in params.get("files", [])
    ]
    return {
        "seats": seats,
        "creators": Creator.visible_to(actor).count(),
        "noted": CreatorRecord.visible_to(actor).count(),
        "api": {name: value or 0 for name, value in api.items()},
        "runs": jobs.order_by("-created_at")[:12],
        "failed": jobs.filter(state=JobState.FAILED, finished_at__gte=since).count(),
        "waiting": jobs.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).count(),
        "letters": letters.count(),
        "letters_failed": letters.filter(state="failed").count(),
        "exports": Event.visible_to(actor).filter(kind="export.downloaded", at__gte=since).count(),
        "storage": sum(int(f.get("size", 0)) for f in files if f.get("stored")),
        "days": DAYS,
    }
