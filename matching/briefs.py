"""From what a page, a file or a partner sends to a frozen `Brief`, or to errors that name field and remedy.

One table says what each field may hold. Every error is collected before answering, nothing is guessed
silently: what is normalised (case, "fr-FR" → "fr", "twitter" → "x", accents composed) is normalised the
same for every door, so that equal briefs have equal hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from matching.codes import EUR_PER_UNIT, country_code, language_code, nearest, platform_code, sector_key
from matching.contracts import FAMILIES, PLATFORMS, Brief, Weights
from matching.meaning import topic_slug
from matching.semantics.topics import slugs

TEXT_SHORTEST, TEXT_LONGEST = 8, 20_000
NOTE_LONGEST, ITEM_LONGEST, LIST_LONGEST = 4_000, 80, 50
FOLLOWERS_MOST, BUDGET_MOST, EXCLUDED_MOST = 10**10, Decimal(10**9), 10_000
HARD_FIELDS = ("platforms", "languages", "countries", "followers", "budget", "topics")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff]"
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """pointer: RFC 6901 place in the brief ("/topics/2"). message: what is wrong and what to do, translated."""

    pointer: str
    code: str
    message: str

    @property
    def field(self) -> str:
        return self.pointer.split("/")[1] if "/" in self.pointer else "brief"


class BriefError(InvalidInput):
    """The brief cannot be used; `errors` lists every fault found."""

    code = "invalid_brief"

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        grouped: dict[str, list[str]] = {}
        for error in errors:
            grouped.setdefault(error.field or "brief", []).append(error.message)
        super().__init__(fields=grouped)
        self.errors = errors


class _FaultError(Exception):
    def __init__(self, code: str, message: str, place: str = "") -> None:
        super().__init__(message)
        self.error = (code, message, place)


def parse_brief(data: Any) -> Brief:
    """A mapping of `Brief` fields → a brief. Raises BriefError with every fault. Missing fields mean no wish."""
    if not isinstance(data, Mapping):
        raise BriefError((FieldError("", "type", _('A brief is an object of named fields, such as {"text": "…"}.')),))
    errors = _unknown_fields(data)
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name not in data or (data[name] is None and name != "text"):
            continue
        try:
            values[name] = read(data[name])
        except _FaultError as fault:
            code, message, place = fault.error
            errors.append(FieldError(f"/{name}{place}", code, message))
    errors += _together(values, data)
    if errors:
        raise BriefError(tuple(errors))
    return Brief(**values)


def brief_hash(brief: Brief) -> str:
    """SHA-256 hex of the canonical JSON: equal briefs, equal hashes."""
    canonical = json.dumps(brief.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _unknown_fields(data: Mapping[Any, Any]) -> list[FieldError]:
    errors = []
    for name in data:
        if name in _READERS:
            continue
        shown = str(name)[:40].encode("utf-8", "replace").decode()
        near = nearest(shown, list(_READERS))
        hint = _("Did you mean “%(near)s”?") % {"near": near} if near else _("Remove it.")
        pointer = "/" + shown.replace("~", "~0").replace("/", "~1")
        errors.append(
            FieldError(pointer, "unknown_field", _("There is no field “%(name)s”.") % {"name": shown} + " " + hint)
        )
    return errors


def _together(values: Mapping[str, Any], data: Mapping[Any, Any]) -> list[FieldError]:
    """Faults that only show when fields are read together."""
    errors = []
    if "text" not in data:
        errors.append(FieldError("/text", "required", _("Say what the brand looks for: the field “text” is required.")))
    least, most = values.get("followers_min"), values.get("followers_max")
    if least is not None and most is not None and least > most:
        message = _("The fewest followers (%(least)s) must not exceed the most (%(most)s). Swap them or remove one.")
        errors.append(FieldError("/followers_min", "range", message % {"least": least, "most": most}))
    if (
        "budget" in values.get("hard", ())
        and values.get("budget_per_creator") is None
        and not values.get("in_kind_only")
    ):
        message = _("The budget is a hard limit but no budget is given. Fill in “budget_per_creator”.")
        errors.append(FieldError("/hard", "budget_missing", message))
    if "topics" in values.get("hard", ()):
        errors += [
            _unknown_topic(place, topic)
            for place, topic in enumerate(values.get("topics", ()))
            if not topic_slug(topic)
        ]
    if values.get("in_kind_only") and values.get("budget_per_creator") is not None:
        message = _("A brief paid in kind only has no budget. Remove one of the two.")
        errors.append(FieldError("/in_kind_only", "conflict", message))
    return errors


def _unknown_topic(place: int, topic: str) -> FieldError:
    near = nearest(topic, list(slugs()))
    hint = _("Did you mean “%(near)s”?") % {"near": near} if near else _("Describe it in the text instead.")
    message = _("“%(topic)s” is not a known niche, so it cannot be a hard limit.") % {"topic": topic}
    return FieldError(f"/topics/{place}", "unknown_topic", f"{message} {hint}")


def _text(shortest: int, longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise _FaultError("type", _("This must be text between quotation marks."))
        if len(value) > longest * 4:
            raise _too_long(len(value), longest)
        text = unicodedata.normalize("NFC", value).strip() if not _FORBIDDEN.search(value) else _refuse(value)
        if len(text) > longest:
            raise _too_long(len(text), longest)
        if shortest and (len(text) < shortest or sum(c.isalpha() for c in text) < 3):
            message = _("This is too short to match anyone: write at least %(n)s characters, in plain words.")
            raise _FaultError("too_short", message % {"n": shortest})
        return text

    return read


def _refuse(value: str) -> str:
    found = _FORBIDDEN.search(value)
    place = found.start() + 1 if found else 0
    message = _(
        "Character %(place)s is an invisible control or direction character. Delete it and type the text again."
    )
    raise _FaultError("control_character", message % {"place": place})


def _too_long(length: int, longest: int) -> _FaultError:
    message = _("This has %(length)s characters; at most %(longest)s are read. Keep the essential part.")
    return _FaultError("too_long", message % {"length": length, "longest": longest})


def _listed(read_item: Callable[[Any], Any], longest: int = LIST_LONGEST) -> Callable[[Any], tuple[Any, ...]]:
    """A list without repeats, in the order given; a fault names the item."""

    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise _FaultError("type", _('This must be a list, such as ["…", "…"].'))
        if len(value) > longest:
            raise _FaultError("too_many", _("At most %(n)s entries are allowed here.") % {"n": longest})
        items = []
        for number, item in enumerate(value):
            try:
                items.append(read_item(item))
            except _FaultError as fault:
                code, message, place = fault.error
                raise _FaultError(code, message, f"/{number}{place}") from None
        return tuple(dict.fromkeys(items))

    return read


def _coded(lookup: Callable[[str], str | None], code: str, remedy: Callable[[], str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = _text(0, ITEM_LONGEST)(value)
        found = lookup(text)
        if found is None:
            raise _FaultError(code, _("“%(value)s” is not known.") % {"value": text} + " " + remedy())
        return found

    return read


def _word(value: Any) -> str:
    text = _text(0, ITEM_LONGEST)(value)
    if not text:
        raise _FaultError("blank", _("Empty entries are not allowed. Remove it."))
    return text


def _topic(value: Any) -> str:
    """A niche's slug where one is named, else the words as they are: they are then read with the text."""
    text = _word(value)
    return topic_slug(text) or text


