"""Tabs that campaigns add to a creator's page, the one-page PDF, and a list taken into a campaign."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import creator_record, selectors
from campaigns.models.campaign import Form
from campaigns.onesheet import draw
from campaigns.services.shortlist import shortlist_creators
from matching import advice as reading
from matching import label_record, profiles
from matching.creator_frame import creator_frame, one_creator
from matching.models import Shortlist, ShortlistEntry


@needs("disclosure.read")
@require_safe
def creator_compliance(request: PageRequest, pk: int) -> HttpResponse:
    """The label record of the creator's own posts, and the checks of what they published for this workspace."""
    creator = one_creator(request, pk)
    _row, signals = profiles.current_signals(request.actor, creator)
    record = label_record.label_record(request.actor, creator)
    names = ("disclosure_record", "sponsorship_load", "selectivity")
    context = creator_frame(request, creator, "compliance") | {
        "record": record[: label_record.SHOWN],
        "left_out": max(0, len(record) - label_record.SHOWN),
        "rate": label_record.rate_over_time(record),
        "rows": [row for row in profiles.signal_rows(request.actor, signals) if row.signal.name in names],
        "checks": creator_record.checks_of(request.actor, creator),
    }
    return render(request, "campaigns/creator_compliance.html", context)


@needs("campaign.read")
@require_safe
def creator_history(request: PageRequest, pk: int) -> HttpResponse:
    creator = one_creator(request, pk)
    record = creator_record.record_of(request.actor, creator)
    context = creator_frame(request, creator, "history") | {"record": record}
    return render(request, "campaigns/creator_history.html", context)


@needs("creator.read")
@require_safe
def creator_sheet(request: PageRequest, pk: int) -> HttpResponse:
    """One page for a meeting: who they are, what is known of them, and of when it is."""
    creator = one_creator(request, pk)
    response = HttpResponse(draw(request.actor, creator), content_type="application/pdf")
    name = slugify(creator.display_name)[:60] or "creator"
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@needs("campaign.change")
@require_http_methods(["GET", "HEAD", "POST"])
def list_into_campaign(request: PageRequest, pk: Any) -> HttpResponse:
    """Those shortlisted on a list onto the shortlist of a campaign; nobody is written to."""
    row = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
    entries = ShortlistEntry.visible_to(request.actor).filter(shortlist=row, state="shortlisted")
    people = [entry.creator for entry in entries.select_related("creator") if entry.creator.erased_at is None]
    open_now = selectors.campaigns(request.actor).filter(state__in=["draft", "active"]).order_by("-created_at")
    if request.method == "POST":
        campaign = get_object_or_404(open_now, pk=_uuid(request.POST.get("campaign", "")))
        made = shortlist_creators(actor=request.actor, campaign=campaign, creators=people)
        text = ngettext("%(n)s creator is on the shortlist.", "%(n)s creators are on the shortlist.", len(made))
        messages.success(request, text % {"n": len(made)})
        return redirect("campaign_pipeline", pk=campaign.pk)
    context = {"list": row, "people": people, "campaigns": list(open_now), "title": _("Into a campaign")}
    return render(request, "campaigns/list_into_campaign.html", context)


@needs("match.read")
@require_safe
def advice(request: PageRequest) -> HttpResponse:
    """?objective=: which size and form, why, and what sources claim."""
    found = reading.advise(actor=request.actor, objective=request.GET.get("objective", ""))
    labels = dict(Form.choices)
    tabs = [(key, label, f"?objective={key}") for key, label in reading.objectives()]
    query = urlencode([("tier", size.tier) for size in found.best])
    context = {
        "advice": found,
        "objectives": tabs,
        "forms": [labels[form] for form in found.forms],
        "best_names": ", ".join(size.label for size in found.best),
        "search_url": f"{reverse('discover')}?{query}",
    }
    return render(request, "campaigns/advice.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
