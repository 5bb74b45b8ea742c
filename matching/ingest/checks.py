"""Single entries of a mapping, checked: each fault is kept with its place, so that one reading shows them all."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _


class Faults:
    """Collects what is wrong, with its place, so that one reading shows every mistake."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, place: str, text: str) -> None:
        self.found.setdefault(place, []).append(text)

    def unknown(self, place: str, name: Any, known: Iterable[str]) -> None:
        options = sorted(known)
        close = difflib.get_close_matches(str(name), options, n=1, cutoff=0.5)
        text = _("“%(name)s” is not known here.") % {"name": name}
        text += " " + (
            _("Did you mean “%(name)s”?") % {"name": close[0]}
            if close
            else _("Known: %(names)s.") % {"names": ", ".join(options)}
        )
        self.add(place, text)


def table(value: Any, place: str, faults: Faults) -> dict[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        faults.add(place, _("A table of names and values is expected."))
        return {}
    return value


def one_of(value: Any, known: tuple[str, ...], place: str, faults: Faults) -> str:
    if value in (None, ""):
        return ""
    if value not in known:
        faults.unknown(place, value, known)
        return ""
    return str(value)


def texts(value: Any, place: str, faults: Faults) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in items):
        faults.add(place, _("A list of line beginnings is expected, each in quotes."))
        return ()
    return tuple(items)


def number(value: Any, place: str, faults: Faults) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000:
        faults.add(place, _("A whole number is expected."))
        return 0
    return value


def delimiter(value: Any, place: str, faults: Faults) -> str:
    words = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
    return character(words.get(value, value) if isinstance(value, str) else value, place, faults)


def character(value: Any, place: str, faults: Faults) -> str:
    if value is None or value == "" or value == "none":
        return ""
    if not isinstance(value, str) or len(value) != 1 or value in "\r\n":
        faults.add(place, _("One character is expected."))
        return ""
    return value


def encoding(value: Any, place: str, faults: Faults) -> str:
    if not value:
        return ""
    try:
        "é".encode(str(value))
        b"".decode(str(value))
    except (LookupError, UnicodeError, TypeError, AttributeError):
        faults.add(place, _("This encoding is not known. Common ones: utf-8, utf-16, windows-1252, latin-1."))
        return ""
    return str(value).lower()


def header(value: Any, place: str, faults: Faults) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and value and all(isinstance(name, str | int) for name in value):
        return tuple(str(name) for name in value)
    faults.add(place, _("Write true, false, or the list of column names."))
    return True


def zone(value: Any, place: str, faults: Faults) -> ZoneInfo:
    try:
        return ZoneInfo(str(value or "UTC"))
    except (KeyError, ValueError, OSError):
        faults.add(place, _("This time zone is not known. Write one such as Europe/Paris."))
        return ZoneInfo("UTC")
