"""Campaigns: the list, the frame, the overview, and their opening and closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput
from accounts.models import Brand
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import selectors
from campaigns.actions import campaign_actions
from campaigns.figures import funnel_chart
from campaigns.forms.answers import CancelForm, CloseForm
from campaigns.forms.campaign import CampaignForm
from campaigns.forms.fields import show_faults
from campaigns.models import Brief, Campaign
from campaigns.reports.shown import so_far
from campaigns.services import campaigns as service
from campaigns.services.reports import live
from campaigns.states import CAMPAIGN
from campaigns.timeline import campaign_timeline

FILTERS = ("active", "draft", "closing", "closed", "cancelled")


def tabs(campaign: Campaign, actor: Any) -> list[tuple[Any, ...]]:
    """The parts of one campaign."""
    count = selectors.partnerships(actor).filter(campaign=campaign).count()
    return [
        ("overview", _("Overview"), reverse("campaign_detail", args=[campaign.pk])),
        ("brief", _("Brief"), reverse("campaign_brief", args=[campaign.pk])),
        ("match", _("Match"), reverse("campaign_match", args=[campaign.pk])),
        ("choose", _("Choose"), reverse("campaign_choose", args=[campaign.pk])),
        ("pipeline", _("Pipeline"), reverse("campaign_pipeline", args=[campaign.pk]), count),
        ("links", _("Links"), reverse("campaign_links", args=[campaign.pk])),
        ("results", _("Results"), reverse("campaign_results", args=[campaign.pk])),
    ]


def frame(request: PageRequest, campaign: Campaign, current: str) -> dict[str, Any]:
    """What every page of a campaign shows around its content."""
    actor = request.actor
    return {
        "campaign": campaign,
        "tabs": tabs(campaign, actor),
        "current": current,
        "may_change": can(actor, "campaign.change", campaign),
        "steps": {step.verb for step in campaign_actions(actor, campaign)},
    }


def one(request: PageRequest, pk: Any) -> Campaign:
    return get_object_or_404(selectors.campaigns(request.actor).select_related("brand", "workspace"), pk=pk)


@needs("campaign.read")
@require_safe
def campaign_list(request: PageRequest) -> HttpResponse:
    everything = selectors.campaigns(request.actor).order_by("-created_at")
    state = request.GET.get("state", "")
    shown = list((everything.filter(state=state) if state in FILTERS else everything)[:200])
    counts = dict.fromkeys(FILTERS, 0)
    for campaign in everything:
        counts[campaign.state] += 1
    chips: list[tuple[str, Any, int]] = [("", _("All"), sum(counts.values()))]
    chips += [(name, CAMPAIGN.badges[name].label, counts[name]) for name in FILTERS if counts[name]]
    money = selectors.spending(request.actor, shown)
    context = {
        "campaigns": [(row, money[row.pk]) for row in shown],
        "chips": chips,
        "state": state if state in FILTERS else "",
        "may_change": can(request.actor, "campaign.change"),
    }
    return render(request, "campaigns/campaign_list.html", context)


@needs("campaign.change")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_new(request: PageRequest) -> HttpResponse:
    if not Brand.visible_to(request.actor).exists():
        return render(request, "campaigns/campaign_no_brand.html")
    workspace = request.workspace
    initial = {"currency": workspace.currency, "languages": [workspace.language]}
    form = CampaignForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = service.create_campaign(actor=request.actor, **form.cleaned_data)
        except InvalidInput as error:
            show_faults(form, error)
        else:
            messages.success(request, _("The campaign is a draft. Now the brief: it is what creators read."))
            return redirect("campaign_brief", pk=campaign.pk)
    return render(request, "campaigns/campaign_new.html", {"form": form}, status=422 if form.errors else 200)


@needs("campaign.change")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_edit(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = CampaignForm(request.POST or None, actor=request.actor, campaign=campaign)
    if request.method == "POST" and form.is_valid():
        try:
            service.update_campaign(actor=request.actor, campaign=campaign, **form.cleaned_data)
        except InvalidInput as error:
            show_faults(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("campaign_detail", pk=pk)
    context = frame(request, campaign, "overview") | {"form": form}
    return render(request, "campaigns/campaign_edit.html", context, status=422 if form.errors else 200)


@needs("campaign.read")
@require_safe
def campaign_detail(request: PageRequest, pk: Any) -> HttpResponse:
    return _overview(request, one(request, pk))


def _overview(request: PageRequest, campaign: Campaign, status: int = 200, **forms: Any) -> HttpResponse:
    actor = request.actor
    stages = selectors.funnel(actor, campaign)
    agreed = campaign.state != "draft" and dict(stages).get("accepted")
    reads = agreed and can(actor, "result.read", campaign)
    context = frame(request, campaign, "overview") | {
        "money": selectors.spending(actor, [campaign])[campaign.pk],
        "chart": funnel_chart(stages),
        "needs": [need for need in selectors.needs(actor, campaign=campaign) if need.partnership][:8],
        "brief": Brief.visible_to(actor).filter(campaign=campaign).current(),
        "missing": service.missing(campaign) if campaign.state == "draft" else {},
        "late": bool(campaign.ends_on and campaign.ends_on < timezone.now().date()),
        "so_far": so_far(live(actor=actor, campaign=campaign, whole=False)) if reads else None,
        "events": campaign_timeline(campaign, actor),
        "close_form": CloseForm(),
        "cancel_form": CancelForm(),
    }
    return render(request, "campaigns/campaign_detail.html", context | forms, status=status)


@needs("campaign.change")
@require_POST
def campaign_activate(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    try:
        service.activate_campaign(actor=request.actor, campaign=campaign)
    except InvalidInput:
        messages.error(request, _("The campaign is not complete yet: see what is missing."))
        return _overview(request, one(request, pk), status=422)
    messages.success(request, _("The campaign is active. Find whom to invite."))
    return redirect("campaign_match", pk=pk)


@needs("campaign.change")
@require_POST
def campaign_close(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = CloseForm(request.POST)
    form.is_valid()
    service.close_campaign(actor=request.actor, campaign=campaign, message=form.cleaned_data.get("message", ""))
    if campaign.state == "closed":
        messages.success(request, _("The campaign is closed."))
    else:
        messages.success(request, _("No new invitations. The campaign closes when the last partnership is completed."))
    return redirect("campaign_detail", pk=pk)


@needs("campaign.change")
@require_POST
def campaign_cancel(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = CancelForm(request.POST)
    if form.is_valid():
        try:
            service.cancel_campaign(actor=request.actor, campaign=campaign, reason=form.cleaned_data["reason"])
        except InvalidInput as error:
            show_faults(form, error)
    if form.errors:
        return _overview(request, campaign, status=422, cancel_form=form)
    messages.success(request, _("The campaign is cancelled. Everyone concerned has been told."))
    return redirect("campaign_detail", pk=pk)
