"""The vocabulary: a sorted array of word hashes, searched in bulk through a bucket index."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BUCKET_BITS = 20


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """keys: uint64 (n,) ascending. buckets: int32 (2**20 + 1,), first key of each leading-bits bucket."""

    keys: np.ndarray
    buckets: np.ndarray

    def find(self, hashes: np.ndarray) -> np.ndarray:
        """int64: position of each hash in `keys`, -1 where it is not there."""
        bucket = (hashes >> np.uint64(64 - _BUCKET_BITS)).astype(np.int64)
        position = self.buckets[bucket].astype(np.int64)
        stop = self.buckets[bucket + 1]
        out = np.full(len(hashes), -1, dtype=np.int64)
        left = np.flatnonzero(position < stop)
        while len(left):
            at = position[left]
            key = self.keys[at]
            same = key == hashes[left]
            out[left[same]] = at[same]
            position[left] = at + 1
            left = left[~same & (at + 1 < stop[left])]
        return out


def bucket_index(keys: np.ndarray) -> np.ndarray:
    """The bucket index of ascending `keys`."""
    edges = np.arange(1, 1 << _BUCKET_BITS, dtype=np.uint64) << np.uint64(64 - _BUCKET_BITS)
    inner = np.searchsorted(keys, edges)
    return np.concatenate([[0], inner, [len(keys)]]).astype(np.int32)
