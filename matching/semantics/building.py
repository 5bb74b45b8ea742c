"""Builds the arrays of the bilingual space from the wheels. Run once per version; takes about half a minute.

Every word has a vector for English text and one for French text (the same unless the spelling is a word of
both languages), already weighted by a / (a + p(word)) (Arora et al. 2017, smooth inverse frequency).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import hashing, language, lexicon
from .alignment import drawn, ridge, unit
from .folding import fold, folding_table, lower
from .sources import English, French, folded_frequencies, frequencies
from .vocabulary import bucket_index

DIMENSIONS = 256


@dataclass(frozen=True, slots=True)
class Options:
    """What was tuned (docs/semantics.md tells how, and on what)."""

    rarest: float = 5e-8  # frequency of the rarest word kept
    smoothing: float = 1e-3  # a of a / (a + p)
    stop: float = 2e-3  # words more frequent than this say nothing about a topic
    penalty: float = 0.1  # of the ridge
    translation_weight: float = 10.0  # of a listed translation against a word spelled alike
    listed_share: float = 0.9  # how far a French word is drawn to its listed translation
    cognate_share: float = 0.9
    context: float = 50.0  # odds that a word belongs to the language of its text
    compound: bool = True
    lent_share: float = 0.35  # how far an English word is drawn to the French words it translates


@dataclass(frozen=True, slots=True)
class Entries:
    """Vocabulary before vectors: folded words, then French words whose accents tell them apart."""

    words: list[str]
    accented: list[str]
    english: np.ndarray  # (n,) frequency of each entry as an English word
    french: np.ndarray


def _entries(options: Options) -> Entries:
    english, french = folded_frequencies("en"), folded_frequencies("fr")
    words = sorted(
        word
        for word in english.keys() | french.keys()
        if len(word) > 1 and max(english.get(word, 0), french.get(word, 0)) >= options.rarest
    )
    accented = sorted(
        word
        for word, share in frequencies("fr").items()
        if share >= 1e-6
        and lower(word) != fold(word)
        and fold(word).isalnum()
        and (english.get(fold(word), 0) > 0.1 * share or share < 0.7 * french[fold(word)])
    )
    return Entries(
        words=words,
        accented=accented,
        english=np.array([english.get(word, 0.0) for word in words] + [0.0] * len(accented)),
        french=np.array([french.get(word, 0.0) for word in words] + [frequencies("fr")[word] for word in accented]),
    )


class _EnglishVectors:
    """Unit vectors of English words: jargon by its plain words, compounds by theirs, others by their tokens."""

    def __init__(self, shares: dict[str, float], compound: bool) -> None:
        self._source = English()
        self._shares = shares
        self._compound = compound
        self._jargon = lexicon.jargon()
        self._lent: dict[str, np.ndarray] = {}
        self._share = 0.0

    def __call__(self, words: Sequence[str]) -> np.ndarray:
        parts: list[Sequence[int]] = []
        for word, tokens in zip(words, self._source.tokens(words), strict=True):
            cut = self._jargon.get(word) or (self._halves(word) if self._compound and len(tokens) > 1 else None)
            parts.append([token for half in self._source.tokens(cut) for token in half] if cut else tokens)
        vectors = _means(self._source.vectors, parts)
        for number, word in enumerate(words):
            lent = self._lent.get(word, self._lent.get(word.removesuffix("s")))
            if lent is not None:
                vectors[number] = unit((1 - self._share) * vectors[number] + self._share * lent)
        return vectors

    def lend(self, vectors: dict[str, np.ndarray], share: float) -> None:
        """From now on draw these words (and their plurals) to the unit vectors given, by `share`."""
        self._lent, self._share = vectors, share

    def _halves(self, word: str) -> tuple[str, str] | None:
        """The two frequent words a compound is made of ("skincare"), if their chance is better than its own."""
        best, found = -18.0, None
        for cut in range(3, len(word) - 2):
            left, right = self._shares.get(word[:cut], 0), self._shares.get(word[cut:], 0)
            if left > 1e-5 and right > 1e-5 and math.log(left * right) > best:
                best, found = math.log(left * right), (word[:cut], word[cut:])
        return found


def _means(vectors: np.ndarray, parts: list[Sequence[int]]) -> np.ndarray:
    """Unit mean of the rows of `vectors` that each item of `parts` names; zeros for an empty item."""
    counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    flat = np.fromiter((token for item in parts for token in item), dtype=np.int64, count=int(counts.sum()))
    out = np.zeros((len(parts), vectors.shape[1]), dtype=np.float32)
    np.add.at(out, np.repeat(np.arange(len(parts)), counts), vectors[flat])
    return unit(out)


def _french_raw(entries: Entries) -> np.ndarray:
    """(n, 300) unit French vectors of the entries; zeros when unknown. Spellings weigh by frequency."""
    source = French()
    vectors = unit(source.vectors)
    spellings = sorted(frequencies("fr"))
    rows = source.rows(spellings)
    index = {word: number for number, word in enumerate(entries.words)}
    out = np.zeros((len(entries.words) + len(entries.accented), vectors.shape[1]), dtype=np.float32)
    at, row, share = [], [], []
    for spelling, found in zip(spellings, rows, strict=True):
        number = index.get(fold(spelling))
        if number is not None and found >= 0:
            at.append(number)
            row.append(found)
            share.append(frequencies("fr")[spelling])
    np.add.at(out, at, vectors[row] * np.array(share, dtype=np.float32)[:, None])
    exact = source.rows(entries.accented)
    out[len(entries.words) :][exact >= 0] = vectors[exact[exact >= 0]]
    return unit(out)


def _lemmas(entries: Entries) -> dict[str, str]:
    """Folded French word → folded lemma of its most frequent spelling."""
    spellings = sorted(frequencies("fr"), key=lambda word: frequencies("fr")[word])
    found = French().lemmas(spellings)
    return {fold(word): fold(lemma) for word, lemma in zip(spellings, found, strict=True)}


def _french_vectors(entries: Entries, english_of: _EnglishVectors, options: Options) -> np.ndarray:
    """(n, 256) unit vectors of the entries as French words, in the English space; zeros when unknown."""
    raw = _french_raw(entries)
    shares = {"en": folded_frequencies("en"), "fr": folded_frequencies("fr")}
    keys = entries.words + [fold(word) for word in entries.accented]
    french_words = [word for word, share in zip(keys, entries.french, strict=True) if share > 0]
    listed, resembling = lexicon.meanings(french_words, _lemmas(entries), shares["fr"], shares["en"])
    translated = np.zeros((2, len(keys), DIMENSIONS), dtype=np.float32)
    for layer, pairs in enumerate((listed, resembling)):
        rows = [number for number, word in enumerate(keys) if word in pairs]
        translated[layer, rows] = _meaning_vectors([pairs[keys[number]] for number in rows], english_of)
    common = (raw.any(axis=1)) & (entries.english > 1e-7) & (entries.french > 1e-7)
    alike = np.flatnonzero(common & np.array([len(word) > 3 for word in keys]))
    anchors = np.flatnonzero(raw.any(axis=1) & translated[0].any(axis=1))
    target = np.vstack([english_of([keys[number] for number in alike]), translated[0, anchors]])
    weights = np.r_[np.ones(len(alike)), np.full(len(anchors), options.translation_weight)].astype(np.float32)
    mapped = unit(raw @ ridge(np.vstack([raw[alike], raw[anchors]]), target, weights, options.penalty))
    english_of.lend(_lent(keys, mapped, resembling), options.lent_share)
    for layer, pairs in enumerate((listed, resembling)):
        rows = [number for number, word in enumerate(keys) if word in pairs]
        translated[layer, rows] = _meaning_vectors([pairs[keys[number]] for number in rows], english_of)
    mapped = drawn(mapped, translated[1], options.cognate_share)
    return drawn(mapped, translated[0], options.listed_share)


def _lent(keys: list[str], mapped: np.ndarray, resembling: dict[str, tuple[str, ...]]) -> dict[str, np.ndarray]:
    """English word → mean mapped vector of the French words it translates; listed pairs go before cognates.

    Token vectors know "sofa" and "armchair" as unrelated; French word vectors know them as neighbours.
    """
    vectors = {word: vector for word, vector in zip(keys, mapped, strict=True) if vector.any()}
    lent: dict[str, np.ndarray] = {}
    for pairs in (resembling, lexicon.translations()):
        sums: dict[str, np.ndarray] = {}
        for french, meanings in pairs.items():
            for word in meanings if french in vectors else ():
                sums[word] = sums.get(word, np.zeros(DIMENSIONS, dtype=np.float32)) + vectors[french]
        lent |= {word: unit(total) for word, total in sums.items()}
    return lent


def _meaning_vectors(meanings: list[tuple[str, ...]], english_of: _EnglishVectors) -> np.ndarray:
    distinct = sorted({word for words in meanings for word in words})
    vectors = english_of(distinct)
    number = {word: index for index, word in enumerate(distinct)}
    return _means(vectors, [[number[word] for word in words] for words in meanings])


def weight(shares: np.ndarray, options: Options) -> np.ndarray:
    """a / (a + p), and 0 for stop words."""
    return np.where(shares > options.stop, 0.0, options.smoothing / (options.smoothing + shares))


def build(options: Options = Options()) -> dict[str, np.ndarray]:
    """The arrays of the space but for those that need texts encoded in it (`finishing`)."""
    entries = _entries(options)
    english_of = _EnglishVectors(folded_frequencies("en"), options.compound)
    size = len(entries.words)
    english = np.zeros((size + len(entries.accented), DIMENSIONS), dtype=np.float32)
    french = _french_vectors(entries, english_of, options)
    known = np.flatnonzero(entries.english > 0)
    english[known] = english_of([entries.words[number] for number in known])
    in_english = _mixed(english, french, entries, 1 / options.context, options)
    in_french = _mixed(english, french, entries, options.context, options)
    hashes = np.r_[hashing.hash_words(entries.words), hashing.hash_words(entries.accented, exact=True)]
    language_odds, pieces = _language(entries), _piece_scores(entries)
    phrase_hashes, phrase_vectors, phrase_odds = _phrases(entries, english_of, language_odds)
    hashes = np.r_[hashes, phrase_hashes]
    language_odds = np.r_[language_odds, phrase_odds]
    pieces = np.r_[pieces, np.full(len(phrase_hashes), -np.inf)]
    in_english, in_french = np.vstack([in_english, phrase_vectors]), np.vstack([in_french, phrase_vectors])
    distinct = np.abs(in_english - in_french).max(axis=1) > 1e-3
    rows_french = np.arange(len(in_english), dtype=np.int32)
    rows_french[distinct] = len(in_english) + np.arange(distinct.sum())
    order = np.argsort(hashes)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    table = np.vstack([in_english[order], in_french[distinct]])
    rows = np.arange(len(order), dtype=np.int32)
    rows[place[distinct]] = rows_french[distinct]
    return {
        "folded": folding_table(),
        "exact": folding_table(keep_accents=True),
        "keys": hashes[order],
        "buckets": bucket_index(hashes[order]),
        "table": table.astype(np.float16),
        "rows_french": rows,
        "language": language_odds[order].astype(np.float32),
        "pieces": pieces[order].astype(np.float32),
    } | language.word_odds()


def _phrases(
    entries: Entries, english_of: _EnglishVectors, odds: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(hashes, vectors, language odds) of the phrases of two words that the project lists."""
    phrases = lexicon.phrases()
    number = {word: index for index, word in enumerate(entries.words)}
    evidence = [sum(odds[number[word]] for word in phrase if word in number) for phrase in phrases]
    first, second = (hashing.hash_words([phrase[part] for phrase in phrases]) for part in (0, 1))
    vectors = _meaning_vectors(list(phrases.values()), english_of)
    return hashing.pairs(first, second), vectors, np.clip(evidence, -5, 5)


