"""Which French word means which English word: a project-owned list, cognates, and inflected forms of both.

The pruned French vectors place a word near its topic, not near its translation; these pairs do the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from .folding import fold
from .sources import read_lines

LEXICON = Path(__file__).parent / "data" / "lexicon.tsv"
JARGON = Path(__file__).parent / "data" / "jargon.tsv"
PHRASES = Path(__file__).parent / "data" / "phrases.tsv"

# French ending → English ending of the same word ("végétarien" → "vegetarian").
_ENDINGS = (
    ("ique", "ic"), ("ique", "ical"), ("ique", "ics"), ("ite", "ity"), ("te", "ty"), ("eur", "or"), ("eur", "er"),
    ("eux", "ous"), ("euse", "ous"), ("aire", "ary"), ("ie", "y"), ("isme", "ism"), ("iste", "ist"), ("if", "ive"),
    ("el", "al"), ("elle", "al"), ("e", "ed"), ("e", ""), ("ement", "ly"), ("er", "e"), ("er", ""), ("iser", "ize"),
    ("ifier", "ify"), ("oire", "ory"), ("re", "er"), ("que", "c"), ("ain", "an"), ("ien", "ian"), ("ir", "ish"),
)  # fmt: skip
_MIN_STEM = 4
_MIN_FREQUENCY = 1e-6
_MIN_BALANCE = 0.03  # a cognate is no rarer in English than this share of its French frequency


def translations() -> dict[str, tuple[str, ...]]:
    """Folded French word → English words, from the project's list."""
    return {fold(french).replace("-", ""): tuple(english.split()) for french, english in read_lines(LEXICON)}


def jargon() -> dict[str, tuple[str, ...]]:
    """Word of social networks → plainer English words for it, from the project's list."""
    return {fold(word): tuple(english.split()) for word, english in read_lines(JARGON)}


def phrases() -> dict[tuple[str, str], tuple[str, ...]]:
    """Two folded words that mean one thing → English words for it, from the project's list."""
    found = {}
    for phrase, english in read_lines(PHRASES):
        first, second = fold(phrase).split()
        found[first, second] = tuple(english.split())
    return found


def cognate(word: str, french: float, english: Mapping[str, float]) -> str | None:
    """The English word that a folded French word is spelled like, if one is frequent enough to be it.

    french: frequency of the French word. english: frequencies of folded English words.
    """
    least = max(_MIN_FREQUENCY, _MIN_BALANCE * french)
    if len(word) >= _MIN_STEM and english.get(word, 0.0) >= least:
        return word
    for ending, other in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _MIN_STEM and english.get(stem + other, 0.0) >= least:
            return stem + other
    return None


def meanings(
    words: Iterable[str], lemmas: Mapping[str, str], french: Mapping[str, float], english: Mapping[str, float]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """English words for each folded French word: (from the list, by resemblance), directly or by lemma."""
    pairs = translations()
    listed: dict[str, tuple[str, ...]] = {}
    resembling: dict[str, tuple[str, ...]] = {}
    for word in words:
        lemma = lemmas.get(word, word)
        for form in (word, lemma, word.removesuffix("s"), lemma.removesuffix("s")):
            if form in pairs:
                listed[word] = pairs[form]
                break
        else:
            for form in (word, lemma):
                like = cognate(form, french.get(form, french.get(word, 0.0)), english)
                if like:
                    resembling[word] = (like,)
                    break
    return listed, resembling
