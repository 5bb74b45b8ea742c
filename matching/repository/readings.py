"""What was read from posts: vectors and captions, kept while the text is the same, read anew where it is not."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matching import semantics
from matching.repository.columns import listed, read_cells
from matching.repository.documents import document_hashes
from matching.repository.loading import Loaded, comment_texts, with_texts
from matching.signals import captions, said
from matching.signals.captions import PACKED, Captions, read_captions
from matching.signals.conversation import context_of
from matching.signals.segments import Bools, Ints, counts, rank_within

WIDTH = 256
MOST_KEPT = 100
"""Newest posts of a creator that are placed in the semantic space and whose readings are kept."""
_NO_ALT = ("", "No photo description available.")


@dataclass(frozen=True, slots=True)
class Readings:
    """vectors: float32 (p, 256), zero rows where nothing could be read or the post is beyond MOST_KEPT.
    captions: of all p posts. said: `said.PACKED` rows of all c comments. kept: (p,) posts within MOST_KEPT.
    changed: (n,) creators whose kept readings must be written anew; answered: whose comments' must.
    told: (n,) creators whose texts are loaded, for their words changed."""

    vectors: NDArray[np.float32]
    captions: Captions
    said: NDArray[np.void]
    answered: Bools
    kept: Bools
    changed: Bools
    told: Bools


@dataclass(frozen=True, slots=True)
class _Kept:
    """From the store. known: (p,) posts whose text is the one read. held: (n,) posts kept, -1 no row.
    documents: (n,) hash of the document in the index, 0 none. said: readings of comments, in no order;
    answers: (n,) how many of each creator."""

    vectors: NDArray[np.float32]
    packed: NDArray[np.void]
    known: Bools
    held: Ints
    documents: Ints
    said: NDArray[np.void]
    answers: Ints


def version() -> str:
    """Of the space and of the reading of captions."""
    return f"{semantics.version()}+{captions.version()}"


def versions() -> tuple[str, ...]:
    """Of all that is read: posts and comments."""
    return version(), str(said.version())


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
    read_posts = Captions.unpacked(kept.packed)
    comments, answered = _read_comments(loaded, read_posts, kept)
    return loaded, Readings(kept.vectors, read_posts, comments, answered, within, changed, told)


def _read_comments(loaded: Loaded, posts: Captions, kept: _Kept) -> tuple[NDArray[np.void], Bools]:
    """(PACKED rows of all comments, (n,) creators whose kept ones are not those): only new texts are read."""
    batch, context = loaded.batch, context_of(loaded.batch, posts)
    keys = said.keys(loaded.comment_hash, context)
    rows = np.zeros(len(keys), said.PACKED)
    known = np.zeros(len(keys), bool)
    if len(kept.said) and len(keys):
        order = np.argsort(kept.said["key"])
        held = kept.said["key"][order]
        place = np.minimum(np.searchsorted(held, keys), len(held) - 1)
        known = held[place] == keys
        rows[known] = kept.said[order[place[known]]]
    new = np.flatnonzero(~known)
    if len(new):
        rows[new] = said.read(comment_texts(loaded, new), keys[new], context.take(new))
    creator = batch.post_creator[batch.comments.post]
    again = counts(creator[new], batch.n) > 0
    return rows, again | (kept.answers > 2 * counts(creator, batch.n))  # or mostly of comments that are gone


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
        said=np.zeros(0, said.PACKED),
        answers=np.zeros(batch.n, np.int64),
    )
    rows = _rows(batch.creator_id)
    if not rows:
        return found
    where = np.searchsorted(batch.creator_id, [row[0] for row in rows])
    found.held[where] = [len(row[1]) for row in rows]
    found.documents[where] = [row[2] for row in rows]
    answers = b"".join(row[6] for row in rows if len(row[6]) % said.PACKED.itemsize == 0)
    found = replace(found, said=np.frombuffer(answers, said.PACKED))
    found.answers[where] = [len(row[6]) // said.PACKED.itemsize for row in rows]
    ids = np.concatenate([row[1] for row in rows])
    if len(ids) == 0:
        return found
    vectors, hashes, packed = (b"".join(row[column] for row in rows) for column in (3, 4, 5))
    if np.array_equal(ids, batch.posts.id):  # nothing new, one account each: as it lies
        place = np.arange(len(ids))
    else:
        order = np.argsort(ids, kind="stable")
        place = order[np.minimum(np.searchsorted(ids[order], batch.posts.id), len(order) - 1)]
    found.known[:] = (
        within & (ids[place] == batch.posts.id) & (np.frombuffer(hashes, np.int64)[place] == loaded.text_hash)
    )
    if found.known.all() and len(place) == len(ids) and np.array_equal(place, np.arange(len(ids))):
        found.vectors[:] = np.frombuffer(vectors, np.float16).reshape(-1, WIDTH)
        found.packed[:] = np.frombuffer(packed, PACKED)
        return found
    place = place[found.known]
    found.vectors[found.known] = np.frombuffer(vectors, np.float16).reshape(-1, WIDTH)[place]
    found.packed[found.known] = np.frombuffer(packed, PACKED)[place]
    return found


def _rows(creator_ids: Ints) -> list[tuple[int, Ints, int, bytes, bytes, bytes, bytes]]:
    """(creator, post ids, document hash, vectors, text hashes, captions, comments) of the current version, by creator."""
    found = read_cells(
        """SELECT p.creator_id, (SELECT coalesce(string_agg(int8send(u.id), '' ORDER BY u.k), '') FROM
                                 unnest(p.post_ids) WITH ORDINALITY u(id, k)),
                  (CASE WHEN d.creator_id IS NULL THEN 0 ELSE coalesce(p.document_hash, 0) END)::bigint,
                  p.vectors, p.text_hashes, p.captions, coalesce(p.comments, '')
           FROM matching_postvectors p LEFT JOIN matching_creatordocument d USING (creator_id)
           WHERE p.creator_id = ANY(%s::bigint[]) AND p.space_version = %s
             AND length(p.text_hashes) = 8 * cardinality(p.post_ids)
             AND length(p.captions) = %s * cardinality(p.post_ids)
             AND length(p.vectors) = 512 * cardinality(p.post_ids) ORDER BY p.creator_id""",
        [listed(creator_ids.tolist()), version(), PACKED.itemsize],
    )
    return [
        (_number(pk), np.frombuffer(ids, ">i8").astype(np.int64), _number(document), vectors, hashes, packed, said)
        for pk, ids, document, vectors, hashes, packed, said in found
    ]


def _number(cell: bytes) -> int:
    return int.from_bytes(cell, signed=True)
