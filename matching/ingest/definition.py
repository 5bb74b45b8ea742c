"""A mapping read from YAML (command line), a form (the import page) or JSON (API).

It is checked at once, so that a mistake is named with its place and with the name that was probably meant
before a single row is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import yaml
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from accounts.models import Basis
from matching.ingest import checks, moments
from matching.ingest.checks import Faults
from matching.ingest.fields import ENTITIES, Entity, main_entity
from matching.ingest.mapping import EntityMap, FileMap, ImportMap, Pick
from matching.ingest.options import Options
from matching.ingest.reasons import Bad

MAX_BYTES = 256 * 1024
MAX_DEPTH = 12
FORMATS = ("csv", "jsonl", "json")
TYPES = ("epoch", "epoch_ms", "iso")
DATES = ("day_first", "month_first")
_TOP = {
    "version",
    "name",
    "source",
    "basis",
    "observed_at",
    "timezone",
    "dates",
    "decimal",
    "constants",
    "files",
    *ENTITIES,
}
_FILE = {
    "match", "format", "delimiter", "encoding", "quote", "escape", "header", "skip_first", "skip_lines",
    "timezone", "dates", "decimal", "constants", *ENTITIES,
}  # fmt: skip
_FIELD = {"key", "keys", "const", "type", "format", "values", "separator", "decimal", "default", "required", "optional"}


def load_yaml(text: str) -> dict[str, Any]:
    """The raw definition in a YAML text. Refuses anchors and aliases, which can unfold without end."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidInput(
            _("The mapping is larger than %(limit)s KB.") % {"limit": MAX_BYTES // 1024}, code="mapping_too_large"
        )
    try:
        _refuse_tricks(text)
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = _(" (line %(line)s)") % {"line": mark.line + 1} if mark else ""
        detail = getattr(error, "problem", None) or type(error).__name__
        raise InvalidInput(
            _("The mapping is not valid YAML%(where)s: %(detail)s.") % {"where": where, "detail": detail},
            code="mapping_invalid",
        ) from error
    if not isinstance(data, dict):
        raise InvalidInput(_("The mapping is empty, or not a list of names and values."), code="mapping_invalid")
    return data


def _refuse_tricks(text: str) -> None:
    """Aliases can unfold without end, and deep nesting keeps the parser busy for minutes."""
    depth = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise InvalidInput(_("The mapping may not use YAML aliases (*name)."), code="mapping_invalid")
        if depth > MAX_DEPTH:
            raise InvalidInput(_("The mapping is nested too deeply."), code="mapping_invalid")


def parse_mapping(definition: Mapping[str, Any] | str) -> ImportMap:
    """The checked mapping of a definition (or of its YAML text). Raises InvalidInput naming every fault."""
    raw = _plain(load_yaml(definition) if isinstance(definition, str) else definition)
    faults = Faults()
    for name in raw:
        if name not in _TOP:
            faults.unknown(str(name), name, _TOP)
    shared = {name: raw.get(name) for name in ("timezone", "dates", "decimal", "constants")}
    entries = raw.get("files")
    if entries is None:
        entries = [{name: raw[name] for name in ENTITIES if name in raw}]
    elif any(name in raw for name in ENTITIES):
        faults.add("files", _("Put the entities inside the entries of “files”, or leave “files” out."))
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        faults.add("files", _("A list of entries is expected."))
        entries = []
    files = [_file(entry, shared, f"files[{n}]", faults) for n, entry in enumerate(entries)]
    observed = _observed(raw.get("observed_at"), shared, faults)
    if raw.get("basis") not in (None, "", *Basis.values):
        faults.unknown("basis", raw.get("basis"), Basis.values)
    if not faults.found and not any(f.entities for f in files if f):
        faults.add("files", _("Nothing is mapped: name at least one of %(names)s.") % {"names": ", ".join(ENTITIES)})
    if faults.found:
        raise InvalidInput(fields=faults.found, code="mapping_invalid")
    return ImportMap(
        files=tuple(f for f in files if f is not None),
        digest=hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest(),
        definition=raw,
        source=str(raw.get("source") or raw.get("name") or ""),
        basis=str(raw.get("basis") or ""),
        observed_at=observed,
    )


