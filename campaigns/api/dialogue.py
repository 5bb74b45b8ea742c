"""Endpoints of what both sides say to each other: suggestions, messages, parcels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
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
from campaigns.models import Message, Partnership, Shipment, Suggestion
from campaigns.services import cowriting, messages, shipping
from campaigns.states import SHIPMENT, SUGGESTION


class SuggestionSerializer(serializers.ModelSerializer):
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)
    brief = serializers.UUIDField(source="brief_id", read_only=True)
    result = serializers.UUIDField(source="result_id", read_only=True, allow_null=True)
    changes = serializers.JSONField(read_only=True, help_text="{field: {from, to}}")
    actions = serializers.SerializerMethodField(help_text="Transitions open to this side now.")

    class Meta:
        model = Suggestion
        fields = [
            "id", "partnership", "brief", "result", "side", "state", "amendment", "changes", "reason", "answer",
            "created_at", "answered_at", "actions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_actions(self, row: Suggestion) -> list[str]:
        """The other side answers, one's own side takes back."""
        actor = self.context["actor"]
        if not can(actor, "brief.suggest", row):
            return []
        verbs = [step.verb for step in SUGGESTION.open_to(row.state, actor.side)]
        return [verb for verb in verbs if (verb == "withdraw") == (row.side == actor.side)]


class SuggestionWriteSerializer(serializers.Serializer):
    partnership = serializers.UUIDField()
    changes = serializers.DictField(
        help_text="message, must, must_not, freedom, review_rounds, not_before; pay and items go into a counter-offer"
    )
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class SuggestionAcceptSerializer(serializers.Serializer):
    answer = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    for_later = serializers.BooleanField(required=False, help_text="Also for later invitations of the campaign")


class SuggestionRejectSerializer(serializers.Serializer):
    answer = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class MessageSerializer(serializers.ModelSerializer):
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)
    answers = serializers.UUIDField(source="answers_id", read_only=True, allow_null=True)

    class Meta:
        model = Message
        fields = [
            "id", "partnership", "side", "text", "about", "asks", "options", "answers", "channel", "held",
            "reply_seconds", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class MessageWriteSerializer(serializers.Serializer):
    partnership = serializers.UUIDField()
    text = serializers.CharField(max_length=5000)
    about = serializers.CharField(max_length=20, required=False, allow_blank=True)
    asks = serializers.ChoiceField(choices=Message.Ask.choices, required=False)
    options = serializers.ListField(child=serializers.CharField(max_length=120), required=False, max_length=6)


class ShipmentSerializer(serializers.ModelSerializer):
    """Never with the address: that is read in its own place, and every look is noted."""

    tracking_url = serializers.CharField(read_only=True, help_text="Page of the carrier, empty without one")
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key now.")
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)

    class Meta:
        model = Shipment
        fields = [
            "id", "partnership", "state", "product", "variants", "variant", "carrier", "tracking", "tracking_url",
            "problem", "created_at", "shipped_at", "received_at", "address_forgotten_at", "actions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_actions(self, row: Shipment) -> list[str]:
        actor = self.context["actor"]
        if not can(actor, "shipment.send", row):
            return []
        verbs = [step.verb for step in SHIPMENT.open_to(row.state, actor.side)]
        return [verb for verb in verbs if verb in ("ship", "receive", "cancel")]


class ShipmentWriteSerializer(serializers.Serializer):
    partnership = serializers.UUIDField()
    product = serializers.CharField(max_length=200)
    variants = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=20)


class ShippedSerializer(serializers.Serializer):
    carrier = serializers.CharField(max_length=80, required=False, allow_blank=True)
    tracking = serializers.CharField(max_length=80, required=False, allow_blank=True)
    tracking_url = serializers.CharField(max_length=300, required=False, allow_blank=True)


class AddressSerializer(serializers.Serializer):
    name = serializers.CharField()
    lines = serializers.CharField()
    postal_code = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    phone = serializers.CharField()
    note = serializers.CharField()


