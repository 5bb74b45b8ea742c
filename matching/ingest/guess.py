"""A mapping guessed from the names of columns or keys and from their first values."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from glob import escape
from importlib.resources import files
from itertools import islice
from typing import Any

from accounts.handles import platform_of_address
from matching.codes import fold, platform_code
from matching.ingest.fields import ENTITIES
from matching.ingest.readers import Reader

ROWS = 50


@cache
def names() -> Mapping[str, Mapping[str, list[str]]]:
    """entity → field → the names it goes by."""
    return tomllib.loads((files("matching.ingest") / "names.toml").read_text(encoding="utf-8"))


_TELLING = {
    "accounts": ("followers", "bio", "display_name"),
    "posts": ("posted_at", "caption", "likes"),
    "comments": ("text", "author", "post_external_id"),
    "follower_counts": ("observed_at",),
}
_HINTS = {
    "accounts": ("account", "creator", "influencer", "createur", "compte", "profile"),
    "posts": ("post", "media", "video", "tweet", "reel"),
    "comments": ("comment",),
    "follower_counts": ("follower_count", "history", "historique", "growth", "panel"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A column or key of a file with its first values as text."""

    key: str
    samples: tuple[str, ...]
    values: tuple[Any, ...]


def look(reader: Reader, rows: int = ROWS) -> list[Seen]:
    """The columns of a delimited file, or the keys of the first objects (inner ones with dots), with samples."""
    records = list(islice((record for batch in reader.batches() for record in batch.records), rows))
    table: dict[str, list[Any]] = {}
    if reader.columns:
        table = {name: [row[place] for row in records] for place, name in enumerate(reader.columns)}
    else:
        for record in records:
            for key, value in _flat(record, ""):
                table.setdefault(key, []).append(value)
    return [Seen(key, tuple(_shown(values)), tuple(values)) for key, values in list(table.items())[:200]]


def _flat(record: Mapping[str, Any], prefix: str, depth: int = 0) -> Iterable[tuple[str, Any]]:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and value and depth < 3:
            yield from _flat(value, f"{name}.", depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for inner in value[0]:
                if not isinstance(value[0][inner], dict | list):
                    yield f"{name}[].{inner}", [item.get(inner) for item in value if isinstance(item, dict)]
        else:
            yield name, value


def _shown(values: Sequence[Any]) -> list[str]:
    texts = (" ".join(str(v).split()) for v in values if v not in (None, "", []))
    return [text if len(text) <= 80 else text[:79] + "…" for text in islice(dict.fromkeys(texts), 3)]


def _name(key: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(key.rsplit(".", 1)[-1] if "[]" not in key else key.split("[]")[0]))


def guess_entity(seen: Sequence[Seen], file_name: str = "") -> str:
    """What the rows are about: the entity whose own fields are best covered; the file name decides a tie."""
    folded = re.sub(r"[^a-z]", "_", fold(file_name))

    def score(name: str) -> float:
        taken = _assign(name, seen)
        required = [f.name for f in ENTITIES[name].fields if f.required and f.name != "platform"]
        covered = sum(field in taken for field in required) / len(required)
        telling = 0.15 * sum(field in taken for field in _TELLING[name])
        return covered + telling + 0.4 * any(word in folded for word in _HINTS[name]) + 0.01 * len(taken)

    return max(ENTITIES, key=score)


def _assign(entity: str, seen: Sequence[Seen]) -> dict[str, str]:
    """field → key, each key used once; fields whose names are most telling choose first."""
    free = {item.key: _name(item.key) for item in seen}
    taken: dict[str, str] = {}
    places = names()[entity]
    for rank in range(max(map(len, places.values()))):
        for field, known in places.items():
            if field in taken or rank >= len(known):
                continue
            wanted = known[rank]
            fitting = [key for key, name in free.items() if name == wanted]
            if fitting:
                key = min(fitting, key=lambda k: (k.count("."), len(k)))
                taken[field] = key
                free.pop(key)
    return taken


def guess_file(reader: Reader, seen: Sequence[Seen], platform: str = "", kind: str = "") -> dict[str, Any]:
    """An entry of `files` for this file, ready to be shown and changed. `match` is its exact name."""
    name = kind or guess_entity(seen, reader.origin.name)
    fields: dict[str, Any] = dict(_assign(name, seen))
    entry: dict[str, Any] = {"match": escape(reader.origin.name), name: fields}
    if "platform" not in fields:
        found = platform or _platform(reader.origin.name, seen)
        if found:
            entry["constants"] = {"platform": found}
    order = _date_order(name, fields, seen)
    if order:
        entry["dates"] = order
    if name == "posts":
        carried = _carried(seen, fields)
        if carried:
            entry["accounts"] = carried
    return entry


def _platform(file_name: str, seen: Sequence[Seen]) -> str:
    for word in re.split(r"[^a-z]+", fold(file_name)):
        code = platform_code(word) if len(word) > 1 else None
        if code:
            return code
    addresses = (
        platform_of_address(text) for item in seen for text in item.samples if "://" in text or text.startswith("www.")
    )
    return next((found for found in addresses if found), "")


def _carried(seen: Sequence[Seen], used: Mapping[str, Any]) -> dict[str, str]:
    """Facts about the account that each post row repeats: followers, category, verified."""
    left = [item for item in seen if item.key not in used.values()]
    found = _assign("accounts", left)
    return {
        field: key
        for field, key in found.items()
        if field in ("followers", "following", "category", "is_verified", "display_name")
    }


def _date_order(entity: str, fields: Mapping[str, Any], seen: Sequence[Seen]) -> str:
    """day_first or month_first when written dates prove it."""
    keys = {fields[f.name] for f in ENTITIES[entity].fields if f.kind == "time" and f.name in fields}
    for item in seen:
        if item.key in keys:
            pairs = [re.match(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{4}", str(value).strip()) for value in item.values]
            numbers = [(int(match[1]), int(match[2])) for match in pairs if match]
            if any(first > 12 for first, _second in numbers):
                return "day_first"
            if any(second > 12 for _first, second in numbers):
                return "month_first"
    return ""
