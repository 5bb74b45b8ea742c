"""Settings of scoring: weights with their preview, sizes, sources, and every version there was."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import DomainError, InvalidInput
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.settings_nav import tabs
from accounts.views.access import needs
from matching.contracts import FAMILIES, Weights
from matching.forms.scoring import SizesForm, WeightsForm
from matching.models import ScoringVersion
from matching.reasons import family_label
from matching.services import preview as looking
from matching.services import scoring
from matching.sources import SOURCES

HISTORY = 50


def frame(request: HttpRequest, page: str, **context: Any) -> dict[str, Any]:
    """What every page of scoring shows: the settings' tabs, its own pages, what is in force."""
    names = (
        ("settings_scoring", _("Weights")),
        ("scoring_sizes", _("Sizes and explored places")),
        ("scoring_fairness", _("Fairness")),
        ("scoring_learning", _("What was learned")),
        ("scoring_sources", _("Outside figures")),
    )
    actor = request.actor  # type: ignore[attr-defined]
    return {
        "tabs": tabs(request),
        "current": "scoring",
        "pages": [(label, reverse(name), name == page) for name, label in names],
        "scoring": scoring.current_scoring(actor.workspace_id),
        "may_publish": can(actor, "scoring.publish"),
    } | context


@needs("scoring.read", change="scoring.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def weights(request: PageRequest) -> HttpResponse:
    """The editor. A POST with `look` shows what the typed weights would change, without JavaScript too."""
    now = scoring.current_scoring(request.actor.workspace_id)
    looks = "look" in request.POST
    form = WeightsForm(request.POST or None, scoring=now, note_needed=not looks)
    status = 200
    if request.method == "POST":
        if form.is_valid() and not looks:
            try:
                row = scoring.publish_scoring(
                    actor=request.actor, weights=form.weights, note=form.cleaned_data["note"],
                    based_on=form.cleaned_data["based_on"],
                )  # fmt: skip
            except DomainError as error:
                _told(request, form, error)
            else:
                messages.success(request, _("Version %(n)s is in force from now on.") % {"n": row.number})
                return redirect("settings_scoring")
        status = 422 if form.errors else 200
    typed = _weights(form) if form.is_bound else now.weights
    return _page(request, form, now, typed, status)


def _page(request: PageRequest, form: WeightsForm, now: scoring.Scoring, typed: Weights, status: int) -> HttpResponse:
    rows = list(ScoringVersion.visible_to(request.actor)[:HISTORY])
    context = frame(request, "settings_scoring", form=form, versions=history(rows)) | _looked(request, now, typed)
    return render(request, "matching/scoring_weights.html", context, status=status)


@needs("scoring.read")
@require_safe
def weights_preview(request: PageRequest) -> HttpResponse:
    """The preview alone, as the editor's fields change."""
    now = scoring.current_scoring(request.actor.workspace_id)
    form = WeightsForm(request.GET, scoring=now, note_needed=False)
    context = {"form": form} | _looked(request, now, _weights(form))
    return render(request, "matching/scoring_preview.html", context)


def _looked(request: PageRequest, now: scoring.Scoring, typed: Weights) -> dict[str, Any]:
    """The preview's context: on which kept answer, and what would move."""
    runs = looking.questions(request.actor)
    asked = request.GET.get("on") or request.POST.get("on") or ""
    run = next((one for one in runs if str(one.pk) == asked), runs[0] if runs else None)
    shares = [(family_label(name), round(100 * typed.normalised()[name], 1), now.points[name]) for name in FAMILIES]
    found = looking.preview(request.actor, run, now, typed) if run else None
    most = max((max(old, new) for _low, old, new in found.bins), default=1) if found else 1
    return {"runs": runs, "run": run, "preview": found, "most": most, "shares": shares, "spread": _spread(found)}


def _spread(found: looking.Preview | None) -> dict[str, Any]:
    """The two distributions as a figure."""
    if found is None:
        return {}
    labels = [f"{low}–{low + looking.BIN}" for low, _old, _new in found.bins]
    sides = (
        (_("Before"), [old for _low, old, _new in found.bins]),
        (_("After"), [new for _low, _old, new in found.bins]),
    )
    option = {
        "legend": {},
        "xAxis": {"type": "category", "data": labels},
        "yAxis": {"type": "value", "unit": "count"},
        "series": [{"type": "bar", "name": name, "data": data, "unit": "count"} for name, data in sides],
    }
    return {"option": option, "columns": [_("Score"), _("Before"), _("After")],
            "rows": [(label, old, new) for label, (_low, old, new) in zip(labels, found.bins, strict=True)]}  # fmt: skip


def _weights(form: WeightsForm) -> Weights:
    """What was typed, or what is in force where it cannot be read."""
    form.is_valid()
    given = form.weights
    if len(given) < len(FAMILIES) or not any(given[name] for name in FAMILIES if name != "willingness"):
        return Weights(**{name: float(form[name].field.initial) for name in FAMILIES})
    return Weights(**given)


def history(rows: list[ScoringVersion]) -> list[dict[str, Any]]:
    """Every version with what it changed against the one before; newest first."""
    shown = []
    for row, older in zip(rows, [*rows[1:], None], strict=False):
        old = scoring.scoring_of(older) if older else scoring.Scoring()
        new = scoring.scoring_of(row)
        changes = [
            (family_label(name), old.points[name], new.points[name])
            for name in FAMILIES
            if abs(old.points[name] - new.points[name]) >= 0.05
        ]
        other = [_("sizes")] if old.tiers.to_json() != new.tiers.to_json() else []
        other += [_("explored places: %(n)s") % {"n": new.explore}] if old.explore != new.explore else []
        shown.append({"row": row, "changes": changes, "other": other})
    return shown


@needs("scoring.publish")
@require_POST
def restore(request: PageRequest, number: int) -> HttpResponse:
    """Back to an older version, as the next one; 0 is what the product ships."""
    based = request.POST.get("based_on", "")
    try:
        row = scoring.restore_scoring(
            actor=request.actor, number=number, note=_("Back to version %(n)s.") % {"n": number},
            based_on=int(based) if based.isascii() and based.isdigit() and len(based) < 9 else -1,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, error.message)
    else:
        text = _("Version %(n)s is in force: it holds again what version %(old)s held.")
        messages.success(request, text % {"n": row.number, "old": number})
    return redirect("settings_scoring")


@needs("scoring.read", change="scoring.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def sizes(request: PageRequest) -> HttpResponse:
    now = scoring.current_scoring(request.actor.workspace_id)
    form = SizesForm(request.POST or None, scoring=now)
    if request.method == "POST" and form.is_valid():
        try:
            row = scoring.publish_scoring(
                actor=request.actor, tiers=form.tiers, explore=form.cleaned_data["explore"],
                note=form.cleaned_data["note"], based_on=form.cleaned_data["based_on"],
            )  # fmt: skip
        except DomainError as error:
            _told(request, form, error)
        else:
            messages.success(request, _("Version %(n)s is in force from now on.") % {"n": row.number})
            return redirect("scoring_sizes")
    context = frame(request, "scoring_sizes", form=form)
    return render(request, "matching/scoring_sizes.html", context, status=422 if form.errors else 200)


def _told(request: HttpRequest, form: Any, error: DomainError) -> None:
    """A refusal beside the field it names, else above the form."""
    if not isinstance(error, InvalidInput):
        form.add_error(None, error.message)
        return
    for field, texts in error.fields.items():
        for text in texts:
            network = field.removeprefix("tiers_")
            known = f"{network}_micro" if field.startswith("tiers_") else field
            form.add_error(known if known in form.fields else None, text)


@needs("scoring.read")
@require_safe
def sources(request: PageRequest) -> HttpResponse:
    return render(request, "matching/scoring_sources.html", frame(request, "scoring_sources", sources=SOURCES))
