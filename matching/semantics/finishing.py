"""The parts of a space that are made from texts encoded in it: the common component and the topics.

Captions of every niche share moods and thanks; that share is taken out of every text (Mu & Viswanath 2018).
It is estimated on project-owned captions and on running text, in the proportions below.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from . import taxonomy
from .alignment import unit
from .encoder import Encoder
from .sources import frequencies, read_lines

EVERYDAY = Path(__file__).parent / "data" / "everyday.tsv"
# Weights of the four means; fitted once on real captions, of which nothing else is kept.
_TOPICS, _EVERYDAY, _ENGLISH, _OTHERS = 0.40, 0.38, 0.19, 0.12
_OTHER_LANGUAGES = ("es", "it", "pt", "de", "id", "nl", "tr", "pl")
_TEXTS, _WORDS, _VOCABULARY = 400, 25, 5_000


def common_component(encoder: Encoder) -> np.ndarray:
    """(256,) the mean direction of captions, for an encoder that does not yet take it out."""
    everyday = list(read_lines(EVERYDAY))
    niche = [
        encoder.encode([caption for topic in taxonomy.topics() for caption in topic.captions[language]]).mean(axis=0)
        for language in taxonomy.LANGUAGES
    ]
    moods = [encoder.encode([row[column] for row in everyday]).mean(axis=0) for column in (0, 1)]
    others = [_running_text(encoder, language) for language in _OTHER_LANGUAGES]
    return (
        _TOPICS * np.mean(niche, axis=0)
        + _EVERYDAY * np.mean(moods, axis=0)
        + _ENGLISH * _running_text(encoder, "en")
        + _OTHERS * np.mean(others, axis=0)
    ).astype(np.float32)


def _running_text(encoder: Encoder, language: str) -> np.ndarray:
    """Mean vector of texts whose words are drawn by frequency (seeded: the same every time)."""
    shares = frequencies(language)
    words = sorted(shares, key=lambda word: (-shares[word], word))[:_VOCABULARY]
    chances = np.array([shares[word] for word in words])
    random = np.random.default_rng(0)
    drawn = random.choice(len(words), size=(_TEXTS, _WORDS), p=chances / chances.sum())
    return encoder.encode([" ".join(words[number] for number in row) for row in drawn]).mean(axis=0)


def topic_vectors(encoder: Encoder) -> np.ndarray:
    """(k, 256) unit vectors of the topics: words and captions of both languages in equal parts."""
    return unit(
        np.stack(
            [
                sum(
                    unit(encoder.encode([topic.words[language]])[0] + _mean_caption(encoder, topic, language))
                    for language in taxonomy.LANGUAGES
                )
                for topic in taxonomy.topics()
            ]
        )
    )


def _mean_caption(encoder: Encoder, topic: taxonomy.Topic, language: str) -> np.ndarray:
    return unit(encoder.encode(topic.captions[language]).mean(axis=0))
