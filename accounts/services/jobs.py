"""The life of long work: created, claimed by one worker, resumed after a kill, cancelled, ended once.

A claim is a conditional UPDATE that raises `attempts`; every later write names that number, so a worker
that lost its claim (frozen, cut off) can change nothing any more. While it works it also holds a session
lock of PostgreSQL, which dies with its process: a killed job is free again at once, not when its lease ends.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import WrongState
from accounts.events import record_event
from accounts.models import Job, JobState
from accounts.permissions import require

LEASE = timedelta(minutes=2)
# A queued job that no worker took within this time was lost by the broker.
PATIENCE = timedelta(seconds=45)
# A job that stopped this often without a step forward is poison.
MAX_STALLS = 5

_STARTERS: dict[str, Callable[[uuid.UUID], None]] = {}


class JobLost(Exception):
    """Another worker has the job now; whatever was being written must be rolled back."""


class JobCancelled(Exception):
    """Somebody asked the job to stop."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job until the lease ends or somebody else claims it."""

    job_id: uuid.UUID
    attempt: int


def starter(kind: str) -> Callable[[Callable[[uuid.UUID], None]], Callable[[uuid.UUID], None]]:
    """Registers what sets a worker to jobs of this kind. It may fail: `resume_due` starts them again."""

    def register(start: Callable[[uuid.UUID], None]) -> Callable[[uuid.UUID], None]:
        _STARTERS[kind] = start
        return start

    return register


def start(job: Job) -> None:
    """Sets a worker to the job once the transaction is committed; a broker that is away is no loss."""
    begin = _STARTERS.get(job.kind)
    if begin is not None:
        transaction.on_commit(lambda: begin(job.pk), robust=True)


def create_job(
    *,
    actor: Actor,
    kind: str,
    title: str,
    params: Mapping[str, Any],
    unit: str = "rows",
    total: int | None = None,
    started: bool = True,
) -> Job:
    """A queued job of the actor's workspace. started=False leaves it to the caller to claim it."""
    with transaction.atomic():
        job = Job.objects.create(
            workspace_id=actor.workspace_id,
            kind=kind,
            title=" ".join(title.split())[:200],
            params=dict(params),
            unit=unit,
            total=total,
            created_by_id=actor.user_id,
        )
        record_event("job.created", job, actor=actor, data={"kind": kind, "title": job.title})
        if started:
            start(job)
    return job


def claim(job_id: uuid.UUID) -> Claim | None:
    """The job, if it waits or its worker is dead; None when it is over or somebody works on it."""
    job = Job.objects.filter(pk=job_id).first()
    now = timezone.now()
    if job is None or job.is_over:
        return None
    lapsed = job.state == JobState.RUNNING and (job.leased_until is None or job.leased_until < now)
    if not _hold(job_id) and not lapsed:  # beyond its lease even a holder that cannot be reached loses it
        return None
    if job.attempts - int(job.checkpoint.get("attempt", 0)) >= MAX_STALLS:
        _end(Job.objects.filter(pk=job_id, attempts=job.attempts), job_id, JobState.FAILED, error="stalled")
        release(job_id)
        return None
    taken = Job.objects.filter(pk=job_id, state=job.state, attempts=job.attempts).update(
        state=JobState.RUNNING,
        attempts=models.F("attempts") + 1,
        leased_until=now + LEASE,
        started_at=job.started_at or now,
    )
    if not taken:
        release(job_id)
        return None
    return Claim(job_id, job.attempts + 1)


def _mine(claimed: Claim) -> models.QuerySet[Job]:
    return Job.objects.filter(pk=claimed.job_id, state=JobState.RUNNING, attempts=claimed.attempt)


def save_progress(
    claimed: Claim, *, done: int, total: int | None, rejected: int, checkpoint: Mapping[str, Any]
) -> None:
    """Writes how far the work is, in the same transaction as the work itself.

    Raises JobLost or JobCancelled, so that the caller's transaction is rolled back.
    """
    saved = (
        _mine(claimed)
        .filter(cancel_requested_at__isnull=True)
        .update(
            done=done,
            total=total,
            rejected=rejected,
            checkpoint={**checkpoint, "attempt": claimed.attempt},
            leased_until=timezone.now() + LEASE,
        )
    )
    if not saved:
        raise JobCancelled if _mine(claimed).exists() else JobLost


def heartbeat(claimed: Claim) -> None:
    """Keeps the claim during a step that takes long. Raises JobLost or JobCancelled."""
    kept = _mine(claimed).filter(cancel_requested_at__isnull=True).update(leased_until=timezone.now() + LEASE)
    if not kept:
        raise JobCancelled if _mine(claimed).exists() else JobLost


