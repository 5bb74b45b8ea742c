"""Signs that a promo code is used by people its creator did not reach. A sign asks for a look; it accuses nobody.

no_clicks: several uses and no click on the creator's links before them. elsewhere: more than half of the uses whose
country is known come from outside the campaign's countries. burst: an hour holds more uses than its pace explains
(Poisson tail below one in ten thousand, and at least LEAST uses). Failure mode: a code read aloud in a video has no
clicks either, and is no leak.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

LEAST = 5
RARE = 1e-4


@dataclass(frozen=True, slots=True)
class Use:
    """One use: when, and from where ("" unknown)."""

    at: datetime
    country: str = ""


def signs(uses: Sequence[Use], *, clicks: int | None, countries: Sequence[str]) -> list[str]:
    """Codes of the signs seen. clicks: of people on the creator's links, None where there is no link at all."""
    found = []
    if len(uses) >= LEAST and clicks == 0:
        found.append("no_clicks")
    known = [use.country for use in uses if use.country]
    if countries and len(known) >= LEAST and sum(c not in countries for c in known) * 2 > len(known):
        found.append("elsewhere")
    if burst(uses) is not None:
        found.append("burst")
    return found


def burst(uses: Sequence[Use]) -> datetime | None:
    """The hour that holds too many uses for the pace of all the others, None without one."""
    if len(uses) < LEAST:
        return None
    hours = Counter(use.at.replace(minute=0, second=0, microsecond=0) for use in uses)
    begin, count = max(hours.items(), key=lambda item: (item[1], item[0]))
    span = max(24.0, (max(hours) - min(hours)).total_seconds() / 3600 + 1)
    # The pace of the other hours, with half a use added so that silence is not read as impossibility.
    pace = (len(uses) - count + 0.5) / span
    return begin if count >= LEAST and _tail(count, pace * span / 24) < RARE else None


def _tail(count: int, mean: float) -> float:
    """P(X >= count) for a Poisson of this mean: a whole day's usual uses falling into one hour are still no sign."""
    below = sum(math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(count))
    return max(0.0, 1.0 - below)
