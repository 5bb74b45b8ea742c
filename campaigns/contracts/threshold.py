"""What a brand gives one creator for one objective in a year: money and kind, calendar and rolling, the higher counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from campaigns.contracts import rules
from campaigns.limits import BOUND
from campaigns.models import Offer, Partnership
from matching.codes import in_eur

ROLLING = timedelta(days=365)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """One agreed partnership that counts. Amounts in euros, excl. VAT."""

    partnership_id: Any
    name: str
    agreed_on: date
    fee: Decimal
    in_kind: Decimal

    @property
    def total(self) -> Decimal:
        return self.fee + self.in_kind


@dataclass(frozen=True, slots=True)
class Cumulative:
    """The yearly counter of brand × creator × objective on `on`. level: "", "warn" or "block"."""

    on: date
    calendar: Decimal
    rolling: Decimal
    lines: tuple[Line, ...]
    threshold: rules.Threshold | None

    @property
    def higher(self) -> Decimal:
        return max(self.calendar, self.rolling)

    @property
    def share(self) -> float | None:
        return float(self.higher / self.threshold.amount) if self.threshold else None

    @property
    def left(self) -> Decimal | None:
        return max(Decimal(0), self.threshold.amount - self.higher) if self.threshold else None

    @property
    def level(self) -> str:
        if self.threshold is None:
            return ""
        if self.higher >= self.threshold.amount:
            return "block"
        return "warn" if self.higher >= self.threshold.amount * rules.warning_share() else ""


def targeted(partnership: Partnership) -> tuple[str, ...]:
    """Countries of the audience: the campaign's, else the brand's, else the creator's own."""
    campaign = partnership.campaign
    own = [partnership.creator.country] if partnership.creator.country else []
    return tuple(dict.fromkeys(campaign.countries or campaign.brand.countries or own))


def cumulative(partnership: Partnership, *, now: datetime | None = None, including: bool = True) -> Cumulative:
    """including: count this partnership's own newest terms even before both have agreed."""
    moment = now or timezone.now()
    campaign = partnership.campaign
    found = _lines(
        Offer.objects.filter(
            state="accepted",
            partnership__state__in=BOUND,
            partnership__creator_id=partnership.creator_id,
            partnership__campaign__brand_id=campaign.brand_id,
            partnership__campaign__objective=campaign.objective,
            partnership__accepted_at__lte=moment,
        )
    )
    if including and partnership.pk not in {line.partnership_id for line in found}:
        found += [
            line
            for line in _lines(Offer.objects.filter(partnership=partnership).order_by("-number")[:1], moment)
            if partnership.state in ("accepted", "invited", "seen", "countered")
        ]
    return of_lines(found, moment.astimezone(UTC).date(), targeted(partnership))


def of_lines(lines: Iterable[Line], on: date, countries: Iterable[str]) -> Cumulative:
    """Sums of what was agreed in the calendar year of `on`, and in the 365 days up to it."""
    kept = tuple(sorted(lines, key=lambda line: line.agreed_on))
    calendar = sum((line.total for line in kept if line.agreed_on.year == on.year), Decimal(0))
    rolling = sum((line.total for line in kept if on - ROLLING < line.agreed_on <= on), Decimal(0))
    return Cumulative(on, calendar, rolling, kept, rules.threshold(countries, on))


def _lines(offers: Any, moment: datetime | None = None) -> list[Line]:
    found = []
    for offer in offers.select_related("partnership__campaign"):
        row = offer.partnership
        at = row.accepted_at or moment or offer.created_at
        fee, kind = (in_eur(value, offer.currency).quantize(CENT) for value in (offer.fee, offer.in_kind_value))
        found.append(Line(row.pk, row.campaign.name, at.astimezone(UTC).date(), fee, kind))
    return found
