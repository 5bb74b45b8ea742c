"""Text that people write: made comparable and safe to store, never interpreted."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

# Control and direction characters: invisible, and able to make a text read differently than it is.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def clean(value: Any, longest: int | None = None) -> str:
    """NFC, one kind of line break, no invisible characters, no outer blanks; cut at `longest` where given."""
    text = unicodedata.normalize("NFC", str(value or "")).replace("\r\n", "\n").replace("\r", "\n")
    text = _INVISIBLE.sub("", text).strip()
    return text if longest is None else text[:longest]


def one_line(value: Any, longest: int | None = None) -> str:
    return " ".join(clean(value).split())[:longest]
