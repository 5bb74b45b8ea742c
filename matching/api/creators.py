"""Endpoints of creators, their accounts, posts and comments."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint
from accounts.api.paging import BadParameter, page
from accounts.api.presenters import page_of
from accounts.api.schema import documented
from accounts.api.values import whole
from accounts.models import Creator, CreatorRecord, PlatformName, SocialAccount
from matching.api import serializers as s
from matching.models import Post
from matching.profiles import current_signals


def _rows(request: Any) -> Any:
    mine = CreatorRecord.visible_to(request.actor)
    return (
        Creator.visible_to(request.actor)
        .select_related("index")
        .prefetch_related("accounts__source", Prefetch("records", queryset=mine, to_attr="own_records"))
    )


def _platform(value: str) -> str:
    if value not in PlatformName.values:
        raise BadParameter(fields={"platform": [_("Known: %(known)s.") % {"known": ", ".join(PlatformName.values)}]})
    return value


class Creators(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"external_id", "platform", "handle", "country", "language", "followers_min", "followers_max"})

    @documented(
        page_of(s.CreatorSerializer),
        paged=True,
        params={
            "external_id": "your own identifier",
            "platform": ", ".join(PlatformName.values),
            "handle": "an account's handle, with or without @",
            "country": "ISO 3166-1 alpha-2",
            "language": "ISO 639-1",
            "followers_min": "of the largest account",
            "followers_max": "of the largest account",
        },
        operation_id="creators_list",
        tags=["Creators"],
    )
    def get(self, request: Any) -> Response:
        rows, asked = _rows(request), request.query_params
        if asked.get("external_id"):
            own = CreatorRecord.visible_to(request.actor).filter(external_id=asked["external_id"])
            rows = rows.filter(pk__in=own.values("creator_id"))
        if asked.get("platform") or asked.get("handle"):
            accounts = SocialAccount.visible_to(request.actor)
            if asked.get("platform"):
                accounts = accounts.filter(platform=_platform(asked["platform"]))
            if asked.get("handle"):
                accounts = accounts.filter(handle_key=asked["handle"].lstrip("@").lower())
            rows = rows.filter(pk__in=accounts.values("creator_id"))
        if asked.get("country"):
            rows = rows.filter(country=asked["country"].upper())
        if asked.get("language"):
            rows = rows.filter(languages__contains=[asked["language"].lower()])
        for name, lookup in (("followers_min", "index__followers__gte"), ("followers_max", "index__followers__lte")):
            if asked.get(name):
                rows = rows.filter(**{lookup: whole(name, asked[name])})
        return Response(page(request, rows, lambda row: s.CreatorSerializer(row).data))


class CreatorDetail(Endpoint):
    verbs = {"GET": "creator.read"}
    includes = frozenset({"explanation"})

    @documented(
        s.ExplainedCreatorSerializer,
        params={"include": "`explanation` adds every signal with interval, n, coverage and evidence ids"},
        operation_id="creators_read",
        tags=["Creators"],
    )
    def get(self, request: Any, pk: int) -> Response:
        creator = get_object_or_404(_rows(request), pk=pk)
        data = dict(s.CreatorSerializer(creator).data)
        if "explanation" in self.included(request):
            _row, signals = current_signals(request.actor, creator)
            data["explanation"] = [s.SignalSerializer(signal.to_json()).data for signal in signals.values()]
        return Response(data)


class Accounts(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"creator", "platform", "handle"})

    @documented(
        page_of(s.AccountSerializer),
        paged=True,
        params={"creator": "accounts of one creator", "platform": "one network", "handle": "one handle"},
        operation_id="accounts_list",
        tags=["Creators"],
    )
    def get(self, request: Any) -> Response:
        rows, asked = SocialAccount.visible_to(request.actor).select_related("source"), request.query_params
        if asked.get("creator"):
            rows = rows.filter(creator_id=whole("creator", asked["creator"]))
        if asked.get("platform"):
            rows = rows.filter(platform=_platform(asked["platform"]))
        if asked.get("handle"):
            rows = rows.filter(handle_key=asked["handle"].lstrip("@").lower())
        return Response(page(request, rows, lambda row: s.AccountSerializer(row).data))


class AccountDetail(Endpoint):
    verbs = {"GET": "creator.read"}

    @documented(s.AccountSerializer, operation_id="accounts_read", tags=["Creators"])
    def get(self, request: Any, pk: int) -> Response:
        rows = SocialAccount.visible_to(request.actor).select_related("source")
        return Response(s.AccountSerializer(get_object_or_404(rows, pk=pk)).data)


class Posts(Endpoint):
    verbs = {"GET": "creator.read"}
    params = frozenset({"creator", "account", "external_id"})

    @documented(
        page_of(s.PostSerializer),
        paged=True,
        params={
            "creator": "posts of one creator",
            "account": "posts of one account",
            "external_id": "the network's identifier",
        },
        operation_id="posts_list",
        tags=["Posts"],
    )
    def get(self, request: Any) -> Response:
        rows, asked = Post.visible_to(request.actor), request.query_params
        if asked.get("creator"):
            rows = rows.filter(account__creator_id=whole("creator", asked["creator"]))
        if asked.get("account"):
            rows = rows.filter(account_id=whole("account", asked["account"]))
        if asked.get("external_id"):
            rows = rows.filter(external_id=asked["external_id"])
        return Response(page(request, rows, lambda row: s.PostSerializer(row).data))


class PostDetail(Endpoint):
    verbs = {"GET": "creator.read"}

    @documented(s.PostSerializer, operation_id="posts_read", tags=["Posts"])
    def get(self, request: Any, pk: int) -> Response:
        return Response(s.PostSerializer(get_object_or_404(Post.visible_to(request.actor), pk=pk)).data)
