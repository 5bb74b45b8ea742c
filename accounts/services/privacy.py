"""What a person does about the data kept on them, signed in or by the link of their letters: read, correct, object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor, creator_actor
from accounts.errors import InvalidInput, NotAllowed
from accounts.events import record_event
from accounts.mail import queue_mail
from accounts.models import Creator, Look, Notice
from accounts.permissions import require

SALT = "accounts.privacy.link"
LINK_LIFE = timedelta(days=60)
FACTS = {"display_name": 160, "bio": 2000, "country": 2, "city": 120, "languages": 60, "contact_email": 254}


def link_of(creator: Creator) -> str:
    """The address of this person's data page. It is only ever sent to an address of theirs."""
    token = signing.dumps(creator.pk, salt=SALT)
    return str(settings.BASE_URL) + reverse("privacy_link", args=[token])


def holder_of(token: str) -> tuple[Creator, Actor] | None:
    """Who a link speaks for; None when it is not ours, too old, or the person was erased."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LINK_LIFE)
    except signing.BadSignature:
        return None
    creator = Creator.objects.filter(pk=pk, erased_at__isnull=True).first()
    return (creator, creator_actor(creator)) if creator else None


def send_link(*, email: str, language: str = "en") -> None:
    """Mails the link to everybody who is known at this address, once a day; says nothing about who that is."""
    address = email.strip().lower()
    known = (
        Q(contact_email__iexact=address) | Q(user__email__iexact=address) | Q(records__contact_email__iexact=address)
    )
    day = timezone.now().date().isoformat()
    for creator in Creator.objects.filter(known, erased_at__isnull=True).distinct()[:5]:
        with translation.override(language):
            queue_mail(
                dedupe_key=f"privacy-link:{creator.pk}:{address}:{day}"[:160],
                kind="privacy_link",
                to=address,
                subject=_("Your data on Resonance"),
                text=_(
                    "Somebody, probably you, asked for the data page of this address.\n\nRead, correct, take along or "
                    "delete what is kept about you:\n%(link)s\n\nThe link works for 60 days. Keep it to yourself."
                )
                % {"link": link_of(creator)},
                language=language,
            )


def correct(*, actor: Actor, creator: Creator, facts: Mapping[str, Any]) -> Creator:
    """Puts facts right. No import writes over them afterwards."""
    require(actor, "creator.own", creator)
    if actor.creator_id != creator.pk or actor.partnership_id is not None:
        raise NotAllowed(_("Only the person themself can ask for this."))
    read, faults = _read(facts)
    if faults:
        raise InvalidInput(fields=faults)
    changed = sorted(name for name, value in read.items() if getattr(creator, name) != value)
    if not changed:
        return creator
    with transaction.atomic():
        marks = sorted({*creator.corrected, *changed})
        Creator.objects.filter(pk=creator.pk).update(**{n: read[n] for n in changed}, corrected=marks)
        record_event("creator.corrected", creator, actor=actor, creator_id=creator.pk, data={"fields": changed})
    creator.refresh_from_db()
    return creator


def _read(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    read: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name in FACTS:
        if name not in facts:
            continue
        text = (
            " ".join(str(facts[name]).replace("\x00", "").split())
            if name != "bio"
            else str(facts[name]).replace("\x00", "").strip()
        )
        if len(text) > FACTS[name]:
            faults[name] = [_("At most %(n)s characters.") % {"n": FACTS[name]}]
        read[name] = text
    if "display_name" in read and not read["display_name"]:
        faults["display_name"] = [_("This cannot be empty.")]
    if read.get("country"):
        read["country"] = read["country"].upper()
        if not (len(read["country"]) == 2 and read["country"].isascii() and read["country"].isalpha()):
            faults["country"] = [_("Two letters, for example FR.")]
    if "languages" in read:
        read["languages"] = list(
            dict.fromkeys(part.strip().lower()[:5] for part in read["languages"].split(",") if part.strip())
        )
    if read.get("contact_email"):
        try:
            validate_email(read["contact_email"])
        except ValidationError:
            faults["contact_email"] = [_("This is not an e-mail address.")]
    return read, faults


def note_look(*, actor: Actor, creators: Iterable[int], exported: bool = False) -> None:
    """A member opened, or took out, these creators. Counted by workspace and day; the person may read it."""
    if actor.kind != "member" or actor.workspace_id is None:
        return
    rows = sorted(set(creators))
    views, exports = (0, 1) if exported else (1, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO accounts_look AS l (creator_id, workspace_id, day, views, exports)
            SELECT c, %s, %s, %s, %s FROM unnest(%s::bigint[]) c
            ON CONFLICT (creator_id, workspace_id, day) DO UPDATE
            SET views = l.views + excluded.views, exports = l.exports + excluded.exports""",
            [actor.workspace_id, timezone.now().date(), views, exports, rows],
        )


def note_notice(*, creator: Creator, workspace_id: Any) -> bool:
    """Whether this is the workspace's first letter to the person; notes that it told them about their data."""
    _row, first = Notice.objects.get_or_create(
        creator=creator, workspace_id=workspace_id, defaults={"source_id": creator.source_id}
    )
    if first:
        record_event("creator.noticed", creator, actor=SYSTEM, creator_id=creator.pk, workspace_id=workspace_id)
    return first


def looks(actor: Actor) -> list[dict[str, Any]]:
    """[{workspace, day, views, exports}], the newest first."""
    rows = Look.visible_to(actor).select_related("workspace")[:60]
    return [{"workspace": r.workspace.name, "day": r.day, "views": r.views, "exports": r.exports} for r in rows]
