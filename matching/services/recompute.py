"""Scoring in the background: who changed, the whole index, the priors behind both.

Every door leads to `recompute_creators`: it reads a batch, scores it in pure numpy and writes new versions.
Same inputs, same version: running it twice, late or in parallel changes nothing twice.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.models import Creator, Job, JobState
from accounts.services import jobs
from matching import repository, score_news, semantics
from matching.cells import divide_if_due
from matching.models import Priors as PriorsRow
from matching.models import Signals
from matching.repository import queue
from matching.repository.loading import Loaded
from matching.repository.readings import Readings, read, versions
from matching.repository.storing import Scored, Stored, keep_readings, unchanged, update_limits
from matching.repository.versions import fitted_for
from matching.semantics import topics
from matching.services.calibration import refresh_calibration
from matching.services.network import refresh_ties
from matching.signals.digest import input_hashes
from matching.signals.fit import LEAST_CREATORS, Sample, fit_priors, slim
from matching.signals.measure import Measures, measure
from matching.signals.niche import mean_with
from matching.signals.priors import Priors, default_priors
from matching.signals.said import reading
from matching.signals.score import SIGNALS_VERSION, score

logger = logging.getLogger(__name__)

KIND = "recompute"
BATCH = 500
SAMPLE = 5_000
"""Creators whose data the priors are fitted on, spread evenly over the index."""
REFIT_GROWTH = 1.5
AGEING = timedelta(days=7)
"""Without new data a creator is scored anew once per such period, for windows and ages move on."""
PATIENCE_SECONDS = 240.0
Report = Callable[[int, int], None]
_NUDGES: list[Callable[[], object]] = []
_FIT_LOCK = 0x5269_676E


def on_requested(nudge: Callable[[], object]) -> Callable[[], object]:
    """Registers what sets a worker to the list after commit; it may fail, beat looks at the list too."""
    _NUDGES.append(nudge)
    return nudge


def request_rescore(*, creator_ids: Sequence[int]) -> None:
    """Asks for creators to be scored again soon. Called where their data or limits change."""
    queue.request(creator_ids)
    nudge_workers()


def nudge_workers() -> None:
    """Sets workers to the list once the transaction is committed."""
    for nudge in _NUDGES:
        transaction.on_commit(nudge, robust=True)


def recompute_creators(
    creator_ids: Sequence[int], *, asof: datetime | None = None, priors: Priors | None = None
) -> Stored:
    """Scores these creators and stores what changed. asof: the moment ages count from, now by default."""
    with _no_collecting():
        return _recompute(creator_ids, asof, priors)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A batch makes a hundred thousand dictionaries and no cycles: looking for cycles costs a tenth of it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _recompute(creator_ids: Sequence[int], asof: datetime | None, priors: Priors | None) -> Stored:
    asof = asof or timezone.now()
    priors = priors or repository.current_priors()
    loaded = repository.load_batch(creator_ids, asof=asof)
    hashes = _hashes(loaded, asof, priors.version)
    same = unchanged(loaded, hashes)
    rows = update_limits(sorted(same)) if same else 0
    if len(same) == loaded.batch.n:
        return Stored(0, rows)
    if len(same) > loaded.batch.n // 4:
        loaded = repository.load_batch([pk for pk in loaded.batch.creator_id.tolist() if pk not in same], asof=asof)
        hashes = _hashes(loaded, asof, priors.version)
    scored = _score(loaded, hashes, priors, asof)
    with score_news.told(loaded.batch.creator_id.tolist()):
        written = repository.store(scored)
    return Stored(written.versions, written.rows + rows)


def _hashes(loaded: Loaded, asof: datetime, priors_version: str) -> list[str]:
    period = str(int(asof.timestamp() // AGEING.total_seconds()))
    made_by = (SIGNALS_VERSION, priors_version, *versions(), topics.version(), period)
    return input_hashes(loaded.batch, loaded.text_hash, loaded.comment_hash, versions=made_by)


def _score(loaded: Loaded, hashes: list[str], priors: Priors, asof: datetime) -> Scored:
    loaded, rows = placed(loaded)
    measures = measure(loaded.batch, priors.common, rows.captions, reading(rows.said, priors.common))
    bios = semantics.encode(loaded.bios)
    return Scored(
        loaded=loaded,
        readings=rows,
        measures=measures,
        scores=score(measures, priors),
        hashes=hashes,
        priors_version=priors.version,
        embedding=mean_with(measures.niche, bios),
        asof=asof,
    )


def placed(loaded: Loaded) -> tuple[Loaded, Readings]:
    """The batch with the vectors and the topic of every post, and what their captions say."""
    loaded, rows = read(loaded)
    batch = loaded.batch
    posts = replace(batch.posts, vectors=rows.vectors, topic=topics.assign_topics(rows.vectors))
    return replace(loaded, batch=replace(batch, posts=posts, topics=tuple(topics.slugs()))), rows


def refresh_priors(*, force: bool = False, beat: Callable[[], None] = lambda: None) -> Priors:
    """Fits the priors on the installation's own index when it has grown by half since the last fit, or always
    if forced; else returns those in force. One fit at a time: a second caller keeps the priors in force.
    beat is called after every batch read."""
    creators = Creator.objects.filter(erased_at__isnull=True).count()
    known = fitted_for()
    if creators < LEAST_CREATORS or not (force or creators >= REFIT_GROWTH * max(known, 1)):
        return repository.current_priors()
    if not _lock_fit():
        return repository.current_priors()
    try:
        fitted = fit_priors(Sample(_sample(beat)))
        repository.save_priors(fitted, creators=creators)
    finally:
        _unlock_fit()
    return repository.current_priors()


def _fit_is_due() -> bool:
    """Whether a fit could give anything new: none yet, an old one, or creators scored anew since the last pass."""
    current = PriorsRow.objects.filter(is_current=True).first()
    last = Job.objects.filter(kind=KIND, state=JobState.SUCCEEDED).order_by("-finished_at").first()
    if current is None or last is None or last.finished_at is None or current.fitted_at < timezone.now() - AGEING:
        return True
    return Signals.objects.filter(computed_at__gt=last.finished_at).exists()


def _sample(beat: Callable[[], None]) -> list[Measures]:
    """Measures of creators spread evenly over the index, without their texts."""
    ids = np.array(Creator.objects.filter(erased_at__isnull=True).order_by("pk").values_list("pk", flat=True), np.int64)
    if len(ids) > SAMPLE:
        ids = ids[np.linspace(0, len(ids) - 1, SAMPLE).astype(np.int64)]
    common, found = default_priors().common, []
    period = AGEING.total_seconds()
    asof = datetime.fromtimestamp(timezone.now().timestamp() // period * period, UTC)  # the same week, the same priors
    for start in range(0, len(ids), BATCH):
        loaded, rows = placed(repository.load_batch(ids[start : start + BATCH].tolist(), asof=asof))
        keep_readings(loaded, rows)
        found.append(slim(measure(loaded.batch, common, rows.captions, reading(rows.said, common))))
        beat()
    return found


def _lock_fit() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_FIT_LOCK])
        return bool(cursor.fetchone()[0])


def _unlock_fit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_FIT_LOCK])


def rescore_some(priors: Priors, *, most: int = BATCH) -> int:
    """Claims waiting creators, scores them and takes them off the list. Returns how many were claimed, 0 when
    nobody waits. One creator that cannot be scored does not hold up the others."""
    claimed = queue.claim(most)
    if claimed is None:
        return 0
    _work_off(claimed, priors)
    return len(claimed.requested)


def _work_off(claimed: queue.Claim, priors: Priors) -> None:
    try:
        recompute_creators(claimed.ids, priors=priors)
    except Exception as error:
        if len(claimed.requested) == 1:
            logger.exception("Creator %s could not be scored", claimed.ids)
            queue.failed(claimed, f"{type(error).__name__}: {error}")
            return
        logger.warning("A batch of %s creators failed (%s): halving it", len(claimed.requested), error)
        middle = len(claimed.ids) // 2
        for half in (claimed.ids[:middle], claimed.ids[middle:]):
            _work_off(queue.narrowed(claimed, half), priors)
        return
    queue.done(claimed)


def rescore_stale(*, seconds: float = PATIENCE_SECONDS) -> int:
    """Works off the list until it is empty or the time is over. Returns how many creators were scored."""
    begin, total, priors = time.monotonic(), 0, None
    while time.monotonic() - begin < seconds:
        if not queue.waiting():
            break
        priors = priors or refresh_priors()
        done = rescore_some(priors)
        if done == 0:
            break
        total += done
    return total


def start_recompute(*, actor: Actor, started: bool = True) -> Job:
    """A job that fits the priors and scores the whole index; one at a time, a second caller gets the first's."""
    if actor.kind not in ("system", "staff"):
        raise NotAllowed(_("Only the staff of this installation recompute the whole index."))
    running = Job.objects.filter(kind=KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).first()
    return running or jobs.create_job(
        actor=actor, kind=KIND, title=_("All scores"), params={}, unit="creators", started=started
    )


