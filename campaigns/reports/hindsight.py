"""Held against what was expected, and beside what is not the return: hindsight, unique reach, earned media value. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from campaigns.reports.values import CENT, SIX, Figure, decimal, figure, ratio

Inputs = Mapping[str, Any]
WORTH = {"view": "views", "like": "likes", "comment": "comments", "share": "shares", "save": "saves"}


def roi_with_emv(whole: Mapping[str, Figure]) -> Figure:
    """Beside the return, never in its place."""
    gain, value = decimal(whole["revenue"]["value"]), decimal(whole["emv"]["value"])
    cost = decimal(whole["cost"]["value"])
    back = None if gain is None or value is None or cost is None else str(gain + value - cost)
    return ratio("roi_with_emv", back, whole["cost"]["value"], why="no_cost")


def unique_reach(found: Inputs | None) -> dict[str, Figure]:
    if not found or found["unknown"] >= found["voices"]:
        missing = "overlap_unknown" if found else "one_voice"
        return {"unique_reach": figure("unique_reach", None, missing=missing)}
    more = {"n": found["voices"] - found["unknown"], "missing": "overlap_partly" if found["unknown"] else ""}
    return {
        "unique_reach": figure("unique_reach", found["value"], numerator=found["sum"], **more),
        "frequency": ratio("frequency", found["sum"], found["value"], unit="times", quantum=CENT) | more,
    }


def after_the_fact(told: Inputs | None, counts: Sequence[int]) -> dict[str, Any] | None:
    """What one content of this voice was expected to engage when it agreed, and what its contents did on average.

    told: the expectation kept then; counts: engagement of each measured content. inside: whether the mean lies in the 90 % interval told then. None without an expectation or a measured content.
    """
    if not told or told["engaged"] is None or not counts:
        return None
    mean = Decimal(sum(counts)) / len(counts)
    low, high = told["engaged_low"], told["engaged_high"]
    return {
        "expected": told["engaged"],
        "low": low,
        "high": high,
        "brought": str(mean.quantize(CENT)),
        "contents": len(counts),
        "inside": None if low is None or high is None else bool(low <= float(mean) <= high),
        "brings": told["brings"],
        "overlap_known": told["overlap_known"],
        "engine": told["engine"],
        "at": told["at"],
    }


def against_usual(
    usual: Inputs | None, figures: Mapping[str, Figure], counts: Sequence[int], followers: int | None
) -> list[dict[str, Any]]:
    """Now beside what is usual for this creator and where that stands among others of the size, on the same base.

    Rows {signal, now, value, low, high, percentile, n, cell, base}; now is null where it cannot be told. counts:
    engagement of each measured content; engagement is set against followers where the usual rate is.
    """
    signals = (usual or {}).get("signals") or {}
    rows = []
    for name in ("engagement_rate", "comment_ratio", "qualified_share"):
        signal = signals.get(name)
        if not signal:
            continue
        now = figures.get(name, {}).get("value")
        if name == "engagement_rate" and signal.get("base") == "followers":
            mean = Decimal(sum(counts)) / len(counts) / followers if counts and followers else None
            now = None if mean is None else str(mean.quantize(SIX))
        rows.append({"signal": name, "now": now} | dict(signal))
    return rows


def calibration(rows: Iterable[Mapping[str, Any] | None]) -> dict[str, Any]:
    """How well it was told: voices inside their 90 % interval, and how much more or less came than was expected."""
    known = [row for row in rows if row is not None]
    judged = [row for row in known if row["inside"] is not None]
    logs = sorted(
        Decimal(row["brought"]) / Decimal(str(row["expected"])) for row in known if row["expected"] and row["brought"]
    )
    middle = len(logs) // 2
    ratio_ = None if not logs else logs[middle] if len(logs) % 2 else (logs[middle - 1] + logs[middle]) / 2
    return {
        "n": len(known),
        "judged": len(judged),
        "inside": sum(bool(row["inside"]) for row in judged),
        "ratio": None if ratio_ is None else str(ratio_.quantize(CENT)),
    }


def emv(contents: Sequence[tuple[str, Mapping[str, int | None]]], table: Inputs) -> Figure:
    """By the workspace's own table; apart from every other figure, and never inside ROI. contents: (network, counters)."""
    total = Decimal(0)
    for platform, latest in contents:
        rates = table["rates"].get(platform, {})
        for name, counter in WORTH.items():
            count = latest[counter]
            if rates.get(name) is not None and count is not None:
                total += Decimal(str(rates[name])) * count
    return figure("emv", str(total.quantize(CENT)), unit="money", version=table["version"])
