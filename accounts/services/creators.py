"""What creators say about themselves, and what a workspace notes about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.events import record_event
from accounts.models import Basis, Creator, CreatorRecord, CreatorTerms, Objection, Provenance, SourceKind
from accounts.permissions import require
from accounts.secrets import pseudonym

TERMS_FIELDS = (
    "editorial_line",
    "topics",
    "refused_sectors",
    "values",
    "languages",
    "forms",
    "minimum_fee",
    "currency",
    "accepts_in_kind",
    "capacity_per_month",
    "unavailable_until",
    "tax_country",
    "responsible_certificate",
    "shows_reasons",
)


def save_terms(*, actor: Actor, creator: Creator, terms: Mapping[str, Any]) -> CreatorTerms:
    """The creator's own limits. Only the creator sets them: a workspace never speaks for a person."""
    require(actor, "creator.own", creator)
    if actor.creator_id != creator.pk or actor.partnership_id is not None:
        raise NotAllowed(_("Only the creator sets these limits."))
    changes = {name: terms[name] for name in TERMS_FIELDS if name in terms}
    with transaction.atomic():
        source = Provenance.objects.create(
            kind=SourceKind.CREATOR,
            label=creator.display_name,
            basis=Basis.CONTRACT,
            user_id=actor.user_id,
            retrieved_at=timezone.now(),
        )
        row, _created = CreatorTerms.objects.update_or_create(creator=creator, defaults=changes | {"source": source})
        record_event(
            "creator.terms_changed", creator, actor=actor, creator_id=creator.pk, data={"fields": sorted(changes)}
        )
    return row


def object_to_contact(*, actor: Actor, creator: Creator) -> None:
    """Nobody invites this person any more. Kept as keyed hashes, so that it survives erasure."""
    require(actor, "creator.own", creator)
    subjects = [("creator", pseudonym("creator", str(creator.pk)))]
    subjects += [("account", pseudonym(account.platform, account.handle_key)) for account in creator.accounts.all()]
    if creator.contact_email:
        subjects.append(("email", pseudonym("email", creator.contact_email.lower())))
    with transaction.atomic():
        Objection.objects.bulk_create(
            [Objection(scope=scope, subject_hash=subject) for scope, subject in subjects], ignore_conflicts=True
        )
        record_event("creator.objected", creator, actor=actor, creator_id=creator.pk)


def withdraw_objection(*, actor: Actor, creator: Creator) -> None:
    require(actor, "creator.own", creator)
    hashes = [pseudonym("creator", str(creator.pk))]
    hashes += [pseudonym(account.platform, account.handle_key) for account in creator.accounts.all()]
    hashes += [pseudonym("email", creator.contact_email.lower())] if creator.contact_email else []
    with transaction.atomic():
        Objection.objects.filter(workspace__isnull=True, subject_hash__in=hashes).delete()
        record_event("creator.objection_withdrawn", creator, actor=actor, creator_id=creator.pk)


def has_objected(creator: Creator, email: str = "", workspace_id: Any = None) -> bool:
    """Whether this person (by record, account or address) does not want to be contacted."""
    hashes = [pseudonym("creator", str(creator.pk))]
    hashes += [pseudonym(account.platform, account.handle_key) for account in creator.accounts.all()]
    for address in {email.lower(), creator.contact_email.lower()} - {""}:
        hashes.append(pseudonym("email", address))
    rows = Objection.objects.filter(subject_hash__in=hashes)
    return rows.filter(workspace__isnull=True).exists() or (
        workspace_id is not None and rows.filter(workspace_id=workspace_id).exists()
    )


def note_external_ids(*, actor: Actor, externals: Mapping[int, str]) -> dict[int, str]:
    """Keeps the workspace's own identifier of each creator. Returns creator → sentence for those taken by another."""
    require(actor, "creator.change")
    refused: dict[int, str] = {}
    workspace = actor.workspace_of_own()
    taken = dict(
        CreatorRecord.objects.filter(workspace_id=workspace, external_id__in=externals.values()).values_list(
            "external_id", "creator_id"
        )
    )
    for creator_id, external_id in externals.items():
        holder = taken.setdefault(external_id, creator_id)
        if holder != creator_id:
            refused[creator_id] = _("This external_id belongs to creator %(id)s.") % {"id": holder}
        elif len(external_id) > 120:
            refused[creator_id] = _("At most 120 characters.")
    CreatorRecord.objects.bulk_create(
        [
            CreatorRecord(workspace_id=workspace, creator_id=creator_id, external_id=external_id)
            for creator_id, external_id in externals.items()
            if creator_id not in refused
        ],
        update_conflicts=True,
        unique_fields=["workspace", "creator"],
        update_fields=["external_id"],
    )
    return refused
