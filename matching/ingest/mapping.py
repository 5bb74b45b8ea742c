"""What a checked mapping is: which file feeds which entity, which column or key feeds which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any
from zoneinfo import ZoneInfo

from matching.ingest.fields import Entity, Field


@dataclass(frozen=True, slots=True)
class Pick:
    """One field and where its values come from: `keys` in order of preference, or a constant."""

    field: Field
    keys: tuple[str, ...] = ()
    const: Any = None
    default: Any = None
    type: str = ""
    format: str = ""
    separator: str = ""
    decimal: str = ""
    values: Mapping[str, Any] | None = None
    required: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class EntityMap:
    entity: Entity
    picks: tuple[Pick, ...]

    def pick(self, name: str) -> Pick | None:
        return next((pick for pick in self.picks if pick.field.name == name), None)


@dataclass(frozen=True, slots=True)
class FileMap:
    """How one kind of file is read. `entities[0]` is what its rows are about; the others ride along."""

    match: tuple[str, ...]
    entities: tuple[EntityMap, ...]
    format: str = ""
    delimiter: str = ""
    encoding: str = ""
    quote: str = '"'
    escape: str = ""
    header: bool | tuple[str, ...] = True
    skip_first: int = 0
    skip_lines: tuple[str, ...] = ()
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    dates: str = ""
    decimal: str = ""

    def applies_to(self, name: str) -> bool:
        return any(fnmatch(name.lower(), pattern.lower()) for pattern in self.match)

    @property
    def hides_author(self) -> bool:
        return any(e.entity.name == "comments" for e in self.entities)


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A whole mapping. observed_at: microseconds, the time of rows that carry none. digest: of its content."""

    files: tuple[FileMap, ...]
    digest: str
    definition: Mapping[str, Any]
    source: str = ""
    basis: str = ""
    observed_at: int | None = None

    def for_file(self, name: str, kind: str = "") -> FileMap | None:
        """The entry for a file name; `kind` keeps only entries that are about that entity."""
        fitting = [f for f in self.files if not kind or f.entities[0].entity.name == kind]
        return next((f for f in fitting if f.applies_to(name)), fitting[0] if kind and fitting else None)
