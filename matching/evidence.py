"""What proves a candidate's fit: the posts closest to the brief, read for the leading candidates only."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from matching import semantics
from matching.contracts import Signal
from matching.models import CreatorIndex, Signals
from matching.semantics import topics

TOP_POSTS = 5
RECENT_POSTS = 20


@dataclass(frozen=True, slots=True)
class PostEvidence:
    """One creator's posts, newest first (n,): ids, cosine with the brief, whether their own niche is one of its."""

    post_ids: NDArray[np.int64]
    brief: NDArray[np.float32]
    about: NDArray[np.bool_]

    @property
    def top(self) -> float:
        """Mean cosine of the five closest posts (SIGNALS.md §8)."""
        return float(np.sort(self.brief)[::-1][:TOP_POSTS].mean()) if len(self.brief) else float("nan")

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
    rows = [
        (pk, ids[: len(packed) // (2 * semantics.WIDTH)], packed) for pk, ids, packed in _packed(creator_ids, space)
    ]
    if not rows:
        return {}
    every = np.frombuffer(b"".join(packed for _pk, _ids, packed in rows), dtype=np.float16)
    vectors = every.reshape(-1, semantics.WIDTH).astype(np.float32)
    asked = [topics.slugs().index(slug) for slug in niches]
    cosines, about = vectors @ vector, np.isin(topics.assign_topics(vectors), asked)
    ends = np.cumsum([len(packed) // (2 * semantics.WIDTH) for _pk, _ids, packed in rows])[:-1]
    parts = zip(rows, np.split(cosines, ends), np.split(about, ends), strict=True)
    return {pk: PostEvidence(ids, near[: len(ids)], on[: len(ids)]) for (pk, ids, _packed), near, on in parts}


def _packed(creator_ids: Sequence[int], space: str) -> list[tuple[int, NDArray[np.int64], bytes]]:
    """space: the part before "+"; behind it stands how captions were read, which does not move a vector.

    (creator, post ids, float16 bytes) by binary COPY: the vectors never become text."""
    buffer = io.BytesIO()
    with transaction.atomic(), connection.cursor() as cursor:
        rows = cursor.mogrify(
            "SELECT creator_id, post_ids, vectors FROM matching_postvectors WHERE creator_id = ANY(%s)"
            " AND split_part(space_version, '+', 1) = %s AND cardinality(post_ids) > 0",
            [list(creator_ids), space],
        )
        cursor.copy_expert(b"COPY (" + rows + b") TO STDOUT (FORMAT binary)", buffer)
    data, place, found = buffer.getbuffer(), 19, []
    while struct.unpack_from(">h", data, place)[0] == 3:
        cells = []
        place += 2
        for _column in range(3):
            length = struct.unpack_from(">i", data, place)[0]
            cells.append(bytes(data[place + 4 : place + 4 + length]))
            place += 4 + length
        found.append((int.from_bytes(cells[0], "big", signed=True), _bigints(cells[1]), cells[2]))
    return found


def _bigints(array: bytes) -> NDArray[np.int64]:
    """A one-dimensional bigint[] without nulls in PostgreSQL's binary form."""
    if struct.unpack_from(">i", array, 0)[0] == 0:
        return np.empty(0, dtype=np.int64)
    item = np.dtype([("length", ">i4"), ("value", ">i8")])
    return np.frombuffer(array, dtype=item, offset=20)["value"].astype(np.int64)


def current_signals(creator_ids: Sequence[int]) -> dict[int, dict[str, Signal]]:
    """Signals in force by creator and name."""
    rows = Signals.objects.filter(creator_id__in=list(creator_ids), is_current=True).values_list(
        "creator_id", "payload"
    )
    return {pk: {name: Signal.from_json(item) for name, item in payload.items()} for pk, payload in rows}


def last_seen(creator_ids: Sequence[int]) -> dict[int, tuple[int, datetime | None, datetime | None]]:
    """Creator → (comments read, last post, last look)."""
    rows = CreatorIndex.objects.filter(pk__in=list(creator_ids))
    return {pk: tuple(rest) for pk, *rest in rows.values_list("pk", "comments_n", "last_post_at", "fresh_at")}  # type: ignore[misc]
