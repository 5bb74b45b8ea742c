"""Text that people write to each other: made comparable and safe to store, never interpreted."""

from __future__ import annotations

import re

from accounts.texts import clean, one_line
from matching.codes import fold

__all__ = ["clean", "one_line", "sector_key", "words"]

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def words(text: str) -> list[str]:
    """Folded words of letters, in order: what two sentences are compared by."""
    return _WORD.findall(fold(text))


def sector_key(text: str) -> str:
    """A sector as a code, whoever wrote it: "Jeux d'argent" and "jeux-d-argent" are the same."""
    return "_".join(re.findall(r"[a-z0-9]+", fold(text)))[:40]
