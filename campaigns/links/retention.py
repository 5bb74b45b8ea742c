"""How long clicks keep what: the hash of the visitor a day, the rest 25 months."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from campaigns.models import Click, ClickSalt

VISITOR_HOURS = 24
KEPT = timedelta(days=760)


def forget_visitors(*, now: datetime | None = None) -> int:
    """Deletes salts of days that are over and empties the hashes older than 24 hours. Returns how many hashes."""
    moment = now or timezone.now()
    ClickSalt.objects.filter(day__lt=moment.date()).delete()
    old = Click.objects.filter(visitor__isnull=False, hour__lte=moment - timedelta(hours=VISITOR_HOURS))
    return old.update(visitor=None)


def drop_old_clicks(*, now: datetime | None = None) -> int:
    """Clicks older than 25 months; frozen reports keep the figures made of them."""
    return Click.objects.filter(minute__lt=(now or timezone.now()) - KEPT).delete()[0]
