"""Texts to vectors: look up, cut, weigh, add, centre, scale. Pure numpy and scipy over a loaded space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from . import hashing
from .alignment import unit
from .language import Identifier
from .scanning import Scanner, Words, batches
from .segmentation import Segmenter
from .vocabulary import Vocabulary

FRENCH_EVIDENCE = 1.0  # summed log odds from which a text is read as French
_HASHTAG_WEIGHT = 1.5
_STEM_WEIGHT = 0.6
_MIN_STEM = 5
_PHRASE_WEIGHT = 2.0
_LINKS = ("de", "du", "des", "la", "le", "les", "en", "au", "aux", "et", "of", "and")
_LINKS_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Space:
    """The arrays of a prepared space; see `building` for what each holds."""

    folded: np.ndarray
    exact: np.ndarray
    keys: np.ndarray
    buckets: np.ndarray
    table: np.ndarray
    rows_french: np.ndarray
    language: np.ndarray
    pieces: np.ndarray
    mean: np.ndarray  # (256,) what captions of every niche have in common
    topics: np.ndarray  # (k, 256) unit
    language_keys: np.ndarray
    language_buckets: np.ndarray
    language_odds: np.ndarray
    version: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Vocabulary ids of a batch: one item per known word or piece."""

    texts: np.ndarray
    ids: np.ndarray
    weights: np.ndarray
    words: np.ndarray  # (n texts,) words read
    known: np.ndarray  # (n texts,) words known


class Encoder:
    """Encodes texts in one prepared space. Threads may share it."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.version = space.version
        self._scanner = Scanner(space.folded, space.exact)
        self._vocabulary = Vocabulary(space.keys, space.buckets)
        self._segmenter = Segmenter(self._vocabulary, np.asarray(space.pieces))
        self._links = np.zeros(len(space.keys) + 1, dtype=bool)  # the last item answers for unknown words (-1)
        self._links[self._vocabulary.find(hashing.hash_words(_LINKS))] = True
        self._links[-1] = False
        self._identifier = Identifier(self._scanner, space.language_keys, space.language_buckets, space.language_odds)

    def encode(self, texts: Sequence[str], language: str = "") -> np.ndarray:
        """float32 (n, 256), rows of length 1; a row of zeros for a text without a single known word.

        language: "fr" or "en" when it is known; else each text tells by its words.
        """
        return self.encode_with_coverage(texts, language)[0]

    def encode_with_coverage(self, texts: Sequence[str], language: str = "") -> tuple[np.ndarray, np.ndarray]:
        """(vectors as `encode`, float32 (n,) share of the words of each text that are known)."""
        vectors = np.zeros((len(texts), self.space.table.shape[1]), dtype=np.float32)
        coverage = np.zeros(len(texts), dtype=np.float32)
        for first, batch in batches(texts):
            rows = slice(first, first + len(batch))
            found = self._find(batch)
            vectors[rows] = self._vectors(found, len(batch), language)
            coverage[rows] = found.known / np.maximum(found.words, 1)
        return vectors, coverage

    def identify_languages(self, texts: Sequence[str], *, second_opinion: bool = True) -> list[str]:
        """Of each text: "fr", "en", "other", or "" for not sure (`language.Identifier`)."""
        return self._identifier.identify(texts, second_opinion=second_opinion)

    def _find(self, texts: Sequence[str]) -> _Found:
        words = self._scanner.scan(texts)
        ids = self._vocabulary.find(words.hashes)
        accented = np.flatnonzero(words.exact != words.hashes)
        exact = self._vocabulary.find(words.exact[accented])
        ids[accented] = np.where(exact >= 0, exact, ids[accented])
        weights = np.where(words.hashtags, np.float32(_HASHTAG_WEIGHT), np.float32(1))
        phrases = self._phrases(words, ids, weights)
        direct = ids >= 0
        count = np.bincount(words.texts, minlength=len(texts))
        known = direct | phrases
        direct &= weights > 0
        tags, pieces = self._pieces(words, np.flatnonzero(words.hashtags & ~direct))
        known[tags] = True
        stems, stem_ids = self._stems(words, np.flatnonzero(~known))
        known[stems] = True
        at = np.concatenate([np.flatnonzero(direct), tags, stems])
        scale = np.concatenate([weights[direct], weights[tags], weights[stems] * np.float32(_STEM_WEIGHT)])
        return _Found(
            texts=words.texts[at],
            ids=np.concatenate([ids[direct], pieces, stem_ids]),
            weights=scale,
            words=count,
            known=np.bincount(words.texts, weights=known, minlength=len(texts)),
        )

    def _phrases(self, words: Words, ids: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Give the first word of each phrase the phrase's id, the second no weight. In place; True for both."""
        short = words.ends - words.starts == 1
        read = np.flatnonzero(~(short | self._links[ids] | words.hashtags))
        first, second = read[:-1], read[1:]
        near = (words.texts[first] == words.texts[second]) & (second - first <= _LINKS_BETWEEN + 1)
        first, second = first[near], second[near]
        found = self._vocabulary.find(hashing.pairs(words.hashes[first], words.hashes[second]))
        taken = found >= 0
        taken[1:] &= ~(taken[:-1] & (first[1:] == second[:-1]))
        first, second = first[taken], second[taken]
        ids[first] = found[taken]
        weights[first] = _PHRASE_WEIGHT
        weights[second] = 0
        both = np.zeros(len(ids), dtype=bool)
        both[first] = both[second] = True
        return both

    def _pieces(self, words: Words, tags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(word index, id) of the words that unknown hashtags are made of."""
        if not len(tags):
            return tags, tags
        index, ids = self._segmenter.pieces(
            words.hashes[tags], words.starts[tags], words.ends[tags], words.sums, words.codes
        )
        return tags[index], ids

    def _stems(self, words: Words, unknown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(word index, id) of unknown words whose beginning, but for 1 to 4 letters, is known."""
        found, ids = [unknown[:0]], [unknown[:0]]
        for cut in range(1, 5):
            ends = words.ends[unknown] - cut
            long_enough = ends - words.starts[unknown] >= _MIN_STEM
            unknown, ends = unknown[long_enough], ends[long_enough]
            hashes = hashing.mix(hashing.spans(words.sums, words.starts[unknown], ends))
            stem = self._vocabulary.find(hashes)
            found.append(unknown[stem >= 0])
            ids.append(stem[stem >= 0])
            unknown = unknown[stem < 0]
        return np.concatenate(found), np.concatenate(ids)

    def _evidence(self, found: _Found, size: int) -> np.ndarray:
        weights = self.space.language[found.ids]
        return np.bincount(found.texts, weights=weights, minlength=size).astype(np.float32)

    def _vectors(self, found: _Found, size: int, language: str) -> np.ndarray:
        french = self._evidence(found, size) > FRENCH_EVIDENCE
        if language in ("fr", "en"):
            french[:] = language == "fr"
        rows = np.where(french[found.texts], self.space.rows_french[found.ids], found.ids)
        used = np.zeros(len(self.space.table), dtype=bool)
        used[rows] = True
        distinct = np.flatnonzero(used)
        local = np.empty(len(used), dtype=np.int32)
        local[distinct] = np.arange(len(distinct), dtype=np.int32)
        counts = sparse.csr_matrix(
            (found.weights.astype(np.float32), (found.texts, local[rows])), shape=(size, len(distinct))
        )
        sums = unit(counts @ np.asarray(self.space.table[distinct], dtype=np.float32))
        empty = ~sums.any(axis=1)
        sums -= self.space.mean
        sums[empty] = 0
        return unit(sums)
