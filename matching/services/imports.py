"""Creators, posts, comments and follower counts from files: started by page, API and command alike."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import WrongState
from accounts.events import record_event
from accounts.models import Basis, Job, JobState, Provenance, SourceKind
from accounts.permissions import require
from accounts.services import jobs
from matching.ingest import uploads
from matching.ingest.definition import parse_mapping
from matching.ingest.mapping import ImportMap
from matching.ingest.readers import Origin
from matching.ingest.rejects import RejectsFile
from matching.ingest.run import Import, TimeIsUp
from matching.ingest.tally import Tally

logger = logging.getLogger(__name__)
KIND = "import"
Watch = Callable[[Tally], None]
_ANALYSED = ("accounts_creator", "accounts_socialaccount", "matching_post", "matching_postmetrics", "matching_comment")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to import: files as {name, path or stored, size, sha256}; observed_at in microseconds or None.

    kind: the entity the files hold, where the mapping leaves it open.
    """

    files: Sequence[Mapping[str, Any]]
    mapping: ImportMap
    kind: str = ""
    source: str = ""
    basis: str = ""
    observed_at: int | None = None
    provenance: str = SourceKind.IMPORT

    @property
    def label(self) -> str:
        return self.source or self.mapping.source or ", ".join(str(file["name"]) for file in self.files)

    @property
    def key(self) -> str:
        """The same for the same content read in the same way."""
        parts = [self.mapping.digest, self.kind, self.label, str(self.observed_at or self.mapping.observed_at or "")]
        parts += sorted(f"{file['name']} {file['sha256']}" for file in self.files)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def create_import(*, actor: Actor, wish: Wish, inline: bool = False, rejects: Path | None = None) -> Job:
    """A queued import; a worker takes it up after commit. inline: the caller works on it itself.

    The time of rows that carry none is fixed here, and taken from an earlier import of the same content:
    so a second import of the same files changes nothing at all.
    """
    require(actor, "import.run")
    with transaction.atomic():
        source = Provenance.objects.create(
            kind=wish.provenance,
            label=wish.label[:200],
            basis=wish.basis or wish.mapping.basis or Basis.LEGITIMATE_INTEREST,
            workspace_id=actor.workspace_id,
            user_id=actor.user_id,
            retrieved_at=timezone.now(),
        )
        params = {
            "files": [dict(file) for file in wish.files],
            "mapping": dict(wish.mapping.definition),
            "kind": wish.kind,
            "source_id": source.pk,
            "source": wish.label,
            "basis": source.basis,
            "observed_at": _observed_at(actor, wish),
            "key": wish.key,
            "language": translation.get_language() or "en",
            "rejects": str(rejects.resolve()) if rejects else "",
            "inline": inline,
        }
        return jobs.create_job(actor=actor, kind=KIND, title=wish.label, params=params, started=not inline)


def _observed_at(actor: Actor, wish: Wish) -> int:
    given = wish.observed_at if wish.observed_at is not None else wish.mapping.observed_at
    if given is not None:
        return given
    same = Job.objects.filter(_imports_of(actor), params__key=wish.key)
    earlier = same.order_by("created_at").first()
    return int(earlier.params["observed_at"]) if earlier else micros(timezone.now())


def _imports_of(actor: Actor) -> Q:
    mine = Q(workspace_id=actor.workspace_id) if actor.workspace_id else Q(workspace__isnull=True)
    return Q(kind=KIND) & mine


def micros(moment: datetime) -> int:
    """Microseconds since 1970, to the second."""
    return int(moment.timestamp()) * 10**6


