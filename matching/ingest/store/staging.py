"""Tables on their way into PostgreSQL: the bytes of COPY, and the temporary tables that take them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from django.db import connection

from matching.ingest.tables import Table
from matching.ingest.texts import UNIT

# entity → (column of the temporary table, its type, column of the read table)
LAYOUT: dict[str, tuple[tuple[str, str, str], ...]] = {
    "accounts": (
        ("platform", "text", "platform"),
        ("handle", "text", "handle"),
        ("handle_key", "text", "handle_key"),
        ("external_id", "text", "external_id"),
        ("display_name", "text", "display_name"),
        ("bio", "text", "bio"),
        ("url", "text", "url"),
        ("country", "text", "country"),
        ("city", "text", "city"),
        ("languages", "varchar[]", "languages"),
        ("category", "text", "category"),
        ("followers", "bigint", "followers"),
        ("following", "bigint", "following"),
        ("posts_count", "bigint", "posts_count"),
        ("is_verified", "boolean", "is_verified"),
        ("contact_email", "text", "contact_email"),
        ("observed_at", "timestamptz", "observed_at"),
    ),
    "posts": (
        ("platform", "text", "platform"),
        ("handle", "text", "handle"),
        ("handle_key", "text", "handle_key"),
        ("external_id", "text", "external_id"),
        ("posted_at", "timestamptz", "posted_at"),
        ("kind", "text", "kind"),
        ("caption", "text", "caption"),
        ("alt_text", "text", "alt_text"),
        ("url", "text", "url"),
        ("language", "text", "language"),
        ("location", "text", "location"),
        ("hashtags", "varchar[]", "hashtags"),
        ("mentions", "varchar[]", "mentions"),
        ("sponsors", "varchar[]", "sponsors"),
        ("is_sponsored", "boolean", "is_sponsored"),
        ("likes", "bigint", "likes"),
        ("comments_count", "bigint", "comments"),
        ("shares", "bigint", "shares"),
        ("saves", "bigint", "saves"),
        ("views", "bigint", "views"),
        ("reach", "bigint", "reach"),
        ("observed_at", "timestamptz", "observed_at"),
    ),
    "comments": (
        ("platform", "text", "platform"),
        ("post_external_id", "text", "post_external_id"),
        ("external_id", "text", "external_id"),
        ("parent_external_id", "text", "parent_external_id"),
        ("author_hash", "text", "author_hash"),
        ("is_owner", "boolean", "is_owner"),
        ("posted_at", "timestamptz", "posted_at"),
        ("likes", "bigint", "likes"),
        ("text", "text", "text"),
        ("observed_at", "timestamptz", "observed_at"),
    ),
    "follower_counts": (
        ("platform", "text", "platform"),
        ("handle", "text", "handle"),
        ("handle_key", "text", "handle_key"),
        ("observed_at", "timestamptz", "observed_at"),
        ("followers", "bigint", "followers"),
        ("following", "bigint", "following"),
    ),
}
# Filled by the merge: what became of the row, and the rows it met.
_OUTCOME = "outcome text, account_id bigint, creator_id bigint, target_id bigint"


def stage(table: Table) -> None:
    """Puts the rows into the temporary table `stage_<entity>`, numbered `n` by their place in the chunk."""
    name = f"stage_{table.entity.name}"
    create(table.entity.name)
    columns = ", ".join(column for column, _type, _source in LAYOUT[table.entity.name])
    with connection.cursor() as cursor:
        data = table.payload or payload(table)
        cursor.copy_expert(f"COPY {name} (n, {columns}) FROM STDIN", io.BytesIO(data), max(len(data), 1))


def create(entity: str) -> None:
    columns = ", ".join(f"{column} {kind}" for column, kind, _source in LAYOUT[entity])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.stage_{entity}")
        cursor.execute(f"CREATE TEMPORARY TABLE stage_{entity} (n integer, {columns}, {_OUTCOME}) ON COMMIT DROP")


def payload(table: Table) -> bytes:
    """The rows in PostgreSQL's text format of COPY. Missing texts are empty, everything else missing is null."""
    columns = [list(map(str, table.rows))]
    for _name, kind, source in LAYOUT[table.entity.name]:
        columns.append(_WRITERS[kind](table.column(source)))
    # Line by line: joined first, one emoji would make every character of the chunk four bytes wide.
    return b"".join([("\t".join(row) + "\n").encode() for row in zip(*columns, strict=True)])


_RECORD = "\x1e"  # stands between rows as UNIT stands between items; clean texts hold neither


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _texts(column: Sequence[Any]) -> list[str]:
    return [
        "" if not value else value if value.isprintable() and "\\" not in value else _escaped(value) for value in column
    ]


def _counts(column: Sequence[Any]) -> list[str]:
    return ["\\N" if value is None else str(value) for value in column]


def _flags(column: Sequence[Any]) -> list[str]:
    return ["\\N" if value is None else "t" if value else "f" for value in column]


def _moments(column: Sequence[Any]) -> list[str]:
    if not column:
        return []
    known = np.array([0 if value is None else value for value in column], np.int64).astype("datetime64[us]")
    written = np.datetime_as_string(known, timezone="UTC").tolist()
    return ["\\N" if value is None else text for value, text in zip(column, written, strict=True)]


def _arrays(column: Sequence[Any]) -> list[str]:
    joined = _RECORD.join([UNIT.join(items) if items else "" for items in column])
    quoted = _escaped(joined.replace("\\", "\\\\").replace('"', '\\"')).replace(UNIT, '","')
    return ['{"' + items + '"}' if items else "{}" for items in quoted.split(_RECORD)]


_WRITERS: dict[str, Callable[[Sequence[Any]], list[str]]] = {
    "text": _texts,
    "bigint": _counts,
    "boolean": _flags,
    "timestamptz": _moments,
    "varchar[]": _arrays,
}
