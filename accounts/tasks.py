"""Background work of this app. Tasks only call services; beat repeats what a lost nudge left."""

from __future__ import annotations

import time
from contextlib import suppress

from celery import shared_task
from django.core.cache import cache
from redis import RedisError

from accounts import events, mail

HEARTBEAT = "heartbeat:worker"
"""Cache key: seconds since 1970 when a worker last did a task of beat. In the cache: gone with Redis is gone indeed."""


@shared_task(name="accounts.drain_events")
def drain_events() -> None:
    with suppress(RedisError):  # the cache may be away while the broker is not
        cache.set(HEARTBEAT, time.time(), 3600)
    while events.drain():
        pass
    mail.deliver()


@shared_task(name="accounts.deliver_mail")
def deliver_mail() -> None:
    mail.deliver()


@events.on_recorded
def nudge_drain() -> None:
    """Start draining now. A broker that is away is no loss: beat drains within seconds of its return."""
    drain_events.apply_async(retry=False)
