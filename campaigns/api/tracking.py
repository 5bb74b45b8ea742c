"""Endpoints of tracked links, promo codes and clicks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import COUNTED_EXACTLY, BadParameter, decode_place, encode_place, limit_of, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier, moment
from accounts.errors import InvalidInput
from accounts.permissions import can
from campaigns.api.campaigns import read
from campaigns.links.counts import by_minute, counts_of, minutes
from campaigns.models import Campaign, Partnership, TrackedLink
from campaigns.services import tracking
from campaigns.states import LINK


class CountsSerializer(serializers.Serializer):
    clicks = serializers.IntegerField(help_text="Of people")
    unique = serializers.IntegerField(help_text="At most one per network, kind of device and hour")
    machines = serializers.IntegerField(help_text="Kept, never counted")


class LinkSerializer(serializers.ModelSerializer):
    campaign = serializers.UUIDField(source="campaign_id", read_only=True)
    partnership = serializers.UUIDField(source="partnership_id", read_only=True, allow_null=True)
    url = serializers.SerializerMethodField(help_text="What people click on")
    target = serializers.SerializerMethodField(help_text="Where they arrive")
    counts = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField(help_text="Transitions open to this key now.")

    class Meta:
        model = TrackedLink
        fields = [
            "id", "campaign", "partnership", "url", "slug", "label", "destination", "target", "utm", "click_param", "state",
            "expires_at", "problem", "counts", "created_at", "actions",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, link: TrackedLink) -> str:
        return tracking.address(link)

    def get_target(self, link: TrackedLink) -> str:
        return tracking.target(link)

    def get_counts(self, link: TrackedLink) -> CountsSerializer:
        found = counts_of(self.context["actor"], [link.pk])[link.pk]
        return {"clicks": found.clicks, "unique": found.unique, "machines": found.machines}  # type: ignore[return-value]

    def get_actions(self, link: TrackedLink) -> list[str]:
        return steps(self.context["actor"], link)


class LinkWriteSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    partnership = serializers.UUIDField(
        required=False, allow_null=True, help_text="Left out: a link of the campaign itself"
    )
    destination = serializers.CharField(max_length=1500, help_text="https, a public name, no redirect; never changes")
    slug = serializers.CharField(max_length=60, required=False, allow_blank=True)
    label = serializers.CharField(max_length=80, required=False, allow_blank=True)
    utm = serializers.DictField(child=serializers.CharField(max_length=100, allow_blank=True), required=False)
    click_param = serializers.CharField(
        max_length=30, required=False, allow_blank=True,
        help_text="Only with your visitors' consent: the parameter that carries the click's id",
    )  # fmt: skip
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class LinkChangeSerializer(serializers.Serializer):
    """What is left out stays as it is; null takes the end away."""

    label = serializers.CharField(max_length=80, required=False, allow_blank=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class LinksForAllSerializer(serializers.Serializer):
    campaign = serializers.UUIDField()
    destination = serializers.CharField(max_length=1500)
    utm = serializers.DictField(child=serializers.CharField(max_length=100, allow_blank=True), required=False)


class LinksMadeSerializer(serializers.Serializer):
    data = LinkSerializer(many=True)
    kept = serializers.IntegerField(help_text="Creators who had a link to this destination")


class MinuteSerializer(CountsSerializer):
    minute = serializers.DateTimeField()


class ClicksSerializer(serializers.Serializer):
    link = serializers.UUIDField()
    data = MinuteSerializer(many=True)


def steps(actor: Actor, row: Any) -> list[str]:
    if not can(actor, "link.change", row):
        return []
    return [step.verb for step in LINK.open_to(row.state, actor.side)]


def campaign_of(actor: Actor, pk: UUID) -> Campaign:
    found = Campaign.visible_to(actor).filter(pk=pk).select_related("brand", "workspace").first()
    if found is None:
        raise InvalidInput(fields={"campaign": [_("There is no such campaign in this workspace.")]})
    return found


def partnership_of(actor: Actor, pk: UUID | None) -> Partnership | None:
    if pk is None:
        return None
    found = Partnership.visible_to(actor).filter(pk=pk).select_related("creator", "campaign__brand").first()
    if found is None:
        raise InvalidInput(fields={"partnership": [_("There is no such partnership in this workspace.")]})
    return found


def by_uuid(request: Any, rows: Any, *names: str) -> Any:
    """Rows filtered by query parameters that are ids. A malformed one is the caller's fault."""
    for name in names:
        if text := request.query_params.get(name):
            try:
                rows = rows.filter(**{f"{name}_id": UUID(text)})
            except ValueError as error:
                raise BadParameter(fields={name: [_("This is not an id.")]}) from error
    return rows


def _link(request: Any, row: TrackedLink) -> dict[str, Any]:
    return dict(LinkSerializer(row, context={"actor": request.actor}).data)


