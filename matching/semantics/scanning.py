"""Texts to words, without a Python step per word.

Captions are joined, looked up character by character in the folding tables and cut where a letter follows a
non-letter. URLs, e-mail addresses, mentions and the ends of English contractions ("it's") are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from . import hashing
from .folding import APOSTROPHE, AT, BREAK, DOT, DROP, EXPANSIONS, HASH, SPACE, TEXT_END, UNDERSCORE, WORD

MAX_CHARACTERS = 10_000  # of one text; the rest of a longer one is not read
_BATCH_CHARACTERS = 1_000_000
_MAX_URL = 2_048
_CONTRACTIONS = ("s", "t", "re", "ve", "ll", "m", "d")
_DOMAINS = ("com", "fr", "net", "org", "co", "io", "uk", "be", "ca", "eu", "shop", "ly", "me", "tv")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch of texts, in reading order. All arrays have one item per word.

    hashes: of the folded word. exact: of the word with its accents (equal to `hashes` when it has none).
    texts: index of the text. hashtags: True when the word is a hashtag. starts, ends: its span in `codes`, whose
    prefix sums (`hashing.prefix_sums`) are `sums`.
    """

    hashes: np.ndarray
    exact: np.ndarray
    texts: np.ndarray
    hashtags: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    codes: np.ndarray
    sums: np.ndarray


def batches(texts: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """(index of the first text, texts cut to MAX_CHARACTERS) in batches of about a million characters."""
    first, size, batch = 0, 0, []
    for index, text in enumerate(texts):
        batch.append(text[:MAX_CHARACTERS])
        size += len(batch[-1])
        if size >= _BATCH_CHARACTERS:
            yield first, batch
            first, size, batch = index + 1, 0, []
    if batch:
        yield first, batch


class Scanner:
    """Reads batches of texts with the two folding tables of a prepared space."""

    def __init__(self, folded: np.ndarray, exact: np.ndarray) -> None:
        self._folded = folded
        self._exact = exact
        self._contractions = hashing.hash_words(_CONTRACTIONS)
        self._negation = hashing.hash_words(["t"])[0]
        self._domains = hashing.hash_words(_DOMAINS)

    def scan(self, texts: Sequence[str]) -> Words:
        joined = _join(texts)
        points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        codes = self._folded[points]
        _blank_urls(joined, codes)
        dropped = codes == DROP
        if dropped.any():
            kept = ~dropped
            points, codes = points[kept], codes[kept]
        letters = codes >= WORD
        edges = np.diff(letters, prepend=False, append=False)
        bounds = np.flatnonzero(edges)
        starts, ends = bounds[::2], bounds[1::2]
        sums = hashing.prefix_sums(np.where(letters, codes, 0).astype(np.uint64))
        raw = hashing.spans(sums, starts, ends)
        hashes = hashing.mix(raw)
        exact = self._exact_hashes(points, codes, letters, starts, raw, hashes)
        before = codes[np.maximum(starts - 1, 0)]
        before[starts == 0] = BREAK
        kept = ~(_in_handles(codes, starts, ends) | self._leftovers(codes, hashes, starts, ends, before))
        text_ends = np.flatnonzero(codes == TEXT_END)
        index = np.searchsorted(text_ends, starts)
        return Words(
            hashes=hashes[kept],
            exact=exact[kept],
            texts=index[kept],
            hashtags=_in_hashtags(before, starts, ends)[kept],
            starts=starts[kept],
            ends=ends[kept],
            codes=codes,
            sums=sums,
        )

    def _exact_hashes(
        self,
        points: np.ndarray,
        codes: np.ndarray,
        letters: np.ndarray,
        starts: np.ndarray,
        raw: np.ndarray,
        hashes: np.ndarray,
    ) -> np.ndarray:
        """Hashes with accents: the folded hash corrected at the accented letters only."""
        accented = np.flatnonzero(letters & (points >= 0x80))
        if not len(accented):
            return hashes
        difference = self._exact[points[accented]].astype(np.uint64) - codes[accented].astype(np.uint64)
        word = np.searchsorted(starts, accented, side="right") - 1
        corrected = raw.copy()
        offsets = np.minimum(accented - starts[word], 4095)
        np.add.at(corrected, word, difference * hashing.powers(4096)[offsets])
        return hashing.mix(corrected)

    def _leftovers(
        self, codes: np.ndarray, hashes: np.ndarray, starts: np.ndarray, ends: np.ndarray, before: np.ndarray
    ) -> np.ndarray:
        """True for what is no word of its own: the ends of contractions, and bare domains ("shop.fr")."""
        out = np.zeros(len(starts), dtype=bool)
        if len(starts) < 2:
            return out
        touching = np.zeros(len(starts), dtype=bool)
        touching[1:] = starts[1:] == ends[:-1] + 1
        ending = touching & (before == APOSTROPHE) & np.isin(hashes, self._contractions)
        negation = ending & (hashes == self._negation)
        domain = touching & (before == DOT) & np.isin(hashes, self._domains)
        out |= ending | domain
        out[:-1] |= negation[1:] | domain[1:]
        return out


def _join(texts: Sequence[str]) -> str:
    joined = "\0".join(texts)
    if joined.count("\0") != len(texts) - 1:
        joined = "\0".join(text.replace("\0", " ") for text in texts)
    joined += "\0"
    for letter, letters in EXPANSIONS.items():
        if letter in joined:
            joined = joined.replace(letter, letters)
    return joined


def _blank_urls(joined: str, codes: np.ndarray) -> None:
    """Turn the characters of every URL into spaces, in place."""
    for mark, back in (("://", 8), ("www.", 0)):
        position = joined.find(mark)
        while position >= 0:
            start = position
            while start > 0 and position - start < back and joined[start - 1].isalpha():
                start -= 1
            tail = codes[position : position + _MAX_URL]
            stop = np.flatnonzero((tail == SPACE) | (tail == TEXT_END))
            end = position + (int(stop[0]) if len(stop) else len(tail))
            codes[start:end] = SPACE
            position = joined.find(mark, max(end, position + 1))


def _in_hashtags(before: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """True for words of a hashtag, after an underscore too ("#home_decor")."""
    first = np.ones(len(starts), dtype=bool)
    first[1:] = (before[1:] != UNDERSCORE) | (starts[1:] != ends[:-1] + 1)
    return (before == HASH)[np.maximum.accumulate(np.where(first, np.arange(len(starts)), 0))]


def _in_handles(codes: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """True for words of an @mention or of an e-mail address."""
    ats = np.flatnonzero(codes == AT)
    if not len(ats) or not len(starts):
        return np.zeros(len(starts), dtype=bool)
    inside = (codes >= WORD) | (codes == DOT) | (codes == UNDERSCORE)
    # A handle runs from its @ to the next character that no handle can hold; an address began before it.
    breaks = np.flatnonzero(~inside)
    stops = np.append(breaks, len(codes))[np.searchsorted(breaks, ats, side="right")]
    begins = np.append(-1, breaks)[np.searchsorted(breaks, ats)] + 1
    marks = np.zeros(len(starts) + 1, dtype=np.int64)
    np.add.at(marks, np.searchsorted(starts, begins), 1)
    np.add.at(marks, np.searchsorted(starts, stops), -1)
    return np.cumsum(marks[:-1]) > 0
