"""Pieces before publication: planned from what was agreed, shown as drafts, remarked on, approved or sent back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import require
from accounts.secrets import new_token, token_hash
from campaigns import reviewfiles
from campaigns.addresses import video_address
from campaigns.limits import RUNNING
from campaigns.models import Deliverable, Draft, GuestLink, Offer, Partnership, Remark
from campaigns.services.checks import check_draft
from campaigns.services.closing import read_reason
from campaigns.states import DELIVERABLE, advance
from campaigns.texts import clean, one_line

GUEST_DAYS = 14
GUEST_LINKS_MOST = 20
REMARKS_MOST = 300
DRAFTS_MOST = 30


def plan(*, partnership: Partnership, now: datetime | None = None) -> list[Deliverable]:
    """Makes the pieces of the accepted offer, once: a second call changes nothing."""
    moment = now or timezone.now()
    with transaction.atomic():
        row = Partnership.objects.select_for_update(of=("self",)).select_related("brief").get(pk=partnership.pk)
        offer = Offer.objects.filter(partnership=row, state="accepted").order_by("-number").first()
        if offer is None or row.works.exists():
            return list(row.works.all())
        rounds = min(2, row.brief.review_rounds) if row.brief else 1
        works = [
            Deliverable(
                partnership=row, number=number, form=item["form"], format=item["format"], platform=item["platform"],
                quantity=frames, note=str(item.get("note") or "")[:200], rounds_allowed=rounds,
                due_on=date.fromisoformat(item["due_on"]) if item.get("due_on") else offer.due_on,
                state_changed_at=moment, created_at=moment,
            )
            for number, (item, frames) in enumerate(_pieces(offer.deliverables), start=1)
        ]  # fmt: skip
        return Deliverable.objects.bulk_create(works)


def _pieces(items: Iterable[dict[str, Any]]) -> list[tuple[dict[str, Any], int]]:
    """One per publication; the frames of a story are published together and stay together."""
    found: list[tuple[dict[str, Any], int]] = []
    for item in items:
        count = int(item.get("quantity") or 1)
        found += [(item, count)] if item["format"] == "story" else [(item, 1)] * count
    return found


def locked(deliverable: Deliverable) -> Deliverable:
    """The row as it is now, locked until the transaction ends, with what services read of it."""
    rows = Deliverable.objects.select_for_update(of=("self",)).select_related(
        "partnership__campaign__brand", "partnership__campaign__workspace", "partnership__brief", "partnership__creator"
    )
    return rows.get(pk=deliverable.pk)


def refuse_unless_running(row: Deliverable) -> None:
    if row.partnership.state not in RUNNING:
        raise WrongState(
            _("The partnership is not running: its state is “%(state)s”.") % {"state": row.partnership.badge.label},
            code="partnership_not_running",
        )


def submit_draft(
    *,
    actor: Actor,
    deliverable: Deliverable,
    text: str = "",
    video_url: str = "",
    note: str = "",
    files: Iterable[UploadedFile[Any]] = (),
    notices: Iterable[str] = (),
    now: datetime | None = None,
) -> Draft:
    """The creator shows a version: text, pictures, a link to a video, at least one of them.

    notices: "images_retouched" and "images_virtual" where they hold. The text is checked for its label at once.
    Raises InvalidInput, WrongState (already in review, already approved).
    """
    require(actor, "deliverable.make", deliverable)
    moment = now or timezone.now()
    words, link, given = clean(text, 6000), video_address(video_url), list(files)
    if not words and not link and not given:
        raise InvalidInput(fields={"text": [_("Show something: a text, a picture or a link to a video.")]})
    with transaction.atomic():
        row = locked(deliverable)
        refuse_unless_running(row)
        number = row.drafts.count() + 1
        if number > DRAFTS_MOST:
            raise WrongState(_("No more than %(n)s drafts.") % {"n": DRAFTS_MOST}, code="drafts_spent")
        declared = sorted({name for name in notices if name in ("images_retouched", "images_virtual")})
        changes = {"state_changed_at": moment, "late_at": None, "notices": declared}
        data = {"draft": number}
        advance(row, DELIVERABLE, "submit_draft", actor=actor, changes=changes, data=data, at=moment)
        draft: Draft = Draft.objects.create(
            deliverable=row, number=number, text=words, video_url=link, note=one_line(note, 1000), created_at=moment
        )
        kept = reviewfiles.keep_all(given, deliverable=row, draft=draft, kind="draft", field="files", now=moment)
        if words:
            try:
                check_draft(draft=draft, now=moment)
            except BaseException:
                for file in kept:
                    reviewfiles.path_of(file).unlink(missing_ok=True)
                raise
    deliverable.refresh_from_db()
    return draft


def _answer(actor: Actor, deliverable: Deliverable, verb: str, note: str, now: datetime | None, **more: Any) -> Draft:
    """One answer to the draft in review: of any number at once one wins."""
    moment = now or timezone.now()
    with transaction.atomic():
        row = locked(deliverable)
        refuse_unless_running(row)
        draft = row.drafts.first()
        if verb == "request_changes" and row.state == "draft_submitted" and row.rounds_left <= 0:
            raise WrongState(
                _("The agreed review rounds are used up (%(n)s). Approve it, or reject it.")
                % {"n": row.rounds_allowed},
                code="rounds_spent",
            )
        changes = {"state_changed_at": moment} | more
        if verb == "request_changes":
            changes["rounds_used"] = row.rounds_used + 1
        data = {"draft": draft.number if draft else 0, "note": note}
        advance(row, DELIVERABLE, verb, actor=actor, changes=changes, data=data, at=moment)
        if draft is None:
            raise WrongState(_("There is no draft to answer."), code="no_draft")
        draft.answer, draft.answer_note, draft.answered_at = row.state, note, moment
        draft.save(update_fields=["answer", "answer_note", "answered_at"])
    deliverable.refresh_from_db()
    return draft


def approve(*, actor: Actor, deliverable: Deliverable, note: str = "", now: datetime | None = None) -> Draft:
    """The brand agrees to the draft: it may be published."""
    require(actor, "deliverable.review", deliverable)
    return _answer(actor, deliverable, "approve", clean(note, 1000), now)


def request_changes(*, actor: Actor, deliverable: Deliverable, note: str, now: datetime | None = None) -> Draft:
    """The brand asks for changes, saying which. Uses one of the agreed rounds; none left → WrongState "rounds_spent"."""
    require(actor, "deliverable.review", deliverable)
    return _answer(actor, deliverable, "request_changes", read_reason(note, "note"), now)


def reject(*, actor: Actor, deliverable: Deliverable, note: str, now: datetime | None = None) -> Draft:
    """The brand refuses the piece for good, with a reason; it will not be published under this agreement."""
    require(actor, "deliverable.review", deliverable)
    reason = read_reason(note, "note")
    return _answer(actor, deliverable, "reject", reason, now, closing_note=reason)


def remark(*, actor: Actor, draft: Draft, text: str, quote: str = "", now: datetime | None = None) -> Remark:
    """A remark beside a draft, by either side, at any time."""
    require(actor, "deliverable.read", draft.deliverable)
    if actor.side == "brand":
        require(actor, "deliverable.review", draft.deliverable)
    name = actor.name if actor.side == "brand" else draft.deliverable.partnership.creator.display_name
    return _remark(draft, str(actor.side), name, text, quote, "", now or timezone.now())


def _remark(draft: Draft, side: str, author: str, text: str, quote: str, opinion: str, moment: datetime) -> Remark:
    words = clean(text, 2000)
    if not words and not opinion:
        raise InvalidInput(fields={"text": [_("Write something.")]})
    if draft.remarks.count() >= REMARKS_MOST:
        raise WrongState(_("This draft has enough remarks."), code="too_many")
    # Two clicks on one button are one remark.
    same = draft.remarks.filter(side=side, author=author, text=words, opinion=opinion)
    found: Remark | None = same.filter(created_at__gt=moment - timedelta(minutes=1)).first()
    made: Remark = found or Remark.objects.create(
        draft=draft,
        side=side,
        author=author,
        text=words,
        quote=one_line(quote, 300),
        opinion=opinion,
        created_at=moment,
    )
    return made


def invite_guest(
    *, actor: Actor, deliverable: Deliverable, name: str, days: int = GUEST_DAYS, now: datetime | None = None
) -> tuple[GuestLink, str]:
    """A link for somebody without an account. Returns the row and the token, which is shown once."""
    require(actor, "deliverable.review", deliverable)
    moment, who = now or timezone.now(), one_line(name, 80)
    faults: dict[str, list[str]] = {}
    if not who:
        faults["name"] = [_("Say who the link is for.")]
    if not 1 <= days <= 60:
        faults["days"] = [_("Between 1 and 60 days.")]
    if faults:
        raise InvalidInput(fields=faults)
    if deliverable.guest_links.filter(revoked_at__isnull=True, expires_at__gt=moment).count() >= GUEST_LINKS_MOST:
        raise WrongState(_("Enough links are open. Close one first."), code="too_many")
    token = new_token()
    link = GuestLink.objects.create(
        deliverable=deliverable, name=who, token_hash=token_hash(token), expires_at=moment + timedelta(days=days),
        created_by_id=actor.user_id, created_at=moment,
    )  # fmt: skip
    return link, token


def close_guest_link(*, actor: Actor, link: GuestLink, now: datetime | None = None) -> None:
    require(actor, "deliverable.review", link.deliverable)
    GuestLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=now or timezone.now())


def open_guest_link(*, token: str, now: datetime | None = None) -> GuestLink | None:
    """What a guest's link opens, or None: unknown, closed, past its day, or the creator was erased."""
    rows = GuestLink.objects.select_related(
        "deliverable__partnership__campaign__brand", "deliverable__partnership__creator"
    )
    link: GuestLink | None = rows.filter(
        token_hash=token_hash(token), deliverable__partnership__creator__erased_at__isnull=True
    ).first()
    return link if link and link.open_at(now or timezone.now()) else None


