"""Niches: which topics a text is about, with honest abstention, and what they are called.

The score of a niche is the chance that a text is about it, from its cosine c:

    P = 1 / (1 + exp(-(c - 0.518) / 0.172))

fitted on half of the creators of a real set against the category they declare, and calibrated on the other
half (docs/semantics.md). Captions stray from their author's category, so that P is a lower bound.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from . import taxonomy

_CENTRE, _WIDTH = 0.518, 0.172
ABOUT = 0.42
"""Least cosine of a text that is about a niche; by eye four of five captions just above it are."""
_DRAW = 0.6  # how far a brief is drawn to its niches: 0 keeps its wording only, 1 forgets it
_SHARPNESS = 20.0

Vectors = NDArray[np.float32]


@cache
def version() -> str:
    """Changes when the niches or the thresholds do."""
    text = taxonomy.TAXONOMY.read_bytes() + repr((_CENTRE, _WIDTH, ABOUT)).encode()
    return f"t1-{hashlib.sha256(text).hexdigest()[:8]}"


@cache
def slugs() -> tuple[str, ...]:
    """Ids of the niches, in the order of the columns of every score."""
    return tuple(topic.id for topic in taxonomy.topics())


@cache
def _by_slug() -> dict[str, taxonomy.Topic]:
    return {topic.id: topic for topic in taxonomy.topics()}


def label(slug: str, language: str | None = None) -> str:
    """A niche's name in `language` (default: the active one); the slug itself when it is not known."""
    topic = _by_slug().get(slug)
    return _name(topic.names, language) if topic else slug


def group(slug: str) -> str:
    """Slug of the group a niche belongs to, "" when it is not known."""
    topic = _by_slug().get(slug)
    return topic.group if topic else ""


def group_label(slug: str, language: str | None = None) -> str:
    """A group's name; the slug itself when it is not known."""
    names = taxonomy.groups().get(slug)
    return _name(names, language) if names else slug


def sector(slug: str) -> str:
    """Regulated sector a niche belongs to (alcohol, gambling, finance, health …), "" for none."""
    topic = _by_slug().get(slug)
    return topic.sector if topic else ""


def _name(names: dict[str, str], language: str | None) -> str:
    if language is None:
        from django.utils.translation import get_language

        language = get_language() or "en"
    return names.get(language[:2], names["en"])


def vectors(chosen: tuple[str, ...] | list[str] | None = None) -> Vectors:
    """float32 (k, 256) unit: the niches (or those chosen, in that order; unknown slugs are left out)."""
    from . import shared_encoder

    every = np.asarray(shared_encoder().space.topics)
    if chosen is None:
        return every
    column = {slug: number for number, slug in enumerate(slugs())}
    return every[[column[slug] for slug in chosen if slug in column]]


def topic_scores(texts: Vectors) -> Vectors:
    """float32 (n, k): chance that each unit row is about each niche; zeros for rows of zeros.

    Independent of each other: a text may be about two niches or about none.
    """
    cosines = texts @ vectors().T
    scores = 1 / (1 + np.exp(-(cosines - _CENTRE) / _WIDTH))
    return np.where(texts.any(axis=1, keepdims=True), scores, 0).astype(np.float32)


def assign_topics(texts: Vectors, *, abstain: bool = True) -> NDArray[np.int64]:
    """int64 (n,): column of the niche each unit row is about, -1 for none.

    abstain: say none when the nearest niche is further than `ABOUT`; rows of zeros are about none in any case.
    """
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    cosines = texts @ vectors().T
    told = cosines.max(axis=1) >= ABOUT if abstain else texts.any(axis=1)
    return np.where(told, cosines.argmax(axis=1), -1).astype(np.int64)


def named(text: Vectors, *, most: int = 3) -> tuple[str, ...]:
    """Slugs of the niches one text is about, best first; of a brief, what it asks for."""
    cosines = vectors() @ text
    order = np.argsort(-cosines, kind="stable")[:most]
    least = max(ABOUT, 0.75 * float(cosines[order[0]])) if len(order) else ABOUT
    return tuple(slugs()[number] for number in order if cosines[number] >= least)


def subject(texts: Vectors) -> Vectors:
    """float32 (n, 256) unit: the niches alone that each row is about; rows of zeros stay.

    t' = unit(sum softmax(20 cos(b, t)) t): the category of a brief, without its wording.
    """
    from .alignment import unit

    niches = vectors()
    cosines = texts @ niches.T
    shares = np.exp(_SHARPNESS * (cosines - cosines.max(axis=1, keepdims=True)))
    return np.where(texts.any(axis=1, keepdims=True), unit(shares @ niches), 0).astype(np.float32)


def draw(texts: Vectors) -> Vectors:
    """float32 (n, 256) unit rows drawn to the niches they are about: unit(0.4 b + 0.6 subject(b)).

    The same brief in French and in English names the same niches where it shares few words; wording still
    orders creators within them. Rows of zeros stay.
    """
    from .alignment import unit

    return unit((1 - _DRAW) * texts + _DRAW * subject(texts))
