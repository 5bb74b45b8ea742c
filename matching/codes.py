"""Codes people type: countries (ISO 3166-1 alpha-2), languages (ISO 639-1), networks, currencies.

Names come from the CLDR tables of Babel, in French and English, so that "Allemagne" and "Germany" are
understood and an unknown code can be answered with the one that was probably meant.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from decimal import Decimal
from functools import cache

from babel import Locale

_NOT_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
_COUNTRY_ALIASES = {"UK": "GB", "EL": "GR"}
PLATFORM_ALIASES = {
    "insta": "instagram",
    "ig": "instagram",
    "instagram": "instagram",
    "tiktok": "tiktok",
    "tik tok": "tiktok",
    "youtube": "youtube",
    "yt": "youtube",
    "you tube": "youtube",
    "x": "x",
    "twitter": "x",
}

EUR_PER_UNIT: dict[str, Decimal] = {
    code: Decimal(rate)
    for code, rate in {
        "EUR": "1",
        "USD": "0.86",
        "GBP": "1.14",
        "CHF": "1.07",
        "CAD": "0.62",
        "AUD": "0.56",
        "NZD": "0.49",
        "SEK": "0.091",
        "NOK": "0.085",
        "DKK": "0.134",
        "PLN": "0.235",
        "CZK": "0.041",
        "HUF": "0.0026",
        "RON": "0.197",
        "JPY": "0.0055",
        "MAD": "0.093",
        "XOF": "0.00152449",
        "XAF": "0.00152449",
        "BRL": "0.16",
    }.items()
}
"""Rounded market rates of late 2026, only to compare a budget with a fee in another currency."""


def fold(text: str) -> str:
    """Lower case without accents, ligatures opened: the form in which words are stored and compared."""
    opened = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae").replace("ß", "ss")
    return "".join(c for c in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(c)).lower()


def plain_name(text: str) -> str:
    """Folded words joined by single spaces: "Royaume-Uni" and "royaume uni" are the same."""
    return " ".join(re.findall(r"[^\W_]+", fold(text)))


def sector_key(text: str) -> str:
    """A sector as a code, whoever wrote it: "Jeux d'argent" and "jeux-d-argent" are the same."""
    return "_".join(re.findall(r"[a-z0-9]+", fold(text)))[:40]


@cache
def countries() -> frozenset[str]:
    return frozenset(str(c) for c in Locale("en").territories if len(str(c)) == 2 and str(c).isalpha()) - _NOT_COUNTRIES


@cache
def languages() -> frozenset[str]:
    return frozenset(str(code) for code in Locale("en").languages if len(str(code)) == 2)


@cache
def country_names() -> dict[str, str]:
    """Folded name in French or English, in plain words → code."""
    named = {plain_name(Locale(tongue).territories[code]): code for tongue in ("en", "fr") for code in countries()}
    return named | {"uk": "GB", "usa": "US", "great britain": "GB", "grande bretagne": "GB", "hollande": "NL"}


@cache
def language_names() -> dict[str, str]:
    tables = [(tongue, Locale(tongue).languages) for tongue in ("en", "fr")]
    return {fold(table[code]): code for _tongue, table in tables for code in languages() if code in table}


def country_code(text: str) -> str | None:
    """Alpha-2 code of "fr", "FR", "UK" or "Allemagne"; None when unknown."""
    code = _COUNTRY_ALIASES.get(text.upper(), text.upper())
    return code if code in countries() else country_names().get(plain_name(text))


def language_code(text: str) -> str | None:
    """ISO 639-1 code of "fr", "fr-FR", "français" or "French"; None when unknown."""
    code = text.lower().replace("_", "-").split("-")[0]
    return code if code in languages() else language_names().get(fold(text))


def platform_code(text: str) -> str | None:
    return PLATFORM_ALIASES.get(fold(text).strip())


def nearest(text: str, known: list[str]) -> str | None:
    """The known word that was probably meant, None when nothing is close."""
    return next(iter(difflib.get_close_matches(fold(text), known, n=1, cutoff=0.6)), None)


def in_eur(amount: Decimal, currency: str) -> Decimal:
    """Amount in EUR, for comparison only. Raises KeyError for a currency without a rate."""
    return amount * EUR_PER_UNIT[currency]
