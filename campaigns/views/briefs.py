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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.briefcheck import remarks, rigidity_of
from campaigns.brieftemplates import template, templates
from campaigns.cowriting import compare, values
from campaigns.deliverables import described
from campaigns.disclosure import labels_for
from campaigns.forms.brief import BriefForm, deliverable_formset, initial_of
from campaigns.forms.fields import show_faults
from campaigns.models import Brief, Campaign
from campaigns.models.campaign import Use
from campaigns.rigidity import CLAIM, advise
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
    shown = trial(campaign, brief, form, formset) if form.is_bound else brief
    context = (
        frame(request, campaign, "brief")
        | _second_look(campaign, shown)
        | {
            "brief": brief,
            "form": form,
            "formset": formset,
            "versions": _versions(request, campaign),
            "fixed": bool(brief and is_fixed(brief)),
        }
    )
    return render(request, "campaigns/brief_form.html", context, status=status)


def _second_look(campaign: Campaign, brief: Brief | None) -> dict[str, Any]:
    """What the side of the form shows: how scripted it is, which sentences weigh, and everything else worth saying."""
    if brief is None:
        return {"remarks": [], "rigidity": None}
    found = rigidity_of(brief)
    words = parts_in_words()
    parts = [(words[name], value) for name, value in found.parts.items()]
    return {
        "remarks": remarks(campaign, brief, today=timezone.now().date()),
        "rigidity": found,
        "rigidity_parts": parts,
        "advice": advise(found),
        "claim": CLAIM if found.level == "scripted" else None,
    }


def parts_in_words() -> dict[str, str]:
    return {
        "wording": _("Imposed wording"),
        "obligations": _("Obligations"),
        "promotion": _("Advertising words"),
        "freedom": _("Missing freedom"),
    }


def trial(campaign: Campaign, brief: Brief | None, form: BriefForm, formset: Any) -> Brief:
    """The brief as it is being typed, good or not: never saved, only looked at."""
    form.is_valid()
    formset.is_valid()
    shown = Brief(campaign=campaign, currency=campaign.currency)
    for name, value in form.cleaned_data.items():
        if name in _TYPED and value is not None:
            setattr(shown, name, value)
    shown.matching = {name: form.cleaned_data.get(name) for name in ("followers_min", "followers_max", "text")}
    shown.matching["topics"] = [part for part in str(form.cleaned_data.get("topics") or "").split(",") if part.strip()]
    shown.disclosure = {
        name.removeprefix("label_"): value for name, value in form.cleaned_data.items() if name.startswith("label_")
    }
    shown.deliverables = [_as_typed(item.cleaned_data) for item in formset.forms if _counts(item)]
    return shown


_TYPED = ("language product goal message must must_not freedom fee in_kind in_kind_value rights rights_uses").split()
_TYPED += ["rights_months", "review_rounds", "answer_days"]


def _counts(item: Any) -> bool:
    data = getattr(item, "cleaned_data", {})
    return bool(data.get("format")) and not data.get("DELETE") and item.has_changed()


def _as_typed(data: dict[str, Any]) -> dict[str, Any]:
    due = data.get("due_on")
    return {name: data.get(name) for name in ("form", "format", "platform", "quantity", "note")} | {
        "due_on": due.isoformat() if due else None
    }


@needs("campaign.change")
@require_POST
def brief_check(request: PageRequest, pk: Any) -> HttpResponse:
    """The second look at what is being typed, as a fragment. Nothing is saved."""
    campaign = one(request, pk)
    form = BriefForm(request.POST, campaign=campaign)
    formset = deliverable_formset()(request.POST, prefix="items", initial=[])
    context = _second_look(campaign, trial(campaign, None, form, formset)) | {"campaign": campaign}
    return render(request, "campaigns/brief_look.html", context)


def _versions(request: PageRequest, campaign: Campaign) -> Any:
    rows = Brief.visible_to(request.actor).filter(campaign=campaign).order_by("-version")
    return rows.select_related("made_for__creator")


def _before(request: PageRequest, campaign: Campaign, brief: Brief) -> Brief | None:
    """The version this one is compared with: the one before it."""
    rows = Brief.visible_to(request.actor).filter(campaign=campaign, version__lt=brief.version)
    found: Brief | None = rows.order_by("-version").first()
    return found


@needs("campaign.read")
@require_safe
def brief_compare(request: PageRequest, pk: Any, version: int, other: int) -> HttpResponse:
    """Two versions, field by field and word by word; `other` is the earlier one."""
    campaign = one(request, pk)
    rows = Brief.visible_to(request.actor).filter(campaign=campaign).select_related("made_for__creator")
    after, before = (get_object_or_404(rows, version=number) for number in (version, other))
    context = frame(request, campaign, "brief") | {
        "brief": after,
        "before": before,
        "changes": compare(values(before), values(after), currency=campaign.currency),
        "versions": _versions(request, campaign),
    }
    return render(request, "campaigns/brief_compare.html", context)


def _save(request: PageRequest, campaign: Campaign, brief: Brief | None) -> HttpResponse:
    form = BriefForm(request.POST, campaign=campaign)
    if "check" in request.POST:  # without JavaScript: the second look at what is typed, nothing saved
        formset = deliverable_formset()(request.POST, prefix="items", initial=[])
        return _page(request, campaign, brief, form, formset)
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
    several = ("platforms", "wished_languages", "wished_countries", "rights_uses")
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
    context = (
        frame(request, campaign, "brief")
        | _second_look(campaign, brief)
        | {
            "brief": brief,
            "items": described(brief.deliverables),
            "labels": labels,
            "freedom": FREEDOM[brief.freedom],
            "versions": _versions(request, campaign),
            "uses": [str(Use(use).label) for use in brief.rights_uses],
            "before": _before(request, campaign, brief),
        }
    )
    return render(request, "campaigns/brief_read.html", context)
