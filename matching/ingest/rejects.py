"""The file of rejected rows: CSV, safe to open in a spreadsheet, exact after an interruption."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from matching.ingest.reasons import Reject, remedy, sentence

# For programs as much as for people: the same in every language; the sentences are translated.
HEADER = ("file", "line", "entity", "field", "code", "reason", "remedy", "row")


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


class RejectsFile:
    """Appends rejected rows. `size` belongs into the checkpoint; opened again at that size, what a killed
    run wrote beyond it is cut off."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("r+b" if size and path.exists() else "wb")
        self._file.truncate(size)
        self._file.seek(0, os.SEEK_END)
        if self._file.tell() == 0:
            self._write([HEADER], bom=True)

    @property
    def size(self) -> int:
        return self._file.tell()

    def add(self, rejects: Iterable[Reject]) -> None:
        self._write(
            (
                r.file,
                str(r.line),
                r.entity,
                r.problem.field,
                r.problem.code,
                sentence(r.problem),
                remedy(r.problem),
                r.raw,
            )
            for r in rejects
        )

    def _write(self, rows: Iterable[Iterable[str]], *, bom: bool = False) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([[neutral(cell.replace("\x00", "")) for cell in row] for row in rows])
        self._file.write((("\ufeff" if bom else "") + text.getvalue()).encode("utf-8", "replace"))
        self._file.flush()

    def rewind(self, size: int) -> None:
        """Takes back what was written for a transaction that was not committed."""
        self._file.truncate(size)
        self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        self._file.close()
