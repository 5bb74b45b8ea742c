"""Endpoints of campaigns and their briefs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, check_if_match, idempotent
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier
from accounts.errors import InvalidInput
from accounts.models import Brand
from campaigns.api import serializers as s
from campaigns.models import Brief, Campaign
from campaigns.services import briefs, campaigns
from campaigns.states import CAMPAIGN


def _present(request: Any, campaign: Campaign) -> dict[str, Any]:
    return s.CampaignSerializer(campaign, context={"actor": request.actor}).data


def read(serializer: type[serializers.Serializer], request: Any, **options: Any) -> dict[str, Any]:
    form = serializer(data=request.data, **options)
    form.is_valid(raise_exception=True)
    return s.plain(form.validated_data)


class Campaigns(Endpoint):
    verbs = {"GET": "campaign.read", "POST": "campaign.change"}
    params = frozenset({"external_id", "state"})

    @documented(
        page_of(s.CampaignSerializer),
        paged=True,
        params={"external_id": "look one up by your own identifier", "state": "one of the campaign's states"},
        operation_id="campaigns_list",
        tags=["Campaigns"],
    )
    def get(self, request: Any) -> Response:
        rows = Campaign.visible_to(request.actor)
        state = request.query_params.get("state")
        if state and state not in CAMPAIGN.states:
            raise BadParameter(fields={"state": [_("Known: %(known)s.") % {"known": ", ".join(CAMPAIGN.states)}]})
        for name in self.params:
            if request.query_params.get(name):
                rows = rows.filter(**{name: request.query_params[name]})
        return Response(page(request, rows, lambda row: _present(request, row)))

    @documented(
        s.CampaignSerializer,
        request=s.CampaignWriteSerializer,
        status=201,
        operation_id="campaigns_create",
        tags=["Campaigns"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Creates a campaign in draft. A known `external_id` answers that campaign and changes nothing."""
        data = read(s.CampaignWriteSerializer, request)
        known = (
            data.get("external_id")
            and Campaign.visible_to(request.actor).filter(external_id=data["external_id"]).first()
        )
        if known:
            return Response(_present(request, known), status=200)
        brand = Brand.visible_to(request.actor).filter(pk=data.pop("brand")).first()
        if brand is None:
            raise InvalidInput(fields={"brand": [_("There is no such brand in this workspace.")]})
        campaign = campaigns.create_campaign(actor=request.actor, brand=brand, **data)
        return Response(_present(request, campaign), status=201)


class CampaignDetail(Endpoint):
    verbs = {"GET": "campaign.read", "PATCH": "campaign.change"}

    @documented(s.CampaignSerializer, operation_id="campaigns_read", tags=["Campaigns"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(_present(request, get_object_or_404(Campaign.visible_to(request.actor), pk=pk)))

    @documented(
        s.CampaignSerializer,
        request=s.CampaignChangeSerializer,
        operation_id="campaigns_change",
        if_match=True,
        tags=["Campaigns"],
    )
    @idempotent
    def patch(self, request: Any, pk: Any) -> Response:
        campaign = get_object_or_404(Campaign.visible_to(request.actor), pk=pk)
        check_if_match(request, _present(request, campaign))
        changed = campaigns.update_campaign(
            actor=request.actor, campaign=campaign, **read(s.CampaignChangeSerializer, request)
        )
        return Response(_present(request, changed or campaign))


class CampaignTransition(Endpoint):
    """Base of activate, close and cancel."""

    verbs = {"POST": "campaign.change"}
    body: ClassVar[type[serializers.Serializer]] = s.NothingSerializer

    def perform(self, actor: Any, campaign: Campaign, data: dict[str, Any]) -> None:
        raise NotImplementedError

    def transition(self, request: Any, pk: Any) -> Response:
        campaign = get_object_or_404(Campaign.visible_to(request.actor), pk=pk)
        self.perform(request.actor, campaign, read(self.body, request))
        campaign.refresh_from_db()
        return Response(_present(request, campaign))


class CampaignActivate(CampaignTransition):
    @documented(
        s.CampaignSerializer, request=s.NothingSerializer, operation_id="campaigns_activate", tags=["Campaigns"]
    )
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Opens the campaign for invitations; 422 says what the brief still lacks."""
        return self.transition(request, pk)

    def perform(self, actor: Any, campaign: Campaign, data: dict[str, Any]) -> None:
        campaigns.activate_campaign(actor=actor, campaign=campaign)


class CampaignClose(CampaignTransition):
    body = s.OptionalMessageSerializer

    @documented(
        s.CampaignSerializer, request=s.OptionalMessageSerializer, operation_id="campaigns_close", tags=["Campaigns"]
    )
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        """Everyone still waiting gets a polite answer."""
        return self.transition(request, pk)

    def perform(self, actor: Any, campaign: Campaign, data: dict[str, Any]) -> None:
        campaigns.close_campaign(actor=actor, campaign=campaign, **data)


class CampaignCancel(CampaignTransition):
    body = s.ReasonSerializer

    @documented(s.CampaignSerializer, request=s.ReasonSerializer, operation_id="campaigns_cancel", tags=["Campaigns"])
    @idempotent
    def post(self, request: Any, pk: Any) -> Response:
        return self.transition(request, pk)

    def perform(self, actor: Any, campaign: Campaign, data: dict[str, Any]) -> None:
        campaigns.cancel_campaign(actor=actor, campaign=campaign, **data)


class Briefs(Endpoint):
    verbs = {"GET": "campaign.read", "POST": "campaign.change"}
    params = frozenset({"campaign"})

    @documented(
        page_of(s.BriefSerializer),
        paged=True,
        params={"campaign": "versions of one campaign's brief"},
        operation_id="briefs_list",
        tags=["Briefs"],
    )
    def get(self, request: Any) -> Response:
        rows = Brief.visible_to(request.actor)
        campaign = request.query_params.get("campaign")
        if campaign:
            rows = rows.filter(campaign_id=identifier("campaign", campaign))
        return Response(page(request, rows, lambda row: s.BriefSerializer(row).data))

    @documented(
        s.BriefSerializer, request=s.BriefWriteSerializer, status=201, operation_id="briefs_save", tags=["Briefs"]
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Saves the campaign's brief. A version already sent or locked is kept and a new one is made."""
        data = read(s.BriefWriteSerializer, request)
        campaign = Campaign.visible_to(request.actor).filter(pk=data.pop("campaign")).first()
        if campaign is None:
            raise InvalidInput(fields={"campaign": [_("There is no such campaign in this workspace.")]})
        brief = briefs.save_brief(actor=request.actor, campaign=campaign, **data)
        return Response(s.BriefSerializer(brief).data, status=201)


class BriefDetail(Endpoint):
    verbs = {"GET": "campaign.read"}

    @documented(s.BriefSerializer, operation_id="briefs_read", tags=["Briefs"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(s.BriefSerializer(get_object_or_404(Brief.visible_to(request.actor), pk=pk)).data)
