"""What each comment is: a question, a testimony, an argument, a recommendation, or noise.

Rules over labelled phrases (lexicons/comments.toml), in French and English; a comment in another language
is left unclassified rather than counted as poor, except what needs no language (emoji, tags, links).
Sources: SIGNALS.md sections 2, 3; seed 002 names the four qualified kinds. Limits: irony; first page of
comments only; short texts whose language nothing tells follow the language of the post.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.signals.lexicon import Hits, load, words_that_are
from matching.signals.text import MENTION, PLAIN, Bools, Hashes, Ints, TextColumn, Words, contains, words_of

CLASSIFIER_VERSION = "comments-2"

KINDS = (
    "unclassified",
    "question",
    "testimony",
    "debate",
    "recommendation",
    "remark",
    "generic",
    "emoji",
    "tag",
    "giveaway",
    "spam",
)
(UNCLASSIFIED, QUESTION, TESTIMONY, DEBATE, RECOMMENDATION, REMARK, GENERIC, EMOJI, TAG, GIVEAWAY, SPAM) = range(11)
QUALIFIED = (QUESTION, TESTIMONY, DEBATE, RECOMMENDATION)

LANGUAGES = ("unknown", "fr", "en", "other")
UNKNOWN, FRENCH, ENGLISH, FOREIGN_LANGUAGE = range(4)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CommentContext:
    """What a comment's text alone does not tell. Arrays of n, or None when unknown.

    post_language: code in LANGUAGES of the post's caption. is_reply: it answers another comment.
    replies_to_follower: it answers a comment that is not the owner's, nor is it written by the owner.
    owner: hash (Words.hash) of the first word of the post owner's handle, so that greeting the owner by
    name is not taken for tagging a friend.
    giveaway_post: the post announces a giveaway. common: sorted hashes of texts seen under many creators.
    """

    post_language: NDArray[np.int8] | None = None
    is_reply: Bools | None = None
    replies_to_follower: Bools | None = None
    owner: Hashes | None = None
    giveaway_post: Bools | None = None
    common: Hashes | None = None

    def take(self, rows: Ints) -> CommentContext:
        """Of these comments only."""

        def part(column: NDArray[Any] | None) -> Any:
            return None if column is None else column[rows]

        return CommentContext(
            part(self.post_language),
            part(self.is_reply),
            part(self.replies_to_follower),
            part(self.owner),
            part(self.giveaway_post),
            self.common,
        )


@dataclass(frozen=True, slots=True)
class CommentReading:
    """Of n comments: kind (index in KINDS), language (index in LANGUAGES), quality = estimated chance
    0..1 that a reader would call it qualified, spam = score 0..1, text_hash of the plain words, words = how
    many those are, critical = it objects, doubts or complains."""

    kind: NDArray[np.int8]
    language: NDArray[np.int8]
    quality: Floats
    spam: Floats
    text_hash: Hashes
    words: Ints
    critical: Bools

    @property
    def qualified(self) -> Bools:
        return (self.kind >= QUESTION) & (self.kind <= RECOMMENDATION)

    @property
    def classified(self) -> Bools:
        return self.kind != UNCLASSIFIED


@dataclass(frozen=True, slots=True)
class _Counts:
    """Per comment counts the rules speak of."""

    words: Words
    hits: Hits
    content: Ints
    novel: Ints
    length: Floats
    addressed: Bools
    language: NDArray[np.int8]

    def has(self, *labels: str) -> Bools:
        return self.hits.any(*labels)

    def count(self, *labels: str) -> Ints:
        return self.hits.count(*labels)


def classify_comments(
    texts: TextColumn, context: CommentContext | None = None, *, repeated: bool | None = None
) -> CommentReading:
    """Kind, language and quality of every comment of the column. repeated: taken for all, whatever is common."""
    context = context or CommentContext()
    words = words_of(texts)
    hits = load("comments").find(words)
    language = comment_languages(words, context.post_language)
    counts = _count(words, hits, language, context)
    spam = spam_score(words, hits)
    again = contains(context.common, words.text_hash) if context.common is not None else np.zeros(words.n, bool)
    kind = _kinds(counts, context, spam, again if repeated is None else np.full(words.n, repeated))
    critical = counts.has("critical") & (kind != SPAM) & (kind != GIVEAWAY)
    return CommentReading(
        kind, language, _quality(counts, kind, context), spam, words.text_hash, words.n_plain, critical
    )


def _count(words: Words, hits: Hits, language: NDArray[np.int8], context: CommentContext) -> _Counts:
    n, plain = words.n, words.kind == PLAIN
    known = words_that_are(words, hits, "praise", "filler", "connective", "first", "interrogative")
    new = plain & ~known
    letters = np.bincount(words.text[plain], np.minimum(words.length[plain], 12), minlength=n)
    tagged = np.flatnonzero((words.kind == MENTION) & ~words.dotted)
    if context.owner is not None:
        tagged = tagged[words.hash[tagged] != context.owner[words.text[tagged]]]
    addressed = np.zeros(n, bool)
    addressed[words.text[tagged]] = True
    return _Counts(
        words=words,
        hits=hits,
        content=np.bincount(words.text[new & (words.length > 2)], minlength=n),
        novel=np.bincount(words.text[new], minlength=n),
        length=letters / np.maximum(words.n_plain, 1),
        addressed=addressed,
        language=language,
    )


def comment_languages(words: Words, post_language: NDArray[np.int8] | None = None) -> NDArray[np.int8]:
    """Language of each text by its telling words; undecided ones take the language of the post."""
    hits = load("languages").find(words)
    votes = np.stack([hits.count(label) for label in ("fr", "en", "other")])
    best = votes.max(axis=0)
    tied = (votes == best).sum(axis=0) > 1
    language = np.where((best > 0) & ~tied, votes.argmax(axis=0) + 1, UNKNOWN).astype(np.int8)
    language[words.n_foreign > words.n_plain] = FOREIGN_LANGUAGE
    if post_language is not None:
        undecided = language == UNKNOWN
        language[undecided] = post_language[undecided]
    return language


# Log-odds of spam per kind of phrase found (at most three of each), fitted across the videos of the YouTube
# Spam Collection with one video left out, rounded, and lowered where Instagram readers speak alike
# ("check it out"); `solicit`, `chain` and `quack` are set by hand, for that set holds none.
SPAM_BIAS = -3.8
SPAM_WEIGHTS = {
    "channel": 1.0,
    "invite": 2.4,
    "visit": 2.6,
    "subscribe": 4.0,
    "popularity": 1.8,
    "money": 2.0,
    "solicit": 2.4,
    "plea": 1.4,
    "chain": 2.5,
    "quack": 2.2,
}
SPAM_LINK, SPAM_DOMAIN, SPAM_LENGTH, SPAM_PRAISE, SPAM_MIXED = 2.0, 2.8, 0.45, -1.5, 1.6
SPAM_THRESHOLD = 0.9


def spam_score(words: Words, hits: Hits) -> Floats:
    """Chance 0..1 that each text is spam: links, calls to follow, subscribe, buy, vote, write back."""
    own_moment = hits.any("timestamp")
    link = hits.any("link") & ~own_moment
    domain = np.zeros(words.n, bool)
    after_dot = hits.at("domain")
    domain[words.text[after_dot[words.dotted[after_dot]]]] = True
    score = SPAM_BIAS + SPAM_LINK * link + SPAM_DOMAIN * (domain & ~own_moment)
    found = (link | domain & ~own_moment).astype(np.int64)
    diluted = np.minimum(1.0, 40.0 / np.maximum(words.n_plain, 1))
    for label, weight in SPAM_WEIGHTS.items():
        count = hits.count(label)
        score = score + weight * np.minimum(count, 3) * diluted
        found += count > 0
    score = score + SPAM_MIXED * (found >= 2) * diluted + SPAM_LENGTH * np.log1p(np.minimum(words.n_plain, 60))
    score = score + SPAM_PRAISE * np.minimum(hits.count("praise") / np.maximum(words.n_plain, 4), 1.0)
    return 1.0 / (1.0 + np.exp(-score))


def _kinds(c: _Counts, context: CommentContext, spam: Floats, repeated: Bools) -> NDArray[np.int8]:
    words, n = c.words, c.words.n
    plain = words.n_plain
    reply = context.is_reply if context.is_reply is not None else np.zeros(n, bool)
    thread = context.replies_to_follower if context.replies_to_follower is not None else np.zeros(n, bool)
    contest = context.giveaway_post if context.giveaway_post is not None else np.zeros(n, bool)

    question = _asks(c)
    testimony = (plain >= 5) & c.has("usage") & (c.content >= 1) & ((plain >= 7) | c.has("duration"))
    strong, weak, opinion = c.has("reasoning"), c.has("connective"), c.has("opinion")
    debate = (plain >= 8) & (c.content >= 3) & (strong | weak) & (strong | opinion)
    debate &= (plain >= 10) | strong & opinion
    debate |= thread & (plain >= 8) & (c.content >= 3) & (strong | weak | opinion)
    tagged = c.addressed & ~reply
    recommend = tagged & (plain >= 4) & ((c.content >= 1) | c.has("recommend"))
    recommend |= (plain >= 5) & c.has("recommend") & (c.content >= 2) & ~reply
    generic = (plain <= 3) | (c.novel <= 1) | repeated & (plain <= 8)
    giveaway = c.has("giveaway") | contest & (words.n_mentions > 0)

    kind = np.full(n, REMARK, np.int8)
    for mask, value in (
        (generic, GENERIC),
        (recommend, RECOMMENDATION),
        (debate, DEBATE),
        (testimony, TESTIMONY),
        (question, QUESTION),
    ):
        kind[mask] = value
    understood = (c.language == FRENCH) | (c.language == ENGLISH)
    praise_only = (c.language != FOREIGN_LANGUAGE) & c.has("praise") & (plain <= 3)
    kind[~understood & ~praise_only] = UNCLASSIFIED
    kind[giveaway & (understood | contest)] = GIVEAWAY
    wordless = (plain == 0) | (plain - words.n_foreign == 0) & (plain <= 0)
    kind[wordless] = EMOJI
    kind[wordless & (words.n_hashtags > 0)] = GENERIC
    kind[wordless & (words.n_mentions > 0)] = np.where(contest, GIVEAWAY, TAG)[wordless & (words.n_mentions > 0)]
    kind[spam > SPAM_THRESHOLD] = SPAM
    return kind


def _asks(c: _Counts) -> Bools:
    """Precise questions: interrogative words with a mark, or a phrase that asks by itself; not "how cute?"."""
    words = c.words
    marked = (words.n_questions > 0) & (words.n_questions <= 3)
    precise = marked & (words.n_plain >= 3) & ((c.content >= 1) & c.has("interrogative") | (c.content >= 2))
    asked = c.has("ask") & (words.n_plain >= 4)
    idle = c.has("rhetorical") & (c.content < 3) & ~asked
    return (precise | asked) & ~idle


def _quality(c: _Counts, kind: NDArray[np.int8], context: CommentContext) -> Floats:
    """Logistic score. Only words that tell something count for length, up to 30: padding does not pay."""
    words = c.words
    praise = c.count("praise")
    telling = np.minimum(c.novel, 30)
    per_word = np.maximum(words.n_plain, 8)
    score = (
        -5.6
        + 0.9 * np.log1p(telling)
        + 0.75 * np.clip(c.length, 3.0, 6.0)
        + 0.25 * np.minimum(c.count("connective", "reasoning"), 3)
        + 0.25 * np.minimum(c.count("opinion"), 3)
        + 0.4 * c.has("usage")
        + 0.2 * (words.n_questions > 0)
        - 0.5 * np.minimum(c.count("hostile"), 2)
        - 0.15 * np.minimum(words.n_exclaims, 3)
        - 0.1 * np.minimum(words.n_emoji, 4)
        - 1.5 * np.minimum(praise / per_word, 0.6)
    )
    quality = 1.0 / (1.0 + np.exp(-score))
    quality[(kind == EMOJI) | (kind == TAG) | (kind == SPAM)] = 0.01
    quality[kind == GIVEAWAY] *= 0.2
    quality[kind == GENERIC] *= 0.3
    return quality