class Links(Endpoint):
    verbs = {"GET": "link.read", "POST": "link.change"}
    params = frozenset({"campaign", "partnership"})

    @documented(
        page_of(LinkSerializer), paged=True, params={"campaign": "links of one campaign", "partnership": "of one creator in it"},
        operation_id="links_list", tags=["Links"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        rows = by_uuid(request, TrackedLink.visible_to(request.actor), "campaign", "partnership")
        return Response(page(request, rows, lambda row: _link(request, row)))

    @documented(LinkSerializer, request=LinkWriteSerializer, status=201, operation_id="links_create", tags=["Links"])
    @idempotent
    def post(self, request: Any) -> Response:
        data = read(LinkWriteSerializer, request)
        campaign = campaign_of(request.actor, data.pop("campaign"))
        partnership = partnership_of(request.actor, data.pop("partnership", None))
        row = tracking.create_link(actor=request.actor, campaign=campaign, partnership=partnership, **data)
        return Response(_link(request, row), status=201)


class LinksForAll(Endpoint):
    """One link for each creator who accepted and has none to this destination."""

    verbs = {"POST": "link.change"}

    @documented(LinksMadeSerializer, request=LinksForAllSerializer, operation_id="links_for_all", tags=["Links"])
    @idempotent
    def post(self, request: Any) -> Response:
        data = read(LinksForAllSerializer, request)
        campaign = campaign_of(request.actor, data.pop("campaign"))
        made, had = tracking.create_links_for_all(actor=request.actor, campaign=campaign, **data)
        return Response({"data": [_link(request, row) for row in made], "kept": len(had)})


class LinkDetail(Endpoint):
    verbs = {"GET": "link.read"}

    @documented(LinkSerializer, operation_id="links_read", tags=["Links"])
    def get(self, request: Any, pk: UUID) -> Response:
        return Response(_link(request, get_object_or_404(TrackedLink.visible_to(request.actor), pk=pk)))


class LinkPause(Endpoint):
    verbs = {"POST": "link.change"}

    @documented(LinkSerializer, writes=True, operation_id="links_pause", tags=["Links"])
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        row = get_object_or_404(TrackedLink.visible_to(request.actor), pk=pk)
        return Response(_link(request, tracking.pause_link(actor=request.actor, link=row)))


class LinkResume(Endpoint):
    verbs = {"POST": "link.change"}

    @documented(LinkSerializer, writes=True, operation_id="links_resume", tags=["Links"])
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        row = get_object_or_404(TrackedLink.visible_to(request.actor), pk=pk)
        return Response(_link(request, tracking.resume_link(actor=request.actor, link=row)))


class LinkChange(Endpoint):
    """Label and end. Where a link leads never changes."""

    verbs = {"POST": "link.change"}

    @documented(LinkSerializer, request=LinkChangeSerializer, operation_id="links_change", tags=["Links"])
    @idempotent
    def post(self, request: Any, pk: UUID) -> Response:
        row = get_object_or_404(TrackedLink.visible_to(request.actor), pk=pk)
        data = {"expires_at": row.expires_at} | read(LinkChangeSerializer, request)
        return Response(_link(request, tracking.change_link(actor=request.actor, link=row, **data)))


class Clicks(Endpoint):
    """Clicks of one link by minute, newest first, at most 1,000 minutes. No visitor is ever told apart here."""

    verbs = {"GET": "link.read"}

    @documented(ClicksSerializer, operation_id="links_clicks", tags=["Links"])
    def get(self, request: Any, pk: UUID) -> Response:
        row = get_object_or_404(TrackedLink.visible_to(request.actor), pk=pk)
        return Response({"link": str(row.pk), "data": MinuteSerializer(by_minute(request.actor, row), many=True).data})


class LinkMinuteSerializer(MinuteSerializer):
    link = serializers.UUIDField()


class AllClicks(Endpoint):
    """Clicks of all links by link and minute, newest first. No visitor is ever told apart here."""

    verbs = {"GET": "link.read"}
    params = frozenset({"link", "campaign", "partnership", "since"})

    @documented(
        page_of(LinkMinuteSerializer), paged=True,
        params={
            "link": "of one link", "campaign": "of one campaign", "partnership": "of one creator in it",
            "since": "of this minute or later",
        },
        operation_id="clicks_list", tags=["Links"],
    )  # fmt: skip
    def get(self, request: Any) -> Response:
        asked = request.query_params
        rows = minutes(request.actor)
        for name, column in (("link", "link"), ("campaign", "link__campaign"), ("partnership", "link__partnership")):
            if asked.get(name):
                rows = rows.filter(**{column: identifier(name, asked[name])})
        if asked.get("since"):
            rows = rows.filter(minute__gte=moment("since", asked["since"]))
        limit, after = limit_of(asked.get("limit")), _minute(asked.get("cursor"))
        total = rows[: COUNTED_EXACTLY + 1].count()
        if after is not None:
            rows = rows.filter(Q(minute__lt=after[0]) | Q(minute=after[0], link__lt=after[1]))
        found = list(rows.order_by("-minute", "-link")[: limit + 1])
        shown = found[:limit]
        following = None
        if len(found) > limit:
            following = encode_place(f"{shown[-1]['minute'].isoformat()} {shown[-1]['link']}")
        return Response(
            {
                "data": LinkMinuteSerializer(shown, many=True).data,
                "next_cursor": following,
                "total_estimate": total,
            }
        )


def _minute(cursor: str | None) -> tuple[datetime, UUID] | None:
    place = decode_place(cursor)
    if place is None:
        return None
    try:
        at, link = place.split(" ")
        return datetime.fromisoformat(at), UUID(link)
    except ValueError as error:
        raise BadParameter(fields={"cursor": [_("Use the next_cursor of an earlier answer.")]}) from error