def guest_remark(*, link: GuestLink, draft: Draft, text: str, opinion: str = "", now: datetime | None = None) -> Remark:
    """What a guest thinks. Their opinion is advice: the brand's people decide."""
    if opinion not in ("", "approve", "change"):
        raise InvalidInput(fields={"opinion": [_("Choose one of the answers.")]})
    if draft.deliverable_id != link.deliverable_id:
        raise InvalidInput(fields={"draft": [_("This draft belongs to something else.")]})
    return _remark(draft, "guest", link.name, text, "", opinion, now or timezone.now())


def cancel(*, actor: Actor, deliverable: Deliverable, reason: str, now: datetime | None = None) -> Deliverable:
    """The brand takes a piece off the agreement, with a reason the creator reads."""
    require(actor, "deliverable.review", deliverable)
    note, moment = read_reason(reason, "reason"), now or timezone.now()
    changes = {"state_changed_at": moment, "closing_note": note}
    advance(deliverable, DELIVERABLE, "cancel", actor=actor, changes=changes, data={"reason": note}, at=moment)
    return deliverable


def cancel_with_partnership(*, partnership_id: Any, now: datetime | None = None) -> int:
    """Everything not yet published ends with its partnership. Returns how many."""
    moment, count = now or timezone.now(), 0
    with transaction.atomic():
        rows = Deliverable.objects.select_for_update(of=("self",)).select_related("partnership__campaign")
        for row in rows.filter(partnership_id=partnership_id, state__in=DELIVERABLE.transition("cancel").sources):
            changes = {"state_changed_at": moment}
            advance(row, DELIVERABLE, "cancel", actor=SYSTEM, changes=changes, data={"with": "partnership"}, at=moment)
            count += 1
    return count


def reopen(*, actor: Actor, deliverable: Deliverable, due_on: date, now: datetime | None = None) -> Deliverable:
    """A missed piece gets a new date, later than today."""
    require(actor, "deliverable.review", deliverable)
    moment = now or timezone.now()
    if due_on <= moment.date():
        raise InvalidInput(fields={"due_on": [_("Choose a day after today.")]})
    changes = {"state_changed_at": moment, "due_on": due_on, "late_at": None}
    data = {"due_on": due_on.isoformat()}
    with transaction.atomic():
        row = locked(deliverable)
        refuse_unless_running(row)
        advance(row, DELIVERABLE, "reopen", actor=actor, changes=changes, data=data, at=moment)
    deliverable.refresh_from_db()
    return deliverable
