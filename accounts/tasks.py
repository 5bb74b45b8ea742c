"""Background work of this app. Tasks only call services; beat repeats what a lost nudge left."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from redis import RedisError

from accounts import events, mail
from accounts.services import claims, copies, erasure, jobs, retention, usage
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


@shared_task(name="accounts.run_erasure")
def run_erasure(job_id: str) -> None:
    erasure.run(uuid.UUID(job_id))


@jobs.starter(erasure.KIND)
def start_erasure(job_id: uuid.UUID) -> None:
    """A broker that is away is no loss: beat starts the job when it is back."""
    run_erasure.apply_async([str(job_id)], retry=False)


@shared_task(name="accounts.run_copy")
def run_copy(job_id: str) -> None:
    copies.run(uuid.UUID(job_id))


@jobs.starter(copies.KIND)
def start_copy(job_id: uuid.UUID) -> None:
    run_copy.apply_async([str(job_id)], retry=False)


@shared_task(name="accounts.keep_periods")
def keep_periods() -> None:
    """Run by beat at night: what is older than its period, and copies whose time is over."""
    retention.apply_all()
    copies.remove_expired()


@shared_task(name="accounts.confirm_claims")
def confirm_claims() -> None:
    claims.confirm_from_data()
