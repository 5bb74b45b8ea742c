"""A caption as a reader sees it, cut into tokens that remember where they stood and how they were disguised.

What shows on the screen decides: letters are compared without case and accents, composed or not. Letters borrowed
from another script, invisible characters inside a word, and words turned round are kept as `tricks` of their token.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["word", "tag", "mention", "brand", "url", "emoji", "mark", "line"]

# Letters of other scripts that look like Latin ones in the fonts of phones. Written out by hand, both cases.
_FOREIGN = "аеорсухіјѕԁһӏԛԝвкмнтгп" + "αορνικυτη" + "ᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀᴛᴜᴠᴡʏᴢ" + "ɑɡıօսⅼ"
_LATIN = "aeopcyxijsdhlqwbkmhtrn" + "aopvikutn" + "abcdeghijklmnoprtuvwyz" + "agioul"
_LOOKALIKE = dict(zip(_FOREIGN, _LATIN, strict=True))
_INVISIBLE = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff")
_TURNED = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK = frozenset("\u2800\u3164\u115f\u1160\uffa0")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_APOSTROPHES = frozenset("'’‘ʼ`´")
_PLACEHOLDER = re.compile(
    r"\[[^\[\]\n]{0,40}?\b(?:marque|brand|brandname|company|advertiser|annonceur|produit|product|nome|marca|marke|merk|name|nom)\b"
    r"[^\[\]\n]{0,20}\]",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)[^\s]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is folded (lower case, no accents); start and end are offsets in the caption as it was given.

    glued: nothing stands between this token and the one before. tricks: how the token was disguised.
    """

    kind: Kind
    text: str
    raw: str
    start: int
    end: int
    glued: bool = False
    tricks: frozenset[str] = frozenset()

    @property
    def capital(self) -> bool:
        return self.raw[:1].isupper()


@dataclass(frozen=True, slots=True)
class _Sign:
    """One character as it is read: folded, with its span and what was done to it."""

    shown: str
    folded: str
    start: int
    end: int
    tricks: frozenset[str] = field(default=frozenset())

    @property
    def letter(self) -> bool:
        return bool(self.folded) and (self.folded[0].isalnum() or self.folded[0] == "_")


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    tokens: tuple[Token, ...]
    language: str = ""

    @property
    def shouted(self) -> bool:
        """Whether nearly everything is in capitals, so that capitals mean nothing."""
        letters = [char for char in self.text if char.isalpha()]
        return len(letters) > 12 and sum(char.isupper() for char in letters) > 0.7 * len(letters)

    @property
    def turned(self) -> bool:
        return any(char in _TURNED for char in self.text)


