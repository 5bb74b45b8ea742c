"""Texts of strangers: one normal form, nothing invisible that could mislead, hashtags and mentions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

UNIT = "\x1f"  # joins a column for work at C speed; it cannot occur in a cleaned text
# Never kept: control characters, bidirectional overrides and isolates, byte-order marks, lone surrogates and
# non-characters. Joiners and variation selectors stay: emoji and Persian need them.
_NEVER = (
    "\x00-\x08\x0e-\x1e\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
)
_BREAKS = "\x0b\x0c\x85\u2028\u2029"
_DIRTY = re.compile(f"[{_NEVER}{_BREAKS}\r]")
_DROPPED = re.compile(f"[{_NEVER}]")
_NEWLINES = re.compile(f"\r\n?|[{_BREAKS}]")
# \w has no vowel signs of Indic, Thai, Arabic or Hebrew scripts; a hashtag has.
_TAG = r"[\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e31-\u0e4e]"
# Both begin with a set of characters, which the engine finds many times faster than a look behind; UNIT stands
# for itself, so that one pass over a joined column tells whose tag is whose.
_HASHTAGS = re.compile(rf"[{UNIT}#＃](?:(?<={UNIT})|(?<![\w&/][#＃]){_TAG}+(?:[#＃]{_TAG}+)*)")
_MENTIONS = re.compile(rf"[{UNIT}@＠](?:(?<={UNIT})|(?<![\w.][@＠])\w(?:[\w.\-]{{0,118}}\w)?)")
_LONGEST = 120


def clean_text(text: str) -> str:
    """NFC, line breaks as "\\n", no control or bidirectional characters, no outer blanks."""
    return _cleaned(text.replace(UNIT, "")).strip()


def _cleaned(text: str) -> str:
    if _DIRTY.search(text):
        text = _DROPPED.sub("", _NEWLINES.sub("\n", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """A text on one line: runs of blanks become one space."""
    return " ".join(clean_text(text).split())


def clean_column(texts: list[str]) -> list[str]:
    """`clean_text` of every text. What is printable but for line feeds holds nothing to drop: most texts."""
    return [
        text.strip()
        if text.replace("\n", "").isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text))
        else clean_text(text)
        for text in texts
    ]


def hashtag_column(texts: Sequence[str]) -> list[list[str]]:
    """Hashtags of each text without "#", folded, each once, in order. Texts are clean (no UNIT)."""
    found = _found(_HASHTAGS, texts).replace("＃", "#")
    folded = found.lower() if found.isascii() else unicodedata.normalize("NFKC", found).casefold()
    return [_once(run.split("#"), figures=False) if run else [] for run in folded.split(UNIT)] if texts else []


def mention_column(texts: Sequence[str], tagged: Sequence[Sequence[str] | None] = ()) -> list[list[str]]:
    """Accounts named in each text or tagged beside it, folded like `handle_key`, each once, in order."""
    found = _found(_MENTIONS, texts).replace("＠", "@")
    if tagged:
        runs = zip(found.split(UNIT), tagged, strict=True)
        found = UNIT.join([f"{run}@{'@'.join(names)}" if names else run for run, names in runs])
    folded = found.lower() if found.isascii() else unicodedata.normalize("NFKC", found).casefold()
    return [_once(run.split("@")) if run else [] for run in folded.split(UNIT)] if texts else []


def _found(pattern: re.Pattern[str], texts: Sequence[str]) -> str:
    """All that the pattern finds, UNIT between texts; some texts at a time, so that the joined one stays small."""
    parts = ["".join(pattern.findall(UNIT.join(texts[start : start + 500]))) for start in range(0, len(texts), 500)]
    return UNIT.join(parts)


def _once(words: list[str], *, figures: bool = True) -> list[str]:
    kept = dict.fromkeys(words)
    kept.pop("", None)
    return [word[:_LONGEST] for word in kept if figures or not word.isdecimal()]


def hashtags(text: str) -> list[str]:
    return hashtag_column([text])[0]


def mentions(text: str, tagged: Sequence[str] = ()) -> list[str]:
    return mention_column([text], [tagged])[0]
