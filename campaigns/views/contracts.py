"""Contracts on the brand's side: drafting, sending, signing, ending, and what proves them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.client import client_address
from accounts.errors import InvalidInput, WrongState
from accounts.models import Event
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.contractfiles import pdf_answer
from campaigns.contracts import clauses, composing, evidence, rules
from campaigns.contracts.codes import TooManyCodes
from campaigns.contracts.threshold import cumulative
from campaigns.forms.contracts import (
    AmendedTermsForm,
    ContractTermsForm,
    OwnClauseForm,
    PartyForm,
    ReasonForm,
    SignForm,
)
from campaigns.forms.fields import show_faults
from campaigns.models import Contract, ContractFile, Evidence, Partnership
from campaigns.paging import paged
from campaigns.services import contract_steps, signing
from campaigns.services import contracts as service
from campaigns.services.signing import Browser
from campaigns.states import CONTRACT


def browser_of(request: PageRequest) -> Browser:
    return Browser(client_address(request), request.headers.get("User-Agent", "")[:300])


def rows(request: PageRequest) -> Any:
    return Contract.visible_to(request.actor).select_related(
        "partnership__campaign__brand",
        "partnership__campaign__workspace",
        "partnership__creator",
        "partnership__brief",
        "amends",
    )


def one(request: PageRequest, pk: Any) -> Contract:
    found: Contract = get_object_or_404(rows(request), pk=pk)
    return found


@needs("contract.desk")
@require_safe
def contract_list(request: PageRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    everything = rows(request).prefetch_related("signatures")
    counts = dict.fromkeys(CONTRACT.states, 0)
    for found in Contract.visible_to(request.actor).values_list("state", flat=True):
        counts[found] += 1
    shown = everything.filter(state=state) if state in CONTRACT.states else everything
    chips = [("", pgettext("contracts", "All"), sum(counts.values()))]
    chips += [(name, CONTRACT.badges[name].label, counts[name]) for name in CONTRACT.states if counts[name]]
    page = paged(shown, request.GET.get("cursor"))
    context = {
        "rows": [(row, cumulative(row.partnership)) for row in page.rows],
        "page": page,
        "first": not page.previous_cursor,
        "chips": chips,
        "state": state if state in CONTRACT.states else "",
        "lacking": _lacking(request),
        "may_change": can(request.actor, "contract.change"),
    }
    return render(request, "campaigns/contract_list.html", context)


def _lacking(request: PageRequest) -> list[tuple[Partnership, Any]]:
    """Agreed partnerships without any contract, the highest yearly sum first."""
    without = (
        Partnership.visible_to(request.actor)
        .filter(state__in=["accepted", "contracted"])
        .exclude(contracts__state__in=["draft", "sent", "signed_by_one", "executed"])
        .select_related("campaign__brand", "creator", "brief")[:50]
    )
    found = [(row, cumulative(row)) for row in without]
    return sorted(found, key=lambda pair: pair[1].higher, reverse=True)


@needs("contract.change")
@require_POST
def partnership_contract(request: PageRequest, pk: Any) -> HttpResponse:
    """Makes the draft, or opens the one that is there."""
    partnership = get_object_or_404(Partnership.visible_to(request.actor), pk=pk)
    try:
        contract = service.draft_contract(actor=request.actor, partnership=partnership)
    except WrongState as error:
        there = rows(request).filter(partnership=partnership).exclude(state="voided").first()
        if there is None:
            messages.warning(request, error.message)
            return redirect("partnership_detail", pk=pk)
        contract = there
    return redirect("contract_detail", pk=contract.pk)


@needs("contract.change")
@require_POST
def partnership_uncontracted(request: PageRequest, pk: Any) -> HttpResponse:
    partnership = get_object_or_404(Partnership.visible_to(request.actor), pk=pk)
    try:
        contract_steps.go_without_contract(
            actor=request.actor, partnership=partnership, reason=request.POST.get("reason", "")
        )
        messages.success(request, _("Noted: no contract for this one."))
    except (InvalidInput, WrongState) as error:
        messages.warning(request, error.message)
    return redirect("partnership_detail", pk=pk)


@needs("contract.desk", change="contract.change")
@require_http_methods(["GET", "HEAD", "POST"])
def contract_detail(request: PageRequest, pk: Any) -> HttpResponse:
    contract = one(request, pk)
    if request.method == "POST":
        return _save(request, contract)
    if contract.state in ("sent", "signed_by_one") and can(request.actor, "contract.sign", contract):
        signing.note_opening(actor=request.actor, contract=contract, browser=browser_of(request))
    return _page(request, contract)


def _forms(contract: Contract, data: Any = None) -> dict[str, Any]:
    terms = AmendedTermsForm if contract.amends_id else ContractTermsForm
    initial = {name: getattr(contract, name) for name in terms.base_fields}
    return {
        "brand_form": PartyForm(data, side="brand", prefix="brand", initial=contract.brand_party),
        "creator_form": PartyForm(data, side="creator", prefix="creator", initial=contract.creator_party),
        "terms_form": terms(data, prefix="terms", initial=initial),
        "own_form": OwnClauseForm(data, prefix="own"),
    }


def _page(request: PageRequest, contract: Contract, status: int = 200, **extra: Any) -> HttpResponse:
    actor, today = request.actor, timezone.now().date()
    partnership = contract.partnership
    editing = contract.state == "draft" and can(actor, "contract.change", contract)
    signatures = list(contract.signatures.all())
    items, blocking, empty = composing.to_settle(contract, today) if contract.state == "draft" else ([], [], {})
    missing = {f"{side}-{name}" for side, names in empty.items() for name in names}
    context = {
        "contract": contract,
        "partnership": partnership,
        "editing": editing,
        "checklist": composing.items_of(contract),
        "blocking": blocking,
        "ready": not items and not blocking and not missing,
        "missing": missing,
        "fired": rules.fired(composing.facts_of(partnership, contract), today),
        "counter": cumulative(partnership),
        "clauses": [shown_clause(clause) for clause in contract.clauses],
        "edits": sum(1 for clause in contract.clauses if clauses.is_edited(clause)),
        "signatures": signatures,
        "signed_sides": {signature.side for signature in signatures},
        "log": Evidence.visible_to(actor).filter(contract=contract),
        "intact": evidence.intact(contract) if contract.sent_at else None,
        "sealed": ContractFile.visible_to(actor).filter(contract=contract, kind="sealed").only("sha256").first(),
        "may_sign": can_sign(actor, contract, signatures),
        "consent": signing.consent_text(contract, "brand") if contract.sent_at else "",
        "sign_form": SignForm(initial={"name": actor.name}),
        "reason_form": ReasonForm(),
        "may_change": can(actor, "contract.change", contract),
        "may_end": can(actor, "contract.sign", contract),
        "amendments": Contract.visible_to(actor).filter(amends=contract),
        "events": Event.visible_to(actor).filter(object_type="contract", object_id=str(contract.pk)),
    }
    context |= _forms(contract) if editing else {}
    return render(request, "campaigns/contract_detail.html", context | extra, status=status)


def shown_clause(clause: dict[str, Any]) -> dict[str, Any]:
    """A clause with what an edit changed against its template."""
    edited = clauses.is_edited(clause)
    changes = clauses.compared(clause["template"], clause["text"]) if edited else []
    return clause | {"edited": edited, "own": clause["key"].startswith("own_"), "changes": changes}


def can_sign(actor: Any, contract: Contract, signatures: list[Any]) -> bool:
    sides = {signature.side for signature in signatures}
    return contract.state in signing.SIGNABLE and actor.side not in sides and can(actor, "contract.sign", contract)


def _save(request: PageRequest, contract: Contract) -> HttpResponse:
    forms = _forms(contract, request.POST)
    if not all(form.is_valid() for form in forms.values()):
        return _page(request, contract, status=422, **forms)
    texts = {name[7:]: text for name, text in request.POST.items() if name.startswith("clause-")}
    titles: dict[str, str] = {}
    own = forms["own_form"].cleaned_data
    if own["text"]:
        number = 1 + max((int(c["key"][4:]) for c in contract.clauses if c["key"].startswith("own_")), default=0)
        texts[f"own_{number}"], titles[f"own_{number}"] = own["text"], own["title"]
    changed = {name: forms["terms_form"].cleaned_data[name] for name in forms["terms_form"].fields}
    changed = {
        name: value for name, value in changed.items() if value is not None or name in ("due_on", "rights_until")
    }
    try:
        service.save_contract(
            actor=request.actor,
            contract=contract,
            brand_party=forms["brand_form"].cleaned_data,
            creator_party=forms["creator_form"].cleaned_data,
            texts=_only_changed(contract, texts),
            titles=titles,
            based_on=_moment(request.POST.get("based_on", "")),
            **changed,
        )
        if "send" in request.POST:
            contract_steps.send_contract(actor=request.actor, contract=contract)
    except InvalidInput as error:
        return _page(request, one(request, contract.pk), status=422, faults=error.fields or {"": [error.message]})
    except WrongState as error:
        return _page(request, one(request, contract.pk), status=409, refused=error.message)
    sent = "send" in request.POST
    messages.success(request, _("Sent for signature.") if sent else _("Draft saved."))
    return redirect("contract_detail", pk=contract.pk)


def _only_changed(contract: Contract, texts: dict[str, str]) -> dict[str, str]:
    """Clauses left as they were shown follow the new merge; only what was really edited is an edit."""
    shown = {clause["key"]: clause["text"] for clause in contract.clauses}
    return {key: text for key, text in texts.items() if _lines(text) != _lines(shown.get(key, ""))}


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def _act(request: PageRequest, pk: Any, perform: Callable[[Contract], Any], done: str) -> HttpResponse:
    contract = one(request, pk)
    try:
        perform(contract)
    except InvalidInput as error:
        return _page(request, one(request, pk), status=422, faults=error.fields or {"": [error.message]})
    except (WrongState, TooManyCodes) as error:
        return _page(request, one(request, pk), status=error.status, refused=error.message)
    if done:
        messages.success(request, done)
    return redirect("contract_detail", pk=pk)


@needs("contract.change")
@require_POST
def contract_send(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(contract: Contract) -> None:
        contract_steps.send_contract(actor=request.actor, contract=contract)

    return _act(request, pk, perform, _("Sent for signature."))


@needs("contract.change")
@require_POST
def contract_remind(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(contract: Contract) -> None:
        contract_steps.remind_to_sign(actor=request.actor, contract=contract)

    return _act(request, pk, perform, _("A reminder is on its way."))


@needs("contract.sign", desk=True)
@require_POST
def contract_code(request: PageRequest, pk: Any) -> HttpResponse:
    contract = one(request, pk)
    try:
        address = signing.request_code(actor=request.actor, contract=contract, browser=browser_of(request))
    except (WrongState, TooManyCodes) as error:
        return _page(request, one(request, pk), status=error.status, refused=error.message)
    return _page(request, one(request, pk), code_sent_to=address)


@needs("contract.sign", desk=True)
@require_POST
def contract_sign(request: PageRequest, pk: Any) -> HttpResponse:
    contract, form = one(request, pk), SignForm(request.POST)
    if form.is_valid():
        try:
            signing.sign(
                actor=request.actor,
                contract=contract,
                browser=browser_of(request),
                document_sha256=request.POST.get("document", "")[:64],
                **form.cleaned_data,
            )
        except InvalidInput as error:
            show_faults(form, error)
        except WrongState as error:
            return _page(request, one(request, pk), status=409, refused=error.message, sign_form=form)
        else:
            messages.success(request, _("Signed."))
            return redirect("contract_detail", pk=pk)
    return _page(request, one(request, pk), status=422, sign_form=form, code_sent_to=request.POST.get("sent_to", ""))


def _ending(request: PageRequest, pk: Any, perform: Callable[[Contract, str], Any], done: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, one(request, pk), status=422, reason_form=form)
    return _act(request, pk, lambda contract: perform(contract, form.cleaned_data["reason"]), done)


@needs("contract.sign", desk=True)
@require_POST
def contract_void(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(contract: Contract, reason: str) -> None:
        contract_steps.void_contract(actor=request.actor, contract=contract, reason=reason)

    return _ending(request, pk, perform, _("The contract is voided."))


@needs("contract.sign", desk=True)
@require_POST
def contract_terminate(request: PageRequest, pk: Any) -> HttpResponse:
    def perform(contract: Contract, reason: str) -> None:
        contract_steps.terminate_contract(actor=request.actor, contract=contract, reason=reason)

    return _ending(request, pk, perform, _("The contract is ended."))


@needs("contract.change")
@require_POST
def contract_amend(request: PageRequest, pk: Any) -> HttpResponse:
    contract = one(request, pk)
    try:
        made = service.amend_contract(actor=request.actor, contract=contract)
    except WrongState as error:
        return _page(request, contract, status=409, refused=error.message)
    return redirect("contract_detail", pk=made.pk)


@needs("contract.desk")
@require_safe
def contract_pdf(request: PageRequest, pk: Any) -> HttpResponse:
    return pdf_answer(one(request, pk))


@needs("contract.desk")
@require_safe
def contract_evidence(request: PageRequest, pk: Any) -> HttpResponse:
    contract = one(request, pk)
    content = json.dumps(evidence.export(contract), ensure_ascii=False, indent=1, sort_keys=True)
    answer = HttpResponse(content, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{contract.reference}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer
