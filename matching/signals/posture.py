"""Editorial posture: how captions speak, which values they speak of, how objections are met.

    tone       rate of a kind of phrase per 100 words: (k + a) / (words + b) x 100, Gamma posterior
    values     share of captions that name a theme: (x + a) / (n + a + b), Beta posterior, per theme
    objections share of critical top-level comments the creator answers: (r + a) / (c + a + b)

Nuance: limits, conditions, the other side. Didactic: steps, reasons, tips. Address: speaking to the reader.
Pressure: urgency and superlatives. Questions: asked to the audience. The words are French and English; captions in
other languages are left out, and told by the coverage. k counts at most one phrase of a kind per ten words.

Themes are those a brand may state (environment, craft, local, transparency, sobriety, fair work, animal welfare,
affordable): they are shown with the posts that name them and weigh nothing by default, for nothing proves them. A
creator's declared values are set against the same posts. Nothing is inferred about religion, politics, health,
sexuality or origin of anybody. Words on delicate subjects (alcohol, gambling, weapons ...) are counted to help a
person look; they never lower a score nor refuse anybody (published filters reach AUC .68: SIGNALS.md section 9).
Source: SIGNALS.md sections 9, 10. Failure: irony, quotation, stories and speech that captions do not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from matching.signals import segments
from matching.signals.batch import Batch
from matching.signals.captions import DELICATE, THEMES, TONES, Captions
from matching.signals.comments import ENGLISH, FRENCH
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints

VERSION = "posture-1"
PER_WORDS = 100.0
PHRASES_PER_WORDS = 10
LEAST_WORDS = 3
"""Words below which a caption says nothing about tone."""


@dataclass(frozen=True, slots=True)
class PostureMeasure:
    """(n,) per creator, over captions read. captions: in French or English with words; words: theirs. tones:
    (n, TONES) phrases; questions: captions that ask. themes: (n, THEMES) captions that name each; any_theme: any.
    delicate: (n, DELICATE) captions with such a word. read: (p,) captions that count; bits: (p,) themes; phrases:
    (p, TONES)."""

    captions: Floats
    words: Floats
    tones: Floats
    questions: Floats
    themes: Floats
    any_theme: Floats
    delicate: Floats
    read: Bools
    bits: NDArray[np.uint8]
    phrases: Ints


def measure_posture(batch: Batch, captions: Captions) -> PostureMeasure:
    n, creator = batch.n, batch.post_creator
    spoken = (captions.language == FRENCH) | (captions.language == ENGLISH)
    read = spoken & (captions.words >= LEAST_WORDS)
    at = creator[read]
    limit = captions.words // PHRASES_PER_WORDS + 1
    return PostureMeasure(
        captions=segments.counts(at, n).astype(np.float64),
        words=segments.sums(captions.words[read], at, n),
        tones=np.stack(
            [segments.sums(np.minimum(captions.tones[:, k], limit)[read], at, n) for k in range(len(TONES))], axis=1
        ),
        questions=segments.sums(captions.questions[read] > 0, at, n),
        themes=_by_bit(captions.themes[read], at, n, len(THEMES)),
        any_theme=segments.sums(captions.themes[read] > 0, at, n),
        delicate=_by_bit(captions.delicate, creator, n, len(DELICATE)),
        read=read,
        bits=captions.themes,
        phrases=captions.tones,
    )


def _by_bit(bits: NDArray[np.uint8], row: Ints, n: int, width: int) -> Floats:
    return np.stack([segments.sums(bits >> k & 1, row, n) for k in range(width)], axis=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """(n,) per 100 words, with its 90 % interval."""

    mean: Floats
    low: Floats
    high: Floats


def estimate_tone(measure: PostureMeasure, name: str, priors: Priors) -> Rate:
    """Gamma posterior: `mean` of the prior is the usual rate per word, worth the words of about four captions."""
    usual, worth, _ = priors.normal_at(f"tone_{name}")
    k = measure.tones[:, TONES.index(name)]
    a, b = usual * worth + k, worth + measure.words
    return Rate(*(PER_WORDS * value / b for value in (a, gammaincinv(a, 0.05), gammaincinv(a, 0.95))))