def _plain(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition as JSON holds it: the form in which it is kept, hashed and read again."""
    try:
        return dict(json.loads(json.dumps(dict(definition), default=str)))
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(_("The mapping holds a name that is not a text."), code="mapping_invalid") from error


def _observed(value: Any, shared: Mapping[str, Any], faults: Faults) -> int | None:
    if value is None:
        return None
    try:
        return moments.moment(value, Options(zone=checks.zone(shared.get("timezone"), "timezone", faults), now=2**62))
    except Bad:
        faults.add("observed_at", _("Write a time such as 2026-11-22T14:30:00Z."))
        return None


def _file(entry: Mapping[str, Any], shared: Mapping[str, Any], place: str, faults: Faults) -> FileMap | None:
    for name in entry:
        if name not in _FILE:
            faults.unknown(f"{place}.{name}", name, _FILE)
    constants = {
        **checks.table(shared.get("constants"), "constants", faults),
        **checks.table(entry.get("constants"), f"{place}.constants", faults),
    }
    named = [name for name in ENTITIES if entry.get(name) is not None]
    if not named:
        faults.add(place, _("Nothing is mapped: name at least one of %(names)s.") % {"names": ", ".join(ENTITIES)})
        return None
    known = {f for name in named for f in ENTITIES[name].by_name}
    for name in constants:
        if name not in known and not any(name in e.by_name for e in ENTITIES.values()):
            faults.unknown(f"{place}.constants.{name}", name, known)
    main = main_entity(named)
    order = [main, *(name for name in named if name != main)]
    maps = [_entity(ENTITIES[name], entry[name], constants, f"{place}.{name}", faults) for name in order]
    maps = [_inherit(m, maps[0]) for m in maps]
    for m in maps:
        _check_required(m, place, faults)
    patterns = entry.get("match", "*")
    choice = {name: entry.get(name, shared.get(name)) for name in ("dates", "decimal")}
    return FileMap(
        match=tuple(str(p) for p in (patterns if isinstance(patterns, list) else [patterns])),
        entities=tuple(maps),
        format=checks.one_of(entry.get("format"), FORMATS, f"{place}.format", faults),
        delimiter=checks.delimiter(entry.get("delimiter"), f"{place}.delimiter", faults),
        encoding=checks.encoding(entry.get("encoding"), f"{place}.encoding", faults),
        quote=checks.character(entry.get("quote", '"'), f"{place}.quote", faults),
        escape=checks.character(entry.get("escape", ""), f"{place}.escape", faults),
        header=checks.header(entry.get("header", True), f"{place}.header", faults),
        skip_first=checks.number(entry.get("skip_first", 0), f"{place}.skip_first", faults),
        skip_lines=checks.texts(entry.get("skip_lines", []), f"{place}.skip_lines", faults),
        zone=checks.zone(entry.get("timezone", shared.get("timezone")), f"{place}.timezone", faults),
        dates=checks.one_of(choice["dates"], DATES, f"{place}.dates", faults),
        decimal=checks.one_of(choice["decimal"], (".", ","), f"{place}.decimal", faults),
    )


def _entity(entity: Entity, table: Any, constants: Mapping[str, Any], place: str, faults: Faults) -> EntityMap:
    picks = [
        pick
        for name, spec in checks.table(table, place, faults).items()
        if (pick := _pick(entity, name, spec, f"{place}.{name}", faults)) is not None
    ]
    given = {pick.field.name for pick in picks}
    for name, value in constants.items():
        if name in entity.by_name and name not in given:
            picks.append(Pick(entity.by_name[name], const=value))
    return EntityMap(entity, tuple(picks))


def _pick(entity: Entity, name: Any, spec: Any, place: str, faults: Faults) -> Pick | None:
    if name not in entity.by_name:
        faults.unknown(place, name, entity.by_name)
        return None
    target = entity.by_name[name]
    if spec is None or spec == "":
        return None
    if isinstance(spec, str | int):
        spec = {"key": str(spec)}
    elif isinstance(spec, list):
        spec = {"keys": spec}
    if not isinstance(spec, dict):
        faults.add(place, _("Name a column or key, or give a table with “key”."))
        return None
    for option in spec:
        if option not in _FIELD:
            faults.unknown(f"{place}.{option}", option, _FIELD)
    keys = spec.get("keys") or ([spec["key"]] if spec.get("key") not in (None, "") else [])
    keys = [str(key) for key in keys] if isinstance(keys, list) else [str(keys)]
    if bool(keys) == ("const" in spec):
        faults.add(place, _("Give either “key” or “const”."))
    translate = spec.get("values")
    if translate is not None and not isinstance(translate, dict):
        faults.add(f"{place}.values", _("A table of values and what they mean is expected."))
        translate = None
    if spec.get("type") and target.kind != "time":
        faults.add(
            f"{place}.type",
            _("“type” is for moments; this field is read by its own kind (%(kind)s).") % {"kind": target.kind},
        )
    return Pick(
        field=target,
        keys=tuple(keys),
        const=spec.get("const"),
        default=spec.get("default"),
        type=checks.one_of(spec.get("type"), TYPES, f"{place}.type", faults),
        format=str(spec.get("format") or ""),
        separator=str(spec.get("separator") or ""),
        decimal=checks.one_of(spec.get("decimal"), (".", ","), f"{place}.decimal", faults),
        values={_word(key): value for key, value in translate.items()} if translate else None,
        required=bool(spec.get("required", False)),
        optional=bool(spec.get("optional", False)),
    )


def _word(value: Any) -> str:
    """How a raw value is looked up in a `values` table: YAML reads yes and 1 as other than text."""
    return str(value).strip().lower()


def _inherit(carried: EntityMap, main: EntityMap) -> EntityMap:
    """What rides along takes network, handle and time from the row's own entity when it does not name them."""
    if carried is main:
        return main
    given = {pick.field.name for pick in carried.picks}
    names = [n for n in ("platform", "handle", "observed_at") if n in carried.entity.by_name and n not in given]
    if carried.entity.name == "posts" and "external_id" not in given:
        shared = main.pick("post_external_id")
        extra = [Pick(carried.entity.by_name["external_id"], **_source(shared))] if shared else []
    else:
        extra = []
    extra += [Pick(carried.entity.by_name[n], **_source(pick)) for n in names if (pick := main.pick(n)) is not None]
    return EntityMap(carried.entity, (*carried.picks, *extra))


def _source(pick: Pick) -> dict[str, Any]:
    names = ("keys", "const", "default", "type", "format", "separator", "decimal", "values", "optional")
    return {name: getattr(pick, name) for name in names}


# What can stand in for a required field: an address tells network, handle and identifier.
STANDS_IN = {
    ("accounts", "platform"): ("url",), ("accounts", "handle"): ("url",), ("posts", "platform"): ("url",),
    ("posts", "external_id"): ("url",), ("comments", "external_id"): ("text",),
    ("follower_counts", "observed_at"): ("followers",),
}  # fmt: skip


def _check_required(m: EntityMap, place: str, faults: Faults) -> None:
    given = {pick.field.name for pick in m.picks}
    for target in m.entity.fields:
        others = STANDS_IN.get((m.entity.name, target.name), ())
        if target.required and target.name not in given and not any(other in given for other in others):
            text = _("“%(name)s” is required: name its column or key, or give a constant.") % {"name": target.name}
            faults.add(f"{place}.{m.entity.name}.{target.name}", text)
