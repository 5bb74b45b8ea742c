"""Moments as people and exports write them, as microseconds since 1970-01-01 UTC."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from matching.ingest.options import Options, is_nothing
from matching.ingest.reasons import Bad, excerpt

EARLIEST = int(datetime(2004, 1, 1, tzinfo=UTC).timestamp()) * 10**6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_DAY = 86_400_000_000
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[T ,]+(\d.*))?")
_TEXT_FORMATS = (
    "%b %d, %Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y", "%a %b %d %H:%M:%S %z %Y",
    "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y%m%d",
)  # fmt: skip


def moment(value: Any, options: Options) -> int | None:
    """Microseconds since 1970. Unix seconds, milli-, micro- or nanoseconds by size; ISO 8601; written dates."""
    if is_nothing(value):
        return None
    if isinstance(value, datetime | date):
        micros = _micros(value, options.zone)
    elif isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Bad("not_a_time", value=excerpt(value))
    else:
        micros = (
            _epoch(value, options.type)
            if _is_number(value) and not options.format
            else _written(str(value).strip(), options)
        )
    return within_time(micros, value, options.now)


def within_time(micros: int, value: Any, now: int) -> int:
    if micros < EARLIEST:
        raise Bad("too_early", value=shown_time(micros, value))
    if micros > now + A_DAY:
        raise Bad("future", value=shown_time(micros, value))
    return micros


def shown_time(micros: int, value: Any) -> str:
    try:
        return (EPOCH + timedelta(microseconds=micros)).strftime("%Y-%m-%d")
    except OverflowError:
        return excerpt(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (
        8 < len(value.strip()) < 24 and value.strip().replace(".", "", 1).isdecimal()
    )


def _epoch(value: Any, kind: str) -> int:
    try:
        number = int(value) if isinstance(value, int) or (isinstance(value, str) and "." not in value) else float(value)
    except ValueError as error:
        raise Bad("not_a_time", value=excerpt(value)) from error
    if isinstance(number, float) and not math.isfinite(number):
        raise Bad("not_a_time", value=excerpt(value))
    if kind in ("epoch", "epoch_ms"):
        return int(number * (10**6 if kind == "epoch" else 10**3))
    size = abs(number)
    if size < 10**11:
        return int(number * 10**6)
    if size < 10**14:
        return int(number * 10**3)
    return int(number) if size < 10**17 else int(number // 1000)


def _written(text: str, options: Options) -> int:
    if options.format:
        try:
            return _micros(datetime.strptime(text, options.format), options.zone)  # noqa: DTZ007 (zone added below)
        except (ValueError, OverflowError) as error:
            raise Bad("not_a_time", value=excerpt(text)) from error
    if len(text) > 60:
        raise Bad("not_a_time", value=excerpt(text))
    numeric = _NUMERIC_DATE.fullmatch(text)
    parsed = _numeric_date(numeric, text, options.dates) if numeric else _iso_or_words(text)
    return _micros(parsed, options.zone)


def _numeric_date(match: re.Match[str], text: str, order: str) -> datetime:
    first, second, year, clock = int(match[1]), int(match[2]), int(match[3]), match[4] or ""
    if not order and first != second and first <= 12 and second <= 12:
        raise Bad("ambiguous_date", value=excerpt(text))
    day_first = (
        order == "day_first"
        if order and max(first, second) <= 12
        else first > 12 or (order != "month_first" and second <= 12)
    )
    day, month = (first, second) if day_first else (second, first)
    try:
        return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}" + (f"T{_clock(clock)}" if clock else ""))
    except ValueError as error:
        raise Bad("not_a_time", value=excerpt(text)) from error


def _clock(text: str) -> str:
    """ "9:05 PM" → "21:05:00": what `fromisoformat` reads."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp])?\.?[Mm]?\.?\s*(Z|[+-]\d{2}:?\d{2})?", text.strip())
    if match is None:
        return text
    hour = int(match[1]) % 12 + 12 * (match[4].lower() == "p") if match[4] else int(match[1])
    return f"{hour:02}:{match[2]}:{match[3] or '00'}{match[5] or ''}"


def _iso_or_words(text: str) -> datetime:
    try:
        return datetime.fromisoformat(
            text.removesuffix(" UTC").removesuffix(" GMT") if not text.endswith(("UTC", "GMT")) else _utc(text)
        )
    except ValueError:
        pass
    for pattern in _TEXT_FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 (the caller adds the zone)
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise Bad("not_a_time", value=excerpt(text)) from error


def _utc(text: str) -> str:
    return text[:-3].strip() + "+00:00"


def _micros(value: datetime | date, zone: ZoneInfo) -> int:
    whole = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    try:
        aware = whole if whole.tzinfo is not None else whole.replace(tzinfo=zone)
        return (aware - EPOCH) // timedelta(microseconds=1)
    except (OverflowError, ValueError) as error:
        raise Bad("not_a_time", value=excerpt(value)) from error
