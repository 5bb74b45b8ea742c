"""Endpoints of what was counted over time, and of comments."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint
from accounts.api.paging import page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import moment, whole
from matching.models import Comment, FollowerCount, PostMetrics


class CommentSerializer(serializers.ModelSerializer):
    post = serializers.IntegerField(source="post_id", read_only=True)
    author = serializers.CharField(
        source="author_hash", read_only=True, help_text="A keyed hash: the name is never stored"
    )

    class Meta:
        model = Comment
        fields = [
            "id",
            "post",
            "external_id",
            "parent_external_id",
            "author",
            "is_owner",
            "posted_at",
            "likes",
            "text",
            "observed_at",
        ]
        read_only_fields = fields


class MetricsSerializer(serializers.ModelSerializer):
    """The counters of a post at one moment. Null is hidden or unknown, never 0."""

    post = serializers.IntegerField(source="post_id", read_only=True)

    class Meta:
        model = PostMetrics
        fields = ["id", "post", "observed_at", "likes", "comments_count", "shares", "saves", "views", "reach"]
        read_only_fields = fields


class FollowerCountSerializer(serializers.ModelSerializer):
    account = serializers.IntegerField(source="account_id", read_only=True)

    class Meta:
        model = FollowerCount
        fields = ["id", "account", "observed_at", "followers", "following"]
        read_only_fields = fields


def _since(request: Any, rows: Any) -> Any:
    asked = request.query_params.get("since")
    if not asked:
        return rows
    return rows.filter(observed_at__gte=moment("since", asked))


class Comments(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"post", "creator", "since", "external_id"})

    @documented(
        page_of(CommentSerializer),
        paged=True,
        params={
            "post": "under one post",
            "creator": "under one creator's posts",
            "since": "observed at or after this time",
            "external_id": "the network's identifier",
        },
        operation_id="comments_list",
        tags=["Posts"],
    )
    def get(self, request: Any) -> Response:
        rows, asked = _since(request, Comment.visible_to(request.actor)), request.query_params
        if asked.get("post"):
            rows = rows.filter(post_id=whole("post", asked["post"]))
        if asked.get("creator"):
            rows = rows.filter(post__account__creator_id=whole("creator", asked["creator"]))
        if asked.get("external_id"):
            rows = rows.filter(external_id=asked["external_id"])
        return Response(page(request, rows, lambda row: CommentSerializer(row).data))


class CommentDetail(Endpoint):
    verbs = {"GET": "creator.read"}

    @documented(CommentSerializer, operation_id="comments_read", tags=["Posts"])
    def get(self, request: Any, pk: int) -> Response:
        return Response(CommentSerializer(get_object_or_404(Comment.visible_to(request.actor), pk=pk)).data)


class Metrics(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"post", "account", "creator", "since"})

    @documented(
        page_of(MetricsSerializer),
        paged=True,
        params={
            "post": "of one post",
            "account": "of one account's posts",
            "creator": "of one creator's posts",
            "since": "observed at or after this time",
        },
        operation_id="metrics_list",
        tags=["Posts"],
    )
    def get(self, request: Any) -> Response:
        """The counters of posts over time, the latest stored first."""
        rows, asked = _since(request, PostMetrics.visible_to(request.actor)), request.query_params
        for name, path in (
            ("post", "post_id"),
            ("account", "post__account_id"),
            ("creator", "post__account__creator_id"),
        ):
            if asked.get(name):
                rows = rows.filter(**{path: whole(name, asked[name])})
        return Response(page(request, rows, lambda row: MetricsSerializer(row).data))


class FollowerCounts(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"account", "creator", "since"})

    @documented(
        page_of(FollowerCountSerializer),
        paged=True,
        params={"account": "of one account", "creator": "of one creator", "since": "observed at or after this time"},
        operation_id="follower_counts_list",
        tags=["Creators"],
    )
    def get(self, request: Any) -> Response:
        """Followers of accounts over time, the latest stored first."""
        rows, asked = _since(request, FollowerCount.visible_to(request.actor)), request.query_params
        for name, path in (("account", "account_id"), ("creator", "account__creator_id")):
            if asked.get(name):
                rows = rows.filter(**{path: whole(name, asked[name])})
        return Response(page(request, rows, lambda row: FollowerCountSerializer(row).data))
