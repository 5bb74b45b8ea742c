"""Hashtags to words: "#minimalistinterior" is read "minimalist interior".

The most likely cut under word frequencies, found by dynamic programming over all tags of a batch at once:
substring hashes come from the prefix sums the scanner already has. Results are remembered per process.
"""

from __future__ import annotations

import numpy as np

from . import hashing
from .vocabulary import Vocabulary

MAX_LENGTH = 36  # characters of a tag that is cut; longer ones are read as one word
_MAX_PIECE = 16
_PIECE_COST = 1.0
_LETTER_COST = 10.0  # of a letter that belongs to no known word
_DIGIT_COST = 2.0
_WORST_MEAN = 2.9  # cost per letter beyond which a cut is no better than chance
_CACHE_SIZE = 400_000
_FILTER_BITS = 22
_SPREAD = np.uint64(0x9FB21C651E98DF25)


class Segmenter:
    """Cuts unknown words with the piece scores of a space: float32 (n,), log frequency, -inf for no piece."""

    def __init__(self, vocabulary: Vocabulary, scores: np.ndarray) -> None:
        self._vocabulary = vocabulary
        self._scores = scores
        # Nearly all substrings are no words: one byte tells before the slower search of the vocabulary.
        self._filter = np.zeros(1 << _FILTER_BITS, dtype=bool)
        raw = hashing.unmix(np.asarray(vocabulary.keys)[np.isfinite(scores)])
        self._filter[self._slots(raw)] = True
        self._known: dict[int, tuple[int, ...]] = {}

    def pieces(
        self, hashes: np.ndarray, starts: np.ndarray, ends: np.ndarray, sums: np.ndarray, codes: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """(index of the tag, vocabulary id) of every piece; tags that cannot be cut give none.

        hashes, starts, ends: (m,) of the tags, as spans of `codes` and of its prefix sums `sums`.
        """
        if len(self._known) > _CACHE_SIZE:
            self._known = {}
        cache = self._known  # another thread may start a new one meanwhile
        distinct, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        keys = distinct.tolist()
        new = np.array([index for index, key in enumerate(keys) if key not in cache], dtype=np.int64)
        if len(new):
            cuts = self._cut(starts[first[new]], ends[first[new]], sums, codes)
            cache.update(zip((keys[index] for index in new), cuts, strict=True))
        found = [cache[key] for key in keys]
        counts = np.fromiter(map(len, found), dtype=np.int64, count=len(found))
        flat = np.fromiter((piece for cut in found for piece in cut), dtype=np.int64, count=int(counts.sum()))
        offsets = np.cumsum(counts) - counts
        per_tag = counts[inverse]
        tags = np.repeat(np.arange(len(hashes)), per_tag)
        within = np.arange(len(tags)) - np.repeat(np.cumsum(per_tag) - per_tag, per_tag)
        return tags, flat[np.repeat(offsets[inverse], per_tag) + within]

    @staticmethod
    def _slots(raw: np.ndarray) -> np.ndarray:
        return ((raw * _SPREAD) >> np.uint64(64 - _FILTER_BITS)).astype(np.int64)

    def _cut(self, starts: np.ndarray, ends: np.ndarray, sums: np.ndarray, codes: np.ndarray) -> list[tuple[int, ...]]:
        lengths = ends - starts
        cuts: list[tuple[int, ...]] = [()] * len(starts)
        rows = np.flatnonzero(lengths <= MAX_LENGTH)
        rows = rows[np.argsort(lengths[rows], kind="stable")]
        if not len(rows):
            return cuts
        size = int(lengths[rows[-1]])
        # One row per letter, one column per tag: the work goes letter by letter over all tags.
        costs = np.full((size + 1, len(rows)), np.inf, dtype=np.float32)
        costs[0] = 0
        last = np.zeros((size + 1, len(rows)), dtype=np.int32)  # length of the last piece
        piece = np.full((size + 1, len(rows)), -1, dtype=np.int32)
        ordered = lengths[rows]
        for end in range(1, size + 1):
            active = slice(int(np.searchsorted(ordered, end)), len(rows))
            begin = starts[rows[active]]
            letter = codes[begin + (end - 1)]
            digit = (letter >= ord("0")) & (letter <= ord("9"))
            costs[end, active] = costs[end - 1, active] + np.where(digit, _DIGIT_COST, _LETTER_COST)
            last[end, active] = 1
            self._extend(end, begin, sums, costs[:, active], last[end, active], piece[end, active])
        good = np.flatnonzero(costs[ordered, np.arange(len(rows))] <= _WORST_MEAN * ordered)
        ids, counts = _traced(last[:, good], piece[:, good], ordered[good])
        stops = np.cumsum(counts).tolist()
        for tag, stop, count in zip(rows[good].tolist(), stops, counts.tolist(), strict=True):
            cuts[tag] = tuple(ids[stop - count : stop])
        return cuts

    def _extend(
        self,
        end: int,
        starts: np.ndarray,
        sums: np.ndarray,
        costs: np.ndarray,
        last: np.ndarray,
        piece: np.ndarray,
    ) -> None:
        """Best cut of the first `end` letters of each tag, from the best cuts of fewer letters. In place."""
        best = costs[end]
        stop = sums[starts + end]
        inverse = hashing.inverse_powers(len(sums))
        for length in range(1, min(end, _MAX_PIECE) + 1):
            begin = starts + (end - length)
            raw = (stop - sums[begin]) * inverse[begin]
            likely = np.flatnonzero(self._filter[self._slots(raw)])
            if not len(likely):
                continue
            ids = self._vocabulary.find(hashing.mix(raw[likely]))
            known = ids >= 0
            likely, ids = likely[known], ids[known]
            cost = costs[end - length, likely] - self._scores[ids] + _PIECE_COST
            better = cost < best[likely]
            rows = likely[better]
            best[rows] = cost[better]
            last[rows] = length
            piece[rows] = ids[better]


def _traced(last: np.ndarray, piece: np.ndarray, ends: np.ndarray) -> tuple[list[int], np.ndarray]:
    """(ids of the pieces of every tag in reading order, pieces of each tag), walking back from the ends."""
    column = np.arange(len(ends))
    steps = []
    while ends.any():
        steps.append(np.where(ends > 0, piece[ends, column], -1))
        ends = ends - np.where(ends > 0, last[ends, column], 0)
    found = np.array(steps[::-1], dtype=np.int64).reshape(len(steps), len(column)).T
    return found[found >= 0].tolist(), (found >= 0).sum(axis=1)
