"""XLSX as lines: the first sheet with rows, read row by row (openpyxl, read-only) and handed on as CSV.

A workbook is a ZIP of XML. Its parts are weighed before they are opened: what unpacks to more than the limit, or
refers outside itself, is refused and never parsed.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO, cast

from matching.ingest.reasons import FileRefused

_MAGIC = b"PK\x03\x04"
# Shared strings are held in memory by every reader of the format.
_MOST_STRINGS = 256 << 20
_ROWS_AT_ONCE = 500


def rows_of_sheet(file: BinaryIO, limit: int) -> BinaryIO:
    """The file itself, or the CSV text of its sheet when it is a workbook. limit: bytes it may unpack to."""
    head = file.read(4)
    file.seek(0)
    if head != _MAGIC:
        return file
    try:
        parts = {info.filename: info.file_size for info in zipfile.ZipFile(file).infolist()}
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise FileRefused("wrong_type", kind="ZIP") from error
    file.seek(0)
    if "xl/workbook.xml" not in parts:
        return file  # some other ZIP: refused like every kind that holds no text
    if sum(parts.values()) > limit or parts.get("xl/sharedStrings.xml", 0) > _MOST_STRINGS:
        raise FileRefused("unpacks_too_large", limit=f"{limit >> 20} MB")
    return cast(BinaryIO, _SheetText(file))


class _SheetText(io.RawIOBase):
    """The sheet's rows as UTF-8 CSV, made as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._pieces = _text(file)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def _text(file: BinaryIO) -> Iterator[bytes]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = next(
            (one for one in book.worksheets if any(any(row) for row in one.iter_rows(max_row=50, values_only=True))),
            None,
        )
        if sheet is None:
            return
        out = io.StringIO()
        writer = csv.writer(out)
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            writer.writerow([_cell(value) for value in row])
            if number % _ROWS_AT_ONCE == 0:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        yield out.getvalue().encode()
    except FileRefused:
        raise
    except Exception as error:  # the format has very many ways to be broken, and each its own exception
        raise FileRefused("unreadable", detail=type(error).__name__) from error


def _cell(value: Any) -> str:
    """A cell as people would write it: whole numbers without a decimal point, moments in ISO 8601, one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value).replace("\x00", "").replace("_x000D_", "").replace("\r", " ").replace("\n", " ")
