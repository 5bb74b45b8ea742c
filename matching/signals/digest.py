"""Digests of a creator's inputs, so that the same data are not scored into a second version.

Rows are hashed column by column and added up per creator: the order in which they arrive does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.signals.batch import Batch
from matching.signals.segments import Ints

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
Part = tuple[Ints, Sequence[NDArray[Any]]]


def combine(n: int, parts: Sequence[Part], own: Sequence[NDArray[Any]] = (), *, seed: int = 0) -> Ints:
    """(n,) int64 digest. parts: (creator of each row in ascending order, columns of 8-byte values).
    own: columns with one value per creator."""
    total = _rows(own, n, seed) if own else np.full(n, np.uint64(seed))
    for number, (creator, columns) in enumerate(parts, start=1):
        if len(creator):
            hashes = _rows(columns, len(creator), seed + 7919 * number)
            starts = np.flatnonzero(np.diff(creator, prepend=-1))
            total[creator[starts]] += np.add.reduceat(hashes, starts)
    return _mixed(total).view(np.int64)


def input_hashes(batch: Batch, texts: Ints, said: Ints, *, versions: Sequence[str]) -> list[str]:
    """(n,) hexadecimal digests of 128 bits: everything scoring reads, and the versions it is scored with.

    texts: (p,) hashes of the posts' texts, said: (c,) of the comments'. Partners and mentions are told by
    the text and the label.
    """
    accounts, posts, comments, counts = batch.accounts, batch.posts, batch.comments, batch.counts
    category = np.array([hash_text(name) for name in accounts.category], np.uint64)
    parts: list[Part] = [
        (
            accounts.creator,
            [accounts.id, accounts.platform.astype(np.int64), accounts.followers, category, accounts.handle],
        ),
        (
            batch.post_creator,
            [
                posts.id,
                posts.posted_at,
                posts.likes,
                posts.comments,
                posts.shares,
                posts.saves,
                posts.views,
                posts.reach,
                posts.official.astype(np.int64),
                posts.language.astype(np.int64),
                texts,
            ],
        ),
        (
            batch.post_creator[comments.post],
            [
                comments.id,
                posts.id[comments.post] if len(posts.id) else comments.post,
                comments.posted_at,
                comments.author,
                comments.is_owner.astype(np.int64),
                comments.is_reply.astype(np.int64),
                said,
            ],
        ),
        (accounts.creator[counts.account], [counts.id, counts.at, counts.followers]),
        *batch.further.parts(accounts.creator, batch.post_creator, batch.n),
    ]
    salt = int(hash_text("\x1f".join(versions)) & np.uint64(0x7FFFFFFF))
    halves = [
        combine(batch.n, parts, [batch.creator_id], seed=salt + shift).view(np.uint64) for shift in (0, 1_000_003)
    ]
    return [f"{high:016x}{low:016x}" for high, low in zip(*(half.tolist() for half in halves), strict=True)]


@cache
def hash_text(text: str) -> np.uint64:
    """FNV-1a of 64 bits: stable across processes, unlike hash()."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return np.uint64(value)


def mixed_columns(columns: Sequence[NDArray[Any]], n: int, seed: int) -> NDArray[np.uint64]:
    """(n,) hash of each row of 8-byte columns."""
    return _rows(columns, n, seed)


def _rows(columns: Sequence[NDArray[Any]], n: int, seed: int) -> NDArray[np.uint64]:
    out = np.full(n, np.uint64(seed), np.uint64)
    for column in columns:
        bits = np.ascontiguousarray(column)
        if bits.dtype.kind == "f":
            bits = bits.astype(np.float64) + 0.0
        out = _mixed(out * _STEP + bits.view(np.uint64))
    return out


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(31))) * _MIX
    return values ^ (values >> np.uint64(29))
