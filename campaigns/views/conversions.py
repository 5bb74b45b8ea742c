"""Conversions of a workspace: the ledger, what was given back, the rule that credits them, and the shop's own door."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.api import limits
from accounts.client import client_address
from accounts.errors import DomainError, InvalidInput
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.tracking import FileForm, PostbackForm, RateForm, ReversalForm, RuleForm
from campaigns.models import AttributionEntry, AttributionRun, Campaign, Conversion, CurrencyRate, Postback, Reason
from campaigns.services import conversions as service
from campaigns.services import ledger as ledger_service
from campaigns.services import postbacks
from campaigns.views.tracking import csv_response

SHOWN = 200
POSTBACKS_A_MINUTE = 600
WRONG_A_MINUTE = 20


def ledger(request: PageRequest) -> tuple[Any, str, Campaign | None]:
    """Entries of the current run with the page's filters: (entries, reason, campaign)."""
    entries = AttributionEntry.visible_to(request.actor).filter(run__is_current=True)
    reason = request.GET.get("reason", "")
    if reason in Reason.values:
        entries = entries.filter(reason=reason)
    campaign = None
    if chosen := request.GET.get("campaign", ""):
        campaign = Campaign.visible_to(request.actor).filter(pk=as_uuid(chosen)).first()
        entries = entries.filter(campaign=campaign) if campaign else entries.none()
    found = entries.select_related("conversion", "campaign", "partnership__creator").order_by("-conversion__at", "at")
    return found, reason if reason in Reason.values else "", campaign


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _show(request: PageRequest, status: int = 200, **extra: Any) -> HttpResponse:
    entries, reason, campaign = ledger(request)
    counts = ledger_service.reasons_count(AttributionEntry.visible_to(request.actor).filter(run__is_current=True))
    context = {
        "entries": entries[:SHOWN],
        "total": entries.count(),
        "reason": reason,
        "campaign": campaign,
        "chips": [("", _("All"), sum(counts.values()))]
        + [(r.value, r.label, counts[r.value]) for r in Reason if counts[r.value]],
        "run": AttributionRun.visible_to(request.actor).filter(is_current=True).first(),
        "may_write": can(request.actor, "conversion.write"),
        "file_form": FileForm(),
    }
    return render(request, "campaigns/conversion_list.html", context | extra, status=status)


@needs("conversion.read")
@require_safe
def conversion_list(request: PageRequest) -> HttpResponse:
    return _show(request)


@needs("conversion.read")
@require_safe
def conversions_csv(request: PageRequest) -> HttpResponse:
    entries, reason, campaign = ledger(request)
    heads = ["order_id", "kind", "at", "amount", "currency", "code", "link", "reason", "credited", "campaign", "creator",
             "counted", "counted_currency", "rule_version", "run"]  # fmt: skip
    rows = [
        [e.conversion.order_id, e.conversion.kind, e.conversion.at.astimezone(UTC).isoformat(), e.conversion.amount,
         e.conversion.currency, e.conversion.code, e.conversion.link.slug if e.conversion.link else "", e.reason,
         int(e.credited), e.campaign.name if e.campaign else "", e.partnership.creator.display_name if e.partnership else "",
         e.amount, e.currency, e.run.rule_version, e.run.number]
        for e in entries.select_related("conversion__link", "run")
    ]  # fmt: skip
    about = f"reason: {reason or 'all'}; campaign: {campaign.name if campaign else 'all'}"
    return csv_response("conversions", heads, rows, about)


@needs("conversion.write")
@require_POST
def conversions_import(request: PageRequest) -> HttpResponse:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, status=422, file_form=form)
    try:
        stored, known, faults = service.import_conversions(
            actor=request.actor, workspace=request.workspace, text=form.text()
        )
    except InvalidInput as error:
        show_faults(form, error)
        return _show(request, status=422, file_form=form)
    text = ngettext("%(n)s conversion stored.", "%(n)s conversions stored.", stored) % {"n": stored}
    if known:
        text += " " + ngettext("%(n)s was known already.", "%(n)s were known already.", known) % {"n": known}
    messages.success(request, text)
    return _show(request, status=422, faults=faults[:50]) if faults else redirect("conversion_list")


@needs("conversion.read", change="conversion.write")
@require_http_methods(["GET", "HEAD", "POST"])
def conversion_detail(request: PageRequest, pk: Any) -> HttpResponse:
    """One conversion: every reading of it by every run; POST gives money back."""
    row = get_object_or_404(Conversion.visible_to(request.actor).select_related("link"), pk=pk)
    form = ReversalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.reverse_conversion(actor=request.actor, conversion=row, **form.cleaned_data)
            messages.success(request, _("Taken back. The ledger has an entry for it."))
            return redirect("conversion_detail", pk=pk)
        except InvalidInput as error:
            show_faults(form, error)
    entries = AttributionEntry.visible_to(request.actor).filter(conversion=row)
    context = {
        "row": row,
        "left": service.amount_left(row),
        "entries": entries.select_related("run", "partnership__creator", "campaign", "reversal").order_by(
            "-run__number", "at"
        ),
        "form": form if can(request.actor, "conversion.write", row) else None,
    }
    return render(request, "campaigns/conversion_detail.html", context, status=422 if form.errors else 200)


