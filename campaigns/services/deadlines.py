"""Dates of pieces: late is told once, three days later the piece is missed. Due rows are in PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.events import record_event
from accounts.zone import zone
from campaigns.limits import RUNNING
from campaigns.models import Deliverable
from campaigns.states import DELIVERABLE, advance

GRACE = timedelta(days=3)
OPEN = ("planned", "changes_requested", "approved")


def watch_due(*, now: datetime | None = None, limit: int = 200) -> int:
    """Marks late and missed pieces by the day of their workspace. Returns how many changed.

    A draft that waits for the brand is nobody's delay but the brand's: it is never late and never missed.
    """
    moment, changed = now or timezone.now(), 0
    with transaction.atomic():
        rows = Deliverable.objects.select_for_update(of=("self",), skip_locked=True).select_related(
            "partnership__campaign__workspace"
        )
        # A day's margin over UTC: the exact day is the workspace's and is looked at below.
        due = rows.filter(state__in=OPEN, due_on__lte=moment.date(), partnership__state__in=RUNNING)
        late = due.filter(late_at__isnull=True) | due.filter(due_on__lte=(moment - GRACE).date())
        for row in late.order_by("due_on", "pk")[:limit]:
            today = moment.astimezone(zone(row.partnership.campaign.workspace.timezone)).date()
            if row.due_on is None or today <= row.due_on:
                continue
            if today > row.due_on + GRACE:
                changes = {"state_changed_at": moment}
                data = {"due_on": row.due_on.isoformat()}
                advance(row, DELIVERABLE, "miss", actor=SYSTEM, changes=changes, data=data, at=moment)
                changed += 1
            elif row.late_at is None:
                row.late_at = moment
                row.save(update_fields=["late_at"])
                record_event("deliverable.late", row, actor=SYSTEM, data={"due_on": row.due_on.isoformat()}, at=moment)
                changed += 1
    return changed
