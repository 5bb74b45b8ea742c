"""A person's copy of everything kept about them: one ZIP of JSON and CSV with their files, made by a job."""

from __future__ import annotations

import csv
import io
import json
import secrets
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor, creator_actor
from accounts.errors import NotAllowed, WrongState
from accounts.events import record_event
from accounts.history import events_of
from accounts.models import Consent, Creator, DataCopy, Job, JobState, Mail, Objection, Provenance, Workspace
from accounts.permissions import require
from accounts.privacy import files
from accounts.privacy.paths import leaves_out, way_to_creator
from accounts.secrets import pseudonym
from accounts.services import jobs
from accounts.tables import neutral

KIND = "data_copy"
LIFE = timedelta(days=7)
APART = timedelta(hours=1)
"""A new copy is made at most this often."""
_SECRET = ("secret", "token", "hash", "salt", "password", "stored", "proof", "body", "content", "lease")
# Working copies of what is given elsewhere, sketches of other people, and the record of these copies themselves.
_LEFT_OUT = frozenset(
    {"Creator", "DataCopy", "Event", "Mail", "CreatorIndex", "AudienceSample", "AudienceSketch", "CalendarFeed"}
)
# Models without `visible_to` whose rows are about the person all the same.
_ALSO = {"Consent", "AudienceShare"}
# (creator) → [(path in the archive, bytes)]; layers above add the files they keep.
Extra = Callable[[Creator], Iterator[tuple[str, bytes]]]
_EXTRAS: list[Extra] = []


def adds_files(extra: Extra) -> Extra:
    _EXTRAS.append(extra)
    return extra


def ask(*, actor: Actor, creator: Creator) -> DataCopy:
    """Starts a copy; while one is being made, or was made within the hour, that one is returned."""
    require(actor, "creator.own", creator)
    if actor.creator_id != creator.pk or actor.partnership_id is not None:
        raise NotAllowed(_("Only the person themself can ask for this."))
    with transaction.atomic():
        Creator.objects.select_for_update(no_key=True).get(pk=creator.pk)
        last = (
            DataCopy.objects.filter(creator=creator, asked_at__gt=timezone.now() - APART).select_related("job").first()
        )
        if last and last.job and last.job.state != JobState.FAILED:
            return last
        job = Job.objects.create(kind=KIND, title=f"#{creator.pk}", params={}, unit="tables")
        copy: DataCopy = DataCopy.objects.create(creator=creator, job=job)
        Job.objects.filter(pk=job.pk).update(params={"copy": str(copy.pk)})
        record_event("creator.copy_asked", creator, actor=actor, creator_id=creator.pk)
        jobs.start(job)
    copy.refresh_from_db()
    return copy


def open_copy(*, actor: Actor, copy: DataCopy) -> Any:
    """The file of a finished copy, opened. 409 while it is being made, 409 when it has expired."""
    require(actor, "creator.own", copy)
    if not copy.stored or copy.expires_at is None or copy.expires_at < timezone.now():
        raise WrongState(_("This copy is not there any more, or not yet. Ask for a new one."), code="copy_gone")
    try:
        handle = (files.copies() / copy.stored).open("rb")
    except FileNotFoundError as error:
        raise WrongState(
            _("This copy is not there any more, or not yet. Ask for a new one."), code="copy_gone"
        ) from error
    DataCopy.objects.filter(pk=copy.pk).update(downloads=models.F("downloads") + 1)
    record_event("creator.copy_downloaded", copy.creator, actor=actor, creator_id=copy.creator_id)
    return handle


def run(job_id: uuid.UUID) -> None:
    claimed = jobs.claim(job_id)
    if claimed is None:
        return
    copy = DataCopy.objects.select_related("creator__user").filter(job_id=job_id).first()
    if copy is None or copy.creator.erased_at:
        jobs.fail(claimed, error="gone")
        return
    name = secrets.token_hex(16)
    path = files.copies() / name
    try:
        with path.open("xb") as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            done = _write(archive, copy.creator, claimed)
        now = timezone.now()
        DataCopy.objects.filter(pk=copy.pk).update(
            stored=name, size=path.stat().st_size, ready_at=now, expires_at=now + LIFE
        )
        jobs.finish(claimed, result={}, done=done, rejected=0)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, (jobs.JobLost, jobs.JobCancelled)):
            return
        jobs.fail(claimed, error=type(error).__name__)
        raise


def remove_expired() -> int:
    """Files of copies whose time is over."""
    rows = DataCopy.objects.exclude(stored="").filter(expires_at__lt=timezone.now())
    names = list(rows.values_list("stored", flat=True))
    files.delete(files.copy_name(name) for name in names)
    return rows.update(stored="")


