"""Endpoints of pieces and disclosure checks. One table gives every transition of a piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier
from accounts.errors import InvalidInput
from accounts.models import Brand
from campaigns.api.campaigns import read
from campaigns.disclosure.packs import platforms
from campaigns.disclosure.verdicts import RELATIONSHIPS
from campaigns.disclosure.wording import NOTICES, TO_CONFIRM, said
from campaigns.models import Deliverable, DisclosureCheck
from campaigns.services import publication, review
from campaigns.services.checks import check_text
from campaigns.states import DELIVERABLE
from campaigns.works import deliverables, verbs


class FindingSerializer(serializers.Serializer):
    country = serializers.CharField()
    verdict = serializers.ChoiceField(choices=["clear", "ambiguous", "missing"])
    code = serializers.CharField(help_text="Stable: nothing, vague, not_first, buried, …")
    rule = serializers.CharField(help_text="id in the country's pack, empty without one")
    start = serializers.IntegerField(allow_null=True, help_text="offset of the deciding words in the text")
    end = serializers.IntegerField(allow_null=True)
    quote = serializers.CharField()
    reason = serializers.CharField(help_text="in the language asked for")
    fix = serializers.CharField()
    source = serializers.CharField(help_text="address where the rule was read")


class CheckSerializer(serializers.ModelSerializer):
    deliverable = serializers.UUIDField(source="deliverable_id", read_only=True, allow_null=True)
    findings = serializers.SerializerMethodField(help_text="Strictest first.")

    class Meta:
        model = DisclosureCheck
        fields = [
            "id", "deliverable", "subject", "verdict", "findings", "text", "text_hash", "language", "platform", "countries",
            "packs", "url", "ticks", "confirmed_by", "confirmed_at", "checked_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(FindingSerializer(many=True))
    def get_findings(self, check: DisclosureCheck) -> list[dict[str, Any]]:
        order = {"missing": 0, "ambiguous": 1, "clear": 2}
        found = [finding for country in check.findings for finding in country["findings"]]
        return [_finding(one, check) for one in sorted(found, key=lambda one: order[one["verdict"]])]


def _finding(one: dict[str, Any], check: DisclosureCheck) -> dict[str, Any]:
    told = said(one, language=check.language, platform=check.platform)
    plain = {name: one[name] for name in ("country", "verdict", "code", "rule", "start", "end", "quote")}
    return plain | {"reason": told.title, "fix": told.fix, "source": told.url}


class PieceSerializer(serializers.ModelSerializer):
    partnership = serializers.UUIDField(source="partnership_id", read_only=True)
    campaign = serializers.UUIDField(source="partnership.campaign_id", read_only=True)
    creator = serializers.IntegerField(source="creator_id", read_only=True)
    published_url = serializers.CharField(read_only=True, help_text="Address of the publication, empty before")
    disclosure = serializers.SerializerMethodField(help_text="Verdict of the newest check of the publication, or null")
    draft = serializers.SerializerMethodField(help_text="Number of the newest draft, or null")
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key now.")

    class Meta:
        model = Deliverable
        fields = [
            "id", "partnership", "campaign", "creator", "number", "form", "format", "platform", "quantity", "note", "due_on",
            "state", "state_changed_at", "rounds_allowed", "rounds_used", "draft", "published_url", "published_at", "caption",
            "toggle", "disclosure", "late_at", "verified_at", "verified_by", "waived_at", "waiver_reason", "closing_note",
            "created_at", "actions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_disclosure(self, row: Deliverable) -> str | None:
        return row.newest_check.verdict if row.newest_check else None

    def get_draft(self, row: Deliverable) -> int | None:
        return row.newest_draft.number if row.newest_draft else None

    def get_actions(self, row: Deliverable) -> list[str]:
        known = {step.name for step in STEPS}
        return [verb for verb in verbs(self.context["actor"], row) if verb in known]


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class NeededNoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=1000)


class PieceReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class DraftSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=6000, required=False, allow_blank=True, default="")
    video_url = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class PublicationSerializer(serializers.Serializer):
    url = serializers.CharField(max_length=500)
    caption = serializers.CharField(max_length=6000, trim_whitespace=False)
    toggle = serializers.BooleanField(required=False, allow_null=True, default=None)


class CorrectionSerializer(PublicationSerializer):
    url = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")  # type: ignore[assignment]


class TicksSerializer(serializers.Serializer):
    ticks = serializers.ListField(
        child=serializers.ChoiceField(choices=list(TO_CONFIRM)), max_length=10, help_text="what a person has seen"
    )
    check_id = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="the check looked at")


class NewDateSerializer(serializers.Serializer):
    due_on = serializers.DateField()


class EmptySerializer(serializers.Serializer):
    pass


def _rows(request: Any) -> Any:
    return deliverables(request.actor)


def _present(request: Any, row: Deliverable) -> dict[str, Any]:
    return PieceSerializer(row, context={"actor": request.actor}).data


class Deliverables(Endpoint):
    verbs = {"GET": "deliverable.read"}
    params = frozenset({"partnership", "campaign", "state"})

    @documented(
        page_of(PieceSerializer),
        paged=True,
        params={
            "partnership": "of one partnership", "campaign": "of one campaign", "state": "one of the states of a deliverable",
        },
        operation_id="deliverables_list",
        tags=["Deliverables"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        rows, asked = _rows(request), request.query_params
        if asked.get("state"):
            if asked["state"] not in DELIVERABLE.states:
                raise BadParameter(
                    fields={"state": [_("Known: %(known)s.") % {"known": ", ".join(DELIVERABLE.states)}]}
                )
            rows = rows.filter(state=asked["state"])
        for name, column in (("partnership", "partnership_id"), ("campaign", "partnership__campaign_id")):
            if asked.get(name):
                rows = rows.filter(**{column: identifier(name, asked[name])})
        return Response(page(request, rows, lambda row: _present(request, row)))


class DeliverableDetail(Endpoint):
    verbs = {"GET": "deliverable.read"}

    @documented(PieceSerializer, operation_id="deliverables_read", tags=["Deliverables"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(_present(request, get_object_or_404(_rows(request), pk=pk)))


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    perform: Callable[..., Any]
    body: type[serializers.Serializer]
    verb: str
    text: str


STEPS = (
    Step("submit_draft", review.submit_draft, DraftSerializer, "deliverable.make", "The creator shows a draft."),
    Step("approve", review.approve, NoteSerializer, "deliverable.review", "Agrees to the draft in review."),
    Step(
        "request_changes",
        review.request_changes,
        NeededNoteSerializer,
        "deliverable.review",
        "Asks for changes; uses one of the agreed rounds.",
    ),
    Step("reject", review.reject, NeededNoteSerializer, "deliverable.review", "Refuses the piece for good."),
    Step(
        "publish",
        publication.publish,
        PublicationSerializer,
        "deliverable.publish",
        "Enters the publication; its label is checked at once.",
    ),
    Step(
        "correct",
        publication.correct,
        CorrectionSerializer,
        "deliverable.publish",
        "The caption as it was mended; checked again.",
    ),
    Step("recheck", publication.recheck, EmptySerializer, "deliverable.review", "Checks the caption by today's rules."),
    Step(
        "verify",
        publication.verify,
        TicksSerializer,
        "deliverable.review",
        "A person confirms what text cannot show; only with a clear verdict.",
    ),
    Step(
        "waive",
        publication.waive,
        PieceReasonSerializer,
        "deliverable.review",
        "Closes a flag with a reason; the piece stays unverified.",
    ),
    Step("reopen", review.reopen, NewDateSerializer, "deliverable.review", "Gives a missed piece a new date."),
    Step("cancel", review.cancel, PieceReasonSerializer, "deliverable.review", "Takes the piece off the agreement."),
)


def _endpoint(step: Step) -> type[Endpoint]:
    def post(self: Endpoint, request: Any, pk: Any) -> Response:
        row = get_object_or_404(_rows(request), pk=pk)
        step.perform(actor=request.actor, deliverable=row, **read(step.body, request))
        return Response(_present(request, _rows(request).get(pk=pk)))

    post.__doc__ = step.text
    shown = documented(
        PieceSerializer, request=step.body, operation_id=f"deliverables_{step.name}", tags=["Deliverables"]
    )
    members = {"verbs": {"POST": step.verb}, "post": shown(idempotent(post)), "__doc__": step.text}
    return type(f"Deliverable{step.name.title().replace('_', '')}", (Endpoint,), members)


class CheckRequestSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=6000, trim_whitespace=False, allow_blank=True)
    countries = serializers.ListField(child=serializers.CharField(max_length=2), min_length=1, max_length=20)
    language = serializers.CharField(max_length=5, required=False, allow_blank=True, default="")
    platform = serializers.ChoiceField(choices=sorted(platforms()["fold"]), required=False, default="instagram")
    relationship = serializers.ChoiceField(choices=RELATIONSHIPS, required=False, default="paid")
    brand = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="one of your brands")
    notices = serializers.ListField(
        child=serializers.ChoiceField(choices=list(NOTICES)), required=False, default=list, max_length=10
    )
    toggle = serializers.BooleanField(required=False, allow_null=True, default=None)


class DisclosureChecks(Endpoint):
    verbs = {"GET": "disclosure.read", "POST": "disclosure.check"}
    params = frozenset({"deliverable", "verdict"})

    @documented(
        page_of(CheckSerializer),
        paged=True,
        params={"deliverable": "of one deliverable", "verdict": "clear, ambiguous or missing"},
        operation_id="disclosure_checks_list",
        tags=["Disclosure"],
    )
    def get(self, request: Any) -> Response:
        rows, asked = DisclosureCheck.visible_to(request.actor), request.query_params
        if asked.get("verdict"):
            if asked["verdict"] not in ("clear", "ambiguous", "missing"):
                raise BadParameter(
                    fields={"verdict": [_("Known: %(known)s.") % {"known": "clear, ambiguous, missing"}]}
                )
            rows = rows.filter(verdict=asked["verdict"])
        if asked.get("deliverable"):
            rows = rows.filter(deliverable_id=identifier("deliverable", asked["deliverable"]))
        return Response(page(request, rows, lambda row: CheckSerializer(row).data))

    @documented(
        CheckSerializer,
        request=CheckRequestSerializer,
        status=201,
        operation_id="disclosure_checks_create",
        tags=["Disclosure"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Checks a text by the rules of the targeted countries and keeps the verdict. Not legal advice."""
        data = read(CheckRequestSerializer, request)
        brand_id = data.pop("brand", None)
        brand = Brand.visible_to(request.actor).filter(pk=brand_id).first() if brand_id else None
        if brand_id and brand is None:
            raise InvalidInput(fields={"brand": [_("There is no such thing here.")]})
        found = check_text(actor=request.actor, brand=brand, **data)
        return Response(CheckSerializer(found).data, status=201)


class DisclosureCheckDetail(Endpoint):
    verbs = {"GET": "disclosure.read"}

    @documented(CheckSerializer, operation_id="disclosure_checks_read", tags=["Disclosure"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(CheckSerializer(get_object_or_404(DisclosureCheck.visible_to(request.actor), pk=pk)).data)


urlpatterns: list[URLPattern] = [
    path("deliverables", Deliverables.as_view(), name="api_deliverables"),
    path("deliverables/<uuid:pk>", DeliverableDetail.as_view(), name="api_deliverable"),
    *(
        path(f"deliverables/<uuid:pk>/{step.name}", _endpoint(step).as_view(), name=f"api_deliverable_{step.name}")
        for step in STEPS
    ),
    path("disclosure-checks", DisclosureChecks.as_view(), name="api_disclosure_checks"),
    path("disclosure-checks/<uuid:pk>", DisclosureCheckDetail.as_view(), name="api_disclosure_check"),
]
