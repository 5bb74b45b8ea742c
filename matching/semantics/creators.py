"""Creators in the space: one vector from many posts, and how near their best posts come to a brief.

Pure numpy. Rows of zeros are posts that could not be read: they count for nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .alignment import unit

TOP_POSTS = 5
SHRINKAGE = 3.0  # posts that the pool's mean is worth (SIGNALS.md section 8: n / (n + 3))
_COMMON_PRIOR = 200.0

Vectors = NDArray[np.float32]


def common_component(post_vectors: Vectors) -> Vectors:
    """float32 (256,): what the posts of a whole index have in common, to be taken out of its creators.

    post_vectors: (n, 256), a sample of the index, some thousand posts of all kinds. Shrunk to nothing when
    there are few: `encode` has already taken out what captions have in common everywhere.
    """
    read = post_vectors[post_vectors.any(axis=1)]
    if not len(read):
        return np.zeros(post_vectors.shape[1], dtype=np.float32)
    total = read.sum(axis=0, dtype=np.float64)
    return (total / (len(read) + _COMMON_PRIOR)).astype(np.float32)


def creator_vector(post_vectors: Vectors, weights: NDArray | None = None, common: Vectors | None = None) -> Vectors:
    """float32 (256,), length 1: the weighted mean of a creator's posts without the common component.

    post_vectors: (n, 256) unit rows. weights: (n,) not negative, 1 each by default. Zeros when no post
    could be read.
    """
    owner = np.zeros(len(post_vectors), dtype=np.int64)
    return creator_vectors(post_vectors, owner, 1, weights, common)[0]


def creator_vectors(
    post_vectors: Vectors,
    owner: NDArray[np.int64],
    creators: int,
    weights: NDArray | None = None,
    common: Vectors | None = None,
) -> Vectors:
    """float32 (creators, 256): `creator_vector` of many; owner: (n,) creator of each post, 0..creators-1."""
    read = post_vectors.any(axis=1)
    given = np.ones(len(post_vectors)) if weights is None else np.asarray(weights, dtype=np.float64)
    share: NDArray[np.float64] = np.where(read, given, 0.0)
    total = np.bincount(owner, weights=share, minlength=creators)[:, None]
    sums = np.zeros((creators, post_vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, owner, post_vectors * share[:, None].astype(np.float32))
    means = sums / np.maximum(total, 1e-12).astype(np.float32)
    if common is not None:
        means = means - common
    means[total[:, 0] <= 0] = 0
    return unit(means)


def top_posts(brief: Vectors, post_vectors: Vectors, k: int = TOP_POSTS) -> tuple[NDArray[np.int64], Vectors]:
    """(rows, cosines) of the k posts nearest to the brief, best first; fewer when fewer could be read."""
    read = np.flatnonzero(post_vectors.any(axis=1))
    cosines = post_vectors[read] @ brief
    order = np.argsort(-cosines, kind="stable")[:k]
    return read[order], cosines[order]


def brief_fit(
    brief: Vectors, post_vectors: Vectors, owner: NDArray[np.int64], creators: int, pool_mean: float, k: int = TOP_POSTS
) -> NDArray[np.float64]:
    """float64 (creators,): mean cosine of each creator's k best posts, shrunk to the pool.

    fit = n / (n + 3) mean_top + 3 / (n + 3) pool_mean, with n the creator's posts that could be read; a
    creator without any has the pool's mean.
    """
    read = np.flatnonzero(post_vectors.any(axis=1))
    cosines = (post_vectors[read] @ brief).astype(np.float64)
    order = np.lexsort((-cosines, owner[read]))
    cosines, owners = cosines[order], owner[read][order]
    count = np.bincount(owners, minlength=creators)
    rank = np.arange(len(owners)) - np.repeat(np.cumsum(count) - count, count)
    best = rank < k
    sums = np.bincount(owners[best], weights=cosines[best], minlength=creators)
    means = sums / np.maximum(np.minimum(count, k), 1)
    return (count * means + SHRINKAGE * pool_mean) / (count + SHRINKAGE)