def _write(archive: zipfile.ZipFile, creator: Creator, claimed: jobs.Claim) -> int:
    parts = [*_parts(creator)]
    for number, (name, rows) in enumerate(parts, start=1):
        _table(archive, name, rows)
        jobs.save_progress(claimed, done=number, total=len(parts) + len(_EXTRAS), rejected=0, checkpoint={})
    for extra in _EXTRAS:
        for name, body in extra(creator):
            archive.writestr(f"files/{name}", body)
    archive.writestr("README.txt", readme(creator))
    return len(parts) + len(_EXTRAS)


def readme(creator: Creator) -> str:
    return (
        f"{creator.display_name} · {timezone.now():%Y-%m-%d %H:%M} UTC\n\n"
        "FR  data/*.json et data/*.csv : une table par fichier. files/ : vos fichiers. Les commentaires écrits par "
        "d’autres personnes et les notes internes des marques n’y sont pas : ils concernent aussi des tiers. "
        "Chaque marque répond de ses propres notes ; demandez-les-lui.\n\n"
        "EN  data/*.json and data/*.csv: one table each. files/: your files. Comments that others wrote and the internal "
        "notes of brands are not in it, as they concern other people too. Each brand answers for its own notes: ask it.\n"
    )


def _parts(creator: Creator) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(name, rows) of everything the person may see, the same way their own pages reach it."""
    actor = creator_actor(creator, creator.user)
    yield "profile", [_plain(row) for row in Creator.objects.filter(pk=creator.pk)]
    if creator.user:
        yield (
            "sign_in",
            [{"email": creator.user.email, "full_name": creator.user.full_name, "since": creator.user.date_joined}],
        )
    for model in apps.get_models():
        if model._meta.app_label not in ("accounts", "matching", "campaigns") or model.__name__ in _LEFT_OUT:
            continue
        if rows := _rows(model, actor, creator):
            yield model._meta.model_name or model.__name__, rows
    yield "where_it_came_from", _sources(creator)
    yield "letters", [_plain(row) for row in Mail.visible_to(actor)[:5000]]
    yield "what_happened", list(_events(actor))
    yield (
        "no_contact",
        [{"refused": Objection.objects.filter(workspace__isnull=True).filter(pk__in=_objections(creator)).exists()}],
    )


def _objections(creator: Creator) -> list[int]:
    return list(
        Objection.objects.filter(scope="creator", subject_hash=pseudonym("creator", str(creator.pk))).values_list(
            "pk", flat=True
        )
    )


def _rows(model: type[models.Model], actor: Actor, creator: Creator) -> list[dict[str, Any]]:
    path = way_to_creator(model)
    if path is None:
        return []
    if hasattr(model, "visible_to"):
        found = model.visible_to(actor).filter(**{path: creator.pk})
    elif model.__name__ in _ALSO:
        found = model._default_manager.filter(**{path: creator.pk})
    else:
        return []
    if model.__name__ == "Comment":
        found = found.filter(is_owner=True)  # what others wrote is theirs
    return [_plain(row) for row in found.order_by("pk").iterator(500)]


def _plain(row: models.Model) -> dict[str, Any]:
    """The row's columns but secrets, computed vectors, and the numbers of other people."""
    out: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if any(word in field.name for word in _SECRET) or isinstance(field, models.BinaryField):
            continue
        if field.is_relation and field.related_model is not None and field.related_model.__name__ == "User":
            continue
        if leaves_out(row, field.name) or type(field).__module__.startswith(
            ("pgvector", "django.contrib.postgres.search")
        ):
            continue
        out[field.name] = getattr(row, field.attname)
    return out


def _sources(creator: Creator) -> list[dict[str, Any]]:
    ids = {creator.source_id, *creator.accounts.values_list("source_id", flat=True)}
    ids |= set(Consent.objects.filter(creator=creator).values_list("source_id", flat=True))
    rows = Provenance.objects.filter(pk__in=[pk for pk in ids if pk]).select_related("workspace")
    return [
        {
            "kind": r.kind,
            "label": r.label,
            "basis": r.basis,
            "given_by": r.workspace.name if r.workspace else "",
            "at": r.retrieved_at,
        }
        for r in rows
    ]


def _events(actor: Actor) -> Iterator[dict[str, Any]]:
    names: dict[Any, str] = dict(Workspace.objects.values_list("pk", "name"))
    for event in events_of(actor).iterator(500):
        yield {
            "at": event.at,
            "kind": event.kind,
            "by": names.get(event.workspace_id, "") if event.actor_kind != "creator" else "you",
        }


def _table(archive: zipfile.ZipFile, name: str, rows: list[dict[str, Any]]) -> None:
    archive.writestr(
        f"data/{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1, default=str)
    )
    heads = list(dict.fromkeys(key for row in rows for key in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([neutral(row.get(head)) for head in heads])
    archive.writestr(f"data/{name}.csv", "\ufeff" + text.getvalue())
