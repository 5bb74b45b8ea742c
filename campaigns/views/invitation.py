"""The creator's page behind an invitation link: no account, nothing changed by looking."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.api.limits import spend
from accounts.client import client_address
from accounts.requests import PageRequest
from accounts.services.claims import open_link_claim
from accounts.services.creators import has_objected, object_to_contact
from accounts.zone import zone
from campaigns import selectors
from campaigns.notifications import language_of_creator
from campaigns.services.invitations import mark_seen
from campaigns.services.links import open_invitation
from campaigns.views import answering, cowriting, shipping, talking
from campaigns.views.answering import Door

logger = logging.getLogger(__name__)
PER_MINUTE = 120
WRONG_PER_MINUTE = 15
View = Callable[..., HttpResponse]


def by_link(view: View) -> View:
    """Opens the link, speaks the creator's language, and keeps the page out of caches, indexes and referrers.

    Limited by address: 120 requests a minute, 15 with links that do not exist.
    """

    @wraps(view)
    def opened(request: PageRequest, token: str, **rest: Any) -> HttpResponse:
        address = client_address(request)
        if spend(f"link:{address}", PER_MINUTE).remaining < 0:
            return _private(_busy(request))
        found = open_invitation(token=token)
        if found is None:
            if spend(f"link-unknown:{address}", WRONG_PER_MINUTE).remaining < 0:
                return _private(_busy(request))
            return _private(render(request, "campaigns/invitation_unknown.html", status=404))
        row = selectors.partnerships(found.actor).get(pk=found.partnership.pk)
        row.creator = found.partnership.creator
        _speak(request, row)
        with timezone.override(zone(row.campaign.workspace.timezone)):
            return _private(view(request, Door(row, found.actor, token), **rest))

    opened.verb = None  # type: ignore[attr-defined]  # open to whoever holds the link; read by the matrix test
    return opened


def _speak(request: PageRequest, partnership: Any) -> None:
    """The creator's language, unless this browser has chosen one here."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(language_of_creator(partnership))
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]


def _busy(request: PageRequest) -> HttpResponse:
    response = render(request, "campaigns/invitation_busy.html", status=429)
    response["Retry-After"] = "60"
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Not "no-referrer": browsers then send "Origin: null" with forms, which the CSRF check must refuse.
    # "same-origin" tells no other site anything either.
    response["Referrer-Policy"] = "same-origin"
    return response


@require_safe
@by_link
def invitation(request: PageRequest, door: Door) -> HttpResponse:
    return answering.show(request, door)


@require_POST
@by_link
def invitation_seen(request: PageRequest, door: Door) -> HttpResponse:
    """Sent by the page at the reader's first movement: a scanner that only fetches the link marks nothing."""
    mark_seen(actor=door.actor, partnership=door.partnership)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_accept(request: PageRequest, door: Door) -> HttpResponse:
    return answering.accept(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_decline(request: PageRequest, door: Door) -> HttpResponse:
    return answering.decline(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_counter(request: PageRequest, door: Door) -> HttpResponse:
    return answering.counter(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_cancel(request: PageRequest, door: Door) -> HttpResponse:
    return answering.cancel(request, door)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_stop(request: PageRequest, door: Door) -> HttpResponse:
    """ "Do not contact me any more": asked once, then kept for good."""
    creator = door.partnership.creator
    if request.method == "POST":
        object_to_contact(actor=door.actor, creator=creator)
        return redirect("invitation_stop", token=door.token)
    stopped = has_objected(creator, door.partnership.sent_to)
    context = {"door": door, "partnership": door.partnership, "creator": creator, "stopped": stopped}
    return render(request, "campaigns/invitation_stop.html", context)


@require_POST
@by_link
def invitation_claim(request: PageRequest, door: Door) -> HttpResponse:
    """From a link to an account of one's own: opens the claim that the accounts' pages finish."""
    if not answering.claimable(door.partnership):
        messages.warning(request, _("An account for this profile cannot be opened from this link."))
        return redirect(door.url())
    token = open_link_claim(actor=door.actor, creator=door.partnership.creator)
    return redirect("claim_creator", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_suggest(request: PageRequest, door: Door) -> HttpResponse:
    return cowriting.suggest(request, door)


@require_POST
@by_link
def invitation_suggestion(request: PageRequest, door: Door, suggestion: Any, verb: str) -> HttpResponse:
    return cowriting.answer(request, door, suggestion, verb)


@require_POST
@by_link
def invitation_message(request: PageRequest, door: Door) -> HttpResponse:
    return talking.write(
        request, door, lambda form, status: answering.show(request, door, status, talk=talking.talk(door, form))
    )


@require_POST
@by_link
def invitation_message_answer(request: PageRequest, door: Door, message: Any) -> HttpResponse:
    return talking.tap(request, door, message)


@require_http_methods(["GET", "HEAD", "POST"])
@by_link
def invitation_parcel_address(request: PageRequest, door: Door, shipment: Any) -> HttpResponse:
    return shipping.address(request, door, shipment)


@require_POST
@by_link
def invitation_parcel_received(request: PageRequest, door: Door, shipment: Any) -> HttpResponse:
    return shipping.received(request, door, shipment)
