"""Which of the people of a campaign together: a set under the budget, what each brings, how far they overlap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.requests import PageRequest
from accounts.templatetags.figures import number
from accounts.views.access import needs
from campaigns import selectors
from campaigns.forms.choosing import ChoiceForm
from campaigns.models import Offer, Partnership
from campaigns.selectors import BOUND, WAITING
from campaigns.views.campaigns import frame, one
from matching.services.choosing import MOST_COMPARED, compare, propose

OPEN = ("shortlisted", *WAITING, *BOUND)
REASONS = {
    "price": gettext_lazy("no price is known"),
    "engagement": gettext_lazy("no engagement is known"),
    "refused": gettext_lazy("left out by you"),
    "not_chosen": gettext_lazy("brings less than the others for its price"),
}


@needs("match.read")
@require_safe
def campaign_choose(request: PageRequest, pk: Any) -> HttpResponse:
    """Everything is in the address, so that a set can be sent to a colleague; nothing is written."""
    campaign = one(request, pk)
    people = list(selectors.partnerships(request.actor).filter(campaign=campaign, state__in=OPEN))
    ids = [row.creator_id for row in people]
    bound = {row.creator_id for row in people if row.state in BOUND}
    form = ChoiceForm(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    budget = asked.get("budget") or campaign.budget or Decimal(0)
    marks = {creator: request.GET.get(f"c{creator}", "") for creator in ids}
    found = None
    if ids and budget and not form.errors:
        found = propose(
            actor=request.actor,
            creator_ids=ids,
            budget=budget,
            currency=campaign.currency,
            pinned=bound | {creator for creator, mark in marks.items() if mark == "in"},
            refused={creator for creator, mark in marks.items() if mark == "out"} - bound,
            agreed=_agreed(request, people),
            most_per_tier=asked.get("per_tier"),
            most_per_platform=asked.get("per_platform"),
        )
    shown = [member.voice.index.pk for member in found.members][:MOST_COMPARED] if found else []
    context = frame(request, campaign, "choose") | {
        "form": form if form.is_bound else ChoiceForm({"budget": _written(budget)} if budget else None),
        "people": [(row, marks[row.creator_id], row.creator_id in bound) for row in people],
        "found": found,
        "comparison": compare(actor=request.actor, creator_ids=shown) if len(shown) > 1 else None,
        "left_out": [(voice, REASONS[why]) for voice, why in found.left_out] if found else [],
        "chart": _chart(found) if found and found.members else None,
    }
    return render(request, "campaigns/campaign_choose.html", context)


def _written(amount: Decimal) -> str:
    return str(amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount)


def _agreed(request: PageRequest, people: list[Partnership]) -> dict[int, tuple[Decimal, str]]:
    """The fee of the accepted or open offer: what this person really costs here."""
    offers = Offer.visible_to(request.actor).filter(partnership__in=people, state__in=("accepted", "open"), fee__gt=0)
    found = offers.order_by("number").values_list("partnership__creator_id", "fee", "currency")
    return {creator: (fee, currency) for creator, fee, currency in found}


def _chart(found: Any) -> dict[str, Any]:
    names = [member.voice.index.display_name for member in found.members]
    brings = [round(member.brings) for member in found.members]
    shared = [round(member.alone - member.brings) for member in found.members]
    return {
        "title": _("%(n)s voices reach about %(reach)s people once") % {"n": len(names), "reach": number(found.reach)},
        "option": {
            "xAxis": {"type": "value", "unit": "count", "name": _("people who react to a post")},
            "yAxis": {"type": "category", "data": names, "inverse": True},
            "series": [
                {"type": "bar", "stack": "all", "name": _("only through this voice"), "data": brings},
                {"type": "bar", "stack": "all", "name": _("also through the others"), "data": shared},
            ],
        },
        "columns": [_("Creator"), _("only through this voice"), _("also through the others")],
        "rows": [list(row) for row in zip(names, brings, shared, strict=True)],
    }
