"""Who a conversion is credited to, and why: a pure reading of one conversion by one rule.

A code beats a link (or not: the rule says), the last touch counts, and only within the window. An order that was
already counted is a duplicate and pays nobody. What nothing points at is unattributed, and shown as such. A code counts
only within its dates, while it is not paused, and as often as it may be used; otherwise the link is asked, and the
entry says what was wrong with the code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any
from uuid import UUID

FORMULA = "attribution-2"
SKEW = timedelta(hours=1)
"""How far a shop's clock may be behind ours before a click counts as later than the order."""


@dataclass(frozen=True, slots=True)
class Rule:
    """version 0: the defaults, never changed by the workspace."""

    version: int = 0
    window_days: int = 30
    code_beats_link: bool = True
    credit_outside_window: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """What a conversion carries of one kind. at: when the link was followed, None where nobody said.

    problem: why a code does not count (`code_problem`), "" where it does.
    """

    campaign: UUID
    partnership: UUID | None
    at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """credited: counts for campaign and partnership; what is not credited still says whom it would have named.

    detail: what was wrong with the code that the order carried, "" for nothing.
    """

    reason: str
    campaign: UUID | None = None
    partnership: UUID | None = None
    credited: bool = False
    detail: str = ""


def decide(rule: Rule, *, at: datetime, code: Touch | None, link: Touch | None, counted_before: bool) -> Verdict:
    """counted_before: this order stands in the ledger already, under another identifier."""
    problem = code.problem if code else ""
    verdict = _decide(rule, at, None if problem else code, link)
    if counted_before:
        return Verdict("duplicate", verdict.campaign, verdict.partnership, detail=problem)
    return replace(verdict, detail=problem)


def code_problem(
    at: datetime,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    paused_at: datetime | None = None,
    max_uses: int | None = None,
    uses: int = 0,
) -> str:
    """Why a code does not count for an order of this moment: code_early, code_late, code_paused, code_used_up or "".

    uses: orders that this code was credited with before and that were not wholly taken back. Ends are inclusive.
    """
    if starts_at is not None and at < starts_at:
        return "code_early"
    if ends_at is not None and at > ends_at:
        return "code_late"
    if paused_at is not None and at >= paused_at:
        return "code_paused"
    return "code_used_up" if max_uses is not None and uses >= max_uses else ""


def _decide(rule: Rule, at: datetime, code: Touch | None, link: Touch | None) -> Verdict:
    inside = link is not None and within(rule, at, link.at)
    if code is not None and (rule.code_beats_link or not inside):
        return Verdict("code", code.campaign, code.partnership, credited=True)
    if link is not None and inside:
        return Verdict("link_last_touch", link.campaign, link.partnership, credited=True)
    if link is not None:
        return Verdict("link_other_window", link.campaign, link.partnership, credited=rule.credit_outside_window)
    return Verdict("unattributed")


def within(rule: Rule, at: datetime, touched: datetime | None) -> bool:
    """A link named without a time was told by the shop for this very order: inside."""
    if touched is None:
        return True
    return -SKEW <= at - touched <= timedelta(days=rule.window_days)


def converted(amount: Decimal, rate: Decimal | None) -> Decimal | None:
    """In the workspace's currency, to the cent (half to even); None where no rate is known."""
    return None if rate is None else (amount * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def rate_on(day: date, rates: Iterable[tuple[date, Decimal]]) -> Decimal | None:
    """The newest rate that is not younger than `day`. rates: (from day, rate) in any order."""
    known = [(since, rate) for since, rate in rates if since <= day]
    return max(known)[1] if known else None


def given_back(amount: Decimal, total: Decimal, entry: Decimal | None, before: Decimal, whole: bool) -> Decimal | None:
    """What a reversal takes from the ledger: its share of the entry, or all that is left when the order is undone.

    amount of `total` (the order) in its own currency; entry, before: credited and already taken back, converted.
    """
    if entry is None:
        return None
    if whole or not total:
        return -(entry + before)
    return -(entry * amount / total).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def as_json(rule: Rule) -> dict[str, Any]:
    return {
        "version": rule.version,
        "window_days": rule.window_days,
        "code_beats_link": rule.code_beats_link,
        "credit_outside_window": rule.credit_outside_window,
    }
