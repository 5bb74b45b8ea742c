"""What a brief means to the engine: a vector, its subject, and the niches that name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matching import semantics
from matching.codes import fold
from matching.contracts import Brief
from matching.semantics import taxonomy, topics

NAMED_MOST = 3
CHOSEN = 0.5
"""How far niches that were chosen by name steer the vector; the rest is the text's."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """vector, subject: float32 (256,), unit norm, or zeros when no word is known.

    topics: slugs, best first, () when nothing names it. coverage: 0..1, share of its words that are known.
    """

    vector: NDArray[np.float32]
    subject: NDArray[np.float32]
    topics: tuple[str, ...]
    coverage: float
    version: str


def meaning_of(brief: Brief) -> Meaning:
    """Text, product and values are read as one; topics that are niches steer the subject as much as the text does."""
    chosen = [topic for topic in brief.topics if topic in topics.slugs()]
    loose = [topic for topic in brief.topics if topic not in chosen]
    text = "\n".join(part for part in (brief.text, brief.product, " ".join(loose)) if part)
    told = brief.language if brief.language in ("fr", "en") else ""  # other languages tell by their words
    encoded, coverage = semantics.encode_with_coverage([text], told)
    vector, subject = topics.draw(encoded)[0], topics.subject(encoded)[0]
    if chosen:
        niche = unit(topics.vectors(chosen).mean(axis=0))
        vector = unit((1 - CHOSEN) * vector + CHOSEN * niche)
        subject = unit((1 - CHOSEN) * subject + CHOSEN * niche)
    # a drawn text always lies near some niche; beside a choice only what the text itself says counts
    read = encoded[0] if chosen else vector
    named = dict.fromkeys([*chosen, *(topics.named(read) if read.any() else ())])
    names = tuple(named)[: max(NAMED_MOST, len(chosen))]
    return Meaning(vector, subject, names, float(coverage[0]), semantics.version())


def topic_slug(text: str) -> str | None:
    """A niche by its slug or its name in either language, however accented or spaced; None when unknown."""
    return _names_of_niches().get(_key(text))


def topic_centres() -> tuple[Sequence[str], NDArray[np.float32], Sequence[Sequence[str]]]:
    """(slugs, vectors (k, 256), typical words of each), for synthetic data."""
    words = [fold(" ".join(topic.words.values())).split() for topic in taxonomy.topics()]
    return topics.slugs(), topics.vectors(), words


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length 1; zeros stay zeros."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)


def _key(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())


@cache
def _names_of_niches() -> dict[str, str]:
    found = {}
    for topic in taxonomy.topics():
        for name in (topic.id, *topic.names.values()):
            found[_key(name)] = topic.id
    return found
