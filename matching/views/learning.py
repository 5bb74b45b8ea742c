"""What the workspace may see of its own answers: who is shown how often, and what its choices teach."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import DomainError, InvalidInput
from accounts.requests import PageRequest
from accounts.views.access import needs
from matching.filters import FILTERS
from matching.forms.scoring import NoteForm
from matching.models import Outcome
from matching.ranking.fairness import FAIR, LEAST_CREATORS, LEAST_PLACES
from matching.ranking.learning import LEAST, LEAST_ANSWERS, LEAST_CHOSEN
from matching.reasons import family_label
from matching.services import outcomes
from matching.views.scoring import frame


@needs("scoring.read")
@require_safe
def fairness(request: PageRequest) -> HttpResponse:
    report = outcomes.fairness_report(request.actor)
    titles = (
        ("tier", _("By size")),
        ("language", _("By language")),
        ("country", _("By country")),
        ("newness", _("New or proposed before")),
    )
    sides = [
        (
            name,
            title,
            [(_group(name, one.group), one) for one in report.sides[name] if one.ratio is not None],
            [(_group(name, one.group), one.places) for one in report.sides[name] if one.ratio is None],
        )
        for name, title in titles
    ]
    told = [one for _name, _title, rows, _silent in sides for _label, one in rows]
    context = frame(
        request, "scoring_fairness", report=report, sides=sides, uneven=[one for one in told if one.verdict != "even"],
        told=told, least=(LEAST_PLACES, LEAST_CREATORS), fair=FAIR,
    )  # fmt: skip
    return render(request, "matching/scoring_fairness.html", context)


def _group(side: str, name: str) -> str:
    if side == "newness":
        return _("First time in an answer") if name == "new" else _("Proposed before")
    return str(FILTERS[side].choice_label(name))


@needs("scoring.read", change="scoring.publish")
@require_http_methods(["GET", "HEAD", "POST"])
def learned(request: PageRequest) -> HttpResponse:
    """The outcomes so far and what they propose; a POST adopts it as the next version."""
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = outcomes.adopt(actor=request.actor, **form.cleaned_data)
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field if field in form.fields else None, texts)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Version %(n)s is in force from now on.") % {"n": row.number})
            return redirect("settings_scoring")
    offer = outcomes.proposal(request.actor)
    if not form.is_bound:
        form.initial = {"based_on": offer.based_on, "note": _words(offer)}
    stages = [(_("Shown"), offer.counts["shown"])]
    stages += [(str(stage.label), offer.counts[stage.value]) for stage in Outcome.Stage]
    context: dict[str, Any] = {
        "form": form,
        "offer": offer,
        "rows": [(family_label(name), *rest) for name, *rest in offer.rows],
        "stages": stages,
        "least": (LEAST, LEAST_CHOSEN, LEAST_ANSWERS),
        "needed": [
            (_("Proposals in answers in which somebody was chosen"), offer.found.n, LEAST),
            (_("Creators chosen"), offer.found.chosen, LEAST_CHOSEN),
            (_("Answers"), offer.found.answers, LEAST_ANSWERS),
        ],
    }
    status = 422 if form.errors else 200
    return render(
        request, "matching/scoring_learning.html", frame(request, "scoring_learning", **context), status=status
    )


def _words(offer: outcomes.Proposal) -> str:
    if offer.found.verdict != "change":
        return ""
    return _("Learned from %(n)s proposals, %(chosen)s of them chosen.") % {
        "n": offer.found.n,
        "chosen": offer.found.chosen,
    }