def fold(text: str) -> str:
    """Lower case, without accents, one form of apostrophe dropped: "L’Été" → "lete"."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).casefold())
    return "".join(char for char in plain if not unicodedata.combining(char) and char not in _APOSTROPHES)


def read(text: str, language: str = "") -> Caption:
    """Cuts a caption of any kind into tokens. Never fails, whatever the text holds."""
    signs = _signs(text)
    return Caption(text, tuple(_tokens(text, signs)), language)


def _signs(text: str) -> list[_Sign]:
    signs: list[_Sign] = []
    pending: set[str] = set()
    for place, char in enumerate(text):
        if char in _JOINERS or "\U000e0000" <= char <= "\U000e007f":
            if signs and signs[-1].letter:
                pending.add("invisible")
            continue
        if char in _INVISIBLE:
            pending.add("invisible")
            continue
        if char in _TURNED:
            pending.add("turned")
            continue
        if unicodedata.category(char) in ("Mn", "Me", "Mc") and signs:
            signs[-1] = _accented(signs[-1], char, place)
            continue
        tricks = frozenset(pending)
        pending.clear()
        shown, folded, how = _plain(char)
        signs.append(_Sign(shown, folded, place, place + 1, tricks | how))
    return signs


def _accented(base: _Sign, accent: str, place: int) -> _Sign:
    """An accent that composes belongs to its letter; anything else strikes the letter out or hides it."""
    composed = unicodedata.normalize("NFC", base.shown + accent)
    ordinary = len(composed) == 1 or not base.letter or not base.folded.isascii()
    tricks = base.tricks if ordinary else base.tricks | {"struck"}
    return _Sign(composed if len(composed) == 1 else base.shown, base.folded, base.start, place + 1, tricks)


def _plain(char: str) -> tuple[str, str, frozenset[str]]:
    if char in _BLANK:
        return " ", " ", frozenset()
    lower = char.lower()
    if lower in _LOOKALIKE:
        return char, _LOOKALIKE[lower], frozenset({"lookalike"})
    if "\U0001f130" <= char <= "\U0001f149" or "\U0001f170" <= char <= "\U0001f189":  # letters in boxes
        offset = ord(char) - (0x1F130 if char < "\U0001f150" else 0x1F170)
        return char, chr(ord("a") + offset), frozenset({"styled"})
    compatible = unicodedata.normalize("NFKC", char)
    written = unicodedata.category(char)[0] in "LN" or "\u2460" <= char <= "\u24ff" or compatible in "#@"
    if compatible != char and written and len(compatible) <= 3:
        return char, fold(compatible), frozenset({"styled"})
    if char in _APOSTROPHES:
        return char, "'", frozenset()
    return char, fold(char) or char, frozenset()


def _tokens(text: str, signs: list[_Sign]) -> list[Token]:
    tokens: list[Token] = []
    place, glued = 0, False
    jumps = {match.start(): ("brand", match.end()) for match in _PLACEHOLDER.finditer(text)}
    jumps |= {match.start(): ("url", match.end()) for match in _URL.finditer(text)}
    while place < len(signs):
        sign = signs[place]
        if sign.start in jumps:
            kind, end = jumps[sign.start]
            while place < len(signs) and signs[place].start < end:
                place += 1
            tokens.append(Token(kind, kind, text[sign.start : end], sign.start, end, glued))  # type: ignore[arg-type]
            glued = True
            continue
        if sign.shown in "\n\r\u2028\u2029\x0b\x0c\x85":
            if not (sign.shown == "\n" and place and signs[place - 1].shown == "\r"):
                tokens.append(Token("line", "\n", "\n", sign.start, sign.end))
            glued = False
            place += 1
            continue
        if sign.folded.isspace():
            glued = False
            place += 1
            continue
        if sign.folded == "'" and place and signs[place - 1].letter:  # "n'est", "d'@brand": two words, no gap
            place += 1
            continue
        token, place = _token(text, signs, place, glued)
        tokens.append(token)
        glued = True
    return tokens


def _token(text: str, signs: list[_Sign], place: int, glued: bool) -> tuple[Token, int]:
    sign = signs[place]
    following = signs[place + 1] if place + 1 < len(signs) else None
    if sign.folded == "#" and following is not None and following.letter:
        return _run("tag", text, signs, place, place + 1, glued)
    if sign.folded == "@" and following is not None and following.letter:
        return _run("mention", text, signs, place, place + 1, glued)
    if sign.letter:
        return _run("word", text, signs, place, place, glued)
    picture = (
        unicodedata.category(sign.shown[0]) in ("So", "Sk", "Cs", "Co", "Cn") or "\u2600" <= sign.shown <= "\u27bf"
    )
    kind: Kind = "emoji" if picture else "mark"
    return Token(kind, sign.folded, text[sign.start : sign.end], sign.start, sign.end, glued, sign.tricks), place + 1


def _run(kind: Kind, text: str, signs: list[_Sign], place: int, first: int, glued: bool) -> tuple[Token, int]:
    end = first
    while end < len(signs) and (signs[end].letter or (kind == "mention" and _inside(signs, end))):
        end += 1
    body = signs[first:end]
    tricks: set[str] = set()
    for index, sign in enumerate(signs[place:end]):
        # Before the first sign an invisible character only stands between two words.
        tricks |= sign.tricks - {"invisible"} if index == 0 else sign.tricks
    if tricks & {"lookalike"} and all("lookalike" in sign.tricks or not sign.folded.isalpha() for sign in body):
        # A whole word of another alphabet is that language, unless it reads as a Latin label: left to the matching.
        tricks.add("foreign")
    start, stop = signs[place].start, signs[end - 1].end
    shown = "".join(sign.folded for sign in body)
    return Token(kind, shown, text[start:stop].lstrip("#"), start, stop, glued, frozenset(tricks)), end


def _inside(signs: list[_Sign], place: int) -> bool:
    """A full stop inside a handle (`@image_a.d.s`), not the one that ends the sentence."""
    return signs[place].folded in ".-" and place + 1 < len(signs) and signs[place + 1].letter
