"""Bulk upserts: at most 1,000 rows, a result for each, through the same checks and merges as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.api.endpoint import Endpoint, idempotent
from accounts.api.schema import documented
from accounts.errors import InvalidInput
from accounts.handles import clean_handle, handle_key
from accounts.models import SocialAccount
from accounts.services.creators import note_external_ids
from matching.api import serializers as s
from matching.models import Post
from matching.services.rows import RowOutcome, import_rows

MOST_ROWS = 1000


class Bulk(Endpoint):
    """Base of the bulk endpoints. entity: of `matching.ingest.fields`. own: fields that stay the workspace's."""

    verbs = {"POST": "import.run"}
    entity: ClassVar[str]
    own: ClassVar[frozenset[str]] = frozenset()

    def store(self, request: Any) -> Response:
        rows, source = _read(request.data)
        shared = [_without(row, self.own) for row in rows]
        result = import_rows(self.entity, shared, actor=request.actor, source=source, by_row=True)
        ids = self.after(request, rows, result.outcomes)
        data = [_outcome(place, outcome, ids.get(place)) for place, outcome in enumerate(result.outcomes)]
        rejected = sum(row["status"] == "rejected" for row in data)
        return Response({"data": data, "stored": len(data) - rejected, "rejected": rejected})

    def after(self, request: Any, rows: Sequence[Any], outcomes: Sequence[RowOutcome]) -> dict[int, int]:
        """Ids by place in the list, where the entity has one."""
        return {}


def _without(row: Any, names: frozenset[str]) -> Any:
    return {name: value for name, value in row.items() if name not in names} if isinstance(row, Mapping) else row


def _read(data: Any) -> tuple[list[Any], str]:
    if not isinstance(data, Mapping) or not isinstance(data.get("rows"), list):
        raise InvalidInput(fields={"rows": [_("Send an object with a list “rows”.")]})
    unknown = sorted(set(data) - {"rows", "source"})
    if unknown:
        raise InvalidInput(fields={str(name)[:60]: [_("Unknown field.")] for name in unknown})
    if not 1 <= len(data["rows"]) <= MOST_ROWS:
        raise InvalidInput(fields={"rows": [_("From 1 to 1,000 rows; send more as a file to /imports.")]})
    source = data.get("source", "API")
    if not isinstance(source, str) or not source.strip() or len(source) > 200:
        raise InvalidInput(fields={"source": [_("A label of 1 to 200 characters.")]})
    return data["rows"], source


def _outcome(place: int, outcome: RowOutcome, pk: int | None) -> dict[str, Any]:
    errors = []
    if outcome.status == "rejected":
        pointer = f"/rows/{place}/{outcome.field}" if outcome.field else f"/rows/{place}"
        errors = [{"pointer": pointer, "code": outcome.code, "detail": outcome.detail}]
    return {"index": place, "status": outcome.status, "id": pk, "errors": errors}


def _accounts(actor: Actor, rows: Sequence[Any], places: Sequence[int]) -> dict[tuple[str, str], tuple[int, int]]:
    """(platform, handle key) → (account, creator) of the rows at these places."""
    wanted = Q()
    for place in places:
        wanted |= Q(platform=str(rows[place].get("platform", "")).lower(), handle_key=_key(rows[place]))
    if not wanted:
        return {}
    found = SocialAccount.visible_to(actor).filter(wanted).values_list("platform", "handle_key", "pk", "creator_id")
    return {(platform, key): (account, creator) for platform, key, account, creator in found}


def _key(row: Mapping[str, Any]) -> str:
    return handle_key(clean_handle(str(row.get("handle", ""))) or "")


def _kept(rows: Sequence[Any], outcomes: Sequence[RowOutcome]) -> list[int]:
    return [n for n, outcome in enumerate(outcomes) if outcome.status != "rejected" and isinstance(rows[n], Mapping)]


class CreatorsBulk(Bulk):
    entity = "accounts"
    own = frozenset({"external_id"})

    @documented(
        s.BulkAnswerSerializer,
        request=s.BulkAccountsSerializer,
        operation_id="creators_bulk",
        tags=["Creators"],
        examples=[
            OpenApiExample(
                "One creator",
                {
                    "rows": [
                        {"platform": "instagram", "handle": "lea.cuisine", "external_id": "crm-9", "followers": 12400}
                    ]
                },
                request_only=True,
            )
        ],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Creates or updates creators by platform and handle; `external_id` is yours and finds them again."""
        return self.store(request)

    def after(self, request: Any, rows: Sequence[Any], outcomes: Sequence[RowOutcome]) -> dict[int, int]:
        places = _kept(rows, outcomes)
        accounts = _accounts(request.actor, rows, places)
        ids, externals = {}, {}
        for place in places:
            _account, creator = accounts.get((str(rows[place].get("platform", "")).lower(), _key(rows[place])), (0, 0))
            if creator:
                ids[place] = creator
                if rows[place].get("external_id"):
                    externals[creator] = str(rows[place]["external_id"])
        for creator, detail in note_external_ids(actor=request.actor, externals=externals).items():
            for place in (place for place, pk in ids.items() if pk == creator):
                outcomes[place].status, outcomes[place].code = "rejected", "external_id_taken"
                outcomes[place].field, outcomes[place].detail = "external_id", detail
        return ids


class PostsBulk(Bulk):
    entity = "posts"

    @documented(s.BulkAnswerSerializer, request=s.BulkPostsSerializer, operation_id="posts_bulk", tags=["Posts"])
    @idempotent
    def post(self, request: Any) -> Response:
        """Creates or updates posts by platform and `external_id`; their account is created where it is new."""
        return self.store(request)

    def after(self, request: Any, rows: Sequence[Any], outcomes: Sequence[RowOutcome]) -> dict[int, int]:
        places = _kept(rows, outcomes)
        names = {str(rows[place].get("external_id", "")) for place in places}
        found = {
            (platform, name): pk
            for platform, name, pk in Post.visible_to(request.actor)
            .filter(external_id__in=names)
            .values_list("platform", "external_id", "pk")
        }
        keys = {n: (str(rows[n].get("platform", "")).lower(), str(rows[n].get("external_id", ""))) for n in places}
        return {place: found[key] for place, key in keys.items() if key in found}


class CommentsBulk(Bulk):
    entity = "comments"

    @documented(s.BulkAnswerSerializer, request=s.BulkCommentsSerializer, operation_id="comments_bulk", tags=["Posts"])
    @idempotent
    def post(self, request: Any) -> Response:
        """Creates or updates comments of known posts. Authors are kept as a keyed hash, never by name."""
        return self.store(request)


class FollowerCountsBulk(Bulk):
    entity = "follower_counts"

    @documented(
        s.BulkAnswerSerializer,
        request=s.BulkFollowerCountsSerializer,
        operation_id="follower_counts_bulk",
        tags=["Creators"],
    )
    @idempotent
    def post(self, request: Any) -> Response:
        """Adds follower counts of accounts at given times."""
        return self.store(request)
