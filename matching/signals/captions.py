"""What captions say, read once and kept: language, giveaways, declared partnerships and their denial.

A declaration is a phrase of the lexicon (French and English usage and law, some other languages), a hashtag,
or a label that opens the caption; a negation shortly before it in the same sentence turns it into a denial.
The content score orders posts by how much they resemble officially tagged partnerships (log-odds).
Source: SIGNALS.md section 6. Limits: irony, languages outside the lexicon.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matching.signals.batch import Posts
from matching.signals.comments import FRENCH, comment_languages
from matching.signals.lexicon import Hits, load, source
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.text import HASHTAG, MENTION, PLAIN, Hashes, TextColumn, Words, words_of

CODE_VERSION = 2
"""Raise it whenever reading changes: every kept reading is then made anew."""
NEGATION_REACH = 4
"""Words before a declaration within which a negation denies it."""
# Log-odds fitted on officially tagged partnerships of Instagram posts with creators left out, then rounded.
CONTENT_BIAS = -7.7
CONTENT_WEIGHTS = {
    "declared": 0.85,
    "tagged": 1.5,
    "opening": 0.65,
    "promotion": 0.32,
    "one_mention": 1.45,
    "two_mentions": 1.6,
    "more_mentions": 1.4,
    "listed_one": 0.75,
    "listed_few": 0.5,
    "listed_many": -0.45,
    "few_hashtags": 0.95,
    "many_hashtags": -1.8,
    "length": 0.12,
}


TONES = ("nuance", "didactic", "address", "pressure")
"""Kinds of phrases counted in every caption (lexicons/tone.toml)."""
DELICATE = ("alcohol", "gambling", "tobacco", "drugs", "weapons", "adult", "violence", "profanity")
"""Subjects some brands avoid. A word is not a subject: they are shown to a person, never used to refuse."""
THEMES = ("environment", "craft", "local", "transparency", "sobriety", "fairness", "animals", "access")
"""What a brand may state as its values (lexicons/values.toml)."""
PACKED = np.dtype(
    [("brand", "<u8"), ("score", "<f4"), ("language", "i1"), ("flags", "u1"), ("words", "<u2")]
    + [(name, "u1") for name in (*TONES, "questions", "delicate", "themes", "unused")]
)
_FLAGS = ("giveaway", "declared", "denied", "partner")


@dataclass(frozen=True, slots=True)
class Captions:
    """(p,) per post. language: index in comments.LANGUAGES, as the network told, else as read. giveaway: one is
    announced. declared, denied: a partnership is. partner: the network names one. brand: hash of the partner's
    handle or of the first account named, 0 none. score: resemblance with tagged partnerships, log-odds. words: plain
    ones. tones: (p, TONES) phrases of each kind. questions: marks. delicate,
    themes: bit k for a word of DELICATE[k], of THEMES[k]."""

    language: NDArray[np.int8]
    giveaway: Bools
    declared: Bools
    denied: Bools
    partner: Bools
    brand: Hashes
    score: Floats
    words: Ints
    tones: Ints
    questions: Ints
    delicate: NDArray[np.uint8]
    themes: NDArray[np.uint8]

    def packed(self) -> NDArray[np.void]:
        """The same in PACKED rows, to be kept."""
        rows = np.zeros(len(self.language), PACKED)
        rows["brand"], rows["score"], rows["language"] = self.brand, self.score, self.language
        rows["words"] = np.minimum(self.words, 65_535)
        for column, name in enumerate(TONES):
            rows[name] = np.minimum(self.tones[:, column], 255)
        rows["questions"] = np.minimum(self.questions, 255)
        rows["delicate"], rows["themes"] = self.delicate, self.themes
        for bit, name in enumerate(_FLAGS):
            rows["flags"] |= getattr(self, name).astype(np.uint8) << bit
        return rows

    @classmethod
    def unpacked(cls, rows: NDArray[np.void]) -> Captions:
        flags = {name: (rows["flags"] >> bit & 1).astype(bool) for bit, name in enumerate(_FLAGS)}
        return cls(
            language=rows["language"].copy(),
            brand=rows["brand"].copy(),
            score=rows["score"].astype(np.float64),
            words=rows["words"].astype(np.int64),
            tones=np.stack([rows[name].astype(np.int64) for name in TONES], axis=1),
            questions=rows["questions"].astype(np.int64),
            delicate=rows["delicate"].copy(),
            themes=rows["themes"].copy(),
            **flags,
        )


@cache
def version() -> str:
    """Changes with the lexicons and the code that read captions."""
    parts = b"".join(source(name) for name in ("comments", "languages", "sponsorship", "tone", "values"))
    return f"c{CODE_VERSION}-{hashlib.sha256(parts).hexdigest()[:8]}"


def read_captions(posts: Posts) -> Captions:
    words = words_of(posts.caption)
    told = posts.language
    language = told if len(told) and told.all() else np.where(told > 0, told, comment_languages(words)).astype(np.int8)
    hits = load("sponsorship").find(words)
    declared, denied = declarations(words, hits, language == FRENCH)
    sponsors, mentions = words_of(posts.sponsors), words_of(posts.mentions)
    partner = sponsors.n_words > 0
    tone = load("tone").find(words)
    delicate, themes = _bits(tone, DELICATE), _bits(load("values").find(words), THEMES)
    return Captions(
        language=language,
        giveaway=load("comments", "giveaway").find(words).any("giveaway"),
        declared=declared,
        denied=denied,
        partner=partner,
        brand=np.where(partner, _first(sponsors), _first_mention(words)),
        # as it is kept, so that a creator scores the same before and after a reload
        score=content_score(words, hits, mentions, declared).astype(np.float32).astype(np.float64),
        words=np.minimum(words.n_plain, 65_535),
        tones=np.minimum(np.stack([tone.count(name) for name in TONES], axis=1), 255),
        questions=np.minimum(words.n_questions, 255),
        delicate=delicate,
        themes=themes,
    )


def themes_of(text: str) -> tuple[str, ...]:
    """Themes that a brand's or a creator's own words name, () for none."""
    hits = load("values").find(words_of(TextColumn.of([text])))
    return tuple(name for name in THEMES if hits.any(name)[0] or name in text.casefold())


def _bits(hits: Hits, labels: Sequence[str]) -> NDArray[np.uint8]:
    """(p,) bit k: a phrase of labels[k] was found."""
    out = np.zeros(hits.n, np.uint8)
    for bit, name in enumerate(labels):
        out |= hits.any(name).astype(np.uint8) << bit
    return out


def declarations(captions: Words, hits: Hits, french: Bools) -> tuple[Bools, Bools]:
    """(declared, denied), each (p,): a declaration stands, or is negated or denied, in each caption."""
    n = captions.n
    at = [hits.at("declared")]
    tagged, tagged_french, opening = hits.at("tagged"), hits.at("tagged_french"), hits.at("opening")
    at.append(tagged[captions.kind[tagged] == HASHTAG])
    at.append(tagged_french[(captions.kind[tagged_french] == HASHTAG) & french[captions.text[tagged_french]]])
    at.append(opening[_stands_alone(captions, hits, opening)])
    word = np.unique(np.concatenate(at))
    negated = _negated(captions, hits, word)
    declared, denied = np.zeros(n, bool), hits.any("denied")
    declared[captions.text[word[~negated]]] = True
    denied[captions.text[word[negated]]] = True
    return declared, denied & ~declared


def _stands_alone(captions: Words, hits: Hits, word: Ints) -> Bools:
    """The word opens its caption and is a label there: followed by nothing, a separator, a name, or "avec", "by" …

    "Publicité : …" and "Pub avec @maison" declare; "Publicité mensongère ?" does not.
    """
    after = np.minimum(word + 1, len(captions.hash) - 1)
    last = (word == after) | (captions.text[after] != captions.text[word])
    linked = np.zeros(len(captions.hash), bool)
    linked[hits.at("linker")] = True
    label = (
        last | (captions.sentence[after] != captions.sentence[word]) | (captions.kind[after] != PLAIN) | linked[after]
    )
    return (captions.position[word] == 0) & label


def _negated(captions: Words, hits: Hits, word: Ints) -> Bools:
    """A negation stands within NEGATION_REACH words before, in the same sentence."""
    out = np.zeros(len(word), bool)
    negation = np.zeros(len(captions.hash), bool)
    negation[hits.at("negation")] = True
    for back in range(1, NEGATION_REACH + 1):
        before = word - back
        inside = before >= 0
        out[inside] |= negation[before[inside]] & (captions.sentence[before[inside]] == captions.sentence[word[inside]])
    return out


def content_score(captions: Words, hits: Hits, mentions: Words, declared: Bools) -> Floats:
    """(p,) log-odds of resemblance. mentions: every account named or tagged, as words without "@"."""
    named = (captions.kind == MENTION) & ~captions.dotted
    count = np.bincount(captions.text[named], minlength=captions.n)
    listed = np.bincount(mentions.text[~mentions.dotted], minlength=mentions.n)
    tagged = hits.at("tagged")
    hashtag = np.zeros(captions.n, bool)
    hashtag[captions.text[tagged[captions.kind[tagged] == HASHTAG]]] = True
    opening = hits.at("opening")
    first = np.zeros(captions.n, bool)
    first[captions.text[opening[_stands_alone(captions, hits, opening)]]] = True
    features = {
        "declared": declared,
        "tagged": hashtag,
        "opening": first,
        "promotion": np.log1p(hits.count("promotion")),
        "one_mention": count == 1,
        "two_mentions": count == 2,
        "more_mentions": count > 2,
        "few_hashtags": (captions.n_hashtags >= 1) & (captions.n_hashtags <= 5),
        "many_hashtags": captions.n_hashtags > 12,
        "listed_one": listed == 1,
        "listed_few": (listed > 1) & (listed <= 4),
        "listed_many": listed > 6,
        "length": np.log1p(np.minimum(captions.n_plain, 150)),
    }
    score = np.full(captions.n, CONTENT_BIAS)
    for name, weight in CONTENT_WEIGHTS.items():
        score += weight * features[name]
    return score


def _first(words: Words) -> Hashes:
    """(n,) hash of the first word of each text, 0 without any."""
    out = np.zeros(words.n, np.uint64)
    first = words.position == 0
    out[words.text[first]] = words.hash[first]
    return out


def _first_mention(captions: Words) -> Hashes:
    out = np.zeros(captions.n, np.uint64)
    named = np.flatnonzero((captions.kind == MENTION) & ~captions.dotted)[::-1]
    out[captions.text[named]] = captions.hash[named]
    return out
