"""Background work of this app. Tasks only call services; beat repeats what a lost nudge left."""

from __future__ import annotations

import time
from contextlib import suppress

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from redis import RedisError

from accounts import events, mail
from accounts.services import claims, usage
from accounts.webhooks import delivery

# Endpoints served at a time by one task; what is left at the end of its time the next one takes.
THREADS = 8
SECONDS = 20.0

HEARTBEAT = "heartbeat:worker"
"""Cache key: seconds since 1970 when a worker last did a task of beat. In the cache: gone with Redis is gone indeed."""


@shared_task(name="accounts.drain_events")
def drain_events() -> None:
    with suppress(RedisError):  # the cache may be away while the broker is not
        cache.set(HEARTBEAT, time.time(), 3600)
    while events.drain():
        pass
    mail.deliver()
    deliver_webhooks.apply_async(retry=False)


@shared_task(name="accounts.deliver_mail")
def deliver_mail() -> None:
    mail.deliver()


@shared_task(name="accounts.deliver_webhooks", soft_time_limit=60, time_limit=90)
def deliver_webhooks() -> None:
    """Run after events were written and by beat: attempts that are due again wait in PostgreSQL, not in the broker."""
    threads = 1 if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False) else THREADS
    delivery.deliver_due(seconds=SECONDS, threads=threads)


@shared_task(name="accounts.fold_api_usage")
def fold_api_usage() -> None:
    while usage.fold() >= usage.BATCH:
        pass
    delivery.forget_old()


@events.on_recorded
def nudge_drain() -> None:
    """Start draining now. A broker that is away is no loss: beat drains within seconds of its return."""
    drain_events.apply_async(retry=False)


@shared_task(name="accounts.confirm_claims")
def confirm_claims() -> None:
    claims.confirm_from_data()
