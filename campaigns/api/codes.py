"""Endpoints of promo codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from campaigns.api.campaigns import read
from campaigns.api.tracking import by_uuid, campaign_of, partnership_of, steps
from campaigns.models import AttributionRun, PromoCode
from campaigns.services import code_leaks, codes
from campaigns.services.ledger import uses_so_far


class CodeSerializer(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)
    partnership = serializers.UUIDField(source="partnership_id", read_only=True, allow_null=True)
    uses = serializers.SerializerMethodField(help_text="Orders credited to it and not wholly given back")
    signs = serializers.SerializerMethodField(help_text="Signs of a leak: no_clicks, elsewhere, burst")
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key now.")

    class Meta:
        model = PromoCode
        fields = [
            "id", "campaign", "partnership", "code", "label", "discount", "value", "currency", "starts_at", "ends_at",
            "max_uses", "uses", "signs", "state", "created_at", "actions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_uses(self, code: PromoCode) -> int:
        run = AttributionRun.visible_to(self.context["actor"]).filter(is_current=True).first()
        return uses_so_far(run, code) if run else 0

    def get_signs(self, code: PromoCode) -> list[str]:
        return code_leaks.signs_of(self.context["actor"], code)

    def get_actions(self, code: PromoCode) -> list[str]:
        return steps(self.context["actor"], code)


class CodeWriteSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    partnership = serializers.UUIDField(required=False, allow_null=True)
    code = serializers.CharField(max_length=30)
    label = serializers.CharField(max_length=80, required=False, allow_blank=True)
    discount = serializers.ChoiceField(choices=["percent", "amount", "other"], required=False)
    value = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0, required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    max_uses = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, allow_null=True)


class CodesForAllSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    pattern = serializers.CharField(
        max_length=60, help_text="{handle}, {first}, {brand}, {value}; # a digit and ? a letter drawn by chance"
    )
    value = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, allow_null=True, help_text="Percent"
    )
    label = serializers.CharField(max_length=80, required=False, allow_blank=True)
    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    max_uses = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, allow_null=True)


class CodesMadeSerializer(serializers.Serializer):
    data = CodeSerializer(many=True)
    kept = serializers.IntegerField(help_text="Creators who had a code in this campaign")


class CodeChangeSerializer(serializers.Serializer):
    """What is left out stays as it is; null takes the limit away."""

    starts_at = serializers.DateTimeField(required=False, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    max_uses = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False, allow_null=True)


def _code(request: Any, row: PromoCode) -> dict[str, Any]:
    return dict(CodeSerializer(row, context={"actor": request.actor}).data)


def _one(actor: Actor, pk: UUID) -> PromoCode:
    return get_object_or_404(PromoCode.visible_to(actor).select_related("campaign", "partnership"), pk=pk)


class Codes(Endpoint):
    verbs = {"GET": "link.read", "POST": "link.change"}
    params = frozenset({"campaign", "partnership"})

    @documented(
        page_of(CodeSerializer), paged=True, params={"campaign": "codes of one campaign", "partnership": "of one creator in it"},
        operation_id="codes_list", tags=["Codes"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        rows = by_uuid(request, PromoCode.visible_to(request.actor), "campaign", "partnership")
        return Response(page(request, rows, lambda row: _code(request, row)))

    @documented(CodeSerializer, request=CodeWriteSerializer, status=201, operation_id="codes_create", tags=["Codes"])
    @idempotent
    def post(self, request: Any) -> Response:
        data = read(CodeWriteSerializer, request)
        campaign = campaign_of(request.actor, data.pop("campaign"))
        partnership = partnership_of(request.actor, data.pop("partnership", None))
        row = codes.create_code(actor=request.actor, campaign=campaign, partnership=partnership, **data)
        return Response(_code(request, row), status=201)


class CodeDetail(Endpoint):
    verbs = {"GET": "link.read"}

    @documented(CodeSerializer, operation_id="codes_read", tags=["Codes"])
    def get(self, request: Any, pk: UUID) -> Response:
        return Response(_code(request, _one(request.actor, pk)))


class CodesForAll(Endpoint):
    """One code by the pattern for each creator who accepted and has none in the campaign."""

    verbs = {"POST": "link.change"}

    @documented(CodesMadeSerializer, request=CodesForAllSerializer, operation_id="codes_for_all", tags=["Codes"])
    @idempotent
    def post(self, request: Any) -> Response:
        data = read(CodesForAllSerializer, request)
        campaign = campaign_of(request.actor, data.pop("campaign"))
        made, had = codes.create_codes_for_all(actor=request.actor, campaign=campaign, **data)
        return Response({"data": [_code(request, row) for row in made], "kept": len(had)})


class CodePause(Endpoint):
    """Orders from now on are not credited to it; the shop has to stop it too."""

    verbs = {"POST": "link.change"}

    @documented(CodeSerializer, writes=True, operation_id="codes_pause", tags=["Codes"])
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        return Response(_code(request, codes.pause_code(actor=request.actor, code=_one(request.actor, pk))))


class CodeResume(Endpoint):
    verbs = {"POST": "link.change"}

    @documented(CodeSerializer, writes=True, operation_id="codes_resume", tags=["Codes"])
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        return Response(_code(request, codes.resume_code(actor=request.actor, code=_one(request.actor, pk))))


class CodeChange(Endpoint):
    """When it is valid and how often it counts. The code itself never changes."""

    verbs = {"POST": "link.change"}

    @documented(CodeSerializer, request=CodeChangeSerializer, operation_id="codes_change", tags=["Codes"])
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        row = _one(request.actor, pk)
        held = {"starts_at": row.starts_at, "ends_at": row.ends_at, "max_uses": row.max_uses}
        data = held | read(CodeChangeSerializer, request)
        return Response(_code(request, codes.change_code(actor=request.actor, code=row, **data)))
