"""A creator's own pages, signed in: what waits for an answer, what runs, what is over."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput
from accounts.models import Creator, CreatorTerms
from accounts.requests import PageRequest
from accounts.views.access import needs
from accounts.zone import zone
from campaigns import selectors, works
from campaigns.forms.contracts import PartyForm
from campaigns.forms.fields import show_faults
from campaigns.models import LegalIdentity
from campaigns.services.contracts import save_identity
from campaigns.services.invitations import mark_seen
from campaigns.services.messages import mark_read
from campaigns.views import answering, cowriting, shipping, talking
from campaigns.views.answering import Door

View = Callable[..., HttpResponse]


@needs("creator.own")
@require_safe
def deal_list(request: PageRequest) -> HttpResponse:
    creator = get_object_or_404(Creator.visible_to(request.actor), pk=request.actor.creator_id)
    context = {
        "creator": creator,
        "groups": selectors.deals(request.actor),
        "to_do": works.to_do(request.actor),
        "terms": CreatorTerms.visible_to(request.actor).first(),
    }
    return render(request, "campaigns/deal_list.html", context)


def by_deal(view: View) -> View:
    """Opens one of the creator's own deals, with times in the zone of the brand that set them."""

    @needs("creator.own")
    @wraps(view)
    def opened(request: PageRequest, pk: Any, **rest: Any) -> HttpResponse:
        found = get_object_or_404(selectors.partnerships(request.actor), pk=pk)
        with timezone.override(zone(found.campaign.workspace.timezone)):
            return view(request, Door(found, request.actor), **rest)

    return opened


@require_safe
@by_deal
def deal_detail(request: PageRequest, door: Door) -> HttpResponse:
    """Signed in, so a person and not a scanner: opening it counts as having seen it."""
    if door.partnership.state == "invited":
        mark_seen(actor=request.actor, partnership=door.partnership)
    response = answering.show(request, door)
    mark_read(actor=request.actor, partnership=door.partnership)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@by_deal
def deal_accept(request: PageRequest, door: Door) -> HttpResponse:
    return answering.accept(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_deal
def deal_decline(request: PageRequest, door: Door) -> HttpResponse:
    return answering.decline(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_deal
def deal_counter(request: PageRequest, door: Door) -> HttpResponse:
    return answering.counter(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_deal
def deal_cancel(request: PageRequest, door: Door) -> HttpResponse:
    return answering.cancel(request, door)


@needs("creator.own")
@require_http_methods(["GET", "HEAD", "POST"])
def deal_identity(request: PageRequest) -> HttpResponse:
    """How contracts name the creator: filled in once, used in every draft."""
    found = LegalIdentity.visible_to(request.actor).first()
    form = PartyForm(request.POST or None, side="creator", initial=found.details if found else {})
    if request.method == "POST" and form.is_valid():
        try:
            save_identity(actor=request.actor, **form.cleaned_data)
        except InvalidInput as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Saved. Contracts not sent yet take it in."))
            return redirect("deal_identity")
    context = {"form": form, "identity": found}
    return render(request, "campaigns/deal_identity.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@by_deal
def deal_suggest(request: PageRequest, door: Door) -> HttpResponse:
    return cowriting.suggest(request, door)


@require_POST
@by_deal
def deal_suggestion(request: PageRequest, door: Door, suggestion: Any, verb: str) -> HttpResponse:
    return cowriting.answer(request, door, suggestion, verb)


@require_POST
@by_deal
def deal_message(request: PageRequest, door: Door) -> HttpResponse:
    return talking.write(
        request, door, lambda form, status: answering.show(request, door, status, talk=talking.talk(door, form))
    )


@require_POST
@by_deal
def deal_message_answer(request: PageRequest, door: Door, message: Any) -> HttpResponse:
    return talking.tap(request, door, message)


@require_http_methods(["GET", "HEAD", "POST"])
@by_deal
def deal_parcel_address(request: PageRequest, door: Door, shipment: Any) -> HttpResponse:
    return shipping.address(request, door, shipment)


@require_POST
@by_deal
def deal_parcel_received(request: PageRequest, door: Door, shipment: Any) -> HttpResponse:
    return shipping.received(request, door, shipment)
