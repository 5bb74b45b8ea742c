"""Drafts of the personal sentence, made from the creator's own posts. They help to begin; as they stand they are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.templatetags.figures import day
from campaigns.texts import clean, one_line, words

QUOTE_WORDS = (4, 12)
OWN_WORDS_LEAST = 5
_SPLIT = re.compile(r"(?<=[.!?…])\s+|\n+")
_NOISE = re.compile(r"https?://\S+|[@#]\S+|[\U0001F000-\U0001FFFF\u2600-\u27BF\uFE0F]")
# Openings by language: the person finishes them. {quote}, {day}, {product}.
OPENINGS: dict[str, tuple[str, ...]] = {
    "en": (
        "On {day} you wrote “{quote}”. That line is why I thought of you for {product}, because",
        "“{quote}”: I read your post of {day} twice. With {product} in mind, what I would like to ask you is",
        "Your post of {day} (“{quote}”) says something few people say. It made me think of {product}, and of",
    ),
    "fr": (
        "Le {day}, vous écriviez « {quote} ». C’est cette phrase qui m’a fait penser à vous pour {product}, parce que",
        "« {quote} » : j’ai lu deux fois votre publication du {day}. En pensant à {product}, j’aimerais vous demander",
        "Votre publication du {day} (« {quote} ») dit ce que peu de gens disent. Elle m’a fait penser à {product}, et à",
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A post as a draft needs it."""

    caption: str
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class Sketch:
    """text: where to begin; quote and at: the creator's words in it."""

    text: str
    quote: str
    at: datetime
    url: str


def sketches(posts: Sequence[Said], *, product: str, language: str, most: int = 3) -> list[Sketch]:
    """One beginning per post that holds a sentence worth quoting, in the creator's language."""
    speak = "fr" if language.startswith("fr") else "en"
    found: list[Sketch] = []
    wanted = set(words(product))
    for post in posts:
        quote = best_sentence(post.caption, wanted)
        if not quote or any(other.quote == quote for other in found):
            continue
        with translation.override(speak):
            when = day(post.at)
        opening = OPENINGS[speak][len(found) % len(OPENINGS[speak])]
        text = opening.format(quote=quote, day=when, product=one_line(product, 80)) + " "
        found.append(Sketch(text, quote, post.at, post.url))
        if len(found) == most:
            break
    return found


def best_sentence(caption: str, wanted: Iterable[str] = ()) -> str:
    """Their own words to quote: a sentence of 4 words at least, cut after 12, near the subject where one is; "" without."""
    near = set(wanted)
    best, most = "", -1.0
    for place, raw in enumerate(_SPLIT.split(clean(caption))):
        sentence = " ".join(_NOISE.sub(" ", raw).split()).strip(" .,;:–-«»“”\"'")
        said = sentence.split()
        if len(words(sentence)) < QUOTE_WORDS[0] or any(mark in sentence for mark in "{}[]<>%$|_"):
            continue
        score = 3 * len(near & set(words(sentence))) + min(len(said), QUOTE_WORDS[1]) / QUOTE_WORDS[1] - place / 20
        if score > most:
            cut = " ".join(said[: QUOTE_WORDS[1]]).rstrip(" ,;:–-")
            best, most = (cut if len(said) <= QUOTE_WORDS[1] else f"{cut}…"), score
    return best


def unedited(sentence: str) -> str:
    """Why a sentence is still one of our drafts, "" when it is somebody's own: five words beyond ours are needed."""
    said = words(_quotes_out(sentence))
    for opening in (line for lines in OPENINGS.values() for line in lines):
        ours = words(_quotes_out(opening.replace("{day}", "").replace("{product}", "")))
        if _shared(ours, said) < 0.8:
            continue
        if len(said) - len(ours) < OWN_WORDS_LEAST + _filled(sentence):
            return _("This is our draft as it stands. Finish it in your own words: they can tell.")
    return ""


def _quotes_out(text: str) -> str:
    return re.sub(r"[«“][^»”]*[»”]", " ", text)


def _filled(sentence: str) -> int:
    """Words that a date and a product take in a draft: they are ours, not the writer's. Bounded at eight."""
    return 8 if re.search(r"\d", sentence) else 0


def _shared(ours: list[str], said: list[str]) -> float:
    """Share of the draft's words that stand in the sentence, in order."""
    place = kept = 0
    for word in ours:
        try:
            place = said.index(word, place) + 1
        except ValueError:
            continue
        kept += 1
    return kept / len(ours) if ours else 0.0
