"""Filters read in plain words: "micro-influenceuses déco à Lyon sur Instagram" proposes three, and leaves "déco".

A small careful reader, not a model: it proposes only what it is sure of, in French and English, and every
proposal is shown and removable. Words that could mean something else (Turkey, Jersey, "cuisine italienne")
need a preposition or a person beside them. What remains is the text that is searched by meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import pairwise

from django.db import connection

from matching.codes import EUR_PER_UNIT, country_names, fold, in_eur

LONGEST_READ = 300
"""Longer texts are briefs: their words describe, they do not filter."""
_TOKEN = re.compile(r"[^\W_]+", re.UNICODE)
_PERSON = re.compile(r"^(influ|creat|blogu|blogger|youtub|tiktok|instag|vlog|compte|account|streamer|ambassad)")
_PLACE = frozenset(
    ("a", "en", "au", "aux", "dans", "sur", "de", "du", "d", "in", "from", "at", "across", "near", "vers")
)
_ARTICLES = frozenset(["the", "la", "le", "les", "l"])
_MEDIUM = frozenset(["sur", "on", "via"])
_AMBIGUOUS = frozenset(
    (
        "turkey",
        "jersey",
        "chad",
        "jordan",
        "georgia",
        "china",
        "grenade",
        "dominique",
        "maurice",
        "guinea",
        "reunion",
        "mali",
    )
)
_FILLER = re.compile(r"^(influenceu|influencer|createu|creatri|creator|blogueu|blogger)")

_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "platform": (
        ("instagram", r"instagram|insta|instagram+eurs?|instagram+euses?|instagram+ers?"),
        ("tiktok", r"tiktok|tik tok|tiktok+eurs?|tiktok+euses?|tiktok+ers?"),
        ("youtube", r"youtube|you tube|youtubeurs?|youtubeuses?|youtubers?"),
        ("x", r"twitter|sur x|on x"),
    ),
    "language": (
        ("fr", r"francophones?|en francais|in french|french speaking|parlant francais"),
        ("en", r"anglophones?|en anglais|in english|english speaking|parlant anglais"),
        ("de", r"germanophones?|en allemand|in german|german speaking"),
        ("es", r"hispanophones?|en espagnol|in spanish|spanish speaking"),
        ("nl", r"neerlandophones?|en neerlandais|in dutch|dutch speaking"),
    ),
    "engagement": (
        ("75", r"(?:fort|bon|haut) engagement|tres engagee?s?|(?:high|strong|good) engagement|highly engaged"),
    ),
    "available": (("1", r"disponibles?|available(?: now)?"),),
    "new": (("1", r"(?:pas encore|jamais) contactee?s?|(?:not (?:yet )?|never )contacted(?: yet)?"),),
}
_DEMONYMS = {
    "FR": "francaise?s?|french",
    "BE": "belges?|belgian",
    "CH": "suisses?|swiss",
    "CA": "canadien(?:ne)?s?|canadian|quebecoise?s?",
    "GB": "britanniques?|british|anglaise?s?",
    "US": "americaine?s?|american",
    "DE": "allemande?s?|german",
    "ES": "espagnole?s?|spanish",
    "IT": "italien(?:ne)?s?|italian",
    "NL": "neerlandaise?s?|dutch",
    "MA": "marocaine?s?|moroccan",
    "SN": "senegalaise?s?|senegalese",
    "PT": "portugaise?s?|portuguese",
    "LU": "luxembourgeoise?s?",
}
_NUMBER = r"(\d{1,3}(?:[ .,\u00a0\u202f]\d{3})+|\d+(?:[.,]\d+)?)\s?(k|m|mille|millions?)?"
_FOLLOWERS = r"\s?(?:d['’])?\s?(?:abonn|follower|subscriber|fans\b|suiveu)\w*"
_RANGE = re.compile(rf"(?:entre|between|de|from)?\s?\b{_NUMBER}\s?(?:et|and|à|a|to|-|–)\s?{_NUMBER}{_FOLLOWERS}", re.I)
_LESS = r"(?:moins de|jusqu['’]à|maximum|max\.?|au plus|under|below|less than|up to|at most|<)"
_MORE = r"(?:plus de|au moins|minimum|min\.?|over|above|more than|at least|>)"
_MOST = re.compile(rf"{_LESS}\s?{_NUMBER}{_FOLLOWERS}", re.I)
_LEAST = re.compile(rf"(?:{_MORE}\s?{_NUMBER}|{_NUMBER}\s?\+){_FOLLOWERS}", re.I)
_CURRENCY = r"(€|euros?|eur|\$|usd|dollars?|£|gbp|chf|francs suisses)"
_PRICE = re.compile(
    rf"(?:(?:budget|prix|price|tarif)\s?(?:de|of|:|max\.?)?\s?|{_LESS}\s?|pour\s|for\s)(?:(€|\$|£)\s?)?{_NUMBER}\s?{_CURRENCY}?",
    re.I,
)
_SIGNS = {"€": "EUR", "e": "EUR", "$": "USD", "u": "USD", "d": "USD", "£": "GBP", "g": "GBP", "c": "CHF", "f": "CHF"}


@dataclass(frozen=True, slots=True)
class Hint:
    """One proposal: a filter of Discover, its value, and where in the text it was read (start, end)."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlainWords:
    """hints in the order read; rest: the text without them and without the words for "influencer"."""

    hints: tuple[Hint, ...]
    rest: str


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int
    end: int
    capital: bool
    places: bool


