"""Endpoints of webhooks: where events are sent, what was sent, and again."""

from __future__ import annotations

import json
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.endpoint import Endpoint, check_if_match, idempotent
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier
from accounts.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.permissions import can
from accounts.services import webhooks
from accounts.webhooks.names import PUBLIC, TEST


class WebhookEndpointSerializer(serializers.ModelSerializer):
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key.")
    secret_overlap_until = serializers.DateTimeField(
        source="old_secret_until",
        read_only=True,
        allow_null=True,
        help_text="Until then messages carry the old signature as well",
    )

    pause_reason = serializers.CharField(read_only=True, help_text="by_hand, failures, gone; empty while active")

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id",
            "url",
            "description",
            "events",
            "state",
            "pause_reason",
            "failures",
            "failing_since",
            "last_success_at",
            "secret_overlap_until",
            "created_at",
            "actions",
        ]
        read_only_fields = fields

    def get_actions(self, endpoint: WebhookEndpoint) -> list[str]:
        if not can(self.context["actor"], "webhook.change", endpoint):
            return []
        moves = ["pause", "test"] if endpoint.state == "active" else ["resume"]
        return [*moves, "rotate_secret"]


class WebhookEndpointWithSecretSerializer(WebhookEndpointSerializer):
    secret = serializers.CharField(help_text="Shown this once; check every message with it")

    class Meta(WebhookEndpointSerializer.Meta):
        fields = [*WebhookEndpointSerializer.Meta.fields, "secret"]


class WebhookEndpointWriteSerializer(serializers.Serializer):
    url = serializers.CharField(max_length=500, help_text="https; private and local addresses are refused")
    description = serializers.CharField(max_length=120, required=False, allow_blank=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=list(PUBLIC)),
        required=False,
        max_length=len(PUBLIC),
        help_text="Names of events; empty or left out: all",
    )


class WebhookEndpointChangeSerializer(WebhookEndpointWriteSerializer):
    url = serializers.CharField(max_length=500, required=False)


class WebhookAttemptSerializer(serializers.ModelSerializer):
    class Meta:
        model = WebhookAttempt
        fields = ["number", "at", "took_ms", "status", "error", "answer"]
        read_only_fields = fields


class WebhookDeliverySerializer(serializers.ModelSerializer):
    endpoint = serializers.UUIDField(source="endpoint_id", read_only=True)
    type = serializers.ChoiceField(source="kind", choices=[*PUBLIC, TEST], read_only=True)
    next_attempt_at = serializers.SerializerMethodField(help_text="Null when nothing is owed any more")
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key.")

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "endpoint",
            "type",
            "object_type",
            "object_id",
            "sequence",
            "state",
            "attempts",
            "last_status",
            "last_error",
            "next_attempt_at",
            "created_at",
            "delivered_at",
            "actions",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_attempt_at(self, row: WebhookDelivery) -> Any:
        shown = row.due_at if row.state == "pending" else None
        return serializers.DateTimeField().to_representation(shown) if shown else None

    def get_actions(self, row: WebhookDelivery) -> list[str]:
        return ["replay"] if can(self.context["actor"], "webhook.change", row.endpoint) else []


class WebhookMessageSerializer(WebhookDeliverySerializer):
    body = serializers.SerializerMethodField(help_text="What was sent, byte for byte in this order of keys")
    log = WebhookAttemptSerializer(many=True, read_only=True)

    class Meta(WebhookDeliverySerializer.Meta):
        fields = [*WebhookDeliverySerializer.Meta.fields, "body", "log"]

    @extend_schema_field(serializers.DictField())
    def get_body(self, row: WebhookDelivery) -> Any:
        return json.loads(row.body)


def _present(actor: Actor, endpoint: WebhookEndpoint, secret: str = "") -> dict[str, Any]:
    data = dict(WebhookEndpointSerializer(endpoint, context={"actor": actor}).data)
    return data | {"secret": secret} if secret else data


def _endpoint(request: Any, pk: Any) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint.visible_to(request.actor), pk=pk)


def _read(serializer: type[serializers.Serializer], request: Any) -> dict[str, Any]:
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


_IN = {"tags": ["Webhooks"]}


