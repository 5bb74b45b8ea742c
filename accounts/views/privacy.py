"""A creator's data page: what is kept, from where, who looked; correct, take along, object, delete.

The same page twice: for who signed in, and for who holds the link of a letter and has no account.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.forms import FactsForm, PrivacyLinkForm
from accounts.history import history
from accounts.models import Creator, DataCopy
from accounts.requests import PageRequest
from accounts.services import copies, creators, erasure
from accounts.services import privacy as service
from accounts.views.access import needs
from accounts.views.joining import dead_link


class Place:
    """Where the person stands: their addresses differ with and without a sign-in."""

    def __init__(self, actor: Actor, creator: Creator, token: str = "") -> None:
        self.actor, self.creator, self.token = actor, creator, token

    def url(self, name: str, *args: Any) -> str:
        return (
            reverse(f"privacy_link{name}", args=[self.token, *args])
            if self.token
            else reverse(f"creator_privacy{name}", args=args)
        )


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The holder of a data link, or the page for dead links (404)."""

    @never_cache
    @wraps(view)
    def opened(request: PageRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponse:
        found = service.holder_of(token)
        if found is None:
            return dead_link(request)
        creator, actor = found
        response = view(request, Place(actor, creator, token), *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


def signed_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @needs("creator.own")
    @wraps(view)
    def opened(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        creator = get_object_or_404(Creator.visible_to(request.actor), pk=request.actor.creator_id)
        return view(request, Place(request.actor, creator), *args, **kwargs)

    return opened


def _page(request: PageRequest, place: Place, form: FactsForm | None = None) -> HttpResponse:
    creator = place.creator
    copy = DataCopy.visible_to(place.actor).select_related("job").first()
    context = {
        "creator": creator,
        "layout": "layouts/reading.html" if place.token else "layouts/app.html",
        "by_link": bool(place.token),
        "sources": creator.accounts.select_related("source__workspace").order_by("platform", "handle"),
        "events": history(place.actor),
        "objected": creators.has_objected(creator),
        "consents": creator.consents.select_related("source").order_by("-recorded_at")[:30],
        "looks": service.looks(place.actor),
        "copy": copy,
        "copy_ready": bool(copy and copy.stored and copy.expires_at and copy.expires_at > timezone.now()),
        "copy_waits": bool(copy and copy.job and not copy.job.is_over),
        "form": form
        or FactsForm(
            initial={**{n: getattr(creator, n) for n in service.FACTS}, "languages": ", ".join(creator.languages)}
        ),
        "step_urls": {step: place.url("_step", step) for step in STEPS},
        "copy_url": place.url("_copy", copy.pk) if copy else "",
        "here": place.url(""),
    }
    return render(request, "accounts/creator_privacy.html", context, status=422 if form else 200)


def _contact(request: PageRequest, place: Place) -> HttpResponse:
    if request.POST.get("contact") == "yes":
        creators.withdraw_objection(actor=place.actor, creator=place.creator)
        messages.success(request, _("Brands may invite you again."))
    else:
        creators.object_to_contact(actor=place.actor, creator=place.creator)
        messages.success(request, _("Nobody can invite you any more."))
    return redirect(place.url(""))


def _copy(request: PageRequest, place: Place) -> HttpResponse:
    copies.ask(actor=place.actor, creator=place.creator)
    messages.success(request, _("Your copy is being made. It is on this page when it is ready, for seven days."))
    return redirect(place.url(""))


def _correct(request: PageRequest, place: Place) -> HttpResponse:
    form = FactsForm(request.POST)
    if form.is_valid():
        try:
            service.correct(actor=place.actor, creator=place.creator, facts=form.cleaned_data)
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field, texts)
        else:
            messages.success(request, _("Saved. No import writes over what you put right."))
            return redirect(place.url(""))
    return _page(request, place, form)


def _erase(request: PageRequest, place: Place) -> HttpResponse:
    """Asks for the word, so that a slip of the finger erases nobody."""
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Tick the box first: this cannot be undone."))
        return redirect(place.url(""))
    row = erasure.erase(actor=place.actor, creator=place.creator)
    if not place.token:
        logout(request)
    return render(request, "accounts/erased.html", {"erasure": row})


STEPS: dict[str, Callable[[PageRequest, Place], HttpResponse]] = {
    "contact": _contact,
    "copy": _copy,
    "correct": _correct,
    "erase": _erase,
}


def _step(request: PageRequest, place: Place, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    return STEPS[step](request, place)


def _download(request: PageRequest, place: Place, pk: Any) -> FileResponse:
    copy = get_object_or_404(DataCopy.visible_to(place.actor).select_related("creator"), pk=pk)
    handle = copies.open_copy(actor=place.actor, copy=copy)
    response = FileResponse(handle, as_attachment=True, filename=f"resonance-data-{copy.asked_at:%Y%m%d}.zip")
    response["Cache-Control"] = "no-store"
    return response


privacy = require_safe(signed_in(_page))
privacy_step = require_POST(signed_in(_step))
privacy_copy = require_safe(signed_in(_download))
link = require_safe(by_link(_page))
link_step = require_POST(by_link(_step))
link_copy = require_safe(by_link(_download))


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: PageRequest) -> HttpResponse:
    """For who has no account and no letter at hand: the link by mail, if the address is known."""
    form = PrivacyLinkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        service.send_link(email=form.cleaned_data["email"], language=get_language() or "en")
        return render(request, "accounts/privacy_asked.html", {"email": form.cleaned_data["email"]})
    return render(request, "accounts/privacy_ask.html", {"form": form}, status=422 if form.errors else 200)
