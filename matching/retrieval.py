"""Candidates from PostgreSQL: nearest creators that pass the hard filters, joined with shared rare words.

Filters are where every engine silently loses recall, so the plan follows their selectivity, near the brief
and not only on the whole: a repeatable sample of the index says how many rows pass and how far from the brief one
must go to meet enough of them. Few passing rows are all compared; else the cells nearest to the brief are
(`matching.cells`), as many as hold `COMPARED` passing rows by the sample.

Rows leave PostgreSQL as binary COPY of one numeric width: 2,000 × 30 numbers cost about 2 ms instead of
25 ms through Python objects. Distances are computed where the vectors are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from matching.cells import Cells, current_cells
from matching.conditions import EVERYTHING, MIN_FEE_EUR, PRICE_LEVEL, Sql, limit_name, limits, requirements, wishes
from matching.contracts import Brief
from matching.ranking.pool import Reference
from matching.repository.columns import listed
from matching.sampling import Sample, read_sample
from matching.terms import Term

WANTED = 2_000
COMPARED = 12_000
"""Passing rows whose vectors are compared when the space is divided: about 10 ms."""
ALL_COMPARED = 25_000
"""Passing rows up to which all are: bringing cells and filters together costs as much as the rest."""
FARTHEST = 0.6
"""Share of all rows from which on all passing ones are compared instead."""
LEXICAL_WANTED = 400
LEXICAL_READ = 2_000
"""Creators using a rare word that are looked at; one that more of them use tells too little to be worth reading."""
EXCLUDED_SHOWN = 200
_INDEX, _VECTORS, _WORDS = "matching_creatorindex", "matching_creatorvector", "matching_creatordocument"

COLUMNS: dict[str, str] = {
    "posts": "i.posts_n",
    "coherence": "i.coherence",
    "audience": "i.audience_score",
    "audience_low": "i.audience_low",
    "audience_high": "i.audience_high",
    "posture": "i.posture_score",
    "posture_low": "i.posture_low",
    "posture_high": "i.posture_high",
    "reliability": "i.reliability_score",
    "reliability_low": "i.reliability_low",
    "reliability_high": "i.reliability_high",
    "followers": "i.followers",
    "er": "i.er",
    "qualified": "i.qualified",
    "price_level": PRICE_LEVEL,
    "min_fee": MIN_FEE_EUR,
    "accepts_in_kind": "i.accepts_in_kind::int",
    "claimed": "i.is_claimed::int",
    "sponsored": "i.sponsored_share",
    "risks": "cardinality(i.risk_flags)",
    "last_post": "extract(epoch FROM i.last_post_at)",
    "observed": "extract(epoch FROM i.fresh_at)",
    "platform": "array_position(ARRAY['instagram','tiktok','youtube','x']::varchar[], i.main_platform)",
}
"""Name → SQL over the index row `i`; each leaves as float8, NaN for null."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """rows: name → (n,) float64 for candidates that break no limit; wishes: name → (n,) bool.

    excluded: code → count, over the rows compared. shown_excluded: (creator id, code) of the nearest.
    terms: (n, t) bool, which of the brief's words a candidate found by words uses. eligible: rows that pass the brand's
    filters (an estimate unless `exact`). reference, coherence: of a sample of the index. vector: the query as compared.
    """

    creator_id: NDArray[np.int64]
    rows: Mapping[str, NDArray[np.float64]]
    wishes: Mapping[str, NDArray[np.bool_]]
    terms: NDArray[np.bool_]
    excluded: Mapping[str, int]
    shown_excluded: tuple[tuple[int, str], ...]
    eligible: int
    index_size: int
    exact: bool
    reference: Reference
    coherence: NDArray[np.float64]
    vector: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Query:
    """A brief made ready: vectors are unit norm float32 (256,), terms its distinctive words, where more filters."""

    brief: Brief
    vector: NDArray[np.float32]
    subject: NDArray[np.float32]
    terms: Sequence[Term]
    today: date
    where: Sql = EVERYTHING


@dataclass(frozen=True, slots=True)
class Plan:
    """passing: rows expected to pass the brand's filters. wanted: candidates. cells: those that are compared, None
    for every passing row."""

    passing: int
    wanted: int
    cells: Sequence[int] | None = None

    @property
    def exact(self) -> bool:
        return self.cells is None


def retrieve(query: Query, *, wanted: int = WANTED, exact: bool | None = None) -> Retrieved:
    """About `wanted` candidates for a brief. `exact` forces the plan (benchmarks, tests)."""
    size = index_size()
    with transaction.atomic():
        _set("jit = off", "max_parallel_workers_per_gather = 0")
        filters = Sql.join(" AND ", [requirements(query.brief, "v"), query.where])
        cells = current_cells()
        sample = read_sample(filters, size, joined=query.where != EVERYTHING, kept=cells is not None)
        query = replace(query, vector=sample.centred(query.vector), subject=sample.centred(query.subject))
        plan = _plan(query, size, sample, wanted, cells if exact is not True else None)
        near, passing, plan = _found(query, plan, limited=False)
        if not _enough(near, plan):
            near = np.concatenate([near, _found(query, plan, limited=True)[0]])
        everyone = plan.exact and passing is not None and passing <= plan.wanted
        rows = near if everyone else np.concatenate([_lexical_rows(query), near])
    return _answer(query, rows, plan=plan, passing=passing, size=size, sample=sample)


def _found(query: Query, plan: Plan, *, limited: bool) -> tuple[NDArray[np.float64], int | None, Plan]:
    """(candidate rows, rows passing where counted, plan taken): cells that held too few are made good by comparing
    everything, for an answer must not depend on an estimate."""
    rows, passing = _near(query, plan, limited=limited)
    if not plan.exact and len(rows) < (plan.wanted if limited else min(plan.wanted, plan.passing)):
        plan = replace(plan, cells=None)
        rows, passing = _near(query, plan, limited=limited)
    return rows, passing, plan


def _plan(query: Query, size: int, sample: Sample, wanted: int, cells: Cells | None) -> Plan:
    """All passing rows while they are few, else the nearest cells that hold enough of them."""
    hits = int(sample.passes.sum())
    # the sample knows which filters go together; the planner knows better what is too rare for a sample
    passing = round(hits * size / len(sample.passes)) if hits >= 10 else _expected(query)
    if cells is None or passing <= ALL_COMPARED or not query.vector.any():
        return Plan(passing, wanted)
    share = sample.reach(query.vector, COMPARED / size, min(passing / size, 1.0))
    return Plan(passing, wanted, cells.nearest(query.vector, share) if share < FARTHEST else None)


def _enough(near: NDArray[np.float64], plan: Plan) -> bool:
    """False when the creators' own limits took so many that those behind must be asked for."""
    refused = int((near[:, 1] > 0).sum())
    return refused < plan.wanted // 4 or len(near) < plan.wanted


