"""Endpoints of contracts and payments. A key drafts, sends, amends, ends and records; signing needs a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier
from accounts.errors import InvalidInput
from accounts.permissions import can
from campaigns.api import serializers as s
from campaigns.api.campaigns import read
from campaigns.contracts import composing
from campaigns.models import Contract, ContractFile, Partnership, Payment
from campaigns.services import contract_steps, contracts, payments
from campaigns.states import CONTRACT, PAYMENT, Machine


class ClauseSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()
    template = serializers.CharField(help_text="The merged text before any edit")


class SignatureSerializer(serializers.Serializer):
    side = serializers.CharField()
    name = serializers.CharField()
    capacity = serializers.CharField()
    signed_at = serializers.DateTimeField()


class ContractSerializer(serializers.ModelSerializer):
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)
    amends = serializers.UUIDField(source="amends_id", read_only=True, allow_null=True)
    reference = serializers.CharField(read_only=True)
    clauses = ClauseSerializer(many=True, read_only=True)
    signatures = SignatureSerializer(many=True, read_only=True)
    missing = serializers.SerializerMethodField(help_text="What the law's list still lacks, in words")
    sealed_sha256 = serializers.SerializerMethodField(help_text="Fingerprint of the signed file, empty before")
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key; signing needs a person")

    class Meta:
        model = Contract
        fields = [
            "id",
            "partnership",
            "amends",
            "reference",
            "state",
            "language",
            "country",
            "objective",
            "fee",
            "in_kind",
            "in_kind_value",
            "currency",
            "due_on",
            "payment_days",
            "rights",
            "rights_until",
            "clauses",
            "missing",
            "document_sha256",
            "sealed_sha256",
            "signatures",
            "created_at",
            "sent_at",
            "executed_at",
            "ended_at",
            "ending_reason",
            "actions",
        ]
        read_only_fields = fields

    def get_actions(self, contract: Contract) -> list[str]:
        actor = self.context["actor"]
        if not can(actor, "contract.change", contract):
            return []
        return [step.verb for step in CONTRACT.open_to(contract.state, actor.side) if step.verb in ("send", "void")]

    def get_missing(self, contract: Contract) -> list[str]:
        if contract.state != "draft":
            return []
        return [text for item in composing.items_of(contract) for text in item.missing]

    def get_sealed_sha256(self, contract: Contract) -> str:
        files = ContractFile.visible_to(self.context["actor"]).filter(contract=contract, kind="sealed")
        return files.values_list("sha256", flat=True).first() or ""


class PartySerializer(serializers.Serializer):
    name = serializers.CharField(max_length=160, required=False, allow_blank=True)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    tax_country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    registration = serializers.CharField(max_length=80, required=False, allow_blank=True)


class BrandPartySerializer(PartySerializer):
    representative = serializers.CharField(max_length=160, required=False, allow_blank=True)
    authorisation = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CreatorPartySerializer(PartySerializer):
    eu_representative = serializers.CharField(max_length=300, required=False, allow_blank=True)
    insurance = serializers.CharField(max_length=300, required=False, allow_blank=True)


class ContractWriteSerializer(serializers.Serializer):
    partnership = serializers.UUIDField()
    language = serializers.ChoiceField(choices=["fr", "en"], required=False)
    brand_party = BrandPartySerializer(required=False)
    creator_party = CreatorPartySerializer(required=False)


class ContractChangeSerializer(serializers.Serializer):
    """Only drafts change; what is left out keeps its value. Fee, kind and rights change in amendments only."""

    language = serializers.ChoiceField(choices=["fr", "en"], required=False)
    brand_party = BrandPartySerializer(required=False)
    creator_party = CreatorPartySerializer(required=False)
    payment_days = serializers.IntegerField(min_value=0, max_value=60, required=False)
    due_on = serializers.DateField(required=False, allow_null=True)
    rights_until = serializers.DateField(required=False, allow_null=True)
    rights = serializers.CharField(max_length=400, required=False, allow_blank=True)
    fee = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    in_kind = serializers.CharField(max_length=300, required=False, allow_blank=True)
    in_kind_value = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    texts = serializers.DictField(
        child=serializers.CharField(max_length=6000, allow_blank=True),
        required=False,
        help_text="Clause key → wording; empty takes it out, own_1 to own_6 are your own",
    )


class PaymentSerializer(serializers.ModelSerializer):
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)
    contract = serializers.UUIDField(source="contract_id", read_only=True, allow_null=True)
    actions = serializers.SerializerMethodField(help_text="Transitions open to this side now")

    class Meta:
        model = Payment
        fields = [
            "id",
            "partnership",
            "contract",
            "state",
            "amount",
            "currency",
            "due_on",
            "sent_on",
            "received_on",
            "reference",
            "note",
            "created_at",
            "actions",
        ]
        read_only_fields = fields

    def get_actions(self, payment: Payment) -> list[str]:
        actor = self.context["actor"]
        if not can(actor, "payment.change", payment):
            return []
        return [step.verb for step in PAYMENT.open_to(payment.state, actor.side) if step.verb == "send"]


class SentSerializer(serializers.Serializer):
    sent_on = serializers.DateField(required=False)
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True)


def _contracts(request: Any) -> Any:
    return Contract.visible_to(request.actor).select_related("partnership__campaign__brand", "partnership__creator")


def _payments(request: Any) -> Any:
    return Payment.visible_to(request.actor).select_related("partnership__campaign", "partnership__creator")


def _shown(request: Any, row: Any, form: type[serializers.BaseSerializer[Any]]) -> Any:
    return form(row, context={"actor": request.actor}).data


def _filtered(request: Any, rows: Any, machine: Machine) -> Any:
    asked = request.query_params
    if asked.get("state"):
        if asked["state"] not in machine.states:
            raise BadParameter(fields={"state": [_("Known: %(known)s.") % {"known": ", ".join(machine.states)}]})
        rows = rows.filter(state=asked["state"])
    if asked.get("partnership"):
        rows = rows.filter(partnership_id=identifier("partnership", asked["partnership"]))
    return rows


_PARAMS = {"partnership": "of one partnership", "state": "one of its states"}


class Contracts(Endpoint):
    verbs = {"GET": "contract.read", "POST": "contract.change"}
    params = frozenset(_PARAMS)

    @documented(
        page_of(ContractSerializer), paged=True, params=_PARAMS, operation_id="contracts_list", tags=["Contracts"]
    )
    def get(self, request: Any) -> Response:
        rows = _filtered(request, _contracts(request).prefetch_related("signatures"), CONTRACT)
        return Response(page(request, rows, lambda row: _shown(request, row, ContractSerializer)))

    @documented(
        ContractSerializer,
        request=ContractWriteSerializer,
        status=201,
        operation_id="contracts_draft",
        tags=["Contracts"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Drafts the contract of an agreed partnership from its accepted offer."""
        given = read(ContractWriteSerializer, request)
        partnership = Partnership.visible_to(request.actor).filter(pk=given["partnership"]).first()
        if partnership is None:
            raise InvalidInput(fields={"partnership": [_("There is no such thing here.")]})
        made = contracts.draft_contract(
            actor=request.actor, partnership=partnership, language=given.get("language", "")
        )
        parties = {name: given[name] for name in ("brand_party", "creator_party") if name in given}
        if parties:
            contracts.save_contract(actor=request.actor, contract=made, **parties)
        return Response(_shown(request, _contracts(request).get(pk=made.pk), ContractSerializer), status=201)


