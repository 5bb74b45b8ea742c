"""Bytes as numbered lines of text: the encoding told by content, broken and endless lines kept apart."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import AnyStr

from matching.ingest.packed import HEAD, Unpacked, refuse_other_kinds
from matching.ingest.reasons import FileRefused, Problem

MAX_LINE = 4 << 20
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ESCAPED = re.compile("[\udc80-\udcff]")
_NOT_UTF8 = Problem("not_utf8")
_TOO_LONG = Problem("line_too_long", {"limit": MAX_LINE >> 20})


@dataclass(frozen=True, slots=True)
class BadLine:
    """Stands for a line that could not be read."""

    problem: Problem


Line = str | bytes | BadLine


@dataclass(slots=True)
class Lines:
    """Consecutive lines without their ends. first: number (from 1) of the first. position: bytes read so far."""

    first: int
    items: list[Line]
    position: int


@dataclass(frozen=True, slots=True)
class Encoding:
    """guessed: nothing in the file says so, it is only the likeliest."""

    name: str
    guessed: bool = False


def detect_encoding(head: bytes, *, whole: bool) -> Encoding:
    """By its mark, else UTF-16 by its zeros, else UTF-8 if it decodes, else Windows-1252 (of which Latin-1 is part)."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Encoding(name)
    sample = head[: 1 << 14]
    even, odd, half = sample[::2].count(0), sample[1::2].count(0), max(len(sample) // 2, 1)
    if max(even, odd) > 0.3 * half and min(even, odd) < 0.1 * half:
        return Encoding("utf-16-be" if even > odd else "utf-16-le", guessed=True)
    if even + odd > 0.1 * len(sample):
        raise FileRefused("wrong_type", kind="binary")
    if _is_utf8(head, whole=whole):
        return Encoding("utf-8")
    control = sum(sample.count(code) for code in range(32) if code not in (0, 9, 10, 11, 12, 13, 27))
    if control > 0.02 * len(sample):
        raise FileRefused("wrong_type", kind="binary")
    return Encoding("cp1252", guessed=True)


def _is_utf8(head: bytes, *, whole: bool) -> bool:
    """Whether the sample is UTF-8 but for a few broken lines, which then cost only themselves."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        lines = head.split(b"\n")
        foreign = [line for line in (lines if whole else lines[:-1]) if not line.isascii()]
        broken = sum(bool(_ESCAPED.search(line.decode("utf-8", "surrogateescape"))) for line in foreign)
        return broken * 4 < len(foreign)
    return True


def _decoder(name: str) -> codecs.IncrementalDecoder:
    if name.replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    return codecs.getincrementaldecoder(name)("replace")


class TextLines:
    """The numbered lines of a stream. `sample` is the decoded beginning, for those who guess formats.

    Raises FileRefused for an empty file or one that holds no text.
    """

    def __init__(self, stream: Unpacked, encoding: str = "") -> None:
        self._stream = stream
        head = stream.read()
        while len(head) < HEAD and (more := stream.read()):
            head += more
        self._head: bytes | None = head
        if not head.strip() and stream.problem:
            raise FileRefused(stream.problem, line=0)
        if not head.strip():
            raise FileRefused("empty_file")
        refuse_other_kinds(head)
        whole = len(head) < HEAD
        self.encoding = Encoding(encoding) if encoding else detect_encoding(head[:HEAD], whole=whole)
        self._decoder = _decoder(self.encoding.name)
        self.sample = _decoder(self.encoding.name).decode(head[:HEAD], whole).removeprefix("\ufeff")
        self.sample_is_whole = whole
        self._only_cr = "\n" not in self.sample and "\r" in self.sample[:-1]
        self.sample = self._plain_ends(self.sample)
        self.line = 0

    @property
    def problem(self) -> Problem | None:
        """What ended the file too early, known after its last line."""
        return Problem(self._stream.problem, {"line": self.line}) if self._stream.problem else None

    def texts(self) -> Iterator[str]:
        """Decoded blocks, their line ends all "\\n"; a "\\r" never parts from its "\\n"."""
        held = ""
        while True:
            data, self._head = self._stream.read() if self._head is None else self._head, None
            text = held + self._decoder.decode(data, not data)
            held = "\r" if text.endswith("\r") and data else ""
            text = text.removesuffix(held)
            text = self._plain_ends(text)
            yield text.removeprefix("\ufeff") if self.line == 0 else text
            if not data:
                return

    def _plain_ends(self, text: str) -> str:
        if "\r" not in text:
            return text
        return text.replace("\r\n", "\n").replace("\r", "\n" if self._only_cr else " ")

    def __iter__(self) -> Iterator[Lines]:
        return self._cut(self.texts(), "", "\n")

    def raw(self) -> Iterator[Lines]:
        """The lines as bytes, for readers that decode by themselves; as text where the file is not UTF-8."""
        if self._only_cr or not isinstance(self._decoder, type(_decoder("utf-8"))):
            return iter(self)
        return self._cut(self._blocks(), b"", b"\n")

    def _blocks(self) -> Iterator[bytes]:
        head, self._head = self._head or b"", None
        yield head.removeprefix(codecs.BOM_UTF8)
        while data := self._stream.read():
            yield data

    def _cut(self, blocks: Iterator[AnyStr], nothing: AnyStr, end: AnyStr) -> Iterator[Lines]:
        rest, skipping = nothing, False
        for block in blocks:
            cut = block.rfind(end) + 1
            if not cut:
                rest = nothing if skipping else rest + block
            else:
                body, rest = rest + block[: cut - 1], block[cut:]
                items: list[Line] = list(body.split(end))
                if skipping:
                    items[0], skipping = BadLine(_TOO_LONG), False
                yield self._numbered(items, body)
            if len(rest) > MAX_LINE:
                rest, skipping = nothing, True
        if skipping:
            yield self._numbered([BadLine(_TOO_LONG)], nothing)
        elif rest and not self._stream.problem:  # the last line of a broken archive may be half a line
            yield self._numbered([rest], rest)

    def _numbered(self, items: list[Line], body: str | bytes) -> Lines:
        first = self.line + 1
        self.line += len(items)
        if len(body) > MAX_LINE:
            long = BadLine(_TOO_LONG)
            items = [long if not isinstance(item, BadLine) and len(item) > MAX_LINE else item for item in items]
        if isinstance(body, str) and not body.isascii() and _ESCAPED.search(body):
            bad = BadLine(_NOT_UTF8)
            items = [bad if isinstance(item, str) and _ESCAPED.search(item) else item for item in items]
        return Lines(first, items, self._stream.position)


def as_text(line: str | bytes) -> str | BadLine:
    """A line of `TextLines.raw` as text; BadLine when it is not valid UTF-8."""
    if isinstance(line, str):
        return line
    try:
        return line.decode()
    except UnicodeDecodeError:
        return BadLine(_NOT_UTF8)
