"""Where a person's name, handle or address still stands: every text column of the database, and taking it out there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection

from accounts.models import Creator

PUT_INSTEAD = "[erased]"
_DISTINCT = re.compile(r"[._\d]")
# Sealed proofs that the law keeps (docs/privacy.md), the framework's own bookkeeping, and what holds no person.
KEPT = frozenset(
    {"campaigns_contract", "campaigns_contractfile", "campaigns_signature", "campaigns_evidence", "campaigns_payment"}
)
_NOT_PEOPLE = frozenset({"django_migrations", "django_content_type", "auth_permission"})
_TEXT = ("text", "character varying", "character", "jsonb", "json", "ARRAY")


@dataclass(frozen=True, slots=True)
class Needles:
    """strong: names nobody else bears (addresses, handles). names: how the person is called, which others may be too."""

    strong: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def pattern(self, *, names: bool) -> str:
        """One regular expression of PostgreSQL for all of them, as whole words; "" for none."""
        wanted = [*self.strong, *(self.names if names else ())]
        # As it stands in text, and as JSON writes it.
        forms = {form for text in wanted for form in (text, json.dumps(text, ensure_ascii=False)[1:-1])}
        ordered = sorted(forms, key=lambda text: (-len(text), text))
        return f"(?<![\\w])(?:{'|'.join(map(_escaped, ordered))})(?![\\w])" if ordered else ""


def _escaped(text: str) -> str:
    return "".join(c if c.isalnum() or c == "_" or ord(c) > 127 else f"\\{c}" for c in text)


def needles_of(creator: Creator, emails: Iterable[str] = ()) -> Needles:
    accounts = list(creator.accounts.all())
    addresses = {creator.contact_email, *emails} - {""}
    strong = set(addresses)
    names = {creator.display_name, *(account.display_name for account in accounts)}
    for account in accounts:
        for handle in {account.handle, account.handle_key}:
            strong.add(f"@{handle}")
            if len(handle) >= 8 or (len(handle) >= 4 and _DISTINCT.search(handle)):
                strong.add(handle)
            else:
                names.add(handle)
        if account.url:
            strong.add(account.url)
    whole = tuple(sorted({" ".join(name.split()) for name in names if len(name.strip()) >= 3}))
    return Needles(tuple(sorted(strong)), whole)


def tables() -> dict[str, list[tuple[str, str]]]:
    """table → [(column, kind of text)] of every table that holds text."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
              AND (c.data_type = ANY(%s)) AND (c.data_type <> 'ARRAY' OR c.udt_name IN ('_text', '_varchar'))
            ORDER BY 1, 2""",
            [list(_TEXT)],
        )
        found: dict[str, list[tuple[str, str]]] = {}
        for table, column, kind in cursor.fetchall():
            if table not in _NOT_PEOPLE:
                found.setdefault(table, []).append((column, kind))
    return found


def _of_several_words(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if " " in name)


def sweep(needles: Needles, tables_of_others: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Replaces every trace outside the kept tables, table by table; yields (table, rows changed).

    tables_of_others: rows there belong to other people; what they wrote loses a handle or an address, not a word
    that happens to be this person's first name.
    """
    everywhere = Needles(needles.strong, _of_several_words(needles.names))
    for table, columns in tables().items():
        if table in KEPT:
            continue
        pattern = everywhere.pattern(names=table not in tables_of_others)
        yield table, sum(_replace(table, column, kind, pattern) for column, kind in columns) if pattern else 0


def _replace(table: str, column: str, kind: str, pattern: str) -> int:
    quote = connection.ops.quote_name
    name, target = quote(column), quote(table)
    text = f"regexp_replace({name}::text, %s, %s, 'gi')"
    cast = {"jsonb": "::jsonb", "json": "::json", "ARRAY": "::text[]"}.get(kind, "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {target} SET {name} = {text}{cast} WHERE {name}::text ~* %s",  # noqa: S608  (catalogue names)
            [pattern, PUT_INSTEAD, pattern],
        )
        return int(cursor.rowcount)


def count(needles: Needles, *, names: bool = True) -> dict[str, int]:
    """table → rows in which a trace stands, kept tables included."""
    pattern = needles.pattern(names=names)
    found: dict[str, int] = {}
    quote = connection.ops.quote_name
    for table, columns in tables().items() if pattern else ():
        where = " OR ".join(f"{quote(column)}::text ~* %s" for column, _k in columns)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {quote(table)} WHERE {where}", [pattern] * len(columns))  # noqa: S608
            if rows := cursor.fetchone()[0]:
                found[table] = rows
    return found