def import_files(
    *,
    actor: Actor,
    wish: Wish,
    rejects: Path | None = None,
    dry_run: bool = False,
    limit: int = 0,
    watch: Watch | None = None,
) -> Job:
    """Imports now, in this process. An unfinished import of the same content is taken up where it stopped.

    dry_run: everything is read, checked and merged, then taken back; the job that is returned is not kept.
    limit: with dry_run, about how many rows of each file are read. watch: called after each chunk.
    """
    require(actor, "import.run")
    if dry_run:
        return rehearse(actor=actor, wish=wish, rejects=rejects, limit=limit, watch=watch)[0]
    claimed = _unfinished(actor, wish, rejects)
    while claimed is None:  # a new job, of which nobody else knows
        claimed = jobs.claim(create_import(actor=actor, wish=wish, inline=True, rejects=rejects).pk)
    work(claimed, watch=watch)
    return Job.objects.get(pk=claimed.job_id)


def _unfinished(actor: Actor, wish: Wish, rejects: Path | None) -> jobs.Claim | None:
    """An import of the same content that was begun inside a command and never came to its end."""
    unfinished = (JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.CANCELLED)
    wanted = str(rejects.resolve()) if rejects else ""
    rows = Job.objects.filter(
        _imports_of(actor),
        state__in=unfinished,
        params__key=wish.key,
        params__inline=True,
        params__rejects=wanted,
    )
    for job in rows.order_by("-created_at")[:5]:
        if job.state in (JobState.FAILED, JobState.CANCELLED):
            job = jobs.restart(actor=actor, job=job, verb="import.run", started=False)
        claimed = jobs.claim(job.pk)
        if claimed is not None:  # the same content may lie elsewhere by now
            Job.objects.filter(pk=job.pk).update(params={**job.params, "files": [dict(file) for file in wish.files]})
            return claimed
    return None


def rehearse(
    *,
    actor: Actor,
    wish: Wish,
    rejects: Path | None = None,
    limit: int = 0,
    watch: Watch | None = None,
    see: Callable[[Import], None] | None = None,
) -> tuple[Job, Tally]:
    """A whole import inside one transaction that is rolled back. see: may set what the import calls."""
    require(actor, "import.run")
    file = RejectsFile(rejects) if rejects else None
    try:
        with transaction.atomic():
            job = create_import(actor=actor, wish=wish, inline=True)
            importing = importing_of(job, Tally(), file)
            importing.limit, importing.checkpoint = limit, watch or importing.checkpoint
            if see is not None:
                see(importing)
            try:
                tally = importing.run()
            finally:
                transaction.set_rollback(True)
    finally:
        if file is not None:
            file.close()
    job.result, job.done, job.rejected = result_of(tally), tally.done, tally.rejected
    job.state = JobState.SUCCEEDED if readable(tally) else JobState.FAILED
    return job, tally


def rejects_path(job: Job) -> Path:
    own = job.params.get("rejects")
    return Path(own) if own else Path(settings.VAR_DIR) / "imports" / f"{job.pk}.csv"


def importing_of(job: Job, tally: Tally, rejects: RejectsFile | None) -> Import:
    params = job.params
    return Import(
        origins=[Origin(str(f["name"]), uploads.path_of(f), size=int(f["size"])) for f in params["files"]],
        mapping=parse_mapping(params["mapping"]),
        source_id=int(params["source_id"]),
        workspace_id=job.workspace_id,
        now=micros(timezone.now()),
        observed_at=int(params["observed_at"]),
        kind=str(params["kind"]),
        tally=tally,
        rejects=rejects,
    )


def run_import(job_id: uuid.UUID, *, seconds: float | None = None) -> None:
    """Claims the job and works on it, about `seconds` at most; what is left is taken up by the next call."""
    claimed = jobs.claim(job_id)
    if claimed is not None:
        work(claimed, seconds=seconds)


