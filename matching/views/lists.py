"""Lists: overview, triage, links for clients, and the client's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.api.limits import spend
from accounts.client import client_address
from accounts.errors import DomainError, InvalidInput, WrongState
from accounts.models import Creator
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from matching import lists as reading
from matching.forms.lists import ListForm, ShareForm
from matching.models import Shortlist, ShortlistEntry, ShortlistLink
from matching.models.choosing import Flag, PassReason, Triage
from matching.services import list_guests
from matching.services import lists as service

GUEST_PER_MINUTE = 60
SHOWN = 200
MOST_ADDED = 200


@needs("list.read", change="list.change")
@require_http_methods(["GET", "HEAD", "POST"])
def list_list(request: PageRequest) -> HttpResponse:
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = service.create_list(actor=request.actor, **form.cleaned_data)
        except InvalidInput as error:
            _faults(form, error)
        except WrongState as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("list_detail", pk=made.pk)
    context = {"lists": reading.lists(request.actor), "form": form, "may_change": can(request.actor, "list.change")}
    return render(request, "matching/list_list.html", context, status=422 if request.method == "POST" else 200)


def _faults(form: Any, error: InvalidInput) -> None:
    for name, texts in error.fields.items():
        form.add_error(name if name in form.fields else None, list(texts))


def _one(request: PageRequest, pk: Any) -> Shortlist:
    found: Shortlist = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
    return found


@needs("list.read")
@require_http_methods(["GET", "HEAD"])
def list_detail(request: PageRequest, pk: Any) -> HttpResponse:
    return _detail(request, _one(request, pk))


def _detail(request: PageRequest, row: Shortlist, status: int = 200, **more: Any) -> HttpResponse:
    entries = ShortlistEntry.visible_to(request.actor).filter(shortlist=row, creator__erased_at__isnull=True)
    shown = request.GET.get("show", "")
    kept = entries.filter(state=shown) if shown in Triage.values else entries
    summed = service.roll_up(actor=request.actor, shortlist=row)
    total = sum(summed.states.values())
    choices = [("", _("All"), total), *((s, str(Triage(s).label), summed.states[s]) for s in Triage.values)]
    found = reading.rows(request.actor, kept.select_related("creator")[:SHOWN])
    open_links = [link for link in row.links.all() if link.open_at(timezone.now())]
    context = {
        "list": row,
        "rows": found,
        "left_out": max(0, kept.count() - len(found)),
        "tabs": [(key or "all", label, f"?show={key}" if key else "?", n) for key, label, n in choices],
        "current": shown if shown in Triage.values else "all",
        "summed": summed,
        "links": open_links,
        "share_form": ShareForm(),
        "form": ListForm(initial={"name": row.name, "budget": row.budget, "currency": row.currency, "note": row.note}),
        **_choices(request, row),
    }
    return render(request, "matching/list_detail.html", context | more, status=status)


def _choices(request: PageRequest, row: Shortlist) -> dict[str, Any]:
    return {
        "reasons": [(str(number), *choice) for number, choice in enumerate(PassReason.choices, start=1)],
        "flags": Flag.choices,
        "may_change": can(request.actor, "list.change") and row.archived_at is None,
    }


@needs("list.change")
@require_POST
def list_step(request: PageRequest, pk: Any, step: str) -> HttpResponse:
    """One thing done to a list or to people on it. With htmx the row and the sums come back."""
    row = _one(request, pk)
    perform = _STEPS.get(step)
    if perform is None:
        raise Http404
    try:
        told = perform(request, row)
    except InvalidInput as error:
        texts = [text for texts in error.fields.values() for text in texts] or [error.message]
        if request.htmx:
            return HttpResponse(" ".join(texts), status=422, content_type="text/plain; charset=utf-8")
        messages.warning(request, " ".join(texts))
    except WrongState as refusal:
        if request.htmx:
            raise
        messages.warning(request, refusal.message)
    else:
        if isinstance(told, HttpResponse):
            return told
        if isinstance(told, ShortlistEntry) and request.htmx:
            return _row(request, row, told)
        if isinstance(told, str) and told:
            messages.success(request, told)
    back = request.POST.get("show", "")
    return redirect(reverse("list_detail", args=[pk]) + (f"?show={back}" if back in Triage.values else ""))


def _row(request: PageRequest, row: Shortlist, entry: ShortlistEntry) -> HttpResponse:
    [found] = reading.rows(request.actor, [entry])
    summed = service.roll_up(actor=request.actor, shortlist=row)
    context = {"list": row, "row": found, "summed": summed, "fresh": True, **_choices(request, row)}
    return render(request, "matching/list_row.html", context)


def _entry(request: PageRequest, row: Shortlist, pk: str) -> ShortlistEntry:
    rows = ShortlistEntry.visible_to(request.actor).filter(shortlist=row).select_related("creator", "shortlist")
    found: ShortlistEntry = get_object_or_404(rows, pk=_uuid(pk))
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _sort(request: PageRequest, row: Shortlist) -> ShortlistEntry:
    data = request.POST
    reason = data.get("reason", "")
    state = data.get("state") or (Triage.PASSED.value if reason else "")
    return service.triage(
        actor=request.actor,
        entry=_entry(request, row, data.get("entry", "")),
        state=state,
        reason=reason,
        expected=data.get("expected") or None,
    )


def _bulk(request: PageRequest, row: Shortlist) -> str:
    """Everybody ticked into one state; who changed meanwhile is told apart."""
    data, done = request.POST, 0
    ticked = [pk for text in data.getlist("entries")[:MOST_ADDED] if (pk := _uuid(text))]
    for entry in ShortlistEntry.visible_to(request.actor).filter(shortlist=row, pk__in=ticked):
        service.triage(actor=request.actor, entry=entry, state=data.get("state", ""), reason=data.get("reason", ""))
        done += 1
    if not done:
        raise InvalidInput(fields={"entries": [_("Tick at least one creator first.")]})
    return ngettext("%(n)s creator sorted.", "%(n)s creators sorted.", done) % {"n": done}


def _mark(request: PageRequest, row: Shortlist) -> ShortlistEntry:
    entry = _entry(request, row, request.POST.get("entry", ""))
    return service.mark(
        actor=request.actor, entry=entry, flags=request.POST.getlist("flags"), note=request.POST.get("note", "")
    )


def _remove(request: PageRequest, row: Shortlist) -> str:
    entry = _entry(request, row, request.POST.get("entry", ""))
    name = entry.creator.display_name
    service.remove_entry(actor=request.actor, entry=entry)
    return _("%(name)s is off the list.") % {"name": name}


def _edit(request: PageRequest, row: Shortlist) -> Any:
    form = ListForm(request.POST)
    if form.is_valid():
        try:
            service.change_list(actor=request.actor, shortlist=row, **form.cleaned_data)
        except InvalidInput as error:
            _faults(form, error)
        else:
            return _("Saved.")
    return _detail(request, row, 422, form=form, editing=True)


def _archive(request: PageRequest, row: Shortlist) -> HttpResponse:
    service.archive_list(actor=request.actor, shortlist=row)
    messages.success(request, _("The list is archived and its links are closed."))
    return redirect("list_list")


def _share(request: PageRequest, row: Shortlist) -> Any:
    form = ShareForm(request.POST)
    if form.is_valid():
        try:
            link, token = list_guests.share_list(actor=request.actor, shortlist=row, **form.cleaned_data)
        except InvalidInput as error:
            _faults(form, error)
        else:
            address = settings.BASE_URL + reverse("list_guest", args=[token])
            return _detail(request, row, made_link=link, made_address=address)
    return _detail(request, row, 422, share_form=form, sharing=True)


def _unshare(request: PageRequest, row: Shortlist) -> str:
    rows = ShortlistLink.visible_to(request.actor).filter(shortlist=row)
    link = get_object_or_404(rows, pk=_uuid(request.POST.get("link", "")))
    list_guests.close_link(actor=request.actor, link=link)
    return _("The link is closed.")


_STEPS: dict[str, Callable[[PageRequest, Shortlist], Any]] = {
    "sort": _sort,
    "bulk": _bulk,
    "mark": _mark,
    "remove": _remove,
    "edit": _edit,
    "archive": _archive,
    "share": _share,
    "unshare": _unshare,
}


@needs("list.change")
@require_http_methods(["GET", "HEAD", "POST"])
def list_add(request: PageRequest) -> HttpResponse:
    """?creator=1&creator=2: onto which list? A new one may be named there."""
    asked = request.POST.getlist("creator") if request.method == "POST" else request.GET.getlist("creator")
    numbers = [int(text) for text in asked[:MOST_ADDED] if text.isascii() and text.isdigit() and len(text) < 16]
    creators = list(Creator.visible_to(request.actor).filter(pk__in=numbers).order_by("display_name"))
    if numbers and not creators:
        raise Http404
    fault = ""
    if request.method == "POST":
        try:
            row = _target(request)
            new = service.add_creators(actor=request.actor, shortlist=row, creators=creators)
        except DomainError as error:
            fault = " ".join(text for texts in getattr(error, "fields", {}).values() for text in texts) or error.message
        else:
            text = ngettext("%(n)s creator added to “%(name)s”.", "%(n)s creators added to “%(name)s”.", len(new))
            messages.success(request, text % {"n": len(new), "name": row.name})
            return redirect("list_detail", pk=row.pk)
    there = set(
        ShortlistEntry.visible_to(request.actor).filter(creator__in=creators[:1]).values_list("shortlist_id", flat=True)
    )
    found = [(row, len(creators) == 1 and row.pk in there) for row in reading.lists(request.actor)]
    context = {"creators": creators, "lists": found, "fault": fault}
    return render(request, "matching/list_add.html", context, status=422 if fault else 200)


def _target(request: PageRequest) -> Shortlist:
    pk = _uuid(request.POST.get("list", ""))
    if pk is None:
        return service.create_list(actor=request.actor, name=request.POST.get("name", ""))
    return _one(request, pk)


@require_http_methods(["GET", "HEAD", "POST"])
def list_guest(request: PageRequest, token: str) -> HttpResponse:
    """A client reads a list and says what they think. No account; looking at it changes nothing, however often."""
    if spend(f"list-guest:{client_address(request)}", GUEST_PER_MINUTE).remaining < 0:
        return _private(render(request, "matching/list_guest_busy.html", status=429))
    link = list_guests.open_link(token=token)
    if link is None:
        return _private(render(request, "matching/list_guest_gone.html", status=404))
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and link.created_by:
        translation.activate(link.created_by.language)
    fault, status = "", 200
    if request.method == "POST":
        data = request.POST
        try:
            given = list_guests.give_opinion(
                link=link,
                entry_id=_uuid(data.get("entry", "")),
                verdict=data.get("verdict", ""),
                comment=data.get("comment", ""),
            )
        except InvalidInput as error:
            fault, status = " ".join(text for texts in error.fields.values() for text in texts), 422
        else:
            messages.success(request, _("Thank you. It is kept; you may change it while this link works."))
            return _private(redirect(reverse("list_guest", args=[token]) + f"#entry-{given.entry_id}"))
    rows = reading.guest_rows(link, list_guests.shown_entries(link)[:SHOWN])
    context = {"link": link, "list": link.shortlist, "rows": rows, "fault": fault, "token": token}
    return _private(render(request, "matching/list_guest.html", context, status=status))


list_guest.verb = None  # type: ignore[attr-defined]  # open to whoever holds the link


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "same-origin"
    return response
