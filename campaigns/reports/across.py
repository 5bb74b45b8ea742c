"""What worked across a workspace's campaigns: partnerships grouped, with intervals, and silence where there are few. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from campaigns.reports.figures import ratio, share

LEAST_PARTNERSHIPS = 5
DRAWS = 1000
Voice = Mapping[str, Any]


def grouped(voices: Sequence[Voice], key: Callable[[Voice], str | None]) -> list[dict[str, Any]]:
    """Rows by `key`, most partnerships first. voices: {cost, revenue, clicks, sales, qualified} of one partnership each.

    quiet: fewer than LEAST_PARTNERSHIPS, and nothing else is said. roi_low, roi_high: 90 % by bootstrap over partnerships.
    """
    found: dict[str, list[Voice]] = {}
    for voice in voices:
        found.setdefault(key(voice) or "", []).append(voice)
    rows = [_row(name, inside) for name, inside in found.items()]
    return sorted(rows, key=lambda row: (-row["n"], row["name"]))


def _row(name: str, voices: Sequence[Voice]) -> dict[str, Any]:
    if len(voices) < LEAST_PARTNERSHIPS:
        return {"name": name, "n": len(voices), "quiet": True}
    cost = sum(Decimal(voice["cost"]) for voice in voices)
    revenue = sum(Decimal(voice["revenue"]) for voice in voices)
    # Only partnerships with a link have clicks; sales of the others would make a rate of more than there is.
    linked = [voice for voice in voices if voice["clicks"] is not None]
    measured = [voice for voice in voices if voice["qualified"] is not None]
    low, high = _roi_interval(voices)
    return {
        "name": name,
        "n": len(voices),
        "quiet": False,
        "conversion_rate": share("conversion_rate", sum(v["sales"] for v in linked), sum(v["clicks"] for v in linked)),
        "cost_per_sale": ratio("cost_per_sale", cost, sum(v["sales"] for v in voices), unit="money", quantum=Decimal("0.01")),
        "cost_per_qualified": ratio(
            "cost_per_qualified", sum(Decimal(v["cost"]) for v in measured) if measured else None,
            sum(v["qualified"] for v in measured), unit="money", quantum=Decimal("0.01"),
        ),
        "roi": ratio("roi", revenue - cost, cost),
        "roi_low": low,
        "roi_high": high,
    }  # fmt: skip


def _roi_interval(voices: Sequence[Voice]) -> tuple[float | None, float | None]:
    cost = np.array([float(voice["cost"]) for voice in voices])
    revenue = np.array([float(voice["revenue"]) for voice in voices])
    if cost.sum() <= 0:
        return None, None
    draws = np.random.default_rng(7).integers(0, len(voices), (DRAWS, len(voices)))
    spent = cost[draws].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = (revenue[draws].sum(axis=1) - spent) / spent
    rates = rates[np.isfinite(rates)]
    return (float(np.quantile(rates, 0.05)), float(np.quantile(rates, 0.95))) if len(rates) else (None, None)
