"""A desk at which tests import files: writes them, runs the import, and reads what came of it."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accounts.actors import SYSTEM, Actor
from accounts.models import Job
from matching.ingest.definition import parse_mapping
from matching.ingest.uploads import files_at
from matching.services.imports import Wish, import_files, rejects_path

SEEN = "2024-05-01T00:00:00Z"
# One mapping for small tests: canonical names as columns, the file's name says what it holds.
PLAIN = {
    "observed_at": SEEN,
    "constants": {"platform": "instagram"},
    "files": [
        {"match": "accounts*", "accounts": {name: {"key": name, "optional": True} for name in (
            "handle", "external_id", "display_name", "bio", "url", "country", "city", "languages", "category",
            "followers",
            "following", "posts_count", "is_verified", "contact_email", "observed_at")}},
        {"match": "posts*", "posts": {name: {"key": name, "optional": True} for name in (
            "handle", "external_id", "posted_at", "kind", "caption", "url", "language", "likes", "comments",
            "shares", "saves",
            "views", "reach", "sponsors", "is_sponsored", "alt_text", "location", "tagged", "observed_at")}},
        {"match": "comments*", "comments": {name: {"key": name, "optional": True} for name in (
            "post_external_id", "external_id", "parent_external_id", "author", "is_owner", "posted_at", "likes", "text",
            "observed_at")}},
        {"match": "counts*", "follower_counts": {name: {"key": name, "optional": True} for name in (
            "handle", "observed_at", "followers", "following")}},
    ],
}  # fmt: skip


@dataclass
class Outcome:
    """An import that is over. rejects: rows of its rejects file as dictionaries."""

    job: Job
    rejects: list[dict[str, str]]

    def counts(self, entity: str) -> Counter[str]:
        return +Counter(self.job.result["entities"].get(entity, {}))

    @property
    def codes(self) -> list[str]:
        return [row["code"] for row in self.rejects]

    def file(self, name: str) -> dict[str, Any]:
        return next(file for file in self.job.result["files"] if file["name"] == name)

    def add_up(self) -> None:
        """Every row read was stored, left out as a duplicate, or rejected with a line in the file of rejects."""
        for name, counts in self.job.result["entities"].items():
            parts = sum(counts.get(key, 0) for key in ("created", "updated", "unchanged", "duplicates", "rejected"))
            assert counts.get("rows", 0) == parts, (name, counts)
        assert sum(c.get("rejected", 0) for c in self.job.result["entities"].values()) == len(self.rejects)
        assert all(row["reason"] and row["line"] for row in self.rejects)


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs = 0

    def write(self, name: str, content: Any) -> Path:
        """bytes and texts as they are; lists as JSON Lines; packed when the name ends in .gz."""
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        data = content.encode() if isinstance(content, str) else content
        path = self.folder / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") and data[:2] != b"\x1f\x8b" else data)
        return path

    def run(self, files: Mapping[str, Any], mapping: Any = None, *, actor: Actor = SYSTEM, **options: Any) -> Outcome:
        paths = [self.write(name, content) for name, content in files.items()]
        self._runs += 1
        rejects = self.folder / f"rejects-{self._runs}.csv"
        wish = Wish(files=files_at(paths), mapping=parse_mapping(mapping or PLAIN), **options.pop("wish", {}))
        job = import_files(actor=actor, wish=wish, rejects=rejects, **options)
        return Outcome(job, read_rejects(rejects if rejects.exists() else rejects_path(job)))


def read_rejects(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def desk(db: None, tmp_path: Path) -> Desk:
    return Desk(tmp_path)
