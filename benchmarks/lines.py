"""One measured line of docs/benchmarks.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """what was measured, what was found (Markdown), and the figure to reach."""

    what: str
    found: str
    reach: str = ""
