"""How creators, accounts, posts and matches look in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Creator, SocialAccount
from matching.contracts import FAMILIES
from matching.ingest.fields import ENTITIES
from matching.models import CreatorIndex, MatchRun, Post


class ProvenanceField(serializers.Field):
    """Where a datum came from and on what basis."""

    def to_representation(self, value: Any) -> dict[str, str]:
        return {"kind": value.kind, "label": value.label, "basis": value.basis}


class AccountSerializer(serializers.ModelSerializer):
    creator = serializers.IntegerField(source="creator_id", read_only=True)
    source = serializers.SerializerMethodField(help_text="Kind, label and basis of the origin.")
    url = serializers.CharField(read_only=True)

    class Meta:
        model = SocialAccount
        fields = [
            "id",
            "creator",
            "platform",
            "handle",
            "url",
            "display_name",
            "bio",
            "category",
            "followers",
            "following",
            "posts_count",
            "is_verified",
            "observed_at",
            "source",
        ]
        read_only_fields = fields

    def get_source(self, account: SocialAccount) -> dict[str, str] | None:
        return ProvenanceField().to_representation(account.source) if account.source else None


class IntervalSerializer(serializers.Serializer):
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class ScoresSerializer(serializers.Serializer):
    """Null is unknown, never 0. Bounds are 90 % intervals; see docs/formulas.md for each formula."""

    engagement_rate = IntervalSerializer()
    engagement_base = serializers.CharField(allow_blank=True)
    engagement_percentile = serializers.FloatField(allow_null=True)
    qualified_share = IntervalSerializer()
    reply_rate = serializers.FloatField(allow_null=True)
    coherence = serializers.FloatField(allow_null=True)
    sponsored_share = serializers.FloatField(allow_null=True)
    growth_90d = serializers.FloatField(allow_null=True)
    audience = IntervalSerializer()
    posture = IntervalSerializer()
    coverage = serializers.FloatField()
    version = serializers.CharField(allow_blank=True)
    fresh_at = serializers.DateTimeField(allow_null=True)


def scores_of(index: CreatorIndex | None) -> dict[str, Any] | None:
    if index is None:
        return None

    def interval(name: str, value: str = "") -> dict[str, Any]:
        return {
            "value": getattr(index, value or name),
            "low": getattr(index, f"{name}_low"),
            "high": getattr(index, f"{name}_high"),
        }

    plain = ("reply_rate", "coherence", "sponsored_share", "growth_90d", "coverage", "fresh_at")
    return {name: getattr(index, name) for name in plain} | {
        "engagement_rate": interval("er"),
        "engagement_base": index.er_base,
        "engagement_percentile": index.er_percentile,
        "qualified_share": interval("qualified"),
        "audience": interval("audience", "audience_score"),
        "posture": interval("posture", "posture_score"),
        "version": index.signals_version,
    }


class CreatorSerializer(serializers.ModelSerializer):
    external_id = serializers.SerializerMethodField(help_text="Yours, set by POST /creators/bulk")
    accounts = AccountSerializer(many=True, read_only=True)
    topics = serializers.SerializerMethodField()
    scores = serializers.SerializerMethodField()

    class Meta:
        model = Creator
        fields = [
            "id",
            "external_id",
            "display_name",
            "bio",
            "country",
            "city",
            "languages",
            "claimed_at",
            "accounts",
            "topics",
            "scores",
        ]
        read_only_fields = fields

    def get_external_id(self, creator: Creator) -> str:
        records = getattr(creator, "own_records", [])
        return records[0].external_id if records else ""

    def get_topics(self, creator: Creator) -> list[str]:
        index = getattr(creator, "index", None)
        return index.topics if index else []

    @extend_schema_field(ScoresSerializer(allow_null=True))
    def get_scores(self, creator: Creator) -> dict[str, Any] | None:
        return scores_of(getattr(creator, "index", None))


class SignalSerializer(serializers.Serializer):
    """One signal with its interval, sample size, coverage, cell and evidence."""

    name = serializers.CharField()
    unit = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    n = serializers.IntegerField()
    coverage = serializers.FloatField()
    version = serializers.CharField()
    percentile = serializers.FloatField(allow_null=True)
    cell = serializers.CharField(allow_blank=True)
    evidence = serializers.ListField(child=serializers.DictField())
    details = serializers.DictField()


class ExplainedCreatorSerializer(CreatorSerializer):
    explanation = SignalSerializer(many=True, required=False, help_text="With include=explanation")

    class Meta(CreatorSerializer.Meta):
        fields = [*CreatorSerializer.Meta.fields, "explanation"]


class PostSerializer(serializers.ModelSerializer):
    account = serializers.IntegerField(source="account_id", read_only=True)
    url = serializers.CharField(read_only=True)

    class Meta:
        model = Post
        fields = [
            "id",
            "account",
            "platform",
            "external_id",
            "posted_at",
            "kind",
            "caption",
            "url",
            "language",
            "hashtags",
            "sponsors",
            "is_sponsored",
            "likes",
            "comments_count",
            "shares",
            "saves",
            "views",
            "reach",
            "observed_at",
        ]
        read_only_fields = fields


class EngineBriefSerializer(serializers.Serializer):
    """A brief for the engine. Everything but `text` is optional; nothing means no wish."""

    text = serializers.CharField(max_length=20_000)
    language = serializers.CharField(required=False)
    product = serializers.CharField(required=False)
    audience = serializers.CharField(required=False)
    topics = serializers.ListField(child=serializers.CharField(), required=False)
    languages = serializers.ListField(child=serializers.CharField(), required=False)
    countries = serializers.ListField(child=serializers.CharField(), required=False)
    platforms = serializers.ListField(child=serializers.CharField(), required=False)
    followers_min = serializers.IntegerField(required=False)
    followers_max = serializers.IntegerField(required=False)
    forms = serializers.ListField(child=serializers.CharField(), required=False)
    sectors = serializers.ListField(child=serializers.CharField(), required=False)
    values_wanted = serializers.ListField(child=serializers.CharField(), required=False)
    values_refused = serializers.ListField(child=serializers.CharField(), required=False)
    competitors = serializers.ListField(child=serializers.CharField(), required=False)
    budget_per_creator = serializers.DecimalField(max_digits=12, decimal_places=2, required=False)
    currency = serializers.CharField(required=False)
    in_kind_only = serializers.BooleanField(required=False)
    exclude_creators = serializers.ListField(child=serializers.IntegerField(), required=False)
    hard = serializers.ListField(child=serializers.CharField(), required=False)
    weights = serializers.DictField(child=serializers.FloatField(), required=False, help_text=", ".join(FAMILIES))


class MatchRequestSerializer(serializers.Serializer):
    brief = EngineBriefSerializer(help_text="See docs/matching.md")
    limit = serializers.IntegerField(min_value=1, max_value=200, required=False, default=50)


class MatchSerializer(serializers.Serializer):
    """The same answer as the page and `manage.py match --json`."""

    id = serializers.UUIDField()
    engine_version = serializers.CharField()
    weights = serializers.DictField(help_text="By family, with the version they were published under")
    brief = serializers.DictField()
    created_at = serializers.DateTimeField()
    results = serializers.ListField(child=serializers.DictField())


class BulkResultSerializer(serializers.Serializer):
    index = serializers.IntegerField(help_text="Position in your list, from 0")
    status = serializers.ChoiceField(choices=["created", "updated", "unchanged", "duplicate", "rejected"])
    id = serializers.IntegerField(allow_null=True)
    errors = serializers.ListField(child=serializers.DictField())


class BulkAnswerSerializer(serializers.Serializer):
    data = BulkResultSerializer(many=True)
    stored = serializers.IntegerField()
    rejected = serializers.IntegerField()


class MatchSummarySerializer(serializers.ModelSerializer):
    class Meta:
        model = MatchRun
        fields = [
            "id",
            "brief",
            "engine_version",
            "weights",
            "index_size",
            "eligible",
            "considered",
            "excluded",
            "created_at",
        ]
        read_only_fields = fields


_KINDS = {"count": serializers.IntegerField, "bool": serializers.BooleanField, "time": serializers.DateTimeField}


def _rows_of(entity: str) -> type[serializers.Serializer]:
    """The schema of a bulk body, from the importer's own table of fields. Reading is the importer's work."""
    own = {"external_id": serializers.CharField(required=False, help_text="Yours")} if entity == "accounts" else {}
    row = {
        field.name: (
            serializers.ListField(child=serializers.CharField(), required=field.required)
            if field.kind in ("names", "languages")
            else _KINDS.get(field.kind, serializers.CharField)(required=field.required, help_text=str(field.label))
        )
        for field in ENTITIES[entity].fields
    }
    title = "".join(part.title() for part in entity.split("_"))
    one = type(f"{title}RowSerializer", (serializers.Serializer,), row | own)
    body = {
        "rows": one(many=True, help_text="1 to 1,000 rows"),
        "source": serializers.CharField(max_length=200, required=False, help_text="Where the rows come from"),
    }
    return type(f"Bulk{title}Serializer", (serializers.Serializer,), body)


BulkAccountsSerializer = _rows_of("accounts")
BulkPostsSerializer = _rows_of("posts")
BulkCommentsSerializer = _rows_of("comments")
BulkFollowerCountsSerializer = _rows_of("follower_counts")


class ImportRequestSerializer(serializers.Serializer):
    files = serializers.ListField(child=serializers.FileField(), help_text="CSV, TSV or JSONL, gzipped or not")
    mapping = serializers.CharField(help_text="The mapping as YAML or JSON (docs/importing.md)")
    source = serializers.CharField(required=False, max_length=200)
    kind = serializers.CharField(required=False, max_length=30)
