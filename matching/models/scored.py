"""What was computed: versioned signals, the flat row that is searched, and what waits to be recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from pgvector.django import HalfVectorField

from accounts.models.querysets import TenantQuerySet, Visible

if TYPE_CHECKING:
    from accounts.actors import Actor


class ScoredQuerySet(TenantQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            return self.filter(creator__erased_at__isnull=True)
        return self.filter(creator_id=actor.creator_id) if actor.creator_id is not None else self.none()


class Signals(Visible):
    """Every signal of one creator under one version: payload is name → `contracts.Signal.to_json()`.

    A recompute adds a row and moves `is_current`; nothing is deleted first.
    """

    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="signals")
    engine_version = models.CharField(max_length=40)
    priors_version = models.CharField(max_length=40, blank=True)
    input_hash = models.CharField(max_length=64)
    payload = models.JSONField()
    is_current = models.BooleanField(default=True)
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()

    objects = ScoredQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["creator"], condition=models.Q(is_current=True), name="one_current_signals")
        ]
        indexes = [models.Index(fields=["creator", "-computed_at"], name="signals_history")]


class Priors(models.Model):
    """Population priors fitted on this installation's own index, by version (empirical Bayes)."""

    version = models.CharField(max_length=40, unique=True)
    payload = models.JSONField()
    creators = models.IntegerField()
    fitted_at = models.DateTimeField()
    is_current = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="one_current_priors"
            )
        ]


class CreatorIndex(Visible):
    """One flat, indexed row per creator: what filters, sorts and retrieves. Rebuilt from data at any time.

    Rates and shares are fractions (0..1); *_low/*_high bound 90 % intervals; *_score are 0..100 among
    comparable creators (null = not enough data). `disclosed`: posterior share of partnership-like posts that say so;
    `authentic`: lower bound of the share of usual accounts. `min_fee` is the lowest minimum fee over forms. A trigger
    copies the vector and the filters beside it to `CreatorVector`, where neighbours are searched.
    """

    creator = models.OneToOneField("accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="index")
    display_name = models.CharField(max_length=160)
    handles = ArrayField(models.CharField(max_length=120), default=list)
    platforms = ArrayField(models.CharField(max_length=10), default=list)
    main_platform = models.CharField(max_length=10, blank=True)
    followers = models.BigIntegerField(null=True)
    tier = models.CharField(max_length=10, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list)
    country = models.CharField(max_length=2, blank=True)
    city = models.CharField(max_length=120, blank=True)
    topics = ArrayField(models.CharField(max_length=60), default=list)
    topic_shares = models.JSONField(default=dict)
    posts_n = models.IntegerField(default=0)
    comments_n = models.IntegerField(default=0)
    last_post_at = models.DateTimeField(null=True)
    # signals, flattened
    er = models.FloatField(null=True)
    er_low = models.FloatField(null=True)
    er_high = models.FloatField(null=True)
    er_percentile = models.FloatField(null=True)
    er_base = models.CharField(max_length=10, blank=True)
    qualified = models.FloatField(null=True)
    qualified_low = models.FloatField(null=True)
    qualified_high = models.FloatField(null=True)
    qualified_percentile = models.FloatField(null=True)
    reply_rate = models.FloatField(null=True)
    coherence = models.FloatField(null=True)
    sponsored_share = models.FloatField(null=True)
    growth_90d = models.FloatField(null=True)
    disclosed = models.FloatField(null=True)
    authentic = models.FloatField(null=True)
    audience_score = models.FloatField(null=True)
    audience_low = models.FloatField(null=True)
    audience_high = models.FloatField(null=True)
    posture_score = models.FloatField(null=True)
    posture_low = models.FloatField(null=True)
    posture_high = models.FloatField(null=True)
    reliability_score = models.FloatField(null=True)
    reliability_low = models.FloatField(null=True)
    reliability_high = models.FloatField(null=True)
    coverage = models.FloatField(default=0)
    risk_flags = ArrayField(models.CharField(max_length=40), default=list)
    # the creator's limits, flattened
    is_minor = models.BooleanField(default=False)
    is_claimed = models.BooleanField(default=False)
    contactable = models.BooleanField(default=False)
    refused_sectors = ArrayField(models.CharField(max_length=40), default=list)
    forms = ArrayField(models.CharField(max_length=30), default=list)
    min_fee = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    fee_currency = models.CharField(max_length=3, default="EUR")
    accepts_in_kind = models.BooleanField(null=True)
    unavailable_until = models.DateField(null=True)
    capacity_per_month = models.PositiveSmallIntegerField(null=True)
    shows_reasons = models.BooleanField(default=True)
    # retrieval
    embedding = HalfVectorField(dimensions=256, null=True)
    signals_version = models.CharField(max_length=40, blank=True)
    fresh_at = models.DateTimeField(null=True)
    indexed_at = models.DateTimeField()

    objects = ScoredQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["topics"], name="index_topics"),
            GinIndex(fields=["languages"], name="index_languages"),
            models.Index(fields=["country", "followers"], name="index_country_followers"),
            models.Index(fields=["followers"], name="index_followers"),
            models.Index(fields=["country"], name="index_unread", condition=models.Q(embedding__isnull=True)),
            models.Index(models.F("last_post_at").desc(nulls_last=True), "creator", name="index_by_last_post"),
            models.Index(models.F("audience_score").desc(nulls_last=True), "creator", name="index_by_audience"),
            models.Index(models.F("posture_score").desc(nulls_last=True), "creator", name="index_by_posture"),
            models.Index(models.F("er_percentile").desc(nulls_last=True), "creator", name="index_by_engagement"),
            models.Index(models.F("qualified_percentile").desc(nulls_last=True), "creator", name="index_by_qualified"),
            models.Index(models.F("growth_90d").desc(nulls_last=True), "creator", name="index_by_growth"),
            models.Index(models.F("followers").desc(nulls_last=True), "creator", name="index_by_followers"),
        ]


class PostVectors(models.Model):
    """Vectors of a creator's recent posts, packed: `vectors` is float16 (n, 256) in the order of `post_ids`.

    `captions` holds what each says (`signals.captions.PACKED`). `text_hashes` is int64 (n,): the text all that was
    read from, so that an edited caption is read again.
    `comments` holds what each comment is (`signals.said.PACKED`, a row per key).
    `document_hash` tells the texts and names behind `CreatorIndex.document`.
    """

    creator = models.OneToOneField(
        "accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="post_vectors"
    )
    post_ids = ArrayField(models.BigIntegerField(), default=list)
    vectors = models.BinaryField()
    text_hashes = models.BinaryField(default=bytes)
    captions = models.BinaryField(default=bytes)
    comments = models.BinaryField(null=True)
    document_hash = models.BigIntegerField(null=True)
    space_version = models.CharField(max_length=40)


class RescoreRequest(models.Model):
    """A creator whose data changed. Leased while being worked on; removed only if nothing newer was asked."""

    creator = models.OneToOneField("accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["requested_at"], name="rescore_oldest")]
