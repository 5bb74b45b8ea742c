"""Saved searches, the files of a search, and the way out of its mail."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from matching import exports
from matching.cards import cards
from matching.filters import FILTERS, ORDERS, SearchQuery
from matching.models import CreatorIndex, SavedSearch, Shortlist, ShortlistEntry
from matching.models.choosing import Alert
from matching.ranking import ENGINE_VERSION
from matching.search import first_ids
from matching.services import searches
from matching.services.scoring import current_scoring

FORMATS = {"csv": exports.as_csv, "xlsx": exports.as_xlsx}


@needs("search.read", change="search.change")
@require_http_methods(["GET", "HEAD", "POST"])
def search_list(request: PageRequest) -> HttpResponse:
    """Kept searches with what is new in each. POST keeps one: its address in `query`, a name, how often to tell."""
    fault, name = "", request.POST.get("name", "")
    if request.method == "POST":
        query = SearchQuery.parse(QueryDict(request.POST.get("query", "")[:6000].lstrip("?")))
        try:
            searches.save_search(
                actor=request.actor, name=name, query=query, alert=request.POST.get("alert") or Alert.NONE
            )
        except (InvalidInput, WrongState) as error:
            fault = " ".join(text for texts in error.fields.values() for text in texts) or error.message
        else:
            messages.success(request, _("The search is kept."))
            return redirect("search_list")
    fresh = searches.unread(request.actor)
    rows = SavedSearch.visible_to(request.actor).select_related("user")
    found = [
        {
            "row": row,
            "words": _words(searches.query_of(row)),
            "url": searches.address_of(row),
            "fresh": fresh.get(row.pk, 0),
            "mine": row.user_id in (None, request.actor.user_id) or can(request.actor, "workspace.change"),
        }
        for row in rows
    ]
    context = {
        "searches": found,
        "alerts": Alert.choices,
        "fault": fault,
        "query": request.POST.get("query", "") or request.GET.urlencode(),
        "asked": _words(SearchQuery.parse(QueryDict(request.POST.get("query", "")) if fault else request.GET)),
        "name": name,
        "may_change": can(request.actor, "search.change"),
    }
    return render(request, "matching/search_list.html", context, status=422 if fault else 200)


def _words(query: SearchQuery) -> list[str]:
    """What a search asks, as a reader says it."""
    said = [f"“{query.text[:80]}”"] if query.text else []
    for name, values in query.filters.items():
        said.append(f"{FILTERS[name].label}: {', '.join(str(FILTERS[name].choice_label(v)) for v in values)}")
    return said


def _search(request: PageRequest, pk: Any) -> SavedSearch:
    found: SavedSearch = get_object_or_404(SavedSearch.visible_to(request.actor), pk=pk)
    return found


@needs("search.read")
@require_safe
def search_open(request: PageRequest, pk: Any) -> HttpResponse:
    """The new matches of a kept search; without any, the search itself."""
    row = _search(request, pk)
    ids = searches.read_news(actor=request.actor, search=row)
    if not ids:
        return redirect(searches.address_of(row))
    rows = CreatorIndex.visible_to(request.actor).in_bulk(ids)
    found = cards(request.actor, ((rows[key], None) for key in ids if key in rows))
    context = {"search": row, "cards": found, "url": searches.address_of(row)}
    return render(request, "matching/search_news.html", context)


@needs("search.change")
@require_POST
def search_change(request: PageRequest, pk: Any) -> HttpResponse:
    """`alert`: how often to tell; `remove`: away with it."""
    row = _search(request, pk)
    if "remove" in request.POST:
        searches.remove_search(actor=request.actor, search=row)
        messages.success(request, _("The search is removed."))
        return redirect("search_list")
    try:
        searches.change_alert(actor=request.actor, search=row, alert=request.POST.get("alert", ""))
    except InvalidInput as error:
        messages.warning(request, " ".join(text for texts in error.fields.values() for text in texts))
    return redirect("search_list")


@require_http_methods(["GET", "HEAD", "POST"])
def search_stop(request: PageRequest, token: str) -> HttpResponse:
    """From a mail: opening changes nothing (scanners open links), the button stops the mail."""
    row = searches.search_of_stop(token)
    done = False
    if row is not None and request.method == "POST":
        searches.stop_alert(search=row)
        done = True
    context = {"search": row, "done": done or (row is not None and row.alert == Alert.NONE)}
    response = render(request, "matching/search_stop.html", context, status=404 if row is None else 200)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response


search_stop.verb = None  # type: ignore[attr-defined]  # open to whoever holds the link of the mail


@needs("match.read")
@require_safe
def discover_export(request: PageRequest, kind: str) -> HttpResponse:
    """The whole filtered set, not the page: up to 10,000 rows; with words, the 200 best."""
    if kind not in FORMATS:
        raise Http404
    query = SearchQuery.parse(request.GET)
    ids, fits = first_ids(actor=request.actor, query=query, most=exports.MOST)
    asked = [
        (str(FILTERS[name].label), ", ".join(str(FILTERS[name].choice_label(v)) for v in values))
        for name, values in query.filters.items()
    ]
    meta = [
        (_("Search"), query.text or "–"),
        *asked,
        (_("Order"), str(ORDERS[query.sorting][2])),
        (_("Rows"), len(ids)),
        (_("Address"), reverse("discover") + "?" + urlencode(query.parameters())),
        *_versions(request),
    ]  # fmt: skip
    return FORMATS[kind]("creators", meta, exports.lines(request.actor, ids, fits))


@needs("list.read")
@require_safe
def list_export(request: PageRequest, pk: Any, kind: str) -> HttpResponse:
    if kind not in FORMATS:
        raise Http404
    row = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
    entries = ShortlistEntry.visible_to(request.actor).filter(shortlist=row, creator__erased_at__isnull=True)
    kept = entries.exclude(state="passed").order_by("state", "added_at")
    meta = [(_("List"), row.name), (_("Rows"), kept.count()), *_versions(request)]
    return FORMATS[kind]("list", meta, exports.lines(request.actor, list(kept.values_list("creator_id", flat=True))))


@needs("list.read")
@require_safe
def list_compare(request: PageRequest, pk: Any) -> HttpResponse:
    """Those ticked, or the first ten who are not passed, side by side."""
    row = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
    entries = ShortlistEntry.visible_to(request.actor).filter(shortlist=row)
    ticked = [text for text in request.GET.getlist("entries")[:10] if _is_uuid(text)]
    kept = entries.filter(pk__in=ticked) if ticked else entries.exclude(state="passed").order_by("state", "added_at")
    ids = kept.values_list("creator_id", flat=True)[:10]
    return redirect(reverse("creator_compare") + "?" + urlencode([("creator", pk) for pk in ids]))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _versions(request: PageRequest) -> list[tuple[str, Any]]:
    scoring = current_scoring(request.actor.workspace_id)
    return [
        (_("Engine"), ENGINE_VERSION),
        (_("Weights"), scoring.weights.version),
        (_("Written on"), f"{timezone.now():%Y-%m-%d %H:%M} UTC"),
        (_("Written by"), request.actor.name),
    ]
