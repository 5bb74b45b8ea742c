"""Endpoints of conversions, contents with their counters, and frozen reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.models import PlatformName, Workspace
from campaigns.api.campaigns import read
from campaigns.api.tracking import by_uuid, campaign_of, partnership_of
from campaigns.models import AttributionEntry, Content, ContentMetrics, Conversion, ConversionKind, Reason, Report
from campaigns.services import conversions, reports, results

COUNTER = {"min_value": 0, "max_value": results.COUNTER_MOST, "required": False, "allow_null": True}


class EntrySerializer(serializers.ModelSerializer):
    """One reading by the current rule; `reversed` entries carry what was taken back."""

    reason = serializers.ChoiceField(choices=Reason.choices)
    campaign = serializers.UUIDField(source="campaign_id", allow_null=True)
    partnership = serializers.UUIDField(source="partnership_id", allow_null=True)
    rule_version = serializers.IntegerField(source="run.rule_version")
    formula = serializers.CharField(source="run.formula")

    class Meta:
        model = AttributionEntry
        fields = [
            "reason",
            "campaign",
            "partnership",
            "credited",
            "amount",
            "currency",
            "rule_version",
            "formula",
            "at",
        ]
        read_only_fields = fields


class ConversionSerializer(serializers.ModelSerializer):
    link = serializers.SerializerMethodField(help_text="slug of the tracked link, null without one we know")
    left = serializers.SerializerMethodField(help_text="amount less what was given back")
    attribution = serializers.SerializerMethodField()

    class Meta:
        model = Conversion
        fields = [
            "id", "external_id", "order_id", "kind", "amount", "currency", "at", "code", "link", "clicked_at", "country",
            "source", "received_at", "left", "attribution",
        ]  # fmt: skip
        read_only_fields = fields

    def get_link(self, row: Conversion) -> str | None:
        return row.link.slug if row.link else None

    def get_left(self, row: Conversion) -> str:
        return str(conversions.amount_left(row))

    @extend_schema_field(EntrySerializer(many=True))
    def get_attribution(self, row: Conversion) -> list[dict[str, Any]]:
        entries = AttributionEntry.visible_to(self.context["actor"]).filter(conversion=row, run__is_current=True)
        return EntrySerializer(entries.select_related("run").order_by("at", "pk"), many=True).data  # type: ignore[return-value]


class ConversionWriteSerializer(serializers.Serializer):
    order_id = serializers.CharField(max_length=120, help_text="One order counts once, whatever tells it")
    external_id = serializers.CharField(
        max_length=120,
        required=False,
        allow_blank=True,
        help_text="Of this message; order_id when left out. A replay changes nothing",
    )
    kind = serializers.ChoiceField(choices=ConversionKind.choices, required=False)
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    at = serializers.DateTimeField(required=False)
    code = serializers.CharField(max_length=60, required=False, allow_blank=True)
    link = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="slug, as in utm_content or the address"
    )
    click = serializers.UUIDField(required=False, allow_null=True, help_text="Only where the visitor agreed")
    clicked_at = serializers.DateTimeField(required=False, allow_null=True)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)


class ReversalWriteSerializer(serializers.Serializer):
    amount = serializers.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        allow_null=True,
        help_text="Left out: all that is left",
    )
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class ContentSerializer(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)
    partnership = serializers.UUIDField(source="partnership_id", read_only=True, allow_null=True)
    creator = serializers.IntegerField(source="creator_id", read_only=True)

    class Meta:
        model = Content
        fields = [
            "id",
            "external_id",
            "campaign",
            "partnership",
            "creator",
            "platform",
            "form",
            "url",
            "published_at",
            "earned",
        ]
        read_only_fields = fields


class ContentWriteSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    partnership = serializers.UUIDField()
    platform = serializers.ChoiceField(choices=PlatformName.choices)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)
    published_at = serializers.DateTimeField()
    form = serializers.CharField(max_length=15, required=False, allow_blank=True)
    external_id = serializers.CharField(max_length=120, required=False, allow_blank=True)
    earned = serializers.BooleanField(required=False)


class MetricsWriteSerializer(serializers.Serializer):
    """What is left out is unknown, never 0."""

    at = serializers.DateTimeField(required=False)
    views = serializers.IntegerField(**COUNTER)
    reach = serializers.IntegerField(**COUNTER, help_text="Measured by the network")
    likes = serializers.IntegerField(**COUNTER)
    comments = serializers.IntegerField(**COUNTER)
    shares = serializers.IntegerField(**COUNTER)
    saves = serializers.IntegerField(**COUNTER)
    qualified = serializers.IntegerField(**COUNTER)


class ContentMetricsSerializer(MetricsWriteSerializer):
    id = serializers.UUIDField()
    source = serializers.CharField()


class ReportSerializer(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)

    class Meta:
        model = Report
        fields = ["id", "campaign", "number", "formula", "input_hash", "body_sha256", "note", "frozen_at", "frozen_by"]
        read_only_fields = fields


class FrozenReportSerializer(ReportSerializer):
    content = serializers.SerializerMethodField(help_text="The frozen content: inputs, figures, formulas")

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "content"]

    def get_content(self, row: Report) -> dict[str, Any]:
        return reports.read_frozen(row)


class ReportWriteSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


def _conversion(request: Any, row: Conversion) -> dict[str, Any]:
    return dict(ConversionSerializer(row, context={"actor": request.actor}).data)


class Conversions(Endpoint):
    verbs = {"GET": "conversion.read", "POST": "conversion.write"}
    params = frozenset({"external_id", "order_id"})

    @documented(
        page_of(ConversionSerializer), paged=True, params={"external_id": "of the message", "order_id": "of the order"},
        operation_id="conversions_list", tags=["Conversions"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        rows = Conversion.visible_to(request.actor).select_related("link")
        for name in self.params:
            if request.query_params.get(name):
                rows = rows.filter(**{name: request.query_params[name]})
        return Response(page(request, rows, lambda row: _conversion(request, row)))

    @documented(
        {(201, "application/json"): ConversionSerializer, (200, "application/json"): ConversionSerializer},
        request=ConversionWriteSerializer, operation_id="conversions_create", tags=["Conversions"],
    )  # fmt: skip
    @idempotent
    def post(self, request: Any) -> Response:
        """Tells a conversion. 201 stored and attributed; 200 when this external_id was told before: nothing changes."""
        data = read(ConversionWriteSerializer, request)
        workspace = get_object_or_404(Workspace.visible_to(request.actor))
        row, created = conversions.record_conversion(actor=request.actor, workspace=workspace, source="api", **data)
        return Response(_conversion(request, row), status=201 if created else 200)


class ConversionDetail(Endpoint):
    verbs = {"GET": "conversion.read"}

    @documented(ConversionSerializer, operation_id="conversions_read", tags=["Conversions"])
    def get(self, request: Any, pk: UUID) -> Response:
        return Response(_conversion(request, get_object_or_404(Conversion.visible_to(request.actor), pk=pk)))


class ConversionReverse(Endpoint):
    verbs = {"POST": "conversion.write"}

    @documented(
        ConversionSerializer, request=ReversalWriteSerializer, operation_id="conversions_reverse", tags=["Conversions"]
    )
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        """Gives back all that is left, or a part. The same external_id again changes nothing."""
        row = get_object_or_404(Conversion.visible_to(request.actor), pk=pk)
        conversions.reverse_conversion(actor=request.actor, conversion=row, **read(ReversalWriteSerializer, request))
        return Response(_conversion(request, row))


class Contents(Endpoint):
    verbs = {"GET": "result.read", "POST": "result.change"}
    params = frozenset({"campaign", "partnership"})

    @documented(
        page_of(ContentSerializer), paged=True, params={"campaign": "contents of one campaign", "partnership": "of one creator in it"},
        operation_id="contents_list", tags=["Contents"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        rows = by_uuid(request, Content.visible_to(request.actor), "campaign", "partnership")
        return Response(page(request, rows, lambda row: ContentSerializer(row).data))

    @documented(
        ContentSerializer, request=ContentWriteSerializer, status=201, operation_id="contents_create", tags=["Contents"]
    )
    @idempotent
    def post(self, request: Any) -> Response:
        data = read(ContentWriteSerializer, request)
        campaign = campaign_of(request.actor, data.pop("campaign"))
        partnership = partnership_of(request.actor, data.pop("partnership"))
        creator = partnership.creator if partnership else None
        row = results.add_content(
            actor=request.actor, campaign=campaign, partnership=partnership, creator=creator, **data
        )
        return Response(ContentSerializer(row).data, status=201)


class ContentDetail(Endpoint):
    verbs = {"GET": "result.read"}

    @documented(ContentSerializer, operation_id="contents_read", tags=["Contents"])
    def get(self, request: Any, pk: UUID) -> Response:
        return Response(ContentSerializer(get_object_or_404(Content.visible_to(request.actor), pk=pk)).data)


class ContentMetricsOf(Endpoint):
    verbs = {"GET": "result.read", "POST": "result.change"}

    @documented(page_of(ContentMetricsSerializer), paged=True, operation_id="contents_metrics", tags=["Contents"])
    def get(self, request: Any, pk: UUID) -> Response:
        """The counters of this content over time, the latest stored first. Null is unknown, never 0."""
        content = get_object_or_404(Content.visible_to(request.actor), pk=pk)
        rows = ContentMetrics.visible_to(request.actor).filter(content=content)
        return Response(page(request, rows, lambda row: ContentMetricsSerializer(row).data))

    @documented(
        ContentMetricsSerializer,
        request=MetricsWriteSerializer,
        status=201,
        operation_id="contents_measure",
        tags=["Contents"],
    )
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        """Counters of one moment. The same moment with the same counters changes nothing."""
        content = get_object_or_404(Content.visible_to(request.actor).select_related("campaign"), pk=pk)
        data = read(MetricsWriteSerializer, request)
        when = data.pop("at", None)
        row = results.record_metrics(actor=request.actor, content=content, values=data, at=when, source="api")
        return Response(ContentMetricsSerializer(row).data, status=201)


class Reports(Endpoint):
    verbs = {"GET": "result.read", "POST": "result.change"}
    params = frozenset({"campaign"})

    @documented(
        page_of(ReportSerializer), paged=True, params={"campaign": "reports of one campaign"},
        operation_id="reports_list", tags=["Reports"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        rows = by_uuid(request, Report.visible_to(request.actor).defer("body"), "campaign")
        return Response(page(request, rows, lambda row: ReportSerializer(row).data))

    @documented(
        ReportSerializer, request=ReportWriteSerializer, status=201, operation_id="reports_freeze", tags=["Reports"]
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Freezes the campaign's report as it stands now."""
        data = read(ReportWriteSerializer, request)
        campaign = campaign_of(request.actor, data.pop("campaign"))
        return Response(
            ReportSerializer(reports.freeze(actor=request.actor, campaign=campaign, **data)).data, status=201
        )


class ReportDetail(Endpoint):
    verbs = {"GET": "result.read"}

    @documented(FrozenReportSerializer, operation_id="reports_read", tags=["Reports"])
    def get(self, request: Any, pk: UUID) -> Response:
        return Response(FrozenReportSerializer(get_object_or_404(Report.visible_to(request.actor), pk=pk)).data)