def _mixed(english: np.ndarray, french: np.ndarray, entries: Entries, odds: float, options: Options) -> np.ndarray:
    """Weighted vectors of the entries in a text whose odds of being French are `odds`."""
    has_french = french.any(axis=1)
    as_french = odds * entries.french * has_french
    share = as_french / np.maximum(as_french + entries.english, 1e-30)
    share = share.astype(np.float32)[:, None]
    weights = [weight(shares, options).astype(np.float32)[:, None] for shares in (entries.english, entries.french)]
    return (1 - share) * weights[0] * english + share * weights[1] * french


def _language(entries: Entries) -> np.ndarray:
    """Evidence of each word that its text is French: log odds, between -5 and 5; 0 when in neither list."""
    odds = np.log(np.maximum(entries.french, 1e-8)) - np.log(np.maximum(entries.english, 1e-8))
    return np.clip(odds, -5, 5)


def _piece_scores(entries: Entries) -> np.ndarray:
    """Log frequency of each entry as a piece of a hashtag; -inf for what would cut words into crumbs."""
    shares = np.maximum(entries.english, entries.french)
    lengths = np.array([len(word) for word in entries.words] + [0] * len(entries.accented))
    least = np.select([lengths <= 1, lengths == 2, lengths == 3], [2.0, 5e-4, 1e-5], default=2e-7)
    digits = np.array([any(c.isdigit() for c in word) for word in entries.words] + [True] * len(entries.accented))
    return np.where((shares >= least) & ~digits, np.log(np.maximum(shares, 1e-12)), -np.inf)
