"""Words as 64-bit numbers: a polynomial hash whose prefix sums give the hash of any substring in O(1).

The hash of codes c0..cn-1 is mix(sum ci * B**i mod 2**64), with B odd so that powers can be divided out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from .folding import fold, lower

_BASE = 0x9E3779B97F4A7C15 | 1
_INVERSE = pow(_BASE, -1, 1 << 64)
_CODE_LIMIT = 0xFFFF


def mix(values: np.ndarray) -> np.ndarray:
    """The 64-bit finaliser of MurmurHash3: spreads every bit of uint64 `values` over the whole word."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


def unmix(values: np.ndarray) -> np.ndarray:
    """The inverse of `mix`: what the polynomial hash was before it was spread."""
    for inverse in (pow(0xC4CEB9FE1A85EC53, -1, 1 << 64), pow(0xFF51AFD7ED558CCD, -1, 1 << 64)):
        values = (values ^ (values >> np.uint64(33))) * np.uint64(inverse)
    return values ^ (values >> np.uint64(33))


@cache
def _powers(base: int, size: int) -> np.ndarray:
    powers = np.full(size, base, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers, out=powers)


def powers(size: int) -> np.ndarray:
    """B**0 … B**(size-1) mod 2**64; sizes are rounded up so that few arrays are ever built."""
    return _powers(_BASE, _rounded(size))[:size]


def inverse_powers(size: int) -> np.ndarray:
    """B**0 … B**-(size-1) mod 2**64."""
    return _powers(_INVERSE, _rounded(size))[:size]


def _rounded(size: int) -> int:
    return max(1024, 1 << (size - 1).bit_length())


def prefix_sums(codes: np.ndarray) -> np.ndarray:
    """uint64 (n + 1,): sum of codes[j] * B**j for j < i."""
    sums = np.zeros(len(codes) + 1, dtype=np.uint64)
    np.cumsum(codes * powers(len(codes)), out=sums[1:])
    return sums


def spans(sums: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Unmixed hashes of codes[starts:ends], from `prefix_sums`."""
    return (sums[ends] - sums[starts]) * inverse_powers(len(sums))[starts]


def hash_words(words: Sequence[str], *, exact: bool = False) -> np.ndarray:
    """uint64 (n,): the hash of whole words, folded (or with their accents when `exact`)."""
    normalise = lower if exact else fold
    folded = [normalise(word) for word in words]
    lengths = np.fromiter(map(len, folded), dtype=np.int64, count=len(folded))
    joined = np.frombuffer("".join(folded).encode("utf-32-le"), dtype=np.uint32)
    codes = np.minimum(joined, _CODE_LIMIT).astype(np.uint64)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    # Powers restart at each word, so that a list of any length needs small powers only.
    offsets = np.arange(len(codes)) - np.repeat(starts, lengths)
    terms = np.zeros(len(codes) + 1, dtype=np.uint64)
    if len(codes):
        np.cumsum(codes * powers(int(offsets.max()) + 1)[offsets], out=terms[1:])
    return mix(terms[ends] - terms[starts])


def pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """uint64 (n,): the hash of a phrase of two words, from the hashes of the words."""
    return mix(first * np.uint64(_BASE) + second)