def read_plain_words(text: str, *, cities: Callable[[list[str]], set[str]] | None = None) -> PlainWords:
    """Proposals read in a short text; a long one is left as it is. cities: which of these (lower case) exist."""
    if not text.strip() or len(text) > LONGEST_READ:
        return PlainWords((), text)
    tokens = _tokens(text)
    taken: list[Hint] = []
    for hint in (
        *_numbers(text),
        *_tiers(tokens),
        *_phrases(tokens),
        *_countries(tokens),
        *_cities(tokens, text, cities or known_cities),
    ):
        if all(hint.end <= other.start or hint.start >= other.end for other in taken):
            taken.append(hint)
    return PlainWords(tuple(sorted(taken, key=lambda hint: hint.start)), without(text, taken))


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text):
        raw, word = match.group(), fold(match.group())
        places = word in _PLACE and raw not in ("a", "A")  # "à" leads to a place, the article "a" does not
        found.append(_Token(word, match.start(), match.end(), raw[0].isupper(), places))
    return found


def _leads(tokens: list[_Token], first: int) -> _Token | None:
    """The preposition before the token at `first`, over an article: "in", "from the"."""
    for back in (1, 2):
        if first >= back and tokens[first - back].places:
            return tokens[first - back]
        if first < back or tokens[first - back].word not in _ARTICLES:
            return None
    return None


