"""What an import has done so far: small, serialisable, part of every checkpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matching.ingest.chunks import Chunk
from matching.ingest.reasons import Problem, Reject, excerpt

EXAMPLES = 20


@dataclass
class FileTally:
    """One file: what it was found to be and how many of its rows were read."""

    name: str
    size: int = 0
    format: str = ""
    encoding: str = ""
    guessed: bool = False
    entities: tuple[str, ...] = ()
    rows: int = 0
    line: int = 0
    position: int = 0
    problem: Problem | None = None
    done: bool = False

    def to_json(self) -> dict[str, Any]:
        data = {name: getattr(self, name) for name in self.__dataclass_fields__} | {"entities": list(self.entities)}
        return data | {"problem": self.problem and {"code": self.problem.code, "params": dict(self.problem.params)}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FileTally:
        problem = data.get("problem")
        values = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        values |= {
            "entities": tuple(data.get("entities", ())),
            "problem": problem and Problem(problem["code"], problem["params"]),
        }
        return cls(**values)


@dataclass
class Tally:
    """entities: name → rows, created, updated, unchanged, duplicates, rejected (rows is the sum of the others).

    reasons and warnings: "entity field code" → [times, first file, first line, params of the first].
    repeats: the first duplicates as [file, line, line it repeats].
    """

    files: list[FileTally] = field(default_factory=list)
    entities: dict[str, Counter[str]] = field(default_factory=dict)
    reasons: dict[str, list[Any]] = field(default_factory=dict)
    warnings: dict[str, list[Any]] = field(default_factory=dict)
    repeats: list[list[Any]] = field(default_factory=list)
    rejects_bytes: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def rejected(self) -> int:
        return sum(counts["rejected"] for counts in self.entities.values())

    @property
    def total(self) -> int | None:
        """Rows expected in the end, from the share of bytes read so far; None before the first chunk."""
        size, read = sum(file.size for file in self.files), sum(min(file.position, file.size) for file in self.files)
        return max(self.done, round(self.done * size / read)) if read and size else None

    def add(self, chunk: Chunk, stored: Mapping[str, Counter[str]], place: int) -> None:
        file = self.files[place]
        file.rows += chunk.rows
        file.line, file.position = chunk.last, max(file.position, chunk.position)
        for counts in (chunk.counts, stored):
            for entity, counter in counts.items():
                self.entities.setdefault(entity, Counter()).update(counter)
        for (entity, name, code), (times, line, problem) in chunk.warnings.items():
            self._count(self.warnings, entity, name, Problem(code, problem.params), chunk.file, line, times)
        for line, kept in chunk.repeats[: EXAMPLES - len(self.repeats)]:
            self.repeats.append([chunk.file, line, kept])

    def reject(self, rejects: list[Reject]) -> None:
        for item in rejects:
            self._count(self.reasons, item.entity, item.problem.field, item.problem, item.file, item.line, 1)

    def warn(self, entity: str, name: str, problem: Problem, file: str) -> None:
        self._count(self.warnings, entity, name, problem, file, 0, 1)

    def _count(
        self, table: dict[str, list[Any]], entity: str, name: str, problem: Problem, file: str, line: int, times: int
    ) -> None:
        key = f"{entity} {name or '-'} {problem.code}"
        found = table.setdefault(key, [0, file, line, {k: excerpt(v, 200) for k, v in problem.params.items()}])
        found[0] += times

    def to_json(self) -> dict[str, Any]:
        return {
            "files": [file.to_json() for file in self.files],
            "entities": {name: dict(counts) for name, counts in self.entities.items()},
            "reasons": self.reasons,
            "warnings": self.warnings,
            "repeats": self.repeats,
            "rejects_bytes": self.rejects_bytes,
            "seconds": round(self.seconds, 3),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Tally:
        return cls(
            files=[FileTally.from_json(file) for file in data["files"]],
            entities={name: Counter(counts) for name, counts in data["entities"].items()},
            reasons=dict(data["reasons"]),
            warnings=dict(data["warnings"]),
            repeats=list(data["repeats"]),
            rejects_bytes=data["rejects_bytes"],
            seconds=data["seconds"],
        )
