"""Frozen reports name nobody: people and addresses stand in them as marks, read back while the person is here.

So the frozen bytes stay the same for ever, and forgetting a person needs no change to them: the mark then leads to
nobody. A mark is "creator:<number>" or "content:<id>".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Creator
from campaigns.models import Content, Partnership

_MARK = re.compile(r"(creator|content):([0-9a-f-]{1,36})")


def masked(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with every creator's name and every publication's address as a mark."""
    rows = [UUID(row["id"]) for row in inputs["partnerships"]]
    people = {str(pk): who for pk, who in Partnership.objects.filter(pk__in=rows).values_list("pk", "creator_id")}
    works = [UUID(c["id"]) for row in inputs["partnerships"] for c in row["contents"]]
    works += [UUID(c["id"]) for c in inputs["earned"]]
    authors = {str(pk): who for pk, who in Content.objects.filter(pk__in=works).values_list("pk", "creator_id")}

    def content(row: Mapping[str, Any]) -> dict[str, Any]:
        who = authors.get(row["id"])
        return {**row, "creator": f"creator:{who or 0}", "url": f"content:{row['id']}" if row["url"] else ""}

    return {
        **inputs,
        "partnerships": [
            {**row, "creator": f"creator:{people.get(row['id'], 0)}", "contents": [content(c) for c in row["contents"]]}
            for row in inputs["partnerships"]
        ],
        "earned": [content(row) for row in inputs["earned"]],
    }


def named(content: Any) -> Any:
    """The same with names and addresses as they are now; who was erased is called so, and has no address."""
    marks: set[tuple[str, str]] = set()
    _collect(content, marks)
    people = {int(key) for kind, key in marks if kind == "creator"}
    works = [key for kind, key in marks if kind == "content"]
    known: dict[str, str] = {}
    gone = _("Person erased")
    found = {row.pk: (gone if row.erased_at else row.display_name) for row in Creator.objects.filter(pk__in=people)}
    known |= {f"creator:{pk}": found.get(pk, gone) for pk in people}
    urls = {
        str(row.pk): row.url or (row.post.url if row.post else "")
        for row in Content.objects.filter(pk__in=works).select_related("post")
    }
    known |= {f"content:{key}": urls.get(key, "") for key in works}
    return _replaced(content, known)


def _collect(value: Any, marks: set[tuple[str, str]]) -> None:
    if isinstance(value, Mapping):
        for part in value.values():
            _collect(part, marks)
    elif isinstance(value, list):
        for part in value:
            _collect(part, marks)
    elif isinstance(value, str) and (found := _MARK.fullmatch(value)):
        marks.add((found[1], found[2]))


def _replaced(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _replaced(part, known) for key, part in value.items()}
    if isinstance(value, list):
        return [_replaced(part, known) for part in value]
    return known.get(value, value) if isinstance(value, str) else value