def index_size() -> int:
    """Rows of the index: counted when small, PostgreSQL's own estimate when large."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [_INDEX])
        estimate = int(cursor.fetchone()[0])
        if estimate > 50_000:
            return estimate
        cursor.execute(f"SELECT count(*) FROM {_INDEX}")  # noqa: S608
        return int(cursor.fetchone()[0])


def _set(*settings: str) -> None:
    """Settings of this search only. JIT compiles longer than the search lasts."""
    with connection.cursor() as cursor:
        for setting in settings:
            cursor.execute(f"SET LOCAL {setting}")


def _source(query: Query) -> Sql:
    """FROM and WHERE of the rows that may be compared: the narrow table alone unless Discover filters too."""
    where = requirements(query.brief, "v")
    if query.where == EVERYTHING:
        return Sql.join("", [Sql(f"FROM {_VECTORS} v WHERE "), where])
    joined = Sql(f"FROM {_VECTORS} v JOIN {_INDEX} i ON i.creator_id = v.creator_id WHERE ")
    return Sql.join("", [joined, where, Sql(" AND "), query.where])


def _expected(query: Query) -> int:
    """Rows the planner expects to pass; exact enough to choose a plan, and it costs a millisecond."""
    source = _source(query)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 {source.text}", source.params)
        answer = cursor.fetchone()[0]
    plan = json.loads(answer) if isinstance(answer, str) else answer
    return int(plan[0]["Plan"]["Plan Rows"])


def vector_literal(vector: NDArray[np.float32]) -> str:
    return "[" + ",".join(f"{x:.5f}" for x in vector) + "]"


def _selected(query: Query, *, words: bool) -> Sql:
    """The numeric columns of a candidate, in the order `_names` gives. words: look into the document as well."""
    parts = [Sql(f"({expression})::float8") for expression in COLUMNS.values()]
    parts.append(Sql("-(i.embedding <#> %s::halfvec)", (vector_literal(query.vector),)))
    parts.append(Sql("-(i.embedding <#> %s::halfvec)", (vector_literal(query.subject),)))
    parts += [Sql(f"({part.text})::int::float8", part.params) for part in wishes(query.brief).values()]
    parts.append(_bits(query.terms) if words else Sql("0::float8"))
    wrapped = [Sql(f"coalesce({part.text}, 'NaN')", part.params) for part in parts]
    return Sql.join(", ", wrapped)


def _bits(terms: Sequence[Term]) -> Sql:
    """One bit per word of the brief that the document holds."""
    bits = [Sql(f"(d.document @@ %s::tsquery)::int * {2**k}", (term.query,)) for k, term in enumerate(terms)]
    return Sql.join("", [Sql("("), Sql.join(" + ", bits) if bits else Sql("0"), Sql(")::float8")])


def words_used(creator_ids: Sequence[int], terms: Sequence[Term]) -> NDArray[np.bool_]:
    """(n, t) bool: which of the brief's words each of these creators uses. Read for the few who lead: a document
    is some kilobytes, unpacked for every word."""
    if not terms or not creator_ids:
        return np.zeros((len(creator_ids), len(terms)), dtype=bool)
    parts = [Sql("COPY (SELECT d.creator_id::float8, coalesce("), _bits(terms), Sql(", 0)")]
    parts.append(Sql(f" FROM {_WORDS} d WHERE d.creator_id = ANY(%s)) TO STDOUT (FORMAT binary)", (list(creator_ids),)))
    rows = read_floats(Sql.join("", parts), 2).astype(np.int64)
    bits = dict(zip(rows[:, 0].tolist(), rows[:, 1].tolist(), strict=True))
    return _unpacked(np.array([bits.get(pk, 0) for pk in creator_ids], dtype=np.int64), len(terms))


def _unpacked(bits: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    return (bits[:, None] >> np.arange(n) & 1).astype(bool)


def _names(query: Query) -> list[str]:
    return [
        "creator_id",
        "limit",
        *COLUMNS,
        "similarity",
        "topic_similarity",
        *(f"wish:{w}" for w in wishes(query.brief)),
        "bits",
    ]


def _near(query: Query, plan: Plan, *, limited: bool) -> tuple[NDArray[np.float64], int | None]:
    """(candidate rows, rows that pass the brand's filters where all were compared)."""
    target, source = vector_literal(query.vector), _source(query)
    if limited:
        free = Sql.join("", [Sql("("), limits(query.brief, today=query.today), Sql(") = 0")])
        join = Sql(f"FROM {_VECTORS} v JOIN {_INDEX} i ON i.creator_id = v.creator_id WHERE ")
        parts = [requirements(query.brief, "v"), query.where, free]
        source = Sql.join("", [join, Sql.join(" AND ", parts)])
    if plan.cells is not None:
        within = Sql(" AND (v.cell = ANY(%s::smallint[]) OR v.cell IS NULL)", (listed(plan.cells),))
        source = Sql.join("", [source, within])
    compared = Sql.join(
        "",
        [
            Sql("passing AS MATERIALIZED (SELECT v.creator_id, v.embedding <#> %s::halfvec AS away ", (target,)),
            source,
            Sql(
                "), near AS (SELECT creator_id FROM passing ORDER BY away, creator_id LIMIT %s),"
                " counted AS (SELECT count(*) AS n FROM passing)",
                (plan.wanted,),
            ),
        ],
    )
    rows = _copy(query, compared, counted=not limited)
    if limited:
        return rows, None
    found, passing = rows[rows[:, 0] > 0], int(-rows[rows[:, 0] <= 0][:, 0].sum())
    if not plan.exact:
        return found, None
    if len(found) < plan.wanted:  # room for those of whom nothing was read
        unread = _unread(query, plan.wanted - len(found))
        return np.concatenate([found, unread]), passing + len(unread)
    return found, passing


def _unread(query: Query, most: int) -> NDArray[np.float64]:
    """Creators without a vector that pass the filters: nothing was read of them, which is not the same as unfit."""
    where = Sql.join(" AND ", [Sql("i.embedding IS NULL"), requirements(query.brief), query.where])
    picked = Sql.join(
        "",
        [
            Sql(f"near AS (SELECT i.creator_id FROM {_INDEX} i WHERE "),  # noqa: S608
            where,
            Sql(" ORDER BY i.creator_id LIMIT %s)", (most,)),
        ],
    )
    return _copy(query, picked)


def _lexical_rows(query: Query) -> NDArray[np.float64]:
    """Candidates that use the brief's rare words, however far their mean vector lies."""
    rare = [term for term in query.terms if term.rare]
    if not rare:
        return np.empty((0, len(_names(query))))
    asked = Sql("d.document @@ (" + " || ".join("%s::tsquery" for _ in rare) + ")", tuple(t.query for t in rare))
    score = Sql(" + ".join(f"(d.document @@ %s::tsquery)::int * {term.weight:.4f}" for term in rare), asked.params)
    where = Sql.join(" AND ", [requirements(query.brief), query.where])
    picked = Sql.join(
        "",
        [
            Sql(
                f"near AS MATERIALIZED (SELECT d.creator_id FROM (SELECT * FROM {_WORDS} d WHERE "  # noqa: S608
            ),
            asked,
            Sql(f" LIMIT %s) d JOIN {_INDEX} i ON i.creator_id = d.creator_id WHERE ", (LEXICAL_READ,)),
            where,
            Sql(" ORDER BY ("),
            score,
            Sql(") DESC, d.creator_id LIMIT %s)", (LEXICAL_WANTED,)),
        ],
    )
    return _copy(query, picked, words=True)


def _copy(query: Query, picked: Sql, *, counted: bool = False, words: bool = False) -> NDArray[np.float64]:
    """Runs WITH … near … and brings (n, columns) float64 by binary COPY; `counted` adds one row of −count."""
    parts = [
        Sql("COPY (WITH "),
        picked,
        Sql(" SELECT i.creator_id::float8, ("),
        limits(query.brief, today=query.today),
        Sql(")::float8, "),
        _selected(query, words=words),
        Sql(f" FROM near n JOIN {_INDEX} i ON i.creator_id = n.creator_id"),
        Sql(f" LEFT JOIN {_WORDS} d ON d.creator_id = i.creator_id" if words else ""),
    ]
    width = len(_names(query))
    if counted:
        parts.append(Sql(" UNION ALL SELECT -n::float8" + ", 0" * (width - 1) + " FROM counted"))
    return read_floats(Sql.join("", [*parts, Sql(") TO STDOUT (FORMAT binary)")]), width)


def read_floats(whole: Sql, width: int) -> NDArray[np.float64]:
    """(n, width) float64 of a `COPY (…) TO STDOUT (FORMAT binary)` whose columns are all non-null float8."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(cursor.mogrify(whole.text, whole.params), buffer)
    data = buffer.getbuffer()[19:-2]
    row = np.dtype([("fields", ">i2"), ("cells", [("length", ">i4"), ("value", ">f8")], (width,))])
    return np.frombuffer(data, dtype=row)["cells"]["value"].astype(np.float64)


def _answer(
    query: Query,
    rows: NDArray[np.float64],
    *,
    plan: Plan,
    passing: int | None,
    size: int,
    sample: Sample,
) -> Retrieved:
    names = _names(query)
    rows = rows[np.unique(rows[:, 0], return_index=True)[1]]
    table = {name: rows[:, column] for column, name in enumerate(names)}
    free = table["limit"] == 0
    codes, numbers = np.unique(table["limit"][~free], return_counts=True)
    refused = rows[~free][np.argsort(-np.nan_to_num(table["similarity"][~free], nan=-2.0), kind="stable")]
    bits = np.nan_to_num(table["bits"][free]).astype(np.int64)
    return Retrieved(
        creator_id=table["creator_id"][free].astype(np.int64),
        rows={name: table[name][free] for name in (*COLUMNS, "similarity", "topic_similarity")},
        wishes={w: table[f"wish:{w}"][free] == 1 for w in wishes(query.brief)},
        terms=_unpacked(bits, len(query.terms)),
        excluded=_by_name(zip(codes.astype(int).tolist(), numbers.tolist(), strict=True)),
        shown_excluded=tuple((int(row[0]), limit_name(int(row[1]))) for row in refused[:EXCLUDED_SHOWN]),
        eligible=plan.passing if passing is None else passing,
        index_size=size,
        exact=plan.exact,
        reference=sample.against(query.vector, query.subject),
        coherence=sample.coherence,
        vector=query.vector,
    )


def _by_name(counts: Iterable[tuple[int, int]]) -> dict[str, int]:
    named: dict[str, int] = {}
    for number, n in counts:
        named[limit_name(number)] = named.get(limit_name(number), 0) + n
    return named
