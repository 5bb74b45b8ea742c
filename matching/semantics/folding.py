"""Characters to codes: case, accents, width and ornament folded once, in one table lookup per character.

A code of `WORD` or more is a letter or a digit; the small codes name the punctuation that matters when a
caption is read. `FOLDED` tables drop accents ("é" and "e" share a code), `exact` tables keep them.
"""

from __future__ import annotations

import sys
import unicodedata

import numpy as np

BREAK, DROP, TEXT_END, SPACE, HASH, AT, APOSTROPHE, DOT, UNDERSCORE = range(9)
WORD = 32  # first code of a letter or digit; ASCII letters and digits keep their own code point

_PUNCTUATION = {
    "\0": TEXT_END,
    "#": HASH,
    "\uff03": HASH,
    "@": AT,
    "\uff20": AT,
    ".": DOT,
    "_": UNDERSCORE,
    "\u200b": BREAK,
    **dict.fromkeys("'\u2019\u2018\u02bc\u00b4`\uff07", APOSTROPHE),
}
# Letters that no Unicode decomposition splits; replaced in the text before it is read.
EXPANSIONS = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ẞ": "ss"}
_SINGLES = {"ø": "o", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "t"}


def _code(character: str, *, keep_accents: bool) -> int:
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    if character.isspace():
        return SPACE
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return DROP
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    base = next((c for c in decomposed if not unicodedata.combining(c)), "")
    base = _SINGLES.get(base, base)
    if not base.isalnum():
        return BREAK
    if keep_accents:
        composed = unicodedata.normalize("NFKC", character).casefold()[:1]
        base = _SINGLES.get(composed, composed)
    return min(ord(base), 0xFFFF)


def folding_table(*, keep_accents: bool = False) -> np.ndarray:
    """uint16 (0x110000,): the code of every Unicode code point; surrogates and unassigned ones are `BREAK`."""
    table = np.zeros(sys.maxunicode + 1, dtype=np.uint16)
    for point in range(sys.maxunicode + 1):
        character = chr(point)
        if unicodedata.category(character) not in ("Cn", "Cs", "Co"):
            table[point] = _code(character, keep_accents=keep_accents)
    return table


def fold(word: str) -> str:
    """One word as the tables read it: lower case without accents ("Pâtisserie" → "patisserie")."""
    for letter, letters in EXPANSIONS.items():
        word = word.replace(letter, letters)
    decomposed = unicodedata.normalize("NFKD", word).casefold()
    return "".join(_SINGLES.get(c, c) for c in decomposed if not unicodedata.combining(c))


def lower(word: str) -> str:
    """One word in lower case with its accents composed, as the exact table reads it."""
    for letter, letters in EXPANSIONS.items():
        word = word.replace(letter, letters)
    return unicodedata.normalize("NFKC", word).casefold()
