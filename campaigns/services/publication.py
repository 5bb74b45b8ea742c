"""What was published: entered by the creator, checked at once, flagged or confirmed by a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.permissions import require
from campaigns import reviewfiles
from campaigns.addresses import publication_address
from campaigns.disclosure.wording import TO_CONFIRM
from campaigns.models import Deliverable, DisclosureCheck, ReviewFile
from campaigns.publication_rules import require_publishable
from campaigns.services import progress
from campaigns.services.checks import check_publication, preview
from campaigns.services.closing import read_reason
from campaigns.services.review import locked, refuse_unless_running
from campaigns.states import DELIVERABLE, advance
from campaigns.texts import clean


def publish(
    *,
    actor: Actor,
    deliverable: Deliverable,
    url: str,
    caption: str,
    toggle: bool | None = None,
    files: Iterable[UploadedFile[Any]] = (),
    now: datetime | None = None,
) -> DisclosureCheck:
    """The piece is out: its address, its caption as it stands there, screenshots. The label is checked at once.

    A caption whose label is not clear is taken all the same, because it is public by now, and flagged.
    Raises InvalidInput, WrongState (not approved yet, contract needed: see publication_rules).
    """
    require(actor, "deliverable.publish", deliverable)
    moment = now or timezone.now()
    with transaction.atomic():
        row = locked(deliverable)
        address, words = publication_address(url, row.platform), _caption(caption)
        refuse_unless_running(row)
        if row.state == "planned" and row.rounds_allowed > 0 and not row.drafts.filter(answer="approved").exists():
            raise WrongState(_("Show a draft first: the agreement has a review."), code="not_approved")
        if row.state in DELIVERABLE.transition("publish").sources:
            require_publishable(row.partnership, moment)
        changes = {
            "state_changed_at": moment, "published_at": moment, "published_url": address,
            "caption": words, "toggle": toggle, "late_at": None,
        }  # fmt: skip
        advance(row, DELIVERABLE, "publish", actor=actor, changes=changes, data={"url": address}, at=moment)
        found = _evidence(row, files, moment, actor, flagged_before=False)
        if row.partnership.state in ("accepted", "contracted"):
            progress.go_live(actor=SYSTEM, partnership=row.partnership, now=moment)
    deliverable.refresh_from_db()
    return found


def correct(
    *,
    actor: Actor,
    deliverable: Deliverable,
    caption: str,
    url: str = "",
    toggle: bool | None = None,
    files: Iterable[UploadedFile[Any]] = (),
    now: datetime | None = None,
) -> DisclosureCheck:
    """The caption was mended, or more evidence is given: checked again. Only while published and not yet verified."""
    require(actor, "deliverable.publish", deliverable)
    moment = now or timezone.now()
    with transaction.atomic():
        row = locked(deliverable)
        if row.state != "published":
            raise WrongState(
                _("This is no longer possible: the state is now “%(state)s”.") % {"state": row.badge.label},
                params={"state": row.state},
            )
        before = row.newest_check
        row.published_url = publication_address(url, row.platform) if url else row.published_url
        row.caption, row.toggle = _caption(caption), toggle
        row.waived_at, row.waived_by, row.waiver_reason = None, "", ""
        row.save(update_fields=["published_url", "caption", "toggle", "waived_at", "waived_by", "waiver_reason"])
        found = _evidence(row, files, moment, actor, flagged_before=bool(before and before.verdict != "clear"))
    deliverable.refresh_from_db()
    return found


def recheck(*, actor: Actor, deliverable: Deliverable, now: datetime | None = None) -> DisclosureCheck:
    """The same caption by the rules of today; a row is added even when nothing changed, as proof of the look."""
    require(actor, "deliverable.review", deliverable)
    moment = now or timezone.now()
    with transaction.atomic():
        row = locked(deliverable)
        if row.state not in ("published", "verified"):
            raise WrongState(_("Nothing is published yet."), code="not_published")
        before = row.newest_check
        found = _evidence(row, (), moment, actor, flagged_before=bool(before and before.verdict != "clear"))
    return found


def _caption(text: str) -> str:
    # Not `clean`: it takes out invisible characters, and whether the label is hidden by some is the question.
    words = str(text or "").replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n")[:6000]
    words = words.encode("utf-8", "ignore").decode("utf-8")
    if not words:
        raise InvalidInput(fields={"caption": [_("Paste the caption as it stands under the post.")]})
    return words


def _evidence(
    row: Deliverable, files: Iterable[UploadedFile[Any]], moment: datetime, actor: Actor, *, flagged_before: bool
) -> DisclosureCheck:
    kept = reviewfiles.keep_all(files, deliverable=row, draft=None, kind="screenshot", field="files", now=moment)
    try:
        shot: ReviewFile | None = kept[-1] if kept else row.files.filter(kind="screenshot").last()
        found = check_publication(deliverable=row, screenshot=shot, now=moment)
        if found.verdict != "clear":
            data = {"verdict": found.verdict, "check": str(found.pk), "code": found.decisive.get("code", "")}
            record_event("disclosure.flagged", row, actor=actor, data=data, at=moment)
        elif flagged_before:
            record_event("disclosure.resolved", row, actor=actor, data={"check": str(found.pk)}, at=moment)
    except BaseException:
        for file in kept:
            reviewfiles.path_of(file).unlink(missing_ok=True)
        raise
    return found


def needed_ticks(row: Deliverable, *, now: datetime | None = None) -> list[str]:
    """What a person has to confirm before the piece is verified."""
    return list(preview(row, row.caption, now=now).to_confirm)


def verify(
    *,
    actor: Actor,
    deliverable: Deliverable,
    ticks: Iterable[str],
    check_id: Any = None,
    now: datetime | None = None,
) -> Deliverable:
    """A person confirms what text cannot show. Only with a clear verdict on the newest caption, and every tick.

    check_id: the check the person looked at; refused (code "changed") when the caption was mended meanwhile.
    """
    require(actor, "deliverable.review", deliverable)
    moment = now or timezone.now()
    given = {tick for tick in ticks if tick in TO_CONFIRM}
    with transaction.atomic():
        row = locked(deliverable)
        found = row.newest_check
        if row.state == "published":
            if found is None or found.verdict != "clear":
                raise WrongState(
                    _("The label of the caption is not clear. Ask for the fix, or let it pass with a reason."),
                    code="not_clear",
                )
            if check_id and str(found.pk) != str(check_id):
                raise WrongState(_("The caption was changed since you looked. Look again."), code="changed")
            missing = [name for name in needed_ticks(row, now=moment) if name not in given]
            if missing:
                told = [str(TO_CONFIRM[name]) for name in missing]
                raise InvalidInput(fields={"ticks": [_("Confirm each point: %(points)s") % {"points": " ".join(told)}]})
        changes = {"state_changed_at": moment, "verified_at": moment, "verified_by": actor.name[:160]}
        data = {"ticks": sorted(given), "check": str(found.pk) if found else ""}
        advance(row, DELIVERABLE, "verify", actor=actor, changes=changes, data=data, at=moment)
        if found is not None:
            found.ticks, found.confirmed_by, found.confirmed_at = sorted(given), actor.name[:160], moment
            found.save(update_fields=["ticks", "confirmed_by", "confirmed_at"])
    deliverable.refresh_from_db()
    return deliverable


def waive(*, actor: Actor, deliverable: Deliverable, reason: str, now: datetime | None = None) -> Deliverable:
    """A flag is closed by a person with a reason. The piece stays published; it does not become verified by that."""
    require(actor, "deliverable.review", deliverable)
    note, moment = read_reason(reason, "reason"), now or timezone.now()
    with transaction.atomic():
        row = locked(deliverable)
        found = row.newest_check
        if row.state != "published" or found is None or found.verdict == "clear" or row.waived_at:
            raise WrongState(_("There is no open flag here."), code="no_flag")
        row.waived_at, row.waived_by, row.waiver_reason = moment, actor.name[:160], clean(note, 1000)
        row.save(update_fields=["waived_at", "waived_by", "waiver_reason"])
        data = {"waived": True, "reason": note, "check": str(found.pk)}
        record_event("disclosure.resolved", row, actor=actor, data=data, at=moment)
    deliverable.refresh_from_db()
    return deliverable