def known_cities(candidates: list[str]) -> set[str]:
    """Which of these lower-case names are cities of creators in the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT lower(city) FROM matching_creatorindex WHERE lower(city) = ANY(%s)", [candidates]
        )
        return {row[0] for row in cursor.fetchall()}


def _numbers(text: str) -> Iterator[Hint]:
    for match in _RANGE.finditer(text):
        low, unit, high, unit2 = match.groups()
        yield Hint("followers_min", str(_amount(low, unit or unit2)), match.start(), match.end())
        yield Hint("followers_max", str(_amount(high, unit2)), match.end(), match.end())
        return
    for name, pattern in (("followers_max", _MOST), ("followers_min", _LEAST)):
        for match in pattern.finditer(text):
            number, unit = match.groups()[:2] if match.group(1) else match.groups()[2:]
            yield Hint(name, str(_amount(number, unit)), match.start(), match.end())
    for match in _PRICE.finditer(text):
        sign, number, unit, word = match.groups()
        if sign or word:
            code = _SIGNS[(sign or word)[0].lower()]
            euros = in_eur(Decimal(_amount(number, unit)), code) if code in EUR_PER_UNIT else Decimal(0)
            if euros >= 1:
                yield Hint("price", str(round(euros)), match.start(), match.end())


def _amount(number: str, unit: str | None) -> int:
    """10 k is 10000, 1 500 and 1.500 are 1500, 2,5 k is 2500."""
    plain = re.sub(r"[ .,\u00a0\u202f](?=\d{3}(?!\d))", "", number).replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return 0
    factor = {"k": 1_000, "mille": 1_000, "m": 1_000_000}.get((unit or "").lower(), 1_000_000 if unit else 1)
    return int(min(value * factor, Decimal(9_999_999_999)))


def _tiers(tokens: list[_Token]) -> Iterator[Hint]:
    """A size word counts beside a person only: "micro" alone may be a microphone."""
    for this, following in pairwise(tokens):
        if this.word in ("nano", "micro", "macro", "mega") and _PERSON.match(following.word):
            yield Hint("tier", this.word, this.start, this.end)


def _phrases(tokens: list[_Token]) -> Iterator[Hint]:
    for length in (4, 3, 2, 1):
        for first in range(len(tokens) - length + 1):
            run = tokens[first : first + length]
            phrase = " ".join(token.word for token in run)
            for name, value, pattern in _patterns():
                if pattern.fullmatch(phrase):
                    before = (
                        tokens[first - 1]
                        if first and tokens[first - 1].word in _MEDIUM and name == "platform"
                        else None
                    )
                    yield Hint(name, value, (before or run[0]).start, run[-1].end)


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    return tuple((name, value, re.compile(words)) for name, entries in _WORDS.items() for value, words in entries)


def _countries(tokens: list[_Token]) -> Iterator[Hint]:
    names = country_names()
    for length in (3, 2, 1):
        for first in range(len(tokens) - length + 1):
            run = tokens[first : first + length]
            phrase = " ".join(token.word for token in run)
            before = _leads(tokens, first)
            if code := names.get(phrase):
                if before or (run[0].capital and phrase not in _AMBIGUOUS):
                    yield Hint("country", code, (before or run[0]).start, run[-1].end)
            elif length == 1 and _beside_a_person(tokens, first):
                for code, words in _DEMONYMS.items():
                    if re.fullmatch(words, phrase):
                        yield Hint("country", code, run[0].start, run[0].end)


def _beside_a_person(tokens: list[_Token], place: int) -> bool:
    return any(
        _PERSON.match(token.word) for token in (*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2])
    )


def _cities(tokens: list[_Token], text: str, exist: Callable[[list[str]], set[str]]) -> Iterator[Hint]:
    """Names after a preposition, or capitals inside the text, that are cities of somebody in the index."""
    spans: dict[tuple[int, int], str] = {}
    for first, token in enumerate(tokens):
        before = _leads(tokens, first)
        if before or (token.capital and (first > 0 or len(tokens) == 1)):
            for length in (3, 2, 1):
                if first + length <= len(tokens):
                    start = (before or token).start
                    spans[start, tokens[first + length - 1].end] = text[
                        token.start : tokens[first + length - 1].end
                    ].lower()
    found = exist(sorted(set(spans.values()))) if spans else set()
    for (start, end), name in sorted(spans.items(), key=lambda item: item[0][0] - item[0][1]):
        if name in found:
            yield Hint("city", name.title(), start, end)


def without(text: str, hints: Sequence[Hint], *, people: bool = False) -> str:
    """The text without the words of these hints, tidied; the words for "influencer" stay where `people`."""
    gone = [(hint.start, hint.end) for hint in hints]
    gone += [(token.start, token.end) for token in _tokens(text) if _FILLER.match(token.word) and not people]
    kept, place = [], 0
    for start, end in sorted(gone):
        kept.append(text[place : max(start, place)])
        place = max(place, end)
    left = " ".join((" ".join(kept) + " " + text[place:]).split())
    words = [fold(word) for word in _TOKEN.findall(left)]
    if all(
        word in _PLACE | {"et", "and", "avec", "with", "des", "les", "the", "la", "le", "un", "une", "qui", "ou", "or"}
        for word in words
    ):
        return ""
    return re.sub(
        r"^(?:[-–,;:.\s]|(?:de|d['’]|des|du|sur|on|in|à|en|avec|with|et|and)\b\s?)+|[-–,;:\s]+$", "", left, flags=re.I
    )
