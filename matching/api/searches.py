"""Endpoints of searches kept under a name, and of what is told about audiences."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.errors import InvalidInput
from accounts.models import Basis, SocialAccount, SourceKind
from matching.api.bodies import read
from matching.filters import SearchQuery
from matching.models import AudienceSample, AudienceShare, SavedSearch, SearchNews
from matching.services import audience, searches


class SavedSearchWriteSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=120)
    query = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=4000), max_length=30),
        help_text='Parameters of GET /searches, each a list: {"q": ["slow travel"], "country": ["FR", "BE"]}',
    )


class SavedSearchSerializer(serializers.ModelSerializer):
    query = serializers.SerializerMethodField(help_text="As parameters of GET /searches")

    class Meta:
        model = SavedSearch
        fields = ["id", "name", "query", "alert", "checked_at", "created_at"]
        read_only_fields = fields

    def get_query(self, row: Any) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in searches.query_of(row).parameters():
            found.setdefault(name, []).append(value)
        return found


class SavedSearches(Endpoint):
    verbs = {"GET": "search.read", "POST": "search.change"}

    @documented(page_of(SavedSearchSerializer), paged=True, operation_id="saved_searches_list", tags=["Searches"])
    def get(self, request: Any) -> Response:
        return Response(
            page(request, SavedSearch.visible_to(request.actor), lambda row: SavedSearchSerializer(row).data)
        )

    @documented(
        SavedSearchSerializer,
        request=SavedSearchWriteSerializer,
        status=201,
        operation_id="saved_searches_create",
        tags=["Searches"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Kept without mail: a key has nobody to be told. What a program cannot mean is refused, not left out."""
        data = read(SavedSearchWriteSerializer, request)
        query = SearchQuery.parse(data["query"])
        if query.problems:
            raise InvalidInput(fields={"query": list(query.problems)})
        made = searches.save_search(actor=request.actor, name=data["name"], query=query)
        return Response(SavedSearchSerializer(made).data, status=201)


class SavedSearchDetail(Endpoint):
    verbs = {"GET": "search.read", "DELETE": "search.change"}

    @documented(SavedSearchSerializer, operation_id="saved_searches_read", tags=["Searches"])
    def get(self, request: Any, pk: Any) -> Response:
        return Response(SavedSearchSerializer(get_object_or_404(SavedSearch.visible_to(request.actor), pk=pk)).data)

    @documented({204: None}, writes=True, operation_id="saved_searches_delete", tags=["Searches"])
    @idempotent
    def delete(self, request: Any, pk: Any) -> Response:
        row = get_object_or_404(SavedSearch.visible_to(request.actor), pk=pk)
        searches.remove_search(actor=request.actor, search=row)
        return Response(status=204)


class NewsSerializer(serializers.ModelSerializer):
    creators = serializers.ListField(source="creator_ids", child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = SearchNews
        fields = ["id", "creators", "found_at", "read_at"]
        read_only_fields = fields


class SavedSearchNews(Endpoint):
    verbs = {"GET": "search.read"}

    @documented(page_of(NewsSerializer), paged=True, operation_id="saved_searches_news", tags=["Searches"])
    def get(self, request: Any, pk: Any) -> Response:
        row = get_object_or_404(SavedSearch.visible_to(request.actor), pk=pk)
        rows = SearchNews.visible_to(request.actor).filter(search=row)
        return Response(page(request, rows, lambda news: NewsSerializer(news).data, by="found_at"))


class AudienceShareSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="source.label", read_only=True)

    class Meta:
        model = AudienceShare
        fields = ["dimension", "key", "share", "n", "observed_at", "source"]
        read_only_fields = fields


class AudienceSampleSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="source.label", read_only=True)

    class Meta:
        model = AudienceSample
        fields = ["n", "observed_at", "source"]
        read_only_fields = fields


class AudienceSerializer(serializers.Serializer):
    shares = AudienceShareSerializer(many=True, help_text="The newest told, at most 400")
    samples = AudienceSampleSerializer(many=True, help_text="Samples of followers, newest first: sizes only")


class _Given(serializers.Serializer):
    observed_at = serializers.DateTimeField(required=False, help_text="When it was drawn; now by default")
    source = serializers.CharField(max_length=200)
    basis = serializers.ChoiceField(choices=[value for value in Basis.values if value != Basis.FICTION])


class ShareRowSerializer(serializers.Serializer):
    dimension = serializers.ChoiceField(choices=list(audience.DIMENSIONS))
    key = serializers.CharField(max_length=20, help_text="FR, 25-34, female, fr")
    share = serializers.FloatField(min_value=0, max_value=1)
    n = serializers.IntegerField(min_value=1, max_value=2_000_000_000, required=False, allow_null=True)


class SharesWriteSerializer(_Given):
    shares = serializers.ListField(child=ShareRowSerializer(), min_length=1, max_length=audience.MOST_SHARES)


class SampleWriteSerializer(_Given):
    people = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=audience.MOST_PEOPLE,
        help_text="Per follower: posts, following, followers, picture, private, and name or name_length, name_digits, name_ends_digit. Names are not kept.",
    )  # fmt: skip


class KeptSerializer(serializers.Serializer):
    kept = serializers.IntegerField(help_text="Rows kept")


class AccountAudience(Endpoint):
    verbs = {"GET": "creator.read"}

    @documented(AudienceSerializer, operation_id="accounts_audience", tags=["Creators"])
    def get(self, request: Any, pk: int) -> Response:
        account = get_object_or_404(SocialAccount.visible_to(request.actor), pk=pk)
        shares = AudienceShare.visible_to(request.actor).filter(account=account).select_related("source")
        samples = AudienceSample.visible_to(request.actor).filter(account=account).select_related("source")
        answer = {
            "shares": shares.order_by("-observed_at", "dimension", "-share")[: audience.MOST_SHARES],
            "samples": samples.defer("people").order_by("-observed_at")[:100],
        }
        return Response(AudienceSerializer(answer).data)


class _Give(Endpoint):
    verbs = {"POST": "import.run"}
    kind, rows, body = "", "", _Given

    def keep(self, request: Any, pk: int) -> Response:
        account = get_object_or_404(SocialAccount.visible_to(request.actor), pk=pk)
        data = read(self.body, request)
        moment = data.get("observed_at") or timezone.now()
        if moment > timezone.now():
            raise InvalidInput(fields={"observed_at": [_("This day has not come yet.")]})
        kept = audience.keep_sent(
            actor=request.actor, account=account, kind=self.kind, rows=data[self.rows], observed_at=moment,
            label=data["source"], basis=data["basis"], origin=SourceKind.API,
        )  # fmt: skip
        return Response(KeptSerializer({"kept": kept}).data, status=201)


class AudienceShares(_Give):
    kind, rows, body = "shares", "shares", SharesWriteSerializer

    @documented(KeptSerializer, request=SharesWriteSerializer, status=201, operation_id="accounts_audience_shares", tags=["Creators"])  # fmt: skip
    @idempotent
    def post(self, request: Any, pk: int) -> Response:
        """Shares of an account's audience. Those of the same moment and dimension are replaced."""
        return self.keep(request, pk)


class AudienceSamples(_Give):
    kind, rows, body = "sample", "people", SampleWriteSerializer

    @documented(KeptSerializer, request=SampleWriteSerializer, status=201, operation_id="accounts_audience_samples", tags=["Creators"])  # fmt: skip
    @idempotent
    def post(self, request: Any, pk: int) -> Response:
        """Sampled followers of an account, as numbers. The creator is scored anew."""
        return self.keep(request, pk)
