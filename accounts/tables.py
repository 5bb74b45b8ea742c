"""Tables as CSV files that a spreadsheet opens with accents and without taking text for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone


def neutral(value: Any) -> str:
    """Text that no spreadsheet takes for a formula."""
    text = str(value if value is not None else "")
    risky = text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") or text.lstrip()[:1] in ("=", "+", "-", "@")
    return f"'{text}" if risky else text


class _Line:
    def write(self, text: str) -> str:
        return text


def lines(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(list(heads))
    for row in rows:
        yield writer.writerow([neutral(cell) for cell in row])


def download(name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """`name` without ending; the day is added."""
    answer = StreamingHttpResponse(lines(heads, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y%m%d}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
