"""What proves a candidate's fit: the posts closest to the brief, read for the leading candidates only."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import orjson
from django.db import connection, transaction
from numpy.typing import NDArray

from matching import semantics
from matching.contracts import Signal
from matching.models import CreatorIndex, Signals
from matching.semantics import topics

TOP_POSTS = 5
RECENT_POSTS = 20
_COUNT, _LENGTH = struct.Struct(">h"), struct.Struct(">i")
_ITEM = np.dtype([("length", ">i4"), ("value", ">i8")])


@dataclass(frozen=True, slots=True)
class PostEvidence:
    """One creator's posts, newest first (n,): ids, cosine with the brief, whether their own niche is one of its.

    top: mean cosine of the five closest posts (SIGNALS.md §8). proven: how many of the newest are on the subject.
    """

    post_ids: NDArray[np.int64]
    brief: NDArray[np.float32]
    about: NDArray[np.bool_]
    top: float
    proven: int

    @property
    def recent(self) -> int:
        """How many of the newest posts were read."""
        return min(len(self.post_ids), RECENT_POSTS)

    def closest(self, n: int = TOP_POSTS) -> tuple[tuple[int, float], ...]:
        order = np.lexsort((self.post_ids, -self.brief))[:n]
        return tuple((int(self.post_ids[k]), round(float(self.brief[k]), 4)) for k in order)

    def on_subject(self) -> tuple[tuple[int, ...], int]:
        """(ids of the newest posts that are about the brief's niches, closest first; how many posts were read)."""
        ids, near, about = self.post_ids[:RECENT_POSTS], self.brief[:RECENT_POSTS], self.about[:RECENT_POSTS]
        return tuple(int(ids[k]) for k in np.lexsort((ids, -near)) if about[k]), len(ids)


def post_evidence(
    creator_ids: Sequence[int], vector: NDArray[np.float32], niches: Sequence[str], *, space: str
) -> dict[int, PostEvidence]:
    """Evidence by creator, for those whose posts have vectors of this `space`.

    vector: the brief's, (256,). niches: slugs of the niches that name the brief.
    """
    rows = _packed(creator_ids, space)
    if not rows:
        return {}
    every = np.frombuffer(b"".join([packed for _pk, _ids, packed in rows]), dtype=np.float16)
    vectors = every.reshape(-1, semantics.WIDTH).astype(np.float32)
    held = np.array([len(packed) // (2 * semantics.WIDTH) for _pk, _ids, packed in rows])
    n = np.minimum(held, [len(ids) for _pk, ids, _packed in rows])
    asked = [topics.slugs().index(slug) for slug in niches]
    cosines, about = vectors @ vector, np.isin(topics.assign_topics(vectors), asked)
    starts = np.cumsum(held) - held
    place = np.arange(len(cosines)) - np.repeat(starts, held)
    read = place < np.repeat(n, held)
    proven = np.add.reduceat(about & read & (place < RECENT_POSTS), starts, dtype=np.int64)
    top = _means_of_best(cosines[read], n)
    found = {}
    for k, (pk, ids, _bytes) in enumerate(rows):
        part = slice(starts[k], starts[k] + n[k])
        found[pk] = PostEvidence(ids[: n[k]], cosines[part], about[part], float(top[k]), int(proven[k]))
    return found


def _means_of_best(cosines: NDArray[np.float32], n: NDArray[np.int64]) -> NDArray[np.float32]:
    """(m,) mean of the `TOP_POSTS` greatest of each run of n[k] cosines, one after the other."""
    owner = np.repeat(np.arange(len(n)), n)
    order = np.lexsort((-cosines, owner))
    place = np.arange(len(order)) - np.repeat(np.cumsum(n) - n, n)
    best = place < TOP_POSTS
    table = np.zeros((len(n), TOP_POSTS), dtype=np.float32)
    table[owner[best], place[best]] = cosines[order][best]
    return np.asarray(table.sum(axis=1) / np.minimum(n, TOP_POSTS).astype(np.float32))


def _packed(creator_ids: Sequence[int], space: str) -> list[tuple[int, NDArray[np.int64], memoryview]]:
    """(creator, post ids, float16 bytes) by binary COPY: the vectors never become text.

    space: the part before "+"; behind it stands how captions were read, which does not move a vector.
    """
    buffer = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        rows = cursor.mogrify(
            "SELECT creator_id, post_ids, vectors FROM matching_postvectors WHERE creator_id = ANY(%s)"
            " AND split_part(space_version, '+', 1) = %s AND cardinality(post_ids) > 0 AND length(vectors) > 0",
            [list(creator_ids), space],
        )
        cursor.copy_expert(b"COPY (" + rows + b") TO STDOUT (FORMAT binary)", buffer)
    data, place, found = buffer.getvalue(), 19, []
    while _COUNT.unpack_from(data, place)[0] == 3:
        # two bytes of columns; then four of length before each: a bigint of eight, the ids, the vectors
        ids = place + 18
        vectors = ids + 4 + _LENGTH.unpack_from(data, ids - 4)[0]
        end = vectors + _LENGTH.unpack_from(data, vectors - 4)[0]
        pk = int.from_bytes(data[place + 6 : place + 14], "big", signed=True)
        found.append((pk, _bigints(data, ids), memoryview(data)[vectors:end]))
        place = end
    return found


def _bigints(data: bytes, place: int) -> NDArray[np.int64]:
    """The one-dimensional bigint[] without nulls that lies at `place` in PostgreSQL's binary form."""
    if _LENGTH.unpack_from(data, place)[0] == 0:
        return np.empty(0, dtype=np.int64)
    n = _LENGTH.unpack_from(data, place + 12)[0]
    return np.frombuffer(data, dtype=_ITEM, count=n, offset=place + 20)["value"].astype(np.int64)


def current_signals(creator_ids: Sequence[int]) -> dict[int, dict[str, Signal]]:
    """Signals in force by creator and name."""
    with connection.cursor() as cursor:  # as text: a payload is a kilobyte, and its JSON is read quicker here
        cursor.execute(
            f"SELECT creator_id, payload::text FROM {Signals._meta.db_table} WHERE is_current AND creator_id = ANY(%s)",  # noqa: S608
            [list(creator_ids)],
        )
        rows = cursor.fetchall()
    return {pk: {name: Signal.from_json(item) for name, item in orjson.loads(text).items()} for pk, text in rows}


def last_seen(creator_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None, datetime | None]]:
    """Creator → (comments read, last post, last look)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT creator_id, comments_n, last_post_at, fresh_at FROM {CreatorIndex._meta.db_table}"  # noqa: S608
            " WHERE creator_id = ANY(%s)",
            [list(creator_ids)],
        )
        return {pk: (comments, last, seen) for pk, comments, last, seen in cursor.fetchall()}
