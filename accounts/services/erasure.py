"""Forgetting a person: unseen at once, then taken out of every table by a job, with what the law keeps said plainly."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Creator, DataCopy, Erasure, Job, Mail, Membership, Objection, User
from accounts.permissions import require
from accounts.privacy import files, traces
from accounts.secrets import pseudonym
from accounts.services import jobs

KIND = "erasure"
# (creator, addresses) → {"removed": {what: rows}, "kept": [{area, rows, until, why}]}; each layer clears its own tables.
Clear = Callable[[Creator, set[str]], dict[str, Any]]
_CLEARERS: list[Clear] = []
# Called when the person asks, before anything is deleted: open business with them ends.
_ENDINGS: list[Callable[[Creator], None]] = []


def clears(clear: Clear) -> Clear:
    _CLEARERS.append(clear)
    return clear


def ends(end: Callable[[Creator], None]) -> Callable[[Creator], None]:
    _ENDINGS.append(end)
    return end


def addresses_of(creator: Creator) -> set[str]:
    user = creator.user
    found = {creator.contact_email, user.email if user else ""}
    found |= set(creator.records.values_list("contact_email", flat=True))
    return {address.lower() for address in found if address}


def object_for_ever(creator: Creator, emails: set[str]) -> None:
    """Keyed hashes of the accounts and addresses: no import and no invitation brings the person back."""
    subjects = [("creator", pseudonym("creator", str(creator.pk)))]
    subjects += [("account", pseudonym(row.platform, row.handle_key)) for row in creator.accounts.all()]
    subjects += [("email", pseudonym("email", address)) for address in emails]
    Objection.objects.bulk_create([Objection(scope=s, subject_hash=h) for s, h in subjects], ignore_conflicts=True)


def erase(*, actor: Actor, creator: Creator) -> Erasure:
    """Asked by the person. From here on nobody finds them; a job takes their traces out of every table."""
    require(actor, "creator.own", creator)
    if actor.creator_id != creator.pk or actor.partnership_id is not None:
        raise NotAllowed(_("Only the person themself can ask for this."))
    with transaction.atomic():
        for end in _ENDINGS:
            end(creator)
        if not Creator.objects.filter(pk=creator.pk, erased_at__isnull=True).update(erased_at=timezone.now()):
            raise WrongState(_("This was already asked."), code="already_erased")
        object_for_ever(creator, addresses_of(creator))
        quiet = Actor(kind="creator", id=str(creator.pk), creator_id=creator.pk)
        job = Job.objects.create(kind=KIND, title=f"#{creator.pk}", params={"creator": creator.pk}, unit="tables")
        row = Erasure.objects.create(number=creator.pk, asked_by="creator", job=job)
        record_event("creator.erased", creator, actor=quiet, creator_id=creator.pk)
        jobs.start(job)
    row.refresh_from_db()
    return row


def run(job_id: uuid.UUID) -> None:
    """The job: each layer clears its tables, then every text column is read for what is left. All or nothing."""
    claimed = jobs.claim(job_id)
    if claimed is None:
        return
    creator = Creator.objects.select_related("user").get(pk=Job.objects.get(pk=job_id).params["creator"])
    try:
        with transaction.atomic():
            removed, kept, stored = _take_out(creator)
            transaction.on_commit(lambda: files.delete(stored), robust=True)
            Erasure.objects.filter(number=creator.pk).update(done_at=timezone.now(), removed=removed, kept=kept)
            record_event("creator.forgotten", creator, actor=SYSTEM, creator_id=creator.pk)
            jobs.finish(claimed, result={"kept": len(kept)}, done=len(removed), rejected=0)
    except jobs.JobLost:
        return
    except Exception as error:
        jobs.fail(claimed, error=type(error).__name__)
        raise


def _take_out(creator: Creator) -> tuple[dict[str, int], list[dict[str, Any]], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL resonance.erasing = 'on'")
    emails = addresses_of(creator)
    needles = traces.needles_of(creator, emails)
    removed: dict[str, int] = {}
    kept: list[dict[str, Any]] = []
    stored: list[str] = []
    for clear in _CLEARERS:
        said = clear(creator, emails)
        kept += said.get("kept", [])
        stored += said.get("files", [])
        for name, rows in said.get("removed", {}).items():
            removed[name] = removed.get(name, 0) + rows
    stored += _own_rows(creator, emails, removed)
    others = frozenset(
        {"matching_post", "matching_comment", "accounts_creator", "accounts_socialaccount", "accounts_user"}
    )
    for table, rows in traces.sweep(needles, others):
        if rows:
            removed[table] = removed.get(table, 0) + rows
    left = {name: rows for name, rows in traces.count(needles, names=False).items() if name not in traces.KEPT}
    if left:
        raise RuntimeError(f"traces are left in {sorted(left)}")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL resonance.erasing = 'off'")
    return removed, kept, stored


def _own_rows(creator: Creator, emails: set[str], removed: dict[str, int]) -> list[str]:
    """This layer's rows: letters, terms, records, consents, claims, copies, the sign-in; last the record is emptied."""
    for address in emails:
        removed["accounts_mail"] = removed.get("accounts_mail", 0) + Mail.objects.filter(to__iexact=address).delete()[0]
    copies = list(DataCopy.objects.filter(creator=creator).exclude(stored="").values_list("stored", flat=True))
    for name in ("records", "claims", "consents", "notices", "looks", "data_copies", "accounts"):
        removed[name] = getattr(creator, name).all().delete()[0]
    if hasattr(creator, "terms"):
        creator.terms.delete()
    for model in apps.get_models():  # what newer parts note directly about a person
        for field in model._meta.concrete_fields:
            rule = getattr(field.remote_field, "on_delete", None)
            if field.related_model is Creator and rule is models.CASCADE:
                rows = model._default_manager.filter(**{field.name: creator.pk}).delete()[0]
                removed[model._meta.db_table] = removed.get(model._meta.db_table, 0) + rows
    user = creator.user
    Creator.objects.filter(pk=creator.pk).update(
        user=None, display_name="", bio="", country="", city="", languages=[], niche_hint="", contact_email="",
        corrected=[], observed_at=None, claimed_at=None, source=None,
    )  # fmt: skip
    if user and not user.is_staff and not Membership.objects.filter(user=user).exists():
        removed["accounts_user"] = User.objects.filter(pk=user.pk).delete()[0]
    return [files.copy_name(name) for name in copies]
