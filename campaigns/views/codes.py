"""Promo codes: made, imported, limited, paused, and every use of one as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.forms.fields import show_faults
from campaigns.forms.tracking import CodeChangeForm, CodeForm, FileForm
from campaigns.models import AttributionEntry, Campaign, PromoCode
from campaigns.services import codes as service
from campaigns.services.codes import code_key
from campaigns.services.tracking import handle_of
from campaigns.views.campaigns import one
from campaigns.views.tracking import _page, begin_of, codes_of, csv_response, end_of


@needs("link.change")
@require_POST
def campaign_code_new(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = CodeForm(request.POST, actor=request.actor, campaign=campaign)
    if form.is_valid():
        try:
            _make_codes(request, campaign, form.cleaned_data)
            return redirect(reverse("campaign_links", args=[pk]) + "#codes")
        except InvalidInput as error:
            fields = {("code" if name == "pattern" else name): texts for name, texts in error.fields.items()}
            show_faults(form, InvalidInput(error.message, fields=fields))
        except WrongState as error:
            form.add_error("code", error.message)
    return _page(request, campaign, status=422, code_form=form)


def _make_codes(request: PageRequest, campaign: Campaign, data: dict[str, Any]) -> None:
    value = data["value"]
    limits = {"label": data["label"], "max_uses": data["max_uses"]}
    limits |= {"starts_at": begin_of(data["starts_on"]), "ends_at": end_of(data["ends_on"])}
    limits["discount"] = "other" if value is None else "percent"
    if data["partnership"]:
        text = data["code"]
        if "{" in text or "#" in text or "?" in text:
            text = service.draw_code(service.read_pattern(text), data["partnership"], value)
        row = service.create_code(
            actor=request.actor, campaign=campaign, code=text, partnership=data["partnership"], value=value, **limits
        )
        messages.success(request, _("The code %(code)s is ready.") % {"code": row.code})
        return
    made, had = service.create_codes_for_all(
        actor=request.actor, campaign=campaign, pattern=data["code"], value=value, **limits
    )
    text = ngettext("%(n)s code made.", "%(n)s codes made.", len(made)) % {"n": len(made)}
    if not made and not had:
        text = _("Nobody has accepted yet: codes are made for those who did.")
    messages.success(request, text)


@needs("link.change")
@require_POST
def campaign_codes_import(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, campaign, status=422, file_form=form)
    try:
        made, refused = service.import_codes(actor=request.actor, campaign=campaign, text=form.text())
    except InvalidInput as error:
        show_faults(form, error)
        return _page(request, campaign, status=422, file_form=form)
    messages.success(request, ngettext("%(n)s code stored.", "%(n)s codes stored.", len(made)) % {"n": len(made)})
    if refused:
        return _page(request, campaign, status=422, refused=refused[:50])
    return redirect(reverse("campaign_links", args=[pk]) + "#codes")


@needs("campaign.read")
@require_safe
def campaign_codes_csv(request: PageRequest, pk: Any) -> HttpResponse:
    """The same columns that the import reads."""
    campaign = one(request, pk)
    heads = ["code", "handle", "percent", "amount", "label", "max_uses", "starts", "ends", "state", "uses"]
    rows = []
    for row in codes_of(request.actor, campaign):
        code = row["code"]
        handle = handle_of(code.partnership) if code.partnership else ""
        percent = code.value if code.discount == "percent" else ""
        amount = code.value if code.discount == "amount" else ""
        rows.append([code.code, handle, percent, amount, code.label, code.max_uses or "",
                     _iso(code.starts_at), _iso(code.ends_at), code.state, row["uses"]])  # fmt: skip
    return csv_response("codes", heads, rows)


def _iso(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


@needs("link.read")
@require_safe
def code_uses_csv(request: PageRequest, pk: Any) -> HttpResponse:
    """Every use of one code, with what the ledger says about it."""
    code = get_object_or_404(PromoCode.visible_to(request.actor), pk=pk)
    entries = AttributionEntry.visible_to(request.actor).filter(run__is_current=True, campaign=code.campaign)
    found = entries.select_related("conversion").order_by("conversion__at")
    rows = [
        [row.conversion.order_id, row.conversion.at.astimezone(UTC).isoformat(), row.conversion.amount,
         row.conversion.currency, row.conversion.country, row.reason, row.detail, row.amount, row.currency]
        for row in found if code_key(row.conversion.code) == code.key
    ]  # fmt: skip
    heads = ["order_id", "at", "amount", "currency", "country", "reason", "detail", "counted", "counted_currency"]
    return csv_response(f"uses-{code.key.lower()}", heads, rows)


@needs("link.change")
@require_POST
def code_step(request: PageRequest, pk: Any, verb: str) -> HttpResponse:
    code = get_object_or_404(PromoCode.visible_to(request.actor), pk=pk)
    (service.pause_code if verb == "pause" else service.resume_code)(actor=request.actor, code=code)
    messages.success(
        request, _("The code is paused here. Stop it in the shop too.") if verb == "pause" else _("Saved.")
    )
    return redirect(reverse("campaign_links", args=[code.campaign_id]) + "#codes")


@needs("link.read", change="link.change", desk=True)
@require_http_methods(["GET", "HEAD", "POST"])
def code_change(request: PageRequest, pk: Any) -> HttpResponse:
    """When a code is valid and how often it counts."""
    code = get_object_or_404(
        PromoCode.visible_to(request.actor).select_related("campaign", "partnership__creator"), pk=pk
    )
    usual = {
        "starts_on": timezone.localdate(code.starts_at) if code.starts_at else None,
        "ends_on": timezone.localdate(code.ends_at) if code.ends_at else None,
        "max_uses": code.max_uses,
    }
    form = CodeChangeForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        limits = {"starts_at": begin_of(data["starts_on"]), "ends_at": end_of(data["ends_on"])}
        try:
            service.change_code(actor=request.actor, code=code, max_uses=data["max_uses"], **limits)
            messages.success(request, _("Saved. Change it in the shop too: the shop decides what a buyer pays."))
            return redirect(reverse("campaign_links", args=[code.campaign_id]) + "#codes")
        except InvalidInput as error:
            fields = {{"starts_at": "starts_on", "ends_at": "ends_on"}.get(k, k): v for k, v in error.fields.items()}
            show_faults(form, InvalidInput(error.message, fields=fields))
    context = {
        "code": code,
        "campaign": code.campaign,
        "form": form,
        "may_change": can(request.actor, "link.change", code),
    }
    return render(request, "campaigns/code_change.html", context, status=422 if form.errors else 200)
