"""Endpoints of lists with triage."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.models import Creator
from matching import lists as reading
from matching.api.bodies import read
from matching.codes import EUR_PER_UNIT
from matching.models import Shortlist, ShortlistEntry
from matching.models.choosing import Flag, PassReason, Triage
from matching.services import lists

MOST = 1000


class ListWriteSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    budget = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True)
    currency = serializers.ChoiceField(choices=list(EUR_PER_UNIT), required=False, default="EUR")


class ListSerializer(serializers.ModelSerializer):
    counts = serializers.SerializerMethodField(help_text="Creators in each state")

    class Meta:
        model = Shortlist
        fields = ["id", "name", "note", "budget", "currency", "created_at", "counts"]
        read_only_fields = fields

    def get_counts(self, row: Any) -> dict[str, int]:
        return {state: getattr(row, f"{state}_n", 0) for state in Triage.values}


class ListEntrySerializer(serializers.ModelSerializer):
    creator = serializers.IntegerField(source="creator_id", read_only=True)
    display_name = serializers.CharField(source="creator.display_name", read_only=True)
    opinions = serializers.SerializerMethodField(help_text="What holders of links think: by, verdict, comment")

    class Meta:
        model = ShortlistEntry
        fields = ["id", "creator", "display_name", "state", "pass_reason", "flags", "note", "decided_by", "decided_at", "added_at", "opinions"]  # fmt: skip
        read_only_fields = fields

    def get_opinions(self, row: Any) -> list[dict[str, str]]:
        return [{"by": o.link.name, "verdict": o.verdict, "comment": o.comment} for o in row.opinions.all()]


class ListAddSerializer(serializers.Serializer):
    creators = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST)


class ListAddedSerializer(serializers.Serializer):
    added = serializers.ListField(child=serializers.IntegerField())
    there = serializers.ListField(child=serializers.IntegerField())
    refused = serializers.ListField(child=serializers.IntegerField(), help_text="No such creator here")


class TriageSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=Triage.choices)
    reason = serializers.ChoiceField(choices=PassReason.choices, required=False, allow_blank=True, default="")
    flags = serializers.ListField(child=serializers.ChoiceField(choices=Flag.choices), required=False)
    expected = serializers.ChoiceField(
        choices=Triage.choices, required=False, help_text="The state you read: 409 when somebody sorted them meanwhile"
    )


class Lists(Endpoint):
    verbs = {"GET": "list.read", "POST": "list.change"}

    @documented(page_of(ListSerializer), paged=True, operation_id="lists_list", tags=["Lists"])
    def get(self, request: Any) -> Response:
        return Response(page(request, reading.lists(request.actor), lambda row: ListSerializer(row).data))

    @documented(ListSerializer, request=ListWriteSerializer, status=201, operation_id="lists_create", tags=["Lists"])
    @idempotent
    def post(self, request: Any) -> Response:
        made = lists.create_list(actor=request.actor, **read(ListWriteSerializer, request))
        return Response(ListSerializer(made).data, status=201)


class ListDetail(Endpoint):
    verbs = {"GET": "list.read"}

    @documented(ListSerializer, operation_id="lists_read", tags=["Lists"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(ListSerializer(get_object_or_404(reading.lists(request.actor), pk=pk)).data)


class ListEntries(Endpoint):
    verbs = {"GET": "list.read", "POST": "list.change"}

    @documented(page_of(ListEntrySerializer), paged=True, operation_id="lists_entries", tags=["Lists"])
    def get(self, request: Any, pk: Any) -> Response:
        row = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
        entries = ShortlistEntry.visible_to(request.actor).filter(shortlist=row, creator__erased_at__isnull=True)
        found = entries.select_related("creator").prefetch_related("opinions__link")
        return Response(page(request, found, lambda entry: ListEntrySerializer(entry).data))

    @documented(ListAddedSerializer, request=ListAddSerializer, operation_id="lists_add", tags=["Lists"])
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Puts up to 1,000 creators on it, unsorted. Who is there already stays as they are."""
        row = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
        wanted = list(dict.fromkeys(read(ListAddSerializer, request)["creators"]))
        known = Creator.visible_to(request.actor).in_bulk([number for number in wanted if number < 2**63])
        made = lists.add_creators(actor=request.actor, shortlist=row, creators=known.values())
        added = {entry.creator_id for entry in made}
        answer = {
            "added": [number for number in wanted if number in added],
            "there": [number for number in wanted if number in known and number not in added],
            "refused": [number for number in wanted if number not in known],
        }
        return Response(ListAddedSerializer(answer).data)


class ListEntryTriage(Endpoint):
    verbs = {"POST": "list.change"}

    @documented(ListEntrySerializer, request=TriageSerializer, operation_id="lists_triage", tags=["Lists"])
    @idempotent
    def post(self, request: Any, pk: Any, entry: Any) -> Response:
        """Sorts one creator; passing needs a reason. flags, where given, replace those there."""
        rows = ShortlistEntry.visible_to(request.actor).filter(shortlist_id=pk).select_related("shortlist", "creator")
        row = get_object_or_404(rows, pk=entry)
        data = read(TriageSerializer, request)
        row = lists.triage(
            actor=request.actor, entry=row, state=data["state"], reason=data["reason"], expected=data.get("expected")
        )
        if "flags" in data:
            row = lists.mark(actor=request.actor, entry=row, flags=data["flags"], note=row.note)
        return Response(ListEntrySerializer(row).data)


class RollUpSerializer(serializers.Serializer):
    """Sums of those shortlisted, or of all not passed while nobody is. Null: nothing is known. Costs in EUR."""

    count = serializers.IntegerField()
    reached = serializers.FloatField(allow_null=True, help_text="People who react to a post, met twice counted once")
    total = serializers.FloatField(allow_null=True)
    overlap_unknown = serializers.IntegerField()
    cost = serializers.FloatField(allow_null=True)
    cost_low = serializers.FloatField(allow_null=True)
    cost_high = serializers.FloatField(allow_null=True)
    unpriced = serializers.IntegerField()
    tiers = serializers.DictField(child=serializers.IntegerField())
    states = serializers.DictField(child=serializers.IntegerField())


class ListSums(Endpoint):
    verbs = {"GET": "list.read"}

    @documented(RollUpSerializer, operation_id="lists_sums", tags=["Lists"])
    def get(self, request: Any, pk: Any) -> Response:
        row = get_object_or_404(Shortlist.visible_to(request.actor), pk=pk)
        found = lists.roll_up(actor=request.actor, shortlist=row)
        names = ("count", "reached", "total", "overlap_unknown", "cost", "cost_low", "cost_high", "unpriced", "states")
        return Response(
            RollUpSerializer({name: getattr(found, name) for name in names} | {"tiers": dict(found.tiers)}).data
        )