def _partnership(request: Any, pk: Any) -> Partnership:
    found = Partnership.visible_to(request.actor).select_related("campaign", "creator").filter(pk=pk).first()
    if found is None:
        raise InvalidInput(fields={"partnership": [_("There is no such thing here.")]})
    return found


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource: its model, how it shows, its states, its verbs of reading and writing, and how one is made."""

    name: str
    model: Any
    shown: type[serializers.Serializer]
    body: type[serializers.Serializer]
    states: tuple[str, ...]
    verbs: tuple[str, str]
    make: Callable[..., Any]
    text: str


KINDS = (
    Kind(
        "suggestion", Suggestion, SuggestionSerializer, SuggestionWriteSerializer, tuple(SUGGESTION.states),
        ("partnership.read", "brief.suggest"), cowriting.suggest, "Proposes other words for the brief to the other side.",
    ),
    Kind(
        "message", Message, MessageSerializer, MessageWriteSerializer, (),
        ("message.read", "message.write"), messages.write, "Writes to the other side of a partnership.",
    ),
    Kind(
        "shipment", Shipment, ShipmentSerializer, ShipmentWriteSerializer, tuple(SHIPMENT.states),
        ("shipment.read", "shipment.send"), shipping.ask_address, "Opens a parcel: the creator is asked where it goes.",
    ),
)  # fmt: skip


def _rows(kind: Kind, request: Any) -> Any:
    return kind.model.visible_to(request.actor).select_related("partnership__campaign", "partnership__creator")


def _shown(kind: Kind, request: Any, row: Any) -> Any:
    return kind.shown(row, context={"actor": request.actor}).data


def _collection(kind: Kind) -> type[Endpoint]:
    tag, known = f"{kind.name.title()}s", {"partnership"} | ({"state"} if kind.states else set())

    def get(self: Endpoint, request: Any) -> Response:
        rows, asked = _rows(kind, request), request.query_params
        if asked.get("partnership"):
            rows = rows.filter(partnership_id=identifier("partnership", asked["partnership"]))
        if asked.get("state"):
            if asked["state"] not in kind.states:
                raise BadParameter(fields={"state": [_("Known: %(known)s.") % {"known": ", ".join(kind.states)}]})
            rows = rows.filter(state=asked["state"])
        return Response(page(request, rows, lambda row: _shown(kind, request, row)))

    def post(self: Endpoint, request: Any) -> Response:
        data = read(kind.body, request)
        row = kind.make(actor=request.actor, partnership=_partnership(request, data.pop("partnership")), **data)
        return Response(_shown(kind, request, row), status=201)

    post.__doc__ = kind.text
    words = {"partnership": "of one partnership"} | ({"state": "one of its states"} if kind.states else {})
    listed = documented(page_of(kind.shown), paged=True, params=words, operation_id=f"{kind.name}s_list", tags=[tag])
    made = documented(kind.shown, request=kind.body, status=201, operation_id=f"{kind.name}s_create", tags=[tag])
    members = {"verbs": {"GET": kind.verbs[0], "POST": kind.verbs[1]}, "params": frozenset(known)}
    return type(f"{kind.name.title()}s", (Endpoint,), members | {"get": listed(get), "post": made(idempotent(post))})


def _detail(kind: Kind) -> type[Endpoint]:
    def get(self: Endpoint, request: Any, pk: Any) -> Response:
        return Response(_shown(kind, request, get_object_or_404(_rows(kind, request), pk=pk)))

    shown = documented(kind.shown, operation_id=f"{kind.name}s_read", tags=[f"{kind.name.title()}s"])
    return type(f"{kind.name.title()}Detail", (Endpoint,), {"verbs": {"GET": kind.verbs[0]}, "get": shown(get)})


@dataclass(frozen=True, slots=True)
class Step:
    kind: Kind
    name: str
    perform: Callable[..., Any]
    body: type[serializers.Serializer]
    verb: str
    text: str


_SUGGESTION, _MESSAGE, _SHIPMENT = KINDS
STEPS = (
    Step(
        _SUGGESTION, "accept", cowriting.accept_suggestion, SuggestionAcceptSerializer, "brief.suggest",
        "Takes the other side's words over: the next version of the brief, for this partnership.",
    ),
    Step(
        _SUGGESTION, "reject", cowriting.reject_suggestion, SuggestionRejectSerializer, "brief.suggest",
        "Keeps the words as they are.",
    ),
    Step(
        _SUGGESTION, "withdraw", cowriting.withdraw_suggestion, s.NothingSerializer, "brief.suggest",
        "Takes one's own suggestion back.",
    ),
    Step(_SHIPMENT, "ship", shipping.ship, ShippedSerializer, "shipment.send", "The parcel is on its way."),
    Step(_SHIPMENT, "receive", shipping.receive, s.NothingSerializer, "shipment.send", "The parcel has arrived."),
    Step(_SHIPMENT, "cancel", shipping.cancel_shipment, s.NothingSerializer, "shipment.send", "Nothing is sent after all."),
)  # fmt: skip


def _endpoint(step: Step) -> type[Endpoint]:
    kind = step.kind

    def post(self: Endpoint, request: Any, pk: Any) -> Response:
        row = get_object_or_404(_rows(kind, request), pk=pk)
        step.perform(actor=request.actor, **{kind.name: row}, **read(step.body, request))
        return Response(_shown(kind, request, _rows(kind, request).get(pk=pk)))

    post.__doc__ = step.text
    shown = documented(
        kind.shown, request=step.body, operation_id=f"{kind.name}s_{step.name}", tags=[f"{kind.name.title()}s"]
    )
    members = {"verbs": {"POST": step.verb}, "post": shown(idempotent(post)), "__doc__": step.text}
    return type(f"{kind.name.title()}{step.name.title()}", (Endpoint,), members)


class ShipmentAddress(Endpoint):
    verbs = {"POST": "shipment.address"}

    @documented(AddressSerializer, request=s.NothingSerializer, operation_id="shipments_address", tags=["Shipments"])
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Where the parcel goes. A POST, because every look is noted; 422 when it is not given or already deleted."""
        row = get_object_or_404(_rows(_SHIPMENT, request), pk=pk)
        read(s.NothingSerializer, request)
        found = shipping.address_of(actor=request.actor, shipment=row)
        if found is None:
            raise InvalidInput(_("There is no address: it was not given yet, or is deleted."), code="no_address")
        return Response(AddressSerializer(found).data)


urlpatterns: list[URLPattern] = [
    *(path(f"{kind.name}s", _collection(kind).as_view(), name=f"api_{kind.name}s") for kind in KINDS),
    *(path(f"{kind.name}s/<uuid:pk>", _detail(kind).as_view(), name=f"api_{kind.name}") for kind in KINDS),
    *(
        path(
            f"{step.kind.name}s/<uuid:pk>/{step.name}",
            _endpoint(step).as_view(),
            name=f"api_{step.kind.name}_{step.name}",
        )
        for step in STEPS
    ),
    path("shipments/<uuid:pk>/address", ShipmentAddress.as_view(), name="api_shipment_address"),
]
