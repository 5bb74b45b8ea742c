"""Endpoints of shortlists: one per campaign, the creators put aside before anybody is written to."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.errors import DomainError, InvalidInput
from accounts.models import Creator
from accounts.permissions import can
from campaigns.api.campaigns import read
from campaigns.models import Campaign, Partnership
from campaigns.services import shortlist
from matching.models import MatchResult

MOST = 1000


class ShortlistEntrySerializer(serializers.Serializer):
    partnership = serializers.UUIDField()
    creator = serializers.IntegerField()
    display_name = serializers.CharField()
    added_at = serializers.DateTimeField()


class ShortlistSummarySerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="The campaign's id")
    campaign_name = serializers.CharField()
    count = serializers.IntegerField(help_text="Creators on it who were not invited yet")
    actions = serializers.ListField(child=serializers.CharField(), help_text="Transitions open to this key.")


class ShortlistEntriesSerializer(ShortlistSummarySerializer):
    entries = ShortlistEntrySerializer(many=True, help_text="At most 1,000, the latest first")


class ShortlistCreatorsSerializer(serializers.Serializer):
    creators = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=MOST
    )


class ShortlistAddSerializer(ShortlistCreatorsSerializer):
    match = serializers.UUIDField(required=False, help_text="The match that proposed them: its reasons are kept")


class ShortlistResultSerializer(serializers.Serializer):
    creator = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["added", "there", "removed", "refused"])
    partnership = serializers.UUIDField(allow_null=True)
    detail = serializers.CharField(allow_blank=True)


class ShortlistResultsSerializer(serializers.Serializer):
    data = ShortlistResultSerializer(many=True)


def _campaigns(actor: Actor) -> Any:
    waiting = Count("partnerships", filter=Q(partnerships__state="shortlisted"))
    return Campaign.visible_to(actor).annotate(shortlisted_count=waiting)


def _summary(actor: Actor, campaign: Any) -> dict[str, Any]:
    open_now = campaign.state in ("draft", "active") and can(actor, "campaign.change", campaign)
    return {
        "id": campaign.pk,
        "campaign_name": campaign.name,
        "count": campaign.shortlisted_count,
        "actions": ["add", "remove"] if open_now else [],
    }


class Shortlists(Endpoint):
    verbs = {"GET": "campaign.read"}

    @documented(page_of(ShortlistSummarySerializer), paged=True, operation_id="shortlists_list", tags=["Shortlists"])
    def get(self, request: Any) -> Response:
        actor = request.actor
        return Response(
            page(request, _campaigns(actor), lambda row: ShortlistSummarySerializer(_summary(actor, row)).data)
        )


class ShortlistDetail(Endpoint):
    verbs = {"GET": "campaign.read"}

    @documented(ShortlistEntriesSerializer, operation_id="shortlists_read", tags=["Shortlists"])
    def get(self, request: Any, pk: Any) -> Response:
        campaign = get_object_or_404(_campaigns(request.actor), pk=pk)
        rows = Partnership.visible_to(request.actor).filter(campaign=campaign, state="shortlisted")
        entries = [
            {
                "partnership": row.pk,
                "creator": row.creator_id,
                "display_name": row.creator.display_name,
                "added_at": row.created_at,
            }
            for row in rows.select_related("creator").order_by("-pk")[:MOST]
        ]
        return Response(ShortlistEntriesSerializer(_summary(request.actor, campaign) | {"entries": entries}).data)


class ShortlistAdd(Endpoint):
    verbs = {"POST": "campaign.change"}

    @documented(
        ShortlistResultsSerializer, request=ShortlistAddSerializer, operation_id="shortlists_add", tags=["Shortlists"]
    )
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Puts up to 1,000 creators on it, with a result for each. Who is there already stays as they are."""
        campaign = get_object_or_404(Campaign.visible_to(request.actor), pk=pk)
        data = read(ShortlistAddSerializer, request)
        wanted = list(dict.fromkeys(data["creators"]))
        known = {row.pk: row for row in Creator.visible_to(request.actor).filter(pk__in=wanted)}
        results = _results(request.actor, data.get("match"), wanted)
        there = set(
            Partnership.visible_to(request.actor)
            .filter(campaign=campaign, creator_id__in=wanted)
            .values_list("creator_id", flat=True)
        )
        rows = shortlist.shortlist_creators(
            actor=request.actor,
            campaign=campaign,
            creators=[known[pk] for pk in wanted if pk in known and pk not in results],
            results=[results[pk] for pk in wanted if pk in known and pk in results],
        )
        made = {row.creator_id: row.pk for row in rows}
        answer = [
            {
                "creator": pk,
                "status": "refused" if pk not in made else "there" if pk in there else "added",
                "partnership": made.get(pk),
                "detail": "" if pk in made else _("There is no such creator here."),
            }
            for pk in wanted
        ]
        return Response(ShortlistResultsSerializer({"data": answer}).data)


def _results(actor: Actor, match: Any, wanted: list[int]) -> dict[int, MatchResult]:
    if match is None:
        return {}
    rows = MatchResult.visible_to(actor).filter(run_id=match, creator_id__in=wanted).select_related("creator")
    found = {row.creator_id: row for row in rows}
    if not found:
        raise InvalidInput(fields={"match": [_("This match proposed none of these creators.")]})
    return found


class ShortlistRemove(Endpoint):
    verbs = {"POST": "partnership.change"}

    @documented(
        ShortlistResultsSerializer,
        request=ShortlistCreatorsSerializer,
        operation_id="shortlists_remove",
        tags=["Shortlists"],
    )
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Takes creators off again, with a result for each. Who was invited is refused: withdraw the invitation."""
        campaign = get_object_or_404(Campaign.visible_to(request.actor), pk=pk)
        wanted = list(dict.fromkeys(read(ShortlistCreatorsSerializer, request)["creators"]))
        rows = Partnership.visible_to(request.actor).filter(campaign=campaign, creator_id__in=wanted)
        there = {row.creator_id: row for row in rows}
        answer = [_remove(request.actor, pk, there.get(pk)) for pk in wanted]
        return Response(ShortlistResultsSerializer({"data": answer}).data)


def _remove(actor: Actor, creator: int, row: Partnership | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"creator": creator, "status": "removed", "partnership": None, "detail": ""}
    if row is None:
        return shown | {"status": "refused", "detail": _("This creator is not on the shortlist.")}
    try:
        shortlist.remove_from_shortlist(actor=actor, partnership=row)
    except DomainError as refusal:
        return shown | {"status": "refused", "partnership": row.pk, "detail": refusal.message}
    return shown
