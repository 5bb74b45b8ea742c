"""Live counts beside every filter, and what to give up when nothing is left.

A facet counts what its other values would give: every other filter applies, its own does not. Rows that
pass are read once as narrow binary columns and counted in numpy: all of them up to `EXACT_ROWS`, above
that a repeatable sample of the index, scaled and marked as an estimate.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from matching.codes import countries, languages
from matching.conditions import Sql
from matching.contracts import PLATFORMS
from matching.filters import FILTERS, TIERS, Context, SearchQuery
from matching.retrieval import index_size

EXACT_ROWS = 20_000
EXACT_COST = 25_000
"""Cost by the planner's measure up to which rows that pass are looked for: few may lie scattered among many."""
ALWAYS_EXACT = 1_000
"""Expected rows below which a sample would tell nothing."""
SAMPLE_ROWS = 10_000
CHOICES_SHOWN = 12
RELAXED_SHOWN = 5
_TABLE = "matching_creatorindex"

# Name → (SQL of an int4 or real, kind). Texts travel as hashes and are named again from their known values.
_CODED = {
    "platform": [f"hashtext(i.platforms[{k}])" for k in (1, 2, 3, 4)],
    "tier": ["hashtext(i.tier)"],
    "country": ["hashtext(i.country)"],
    "language": [f"hashtext(i.languages[{k}])" for k in (1, 2, 3)],
    "topic": [f"hashtext(i.topics[{k}])" for k in (1, 2, 3, 4)],
}
_FLAGS = ("available", "contactable", "claimed", "new", "calm")
_STEPPED = ("engagement", "quality", "posture", "growth", "active", "sponsored", "disclosed", "authentic", "price")


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A group as `components/facets.html` draws it. exact: counts are not estimates. open: unfolded."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    exact: bool
    open: bool
    type: str = "checkbox"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One filter to give up: `query` is the search without it, `total` what it would find."""

    name: str
    value: str
    label: str
    total: int
    exact: bool
    query: SearchQuery


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows as columns: texts by name (n, k) int32 hashes, steps by name (n, s) bool, passes by chosen filter (n,).

    weight: rows of the index that each stands for.
    """

    texts: Mapping[str, NDArray[np.int32]]
    steps: Mapping[str, NDArray[np.bool_]]
    passes: Mapping[str, NDArray[np.bool_]]
    n: int
    weight: float

    def passing(self, but: str = "") -> _Rows:
        """Those that every chosen filter lets in, but this one."""
        keep = np.ones(self.n, bool)
        for name, passed in self.passes.items():
            keep &= passed | (name == but)
        texts = {name: column[keep] for name, column in self.texts.items()}
        steps = {name: column[keep] for name, column in self.steps.items()}
        return _Rows(texts, steps, {}, int(keep.sum()), self.weight)

    @property
    def total(self) -> int:
        return round(self.n * self.weight)


def count_facets(query: SearchQuery, context: Context) -> tuple[int, bool, tuple[Facet, ...]]:
    """(rows that pass, whether that is exact, facets in their order)."""
    reader = _Reader(query, context)
    everything, facets = reader.rows(), []
    for name in (*_CODED, *_STEPPED, *_FLAGS):
        rows = everything if name not in query.filters else reader.rows(but=name)
        facets.append(_facet(name, rows, query.filters.get(name, ())))
    facets.insert(list(_CODED).index("country") + 1, _cities(query, context, everything.weight == 1.0))
    return everything.total, everything.weight == 1.0, tuple(facet for facet in facets if facet.choices)


def _cities(query: SearchQuery, context: Context, exact: bool) -> Facet:
    """The most frequent cities where rows are few enough to be counted; else only those chosen."""
    chosen, found = query.filters.get("city", ()), []
    if exact:
        where = query.conditions(context, but="city")
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT min(i.city), count(*) FROM {_TABLE} i WHERE {where.text} AND i.city <> ''"  # noqa: S608
                " GROUP BY lower(i.city) ORDER BY 2 DESC, 1 LIMIT %s",
                (*where.params, CHOICES_SHOWN),
            )
            found = cursor.fetchall()
    picked = {value.lower() for value in chosen}
    choices = [Choice(city, city, count, city.lower() in picked) for city, count in found]
    known = {choice.value.lower() for choice in choices}
    choices += [Choice(value, value, 0, True) for value in chosen if value.lower() not in known]
    return Facet("city", str(FILTERS["city"].label), tuple(choices), exact, bool(chosen))


def relax(query: SearchQuery, context: Context) -> tuple[Relaxation, ...]:
    """What each filter costs: the searches without it, most rewarding first; nothing that finds nothing."""
    found = []
    for name, values in query.filters.items():
        for value in values if len(values) > 1 else ("",):
            wider = query.without(name, value or None)
            total, exact = count(wider, context)
            label = " / ".join(FILTERS[name].choice_label(v) for v in ((value,) if value else values))
            if total:
                found.append(Relaxation(name, value, label, total, exact, wider))
    return tuple(sorted(found, key=lambda r: (-r.total, r.name))[:RELAXED_SHOWN])


def count(query: SearchQuery, context: Context) -> tuple[int, bool]:
    """(rows that pass, exact): counted up to `EXACT_ROWS`, else the planner's estimate."""
    where = query.conditions(context)
    expected = _expected(where)
    if expected > 2 * EXACT_ROWS:
        return expected, False
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {_TABLE} i WHERE {where.text} LIMIT {2 * EXACT_ROWS}) s",  # noqa: S608
            where.params,
        )
        found = int(cursor.fetchone()[0])
    return (found, True) if found < 2 * EXACT_ROWS else (max(found, expected), False)