class ContractDetail(Endpoint):
    verbs = {"GET": "contract.read", "PATCH": "contract.change"}

    @documented(ContractSerializer, operation_id="contracts_read", tags=["Contracts"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(_shown(request, get_object_or_404(_contracts(request), pk=pk), ContractSerializer))

    @documented(
        ContractSerializer, request=ContractChangeSerializer, operation_id="contracts_change", tags=["Contracts"]
    )
    @idempotent
    def patch(self, request: Any, pk: Any) -> Response:
        """Changes a draft: parties, dates, clauses, and in an amendment the terms."""
        row = get_object_or_404(_contracts(request), pk=pk)
        contracts.save_contract(actor=request.actor, contract=row, **read(ContractChangeSerializer, request))
        return Response(_shown(request, _contracts(request).get(pk=pk), ContractSerializer))


class ContractAmend(Endpoint):
    verbs = {"POST": "contract.change"}

    @documented(
        ContractSerializer,
        request=s.NothingSerializer,
        status=201,
        operation_id="contracts_amend",
        tags=["Contracts"],
    )
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """A draft that amends a contract in force; both sign it like the first. Answers with the new contract."""
        row = get_object_or_404(_contracts(request), pk=pk)
        made = contracts.amend_contract(actor=request.actor, contract=row)
        return Response(_shown(request, _contracts(request).get(pk=made.pk), ContractSerializer), status=201)


class Payments(Endpoint):
    verbs = {"GET": "payment.read"}
    params = frozenset(_PARAMS)

    @documented(page_of(PaymentSerializer), paged=True, params=_PARAMS, operation_id="payments_list", tags=["Payments"])
    def get(self, request: Any) -> Response:
        rows = _filtered(request, _payments(request), PAYMENT)
        return Response(page(request, rows, lambda row: _shown(request, row, PaymentSerializer)))


class PaymentDetail(Endpoint):
    verbs = {"GET": "payment.read"}

    @documented(PaymentSerializer, operation_id="payments_read", tags=["Payments"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(_shown(request, get_object_or_404(_payments(request), pk=pk), PaymentSerializer))


def _step(
    name: str,
    text: str,
    verb: str,
    body: type[serializers.Serializer[Any]],
    rows: Callable[[Any], Any],
    form: type[serializers.BaseSerializer[Any]],
    perform: Callable[..., Any],
) -> type[Endpoint]:
    kind = "contracts" if form is ContractSerializer else "payments"
    argument = kind[:-1]

    def post(self: Endpoint, request: Any, pk: Any) -> Response:
        row = get_object_or_404(rows(request), pk=pk)
        perform(actor=request.actor, **{argument: row}, **read(body, request))
        return Response(_shown(request, rows(request).get(pk=pk), form))

    post.__doc__ = text
    shown = documented(form, request=body, operation_id=f"{kind}_{name}", tags=[kind.title()])
    members = {"verbs": {"POST": verb}, "post": shown(idempotent(post)), "__doc__": text}
    return type(f"{kind.title()}{name.title()}", (Endpoint,), members)


ContractSend = _step(
    "send",
    "Sends a complete draft for signature.",
    "contract.change",
    s.NothingSerializer,
    _contracts,
    ContractSerializer,
    contract_steps.send_contract,
)
ContractVoid = _step(
    "void",
    "Takes a contract back before both have signed, with a reason.",
    "contract.change",
    s.ReasonSerializer,
    _contracts,
    ContractSerializer,
    contract_steps.void_contract,
)
ContractTerminate = _step(
    "terminate",
    "Ends a contract in force, with a reason. What was signed stays readable and verifiable.",
    "contract.change",
    s.ReasonSerializer,
    _contracts,
    ContractSerializer,
    contract_steps.terminate_contract,
)
PaymentSend = _step(
    "send",
    "Records that the brand has paid.",
    "payment.change",
    SentSerializer,
    _payments,
    PaymentSerializer,
    payments.send_payment,
)
