"""How the installation is: the same figures for the health page and for Prometheus.

A figure that cannot be had is None ("–" on the page, absent from the metrics), never 0.
"""

import logging
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import django
import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection, models
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import replica
from accounts.models import Job, JobState, Mail, Reaction
from accounts.tasks import HEARTBEAT
from config.celery import QUEUES
from matching.models import RescoreRequest, Signals
from matching.ranking import ENGINE_VERSION

logger = logging.getLogger(__name__)
Unit = Literal["count", "seconds", "bytes"]
DAY = 86_400


@dataclass(frozen=True)
class Vital:
    """key: name of the metric. limit: the value from which it needs somebody; below=True: under which."""

    key: str
    label: Promise | str
    value: float | None
    unit: Unit = "count"
    limit: float | None = None
    below: bool = False
    hint: Promise | str = ""

    @property
    def tone(self) -> str:
        if self.value is None or self.limit is None:
            return "neutral"
        wrong = self.value < self.limit if self.below else self.value >= self.limit
        return "warn" if wrong else "good"


@dataclass(frozen=True)
class Group:
    title: Promise | str
    vitals: tuple[Vital, ...]


def groups() -> list[Group]:
    """Every group that can be read; one that fails shows nothing but its title, and its fault is logged."""
    found = []
    for title, probe in _PROBES:
        try:
            found.append(Group(title, tuple(probe())))
        except Exception:  # a page about faults must not fall to one
            logger.exception("vitals “%s” could not be read", title)
            found.append(Group(title, ()))
    return found


def versions() -> dict[str, str]:
    """What runs here, for a report of a fault."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), extversion FROM pg_extension WHERE extname = 'vector'"
        )
        postgres, vector = cursor.fetchone() or ("–", "–")
    return {
        "Python": platform.python_version(),
        "Django": django.get_version(),
        "PostgreSQL": postgres,
        "pgvector": vector,
        "engine": ENGINE_VERSION,
        "platform": sys.platform,
    }


def _background() -> Iterator[Vital]:
    beat = cache.get(HEARTBEAT)
    yield Vital(
        "worker_silence_seconds",
        _("Since a worker last did a periodic task"),
        None if beat is None else max(0.0, timezone.now().timestamp() - beat),
        "seconds",
        limit=60,
        hint=_("Worker and beat must run: see var/log/worker.log and beat.log."),
    )
    client = redis.Redis.from_url(_plain(settings.CELERY_BROKER_URL), socket_timeout=2, socket_connect_timeout=2)
    for queue in QUEUES:
        yield Vital(
            f"queue_{queue}", _("Waiting in queue “%(name)s”") % {"name": queue}, client.llen(queue), limit=1000
        )


def _plain(url: str) -> str:
    """redis-py's spelling of a broker address."""
    if url.startswith("redis+socket://"):
        path, _sep, number = url.removeprefix("redis+socket://").partition("?virtual_host=")
        return f"unix://{path}?db={number or 0}"
    return url


def _outbox() -> Iterator[Vital]:
    now = timezone.now()
    pending = Reaction.objects.filter(state="pending", due_at__lte=now)
    yield Vital("reactions_due", _("Reactions due"), pending.count(), limit=1000)
    yield Vital("reactions_age_seconds", _("Oldest of them"), _age(pending, "due_at", now), "seconds", limit=120)
    yield Vital("reactions_failed", _("Reactions given up"), Reaction.objects.filter(state="failed").count(), limit=1)
    queued = Mail.objects.filter(state="queued")
    yield Vital("mail_queued", _("Letters to send"), queued.count(), limit=500)
    yield Vital("mail_age_seconds", _("Oldest of them"), _age(queued, "created_at", now), "seconds", limit=600)
    yield Vital("mail_failed", _("Letters given up"), Mail.objects.filter(state="failed").count(), limit=1)


def _scoring() -> Iterator[Vital]:
    now = timezone.now()
    waiting = RescoreRequest.objects.all()
    yield Vital("rescore_waiting", _("Creators waiting for their scores"), waiting.count(), limit=50_000)
    yield Vital("rescore_age_seconds", _("Oldest of them"), _age(waiting, "requested_at", now), "seconds", limit=3600)
    newest = Signals.objects.aggregate(at=models.Max("computed_at"))["at"]
    yield Vital(
        "scored_age_seconds", _("Since a score was last computed"), _since(newest, now), "seconds", limit=2 * DAY
    )


def _jobs() -> Iterator[Vital]:
    now = timezone.now()
    jobs = Job.objects.all()
    yield Vital("jobs_running", _("Jobs running"), jobs.filter(state=JobState.RUNNING).count())
    yield Vital("jobs_queued", _("Jobs waiting"), jobs.filter(state=JobState.QUEUED).count(), limit=100)
    failed = jobs.filter(state=JobState.FAILED, finished_at__gte=now - timedelta(days=1))
    yield Vital("jobs_failed_day", _("Jobs failed in 24 hours"), failed.count(), limit=1)


def _storage() -> Iterator[Vital]:
    now = timezone.now()
    made = Job.objects.filter(kind="backup", state=JobState.SUCCEEDED).aggregate(at=models.Max("finished_at"))["at"]
    yield Vital(
        "backup_age_seconds",
        _("Since the last backup"),
        _since(made, now),
        "seconds",
        limit=1.5 * DAY,
        hint=_("manage.py backup makes one; run it every day."),
    )
    if replica.ALIAS in settings.DATABASES:
        yield Vital("replica_lag_seconds", _("The replica is behind by"), replica.lag_seconds(), "seconds", limit=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()), count(*) FROM pg_stat_activity")
        size, connections = cursor.fetchone()
    yield Vital("database_bytes", _("Size of the database"), size, "bytes")
    yield Vital("database_connections", _("Connections to PostgreSQL"), connections, limit=80)
    free = shutil.disk_usage(Path(settings.VAR_DIR)).free
    yield Vital("disk_free_bytes", _("Free on the disk of var"), free, "bytes", limit=2e9, below=True)


def _age(rows: models.QuerySet[Any], field: str, now: datetime) -> float | None:
    return _since(rows.aggregate(at=models.Min(field))["at"], now)


def _since(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())


_PROBES: list[tuple[Promise | str, Callable[[], Iterator[Vital]]]] = [
    (_("Background work"), _background),
    (_("Events and mail"), _outbox),
    (_("Scores"), _scoring),
    (_("Jobs"), _jobs),
    (_("Storage"), _storage),
]
