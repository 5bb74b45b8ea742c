"""Filters that write numbers, money and moments the way the reader's language writes them.

None (or anything that is not a number) is always "–": a missing figure is never shown as 0.
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django import template
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

UNKNOWN = "–"
_EUROPEAN = {"en": "en_GB"}


def locale() -> Locale:
    """The Babel locale of the active language; English follows European habits (day before month)."""
    language = (get_language() or "en").split("-")[0]
    return Locale.parse(_EUROPEAN.get(language, language))


def as_number(value: Any) -> float | Decimal | int | None:
    """`value` as a finite number, or None when it is not one."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = Decimal(value.strip())
        except ArithmeticError:
            return None
    if not isinstance(value, (int, float, Decimal)):
        try:
            value = float(value)
        except (TypeError, ValueError):
            return None
    return value if isinstance(value, (int, float, Decimal)) and math.isfinite(value) else None


def _pattern(digits: int, suffix: str = "") -> str:
    return "#,##0" + ("." + "#" * digits if digits else "") + suffix


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """1234567 → "1,234,567" / "1 234 567"; at most `digits` decimals."""
    known = as_number(value)
    return UNKNOWN if known is None else format_decimal(known, format=_pattern(int(digits)), locale=locale())


@register.filter
def compact(value: Any) -> str:
    """12400 → "12.4K" / "12,4 k", for places too narrow for `number`."""
    known = as_number(value)
    if known is None:
        return UNKNOWN
    return format_compact_decimal(known, fraction_digits=int(abs(float(known)) >= 1000), locale=locale())


@register.filter
def percent(value: Any, digits: int = 1) -> str:
    """A share of 1 as a percentage: 0.0344 → "3.4%" / "3,4 %"."""
    known = as_number(value)
    if known is None:
        return UNKNOWN
    tail = ".".ljust(int(digits) + 1, "#") if int(digits) else ""
    spaced = "\u00a0%" if locale().language == "fr" else "%"
    return format_percent(known, format=f"#,##0{tail}{spaced}", locale=locale())


def with_unit(text: str, unit: str) -> str:
    """A written figure and its unit, spaced as the language does."""
    if not unit or text == UNKNOWN:
        return text
    return f"{text}{unit}" if unit == "%" and locale().language == "en" else f"{text}\u00a0{unit}"


@register.filter
def money(value: Any, currency: str = "EUR") -> str:
    """Decimal amount with its ISO currency; cents are left out when there are none."""
    known = as_number(value)
    if known is None:
        return UNKNOWN
    whole = known == int(known)
    pattern = locale().currency_formats["standard"].pattern
    if whole:
        pattern = pattern.replace(".00", "")
    return format_currency(known, currency or "EUR", format=pattern, locale=locale(), currency_digits=not whole)


@register.filter
def signed(value: Any, digits: int = 1) -> str:
    """3.2 → "+3.2", -1.5 → "−1.5" (a real minus sign)."""
    known = as_number(value)
    if known is None:
        return UNKNOWN
    sign = "+" if known > 0 else "−" if known < 0 else ""
    return sign + number(abs(known), digits)


@register.simple_tag
def interval(low: Any, high: Any, unit: str = "", digits: int = 1) -> str:
    """Two bounds and one unit: "2.1–3.4%". unit: "%" (shares of 1), a currency code, or "" (plain)."""
    bounds = [as_number(low), as_number(high)]
    if None in bounds:
        return UNKNOWN
    if unit == "%":
        start, end = percent(bounds[0], digits), percent(bounds[1], digits)
        return end if start == end else f"{start.rstrip('%').rstrip()}–{end}"
    if len(unit) == 3 and unit.isupper():
        start, end = money(bounds[0], unit), money(bounds[1], unit)
        return end if start == end else f"{start} – {end}"
    start, end = number(bounds[0], digits), number(bounds[1], digits)
    return with_unit(end if start == end else f"{start}–{end}", unit)


@register.filter
def dash(value: Any) -> Any:
    """`value`, or "–" when there is none (0 is a value)."""
    return UNKNOWN if value is None or value == "" else value


@register.filter
def day(value: date | datetime | None) -> str:
    """22 Nov 2025 / 22 nov. 2025, in the reader's zone."""
    if not isinstance(value, date):
        return UNKNOWN
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return format_date(value, "medium", locale=locale())


@register.filter
def moment(value: date | datetime | None) -> str:
    """Day and minute, in the reader's zone."""
    if not isinstance(value, datetime):
        return day(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{format_date(local, 'medium', locale=locale())}, {local:%H:%M}"


def ago(value: datetime | date | None, now: datetime | None = None) -> str:
    """ "3 days ago" / "il y a 3 jours"; "in 2 days" for the future."""
    if not isinstance(value, date):
        return UNKNOWN
    now = now or timezone.now()
    moment_ = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=now.tzinfo)
    if timezone.is_naive(moment_):
        moment_ = timezone.make_aware(moment_)
    delta = moment_ - now
    if abs(delta) < timedelta(seconds=45):
        return _("just now")
    return format_timedelta(delta, add_direction=True, locale=locale())


@register.filter(name="ago")
def ago_element(value: datetime | date | None) -> str | SafeString:
    """Relative time in a <time> element whose title is the exact moment."""
    if not isinstance(value, date):
        return UNKNOWN
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), moment(value), ago(value))


@register.filter
def span(seconds: float | None) -> str:
    """A length of time in its largest fitting unit: "3 days", "12 secondes"; "–" when unknown."""
    return UNKNOWN if seconds is None else format_timedelta(timedelta(seconds=seconds), locale=locale())


@register.filter
def vital(figure: Any) -> str:
    """A figure of the health page in its own unit."""
    if figure.value is None:
        return UNKNOWN
    if figure.unit == "seconds":
        return span(figure.value)
    return filesizeformat(figure.value) if figure.unit == "bytes" else number(figure.value)
