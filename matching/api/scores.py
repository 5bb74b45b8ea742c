"""Endpoints of scores, and of the search that Discover runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.endpoint import Endpoint
from accounts.api.paging import MAX_LIMIT, BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import moment, whole
from accounts.models import CreatorRecord
from matching.api import serializers as s
from matching.filters import FILTERS, ORDERS, SearchQuery
from matching.models import CreatorIndex
from matching.search import Row, search


class CreatorScoresSerializer(s.ScoresSerializer):
    creator = serializers.IntegerField()
    computed_at = serializers.DateTimeField(help_text="Ask for what is newer with `since`")


def _scores(row: CreatorIndex) -> dict[str, Any]:
    found = s.scores_of(row) or {}
    return dict(
        CreatorScoresSerializer(found | {"creator": row.creator_id, "computed_at": row.indexed_at}).data,
    )


class Scores(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"creator", "since"})

    @documented(
        page_of(CreatorScoresSerializer),
        paged=True,
        params={"creator": "of one creator", "since": "computed at or after this time"},
        operation_id="scores_list",
        tags=["Creators"],
    )
    def get(self, request: Any) -> Response:
        """What is measured of creators, one row each: values with their 90 % bounds, null where unknown."""
        rows, asked = CreatorIndex.visible_to(request.actor), request.query_params
        if asked.get("creator"):
            rows = rows.filter(creator_id=whole("creator", asked["creator"]))
        if asked.get("since"):
            rows = rows.filter(indexed_at__gte=moment("since", asked["since"]))
        return Response(page(request, rows, _scores))


class ScoresDetail(Endpoint):
    verbs = {"GET": "creator.read"}

    @documented(CreatorScoresSerializer, operation_id="scores_read", tags=["Creators"])
    def get(self, request: Any, pk: int) -> Response:
        """pk: the creator's id."""
        return Response(_scores(get_object_or_404(CreatorIndex.visible_to(request.actor), pk=pk)))


class FoundSerializer(serializers.Serializer):
    """A creator found. Score and families only where words were searched."""

    id = serializers.IntegerField()
    external_id = serializers.CharField(allow_blank=True, help_text="Yours, empty without one")
    display_name = serializers.CharField()
    handles = serializers.ListField(child=serializers.CharField())
    platforms = serializers.ListField(child=serializers.CharField())
    followers = serializers.IntegerField(allow_null=True)
    tier = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True)
    languages = serializers.ListField(child=serializers.CharField())
    topics = serializers.ListField(child=serializers.CharField())
    score = serializers.FloatField(allow_null=True, help_text="0 to 100, of the words searched")
    families = serializers.ListField(child=serializers.DictField())
    scores = s.ScoresSerializer()


class FacetValueSerializer(serializers.Serializer):
    value = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class FacetSerializer(serializers.Serializer):
    name = serializers.CharField()
    values = FacetValueSerializer(many=True)


class SearchSerializer(serializers.Serializer):
    data = FoundSerializer(many=True)
    next_cursor = serializers.CharField(allow_null=True)
    total_estimate = serializers.IntegerField()
    exact = serializers.BooleanField(help_text="Whether total_estimate was counted")
    order = serializers.ChoiceField(choices=list(ORDERS))
    facets = FacetSerializer(many=True)


_MANY = "; may be repeated"
_WORDS = {name: str(f.label) + (_MANY if f.many else "") for name, f in FILTERS.items()}


class Searches(Endpoint):
    verbs = {"GET": "match.read"}
    params = frozenset({"q", "order", *FILTERS})

    @documented(
        SearchSerializer,
        paged=True,
        params={"q": "plain words or a brand text", "order": ", ".join(ORDERS)} | _WORDS,
        operation_id="searches_run",
        tags=["Matches"],
    )
    def get(self, request: Any) -> Response:
        """The search of Discover: words, filters, counts per filter. Nothing is kept; POST /matches keeps its answer."""
        query = _query(request.query_params)
        found = search(actor=request.actor, query=query)
        if found.problems:
            raise BadParameter(fields={"cursor": [_("Use the next_cursor of an earlier answer.")]})
        own = _own_ids(request.actor, [row.index.creator_id for row in found.rows])
        answer = {
            "data": [_found(row, own) for row in found.rows],
            "next_cursor": found.next_cursor or None,
            "total_estimate": found.total,
            "exact": found.exact,
            "order": found.order,
            "facets": [
                {"name": facet.name, "values": [{"value": v.value, "count": v.count} for v in facet.choices]}
                for facet in found.facets
            ],
        }
        return Response(SearchSerializer(answer).data)


def _query(asked: QueryDict) -> SearchQuery:
    """What a page would leave out and say, a program is refused: it would not read the sentence."""
    limit = asked.get("limit", "25")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= MAX_LIMIT):
        raise BadParameter(fields={"limit": [_("A whole number from 1 to 100.")]})
    wrong = {}
    for name in (*FILTERS, "order", "q"):
        alone = QueryDict(mutable=True)
        alone.setlist(name, asked.getlist(name))
        if problems := SearchQuery.parse(alone).problems:
            wrong[name] = list(problems)
    if wrong:
        raise BadParameter(fields=wrong)
    return replace(SearchQuery.parse(asked), problems=())


def _own_ids(actor: Actor, creators: list[int]) -> dict[int, str]:
    rows = CreatorRecord.visible_to(actor).filter(creator_id__in=creators)
    return dict(rows.values_list("creator_id", "external_id"))


def _found(row: Row, own: dict[int, str]) -> dict[str, Any]:
    index, fit = row.index, row.fit
    plain = ("display_name", "handles", "platforms", "followers", "tier", "country", "languages", "topics")
    return {name: getattr(index, name) for name in plain} | {
        "id": index.creator_id,
        "external_id": own.get(index.creator_id, ""),
        "score": fit.score if fit else None,
        "families": asdict(fit)["families"] if fit else [],
        "scores": s.scores_of(index),
    }
