"""One figure as reports keep it, and the arithmetic of known and unknown numbers behind it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from scipy.special import betaincinv

LEAST = 30
CENT, SIX = Decimal("0.01"), Decimal("0.000001")
Figure = dict[str, Any]


def figure(
    name: str,
    value: Any,
    *,
    unit: str = "count",
    numerator: Any = None,
    denominator: Any = None,
    missing: str = "",
    **more: Any,
) -> Figure:
    found = {"value": value, "unit": unit, "formula": name, "numerator": numerator, "denominator": denominator}
    return found | {"low": None, "high": None, "n": None, "missing": missing} | more


def ratio(
    name: str,
    top: Any,
    bottom: Any,
    *,
    unit: str = "share",
    times: int = 1,
    quantum: Decimal = SIX,
    why: str = "no_denominator",
) -> Figure:
    """top / bottom as decimal text; unknown where either is, or the bottom is 0."""
    a, b = decimal(top), decimal(bottom)
    shown = {"numerator": top, "denominator": bottom}
    if a is None or b is None:
        return figure(name, None, unit=unit, missing="no_numerator" if a is None else why, **shown)
    if b == 0:
        return figure(name, None, unit=unit, missing=why, **shown)
    return figure(name, str((a * times / b).quantize(quantum, ROUND_HALF_EVEN)), unit=unit, **shown)


def share(name: str, hits: int | None, trials: int | None) -> Figure:
    """A share of counts with its interval, from LEAST trials on."""
    found = ratio(name, hits, trials)
    found["n"] = trials
    if found["value"] is None or hits is None or trials is None:
        return found
    if hits > trials:
        return found | {"value": None, "missing": "more_hits_than_trials"}
    if trials < LEAST:
        return found | {"missing": "thin"}
    low, high = betaincinv(hits + 0.5, trials - hits + 0.5, [0.05, 0.95])
    return found | {"low": f"{low:.6f}", "high": f"{high:.6f}"}


def money_sum(amounts: Iterable[str | None]) -> tuple[str, int]:
    """(sum of the known amounts, how many were unknown)."""
    total, lost = Decimal(0), 0
    for amount in amounts:
        if amount is None:
            lost += 1
        else:
            total += Decimal(amount)
    return str(total.quantize(CENT)), lost


def total(values: Iterable[int | None]) -> int | None:
    """Sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def known(values: Iterable[Any]) -> int:
    return sum(value is not None for value in values)


def decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