@needs("conversion.read", change="conversion.write")
@require_http_methods(["GET", "HEAD", "POST"])
def attribution_settings(request: PageRequest) -> HttpResponse:
    """Rule, rates and the shops' addresses. `what` names the form that was sent."""
    actor, workspace = request.actor, request.workspace
    what = request.POST.get("what", "") if request.method == "POST" else ""
    rule = ledger_service.rule_of(workspace)
    initial = {"window_days": rule.window_days, "code_beats_link": rule.code_beats_link}
    forms: dict[str, Any] = {
        "rule": RuleForm(
            request.POST if what == "rule" else None,
            initial=initial | {"credit_outside_window": rule.credit_outside_window},
        ),
        "rate": RateForm(request.POST if what == "rate" else None, initial={"day": timezone.localdate()}),
        "postback": PostbackForm(request.POST if what == "postback" else None),
    }
    shown: dict[str, Any] = {}
    if what == "recompute":
        run = ledger_service.recompute_attribution(actor=actor, workspace=workspace)
        messages.success(request, _("Read anew as number %(n)s. The earlier readings stay.") % {"n": run.number})
        return redirect("attribution_settings")
    if what == "revoke":
        revoked = get_object_or_404(Postback.visible_to(actor), pk=as_uuid(request.POST.get("postback", "")))
        postbacks.revoke_postback(actor=actor, postback=revoked)
        return redirect("attribution_settings")
    if what in forms and forms[what].is_valid():
        try:
            shown = _save(request, what, forms[what].cleaned_data)
            if not shown:
                messages.success(request, _("Saved."))
                return redirect("attribution_settings")
        except InvalidInput as error:
            show_faults(forms[what], error)
    context = {
        "forms": forms,
        "rule": rule,
        "rates": CurrencyRate.visible_to(actor)[:60],
        "runs": AttributionRun.visible_to(actor)[:10],
        "postbacks": Postback.visible_to(actor),
        "may_admin": can(actor, "workspace.change"),
        "may_write": can(actor, "conversion.write"),
    }
    return render(
        request, "campaigns/attribution_settings.html", context | shown,
        status=422 if any(form.errors for form in forms.values()) else 200,
    )  # fmt: skip


def _save(request: PageRequest, what: str, data: dict[str, Any]) -> dict[str, Any]:
    actor, workspace = request.actor, request.workspace
    if what == "rule":
        ledger_service.save_rule(actor=actor, workspace=workspace, **data)
    elif what == "rate":
        ledger_service.save_rate(actor=actor, workspace=workspace, **data)
    else:
        row, secret = postbacks.open_postback(actor=actor, workspace=workspace, name=data["name"])
        return {
            "new_secret": secret,
            "new_postback": row,
            "new_address": request.build_absolute_uri(reverse("postback", args=[row.pk])),
        }
    return {}


@csrf_exempt
@require_POST
def postback(request: HttpRequest, pk: Any) -> HttpResponse:
    """Public: an order, told by the shop with its secret (field `secret` or header X-Postback-Secret).

    200 stored or known, 403 wrong secret or address, 422 what is wrong by field, 429 too many.
    """
    secret = request.headers.get("X-Postback-Secret", "") or request.POST.get("secret", "")
    values = {name: request.POST[name] for name in (*service.CSV_FIELDS, "reversal") if request.POST.get(name)}
    address = client_address(request)
    if limits.spend(f"postback:{pk}", POSTBACKS_A_MINUTE).remaining < 0:
        return _told_off("rate_limited", "More than 600 calls a minute. Wait a minute; nothing was stored.", 429)
    with translation.override("en"):
        try:
            told = postbacks.receive(postback_id=pk, secret=secret, values=values)
        except DomainError as error:
            fields = getattr(error, "fields", {})
            guessed = error.status == 403 and limits.spend(f"postback-wrong:{address}", WRONG_A_MINUTE).remaining < 0
            if guessed:
                return _told_off("rate_limited", "Too many wrong secrets from this address. Wait a minute.", 429)
            return _told_off(error.code, error.message, error.status, fields)
    return JsonResponse({"conversion": str(told.conversion.pk), "stored": told.stored})


def _told_off(code: str, detail: str, status: int, fields: Any = None) -> JsonResponse:
    return JsonResponse({"error": code, "detail": detail, "fields": fields or {}}, status=status)
