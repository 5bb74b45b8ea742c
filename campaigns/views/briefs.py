"""The brief of a campaign: one light form, its remarks, its versions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.briefcheck import remarks
from campaigns.brieftemplates import template, templates
from campaigns.deliverables import described
from campaigns.disclosure import labels_for
from campaigns.forms.brief import BriefForm, deliverable_formset, initial_of
from campaigns.forms.fields import show_faults
from campaigns.models import Brief, Campaign
from campaigns.services.briefs import is_fixed, save_brief
from campaigns.views.campaigns import frame, one
from campaigns.vocabulary import FREEDOM


@needs("campaign.read", change="campaign.change")
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_brief(request: PageRequest, pk: Any) -> HttpResponse:
    """The current version: a form for those who may change it, else to be read."""
    campaign = one(request, pk)
    brief = _current(request, campaign)
    open_ = campaign.state in ("draft", "active")
    if not can(request.actor, "campaign.change", campaign) or not open_:
        return _read(request, campaign, brief) if brief else _form(request, campaign, None, readonly=True)
    if request.method == "POST":
        return _save(request, campaign, brief)
    return _form(request, campaign, brief)


def _current(request: PageRequest, campaign: Campaign) -> Brief | None:
    rows = Brief.visible_to(request.actor).filter(campaign=campaign).select_related("campaign__brand")
    found: Brief | None = rows.current()
    return found


def _initial(request: PageRequest, campaign: Campaign, brief: Brief | None) -> tuple[dict[str, Any], list[Any]]:
    """Form values and deliverables: those of the brief, else of the chosen template, else empty."""
    initial = initial_of(campaign, brief)
    if brief:
        return initial, list(brief.deliverables)
    chosen = template(request.GET.get("template", ""), initial["language"])
    if chosen is None:
        return initial, [{"form": "dedicated", "format": "post", "platform": "instagram", "quantity": 1}]
    content = dict(chosen.content)
    return initial | {name: value for name, value in content.items() if name != "deliverables"}, content["deliverables"]


def _form(request: PageRequest, campaign: Campaign, brief: Brief | None, readonly: bool = False) -> HttpResponse:
    asked = request.GET.get("template")
    if brief is None and (asked is None or readonly):
        context = frame(request, campaign, "brief") | {"templates": templates(campaign.objective), "readonly": readonly}
        return render(request, "campaigns/brief_start.html", context)
    initial, items = _initial(request, campaign, brief)
    form = BriefForm(initial=initial, campaign=campaign)
    formset = deliverable_formset(extra=0 if items else 1)(initial=items, prefix="items")
    return _page(request, campaign, brief, form, formset)


def _page(
    request: PageRequest, campaign: Campaign, brief: Brief | None, form: BriefForm, formset: Any, status: int = 200
) -> HttpResponse:
    context = frame(request, campaign, "brief") | {
        "brief": brief,
        "form": form,
        "formset": formset,
        "remarks": remarks(campaign, brief, today=timezone.now().date()) if brief else [],
        "versions": Brief.visible_to(request.actor).filter(campaign=campaign).order_by("-version"),
        "fixed": bool(brief and is_fixed(brief)),
    }
    return render(request, "campaigns/brief_form.html", context, status=status)


def _save(request: PageRequest, campaign: Campaign, brief: Brief | None) -> HttpResponse:
    form = BriefForm(request.POST, campaign=campaign)
    if "add_item" in request.POST:  # works without JavaScript: the same page with one more row, nothing saved
        return _with_another_row(request, campaign, brief)
    items = list(brief.deliverables) if brief else []
    formset = deliverable_formset()(request.POST, prefix="items", initial=items)
    if form.is_valid() and formset.is_valid():
        try:
            saved = save_brief(
                actor=request.actor,
                campaign=campaign,
                based_on=_moment(request.POST.get("based_on", "")) if brief else None,
                **form.content(),
                deliverables=formset.values(),
            )
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            form.add_error(None, error.message)
            return _page(request, campaign, brief, form, formset, status=409)
        else:
            messages.success(request, _("Saved as version %(n)s.") % {"n": saved.version})
            return redirect("campaign_brief", pk=campaign.pk)
    return _page(request, campaign, brief, form, formset, status=422)


def _with_another_row(request: PageRequest, campaign: Campaign, brief: Brief | None) -> HttpResponse:
    data = request.POST.copy()
    number = min(12, _count(request.POST.get("items-TOTAL_FORMS")))
    data["items-TOTAL_FORMS"] = str(number + 1)
    for name, value in (("quantity", "1"), ("format", "story"), ("platform", "instagram"), ("form", "dedicated")):
        data.setdefault(f"items-{number}-{name}", value)
    form = BriefForm(initial=_typed(request, campaign), campaign=campaign)
    formset = deliverable_formset()(data, prefix="items")
    return _page(request, campaign, brief, form, formset)


def _typed(request: PageRequest, campaign: Campaign) -> dict[str, Any]:
    """What was typed, as initial values: shown again without judging it."""
    several = ("platforms", "wished_languages", "wished_countries")
    typed: dict[str, Any] = {name: request.POST.get(name) for name in request.POST if not name.startswith("items-")}
    return typed | {name: request.POST.getlist(name) for name in several}


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 4 else 0


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


@needs("campaign.read")
@require_safe
def brief_version(request: PageRequest, pk: Any, version: int) -> HttpResponse:
    campaign = one(request, pk)
    rows = Brief.visible_to(request.actor).filter(campaign=campaign).select_related("campaign__brand")
    return _read(request, campaign, get_object_or_404(rows, version=version))


def _read(request: PageRequest, campaign: Campaign, brief: Brief) -> HttpResponse:
    if brief is None:
        raise Http404
    labels = labels_for(
        countries=campaign.countries, chosen=brief.disclosure, language=brief.language, brand=campaign.brand.name
    )
    context = frame(request, campaign, "brief") | {
        "brief": brief,
        "items": described(brief.deliverables),
        "labels": labels,
        "freedom": FREEDOM[brief.freedom],
        "versions": Brief.visible_to(request.actor).filter(campaign=campaign).order_by("-version"),
        "remarks": remarks(campaign, brief, today=timezone.now().date()),
    }
    return render(request, "campaigns/brief_read.html", context)
