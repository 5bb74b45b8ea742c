"""What was read from posts: vectors and captions, kept while the text is the same, read anew where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching import semantics
from matching.repository.documents import document_hashes
from matching.repository.loading import Loaded, with_texts
from matching.signals import captions
from matching.signals.captions import PACKED, Captions, read_captions
from matching.signals.segments import Bools, Ints, counts, rank_within

WIDTH = 256
MOST_KEPT = 100
"""Newest posts of a creator that are placed in the semantic space and whose readings are kept."""
_NO_ALT = ("", "No photo description available.")


@dataclass(frozen=True, slots=True)
class Readings:
    """vectors: float32 (p, 256), zero rows where nothing could be read or the post is beyond MOST_KEPT.
    captions: of all p posts. kept: (p,) posts within MOST_KEPT. changed: (n,) creators whose kept readings
    must be written anew. told: (n,) creators whose texts are loaded, for their words changed."""

    vectors: NDArray[np.float32]
    captions: Captions
    kept: Bools
    changed: Bools
    told: Bools


@dataclass(frozen=True, slots=True)
class _Kept:
    """From the store. known: (p,) posts whose text is the one read. held: (n,) posts kept, -1 no row.
    documents: (n,) hash of the document in the index, 0 none."""

    vectors: NDArray[np.float32]
    packed: NDArray[np.void]
    known: Bools
    held: Ints
    documents: Ints


def version() -> str:
    """Of the space and of the reading of captions."""
    return f"{semantics.version()}+{captions.version()}"


def read(loaded: Loaded) -> tuple[Loaded, Readings]:
    """The batch with the texts it needs, and the readings of all its posts."""
    batch, creator = loaded.batch, loaded.batch.post_creator
    order = np.lexsort((-batch.posts.posted_at, creator))
    rank = np.empty(len(creator), np.int64)
    rank[order] = rank_within(creator[order], batch.n)
    within = rank < MOST_KEPT
    kept = _kept(loaded, within)
    again = counts(creator[within & ~kept.known], batch.n) > 0
    told = again | (kept.documents != document_hashes(loaded))
    unread = np.flatnonzero(~kept.known | told[creator])
    loaded = with_texts(loaded, unread) if len(unread) else loaded
    new = np.flatnonzero(within & ~kept.known)
    if len(new):
        # as they are stored, so that a creator scores the same before and after a reload
        kept.vectors[new] = semantics.encode(_texts(loaded, new)).astype(np.float16)
    fresh = np.flatnonzero(~kept.known)
    if len(fresh):
        kept.packed[fresh] = read_captions(loaded.batch.posts).packed()[fresh]
    changed = again | (kept.held != counts(creator[within], batch.n))
    return loaded, Readings(kept.vectors, Captions.unpacked(kept.packed), within, changed, told)


def _texts(loaded: Loaded, rows: Ints) -> list[str]:
    """Caption and alternative text; what the network writes when it saw nothing says nothing."""
    said, alts = loaded.batch.posts.caption.to_list(), loaded.alt.to_list()
    return [f"{said[i]} {'' if alts[i] in _NO_ALT else alts[i]}" for i in rows.tolist()]


def _kept(loaded: Loaded, within: Bools) -> _Kept:
    batch = loaded.batch
    found = _Kept(
        vectors=np.zeros((len(within), WIDTH), np.float32),
        packed=np.zeros(len(within), PACKED),
        known=np.zeros(len(within), bool),
        held=np.full(batch.n, -1),
        documents=np.zeros(batch.n, np.int64),
    )
    rows = _rows(batch.creator_id)
    if not rows:
        return found
    where = np.searchsorted(batch.creator_id, [row[0] for row in rows])
    found.held[where] = [len(row[1]) for row in rows]
    found.documents[where] = [row[2] for row in rows]
    ids = np.concatenate([np.array(row[1], np.int64) for row in rows])
    if len(ids) == 0:
        return found
    vectors, hashes, packed = (b"".join(bytes(row[column]) for row in rows) for column in (3, 4, 5))
    order = np.argsort(ids, kind="stable")
    place = order[np.minimum(np.searchsorted(ids[order], batch.posts.id), len(order) - 1)]
    found.known[:] = (
        within & (ids[place] == batch.posts.id) & (np.frombuffer(hashes, np.int64)[place] == loaded.text_hash)
    )
    place = place[found.known]
    found.vectors[found.known] = np.frombuffer(vectors, np.float16).reshape(-1, WIDTH)[place]
    found.packed[found.known] = np.frombuffer(packed, PACKED)[place]
    return found


def _rows(creator_ids: Ints) -> list[tuple[int, list[int], int, memoryview, memoryview, memoryview]]:
    """(creator, post ids, document hash, vectors, text hashes, captions) of the current version, by creator."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.creator_id, p.post_ids, CASE WHEN i.document IS NULL THEN 0 ELSE coalesce(p.document_hash, 0) END,
                      p.vectors, p.text_hashes, p.captions
               FROM matching_postvectors p LEFT JOIN matching_creatorindex i USING (creator_id)
               WHERE p.creator_id = ANY(%s) AND p.space_version = %s
                 AND length(p.text_hashes) = 8 * cardinality(p.post_ids)
                 AND length(p.captions) = 24 * cardinality(p.post_ids)
                 AND length(p.vectors) = 512 * cardinality(p.post_ids) ORDER BY p.creator_id""",
            [creator_ids.tolist(), version()],
        )
        return list(cursor.fetchall())
