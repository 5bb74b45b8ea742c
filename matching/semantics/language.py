"""Which language a text is in: French, English, another, or not sure.

A naive Bayes vote of word frequencies over the languages below, for all texts at once; where it hesitates,
py3langid is asked, and only agreement counts. Hashtags weigh little: many are English in any language.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from . import hashing
from .scanning import Scanner, Words, batches
from .sources import folded_frequencies
from .vocabulary import Vocabulary, bucket_index

LANGUAGES = ("fr", "en", "es", "pt", "it", "ca", "de", "nl", "sv", "nb", "da", "pl", "cs", "ro", "tr", "id", "fi", "hu")
OTHER, UNSURE = "other", ""
_WORDS = 6_000  # most frequent of each language
_FLOOR = 2e-6  # chance of a word that a language's list does not hold
_HASHTAG_WEIGHT = 0.2
_SURE = 5.0  # nats between the best language and the next
_SECOND_SURE = 0.9  # probability py3langid must give
_LATIN_END = 0x250


def word_odds() -> dict[str, np.ndarray]:
    """The arrays that `Identifier` reads: hashes of frequent words and their log chance in each language."""
    chances: dict[str, np.ndarray] = {}
    for column, language in enumerate(LANGUAGES):
        shares = folded_frequencies(language)
        words = [word for word in shares if len(word) > 1]
        for word in sorted(words, key=lambda word: (-shares[word], word))[:_WORDS]:
            row = chances.setdefault(word, np.full(len(LANGUAGES), _FLOOR, dtype=np.float32))
            row[column] = max(shares[word], _FLOOR)
    hashes = hashing.hash_words(list(chances))
    order = np.argsort(hashes)
    rows = np.log(np.stack(list(chances.values())))
    return {
        "language_keys": hashes[order],
        "language_buckets": bucket_index(hashes[order]),
        "language_odds": (rows - rows.mean(axis=1, keepdims=True))[order].astype(np.float32),
    }


class Identifier:
    """Tells the language of texts with the arrays of a prepared space."""

    def __init__(self, scanner: Scanner, keys: np.ndarray, buckets: np.ndarray, odds: np.ndarray) -> None:
        self._scanner = scanner
        self._vocabulary = Vocabulary(keys, buckets)
        self._odds = odds

    def identify(self, texts: Sequence[str], *, second_opinion: bool = True) -> list[str]:
        """Of each text: "fr", "en", "other", or "" for not sure.

        second_opinion: ask py3langid about the doubtful ones (about 0.6 ms each).
        """
        out: list[str] = []
        for _, batch in batches(texts):
            words = self._scanner.scan(batch)
            scores = self._scores(words, len(batch))
            codes = self._decide(scores, words, len(batch))
            if second_opinion:
                counts = np.bincount(words.texts, minlength=len(batch))
                for row in np.flatnonzero(codes == UNSURE).tolist():
                    if counts[row] >= 3:
                        codes[row] = _second_opinion(batch[row], LANGUAGES[int(scores[row].argmax())])
            out.extend(codes.tolist())
        return out

    def _scores(self, words: Words, size: int) -> np.ndarray:
        ids = self._vocabulary.find(words.hashes)
        found = np.flatnonzero(ids >= 0)
        weights = np.where(words.hashtags[found], np.float32(_HASHTAG_WEIGHT), np.float32(1))
        scores = np.zeros((size, len(LANGUAGES)), dtype=np.float32)
        odds = self._odds[ids[found]] * weights[:, None]
        for column in range(len(LANGUAGES)):
            scores[:, column] = np.bincount(words.texts[found], weights=odds[:, column], minlength=size)
        return scores

    def _decide(self, scores: np.ndarray, words: Words, size: int) -> np.ndarray:
        best = scores.argmax(axis=1)
        top = scores.max(axis=1)
        runner_up = np.partition(scores, -2, axis=1)[:, -2]
        ours = scores[:, :2].max(axis=1)
        codes = np.full(size, UNSURE, dtype=object)
        codes[(top - ours >= _SURE) & (best > 1)] = OTHER
        sure = top - runner_up >= _SURE
        codes[sure & (best == 0)] = "fr"
        codes[sure & (best == 1)] = "en"
        foreign = words.codes[words.starts] >= _LATIN_END
        counts = np.bincount(words.texts, minlength=size)
        foreign_counts = np.bincount(words.texts, weights=foreign, minlength=size)
        codes[(foreign_counts > 0.5 * counts) & (counts > 0)] = OTHER
        return codes


def _second_opinion(text: str, leading: str) -> str:
    code, chance = _py3langid().classify(text)
    if chance < _SECOND_SURE:
        return UNSURE
    if code in ("fr", "en"):
        return str(code) if code == leading else UNSURE
    return OTHER if leading not in ("fr", "en") else UNSURE


@cache
def _py3langid() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
