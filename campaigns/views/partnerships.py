"""One partnership, seen by the brand: composing the invitation, following it, answering counter-offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns import selectors, works
from campaigns.deliverables import described
from campaigns.forms.answers import (
    CancelForm,
    CounterForm,
    DeadlineForm,
    NoteForm,
    WithdrawForm,
)
from campaigns.forms.contracts import WithoutContractForm
from campaigns.forms.fields import show_faults
from campaigns.lookback import readable_debriefs
from campaigns.models import Payment, UsageRight
from campaigns.services import answers, invitations, progress, shortlist
from campaigns.services.scheduling import waiting_for
from campaigns.standing import standing
from campaigns.terms import Terms
from campaigns.timeline import changes, timeline
from campaigns.views import cowriting, shipping, talking
from campaigns.views.desk import Desk, desk, one
from matching.proofs import EvidenceBook
from matching.reasons import reason_text


@needs("campaign.read")
@require_safe
def partnership_detail(request: PageRequest, pk: Any) -> HttpResponse:
    return _detail(request, one(request, pk))


def _detail(request: PageRequest, row: selectors.Row, status: int = 200, **forms: Any) -> HttpResponse:
    partnership = row.partnership
    actor = request.actor
    context = {
        "row": row,
        "partnership": partnership,
        "campaign": partnership.campaign,
        "creator": partnership.creator,
        "offers": chain(row),
        "reasons": reasons(actor, partnership.reasons),
        "events": timeline(partnership, actor),
        "works": works.of_partnership(actor, partnership),
        "may_change": can(actor, "partnership.change", partnership),
        "may_remind": _may_remind(row),
        "withdraw_form": WithdrawForm(),
        "cancel_form": CancelForm(),
        "deadline_form": DeadlineForm(),
        "note_form": NoteForm(initial={"note": partnership.note}),
        "counter_form": CounterForm(offer=row.open_offer) if row.open_offer and "counter" in row.verbs else None,
        "rounds": answers.rounds_left(partnership, "brand"),
        "next_verbs": [step for step in row.actions if step.verb in ("go_live", "complete")],
        "agreement": standing(actor, partnership),
        "payments": Payment.visible_to(actor).filter(partnership=partnership)
        if can(actor, "payment.read", partnership)
        else [],
        "rights": UsageRight.visible_to(actor).filter(partnership=partnership),
        "debriefs": readable_debriefs(actor, partnership),
        "without_form": WithoutContractForm(),
        "scheduled": waiting_for(partnership) if partnership.state == "shortlisted" else None,
        "words": cowriting.words(Desk(partnership, actor)) if partnership.invited_at else None,
        "parcels": shipping.parcels(Desk(partnership, actor)) if partnership.accepted_at else None,
        "talk": talking.talk(Desk(partnership, actor)) if can(actor, "message.read") else None,
    }
    return render(request, "campaigns/partnership_detail.html", context | forms, status=status)


def _may_remind(row: selectors.Row) -> bool:
    return row.turn == "creator" and row.partnership.reminders < invitations.REMINDERS_MOST


def chain(row: selectors.Row) -> list[dict[str, Any]]:
    """The offers newest first, each with what it changed from the one before."""
    found = []
    for before, offer in zip([None, *row.offers], row.offers, strict=False):
        lines: list[str] = []
        if before is not None:
            lines = changes(Terms.of_offer(before).differences(Terms.of_offer(offer)), offer.currency)
        found.append({"offer": offer, "changes": lines, "items": described(offer.deliverables)})
    return found[::-1]


def reasons(actor: Any, claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored reasons as lines with their proofs."""
    book = EvidenceBook(actor, claims)
    return [
        {
            "text": reason_text(claim),
            "sign": claim.get("sign", 1),
            "proofs": book.of(claim),
            "points": claim.get("contribution"),
        }
        for claim in claims
    ]


def _act(request: PageRequest, pk: Any, perform: Callable[[selectors.Row], Any], done: str) -> HttpResponse:
    """One use-case behind one button. When somebody was faster, the page shows how it stands now (409)."""
    row = one(request, pk)
    try:
        perform(row)
    except WrongState as error:
        messages.warning(request, error.message)
        return _detail(request, one(request, pk), status=409)
    messages.success(request, done % {"name": row.partnership.creator.display_name})
    return redirect("partnership_detail", pk=pk)


