"""Labelled phrase lists, looked up over columns of words without a loop per text.

A lexicon file is TOML: one table per label, one list of phrases per language. Phrases are folded by the
tokeniser itself, so "j'ai testé", "J’ai  teste" and "JAI TESTÉ" need no variants beyond their words, and
"0" stands for any number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from matching.signals.text import MAX_PHRASE, PLAIN, Hashes, Ints, TextColumn, Words, phrase_hashes, words_of

_SIEVE_SHIFT = np.uint64(48)


@dataclass(frozen=True, slots=True)
class Hits:
    """Where phrases were found: `word` (h,) index of the first word, `size` words long, label `bits`."""

    labels: Mapping[str, int]
    n: int
    word: Ints
    text: Ints
    size: Ints
    bits: Hashes

    def mask(self, *labels: str) -> np.uint64:
        return np.uint64(sum(1 << self.labels[label] for label in labels))

    def count(self, *labels: str) -> Ints:
        """(n,) phrases of any of the labels in each text; each start counts once."""
        found = (self.bits & self.mask(*labels)) != 0
        return np.bincount(self.text[found], minlength=self.n).astype(np.int64)

    def any(self, *labels: str) -> NDArray[np.bool_]:
        out = np.zeros(self.n, bool)
        out[self.text[(self.bits & self.mask(*labels)) != 0]] = True
        return out

    def at(self, *labels: str) -> Ints:
        """Indices of the first words of the phrases of these labels, in order of text."""
        found = self.word[(self.bits & self.mask(*labels)) != 0]
        return np.sort(found)


@dataclass(frozen=True, slots=True)
class _Entries:
    """Phrases of one size: their hashes, ascending, with label bits; `first` marks the sieve places of their
    first words, so that phrases are put together only where one can begin."""

    keys: Hashes
    bits: Hashes
    first: NDArray[np.bool_]


class Lexicon:
    """Phrases of up to MAX_PHRASE words under at most 64 labels."""

    def __init__(self, phrases: Mapping[str, Iterable[str]]) -> None:
        self.labels = {label: index for index, label in enumerate(phrases)}
        if len(self.labels) > 64:
            raise ValueError("a lexicon holds at most 64 labels")
        pairs = [(label, phrase) for label, listed in phrases.items() for phrase in listed]
        words = words_of(TextColumn.of(phrase for _, phrase in pairs))
        by_size: dict[int, dict[int, int]] = {}
        openers: dict[int, list[int]] = {}
        for index, (label, phrase) in enumerate(pairs):
            size = int(words.n_words[index])
            if not 0 < size <= MAX_PHRASE:
                raise ValueError(f"phrase {phrase!r} of {label!r} has {size} words")
            hashes, first = phrase_hashes(words, size)
            place = int(np.searchsorted(words.text[first], index))
            key = int(hashes[place])
            openers.setdefault(size, []).append(int(words.hash[first[place]]))
            entries = by_size.setdefault(size, {})
            entries[key] = entries.get(key, 0) | 1 << self.labels[label]
        self._entries = {size: _entries(found, openers[size]) for size, found in sorted(by_size.items())}

    def find(self, words: Words) -> Hits:
        starts, sizes, bits = [], [], []
        drawer = (words.hash >> _SIEVE_SHIFT).astype(np.int64)
        for size, entries in self._entries.items():
            hashes, first = phrase_hashes(words, size, np.flatnonzero(entries.first[drawer]))
            place = np.minimum(np.searchsorted(entries.keys, hashes), len(entries.keys) - 1)
            true = np.flatnonzero(entries.keys[place] == hashes)
            starts.append(first[true])
            sizes.append(np.full(len(true), size, np.int64))
            bits.append(entries.bits[place[true]])
        word = np.concatenate(starts) if starts else np.zeros(0, np.int64)
        return Hits(
            labels=self.labels,
            n=words.n,
            word=word,
            text=words.text[word],
            size=np.concatenate(sizes) if sizes else word,
            bits=np.concatenate(bits) if bits else np.zeros(0, np.uint64),
        )


def _entries(found: Mapping[int, int], openers: Sequence[int]) -> _Entries:
    keys = np.array(sorted(found), np.uint64)
    first = np.zeros(1 << 16, bool)
    first[(np.array(openers, np.uint64) >> _SIEVE_SHIFT).astype(np.int64)] = True
    return _Entries(keys, np.array([found[int(key)] for key in keys], np.uint64), first)


@cache
def load(name: str, *labels: str) -> Lexicon:
    """The lexicon file `name`.toml of this package, or some labels of it; languages of one label are merged."""
    wanted = {label: lists for label, lists in read(name).items() if not labels or label in labels}
    return Lexicon({label: list(chain.from_iterable(lists.values())) for label, lists in wanted.items()})


def read(name: str) -> dict[str, dict[str, list[str]]]:
    """Raw tables of a lexicon file: label -> language -> phrases."""
    return tomllib.loads(source(name).decode())


def source(name: str) -> bytes:
    """A lexicon file as it is."""
    return (files("matching.signals") / "lexicons" / f"{name}.toml").read_bytes()


def words_that_are(words: Words, hits: Hits, *labels: str) -> NDArray[np.bool_]:
    """(w,) True for each plain word covered by a phrase of the labels."""
    out = np.zeros(len(words.hash) + 1, np.int64)
    found = (hits.bits & hits.mask(*labels)) != 0
    np.add.at(out, hits.word[found], 1)
    np.add.at(out, hits.word[found] + hits.size[found], -1)
    return (np.cumsum(out[:-1]) > 0) & (words.kind == PLAIN)