def pause(claimed: Claim) -> None:
    """Gives the claim back with the work half done; `start` or `resume_due` takes it up from its checkpoint."""
    with transaction.atomic():
        if _mine(claimed).update(leased_until=timezone.now()):
            start(Job.objects.get(pk=claimed.job_id))
    release(claimed.job_id)


def finish(claimed: Claim, *, result: Mapping[str, Any], done: int, rejected: int) -> None:
    """Raises JobLost when somebody else has the job."""
    _end(
        _mine(claimed),
        claimed.job_id,
        JobState.SUCCEEDED,
        result=dict(result),
        done=done,
        total=done,
        rejected=rejected,
    )
    release(claimed.job_id)


def fail(claimed: Claim, *, error: str, result: Mapping[str, Any] | None = None) -> None:
    changes: dict[str, Any] = {} if result is None else {"result": dict(result)}
    _end(_mine(claimed), claimed.job_id, JobState.FAILED, error=error[:2000], **changes)
    release(claimed.job_id)


def stop(claimed: Claim, *, result: Mapping[str, Any]) -> None:
    """Ends a job whose cancellation was asked for; what it stored so far stays."""
    _end(_mine(claimed), claimed.job_id, JobState.CANCELLED, result=dict(result))
    release(claimed.job_id)


def _end(rows: models.QuerySet[Job], job_id: uuid.UUID, state: JobState, **changes: Any) -> None:
    with transaction.atomic():
        if not rows.update(state=state, finished_at=timezone.now(), leased_until=None, **changes):
            raise JobLost
        job = Job.objects.get(pk=job_id)
        data = {"kind": job.kind, "title": job.title, "state": job.state, "done": job.done, "rejected": job.rejected}
        record_event("job.finished", job, actor=SYSTEM, data=data)


def cancel_job(*, actor: Actor, job: Job, paused: bool = False) -> None:
    """Waiting work stops at once; running work at its next checkpoint, keeping what is already stored.

    paused: it is meant to go on later, and says so until it does.
    """
    require(actor, "job.cancel", job)
    now = timezone.now()
    if paused:
        job.params = job.params | {"paused": True}
    with transaction.atomic():
        waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
        running = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, cancel_requested_at__isnull=True)
        if waiting.update(state=JobState.CANCELLED, cancel_requested_at=now, finished_at=now, params=job.params):
            data = {"kind": job.kind, "title": job.title, "state": JobState.CANCELLED.value}
            record_event("job.finished", job, actor=actor, data=data)
        elif running.update(cancel_requested_at=now, params=job.params):
            record_event("job.cancel_requested", job, actor=actor, data={"paused": paused})
        else:
            raise WrongState(_("This work is already over, or stopping."), code="job_over")


def restart(*, actor: Actor, job: Job, verb: str = "job.cancel", started: bool = True) -> Job:
    """Puts a failed or cancelled job back in the queue; it goes on from its checkpoint. 409 in any other state."""
    require(actor, verb, job)
    with transaction.atomic():
        stopped = Job.objects.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED])
        checkpoint = {**job.checkpoint, "attempt": job.attempts}
        params = {name: value for name, value in job.params.items() if name != "paused"}
        if not stopped.filter(attempts=job.attempts).update(
            state=JobState.QUEUED,
            error="",
            cancel_requested_at=None,
            finished_at=None,
            checkpoint=checkpoint,
            params=params,
        ):
            raise WrongState(_("Only a job that failed or was cancelled can go on."), code="job_not_stopped")
        record_event("job.restarted", job, actor=actor)
        job.refresh_from_db()
        if started:
            start(job)
    return job


def resume_due() -> int:
    """Starts what a lost message or a killed worker left behind. Returns how many jobs.

    A job with `params["inline"]` ran inside a command, whose files a worker may not reach: it is marked
    as interrupted, and goes on when the command is run again.
    """
    now = timezone.now()
    lost = models.Q(state=JobState.QUEUED, created_at__lt=now - PATIENCE)
    lapsed = models.Q(state=JobState.RUNNING) & (models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=now))
    due = list(Job.objects.filter(lost | lapsed, kind__in=list(_STARTERS)).order_by("created_at")[:50])
    for job in due:
        if not job.params.get("inline"):
            start(job)
        elif job.state == JobState.RUNNING:
            rows = Job.objects.filter(pk=job.pk, state=job.state, attempts=job.attempts, leased_until=job.leased_until)
            with suppress(JobLost):
                _end(rows, job.pk, JobState.FAILED, error="interrupted")
    return len(due)


def _lock_key(job_id: uuid.UUID) -> int:
    return int.from_bytes(job_id.bytes[8:], "big", signed=True)


def _hold(job_id: uuid.UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_lock_key(job_id)])
        return bool(cursor.fetchone()[0])


def release(job_id: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_lock_key(job_id)])
