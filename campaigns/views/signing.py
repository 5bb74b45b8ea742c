"""The contract on the creator's side, the same behind a link and behind the sign-in: read, sign, refuse, keep."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import InvalidInput, WrongState
from accounts.requests import PageRequest
from campaigns.contractfiles import pdf_answer
from campaigns.contracts.codes import TooManyCodes
from campaigns.forms.contracts import ReasonForm, SignForm
from campaigns.forms.fields import show_faults
from campaigns.models import Contract, ContractFile
from campaigns.services import contract_steps, signing
from campaigns.views.answering import Door
from campaigns.views.contracts import browser_of, can_sign, shown_clause
from campaigns.views.deals import by_deal
from campaigns.views.invitation import by_link


def _contract(door: Door, number: str = "") -> Contract:
    """The newest that is not void, or the one of that number; 404 before any was sent."""
    found = Contract.visible_to(door.actor).filter(partnership=door.partnership).order_by("-number")
    found = found.select_related(
        "partnership__campaign__brand", "partnership__campaign__workspace", "partnership__creator", "partnership__brief"
    )
    if number.isascii() and number.isdigit() and len(number) < 4:
        row = found.filter(number=int(number)).first()
    else:
        row = found.exclude(state="voided").first() or found.first()
    if row is None:
        raise Http404
    return row


def _page(request: PageRequest, door: Door, contract: Contract, status: int = 200, **extra: Any) -> HttpResponse:
    signatures = list(contract.signatures.all())
    context = {
        "door": door,
        "layout": door.layout,
        "contract": contract,
        "partnership": door.partnership,
        "brand": door.partnership.campaign.brand,
        "clauses": [shown_clause(clause) for clause in contract.clauses],
        "signatures": signatures,
        "signed_sides": {signature.side for signature in signatures},
        "may_sign": can_sign(door.actor, contract, signatures),
        "consent": signing.consent_text(contract, "creator"),
        "sign_form": SignForm(initial={"name": contract.creator_party.get("name", ""), "capacity": _("Creator")}),
        "reason_form": ReasonForm(),
        "sealed": ContractFile.visible_to(door.actor).filter(contract=contract, kind="sealed").only("sha256").first(),
        "others": Contract.visible_to(door.actor).filter(partnership=door.partnership).exclude(pk=contract.pk),
    }
    return render(request, "campaigns/sign.html", context | extra, status=status)


def _show(request: PageRequest, door: Door) -> HttpResponse:
    contract = _contract(door, request.GET.get("n", ""))
    if not door.token:  # signed in, so a person: a link's holder shows themself by asking for the code
        signing.note_opening(actor=door.actor, contract=contract, browser=browser_of(request))
    return _page(request, door, contract)


def _code(request: PageRequest, door: Door) -> HttpResponse:
    contract = _contract(door)
    signing.note_opening(actor=door.actor, contract=contract, browser=browser_of(request))
    try:
        address = signing.request_code(actor=door.actor, contract=contract, browser=browser_of(request))
    except (WrongState, TooManyCodes) as error:
        return _page(request, door, contract, status=error.status, refused=error.message, code_sent_to="")
    return _page(request, door, contract, code_sent_to=address)


def _sign(request: PageRequest, door: Door) -> HttpResponse:
    contract, form = _contract(door), SignForm(request.POST)
    if form.is_valid():
        try:
            signing.sign(
                actor=door.actor,
                contract=contract,
                browser=browser_of(request),
                document_sha256=request.POST.get("document", "")[:64],
                **form.cleaned_data,
            )
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            if error.code == "signed_already":  # a second click finds the settled state, not an error
                return redirect(door.urls["contract"])
            return _page(request, door, _contract(door), status=409, refused=error.message, sign_form=form)
        else:
            messages.success(request, _("Signed. Thank you."))
            return redirect(door.urls["contract"])
    return _page(
        request, door, contract, status=422, sign_form=form, code_sent_to=request.POST.get("sent_to", "")[:254]
    )


def _refuse(request: PageRequest, door: Door) -> HttpResponse:
    contract, form = _contract(door), ReasonForm(request.POST)
    if form.is_valid():
        try:
            contract_steps.void_contract(actor=door.actor, contract=contract, reason=form.cleaned_data["reason"])
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            return _page(request, door, _contract(door), status=409, refused=error.message)
        else:
            messages.success(request, _("The contract is refused; the brand reads your reason."))
            return redirect(door.urls["page"])
    return _page(request, door, contract, status=422, reason_form=form)


def _pdf(request: PageRequest, door: Door) -> HttpResponse:
    return pdf_answer(_contract(door, request.GET.get("n", "")))


deal_contract = require_safe(by_deal(_show))
deal_code = require_POST(by_deal(_code))
deal_sign = require_POST(by_deal(_sign))
deal_refuse = require_POST(by_deal(_refuse))
deal_pdf = require_safe(by_deal(_pdf))
invitation_contract = require_safe(by_link(_show))
invitation_code = require_POST(by_link(_code))
invitation_sign = require_POST(by_link(_sign))
invitation_refuse = require_POST(by_link(_refuse))
invitation_pdf = require_http_methods(["GET", "HEAD"])(by_link(_pdf))
