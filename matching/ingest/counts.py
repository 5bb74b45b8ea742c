"""Whole numbers as people and exports write them: 12400, "12,400", "12.4k", "1 234", 12.0."""

from __future__ import annotations

import math
import re
from typing import Any

from matching.ingest.options import Options, is_nothing
from matching.ingest.reasons import Bad, excerpt

LARGEST = 10**12
_UNITS = {"k": 3, "m": 6, "mio": 6, "b": 9, "bn": 9, "md": 9, "mrd": 9, "g": 9}
_NUMBER = re.compile(r"([+-]?)(\d[\d.,' \u00a0\u202f]*)(?:[eE]\+?(\d{1,2}))?\s*([A-Za-z]*)\+?")


def count(value: Any, options: Options) -> int | None:
    """A whole number from 0 to 10^12: 12400, "12,400", "12.4k", "1 234", 12.0."""
    if is_nothing(value):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Bad("not_a_count", value=excerpt(value))
    if isinstance(value, str):
        number = _from_text(value, options.decimal)
    else:
        if not math.isfinite(value) or value != int(value):
            raise Bad("not_a_count", value=excerpt(value))
        number = int(value)
    if number < 0:
        raise Bad("negative", value=excerpt(value))
    if number > LARGEST:
        raise Bad("too_large", value=excerpt(value))
    return number


def _from_text(text: str, decimal: str) -> int:
    match = _NUMBER.fullmatch(text.strip()[:80])
    if match is None:
        raise Bad("not_a_count", value=excerpt(text))
    sign, digits, exponent, suffix = match.groups()
    power = int(exponent or 0) + _UNITS.get(suffix.lower(), 0)
    if suffix and suffix.lower() not in _UNITS:
        raise Bad("not_a_count", value=excerpt(text))
    whole, fraction = _split(re.sub(r"[' \u00a0\u202f]", "", digits).rstrip(".,"), decimal, scaled=power > 0)
    if len(fraction.rstrip("0")) > power:
        raise Bad("not_a_count", value=excerpt(text))
    number = int((whole or "0") + fraction.ljust(power, "0")[:power]) if power <= 30 else LARGEST + 1
    return -number if sign == "-" else number


def _split(digits: str, decimal: str, *, scaled: bool) -> tuple[str, str]:
    """(whole, fraction) of digits with points and commas.

    Without a unit a single mark before exactly three digits groups thousands ("1.234" is 1234); before a
    unit it is the decimal mark ("1.234k" is 1234).
    """
    if decimal:
        whole, _, fraction = digits.replace("," if decimal == "." else ".", "").partition(decimal)
        return (whole, fraction) if fraction.isdigit() or not fraction else (digits, "x")
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return digits, ""
    last = digits.rindex(marks[-1])
    groups = digits.replace(",", ".").split(".")
    grouped = 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])
    if len(set(marks)) == 1 and grouped and (len(marks) > 1 or not scaled):
        return "".join(groups), ""
    if marks.count(marks[-1]) > 1:
        raise Bad("not_a_count", value=excerpt(digits))
    return re.sub(r"[.,]", "", digits[:last]), digits[last + 1 :]