def work(claimed: jobs.Claim, *, seconds: float | None = None, watch: Watch | None = None) -> None:
    """Everything between claim and end. A database that goes away leaves the job to be claimed again."""
    job = Job.objects.get(pk=claimed.job_id)
    tally = Tally.from_json(job.checkpoint) if "files" in job.checkpoint else Tally()
    with translation.override(job.params.get("language") or "en"):
        try:
            rejects = RejectsFile(rejects_path(job), tally.rejects_bytes)
            try:
                importing = importing_of(job, tally, rejects)
                importing.checkpoint = lambda state: _checkpoint(claimed, state, watch)
                importing.waiting = lambda: jobs.heartbeat(claimed)
                importing.changed = lambda creators: _announce(job, creators)
                importing.deadline = time.monotonic() + seconds if seconds else None
                _conclude(claimed, job, importing.run())
            finally:
                rejects.close()
        except TimeIsUp:
            jobs.pause(claimed)
        except jobs.JobLost:
            logger.warning("import %s: another worker has taken over", job.pk)
        except jobs.JobCancelled:
            jobs.stop(claimed, result=result_of(tally))
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # whatever it is, the job must say so instead of being tried for ever
            logger.exception("import %s failed", job.pk)
            jobs.fail(claimed, error=f"unexpected: {type(error).__name__}", result=result_of(tally))
            if watch is not None:
                raise


def _checkpoint(claimed: jobs.Claim, state: Tally, watch: Watch | None) -> None:
    jobs.save_progress(claimed, done=state.done, total=state.total, rejected=state.rejected, checkpoint=state.to_json())
    if watch is not None:
        watch(state)


def _announce(job: Job, creators: set[int]) -> None:
    """One event per chunk names every creator it changed; one per creator would be as many rows as the import."""
    record_event("creators.updated", job, actor=SYSTEM, data={"creator_ids": sorted(creators)})


def _conclude(claimed: jobs.Claim, job: Job, tally: Tally) -> None:
    result = result_of(tally)
    if tally.done >= 10_000:
        _analyse()
    with transaction.atomic():
        data = {"title": job.title, "entities": result["entities"], "readable": readable(tally)}
        record_event("import.finished", job, actor=SYSTEM, data=data)
        if readable(tally):
            jobs.finish(claimed, result=result, done=tally.done, rejected=tally.rejected)
        else:
            jobs.fail(claimed, error="no_readable_file", result=result)
    _remove_originals_with_people(job, tally)


def readable(tally: Tally) -> bool:
    """Whether any row could be read at all."""
    return any(file.rows for file in tally.files)


def _analyse() -> None:
    """Fresh statistics after many rows, so that the next search is planned by what is there now."""
    with connection.cursor() as cursor:
        for table in _ANALYSED:
            cursor.execute(f"ANALYZE {table}")


def result_of(tally: Tally) -> dict[str, Any]:
    """What is kept of an import: counts, files, reasons and warnings with an example each, pace."""
    data = tally.to_json()
    data.pop("rejects_bytes")
    return data | {"rows_per_second": round(tally.done / tally.seconds) if tally.seconds else None}


def restart_import(*, actor: Actor, job: Job) -> Job:
    """Goes on with an import that failed or was cancelled. 409 in another state, or when its files are gone."""
    require(actor, "import.run", job)
    if not all(uploads.path_of(file).exists() for file in job.params["files"]):
        raise WrongState(_("The original files are no longer kept. Upload them again."), code="originals_gone")
    return jobs.restart(actor=actor, job=job, verb="import.run")


def _remove_originals_with_people(job: Job, tally: Tally) -> None:
    """Uploaded files with comments name their authors: they go as soon as their rows are in."""
    named = {file.name for file in tally.files if "comments" in file.entities}
    uploads.remove(file for file in job.params["files"] if file["name"] in named)


def remove_old_originals() -> int:
    """Retention: uploaded originals whose days are over. Called by beat."""
    waiting = Job.objects.filter(kind=KIND, state__in=(JobState.QUEUED, JobState.RUNNING))
    files = [file for params in waiting.values_list("params", flat=True) for file in params["files"]]
    return uploads.remove_old({str(file["stored"]) for file in files if file.get("stored")})
