"""A campaign's results as they stand: figures with what they are made of, costs, contents and their counters."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.results import ContentForm, CostForm, FreezeForm, MetricsForm, ScheduleForm
from campaigns.forms.tracking import FileForm
from campaigns.models import Campaign, Content, ContentMetrics, Cost, Report, ReportSchedule
from campaigns.reports import words
from campaigns.reports.shown import VOICE, content_row, presented
from campaigns.services import reports as report_service
from campaigns.services import results as service
from campaigns.views.campaigns import frame, one


def _show(request: PageRequest, campaign: Campaign, status: int = 200, **extra: Any) -> HttpResponse:
    actor = request.actor
    content = report_service.live(actor=actor, campaign=campaign)
    may = can(actor, "result.change", campaign)
    context = frame(request, campaign, "results") | presented(content) | {
        "may_write": may,
        "heads": [words.name_of(name) for name in VOICE],
        "costs": Cost.visible_to(actor).filter(campaign=campaign).select_related("partnership__creator"),
        "cost_form": CostForm(actor=actor, campaign=campaign, initial={"on": timezone.localdate()}) if may else None,
        "content_form": ContentForm(actor=actor, campaign=campaign) if may else None,
        "file_form": FileForm(),
        "reports": Report.visible_to(actor).filter(campaign=campaign).defer("body"),
        "schedules": ReportSchedule.visible_to(actor).filter(campaign=campaign),
        "freeze_form": FreezeForm(),
        "schedule_form": ScheduleForm(initial={"language": request.workspace.language}),
        "ledger_query": f"campaign={campaign.pk}",
    }  # fmt: skip
    return render(request, "campaigns/campaign_results.html", context | extra, status=status)


@needs("result.read")
@require_safe
def campaign_results(request: PageRequest, pk: Any) -> HttpResponse:
    return _show(request, one(request, pk))


@needs("result.change")
@require_POST
def campaign_cost_new(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = CostForm(request.POST, actor=request.actor, campaign=campaign)
    if form.is_valid():
        try:
            service.add_cost(actor=request.actor, campaign=campaign, **form.cleaned_data)
            messages.success(request, _("The cost is noted."))
            return redirect("campaign_results", pk=pk)
        except InvalidInput as error:
            show_faults(form, error)
    return _show(request, campaign, status=422, cost_form=form)


@needs("result.change")
@require_POST
def campaign_content_new(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = ContentForm(request.POST, actor=request.actor, campaign=campaign)
    if form.is_valid():
        data = form.cleaned_data | {"creator": form.cleaned_data["partnership"].creator}
        try:
            row = service.add_content(actor=request.actor, campaign=campaign, **data)
            messages.success(request, _("Added. Now its counters, as far as they are known."))
            return redirect("content_detail", pk=row.pk)
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            form.add_error("url", error.message)
    return _show(request, campaign, status=422, content_form=form)


@needs("result.change")
@require_POST
def campaign_metrics_import(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = FileForm(request.POST, request.FILES)
    faults: list[Any] = []
    if form.is_valid():
        try:
            stored, faults = service.import_metrics(actor=request.actor, campaign=campaign, text=form.text())
            messages.success(
                request, ngettext("%(n)s reading stored.", "%(n)s readings stored.", stored) % {"n": stored}
            )
        except InvalidInput as error:
            show_faults(form, error)
    if form.errors or faults:
        return _show(request, campaign, status=422, file_form=form, faults=faults[:50])
    return redirect("campaign_results", pk=pk)


def a_content(actor: Actor, pk: Any) -> Content:
    return get_object_or_404(
        Content.visible_to(actor).select_related("campaign__brand", "campaign__workspace", "creator"), pk=pk
    )


@needs("result.read", change="result.change")
@require_http_methods(["GET", "HEAD", "POST"])
def content_detail(request: PageRequest, pk: Any) -> HttpResponse:
    """One content's counters over time; POST adds a reading, with a screenshot as its proof."""
    content = a_content(request.actor, pk)
    form = MetricsForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        proof = values.pop("proof")
        try:
            service.record_metrics(actor=request.actor, content=content, values=values, proof=proof)
            messages.success(request, _("Saved."))
            return redirect("content_detail", pk=pk)
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            form.add_error(None, error.message)
    live = report_service.live(actor=request.actor, campaign=content.campaign, whole=False)
    shown = next((row for row in live["figures"]["contents"] if row["id"] == str(content.pk)), None)
    context = {
        "content": content,
        "campaign": content.campaign,
        "readings": ContentMetrics.visible_to(request.actor).filter(content=content).order_by("-at"),
        "shown": content_row(shown) if shown else None,
        "form": form if can(request.actor, "result.change", content) else None,
    }
    return render(request, "campaigns/content_detail.html", context, status=422 if form.errors else 200)


@needs("result.read")
@require_safe
def metrics_proof(request: PageRequest, pk: Any) -> HttpResponse:
    """The screenshot behind a reading, as a download: never shown inside a page of ours."""
    row = get_object_or_404(ContentMetrics.visible_to(request.actor), pk=pk)
    body = service.proof_of(row)
    if body is None:
        raise Http404
    kind = row.proof.rpartition(".")[2]
    response = HttpResponse(
        body, content_type={"png": "image/png", "jpg": "image/jpeg"}.get(kind, "application/octet-stream")
    )
    response["Content-Disposition"] = f'attachment; filename="proof.{kind}"'
    return response
