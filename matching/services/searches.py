"""Searches kept under a name, and what is new in them: a look per day or week, a notice, a mail, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actors import Actor, member_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.mail import queue_mail
from accounts.models import Membership
from accounts.permissions import can, require
from accounts.texts import one_line
from matching.filters import SearchQuery
from matching.models import CreatorIndex, SavedSearch, SearchNews
from matching.models.choosing import Alert
from matching.search import first_ids

DEPTH = 200
"""Places of a search that are watched: a new match is somebody who comes among the first so many."""
KNOWN_MOST = 5_000
MOST_SEARCHES = 500
NAMED = 5
EVERY = {Alert.DAILY: timedelta(days=1), Alert.WEEKLY: timedelta(days=7)}
SALT = "matching.search-alert"
BATCH = 20


def query_of(search: SavedSearch) -> SearchQuery:
    """What is stored is read like an address: filters that no longer exist are left out."""
    data: dict[str, list[str]] = {}
    for pair in search.query:
        if isinstance(pair, list | tuple) and len(pair) == 2:
            data.setdefault(str(pair[0]), []).append(str(pair[1]))
    return SearchQuery.parse(data)


def address_of(search: SavedSearch) -> str:
    return f"{reverse('discover')}?{urlencode(query_of(search).parameters())}"


def save_search(
    *, actor: Actor, name: str, query: SearchQuery, alert: str = Alert.NONE, now: datetime | None = None
) -> SavedSearch:
    """Keeps a search; who matches now is known, so that the first alert tells only of those who come later.

    Raises InvalidInput for an empty or used name, an empty search, or an alert without a person to be told.
    """
    require(actor, "search.change")
    title, moment, faults = one_line(name, 120), now or timezone.now(), {}
    if not title:
        faults["name"] = [_("Give the search a name.")]
    if not query.parameters():
        faults["query"] = [_("This search asks for nothing: choose a filter or write what you look for.")]
    if alert not in Alert.values or (alert != Alert.NONE and actor.user_id is None):
        faults["alert"] = [_("Choose how often; a key has nobody to be told.")]
    if faults:
        raise InvalidInput(fields=faults)
    if SavedSearch.visible_to(actor).count() >= MOST_SEARCHES:
        raise WrongState(_("Enough searches are kept. Remove some first."), code="too_many")
    ids, _fits = first_ids(actor=actor, query=query, most=DEPTH)
    try:
        with transaction.atomic():
            made: SavedSearch = SavedSearch.objects.create(
                workspace_id=actor.workspace_of_own(), user_id=actor.user_id, name=title, known=ids, alert=alert,
                query=[list(pair) for pair in query.parameters()], due_at=_next(alert, moment), checked_at=moment,
                created_at=moment,
            )  # fmt: skip
    except IntegrityError:
        raise InvalidInput(fields={"name": [_("You have a search of this name already.")]}) from None
    return made


def change_alert(*, actor: Actor, search: SavedSearch, alert: str, now: datetime | None = None) -> SavedSearch:
    _own(actor, search)
    if alert not in Alert.values or (alert != Alert.NONE and search.user_id is None):
        raise InvalidInput(fields={"alert": [_("Choose how often; a key has nobody to be told.")]})
    SavedSearch.objects.filter(pk=search.pk).update(alert=alert, due_at=_next(alert, now or timezone.now()))
    search.refresh_from_db()
    return search


def remove_search(*, actor: Actor, search: SavedSearch) -> None:
    _own(actor, search)
    SavedSearch.objects.filter(pk=search.pk).delete()


def read_news(*, actor: Actor, search: SavedSearch, now: datetime | None = None) -> list[int]:
    """The new matches its owner has not opened yet, newest first; from now on they are read."""
    require(actor, "search.read")
    rows = SearchNews.visible_to(actor).filter(search=search, read_at__isnull=True).order_by("-found_at")
    ids = list(dict.fromkeys(pk for row in rows for pk in row.creator_ids))
    if search.user_id in (None, actor.user_id):
        rows.update(read_at=now or timezone.now())
    return ids


def unread(actor: Actor) -> dict[Any, int]:
    """Search → unread new matches, of the person who looks."""
    counts: dict[Any, int] = {}
    rows = SearchNews.visible_to(actor).filter(read_at__isnull=True, search__user_id=actor.user_id)
    for search_id, ids in rows.values_list("search_id", "creator_ids"):
        counts[search_id] = counts.get(search_id, 0) + len(ids)
    return counts


def _own(actor: Actor, search: SavedSearch) -> None:
    require(actor, "search.change")
    if search.user_id not in (None, actor.user_id) and not can(actor, "workspace.change"):
        raise NotAllowed(_("Only who keeps a search, or an administrator, changes it."))


def _next(alert: str, moment: datetime) -> datetime | None:
    return moment + EVERY[Alert(alert)] if alert in EVERY else None


def alert_due(now: datetime | None = None) -> int:
    """Looks at the searches whose time has come, each claimed by one UPDATE. Returns how many were looked at.

    The claim, the notice and the mail are one transaction: killed in the middle nothing happened, run twice at once
    one of both finds the time moved. Whose owner may no longer read falls silent.
    """
    moment = now or timezone.now()
    due = SavedSearch.objects.filter(due_at__lte=moment).order_by("due_at").values_list("pk", "due_at", "alert")
    looked = 0
    for pk, due_at, alert in list(due[:BATCH]):
        later = due_at
        while later <= moment:  # days that were missed are told once
            later += EVERY.get(Alert(alert), timedelta(days=36_500))
        with transaction.atomic():
            if SavedSearch.objects.filter(pk=pk, due_at=due_at).update(due_at=later, checked_at=moment):
                _look(SavedSearch.objects.select_related("user", "workspace").get(pk=pk), moment)
                looked += 1
    return looked


def _look(search: SavedSearch, moment: datetime) -> None:
    rows = Membership.objects.select_related("user").filter(workspace_id=search.workspace_id, user_id=search.user_id)
    member = rows.filter(suspended_at__isnull=True).first()
    if member is None or not can(member_actor(member), "search.read"):
        SavedSearch.objects.filter(pk=search.pk).update(alert=Alert.NONE, due_at=None)
        return
    ids, _fits = first_ids(actor=member_actor(member), query=query_of(search), most=DEPTH)
    known = set(search.known)
    new = [pk for pk in ids if pk not in known]
    if not new:
        return
    # the newest are kept: who drops out of the search for years may be told of again
    SavedSearch.objects.filter(pk=search.pk).update(known=[*new, *search.known][:KNOWN_MOST])
    SearchNews.objects.create(search=search, creator_ids=new, found_at=moment)
    _write(search, member, new, moment)


def _write(search: SavedSearch, member: Membership, new: Sequence[int], moment: datetime) -> None:
    names = CreatorIndex.visible_to(member_actor(member)).filter(pk__in=new[:NAMED]).in_bulk()
    told = [names[pk].display_name for pk in new[:NAMED] if pk in names]
    with translation.override(member.user.language):
        params = {"n": len(new), "name": search.name}
        subject = ngettext("%(n)s new match for “%(name)s”", "%(n)s new matches for “%(name)s”", len(new)) % params
        more = len(new) - len(told)
        lines = [f"– {name}" for name in told]
        lines += [ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}] if more > 0 else []
        text = _(
            "Your search “%(name)s” in %(workspace)s has new matches:\n\n%(people)s\n\nSee them:\n%(url)s\n\n"
            "No more mail about this search:\n%(stop)s"
        ) % {
            "name": search.name,
            "workspace": search.workspace.name,
            "people": "\n".join(lines),
            "url": settings.BASE_URL + reverse("search_open", args=[search.pk]),
            "stop": settings.BASE_URL + reverse("search_stop", args=[signing.dumps(str(search.pk), salt=SALT)]),
        }
    queue_mail(
        dedupe_key=f"search:{search.pk}:{moment:%Y%m%d%H%M%S}",
        kind="search_alert",
        to=member.user.email,
        subject=subject,
        text=text,
        language=member.user.language,
        workspace_id=search.workspace_id,
        at=moment,
    )


def search_of_stop(token: str) -> SavedSearch | None:
    """The search that a mail's stop link names; None for a forged one or one that is gone."""
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return SavedSearch.objects.filter(pk=pk).first()


def stop_alert(*, search: SavedSearch) -> None:
    """By whoever holds the link of the mail: no more mail. The search stays."""
    SavedSearch.objects.filter(pk=search.pk).update(alert=Alert.NONE, due_at=None)
