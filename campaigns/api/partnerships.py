"""Endpoints of partnerships: the shortlist, the invitation, the answers. One table gives every transition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import identifier, whole
from accounts.errors import InvalidInput
from accounts.models import Creator
from campaigns.api import serializers as s
from campaigns.api.campaigns import read
from campaigns.models import Campaign, Partnership
from campaigns.services import answers, contract_steps, invitations, progress, shortlist
from campaigns.states import PARTNERSHIP
from matching.models import MatchResult


def _present(request: Any, partnership: Partnership) -> dict[str, Any]:
    return s.PartnershipSerializer(partnership, context={"actor": request.actor}).data


def _rows(request: Any) -> Any:
    return Partnership.visible_to(request.actor).select_related("campaign", "creator").prefetch_related("offers")


class Partnerships(Endpoint):
    verbs = {"GET": "partnership.read", "POST": "partnership.change"}
    params = frozenset({"campaign", "creator", "state"})

    @documented(
        page_of(s.PartnershipSerializer),
        paged=True,
        params={"campaign": "of one campaign", "creator": "of one creator", "state": "one of the partnership's states"},
        operation_id="partnerships_list",
        tags=["Partnerships"],
    )
    def get(self, request: Any) -> Response:
        rows, asked = _rows(request), request.query_params
        if asked.get("state"):
            if asked["state"] not in PARTNERSHIP.states:
                raise BadParameter(
                    fields={"state": [_("Known: %(known)s.") % {"known": ", ".join(PARTNERSHIP.states)}]}
                )
            rows = rows.filter(state=asked["state"])
        if asked.get("campaign"):
            rows = rows.filter(campaign_id=identifier("campaign", asked["campaign"]))
        if asked.get("creator"):
            rows = rows.filter(creator_id=whole("creator", asked["creator"]))
        return Response(page(request, rows, lambda row: _present(request, row)))

    @documented(
        {201: s.PartnershipSerializer, 200: s.PartnershipSerializer},
        request=s.ShortlistSerializer,
        operation_id="partnerships_shortlist",
        tags=["Partnerships"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Puts a creator on the campaign's shortlist (201). One already there is answered as it is (200)."""
        data = read(s.ShortlistSerializer, request)
        campaign = Campaign.visible_to(request.actor).filter(pk=data["campaign"]).first()
        creator = Creator.visible_to(request.actor).filter(pk=data["creator"]).first()
        missing = {
            name: [_("There is no such thing here.")]
            for name, row in (("campaign", campaign), ("creator", creator))
            if row is None
        }
        result = None
        if data.get("match"):
            result = (
                MatchResult.visible_to(request.actor).filter(run_id=data["match"], creator_id=data["creator"]).first()
            )
            if result is None:
                missing["match"] = [_("This match did not propose this creator.")]
        if missing:
            raise InvalidInput(fields=missing)
        given = {"results": [result]} if result else {"creators": [creator]}
        known = Partnership.visible_to(request.actor).filter(campaign=campaign, creator=creator).exists()
        [partnership] = shortlist.shortlist_creators(actor=request.actor, campaign=campaign, **given)
        return Response(_present(request, _rows(request).get(pk=partnership.pk)), status=200 if known else 201)


class PartnershipDetail(Endpoint):
    verbs = {"GET": "partnership.read"}

    @documented(s.PartnershipSerializer, operation_id="partnerships_read", tags=["Partnerships"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(_present(request, get_object_or_404(_rows(request), pk=pk)))


def _accept(*, actor: Any, partnership: Partnership, offer: Any = None) -> Any:
    return answers.accept(actor=actor, partnership=partnership, offer_id=offer)


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    perform: Callable[..., Any]
    body: type[serializers.Serializer]
    verb: str
    text: str


STEPS = (
    Step("invite", invitations.invite, s.InviteSerializer, "partnership.change", "Sends one personal invitation."),
    Step(
        "remind",
        invitations.remind,
        s.NothingSerializer,
        "partnership.change",
        "Reminds gently; two reminders at most.",
    ),
    Step(
        "extend",
        invitations.extend_deadline,
        s.DeadlineSerializer,
        "partnership.change",
        "Moves the deadline to answer.",
    ),
    Step(
        "withdraw",
        invitations.withdraw,
        s.ClosingMessageSerializer,
        "partnership.change",
        "Takes the invitation back, with a message.",
    ),
    Step("accept", _accept, s.AcceptSerializer, "partnership.answer", "Accepts the other side's offer."),
    Step("decline", answers.decline, s.DeclineSerializer, "partnership.answer", "The creator declines, with a reason."),
    Step(
        "counter",
        answers.counter_offer,
        s.TermsSerializer,
        "partnership.answer",
        "Proposes other terms; three per side.",
    ),
    Step(
        "contract",
        contract_steps.go_without_contract,
        s.ReasonSerializer,
        "partnership.change",
        "Goes on without a contract, with a reason; refused where the law demands one.",
    ),
    Step("go_live", progress.go_live, s.NothingSerializer, "partnership.change", "The content is published."),
    Step("complete", progress.complete, s.NothingSerializer, "partnership.change", "Everything agreed was done."),
    Step(
        "cancel",
        progress.cancel,
        s.ReasonSerializer,
        "partnership.answer",
        "Cancels an accepted partnership, with a reason.",
    ),
)


def _endpoint(step: Step) -> type[Endpoint]:
    def post(self: Endpoint, request: Any, pk: Any) -> Response:
        partnership = get_object_or_404(_rows(request), pk=pk)
        step.perform(actor=request.actor, partnership=partnership, **read(step.body, request))
        return Response(_present(request, _rows(request).get(pk=pk)))

    post.__doc__ = step.text
    shown = documented(
        s.PartnershipSerializer, request=step.body, operation_id=f"partnerships_{step.name}", tags=["Partnerships"]
    )
    members = {"verbs": {"POST": step.verb}, "post": shown(idempotent(post)), "__doc__": step.text}
    return type(f"Partnership{step.name.title().replace('_', '')}", (Endpoint,), members)


transitions: list[URLPattern] = [
    path(f"partnerships/<uuid:pk>/{step.name}", _endpoint(step).as_view(), name=f"api_partnership_{step.name}")
    for step in STEPS
]
