"""One tracked link: its clicks over time, where they came from, its QR code, and its end."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.templatetags.figures import day, moment
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.tracking import LinkChangeForm
from campaigns.links import counts
from campaigns.models import Click, TrackedLink
from campaigns.services import tracking as service
from campaigns.views.tracking import end_of


def a_link(request: PageRequest, pk: Any) -> TrackedLink:
    return get_object_or_404(
        TrackedLink.visible_to(request.actor).select_related("campaign", "partnership__creator"), pk=pk
    )


@needs("link.read", change="link.change")
@require_http_methods(["GET", "HEAD", "POST"])
def link_detail(request: PageRequest, pk: Any) -> HttpResponse:
    """POST changes the label and the end; where the link leads never changes."""
    link = a_link(request, pk)
    usual = {"label": link.label, "expires_on": timezone.localdate(link.expires_at) if link.expires_at else None}
    form = LinkChangeForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            service.change_link(
                actor=request.actor, link=link, label=data["label"], expires_at=end_of(data["expires_on"])
            )
            messages.success(request, _("Saved."))
            return redirect("link_detail", pk=pk)
        except InvalidInput as error:
            show_faults(form, InvalidInput(error.message, fields={"expires_on": error.fields.get("expires_at", [])}))
    clicks = Click.visible_to(request.actor).filter(link=link)
    unit, series = counts.over_time(clicks)
    may = can(request.actor, "link.change", link)
    context = {
        "link": link,
        "target": service.target(link),
        "form": form if may else None,
        "campaign": link.campaign,
        "address": service.address(link),
        "counts": counts.counts_of(request.actor, [link.pk])[link.pk],
        "chart": clicks_chart(unit, series) if series else None,
        "devices": [(device_words().get(name, _("unknown")), n) for name, n in counts.shares(clicks, "device")],
        "countries": [(name or _("unknown"), n) for name, n in counts.shares(clicks, "country")],
        "referrers": [(name or _("none given"), n) for name, n in counts.shares(clicks, "referrer")],
        "machines": [(machine_words().get(name, name), n) for name, n in counts.machines(clicks)],
        "may_change": may,
        "problem": problem_words().get(link.problem, ""),
        "verb": "pause" if link.state == "active" else "resume",
    }
    return render(request, "campaigns/link_detail.html", context, status=422 if form.errors else 200)


def device_words() -> dict[str, str]:
    return {"phone": _("Phone"), "tablet": _("Tablet"), "desktop": _("Computer"), "tv": _("Television")}


def machine_words() -> dict[str, str]:
    return {
        "crawler": _("Crawlers"),
        "preview": _("Previews of messengers"),
        "scanner": _("Mail scanners"),
        "monitor": _("Monitors"),
        "library": _("Programs"),
        "head": _("HEAD requests"),
        "prefetch": _("Prefetches"),
        "flood": _("Floods"),
        "no_agent": _("No user agent"),
    }


def problem_words() -> dict[str, str]:
    return {
        "private": _("The address no longer leads to the public internet. The link is stopped."),
        "chain": _("The page now redirects to another site. The link is stopped until it is checked."),
        "unknown_host": _("The name of the site is not known any more."),
        "gone": _("The page is not there any more."),
        "unreachable": _("The site did not answer."),
    }


def clicks_chart(unit: str, series: list[tuple[datetime, int, int]]) -> dict[str, Any]:
    total = sum(people for _begin, people, _machines in series)
    begin, most, _rest = max(series, key=lambda row: row[1])
    when = moment(begin) if unit == "hour" else day(begin)
    title = ngettext(
        "%(n)s click, most of them %(when)s (%(most)s)", "%(n)s clicks, most of them %(when)s (%(most)s)", total
    )
    names = [pgettext("series", "People"), pgettext("series", "Machines")]
    option = {
        "legend": {"data": names},
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "unit": "count", "minInterval": 1},
        "tooltip": {"trigger": "axis"},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": names[0],
                "unit": "count",
                "data": [[at.isoformat(), n] for at, n, _m in series],
            },
            {
                "type": "bar",
                "stack": "all",
                "name": names[1],
                "unit": "count",
                "data": [[at.isoformat(), m] for at, _n, m in series],
            },
        ],
    }
    rows = [(moment(at) if unit == "hour" else day(at), n, m) for at, n, m in series]
    return {
        "title": title % {"n": total, "when": when, "most": most},
        "option": option,
        "rows": rows,
        "columns": [_("Time"), *names],
    }


@needs("link.change")
@require_POST
def link_step(request: PageRequest, pk: Any, verb: str) -> HttpResponse:
    link = a_link(request, pk)
    (service.pause_link if verb == "pause" else service.resume_link)(actor=request.actor, link=link)
    messages.success(request, _("The link is paused.") if verb == "pause" else _("The link works again."))
    return redirect("link_detail", pk=pk)


QR_KINDS = {"svg": "image/svg+xml", "png": "image/png"}


@needs("link.read")
@require_safe
def link_qr(request: PageRequest, pk: Any, kind: str) -> HttpResponse:
    link = a_link(request, pk)
    body = BytesIO()
    # Level M survives a crease or a logo's corner; four modules of quiet zone are what readers expect.
    segno.make(service.address(link), error="m", micro=False).save(body, kind=kind, scale=10, border=4)
    response = HttpResponse(body.getvalue(), content_type=QR_KINDS[kind])
    response["Content-Disposition"] = f'inline; filename="{link.slug}.{kind}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response
