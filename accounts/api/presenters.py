"""How this app's things look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.actors import Actor
from accounts.models import Brand, Event, Job
from accounts.permissions import SCOPES


class BrandSerializer(serializers.ModelSerializer):
    class Meta:
        model = Brand
        fields = [
            "id",
            "name",
            "description",
            "website",
            "sectors",
            "values_wanted",
            "values_refused",
            "tone",
            "personas",
            "countries",
            "competitors",
            "created_at",
        ]
        read_only_fields = ["id", "created_at"]
        extra_kwargs = {"countries": {"help_text": "ISO 3166-1 alpha-2 codes"}}


class BrandWriteSerializer(BrandSerializer):
    class Meta(BrandSerializer.Meta):
        fields = [name for name in BrandSerializer.Meta.fields if name not in ("id", "created_at")]
        read_only_fields: list[str] = []


class BrandChangeSerializer(BrandWriteSerializer):
    name = serializers.CharField(max_length=120, required=False)


class JobSerializer(serializers.ModelSerializer):
    percent = serializers.IntegerField(read_only=True, allow_null=True)
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key.")

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "title",
            "state",
            "unit",
            "total",
            "done",
            "rejected",
            "percent",
            "result",
            "error",
            "created_at",
            "started_at",
            "finished_at",
            "actions",
        ]
        read_only_fields = fields

    def get_actions(self, job: Job) -> list[str]:
        return [] if job.is_over or job.cancel_requested_at else ["cancel"]


class EventSerializer(serializers.ModelSerializer):
    sequence = serializers.IntegerField(source="id", help_text="Grows with time; use it to order.")

    class Meta:
        model = Event
        fields = ["sequence", "kind", "object_type", "object_id", "actor_kind", "actor_name", "data", "at"]
        read_only_fields = fields


def event_for(actor: Actor, event: Event) -> dict[str, Any]:
    """A creator reads which side acted, not which of a brand's people."""
    told = dict(EventSerializer(event).data)
    if actor.side == "creator" and event.actor_kind != "creator":
        told["actor_name"] = ""
    return told


class MeSerializer(serializers.Serializer):
    kind = serializers.CharField()
    name = serializers.CharField()
    workspace = serializers.CharField(allow_null=True, help_text="Slug of the workspace")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))


class ProblemErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON pointer into the body, or the parameter's name")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """application/problem+json (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)


def page_of(row: type[serializers.BaseSerializer]) -> type[serializers.Serializer]:
    """The schema of a page of `row`."""
    name = row.__name__.removesuffix("Serializer")
    fields = {
        "data": row(many=True),
        "next_cursor": serializers.CharField(allow_null=True),
        "total_estimate": serializers.IntegerField(),
    }
    return type(f"{name}PageSerializer", (serializers.Serializer,), fields)
