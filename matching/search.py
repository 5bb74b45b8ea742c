"""Discover: one box and its filters → rows, facets with live counts, and a way out when nothing is found.

With words in the box the engine answers (best fit first, reasons ready); without words, or sorted by a
column, rows come straight from the index in keyset pages. Both obey the same filters, so counts agree.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import SocialAccount
from accounts.permissions import require
from accounts.replica import reads
from matching.codes import fold
from matching.commitments import contacted_creators
from matching.conditions import Sql
from matching.contracts import Brief, Fit
from matching.facets import Facet, Relaxation, count_facets, relax
from matching.filters import FILTERS, ORDERS, Context, SearchQuery
from matching.models import CreatorIndex
from matching.plainwords import Hint, read_plain_words, without
from matching.retrieval import Query, retrieve
from matching.services.match import Answer, answer
from matching.services.scoring import current_scoring, weighed

FIT_DEPTH = 200
FEWEST_ROWS = 5
"""Below this many rows the page also says which filter to give up."""
_TABLE = "matching_creatorindex"


@dataclass(frozen=True, slots=True)
class Row:
    """A creator of the page; `fit` where words were searched and the engine answered."""

    index: CreatorIndex
    fit: Fit | None = None


@dataclass(frozen=True, slots=True)
class Active:
    """A filter in force, with the search that goes without it."""

    name: str
    label: str
    value: str
    text: str
    without: SearchQuery


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A filter read in plain words: `query` is the search with it chosen and its words taken out of the text."""

    name: str
    value: str
    label: str
    query: SearchQuery


@dataclass(frozen=True, slots=True)
class Page:
    """suggestions: filters proposed from the words typed; suggested: the search with all of them, None without any."""

    rows: tuple[Row, ...]
    total: int
    exact: bool
    next_cursor: str
    facets: tuple[Facet, ...]
    active: tuple[Active, ...]
    relaxations: tuple[Relaxation, ...]
    problems: tuple[str, ...]
    order: str
    orders: tuple[tuple[str, str], ...]
    suggestions: tuple[Suggestion, ...] = ()
    suggested: SearchQuery | None = None
    answer: Answer | None = None


@reads
def search(*, actor: Actor, query: SearchQuery) -> Page:
    """One page of Discover for one workspace. Raises NotAllowed for a role that may not read creators."""
    require(actor, "match.read")
    context = context_of(actor)
    problems = list(query.problems)
    total, exact, facets = count_facets(query, context)
    if query.sorting == "fit":
        rows, cursor, found = _by_fit(actor, query, context, problems)
    else:
        rows, cursor = (
            _by_likeness(actor, query, context, problems)
            if query.sorting == "similar"
            else _by_column(actor, query, context, problems)
        )
        found = None
    suggestions, suggested = suggest(query)
    return Page(
        rows=rows,
        total=total,
        exact=exact,
        next_cursor=cursor,
        facets=facets,
        active=_active(query),
        relaxations=relax(query, context) if total < FEWEST_ROWS and query.filters else (),
        problems=tuple(problems),
        order=query.sorting,
        orders=tuple((name, str(label)) for name, (_sql, _way, label) in ORDERS.items() if _possible(name, query)),
        suggestions=suggestions,
        suggested=suggested,
        answer=found,
    )


def context_of(actor: Actor) -> Context:
    tiers = current_scoring(actor.workspace_id).tiers
    return Context(timezone.now().date(), tuple(sorted(contacted_creators(actor))), tiers)


