"""Links by which a client without an account reads a list and says approve or reject, creator by creator."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.permissions import require
from accounts.secrets import new_token, token_hash
from accounts.texts import clean, one_line
from matching.models import Shortlist, ShortlistEntry, ShortlistLink, ShortlistOpinion

DAYS, MOST_DAYS, MOST_LINKS = 14, 60, 20
VERDICTS = ("", "approve", "reject")


def share_list(
    *,
    actor: Actor,
    shortlist: Shortlist,
    name: str,
    days: int = DAYS,
    shows_prices: bool = False,
    now: datetime | None = None,
) -> tuple[ShortlistLink, str]:
    """A link for somebody without an account. Returns the row and the token, which is shown once and kept as a hash."""
    require(actor, "list.change", shortlist)
    moment, who = now or timezone.now(), one_line(name, 80)
    faults: dict[str, list[str]] = {}
    if not who:
        faults["name"] = [_("Say who the link is for.")]
    if not 1 <= days <= MOST_DAYS:
        faults["days"] = [_("Between 1 and %(most)s days.") % {"most": MOST_DAYS}]
    if faults:
        raise InvalidInput(fields=faults)
    if shortlist.archived_at is not None:
        raise WrongState(_("This list is archived."), code="archived")
    if shortlist.links.filter(revoked_at__isnull=True, expires_at__gt=moment).count() >= MOST_LINKS:
        raise WrongState(_("Enough links are open. Close one first."), code="too_many")
    token = new_token()
    with transaction.atomic():
        link = ShortlistLink.objects.create(
            shortlist=shortlist, name=who, token_hash=token_hash(token), shows_prices=shows_prices,
            expires_at=moment + timedelta(days=days), created_by_id=actor.user_id, created_at=moment,
        )  # fmt: skip
        record_event("list.shared", shortlist, actor=actor, data={"name": who, "days": days}, at=moment)
    return link, token


def close_link(*, actor: Actor, link: ShortlistLink, now: datetime | None = None) -> None:
    """A second time changes nothing."""
    require(actor, "list.change", link.shortlist)
    moment = now or timezone.now()
    with transaction.atomic():
        if ShortlistLink.objects.filter(pk=link.pk, revoked_at__isnull=True).update(revoked_at=moment):
            record_event("list.unshared", link.shortlist, actor=actor, data={"name": link.name}, at=moment)


def open_link(*, token: str, now: datetime | None = None) -> ShortlistLink | None:
    """What a client's link opens, or None: unknown, closed, past its day, or the list was archived."""
    rows = ShortlistLink.objects.select_related("shortlist__workspace", "created_by")
    link: ShortlistLink | None = rows.filter(
        token_hash=token_hash(token[:100]), shortlist__archived_at__isnull=True
    ).first()
    return link if link and link.open_at(now or timezone.now()) else None


def shown_entries(link: ShortlistLink) -> Any:
    """What the client sees: everybody not passed, without the workspace's notes, flags and reasons."""
    rows = ShortlistEntry.objects.filter(shortlist_id=link.shortlist_id, creator__erased_at__isnull=True)
    return rows.exclude(state="passed").select_related("creator__index").order_by("added_at", "pk")


def give_opinion(
    *, link: ShortlistLink, entry_id: Any, verdict: str, comment: str = "", now: datetime | None = None
) -> ShortlistOpinion:
    """The client's word on one creator; a second one replaces it. It decides nothing: the workspace sorts.

    Raises InvalidInput for an unknown answer, nothing said, or a creator who is not on what the link shows.
    """
    words, moment = clean(comment, 1000), now or timezone.now()
    if verdict not in VERDICTS or (not verdict and not words):
        raise InvalidInput(fields={"verdict": [_("Choose approve or reject, or write a comment.")]})
    entry = shown_entries(link).filter(pk=entry_id).first()
    if entry is None:
        raise InvalidInput(fields={"entry": [_("This creator is no longer on the list.")]})
    with transaction.atomic():
        row, _made = ShortlistOpinion.objects.update_or_create(
            entry=entry, link=link, defaults={"verdict": verdict, "comment": words, "updated_at": moment}
        )
        data = {"about": entry.creator_id, "by": link.name, "verdict": verdict}
        record_event("list.opinion", link.shortlist, actor=SYSTEM, data=data, at=moment)
    return row