def latest_job() -> Job | None:
    """The last recompute of the whole index, running or over."""
    return Job.objects.filter(kind=KIND).order_by("-created_at").first()


def run_recompute(job_id: UUID, *, seconds: float | None = None, report: Report | None = None) -> bool:
    """Works on the job: priors first, then every creator through the shared list, where other workers help.
    Killed at any moment it goes on where it was. seconds: gives the job back after so long. report(done,
    total) is called after every batch. Returns whether this call held the job."""
    claimed = jobs.claim(job_id)
    if claimed is None:
        return False
    try:
        if _score_everyone(claimed, seconds, report):
            divide_if_due()
            jobs.finish(claimed, **_outcome(claimed))
        else:
            jobs.pause(claimed)
    except jobs.JobCancelled:
        jobs.stop(claimed, result={})
    except jobs.JobLost:
        logger.warning("Recompute %s is in other hands", job_id)
    return True


def _score_everyone(claimed: jobs.Claim, seconds: float | None, report: Report | None) -> bool:
    """False when the time is over before the list is empty."""
    begin, total = time.monotonic(), _everyone_listed(claimed)
    priors = repository.current_priors()
    while left := queue.waiting():
        done = max(total - left, 0)
        jobs.save_progress(claimed, done=done, total=total, rejected=0, checkpoint={"stage": "scoring", "total": total})
        if report:
            report(done, total)
        if seconds is not None and time.monotonic() - begin > seconds:
            return False
        if rescore_some(priors) == 0:
            time.sleep(0.5)  # the rest is held by other workers, or pauses after a failure
    if report:
        report(total, total)
    return True


def _everyone_listed(claimed: jobs.Claim) -> int:
    """Fits the priors and lists every creator, once per job. Returns how many were listed."""
    checkpoint = Job.objects.get(pk=claimed.job_id).checkpoint
    if checkpoint.get("stage") == "scoring":
        return int(checkpoint["total"])
    refresh_ties()
    refresh_calibration()
    jobs.heartbeat(claimed)
    refresh_priors(force=_fit_is_due(), beat=lambda: jobs.heartbeat(claimed))
    with transaction.atomic():
        total = queue.request_all()
        jobs.save_progress(claimed, done=0, total=total, rejected=0, checkpoint={"stage": "scoring", "total": total})
    return total


def _outcome(claimed: jobs.Claim) -> dict[str, Any]:
    job = Job.objects.get(pk=claimed.job_id)
    took = (timezone.now() - job.started_at).total_seconds() if job.started_at else 0.0
    result = {"priors": repository.current_priors().version, "seconds": round(took, 1)}
    return {"result": result, "done": job.total or 0, "rejected": queue.given_up()}
