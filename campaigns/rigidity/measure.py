"""The measure: four parts from 0 to 100, one total, and every sentence's share in it. Pure: words in, values out.

Total = 0.35 × imposed wording + 0.30 × obligations + 0.15 × promotional words + 0.20 × missing freedom.
Each of the first three is 100 × (1 − e^(−n / k)) of a count n, so that one more never lowers it and the tenth
weighs less than the first. Failure mode: it reads forms of words, not meaning; irony and a threat between the
lines pass unseen, and a fact listed as "must" counts as an obligation, however reasonable it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

VERSION = "rigidity-1"
WEIGHTS = {"wording": 0.35, "obligations": 0.30, "promotion": 0.15, "freedom": 0.20}
# How many fill a part to 63 %.
SCALES = {"wording": 2.2, "obligations": 7.0, "promotion": 4.0}
LOOSE, SCRIPTED = 28.0, 45.0
BINDING = ("must", "must_not", "note")
_FILE = Path(__file__).parent / "lexicon.yaml"
_QUOTED = re.compile(r"[«“\"„]\s*([^«»“”\"„\n]{12,}?)\s*[»”\"]")
_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+|$)|\S+", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*", re.UNICODE)
_LIST_MARK = re.compile(r"^[\s\-–—•*·▪►✓✔\d.)]+(?=\S)")

Part = Literal["wording", "obligations", "promotion", "freedom"]
Level = Literal["loose", "framed", "scripted"]


@dataclass(frozen=True, slots=True)
class Wording:
    """What is read of a brief. texts: field (message, must, must_not, note) → text; several notes in one, by line."""

    texts: Mapping[str, str]
    freedom: int = 4
    review_rounds: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence that binds. start, end: its place in the field's text. codes: dictated, quoted, duty (says so),
    listed (a fact among the rules), promotional. gain: how many points the total falls without it."""

    field: str
    text: str
    start: int
    end: int
    codes: tuple[str, ...]
    marks: tuple[str, ...]
    quoted: str
    gain: float


@dataclass(frozen=True, slots=True)
class Rigidity:
    """total and parts 0..100. density: promotional words per 100 words, None without words."""

    total: float
    level: Level
    parts: Mapping[Part, float]
    findings: tuple[Finding, ...]
    imposed_words: int
    obligations: int
    promotional: int
    words: int
    version: str = VERSION

    @property
    def density(self) -> float | None:
        return 100 * self.promotional / self.words if self.words else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """One sentence with its counts."""

    field: str
    text: str
    start: int
    wording: float
    obligations: int
    promotional: int
    imposed: int
    codes: tuple[str, ...]
    marks: tuple[str, ...]
    quoted: str


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data: dict[str, dict[str, list[str]]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {
        kind: re.compile("|".join(f"(?:{one})" for lines in by_language.values() for one in lines), re.IGNORECASE)
        for kind, by_language in data.items()
    }


def measure(brief: Wording) -> Rigidity:
    """The rigidity of a brief's words. Empty words give 0 in the three counted parts."""
    readings = [reading for field, text in brief.texts.items() for reading in _read(field, text)]
    parts = _parts(brief, readings)
    total = _total(parts)
    findings = []
    for place, reading in enumerate(readings):
        if not reading.codes:
            continue
        without = _total(_parts(brief, readings[:place] + readings[place + 1 :]))
        end = reading.start + len(reading.text)
        findings.append(
            Finding(
                reading.field, reading.text, reading.start, end, reading.codes, reading.marks, reading.quoted,
                round(total - without, 1),
            )
        )  # fmt: skip
    findings.sort(key=lambda finding: (-finding.gain, finding.field, finding.start))
    return Rigidity(
        total=round(total, 1),
        level="loose" if total < LOOSE else "framed" if total < SCRIPTED else "scripted",
        parts={name: round(value, 1) for name, value in parts.items()},
        findings=tuple(findings),
        imposed_words=sum(reading.imposed for reading in readings),
        obligations=sum(reading.obligations for reading in readings),
        promotional=sum(reading.promotional for reading in readings),
        words=sum(len(_WORD.findall(text)) for text in brief.texts.values()),
    )


def _total(parts: Mapping[Part, float]) -> float:
    return sum(WEIGHTS[name] * value for name, value in parts.items())


def _parts(brief: Wording, readings: Iterable[_Reading]) -> dict[Part, float]:
    wording = obligations = promotion = 0.0
    for reading in readings:
        wording += reading.wording
        obligations += reading.obligations
        promotion += reading.promotional
    obligations += max(0, brief.review_rounds - 1)
    return {
        "wording": _full(wording, SCALES["wording"]),
        "obligations": _full(obligations, SCALES["obligations"]),
        "promotion": _full(promotion, SCALES["promotion"]),
        "freedom": 25.0 * (5 - min(5, max(1, brief.freedom))),
    }


def _full(count: float, scale: float) -> float:
    return 100 * (1 - math.exp(-count / scale))


def _read(field: str, text: str) -> list[_Reading]:
    """A field's sentences. In a list of rules every line is one obligation even without a verb that says so."""
    found = []
    for start, sentence in sentences(text):
        found.append(_sentence(field, sentence, start))
    return found


def sentences(text: str) -> list[tuple[int, str]]:
    """(place, sentence) without list marks; a quotation is never cut in two."""
    found: list[tuple[int, str]] = []
    place = 0
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n")
        hidden = _QUOTED.sub(lambda match: re.sub(r"[.!?…]", "·", match.group(0)), body)
        for piece in _SENTENCE.finditer(hidden):
            raw = body[piece.start() : piece.end()]
            mark = _LIST_MARK.match(raw)
            left = mark.end() if mark else len(raw) - len(raw.lstrip())
            kept = raw[left:].rstrip()
            if _WORD.search(kept):
                found.append((place + piece.start() + left, kept))
        place += len(line)
    return found


def _sentence(field: str, text: str, start: int) -> _Reading:
    patterns = _patterns()
    quoted = [match.group(1) for match in _QUOTED.finditer(text) if len(_WORD.findall(match.group(1))) >= 4]
    bare = _QUOTED.sub(" ", text)
    opens = bool(patterns["open"].search(bare))
    binding = field in BINDING
    dictated = [] if opens else [match.group(0) for match in patterns["dictated"].finditer(bare)]
    imposed = sum(len(_WORD.findall(one)) for one in quoted) if binding and not opens else 0
    verbs = len(patterns["obligation"].findall(bare))
    forbids = bool(patterns["prohibition"].search(bare))
    promotional = [match.group(0) for match in patterns["promotional"].finditer(text)] if field != "must_not" else []
    # Each line of a rules field binds once; every further verb of duty in it binds again.
    duties = max(1, verbs) if binding else verbs
    if opens and field == "must":
        duties = min(duties, 1)
    wording = (min(1.5, 0.75 * len(dictated)) if dictated else 0.0) + min(3.0, imposed / 8)
    codes = []
    if dictated:
        codes.append("dictated")
    if imposed:
        codes.append("quoted")
    if verbs or (forbids and binding):
        codes.append("duty")
    elif duties:
        codes.append("listed")
    if promotional:
        codes.append("promotional")
    marks = tuple(dict.fromkeys(word.strip() for word in [*dictated, *promotional] if word.strip()))
    return _Reading(
        field, text, start, wording, duties, len(promotional), imposed, tuple(codes), marks, " ".join(quoted)
    )