@reads
def first_ids(*, actor: Actor, query: SearchQuery, most: int) -> tuple[list[int], list[float | None]]:
    """(creators of a search in its order, at most `most` of them; their fit where words were searched).

    Without facets and counts. With words there are never more than the `FIT_DEPTH` best.
    """
    require(actor, "match.read")
    context = context_of(actor)
    ids: dict[int, float | None] = {}
    step = replace(query, cursor="", limit=100)
    while len(ids) < most:
        if query.sorting == "fit":
            rows, cursor, _found = _by_fit(actor, step, context, [])
        elif query.sorting == "similar":
            rows, cursor = _by_likeness(actor, step, context, [])
        else:
            rows, cursor = _by_column(actor, step, context, [])
        ids |= {row.index.creator_id: row.fit.score if row.fit else None for row in rows}
        if not cursor:
            break
        step = replace(step, cursor=cursor)
    kept = list(ids.items())[:most]
    return [pk for pk, _score in kept], [score for _pk, score in kept]


def suggest(query: SearchQuery) -> tuple[tuple[Suggestion, ...], SearchQuery | None]:
    """(one proposal per filter read in the text and not chosen yet, the search with all of them)."""
    read = read_plain_words(query.text)
    hints = [hint for hint in read.hints if hint.value not in query.filters.get(hint.name, ())]
    if not hints:
        return (), None
    proposals = tuple(
        Suggestion(
            hint.name,
            hint.value,
            str(FILTERS[hint.name].choice_label(hint.value)),
            _with(query, [hint], people=len(hints) > 1),
        )
        for hint in hints
    )
    return proposals, _with(query, hints)


def _with(query: SearchQuery, hints: list[Hint], *, people: bool = False) -> SearchQuery:
    filters = dict(query.filters)
    for hint in hints:
        kept = filters.get(hint.name, ()) if FILTERS[hint.name].many else ()
        filters[hint.name] = tuple(dict.fromkeys((*kept, hint.value)))
    return replace(query, text=without(query.text, hints, people=people), filters=filters, cursor="")


def _by_fit(
    actor: Actor, query: SearchQuery, context: Context, problems: list[str]
) -> tuple[tuple[Row, ...], str, Answer | None]:
    start = _read_cursor(query.cursor, int, problems) or 0
    if not 0 <= start < FIT_DEPTH:
        start = 0
    named = _named(actor, query, context) if start == 0 else ()
    brief = weighed(Brief(text=query.text, hard=()), current_scoring(actor.workspace_id))
    found = answer(
        brief=brief, limit=min(start + query.limit, FIT_DEPTH), where=query.conditions(context), today=context.today
    )
    fits = [fit for fit in found.fits[start:] if fit.creator_id not in {row.index.creator_id for row in named}]
    rows = {row.creator_id: row for row in CreatorIndex.visible_to(actor).filter(pk__in=[f.creator_id for f in fits])}
    page = (*named, *(Row(rows[fit.creator_id], fit) for fit in fits if fit.creator_id in rows))
    reached = start + query.limit
    more = len(found.fits) >= reached and reached < FIT_DEPTH
    return page, _cursor(reached) if more else "", found


def _possible(order: str, query: SearchQuery) -> bool:
    return {"fit": bool(query.text), "similar": "like" in query.filters}.get(order, True)


def _by_likeness(
    actor: Actor, query: SearchQuery, context: Context, problems: list[str]
) -> tuple[tuple[Row, ...], str]:
    """Those whose posts are nearest to one creator's, within the filters; the `FIT_DEPTH` nearest at most."""
    start = _read_cursor(query.cursor, int, problems) or 0
    start = start if 0 <= start < FIT_DEPTH else 0
    model = CreatorIndex.visible_to(actor).filter(pk=int(query.filters["like"][-1])).first()
    if model is None or model.embedding is None:
        problems.append(_("Nothing was read from this creator yet: nobody can be told to be like them."))
        return (), ""
    kept = model.embedding  # a list or pgvector's own type, as the connection reads it
    vector = np.asarray(kept.to_list() if hasattr(kept, "to_list") else kept, np.float32)
    where = query.conditions(context)
    found = retrieve(Query(Brief(text="", hard=()), vector, vector, (), context.today, where))
    near = found.creator_id[np.argsort(-found.rows["similarity"], kind="stable")][:FIT_DEPTH]
    ids = near[start : start + query.limit].tolist()
    rows = CreatorIndex.visible_to(actor).in_bulk(ids)
    reached = start + query.limit
    return tuple(Row(rows[pk]) for pk in ids if pk in rows), _cursor(reached) if reached < len(near) else ""


