"""Rows of one entity, as columns, on their way to the database: checked, completed, each key once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.handles import clean_handle, handle_key, platform_of_address
from accounts.secrets import pseudonym, pseudonymiser
from matching.ingest.fields import Entity
from matching.ingest.reasons import Problem
from matching.ingest.texts import hashtag_column, mention_column

_POST_ADDRESS = re.compile(
    r"(?:/p/|/reels?/|/tv/|/video/|/status/|/shorts/|/live/|youtu\.be/|[?&]v=)([\w-]{3,120})", re.IGNORECASE
)


@dataclass
class Table:
    """rows[i] is the place in the chunk of row i; columns hold stored forms, None for nothing.

    payload: the rows as bytes for COPY, when they were made ahead.
    """

    entity: Entity
    rows: list[int]
    columns: dict[str, list[Any]] = field(default_factory=dict)
    duplicates: list[tuple[int, int]] = field(default_factory=list)
    payload: bytes = b""

    def __len__(self) -> int:
        return len(self.rows)

    def keep(self, places: Sequence[int]) -> None:
        self.rows = [self.rows[i] for i in places]
        self.columns = {name: [column[i] for i in places] for name, column in self.columns.items()}

    def column(self, name: str) -> list[Any]:
        return self.columns.get(name) or [None] * len(self)


def complete(table: Table) -> None:
    """Fills what other columns tell: network, handle and identifier of an address; pseudonyms of authors."""
    if "url" in table.columns:
        _from_address(table)
    if "sponsors" in table.columns:
        told = zip(table.columns["sponsors"], table.column("is_sponsored"), strict=True)
        table.columns["is_sponsored"] = [bool(s) if flag is None and s is not None else flag for s, flag in told]
    if "author" in table.columns:
        table.columns["author_hash"] = _pseudonyms(table.columns["platform"], table.columns.pop("author"))
    if table.entity.name == "comments" and "external_id" not in table.columns:
        table.columns["external_id"] = _comment_identifiers(table)


def _from_address(table: Table) -> None:
    addresses = table.columns["url"]
    rules: dict[str, Callable[[str], str | None]] = {"platform": platform_of_address}
    if table.entity.name == "accounts":
        rules["handle"] = clean_handle
    if table.entity.name == "posts":
        rules["external_id"] = _post_identifier
    for name, rule in rules.items():
        given = table.column(name)
        if None in given:
            table.columns[name] = [
                rule(url) if value is None and url else value for value, url in zip(given, addresses, strict=True)
            ]


def _post_identifier(address: str) -> str | None:
    match = _POST_ADDRESS.search(address)
    return match[1] if match else None


def _pseudonyms(platforms: list[Any], authors: list[Any]) -> list[str]:
    hashes = [""] * len(authors)
    for platform in dict.fromkeys(platforms):
        hashed, known = pseudonymiser(platform or ""), dict[str, str]()
        for place, author in enumerate(authors):
            if author and platforms[place] == platform:
                found = known.get(author)
                if found is None:
                    key = handle_key(author)
                    found = known[author] = hashed(key if key.isascii() else key.encode("utf-8", "replace").decode())
                hashes[place] = found
    return hashes


def _comment_identifiers(table: Table) -> list[str | None]:
    """For exports without comment identifiers: the same comment always gets the same one."""
    names = ("platform", "post_external_id", "author_hash", "posted_at", "text")
    rows = zip(*(table.column(name) for name in names), strict=True)
    return ["h-" + pseudonym("comment", "\x00".join(map(str, row))) if row[1] else None for row in rows]


def derive(table: Table) -> None:
    """What is stored beside the mapped fields, once every row is final."""
    if "handle" in table.columns:
        table.columns["handle_key"] = list(map(handle_key, table.columns["handle"]))
    if table.entity.name == "posts":
        captions = [text or "" for text in table.column("caption")]
        tagged = table.columns.pop("tagged", None) or [None] * len(table)
        table.columns["hashtags"] = hashtag_column(captions)
        table.columns["mentions"] = mention_column(captions, tagged)


def missing(table: Table) -> dict[int, Problem]:
    """Rows that lack a required value."""
    found: dict[int, Problem] = {}
    for target in table.entity.fields:
        if target.required:
            column = table.column(target.name)
            if None in column or "" in column:
                for place, value in enumerate(column):
                    if value is None or value == "":
                        found.setdefault(place, Problem("missing", {}, target.name))
    return found


def keys_of(table: Table) -> list[Any]:
    columns = [table.column(name) for name in table.entity.key]
    if "handle" in table.entity.key:
        columns[table.entity.key.index("handle")] = list(map(handle_key, table.column("handle")))
    return list(zip(*columns, strict=True))


def collapse(table: Table) -> None:
    """Keeps each key once, at its first place: of each field the newest value given, the later row at a tie."""
    keys = keys_of(table)
    if len(set(keys)) == len(keys):
        return
    first: dict[Any, int] = {}
    for place, key in enumerate(keys):
        kept = first.setdefault(key, place)
        if kept != place:
            table.duplicates.append((table.rows[place], table.rows[kept]))
    observed = table.column("observed_at")
    order: Sequence[int] = range(len(keys))
    if len(set(observed)) > 1:
        order = sorted(order, key=lambda place: (observed[place] or 0, place))
    for name, column in table.columns.items():
        newest: dict[Any, Any] = {}
        for place in order:
            value = column[place]
            if value is not None and value != "":
                newest[keys[place]] = value
        table.columns[name] = [newest.get(key) for key in first]
    table.rows = [table.rows[place] for place in first.values()]
