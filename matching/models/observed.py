"""What was observed on the networks. Rows arrive by COPY; each knows its source and its time.

Rows come by the million, so no index stands beside one that already begins with the same column, and none
serves a look-up by source, which nobody does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import PlatformName
from accounts.models.querysets import TenantQuerySet, Visible

if TYPE_CHECKING:
    from accounts.actors import Actor


class ObservedQuerySet(TenantQuerySet):
    """Seen by workspaces for every creator that is not erased, and by the creator it concerns."""

    path = "account__creator"

    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            return self.filter(**{f"{self.path}__erased_at__isnull": True})
        if actor.creator_id is not None:
            return self.filter(**{f"{self.path}_id": actor.creator_id})
        return self.none()


class OfPostQuerySet(ObservedQuerySet):
    path = "post__account__creator"


class Post(Visible):
    """One publication with its latest counters; null means not shown or not known, never 0.

    `sponsors` and `is_sponsored` are the network's own partnership label.
    """

    account = models.ForeignKey(
        "accounts.SocialAccount", on_delete=models.CASCADE, db_index=False, related_name="posts"
    )
    platform = models.CharField(max_length=10, choices=PlatformName.choices)
    external_id = models.CharField(max_length=120)
    posted_at = models.DateTimeField()
    kind = models.CharField(max_length=10, blank=True)
    caption = models.TextField(blank=True)
    alt_text = models.TextField(blank=True)
    url = models.URLField(max_length=500, blank=True)
    language = models.CharField(max_length=5, blank=True)
    location = models.CharField(max_length=160, blank=True)
    hashtags = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    mentions = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    sponsors = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    is_sponsored = models.BooleanField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    comments_count = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)
    saves = models.BigIntegerField(null=True, blank=True)
    views = models.BigIntegerField(null=True, blank=True)
    reach = models.BigIntegerField(null=True, blank=True)
    source = models.ForeignKey("accounts.Provenance", on_delete=models.PROTECT, db_index=False, related_name="+")
    observed_at = models.DateTimeField()

    objects = ObservedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["platform", "external_id"], name="post_unique_per_platform")]
        indexes = [models.Index(fields=["account", "-posted_at"], name="post_recent")]
        ordering = ["-posted_at"]


class PostMetrics(Visible):
    """Counters of a post at one moment: the time series behind the latest values."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="metrics")
    observed_at = models.DateTimeField()
    likes = models.BigIntegerField(null=True, blank=True)
    comments_count = models.BigIntegerField(null=True, blank=True)
    shares = models.BigIntegerField(null=True, blank=True)
    saves = models.BigIntegerField(null=True, blank=True)
    views = models.BigIntegerField(null=True, blank=True)
    reach = models.BigIntegerField(null=True, blank=True)
    source = models.ForeignKey("accounts.Provenance", on_delete=models.PROTECT, db_index=False, related_name="+")

    objects = OfPostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "observed_at"], name="metrics_once_per_time")]


class Comment(Visible):
    """A comment. The author is a keyed hash made at ingestion; the name is never stored."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="comments")
    external_id = models.CharField(max_length=120)
    parent_external_id = models.CharField(max_length=120, blank=True)
    author_hash = models.CharField(max_length=24)
    is_owner = models.BooleanField(default=False)
    posted_at = models.DateTimeField(null=True, blank=True)
    likes = models.BigIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)
    source = models.ForeignKey("accounts.Provenance", on_delete=models.PROTECT, db_index=False, related_name="+")
    observed_at = models.DateTimeField()

    objects = OfPostQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "external_id"], name="comment_unique_per_post")]


class FollowerCount(Visible):
    """Followers of an account at one moment."""

    account = models.ForeignKey(
        "accounts.SocialAccount", on_delete=models.CASCADE, db_index=False, related_name="follower_counts"
    )
    observed_at = models.DateTimeField()
    followers = models.BigIntegerField()
    following = models.BigIntegerField(null=True, blank=True)
    source = models.ForeignKey("accounts.Provenance", on_delete=models.PROTECT, db_index=False, related_name="+")

    objects = ObservedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "observed_at"], name="follower_count_once_per_time"),
            models.CheckConstraint(condition=models.Q(followers__gte=0), name="follower_count_positive"),
        ]
        ordering = ["observed_at"]


class AudienceShare(Visible):
    """A share (0..1) of an account's audience, from a sample of `n` people."""

    account = models.ForeignKey(
        "accounts.SocialAccount", on_delete=models.CASCADE, db_index=False, related_name="audience_shares"
    )
    dimension = models.CharField(max_length=10, choices=[(d, d) for d in ("country", "age", "gender", "language")])
    key = models.CharField(max_length=20)
    share = models.FloatField()
    n = models.IntegerField(null=True, blank=True)
    source = models.ForeignKey("accounts.Provenance", on_delete=models.PROTECT, db_index=False, related_name="+")
    observed_at = models.DateTimeField()

    objects = ObservedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "dimension", "key", "observed_at"], name="audience_share_once"),
            models.CheckConstraint(condition=models.Q(share__gte=0, share__lte=1), name="audience_share_is_a_share"),
        ]
