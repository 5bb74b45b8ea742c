"""The semantic space: one door from texts to vectors, French and English alike, offline.

`encode` is what callers use. The space is prepared once under `settings.SEMANTICS_DIR` and memory-mapped.
Everything below this module takes paths and arrays and knows nothing of Django's settings.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .encoder import Encoder

WIDTH = 256

_lock = threading.Lock()
_encoder: Encoder | None = None


def encode(texts: Sequence[str], language: str = "") -> NDArray[np.float32]:
    """float32 (n, 256), rows of length 1: the meaning of each text. Cosine is the dot product.

    A text without a single known word (empty, emojis, another script) is a row of zeros: similar to nothing.
    At most 10,000 characters of each text are read. The same text gives the same row in any batch.
    language: "fr" or "en" when it is known of all of them; else each text tells by its words.
    """
    return shared_encoder().encode(_checked(texts), language)


def encode_with_coverage(texts: Sequence[str], language: str = "") -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(`encode`, float32 (n,) share of each text's words that are known, 0 for a row of zeros)."""
    return shared_encoder().encode_with_coverage(_checked(texts), language)


def identify_languages(texts: Sequence[str], *, second_opinion: bool = True) -> list[str]:
    """Of each text: "fr", "en", "other", or "" for not sure. second_opinion: ask py3langid when in doubt."""
    return shared_encoder().identify_languages(_checked(texts), second_opinion=second_opinion)


def brief_vector(text: str, language: str = "") -> NDArray[np.float32]:
    """float32 (256,): what a brief asks for: its text, drawn to the niches it is about (`topics.draw`).

    language: "fr" or "en" when it is known. Zeros when no word is known.
    """
    from . import topics

    return topics.draw(encode([text], language))[0]


def version() -> str:
    """Name of the space; vectors of different versions must not be compared."""
    from . import store

    return store.version()


def ensure_prepared() -> bool:
    """Prepare the space if it is missing; True when it was made now (about half a minute)."""
    from . import store

    return store.prepare(_root())


def shared_encoder() -> Encoder:
    """The process's encoder, loaded at first use (well under a second once prepared)."""
    global _encoder
    if _encoder is None:
        with _lock:
            if _encoder is None:
                from . import store

                store.prepare(_root())
                _encoder = store.load(_root())
    return _encoder


def _root() -> Path:
    from django.conf import settings

    return Path(getattr(settings, "SEMANTICS_DIR", Path(settings.VAR_DIR) / "semantics"))


def _checked(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("encode takes a sequence of texts, not one text")
    checked = list(texts)
    for text in checked:
        if not isinstance(text, str):
            raise TypeError(f"encode takes texts, not {type(text).__name__}")
    return checked
