"""Background work of this app. Tasks only call services; beat repeats what a lost message left."""

from __future__ import annotations

import uuid

from celery import shared_task

from accounts.actors import SYSTEM
from accounts.events import reaction
from accounts.models import Event
from accounts.services import jobs
from matching.services import connections, drafts, imports, recompute, searches

# Below the time limits of the queue: a long import goes on in slices, each from the last checkpoint.
SLICE_SECONDS = 240


@shared_task(name="matching.run_import")
def run_import(job_id: str) -> None:
    imports.run_import(uuid.UUID(job_id), seconds=SLICE_SECONDS)


@jobs.starter(imports.KIND)
def start_import(job_id: uuid.UUID) -> None:
    """A broker that is away is no loss: beat starts the job when it is back."""
    run_import.apply_async([str(job_id)], retry=False)


@shared_task(name="matching.resume_jobs")
def resume_jobs() -> None:
    jobs.resume_due()
    imports.remove_old_originals()
    drafts.remove_old_drafts()


@shared_task(name="matching.rescore_stale")
def rescore_stale() -> None:
    """Scores who waits. Nudged when data change, and run by beat for what a lost nudge left."""
    recompute.rescore_stale(seconds=SLICE_SECONDS)


@recompute.on_requested
def nudge_rescoring() -> None:
    rescore_stale.apply_async(retry=False)


@reaction("rescore", "creators.updated", "creator.*")
def rescore_changed(event: Event) -> None:
    """New data are on the list already, written with them; a person's own changes are put there now."""
    if event.creator_id is not None:
        recompute.request_rescore(creator_ids=[event.creator_id])
    else:
        recompute.nudge_workers()


@shared_task(name="matching.run_recompute")
def run_recompute(job_id: str) -> None:
    recompute.run_recompute(uuid.UUID(job_id), seconds=SLICE_SECONDS)


@jobs.starter(recompute.KIND)
def start_recompute(job_id: uuid.UUID) -> None:
    run_recompute.apply_async([str(job_id)], retry=False)


@shared_task(name="matching.recompute_all")
def recompute_all() -> None:
    """Run by beat at night: priors of the grown index, and every score that has aged."""
    recompute.start_recompute(actor=SYSTEM)


@shared_task(name="matching.run_refresh")
def run_refresh(job_id: str) -> None:
    connections.run_refresh(uuid.UUID(job_id))


@jobs.starter(connections.KIND)
def start_refresh(job_id: uuid.UUID) -> None:
    run_refresh.apply_async([str(job_id)], retry=False)


@shared_task(name="matching.refresh_stale")
def refresh_stale() -> None:
    """Run by beat every hour: connected accounts that were not read for a day."""
    connections.refresh_stale()


@shared_task(name="matching.alert_searches")
def alert_searches() -> None:
    """Run by beat every ten minutes: kept searches whose day or week is over, until none is left."""
    while searches.alert_due():
        pass
