"""Endpoints of matches: a brief in, an explained answer out, kept as it was."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.errors import InvalidInput
from matching.api import serializers as s
from matching.briefs import BriefError, parse_brief
from matching.models import MatchRun
from matching.services.match import match_payload, run_match


class Matches(Endpoint):
    verbs = {"GET": "match.read", "POST": "match.run"}

    @documented(page_of(s.MatchSummarySerializer), paged=True, operation_id="matches_list", tags=["Matches"])
    def get(self, request: Any) -> Response:
        return Response(
            page(request, MatchRun.visible_to(request.actor), lambda row: s.MatchSummarySerializer(row).data)
        )

    @documented(
        s.MatchSerializer, request=s.MatchRequestSerializer, status=201, operation_id="matches_run", tags=["Matches"]
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Runs a brief. Hard limits exclude with their reason; every answer is kept and can be read again."""
        if not isinstance(request.data, dict):
            raise InvalidInput(fields={"brief": [_("Send an object with the field “brief”.")]})
        unknown = sorted(set(request.data) - {"brief", "limit"})
        if unknown:
            raise InvalidInput(fields={str(name)[:60]: [_("Unknown field.")] for name in unknown})
        try:
            brief = parse_brief(request.data.get("brief"))
        except BriefError as error:
            raise InvalidInput(
                _("The brief cannot be used."),
                code=error.code,
                fields={f"brief{e.pointer}": [e.message] for e in error.errors},
            ) from error
        limit = request.data.get("limit", 50)
        if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= 200:
            raise InvalidInput(fields={"limit": [_("A whole number from 1 to 200.")]})
        run = run_match(actor=request.actor, brief=brief, limit=limit)
        return Response(match_payload(run), status=201)


class MatchDetail(Endpoint):
    verbs = {"GET": "match.read"}

    @documented(s.MatchSerializer, operation_id="matches_read", tags=["Matches"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(match_payload(get_object_or_404(MatchRun.visible_to(request.actor), pk=pk)))