def _act_with(
    request: PageRequest,
    pk: Any,
    form: Form,
    name: str,
    perform: Callable[[selectors.Row, dict[str, Any]], Any],
    done: str,
) -> HttpResponse:
    """The same with a form: its faults are shown where it was filled in."""
    row = one(request, pk)
    if form.is_valid():
        try:
            perform(row, form.cleaned_data)
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            messages.warning(request, error.message)
            return _detail(request, one(request, pk), status=409)
        else:
            messages.success(request, done % {"name": row.partnership.creator.display_name})
            return redirect("partnership_detail", pk=pk)
    return _detail(request, row, status=422, **{name: form})


@needs("partnership.change")
@require_POST
def partnership_remind(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(row: selectors.Row) -> None:
        invitations.remind(actor=request.actor, partnership=row.partnership)

    return _act(request, pk, perform, _("A reminder goes to %(name)s."))


@needs("partnership.change")
@require_POST
def partnership_extend(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(row: selectors.Row, data: dict[str, Any]) -> None:
        invitations.extend_deadline(actor=request.actor, partnership=row.partnership, until=data["until"])

    return _act_with(
        request, pk, DeadlineForm(request.POST), "deadline_form", perform, _("%(name)s has more time now.")
    )


@needs("partnership.change")
@require_POST
def partnership_withdraw(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(row: selectors.Row, data: dict[str, Any]) -> None:
        invitations.withdraw(actor=request.actor, partnership=row.partnership, message=data["message"])

    done = _("The invitation is withdrawn; %(name)s reads your message.")
    return _act_with(request, pk, WithdrawForm(request.POST), "withdraw_form", perform, done)


@needs("partnership.change")
@require_POST
def partnership_cancel(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(row: selectors.Row, data: dict[str, Any]) -> None:
        progress.cancel(actor=request.actor, partnership=row.partnership, reason=data["reason"])

    done = _("The partnership is ended; %(name)s reads your reason.")
    return _act_with(request, pk, CancelForm(request.POST), "cancel_form", perform, done)


@needs("partnership.change")
@require_POST
def partnership_accept(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(row: selectors.Row) -> None:
        answers.accept(actor=request.actor, partnership=row.partnership, offer_id=request.POST.get("offer") or None)

    return _act(request, pk, perform, _("Agreed. %(name)s gets a message."))


@needs("partnership.change")
@require_POST
def partnership_counter(request: PageRequest, pk: Any) -> HttpResponse:
    row = one(request, pk)
    if row.open_offer is None:
        answers.counter_offer(actor=request.actor, partnership=row.partnership)  # refuses with the reason
        return redirect("partnership_detail", pk=pk)
    form = CounterForm(request.POST, offer=row.open_offer)

    def perform(found: selectors.Row, data: dict[str, Any]) -> None:
        answers.counter_offer(actor=request.actor, partnership=found.partnership, **form.terms())  # type: ignore[arg-type]

    return _act_with(request, pk, form, "counter_form", perform, _("Your proposal is with %(name)s."))


@needs("partnership.change")
@require_POST
def partnership_step(request: PageRequest, pk: Any, verb: str) -> HttpResponse:
    """go_live, complete."""
    service = {"go_live": progress.go_live, "complete": progress.complete}[verb]

    def perform(row: selectors.Row) -> None:
        service(actor=request.actor, partnership=row.partnership)

    return _act(request, pk, perform, _("Noted for %(name)s."))


@needs("partnership.change")
@require_POST
def partnership_note(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(row: selectors.Row, data: dict[str, Any]) -> None:
        shortlist.annotate(actor=request.actor, partnership=row.partnership, note=data["note"])

    return _act_with(request, pk, NoteForm(request.POST), "note_form", perform, _("Note on %(name)s saved."))


@needs("partnership.change")
@require_POST
def partnership_remove(request: PageRequest, pk: Any) -> HttpResponse:
    row = one(request, pk)
    shortlist.remove_from_shortlist(actor=request.actor, partnership=row.partnership)
    messages.success(
        request, _("%(name)s is no longer on the shortlist.") % {"name": row.partnership.creator.display_name}
    )
    return redirect("campaign_pipeline", pk=row.partnership.campaign_id)


@needs("campaign.read", change="brief.suggest", desk=True)
@require_http_methods(["GET", "HEAD", "POST"])
def partnership_suggest(request: PageRequest, pk: Any) -> HttpResponse:
    return cowriting.suggest(request, desk(request, pk))


@needs("brief.suggest", desk=True)
@require_POST
def partnership_suggestion(request: PageRequest, pk: Any, suggestion: Any, verb: str) -> HttpResponse:
    return cowriting.answer(request, desk(request, pk), suggestion, verb)