def _code(value: Any) -> str:
    text = sector_key(_word(value))
    if not text:
        raise _FaultError("code", _("“%(value)s” is not a code: use letters and digits.") % {"value": value})
    return text


def _whole(most: int, least: int = 0) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _FaultError("type", _("This must be a whole number without quotation marks."))
        if not least <= value <= most:
            message = _("This must lie between %(least)s and %(most)s.")
            raise _FaultError("range", message % {"least": least, "most": most})
        return value

    return read


def _money(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _FaultError("type", _('This must be an amount, such as 450 or "450.00".'))
    try:
        amount = Decimal(str(value)[:40].strip())
    except (InvalidOperation, ValueError):
        raise _FaultError("type", _('This must be an amount, such as 450 or "450.00".')) from None
    if not amount.is_finite():
        raise _FaultError("range", _("This must be a finite amount."))
    if not 0 < amount <= BUDGET_MOST:
        message = _(
            "The budget must be above 0 and at most %(most)s. For products only, leave it out and set “in_kind_only”."
        )
        raise _FaultError("range", message % {"most": BUDGET_MOST})
    cents = amount.quantize(Decimal("0.01"))
    if not cents:
        raise _FaultError("range", _("The smallest budget is 0.01."))
    return cents


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _FaultError("type", _("This must be true or false."))
    return value


def _weights(value: Any) -> Weights:
    if not isinstance(value, Mapping):
        raise _FaultError("type", _('This must be an object, such as {"affinity": 0.4}.'))
    unknown = sorted(str(name)[:40] for name in value if name not in (*FAMILIES, "version"))
    if unknown:
        message = _("There is no family “%(name)s”. Use: %(known)s.")
        raise _FaultError("unknown_field", message % {"name": unknown[0], "known": ", ".join(FAMILIES)})
    given = {}
    for name in (name for name in FAMILIES if name in value):
        number = value[name]
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1000:
            raise _FaultError("range", _("A weight is a number from 0 to 1000."), f"/{name}")
        given[name] = float(number)
    weights = Weights(**given, version=_text(0, 40)(value.get("version", "custom" if given else Weights().version)))
    if not any(getattr(weights, name) for name in FAMILIES):
        raise _FaultError("range", _("At least one weight must be above 0."))
    return weights


def _one_of(known: Mapping[str, Any] | tuple[str, ...], change: Callable[[str], str]) -> Callable[[str], str | None]:
    return lambda text: change(text) if change(text) in known else None


def _platform_remedy() -> str:
    return _("Use one of: %(known)s.") % {"known": ", ".join(PLATFORMS)}


def _country_remedy() -> str:
    return _("Use a two-letter country code, such as FR.")


def _language_remedy() -> str:
    return _("Use a two-letter language code, such as fr.")


def _currency_remedy() -> str:
    return _("Use one of: %(known)s.") % {"known": ", ".join(EUR_PER_UNIT)}


def _hard_remedy() -> str:
    return _("Use one of: %(known)s.") % {"known": ", ".join(HARD_FIELDS)}


def _language_or_none(text: str) -> str | None:
    return "" if not text else language_code(text)


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text(TEXT_SHORTEST, TEXT_LONGEST),
    "language": _coded(_language_or_none, "unknown_language", _language_remedy),
    "product": _text(0, NOTE_LONGEST),
    "audience": _text(0, NOTE_LONGEST),
    "topics": _listed(_topic),
    "languages": _listed(_coded(language_code, "unknown_language", _language_remedy)),
    "countries": _listed(_coded(country_code, "unknown_country", _country_remedy)),
    "platforms": _listed(_coded(platform_code, "unknown_platform", _platform_remedy)),
    "followers_min": _whole(FOLLOWERS_MOST),
    "followers_max": _whole(FOLLOWERS_MOST, 1),
    "forms": _listed(_code),
    "sectors": _listed(_code),
    "values_wanted": _listed(_word),
    "values_refused": _listed(_word),
    "competitors": _listed(_word),
    "budget_per_creator": _money,
    "currency": _coded(_one_of(EUR_PER_UNIT, str.upper), "unknown_currency", _currency_remedy),
    "in_kind_only": _yes,
    "exclude_creators": _listed(_whole(2**63 - 1, 1), EXCLUDED_MOST),
    "hard": _listed(_coded(_one_of(HARD_FIELDS, str.lower), "unknown_field", _hard_remedy)),
    "weights": _weights,
}