def _expected(where: Sql) -> int:
    return index_size() if where.text == "TRUE" else _planned(where)[0]


def _planned(where: Sql) -> tuple[int, float]:
    """(rows the planner expects, what it reckons they cost)."""
    with connection.cursor() as cursor:
        statement = f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {_TABLE} i WHERE {where.text}"  # noqa: S608
        cursor.execute(statement, where.params)
        answer = cursor.fetchone()[0]
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return int(plan["Plan Rows"]), float(plan["Total Cost"])


class _Reader:
    """Rows for one search: all that pass where they are few, else those of one sample read once for every facet."""

    def __init__(self, query: SearchQuery, context: Context) -> None:
        self.query, self.context, self.size = query, context, index_size()

    def rows(self, but: str = "") -> _Rows:
        where = self.query.conditions(self.context, but=but)
        if self.size > EXACT_ROWS:
            expected, cost = _planned(where)
            if expected > EXACT_ROWS or (cost > EXACT_COST and expected > ALWAYS_EXACT):
                return self._sample.passing(but)
        return _read(f"{_TABLE} i", where, {}, self.context, 1.0)

    @cached_property
    def _sample(self) -> _Rows:
        weight = max(self.size / SAMPLE_ROWS, 1.0)
        passes = {name: FILTERS[name].sql(values, self.context) for name, values in self.query.filters.items()}
        source = f"{_TABLE} i TABLESAMPLE SYSTEM ({100 / weight:.6f}) REPEATABLE (7)"
        return _read(source, Sql("TRUE"), passes, self.context, weight)


def _read(source: str, where: Sql, passes: Mapping[str, Sql], context: Context, weight: float) -> _Rows:
    coded = _CODED | {"tier": [f"hashtext({context.tiers.sql()})"]}
    hashed = [expression for expressions in coded.values() for expression in expressions]
    stepped = [(name, step) for name in (*_STEPPED, *_FLAGS) for step in FILTERS[name].steps]
    tests = [*(FILTERS[name].sql((step,), context) for name, step in stepped), *passes.values()]
    bits = Sql.join(
        " + ", [Sql(f"(coalesce({t.text}, FALSE)::int::bigint << {k})", t.params) for k, t in enumerate(tests)]
    )
    columns = Sql.join(", ", [*(Sql(f"coalesce({expression}, 0)::bigint") for expression in hashed), bits])
    whole = Sql.join(
        "", [Sql("COPY (SELECT "), columns, Sql(f" FROM {source} WHERE "), where, Sql(") TO STDOUT (FORMAT binary)")]
    )
    table = read_integers(whole, len(hashed) + 1)
    texts, start = {}, 0
    for name, expressions in _CODED.items():
        texts[name] = table[:, start : start + len(expressions)].astype(np.int32)
        start += len(expressions)
    masks = (table[:, -1:] >> np.arange(len(tests)) & 1).astype(bool)
    steps = {n: masks[:, [k for k, (m, _s) in enumerate(stepped) if m == n]] for n in (*_STEPPED, *_FLAGS)}
    passed = {name: masks[:, len(stepped) + k] for k, name in enumerate(passes)}
    return _Rows(texts, steps, passed, len(table), weight)


def read_integers(whole: Sql, width: int) -> NDArray[np.int64]:
    """(n, width) int64 of a `COPY (…) TO STDOUT (FORMAT binary)` whose columns are all non-null bigint."""
    buffer = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.copy_expert(cursor.mogrify(whole.text, whole.params), buffer)
    row = np.dtype([("fields", ">i2"), ("cells", [("length", ">i4"), ("value", ">i8")], (width,))])
    return np.frombuffer(buffer.getbuffer()[19:-2], dtype=row)["cells"]["value"].astype(np.int64)


def _facet(name: str, rows: _Rows, chosen: Sequence[str]) -> Facet:
    f, counts = FILTERS[name], _counts(name, rows)
    values = [*f.steps] if f.steps else sorted(counts, key=lambda v: (-counts[v], v))[:CHOICES_SHOWN]
    values += [value for value in chosen if value not in values]
    choices = tuple(
        Choice(value, str(f.choice_label(value)), round(counts.get(value, 0) * rows.weight), value in chosen)
        for value in values
        if counts.get(value) or value in chosen
    )
    kind = "checkbox" if f.many or len(f.steps) == 1 else "radio"
    return Facet(
        name, str(f.label), choices, rows.weight == 1.0, bool(chosen) or name in ("platform", "tier", "topic"), kind
    )


def _counts(name: str, rows: _Rows) -> dict[str, int]:
    if name in rows.steps:
        return dict(zip(FILTERS[name].steps, map(int, rows.steps[name].sum(axis=0)), strict=True))
    hashes, numbers = np.unique(rows.texts[name], return_counts=True)
    known = _names(name)
    return {known[h]: n for h, n in zip(hashes.tolist(), numbers.tolist(), strict=True) if h in known}


@lru_cache(maxsize=8)
def _names(name: str) -> dict[int, str]:
    """Hash → value for the texts a facet can show, by PostgreSQL's own hash."""
    from matching.semantics import topics

    by_name: dict[str, list[str]] = {
        "platform": list(PLATFORMS),
        "tier": list(TIERS),
        "country": sorted(countries()),
        "language": sorted(languages()),
        "topic": list(topics.slugs()),
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashtext(t), t FROM unnest(%s::text[]) t", [by_name[name]])
        return dict(cursor.fetchall())
