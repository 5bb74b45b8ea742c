"""Frozen reports: made, read, compared with today, shared with readers without account, sent by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.api import limits
from accounts.client import client_address
from accounts.errors import InvalidInput
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.results import FreezeForm, OpenForm, ScheduleForm, ShareForm
from campaigns.models import Report, ReportFile, ReportSchedule, ReportShare
from campaigns.reports import words
from campaigns.reports.shown import VOICE, presented
from campaigns.services import reports as service
from campaigns.views.campaigns import one
from campaigns.views.results import _show

TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
TRIES_A_MINUTE = 10


@needs("result.change")
@require_POST
def report_freeze(request: PageRequest, pk: Any) -> HttpResponse:
    form = FreezeForm(request.POST)
    form.is_valid()
    report = service.freeze(actor=request.actor, campaign=one(request, pk), note=form.cleaned_data.get("note", ""))
    messages.success(request, _("Report %(n)s is frozen. It never changes.") % {"n": report.number})
    return redirect("report_detail", pk=report.pk)


@needs("result.change")
@require_POST
def report_schedule(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data | {
            "recipients": form.cleaned_data["recipients"].replace(";", ",").replace("\n", ",").split(",")
        }
        try:
            service.schedule(actor=request.actor, campaign=campaign, **data)
            messages.success(request, _("The first one goes out tomorrow at seven (UTC)."))
            return redirect("campaign_results", pk=pk)
        except InvalidInput as error:
            show_faults(form, error)
    return _show(request, campaign, status=422, schedule_form=form)


@needs("result.change")
@require_POST
def report_unschedule(request: PageRequest, pk: Any) -> HttpResponse:
    row = get_object_or_404(ReportSchedule.visible_to(request.actor).select_related("campaign"), pk=pk)
    service.stop_schedule(actor=request.actor, row=row)
    messages.success(request, _("No more reports go out by themselves."))
    return redirect("campaign_results", pk=row.campaign_id)


def a_report(request: PageRequest, pk: Any) -> Report:
    return get_object_or_404(
        Report.visible_to(request.actor).select_related("campaign__brand", "campaign__workspace"), pk=pk
    )


@needs("result.read", change="result.change")
@require_http_methods(["GET", "HEAD", "POST"])
def report_detail(request: PageRequest, pk: Any) -> HttpResponse:
    """The frozen report, what it would say today, and the links that show it; POST makes such a link."""
    report = a_report(request, pk)
    form, token = ShareForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        try:
            _row, token = service.share(actor=request.actor, report=report, **form.cleaned_data)
        except InvalidInput as error:
            show_faults(form, error)
    content = service.read_frozen(report)
    difference = service.compare(actor=request.actor, report=report)
    currency = content["inputs"]["currency"]
    for row in (*difference["changes"], *difference["by_formula"]):
        row["label"] = words.name_of(row["figure"])
        row["old"] = words.written({"value": row["before"], "unit": row["unit"], "formula": row["figure"]}, currency)
        row["new"] = words.written({"value": row["after"], "unit": row["unit"], "formula": row["figure"]}, currency)
    context = presented(content) | {
        "report": report,
        "campaign": report.campaign,
        "difference": difference,
        "heads": [words.name_of(name) for name in VOICE],
        "may_write": can(request.actor, "result.change", report),
        "shares": ReportShare.visible_to(request.actor).filter(report=report),
        "share_form": ShareForm() if token else form,
        "new_address": request.build_absolute_uri(reverse("shared_report", args=[token])) if token else "",
        "note": content["note"],
    }
    return render(request, "campaigns/report_detail.html", context, status=422 if form.errors else 200)


@needs("result.change")
@require_POST
def share_revoke(request: PageRequest, pk: Any) -> HttpResponse:
    row = get_object_or_404(ReportShare.visible_to(request.actor).select_related("report"), pk=pk)
    service.revoke_share(actor=request.actor, row=row)
    messages.success(request, _("The link no longer works."))
    return redirect("report_detail", pk=row.report_id)


@needs("result.read")
@require_safe
def report_file(request: PageRequest, pk: Any, kind: str) -> HttpResponse:
    return _file(a_report(request, pk), kind, ReportFile.visible_to(request.actor))


def _file(report: Report, kind: str, files: Any) -> HttpResponse:
    """The bytes that were frozen, in the reader's language."""
    if kind == "json":
        body = bytes(report.body)
    else:
        language = "fr" if (get_language() or "en").startswith("fr") else "en"
        found = files.filter(report=report, kind=kind, language=language).first()
        if found is None:
            raise Http404
        body = bytes(found.body)
    response = HttpResponse(body, content_type=TYPES[kind])
    name = f"report-{report.number}-{report.frozen_at:%Y%m%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _shared(request: HttpRequest, token: str) -> tuple[ReportShare | None, bool]:
    """The share and whether this browser may read it: no password, or the right one given in this session."""
    row = service.open_share(token=token)
    if row is None:
        return None, False
    return row, not row.password_hash or request.session.get(f"share:{row.pk}") == row.token_hash[:16]


@require_http_methods(["GET", "HEAD", "POST"])
def shared_report(request: HttpRequest, token: str) -> HttpResponse:
    """Public: a frozen report for who holds the link (and its password)."""
    row, may = _shared(request, token)
    if row is None:
        return render(request, "campaigns/report_gone.html", status=404)
    form = OpenForm(request.POST or None)
    if not may:
        if request.method == "POST":
            tried = limits.spend(f"share:{row.pk}:{client_address(request)}", TRIES_A_MINUTE)
            if tried.remaining < 0:
                form.add_error("password", _("Too many tries. Wait a minute."))
            elif form.is_valid() and service.may_read(row, form.cleaned_data["password"]):
                request.session[f"share:{row.pk}"] = row.token_hash[:16]
                return redirect("shared_report", token=token)
            elif form.is_valid():
                form.add_error("password", _("This is not the password."))
        return render(request, "campaigns/report_locked.html", {"form": form}, status=422 if form.errors else 200)
    if request.method == "GET":
        service.count_opening(row)
    content = service.read_frozen(row.report)
    context = presented(content) | {
        "report": row.report,
        "campaign": row.report.campaign,
        "heads": [words.name_of(name) for name in VOICE],
        "token": token,
        "until": row.expires_at,
        "note": content["note"],
    }
    return render(request, "campaigns/report_shared.html", context)


@require_safe
def shared_file(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    row, may = _shared(request, token)
    if row is None or not may:
        raise Http404
    return _file(row.report, kind, row.report.files.all())