def _named(actor: Actor, query: SearchQuery, context: Context) -> tuple[Row, ...]:
    """Creators whose handle is what was typed: a name is answered before any meaning is guessed."""
    word = fold(query.text).lstrip("@")
    if not word or len(word.split()) > 1 or len(word) > 120:
        return ()
    ids = SocialAccount.visible_to(actor).filter(handle_key=word).values_list("creator_id", flat=True)[:5]
    return tuple(Row(row) for row in CreatorIndex.visible_to(actor).filter(pk__in=list(ids)).order_by("pk"))


def _by_column(actor: Actor, query: SearchQuery, context: Context, problems: list[str]) -> tuple[tuple[Row, ...], str]:
    """Keyset page over (column, creator): stable while rows are added, equally quick on every page."""
    expression, way, _label = ORDERS[query.sorting]
    after = _read_cursor(query.cursor, list, problems)
    where = query.conditions(context)
    if after and not _reads_as(after[0], _kind(expression)):
        problems.append(_broken_cursor())
    elif after:
        where = Sql.join(" AND ", [where, _after(expression, way, after)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.creator_id, ({expression})::text FROM {_TABLE} i WHERE {where.text}"  # noqa: S608
            f" ORDER BY {expression} {way} NULLS LAST, i.creator_id LIMIT %s",
            (*where.params, query.limit + 1),
        )
        found = cursor.fetchall()
    page = found[: query.limit]
    rows = {row.creator_id: row for row in CreatorIndex.visible_to(actor).filter(pk__in=[pk for pk, _v in page])}
    more = len(found) > query.limit
    return tuple(Row(rows[pk]) for pk, _v in page if pk in rows), _cursor([page[-1][1], page[-1][0]]) if more else ""


def _after(expression: str, way: str, after: Sequence[Any]) -> Sql:
    value, pk = after
    if value is None:
        return Sql(f"({expression} IS NULL AND i.creator_id > %s)", (pk,))
    kind = _kind(expression)
    sign = "<" if way == "desc" else ">"
    equal = f"(({expression}) = %s::{kind} AND i.creator_id > %s)"
    return Sql(f"(({expression}) {sign} %s::{kind} OR {equal} OR {expression} IS NULL)", (value, value, pk))


def _kind(expression: str) -> str:
    return "timestamptz" if "last_post_at" in expression else "float8"


def _active(query: SearchQuery) -> tuple[Active, ...]:
    return tuple(
        Active(
            name, str(FILTERS[name].label), value, str(FILTERS[name].choice_label(value)), query.without(name, value)
        )
        for name, values in query.filters.items()
        for value in values
    )


def _cursor(position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def _read_cursor(text: str, kind: type, problems: list[str]) -> Any:
    """The position a cursor stands for; a broken one starts from the first page and says so."""
    if not text:
        return None
    try:
        position = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError, RecursionError):
        position = None
    if not isinstance(position, kind) or (isinstance(position, list) and not _sound(position)):
        problems.append(_broken_cursor())
        return None
    return position


def _broken_cursor() -> str:
    return _("The place in the list was not understood; this is the first page.")


def _sound(position: list[Any]) -> bool:
    pk = position[1] if len(position) == 2 else None
    return isinstance(pk, int) and not isinstance(pk, bool) and 0 <= pk < 2**63 and isinstance(position[0], str | None)


def _reads_as(value: str | None, kind: str) -> bool:
    """Whether PostgreSQL will read the value as that type: a cursor may be forged, or kept from another order."""
    try:
        return value is None or (
            math.isfinite(float(value)) if kind == "float8" else bool(datetime.fromisoformat(value))
        )
    except ValueError:
        return False
