"""The semantic space divided into cells, so that a match compares the rows near the brief and not a million.

Spherical k-means on a sample; every vector belongs to the cell whose centre is nearest (a trigger sees to new ones),
and rows of a cell lie together on disk. A match then takes whole cells, nearest first, until enough rows *that pass
its filters* are met: filters and cells meet in one bitmap before a single vector is read, which a graph index
cannot do. Measured against HNSW in `docs/benchmarks.md`. Rows that nobody divided yet are always compared.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from numpy.typing import NDArray

from matching import semantics
from matching.repository.columns import write_columns, write_vectors

FEWEST_ROWS = 30_000
"""Below, every passing row is compared."""
ROWS_PER_CELL, FEWEST, MOST = 1_000, 64, 1_024
GROWTH = 1.5
"""Divided anew when the index has grown, or shrunk, by this factor."""
SAMPLE_PER_CELL, ROUNDS = 40, 8
SAMPLE_ROWS = 2_500
AT_ONCE = 20_000
_LOCK = 0x6365_6C6C
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("l1", ">i4"),
        ("id", ">i8"),
        ("l2", ">i4"),
        ("dim", ">i2"),
        ("unused", ">i2"),
        ("v", ">f2", (256,)),
    ]
)
_NARROW = "followers, size_step, country, platforms, languages, topics, embedding"
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cells:
    """centres: unit norm float32 (k, 256); number: (k,) as stored; rows: (k,) creators in each."""

    centres: Vectors
    number: NDArray[np.int64]
    rows: NDArray[np.int64]

    def nearest(self, vector: Vectors, share: float) -> list[int]:
        """Numbers of the cells that hold this share (0..1) of all rows, nearest first."""
        order = np.argsort(-(self.centres @ vector), kind="stable")
        reached = np.cumsum(self.rows[order])
        return self.number[order[: int(np.searchsorted(reached, share * reached[-1])) + 1]].tolist()


_KNOWN: dict[str, Cells] = {}


def current_cells() -> Cells | None:
    """The division in force, None where there is none or it was made for vectors of another version."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(made_at)::text FROM matching_vectorcell WHERE space = %s", [semantics.version()])
        made = cursor.fetchone()[0]
        if made is None:
            return None
        key = f"{connection.settings_dict['NAME']} {made}"
        if key not in _KNOWN:
            cursor.execute("SELECT cell, rows, centre::float4[] FROM matching_vectorcell ORDER BY cell")
            number, rows, centres = zip(*cursor.fetchall(), strict=True)
            _KNOWN.clear()
            _KNOWN[key] = Cells(_unit(np.array(centres, np.float32)), np.array(number), np.array(rows, np.int64))
    return _KNOWN.get(key)


