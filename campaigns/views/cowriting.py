"""Writing the brief together, from both sides: proposing other words, and answering what was proposed."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from campaigns.cowriting import compare
from campaigns.forms.cowriting import SuggestForm, SuggestionAnswerForm
from campaigns.forms.fields import show_faults
from campaigns.limits import RUNNING, WAITING
from campaigns.models import Partnership, Suggestion
from campaigns.services import cowriting

VERBS = ("accept", "reject", "withdraw")


class Side(Protocol):
    """How somebody came to a partnership: a member's page, a creator's page, or a link."""

    @property
    def partnership(self) -> Partnership: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def layout(self) -> str: ...
    def url(self, step: str = "", *rest: Any) -> str: ...


def words(side: Side) -> dict[str, Any]:
    """What the section on the common words shows: version, open suggestions, and those answered."""
    partnership, actor = side.partnership, side.actor
    found = list(
        Suggestion.visible_to(actor).filter(partnership=partnership).select_related("brief", "result", "author")
    )
    talks = partnership.state in (*WAITING, *RUNNING) and partnership.brief is not None
    open_ = [_shown(side, row, talks) for row in found if row.state == "open"]
    return {
        "brief": partnership.brief,
        "open": open_,
        "past": [_shown(side, row, False) for row in found if row.state != "open"],
        "may_suggest": talks and can(actor, "brief.suggest", partnership),
        "suggest_url": side.url("suggest"),
        "amending": partnership.state in RUNNING,
        "mine": actor.side,
        "waits": sum(1 for item in open_ if item["answerable"]),
    }


def _shown(side: Side, row: Suggestion, talks: bool) -> dict[str, Any]:
    before = {name: change["from"] for name, change in row.changes.items()}
    after = {name: change["to"] for name, change in row.changes.items()}
    partnership = side.partnership
    mine = row.side == side.actor.side
    allowed = talks and can(side.actor, "brief.suggest", partnership)
    who = partnership.campaign.brand.name if row.side == "brand" else partnership.creator.display_name
    if row.side == "brand" and side.actor.side == "brand" and row.author:
        who = row.author.display_name
    return {
        "row": row,
        "who": who,
        "changes": compare(before, after, currency=partnership.campaign.currency),
        "answerable": allowed and not mine,
        "withdrawable": allowed and mine,
        "urls": {verb: side.url("suggestion", row.pk, verb) for verb in VERBS},
    }


def suggest(request: PageRequest, side: Side) -> HttpResponse:
    """A form with the present words; what is changed in it becomes a suggestion."""
    brief = side.partnership.brief
    if brief is None or not words(side)["may_suggest"]:
        if request.method == "POST":
            cowriting.suggest(actor=side.actor, partnership=side.partnership, changes={})  # refuses with the reason
        return redirect(side.url())
    form = SuggestForm(request.POST or None, brief=brief)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                cowriting.suggest(
                    actor=side.actor,
                    partnership=side.partnership,
                    changes=form.changes(),
                    reason=form.cleaned_data["reason"],
                )
            except InvalidInput as error:
                show_faults(form, error)
            except WrongState as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("Your suggestion is with the other side."))
                return redirect(side.url() + "#words")
        status = 422
    context = _frame(side) | {"form": form, "brief": brief, "amending": side.partnership.state in RUNNING}
    return render(request, "campaigns/suggest.html", context, status=status)


def _frame(side: Side) -> dict[str, Any]:
    partnership = side.partnership
    return {
        "door": side,
        "layout": side.layout,
        "back": side.url(),
        "partnership": partnership,
        "campaign": partnership.campaign,
        "creator": partnership.creator,
        "brand": partnership.campaign.brand,
        "by_brand": side.actor.side == "brand",
    }


def answer(request: PageRequest, side: Side, pk: Any, verb: str) -> HttpResponse:
    """accept, reject or withdraw. Already settled: the page as it is, with what happened."""
    row = get_object_or_404(Suggestion.visible_to(side.actor).filter(partnership=side.partnership), pk=pk)
    form = SuggestionAnswerForm(request.POST)
    data = form.cleaned_data if form.is_valid() else {}
    try:
        if verb == "accept":
            cowriting.accept_suggestion(
                actor=side.actor, suggestion=row, answer=data.get("answer", ""), for_later=data.get("for_later", False)
            )
            messages.success(request, _("Taken over: you both read the new version now."))
        elif verb == "reject":
            cowriting.reject_suggestion(actor=side.actor, suggestion=row, answer=data.get("answer", ""))
            messages.success(request, _("The words stay as they are; the other side is told."))
        else:
            cowriting.withdraw_suggestion(actor=side.actor, suggestion=row)
            messages.success(request, _("Your suggestion is taken back."))
    except WrongState as error:
        messages.warning(request, error.message)
    return redirect(side.url() + "#words")
