"""The bytes of a file: unpacked when it is gzip, refused when it is of a kind that holds no text."""

from __future__ import annotations

import zlib
from typing import BinaryIO

from matching.ingest.reasons import FileRefused

BLOCK = 1 << 20
HEAD = 1 << 18
# A text packs four- to fortyfold; three hundredfold over a quarter of a gigabyte is no text.
_BOMB_RATIO, _BOMB_FROM = 300, 256 << 20

_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (b"PAR1", "Parquet"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"{\\rtf", "RTF"),
)


class Unpacked:
    """Reads a file as it is, or unpacked when it is gzip (told by content, not by name).

    position: bytes of the file itself consumed so far. problem: "cut_short" or "damaged" once packed data
    ended or broke before its end; what came before has been delivered.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file, self._limit = file, limit
        self.position = self.unpacked = 0
        self.problem = ""
        self._pending = self._take()
        self.packed = self._pending.startswith(b"\x1f\x8b")
        self._inflate = zlib.decompressobj(31)
        self._between_members = False

    def _take(self) -> bytes:
        data = self._file.read(HEAD)
        self.position += len(data)
        return data

    def read(self) -> bytes:
        """The next block, at most BLOCK bytes; b"" at the end. Raises FileRefused for a bomb."""
        if self.packed:
            data = self._unpack()
        else:
            data, self._pending = self._pending or self._take(), b""
        self.unpacked += len(data)
        bomb = self.packed and self.unpacked > _BOMB_FROM and self.unpacked > _BOMB_RATIO * self.position
        if bomb or self.unpacked > self._limit:
            raise FileRefused("unpacks_too_large", limit=f"{self._limit >> 20} MB")
        return data

    def _unpack(self) -> bytes:
        while not self.problem:
            self._pending = self._pending or self._take()
            if not self._pending:
                self.problem = "" if self._between_members else "cut_short"
                return b""
            if self._between_members and not self._pending.startswith(b"\x1f"):
                return b""  # padding after the last member
            try:
                data = self._step()
            except zlib.error:
                self.problem = "damaged"
                return b""
            if data:
                return data
        return b""

    def _step(self) -> bytes:
        data = self._inflate.decompress(self._pending, BLOCK)
        self._pending, self._between_members = self._inflate.unconsumed_tail, False
        if self._inflate.eof:
            self._pending, self._between_members = self._inflate.unused_data, True
            self._inflate = zlib.decompressobj(31)
        return data


def refuse_other_kinds(head: bytes) -> None:
    """Raises FileRefused when the first bytes are those of a file without text rows."""
    kind = next((name for magic, name in _KINDS if head.startswith(magic)), "")
    start = head[:400].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not kind and start.startswith((b"<!doctype html", b"<html")):
        kind = "HTML"
    elif not kind and start.startswith(b"<?xml"):
        kind = "XML"
    elif not kind and head.startswith(b"\x1f\x8b"):
        kind = "gzip (twice)"
    if kind:
        raise FileRefused("wrong_type", kind=kind)