def divide_if_due(*, force: bool = False) -> int:
    """Divides the space anew when there is reason to. Returns the number of cells made, 0 when nothing was due,
    or another process is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matching_creatorvector")
        size = int(cursor.fetchone()[0])
        cursor.execute("SELECT sum(rows) FROM matching_vectorcell WHERE space = %s", [semantics.version()])
        held = int(cursor.fetchone()[0] or 0)
    if size < FEWEST_ROWS and not force:
        return 0
    if held and held / GROWTH < size < held * GROWTH and not force:
        return 0
    return _divide(size) if size else 0


def _divide(size: int) -> int:
    k = int(min(max(size // ROWS_PER_CELL, FEWEST), MOST, size))
    rng = np.random.default_rng(size)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
            if not cursor.fetchone()[0]:
                return 0
        _ids, drawn = read_vectors(
            f"TABLESAMPLE BERNOULLI ({min(100.0, 110.0 * k * SAMPLE_PER_CELL / size):.4f}) REPEATABLE (1)"
        )
        centres = means(drawn, k, rng)
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE matching_creatorvector IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute("CREATE TEMP TABLE placed (creator_id bigint, cell bigint) ON COMMIT DROP")
            rows = _place(centres)
            cursor.execute("DELETE FROM matching_vectorcell")
            _store(centres, rows)
            # written anew in the order of the cells, so that those of one cell lie on the same pages
            cursor.execute(
                f"WITH gone AS (DELETE FROM matching_creatorvector v USING placed p WHERE p.creator_id = v.creator_id"  # noqa: S608
                f" RETURNING v.creator_id, {_NARROW}, p.cell)"
                f" INSERT INTO matching_creatorvector (creator_id, {_NARROW}, cell)"
                f" SELECT creator_id, {_NARROW}, cell FROM gone ORDER BY cell, creator_id"
            )
            cursor.execute("DELETE FROM matching_vectorsample")
            cursor.execute(
                "INSERT INTO matching_vectorsample SELECT * FROM matching_creatorvector"
                " WHERE mod(hashint8extended(creator_id, 7), %s) = 0",
                [max(size // SAMPLE_ROWS, 1)],
            )
            cursor.execute("ANALYZE matching_creatorvector")
    return k


def _place(centres: Vectors) -> NDArray[np.int64]:
    """Fills `placed` with the cell of every creator. Returns how many each cell has."""
    rows, after = np.zeros(len(centres), np.int64), 0
    while True:
        ids, vectors = read_vectors("", f"WHERE v.creator_id > {after} ORDER BY v.creator_id LIMIT {AT_ONCE}")
        if not len(ids):
            return rows
        cell = (vectors @ centres.T).argmax(axis=1)
        write_columns("placed", {"creator_id": ids, "cell": cell})
        rows += np.bincount(cell, minlength=len(centres))
        after = int(ids[-1])


def _store(centres: Vectors, rows: NDArray[np.int64]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE centres (cell bigint, centre halfvec(256)) ON COMMIT DROP")
        cursor.execute("CREATE TEMP TABLE held (cell bigint, rows bigint) ON COMMIT DROP")
        write_vectors("centres", np.arange(len(rows)), centres, ("cell", "centre"))
        write_columns("held", {"cell": np.arange(len(rows)), "rows": rows})
        cursor.execute(
            "INSERT INTO matching_vectorcell (cell, centre, rows, space, made_at)"
            " SELECT cell, centre, rows, %s, %s FROM centres JOIN held USING (cell)",
            [semantics.version(), timezone.now()],
        )


def means(vectors: Vectors, k: int, rng: np.random.Generator) -> Vectors:
    """k unit centres (k, 256) of unit vectors (n, 256), by spherical k-means; an empty one takes a far vector."""
    centres = vectors[rng.choice(len(vectors), k, replace=len(vectors) < k)]
    for _round in range(ROUNDS):
        near = [part @ centres.T for part in np.array_split(vectors, max(len(vectors) // AT_ONCE, 1))]
        cell = np.concatenate([part.argmax(axis=1) for part in near])
        close = np.concatenate([part.max(axis=1) for part in near])
        order = np.argsort(cell, kind="stable")
        held, starts = np.unique(cell[order], return_index=True)
        centres = centres.copy()
        centres[held] = np.add.reduceat(vectors[order], starts)
        empty = np.setdiff1d(np.arange(k), held)
        centres[empty] = vectors[np.argsort(close)[: len(empty)]]
        centres = _unit(centres)
    return centres


def read_vectors(sampled: str, rest: str = "") -> tuple[NDArray[np.int64], Vectors]:
    """(ids, vectors) by binary COPY. sampled, rest: what follows the table, and the rest of the query."""
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY (SELECT v.creator_id, v.embedding FROM matching_creatorvector v {sampled} {rest})"  # noqa: S608
            " TO STDOUT (FORMAT binary)",
            buffer,
        )
    rows = np.frombuffer(buffer.getbuffer()[19:-2], _ROW)
    return rows["id"].astype(np.int64), rows["v"].astype(np.float32)


def _unit(vectors: Vectors) -> Vectors:
    return (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
