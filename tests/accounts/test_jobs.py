"""The life of a job: one worker at a time, taken up after a kill, cancelled, ended once."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.errors import NotAllowed, WrongState
from accounts.models import Event, Job, JobState
from accounts.services import jobs
from tests.cast import Cast


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Jobs of the kind "trial" for which a worker was called."""
    called: list[uuid.UUID] = []
    monkeypatch.setitem(jobs._STARTERS, "trial", called.append)
    return called


@pytest.fixture
def job(cast: Cast, started: list[uuid.UUID]) -> Job:
    return jobs.create_job(actor=cast.actor(cast.owner), kind="trial", title="A trial", params={})


def in_threads(work: Callable[[], object], times: int = 8) -> list[object]:
    """What the calls gave, each from a thread with its own connection, all released at once."""
    gate, done, found = threading.Barrier(times), threading.Barrier(times), []

    def run() -> None:
        gate.wait()
        try:
            found.append(work())
        except Exception as error:
            found.append(error)
        finally:
            done.wait()  # a connection that closes counts as a worker that died
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_new_job_is_started_after_commit(
    job: Job, started: list[uuid.UUID], django_capture_on_commit_callbacks: Callable
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        jobs.start(job)
    assert started == [job.pk]
    assert Event.objects.filter(kind="job.created", object_id=str(job.pk), workspace=job.workspace).exists()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_and_one_claim(cast: Cast, started: list[uuid.UUID]) -> None:
    for _round in range(5):
        job = jobs.create_job(actor=cast.actor(cast.owner), kind="trial", title="x", params={})
        claims = [claim for claim in in_threads(lambda pk=job.pk: jobs.claim(pk)) if claim is not None]
        assert len(claims) == 1
        assert isinstance(claims[0], jobs.Claim)
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.RUNNING, 1)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_died_is_free_at_once_and_one_that_lives_is_not(
    cast: Cast, started: list[uuid.UUID]
) -> None:
    job = jobs.create_job(actor=cast.actor(cast.owner), kind="trial", title="x", params={})
    holding, finish = threading.Event(), threading.Event()

    def worker() -> None:
        jobs.claim(job.pk)
        holding.set()
        finish.wait(10)
        connection.close()  # as the kernel does for a process that was killed

    thread = threading.Thread(target=worker)
    thread.start()
    holding.wait(10)
    assert jobs.claim(job.pk) is None
    finish.set()
    thread.join()
    until = time.monotonic() + 5  # PostgreSQL notices the closed socket a moment later
    claimed = None
    while claimed is None and time.monotonic() < until:
        claimed = jobs.claim(job.pk)
    assert claimed is not None
    assert claimed.attempt == 2


def test_who_lost_the_claim_changes_nothing_any_more(job: Job) -> None:
    old = jobs.claim(job.pk)
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    new = jobs.claim(job.pk)
    assert old is not None
    assert new is not None
    for write in (
        lambda: jobs.save_progress(old, done=9, total=None, rejected=0, checkpoint={}),
        lambda: jobs.heartbeat(old),
        lambda: jobs.finish(old, result={}, done=9, rejected=0),
        lambda: jobs.fail(old, error="x"),
    ):
        with pytest.raises(jobs.JobLost):
            write()
    jobs.save_progress(new, done=3, total=10, rejected=1, checkpoint={"at": 3})
    job.refresh_from_db()
    assert (job.done, job.total, job.rejected, job.checkpoint["at"], job.percent) == (3, 10, 1, 3, 30)
    jobs.finish(new, result={"ok": 1}, done=10, rejected=1)
    job.refresh_from_db()
    assert (job.state, job.result, job.is_over, jobs.claim(job.pk)) == ("succeeded", {"ok": 1}, True, None)
    assert Event.objects.filter(kind="job.finished").count() == 1


def test_cancelling(cast: Cast, job: Job) -> None:
    with pytest.raises(NotAllowed):
        jobs.cancel_job(actor=cast.actor(cast.viewer), job=job)
    jobs.cancel_job(actor=cast.actor(cast.owner), job=job)
    job.refresh_from_db()
    assert job.state == "cancelled"
    with pytest.raises(WrongState):
        jobs.cancel_job(actor=cast.actor(cast.owner), job=job)
    jobs.restart(actor=cast.actor(cast.owner), job=job)
    claimed = jobs.claim(job.pk)
    assert claimed is not None
    jobs.cancel_job(actor=cast.actor(cast.owner), job=job)
    with pytest.raises(jobs.JobCancelled):
        jobs.save_progress(claimed, done=1, total=None, rejected=0, checkpoint={})
    with pytest.raises(jobs.JobCancelled):
        jobs.heartbeat(claimed)
    jobs.stop(claimed, result={})
    job.refresh_from_db()
    assert (job.state, job.done) == ("cancelled", 0)


def test_beat_starts_what_was_lost_and_ends_what_only_a_command_can_go_on_with(
    job: Job, started: list[uuid.UUID], cast: Cast, django_capture_on_commit_callbacks: Callable
) -> None:
    def beat() -> int:
        started.clear()
        with django_capture_on_commit_callbacks(execute=True):
            return jobs.resume_due()

    assert beat() == 0  # a moment old: its message may still be on the way
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert (beat(), started) == (1, [job.pk])
    jobs.claim(job.pk)
    assert beat() == 0
    Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert (beat(), started) == (1, [job.pk])
    Job.objects.update(params={"inline": True})
    beat()
    job.refresh_from_db()
    assert (job.state, job.error, started) == ("failed", "interrupted", [])


def test_a_job_that_stops_at_the_same_place_again_and_again_is_poison(job: Job) -> None:
    for turn in range(jobs.MAX_STALLS):
        claimed = jobs.claim(job.pk)
        assert claimed is not None, turn
        Job.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert jobs.claim(job.pk) is None
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "stalled")


def test_progress_makes_a_job_no_poison(job: Job) -> None:
    for step in range(3 * jobs.MAX_STALLS):
        claimed = jobs.claim(job.pk)
        assert claimed is not None
        jobs.save_progress(claimed, done=step, total=None, rejected=0, checkpoint={"step": step})
        jobs.pause(claimed)
    job.refresh_from_db()
    assert (job.state, job.done) == ("running", 3 * jobs.MAX_STALLS - 1)
