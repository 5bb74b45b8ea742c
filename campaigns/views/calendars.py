"""A creator's calendar: the page, its secret link, and what a calendar program fetches there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import calendar
from campaigns.models import CalendarFeed
from campaigns.services import calendars


def _page(request: PageRequest, **extra: Any) -> HttpResponse:
    context = {"dates": calendar.calendar(request.actor), "feed": CalendarFeed.visible_to(request.actor).first()}
    answer = render(request, "campaigns/deal_calendar.html", context | extra)
    if extra:
        answer["Cache-Control"] = "private, no-store"  # the link is shown once
    return answer


@needs("creator.own")
@require_safe
def deal_calendar(request: PageRequest) -> HttpResponse:
    return _page(request)


@needs("creator.own")
@require_POST
def deal_calendar_link(request: PageRequest) -> HttpResponse:
    """Makes a link and shows it this once, or stops the one there is."""
    if "stop" in request.POST:
        calendars.stop_feed(actor=request.actor)
        messages.success(request, _("The link no longer works."))
        return redirect("deal_calendar")
    token = calendars.make_feed(actor=request.actor)
    return _page(request, link=settings.BASE_URL + reverse("calendar_feed", args=[token]))


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs: no sign-in, the token is the right to read."""
    opened = calendars.open_feed(token=token)
    if opened is None:
        raise Http404
    actor, language = opened
    with translation.override(language):
        content = calendar.as_ics(calendar.calendar(actor), name=calendar.feed_name(), now=timezone.now())
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="resonance.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
