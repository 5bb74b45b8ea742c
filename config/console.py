"""What `make run` prints: steps with their duration, problems, tables. Plain where colours make no sense."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
_WIDTH = 40


def _painted(text: str, code: str) -> str:
    return f"\033[{code}m{text}\033[0m" if _COLOUR else text


def announce(text: str) -> None:
    _write(_painted(text, "1"))


def progress(text: str) -> None:
    _write(f"    {text}")


def problem(text: str) -> None:
    _write(f"\n{_painted('!', '1;31')} {text}")


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints what begins, then how long it took; several lines only where the step itself prints."""
    begin = time.monotonic()
    _write(f"{_painted('>', '1;36')} {title}")
    yield
    seconds = time.monotonic() - begin
    if seconds >= 0.05:
        _write(f"  {_painted('done', '32')} in {seconds:.1f} s")


def table(rows: Sequence[Sequence[str]]) -> None:
    """Rows of equally many cells, padded to columns; the first row is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        _write("  " + (_painted(line, "2") if number == 0 else line))


def _write(text: str) -> None:
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)
