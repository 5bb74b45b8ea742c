"""Captions in a CSV file, checked row by row. A row that cannot be read is named with its column and the remedy."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from campaigns.disclosure.packs import ALIASES, platforms
from campaigns.disclosure.verdicts import RELATIONSHIPS, SEVERITY, Check, Deal, check
from matching.codes import countries as known_countries

REQUIRED = ("text", "language", "jurisdiction", "platform")
ROWS_MOST = 100_000
_NOTE = re.compile(r"\s*\[presentation:\s*([^\]]*)\]\s*$", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_GOOD = re.compile(r"\b(?:large|legible|readable|clearly visible|high contrast|top of every)\b", re.IGNORECASE)
_BAD = re.compile(r"\b(?:small|white|grey|obscured|hidden|covered|below|bottom|after|only|tiny|light)\b", re.IGNORECASE)


class UnreadableFile(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    row: int
    column: str
    problem: str


@dataclass(frozen=True, slots=True)
class Line:
    """row: number of the record in the file, the header being 1. expected: of the file, "" without such a column."""

    row: int
    check: Check
    expected: str


def read_file(raw: bytes, *, on: date) -> tuple[list[Line], list[Fault]]:
    """Every row with its verdict, and every row that could not be read. Raises UnreadableFile."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"The file is not UTF-8 (byte {error.start}). Save it as “CSV UTF-8”.") from error
    header = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in REQUIRED if name not in columns]
        if missing:
            raise UnreadableFile(f"Missing column: {', '.join(missing)}. The first line names {', '.join(REQUIRED)}.")
        lines: list[Line] = []
        faults: list[Fault] = []
        for number, cells in enumerate(reader, start=2):
            if number > ROWS_MOST:
                raise UnreadableFile(f"More than {ROWS_MOST} rows. Split the file.")
            if any(cell.strip() for cell in cells):
                _line(number, dict(zip(columns, cells, strict=False)), len(cells), len(columns), on, lines, faults)
    except csv.Error as error:
        raise UnreadableFile(f"Line {reader.line_num} is no CSV: {error}.") from error
    return lines, faults


def _line(
    number: int, cells: dict[str, str], size: int, wanted: int, on: date, lines: list[Line], faults: list[Fault]
) -> None:
    wrong = []
    if size != wanted:
        wrong.append(Fault(number, "", f"{size} cells instead of {wanted}. Quote texts that hold the separator."))
    codes = [code.strip().upper() for code in re.split(r"[\s,;|/+]+", cells.get("jurisdiction", "")) if code.strip()]
    known = known_countries()
    unknown = [code for code in codes if ALIASES.get(code, code) not in known]
    if not codes or unknown:
        told = f"“{unknown[0]}” is no country" if unknown else "empty"
        wrong.append(Fault(number, "jurisdiction", f"{told}. Use a two-letter code, such as FR or UK."))
    language = cells.get("language", "").strip().lower()
    if language and not _LANGUAGE.fullmatch(language):
        wrong.append(Fault(number, "language", f"“{language[:20]}” is no language code. Use two letters, such as fr."))
    relationship = cells.get("relationship", "").strip().lower()
    if relationship and relationship not in RELATIONSHIPS:
        wrong.append(Fault(number, "relationship", f"Use one of {', '.join(RELATIONSHIPS)}, or leave it empty."))
    expected = cells.get("expected", "").strip().lower()
    if expected and expected not in SEVERITY:
        wrong.append(Fault(number, "expected", f"Use one of {', '.join(SEVERITY)}, or leave it empty."))
    if wrong:
        faults += wrong
        return
    platform = cells.get("platform", "").strip().lower() or "other"
    text, note = split_note(cells["text"])
    note = cells.get("presentation", "").strip() or note
    deal = Deal(
        relationship=relationship,
        brand=tuple(filter(None, [cells.get("brand", "").strip()])),
        presentation=note if note and (_BAD.search(note) or not _GOOD.search(note)) else "",
    )
    found = check(
        text,
        countries=codes,
        on=on,
        language=language[:2],
        platform=platform if platform in platforms()["fold"] else "other",
        deal=deal,
    )
    lines.append(Line(number, found, expected))


def split_note(text: str) -> tuple[str, str]:
    """ "… AD [presentation: white on white]" → ("… AD", "white on white"): a remark on the picture, not the caption."""
    match = _NOTE.search(text)
    return (text[: match.start()], match.group(1).strip() or "unknown") if match else (text, "")


def confusion(lines: list[Line]) -> dict[str, Any]:
    """Expected against found, for files that tell what was expected."""
    judged = [line for line in lines if line.expected]
    counts: Counter[tuple[str, str]] = Counter((line.expected, str(line.check.verdict)) for line in judged)
    right = sum(count for (expected, found), count in counts.items() if expected == found)
    return {
        "judged": len(judged),
        "right": right,
        "share": round(right / len(judged), 4) if judged else None,
        "wrongly_clear": sum(n for (expected, found), n in counts.items() if found == "clear" != expected),
        "table": {e: {f: counts[e, f] for f in SEVERITY} for e in SEVERITY},
    }