class WebhookEndpoints(Endpoint):
    verbs = {"GET": "webhook.read", "POST": "webhook.change"}

    @documented(page_of(WebhookEndpointSerializer), paged=True, operation_id="webhook_endpoints_list", **_IN)
    def get(self, request: Any) -> Response:
        rows = WebhookEndpoint.visible_to(request.actor)
        return Response(page(request, rows, lambda row: _present(request.actor, row)))

    @documented(
        WebhookEndpointWithSecretSerializer,
        request=WebhookEndpointWriteSerializer,
        status=201,
        operation_id="webhook_endpoints_create",
        **_IN,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Adds an address. The answer holds the secret, which is not shown again."""
        changes = _read(WebhookEndpointWriteSerializer, request)
        endpoint, secret = webhooks.create_endpoint(actor=request.actor, changes=changes)
        return Response(_present(request.actor, endpoint, secret), status=201)


class WebhookEndpointDetail(Endpoint):
    verbs = {"GET": "webhook.read", "PATCH": "webhook.change", "DELETE": "webhook.change"}

    @documented(WebhookEndpointSerializer, operation_id="webhook_endpoints_read", **_IN)
    def get(self, request: Any, pk: Any) -> Response:
        return Response(_present(request.actor, _endpoint(request, pk)))

    @documented(
        WebhookEndpointSerializer,
        request=WebhookEndpointChangeSerializer,
        operation_id="webhook_endpoints_change",
        if_match=True,
        **_IN,
    )
    @idempotent
    def patch(self, request: Any, pk: Any) -> Response:
        endpoint = _endpoint(request, pk)
        check_if_match(request, _present(request.actor, endpoint))
        changes = _read(WebhookEndpointChangeSerializer, request)
        changed = webhooks.change_endpoint(actor=request.actor, endpoint=endpoint, changes=changes)
        return Response(_present(request.actor, changed))

    @documented(None, writes=True, status=204, operation_id="webhook_endpoints_delete", if_match=True, **_IN)
    @idempotent
    def delete(self, request: Any, pk: Any) -> Response:
        """Deletes the endpoint with its log; what is owed to it is dropped."""
        endpoint = _endpoint(request, pk)
        check_if_match(request, _present(request.actor, endpoint))
        webhooks.delete_endpoint(actor=request.actor, endpoint=endpoint)
        return Response(status=204)


class WebhookPause(Endpoint):
    verbs = {"POST": "webhook.change"}

    @documented(WebhookEndpointSerializer, writes=True, operation_id="webhook_endpoints_pause", **_IN)
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Sends nothing until resumed; what happens meanwhile is kept."""
        endpoint = webhooks.pause_endpoint(actor=request.actor, endpoint=_endpoint(request, pk))
        return Response(_present(request.actor, endpoint))


class WebhookResume(Endpoint):
    verbs = {"POST": "webhook.change"}

    @documented(WebhookEndpointSerializer, writes=True, operation_id="webhook_endpoints_resume", **_IN)
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Everything that waited is due at once."""
        endpoint = webhooks.resume_endpoint(actor=request.actor, endpoint=_endpoint(request, pk))
        return Response(_present(request.actor, endpoint))


class WebhookRotateSecret(Endpoint):
    verbs = {"POST": "webhook.change"}

    @documented(WebhookEndpointWithSecretSerializer, writes=True, operation_id="webhook_endpoints_rotate_secret", **_IN)
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Gives a new secret. For 24 hours messages carry both signatures."""
        endpoint = _endpoint(request, pk)
        secret = webhooks.rotate_secret(actor=request.actor, endpoint=endpoint)
        return Response(_present(request.actor, endpoint, secret))


class WebhookTest(Endpoint):
    verbs = {"POST": "webhook.change"}

    @documented(WebhookDeliverySerializer, writes=True, status=202, operation_id="webhook_endpoints_test", **_IN)
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Queues a message of type `webhook.test`."""
        row = webhooks.send_test(actor=request.actor, endpoint=_endpoint(request, pk))
        return Response(WebhookDeliverySerializer(row, context={"actor": request.actor}).data, status=202)


class WebhookDeliveries(Endpoint):
    verbs = {"GET": "webhook.read"}
    params = frozenset({"endpoint", "state", "type"})

    @documented(
        page_of(WebhookDeliverySerializer),
        paged=True,
        params={"endpoint": "of one endpoint", "state": "pending, delivered or failed", "type": "of one event name"},
        operation_id="webhook_deliveries_list",
        **_IN,
    )
    def get(self, request: Any) -> Response:
        rows, asked = WebhookDelivery.visible_to(request.actor).select_related("endpoint"), request.query_params
        if asked.get("endpoint"):
            rows = rows.filter(endpoint_id=identifier("endpoint", asked["endpoint"]))
        for name, column, known in (
            ("state", "state", ("pending", "delivered", "failed")),
            ("type", "kind", (*PUBLIC, TEST)),
        ):
            if asked.get(name):
                if asked[name] not in known:
                    raise BadParameter(fields={name: [_("Known: %(known)s.") % {"known": ", ".join(known)}]})
                rows = rows.filter(**{column: asked[name]})
        context = {"actor": request.actor}
        return Response(page(request, rows, lambda row: WebhookDeliverySerializer(row, context=context).data))


def _delivery(request: Any, pk: Any) -> WebhookDelivery:
    rows = WebhookDelivery.visible_to(request.actor).select_related("endpoint").prefetch_related("log")
    return get_object_or_404(rows, pk=pk)


class WebhookDeliveryDetail(Endpoint):
    verbs = {"GET": "webhook.read"}

    @documented(WebhookMessageSerializer, operation_id="webhook_deliveries_read", **_IN)
    def get(self, request: Any, pk: Any) -> Response:
        return Response(WebhookMessageSerializer(_delivery(request, pk), context={"actor": request.actor}).data)


class WebhookReplay(Endpoint):
    verbs = {"POST": "webhook.change"}

    @documented(WebhookDeliverySerializer, writes=True, status=202, operation_id="webhook_deliveries_replay", **_IN)
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Sends the message again at once: the same bytes under the same webhook-id."""
        row = webhooks.replay(actor=request.actor, delivery=_delivery(request, pk))
        return Response(WebhookDeliverySerializer(row, context={"actor": request.actor}).data, status=202)
