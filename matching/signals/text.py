"""Columns of text as numpy arrays: folded words, their hashes, and counts of what surrounds them.

Comments and captions arrive by the hundred thousand; a regular expression per text costs ten times the
whole budget. Here all texts are one code-point array, words are runs in it, and a word is known by its
64-bit polynomial hash, so that a lexicon is a lookup and a phrase is a combination of hashes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

SEPARATOR = "\x1e"
MAX_PHRASE = 5

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Bools = NDArray[np.bool_]

# Classes of a code point. LATIN and FOREIGN are letters, and with DIGIT they make words.
OTHER, SPACE, LATIN, FOREIGN, DIGIT, MARK, EMOJI, AT, HASH, QUESTION, EXCLAIM, STOP, BREAK = range(13)
_TABLE_SIZE = 0x20000
_LATIN_END = 0x250
_BASE = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1
_STEP = np.uint64(0xBF58476D1CE4E5B9)
_EMOJI_RANGES = (
    (0x1F000, 0x1FAFF),
    (0x2190, 0x21FF),
    (0x2300, 0x23FF),
    (0x2460, 0x24FF),
    (0x25A0, 0x27BF),
    (0x2900, 0x297F),
    (0x2B00, 0x2BFF),
    (0x3030, 0x303D),
    (0xFE00, 0xFE0F),
    (0x200D, 0x200D),
    (0x20E3, 0x20E3),
)
PLAIN, MENTION, HASHTAG = range(3)
_STOPS = ".\n:;|–—·•/"


@dataclass(frozen=True, slots=True)
class TextColumn:
    """`n` texts in one string, parted by SEPARATOR: the form in which PostgreSQL hands a column over."""

    joined: str
    n: int

    @classmethod
    def of(cls, texts: Iterable[str]) -> TextColumn:
        cleaned = [text.replace(SEPARATOR, " ") if SEPARATOR in text else text for text in texts]
        return cls(SEPARATOR.join(cleaned), len(cleaned))

    def to_list(self) -> list[str]:
        return self.joined.split(SEPARATOR) if self.n else []


@dataclass(frozen=True, slots=True)
class Words:
    """The words of n texts. Arrays are per word (w,) unless said otherwise.

    hash: polynomial hash of the folded word (accents, case and letter runs of three or more removed);
    every number has the hash of "0". text: index of the text. kind: PLAIN, MENTION or HASHTAG.
    start/end: bounds in the folded code points. position: rank of the word within its text.
    sentence: running number of the clause, ended by . ! ? : | a dash or a line break, never shared by two texts.
    dotted: the word follows the previous one over a bare dot, as in "site.com".
    n_words, n_plain, n_mentions, n_hashtags, n_emoji, n_questions, n_exclaims, n_foreign: (n,) counts,
    n_foreign being letters of other scripts than Latin.
    text_hash: (n,) hash of the plain words in order, 0 without any: equal for texts that only differ in
    case, accents, punctuation, emoji or who is mentioned.
    """

    n: int
    hash: Hashes
    text: Ints
    kind: NDArray[np.int8]
    length: Ints
    position: Ints
    sentence: Ints
    dotted: Bools
    n_words: Ints
    n_plain: Ints
    n_mentions: Ints
    n_hashtags: Ints
    n_emoji: Ints
    n_questions: Ints
    n_exclaims: Ints
    n_foreign: Ints
    text_hash: Hashes


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """(fold, kind) of every code point below _TABLE_SIZE; above, all are letters of other scripts."""
    fold = np.arange(_TABLE_SIZE + 1, dtype=np.uint32)
    kind = np.zeros(_TABLE_SIZE + 1, np.uint8)
    for code in range(_TABLE_SIZE):
        char = chr(code)
        category = unicodedata.category(char)
        base = unicodedata.normalize("NFKD", char.lower())
        base = base[0] if base and unicodedata.category(base[0])[0] in "LN" else char
        fold[code] = ord(base) if ord(base) < _TABLE_SIZE else code
        kind[code] = _class_of(char, base, category)
    for low, high in _EMOJI_RANGES:
        kind[low : high + 1] = EMOJI
    kind[_TABLE_SIZE] = FOREIGN
    for char, value in (("@", AT), ("#", HASH), ("?", QUESTION), ("？", QUESTION), ("!", EXCLAIM), (SEPARATOR, BREAK)):
        kind[ord(char)] = value
    for char in _STOPS:
        kind[ord(char)] = STOP
    kind[ord("_")] = LATIN
    return fold, kind


def _class_of(char: str, base: str, category: str) -> int:
    if category[0] == "L":
        return LATIN if ord(base) < _LATIN_END or "\u1e00" <= base <= "\u1eff" else FOREIGN
    if category == "Nd":
        return DIGIT
    if category[0] == "M":
        return MARK
    if category[0] == "Z" or char in "\t\r\n":
        return SPACE
    return EMOJI if category == "So" else OTHER


_POWERS: list[Hashes] = []


def _powers(n: int) -> tuple[Hashes, Hashes]:
    """Powers of the hash base and of its inverse modulo 2**64, at least n of each."""
    if not _POWERS or len(_POWERS[0]) < n:
        size = max(n, 1 << 16)
        inverse = pow(_BASE, -1, 1 << 64)
        tables = []
        for base in (_BASE, inverse):
            factors = np.full(size, base, np.uint64)
            factors[0] = 1
            tables.append(np.multiply.accumulate(factors))
        _POWERS[:] = tables
    return _POWERS[0], _POWERS[1]


def _codes(column: TextColumn) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Folded code points and their classes, without combining marks and long letter runs."""
    fold, kinds = _tables()
    raw = np.frombuffer(column.joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    index = np.minimum(raw, _TABLE_SIZE) if len(raw) and int(raw.max()) >= _TABLE_SIZE else raw
    codes, kind = fold[index], kinds[index]
    drop = kind == MARK
    same = codes[1:] == codes[:-1]
    elongated = same[1:] & same[:-1] & (kind[2:] == LATIN) & (codes[2:] != ord("w")) & (codes[2:] != ord("x"))
    triple = np.flatnonzero(elongated)
    drop[triple + 1] = True
    drop[triple + 2] = True
    if drop.any():
        keep = ~drop
        codes, kind = codes[keep], kind[keep]
    return codes, kind


def folded(column: TextColumn) -> list[str]:
    """The texts in lower case, without accents, ligatures opened: the form in which words are searched."""
    if column.n == 0:
        return []
    fold, kinds = _tables()
    raw = np.frombuffer(column.joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    known = raw < _TABLE_SIZE
    codes = np.where(known, fold[np.minimum(raw, _TABLE_SIZE)], raw)
    keep = ~known | (kinds[np.minimum(raw, _TABLE_SIZE)] != MARK)
    joined = codes[keep].astype(np.uint32).tobytes().decode("utf-32-le", "replace")
    for ligature, letters in (("œ", "oe"), ("æ", "ae"), ("ß", "ss")):
        joined = joined.replace(ligature, letters)
    return joined.split(SEPARATOR)


def _counts(texts: NDArray[Any], n: int) -> Ints:
    return np.bincount(texts, minlength=n).astype(np.int64)


def words_of(column: TextColumn) -> Words:
    """Words and counts of every text of the column. Linear in characters, about 10 M characters/s."""
    if column.n == 0:
        return _no_words(0)
    codes, kind = _codes(column)
    ends = np.append(np.flatnonzero(kind == BREAK), len(kind))
    if len(ends) != column.n:
        raise ValueError(f"{column.n} texts announced, {len(ends)} found")
    inside = (kind >= LATIN) & (kind <= DIGIT)
    edges = np.diff(np.concatenate(([0], inside.view(np.int8), [0])))
    start, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    texts = np.cumsum(kind == BREAK, dtype=np.int32)
    text = texts[start].astype(np.int64)
    hashes = _hash_runs(codes, kind, start, end)
    before = kind[np.maximum(start - 1, 0)]
    before[start == 0] = SPACE
    sigil = np.where(before == AT, MENTION, np.where(before == HASH, HASHTAG, PLAIN)).astype(np.int8)
    dotted = _dotted(codes, start, end)
    sigil = _join_handles(sigil, dotted)
    plain = sigil == PLAIN
    counts = _char_counts(kind, texts, column.n)
    n_words = _counts(text, column.n)
    first = np.cumsum(n_words) - n_words
    return Words(
        n=column.n,
        hash=hashes,
        text=text,
        kind=sigil,
        length=end - start,
        position=np.arange(len(text)) - first[text],
        sentence=np.cumsum(_ends_sentence(codes, kind), dtype=np.int32)[start].astype(np.int64),
        dotted=dotted,
        n_words=n_words,
        n_plain=_counts(text[plain], column.n),
        n_mentions=counts[AT],
        n_hashtags=_counts(text[sigil == HASHTAG], column.n),
        n_emoji=counts[EMOJI],
        n_questions=counts[QUESTION],
        n_exclaims=counts[EXCLAIM],
        n_foreign=counts[FOREIGN],
        text_hash=_text_hashes(hashes[plain], text[plain], column.n),
    )


def _hash_runs(codes: NDArray[np.uint32], kind: NDArray[np.uint8], start: Ints, end: Ints) -> Hashes:
    """Hash of each run of code points; runs of digits only all hash like "0"."""
    power, inverse = _powers(len(codes) + 1)
    total = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * power[: len(codes)], out=total[1:])
    hashes = (total[end] - total[start]) * inverse[start]
    letters = np.zeros(len(kind) + 1, np.int32)
    np.cumsum(kind != DIGIT, out=letters[1:])
    hashes[letters[end] == letters[start]] = np.uint64(ord("0"))
    return _mix(hashes)


def _mix(hashes: Hashes) -> Hashes:
    hashes = (hashes ^ (hashes >> np.uint64(31))) * _STEP
    return hashes ^ (hashes >> np.uint64(29))


def _dotted(codes: NDArray[np.uint32], start: Ints, end: Ints) -> Bools:
    dotted = np.zeros(len(start), bool)
    dotted[1:] = (start[1:] == end[:-1] + 1) & (codes[end[:-1]] == ord("."))
    return dotted


def _ends_sentence(codes: NDArray[np.uint32], kind: NDArray[np.uint8]) -> Bools:
    ends = kind >= QUESTION
    ends[1:] |= (codes[1:] == ord("-")) & (kind[:-1] == SPACE)
    return ends


def _join_handles(sigil: NDArray[np.int8], dotted: Bools) -> NDArray[np.int8]:
    """A handle goes on over a dot ("@anna.b" is one mention): mark its later parts as mentions too."""
    for _ in range(3):
        sigil[1:][dotted[1:] & (sigil[:-1] == MENTION)] = MENTION
    return sigil


def _char_counts(kind: NDArray[np.uint8], texts: NDArray[np.int32], n: int) -> dict[int, Ints]:
    counts = {}
    for value in (AT, EMOJI, QUESTION, EXCLAIM, FOREIGN):
        counts[value] = _counts(texts[kind == value], n)
    return counts


def _text_hashes(hashes: Hashes, text: Ints, n: int) -> Hashes:
    """Order-sensitive hash of the words of each text: sum of hash x power of the position."""
    out = np.zeros(n, np.uint64)
    if len(text) == 0:
        return out
    power, _ = _powers(4096)
    starts = np.flatnonzero(np.diff(text, prepend=-1))
    position = np.arange(len(text)) - np.repeat(starts, np.diff(np.append(starts, len(text))))
    out[text[starts]] = np.add.reduceat(hashes * power[position % len(power)], starts)
    return out


def _no_words(n: int) -> Words:
    none, zero, hashes = np.zeros(0, np.int64), np.zeros(n, np.int64), np.zeros(0, np.uint64)
    return Words(
        n=n,
        hash=hashes,
        text=none,
        kind=none.astype(np.int8),
        length=none,
        position=none,
        sentence=none,
        dotted=none.astype(np.bool_),
        n_words=zero,
        n_plain=zero,
        n_mentions=zero,
        n_hashtags=zero,
        n_emoji=zero,
        n_questions=zero,
        n_exclaims=zero,
        n_foreign=zero,
        text_hash=np.zeros(n, np.uint64),
    )


def phrase_hashes(words: Words, size: int, first: Ints | None = None) -> tuple[Hashes, Ints]:
    """(hash, index of the first word) of every run of `size` words within one text; `first`: where to look."""
    if first is None:
        first = np.arange(len(words.hash))
    if size == 1:
        return words.hash[first], first
    first = first[first <= len(words.hash) - size]
    first = first[words.text[first] == words.text[first + size - 1]]
    return _combine([words.hash[first + offset] for offset in range(size)]), first


def _combine(parts: Sequence[Hashes]) -> Hashes:
    total = parts[0]
    for part in parts[1:]:
        total = total * _STEP + part
    return _mix(total)


def contains(ordered: Hashes, values: Hashes) -> Bools:
    """Which values are in the ascending array; the hash 0 (no words) never is."""
    if len(ordered) == 0:
        return np.zeros(len(values), bool)
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return (ordered[place] == values) & (values != 0)
