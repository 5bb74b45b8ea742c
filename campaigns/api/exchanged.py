"""Endpoints of what was exchanged: offers, drafts with their remarks, and files of contracts and reports."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier
from campaigns.api import serializers as s
from campaigns.contracts import document
from campaigns.models import Contract, Draft, Offer, Report, ReportFile
from campaigns.models.deliverable import Remark
from campaigns.services import signing

OFFER_STATES = ("open", "superseded", "accepted", "closed")
REPORT_TYPES = {
    "json": "application/json",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class LooseOfferSerializer(s.OfferSerializer):
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)

    class Meta(s.OfferSerializer.Meta):
        fields = ["partnership", *s.OfferSerializer.Meta.fields]
        read_only_fields = fields


class RemarkSerializer(serializers.ModelSerializer):
    class Meta:
        model = Remark
        fields = ["id", "side", "author", "text", "quote", "opinion", "created_at"]
        read_only_fields = fields


class DraftVersionSerializer(serializers.ModelSerializer):
    deliverable = serializers.UUIDField(source="deliverable_id", read_only=True)
    video_url = serializers.CharField(read_only=True, help_text="Empty without one")
    answer = serializers.CharField(
        read_only=True, help_text="approved, changes_requested or cancelled; empty while in review"
    )
    remarks = RemarkSerializer(many=True, read_only=True)

    class Meta:
        model = Draft
        fields = [
            "id", "deliverable", "number", "text", "video_url", "note", "answer", "answer_note", "answered_at", "remarks",
            "created_at",
        ]  # fmt: skip
        read_only_fields = fields


def _offers(request: Any) -> Any:
    return Offer.visible_to(request.actor)


def _drafts(request: Any) -> Any:
    return Draft.visible_to(request.actor).prefetch_related("remarks")


class Offers(Endpoint):
    verbs = {"GET": "partnership.read"}
    params = frozenset({"partnership", "state"})

    @documented(
        page_of(LooseOfferSerializer),
        paged=True,
        params={"partnership": "of one partnership", "state": ", ".join(OFFER_STATES)},
        operation_id="offers_list",
        tags=["Partnerships"],
    )
    def get(self, request: Any) -> Response:
        """Terms proposed by either side. A new one is made by POST /partnerships/{id}/counter."""
        rows, asked = _offers(request), request.query_params
        if asked.get("state"):
            if asked["state"] not in OFFER_STATES:
                raise BadParameter(fields={"state": [_("Known: %(known)s.") % {"known": ", ".join(OFFER_STATES)}]})
            rows = rows.filter(state=asked["state"])
        if asked.get("partnership"):
            rows = rows.filter(partnership_id=identifier("partnership", asked["partnership"]))
        return Response(page(request, rows, lambda row: LooseOfferSerializer(row).data))


class OfferDetail(Endpoint):
    verbs = {"GET": "partnership.read"}

    @documented(LooseOfferSerializer, operation_id="offers_read", tags=["Partnerships"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(LooseOfferSerializer(get_object_or_404(_offers(request), pk=pk)).data)


class Drafts(Endpoint):
    verbs = {"GET": "deliverable.read"}
    params = frozenset({"deliverable", "partnership"})

    @documented(
        page_of(DraftVersionSerializer),
        paged=True,
        params={"deliverable": "of one deliverable", "partnership": "of one partnership"},
        operation_id="drafts_list",
        tags=["Deliverables"],
    )
    def get(self, request: Any) -> Response:
        """Versions shown before publication, with what was said about them."""
        rows, asked = _drafts(request), request.query_params
        for name, column in (("deliverable", "deliverable_id"), ("partnership", "deliverable__partnership_id")):
            if asked.get(name):
                rows = rows.filter(**{column: identifier(name, asked[name])})
        return Response(page(request, rows, lambda row: DraftVersionSerializer(row).data))


class DraftDetail(Endpoint):
    verbs = {"GET": "deliverable.read"}

    @documented(DraftVersionSerializer, operation_id="drafts_read", tags=["Deliverables"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(DraftVersionSerializer(get_object_or_404(_drafts(request), pk=pk)).data)


def attachment(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    """A file with its fingerprint (RFC 9530), so that the receiver can tell that it came whole."""
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    digest = hashlib.sha256(content)
    answer["Content-Digest"] = f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    answer["ETag"] = f'"{digest.hexdigest()[:32]}"'
    return answer


class ContractFileOf(Endpoint):
    verbs = {"GET": "contract.read"}

    @documented({(200, "application/pdf"): OpenApiTypes.BINARY}, operation_id="contracts_file", tags=["Contracts"])
    def get(self, request: Any, pk: Any) -> HttpResponse:
        """The sealed file, else the one sent, else a preview of the draft."""
        contract = get_object_or_404(Contract.visible_to(request.actor), pk=pk)
        file = signing.sealed_file(contract) or contract.files.filter(kind="sent").first()
        content = bytes(file.content) if file else document.render(contract)
        return attachment(content, name=f"contract-{contract.reference}.pdf", content_type="application/pdf")


class ReportFileOf(Endpoint):
    verbs = {"GET": "result.read"}
    params = frozenset({"language"})

    @documented(
        {(200, content_type): OpenApiTypes.BINARY for content_type in REPORT_TYPES.values()},
        params={"language": "fr or en; en by default"},
        operation_id="reports_file",
        tags=["Reports"],
    )
    def get(self, request: Any, pk: Any, kind: str) -> HttpResponse:
        """The very bytes frozen (json) or drawn when it was frozen (pdf, csv, xlsx), with their fingerprint."""
        language = request.query_params.get("language", "en")
        if language not in ("fr", "en"):
            raise BadParameter(fields={"language": [_("Known: %(known)s.") % {"known": "fr, en"}]})
        report = get_object_or_404(Report.visible_to(request.actor), pk=pk)
        if kind not in REPORT_TYPES:
            raise Http404
        if kind == "json":
            content = bytes(report.body)
        else:
            files = ReportFile.visible_to(request.actor).filter(report=report, kind=kind, language=language)
            found = files.first()
            if found is None:
                raise Http404
            content = bytes(found.body)
        name = f"report-{report.number}-{report.frozen_at:%Y%m%d}.{kind}"
        return attachment(content, name=name, content_type=REPORT_TYPES[kind])


urlpatterns: list[URLPattern] = [
    path("offers", Offers.as_view(), name="api_offers"),
    path("offers/<uuid:pk>", OfferDetail.as_view(), name="api_offer"),
    path("drafts", Drafts.as_view(), name="api_drafts"),
    path("drafts/<uuid:pk>", DraftDetail.as_view(), name="api_draft"),
    path("contracts/<uuid:pk>/file", ContractFileOf.as_view(), name="api_contract_file"),
    path("reports/<uuid:pk>/file.<str:kind>", ReportFileOf.as_view(), name="api_report_file"),
]
