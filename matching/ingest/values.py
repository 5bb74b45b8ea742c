"""Readers of single values: what people and exports write, turned into names, addresses, codes and lists.

Each takes the raw value and the options of its column and returns the stored form, None for "nothing
given", or raises `Bad`.
"""

from __future__ import annotations

import math
import re
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.handles import clean_handle, platform_of_address
from matching.codes import country_code, language_code, platform_code
from matching.ingest.fields import POST_KINDS
from matching.ingest.options import NOTHING, Options, is_nothing
from matching.ingest.reasons import Bad, excerpt
from matching.ingest.texts import clean_line, clean_text

_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_YES = frozenset({"true", "yes", "y", "1", "t", "oui", "vrai", "o", "x", "✓", "on"})
_NO = frozenset({"false", "no", "n", "0", "f", "non", "faux", "off"})


def boolean(value: Any, options: Options) -> bool | None:
    if isinstance(value, bool):
        return value
    if is_nothing(value):
        return None
    word = str(value).strip().lower() if isinstance(value, int | float | str) else ""
    if word in _YES or word == "1.0":
        return True
    if word in _NO or word == "0.0":
        return False
    raise Bad("not_a_bool", value=excerpt(value))


def platform(value: Any, options: Options) -> str | None:
    if is_nothing(value):
        return None
    text = scalar_text(value)
    code = platform_code(text) or platform_of_address(text)
    if code is None:
        raise Bad("unknown_platform", value=excerpt(text))
    return code


def handle(value: Any, options: Options) -> str | None:
    text = scalar_text(value) if value is not None else ""
    if not text.strip():
        return None
    name = clean_handle(clean_line(text[:1000]))
    if name is None:
        raise Bad("bad_handle", value=excerpt(text))
    return name


def identifier(value: Any, options: Options) -> str | None:
    if isinstance(value, float):
        if not (math.isfinite(value) and value == int(value) and abs(value) < 2**53):
            raise Bad("rounded_id" if math.isfinite(value) else "bad_id", value=excerpt(value))
        value = int(value)
    text = scalar_text(value).strip() if value is not None else ""
    if not text or text.lower() in ("null", "none", "nan"):
        return None
    if _ROUNDED.fullmatch(text):
        raise Bad("rounded_id", value=excerpt(text))
    if len(text) > (options.limit or 120) or not text.isprintable() or " " in text:
        raise Bad("bad_id", value=excerpt(text))
    return text


def scalar_text(value: Any) -> str:
    """The text of a string or a number; lists and objects are a mistake in the mapping."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    raise Bad("not_text")


def address(value: Any, options: Options) -> str | None:
    text = clean_line(scalar_text(value)) if value is not None else ""
    if not text or text.lower() in NOTHING:
        return None
    if "://" not in text and re.match(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+(?:/|$)", text):
        text = f"https://{text}"
    if not re.match(r"https?://[^\s/]+\.[^\s]+$", text, re.I) or len(text) > options.limit:
        raise Bad("bad_url", value=excerpt(text))
    return text


def email(value: Any, options: Options) -> str | None:
    text = clean_line(scalar_text(value)).removeprefix("mailto:") if value is not None else ""
    if not text or text.lower() in NOTHING:
        return None
    try:
        validate_email(text)
    except ValidationError as error:
        raise Bad("bad_email", value=excerpt(text)) from error
    return text


def country(value: Any, options: Options) -> str | None:
    text = clean_line(scalar_text(value)) if value is not None else ""
    if not text or text.lower() in NOTHING - {"na"}:  # "NA" is Namibia
        return None
    code = country_code(text)
    if code is None:
        raise Bad("unknown_country", value=excerpt(text))
    return code


def language(value: Any, options: Options) -> str | None:
    text = clean_line(scalar_text(value)) if value is not None else ""
    if not text or text.lower() in NOTHING - {"na"} or text.lower() in ("und", "zxx"):
        return None
    code = language_code(text)
    if code is None:
        raise Bad("unknown_language", value=excerpt(text))
    return code


def post_kind(value: Any, options: Options) -> str | None:
    text = clean_line(scalar_text(value)).lower() if value is not None else ""
    if not text:
        return None
    known = POST_KINDS.get(text) or POST_KINDS.get(text.replace(" ", "_")) or POST_KINDS.get(text.removesuffix("s"))
    if known is None:
        raise Bad("unknown_kind", value=excerpt(text))
    return known


def listed(value: Any, options: Options) -> list[str] | None:
    """Items of a JSON list, of a cell that holds one, or of a cell cut at the separator.

    None when nothing is given: an empty list says that there is none.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = _items_of_cell(value.strip(), options.separator)
    if not isinstance(value, list):
        value = [value]
    items = []
    for item in value:
        name = item.get("username") or item.get("name") if isinstance(item, dict) else item
        if name is None or isinstance(name, list | dict):
            raise Bad("bad_list", value=excerpt(item))
        items.append(clean_line(str(name)))
    return [item for item in items if item]


def _items_of_cell(text: str, separator: str) -> list[Any]:
    if not separator and text[:1] == "[" and text[-1:] == "]":
        try:
            parsed = orjson.loads(text)
        except orjson.JSONDecodeError:
            return [part.strip(" '\"") for part in text[1:-1].split(",")]  # a Python list, as pandas writes it
        return parsed if isinstance(parsed, list) else [parsed]
    if separator:
        return list(text.split(separator))
    mark = next((mark for mark in ("|", ";", ",") if mark in text), None)
    return list(text.split(mark)) if mark else text.split()


def names(value: Any, options: Options) -> list[str] | None:
    """Handles in a list, without "@", each once, in order."""
    items = listed(value, options)
    if items is None:
        return None
    bare = (item.lstrip("@＠").strip()[: options.limit or 120] for item in items)
    return list(dict.fromkeys(item for item in bare if item))


def languages(value: Any, options: Options) -> list[str] | None:
    items = listed(value, options)
    if items is None:
        return None
    codes = (language(item, options) for item in items)
    return list(dict.fromkeys(code for code in codes if code))


def text(value: Any, options: Options) -> str | None:
    return clean_text(scalar_text(value)) if value is not None else None


def line(value: Any, options: Options) -> str | None:
    return clean_line(scalar_text(value)) if value is not None else None
