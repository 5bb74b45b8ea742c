"""Countries, languages and currencies by name in the reader's language, the likely ones first."""

from __future__ import annotations

from collections.abc import Iterable

from babel import Locale
from django.utils.translation import get_language

from matching.codes import EUR_PER_UNIT, countries, fold, languages

_NEAR_COUNTRIES = ("FR", "BE", "CH", "LU", "CA", "GB", "IE", "US", "DE", "ES", "IT", "NL", "PT")
_NEAR_LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")


def _locale() -> Locale:
    return Locale.parse("fr" if (get_language() or "en").startswith("fr") else "en")


def _ordered(codes: Iterable[str], names: dict[str, str], near: tuple[str, ...]) -> list[tuple[str, str]]:
    rest = sorted((code for code in codes if code not in near and code in names), key=lambda code: fold(names[code]))
    return [(code, names[code][:1].upper() + names[code][1:]) for code in (*near, *rest)]


def country_choices() -> list[tuple[str, str]]:
    return _ordered(countries(), dict(_locale().territories), _NEAR_COUNTRIES)


def language_choices() -> list[tuple[str, str]]:
    return _ordered(languages(), dict(_locale().languages), _NEAR_LANGUAGES)


def currency_choices() -> list[tuple[str, str]]:
    names = _locale().currencies
    return [(code, f"{code} · {names.get(code, code)}") for code in EUR_PER_UNIT]
