"""One paging style: `?limit≤100&cursor=` over a unique key, newest first."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput

MAX_LIMIT = 100
COUNTED_EXACTLY = 10_000


class BadParameter(InvalidInput):
    """A query parameter is malformed."""

    status = 400
    code = "bad_parameter"


def page(request: Any, rows: QuerySet[Any], present: Callable[[Any], Any], *, by: str = "") -> dict[str, Any]:
    """`{"data", "next_cursor", "total_estimate"}` of `rows`, ordered by descending primary key.

    by: a date and time column that comes before the key, also descending (rows imported late are not new).
    """
    limit = limit_of(request.query_params.get("limit"))
    after = decode_place(request.query_params.get("cursor"))
    total = _estimate(rows)
    ordered = rows.order_by(f"-{by}", "-pk") if by else rows.order_by("-pk")
    if after is not None:
        try:
            ordered = ordered.filter(_below(after, by))
        except (ValueError, ValidationError, TypeError) as error:
            raise _bad_cursor() from error
    found = list(ordered[: limit + 1])
    shown = found[:limit]
    following = encode_place(_place(shown[-1], by)) if len(found) > limit else None
    return {"data": [present(row) for row in shown], "next_cursor": following, "total_estimate": total}


def _place(row: Any, by: str) -> str:
    return f"{getattr(row, by).isoformat()} {row.pk}" if by else str(row.pk)


def _below(place: str, by: str) -> Q:
    if not by:
        return Q(pk__lt=place)
    moment, pk = place.split(" ")
    at = datetime.fromisoformat(moment)
    return Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": pk})


def limit_of(text: str | None) -> int:
    if text is None:
        return 25
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_LIMIT):
        raise BadParameter(fields={"limit": [_("A whole number from 1 to 100.")]})
    return int(text)


def _bad_cursor() -> BadParameter:
    return BadParameter(fields={"cursor": [_("Use the next_cursor of an earlier answer.")]})


def encode_place(pk: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(str(pk)).encode()).decode().rstrip("=")


def decode_place(cursor: str | None) -> str | None:
    if not cursor:
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise _bad_cursor() from error
    if not isinstance(value, str) or len(value) > 80 or "\x00" in value:
        raise _bad_cursor()
    return value


def _estimate(rows: QuerySet[Any]) -> int:
    """Exact up to 10,000 rows, the planner's estimate above."""
    counted = rows.order_by()[: COUNTED_EXACTLY + 1].count()
    if counted <= COUNTED_EXACTLY:
        return counted
    sql, params = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    return max(counted, int((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]["Plan Rows"]))
