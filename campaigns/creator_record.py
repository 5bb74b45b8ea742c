"""What a workspace and a creator did together: deals, deadlines, rounds, labels, results. Read, never computed anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.actors import Actor
from accounts.models import Creator
from accounts.permissions import can
from campaigns.limits import BOUND
from campaigns.links.counts import counts_of
from campaigns.lookback import CENT
from campaigns.models import AttributionEntry, Debrief, Deliverable, DisclosureCheck, Offer, Partnership, TrackedLink
from matching.codes import in_eur


@dataclass(slots=True)
class Deal:
    """One partnership of the workspace. clicks: of people, once per visitor; credited: money credited to it in the
    workspace's currency; both None where nothing was measured or the reader may not see it."""

    partnership: Partnership
    offer: Offer | None = None
    works: list[Deliverable] = field(default_factory=list)
    clicks: int | None = None
    orders: int | None = None
    credited: Decimal | None = None
    mark: int | None = None

    @property
    def timed(self) -> list[Deliverable]:
        return [work for work in self.works if work.due_on and (work.published_at or work.state == "missed")]

    @property
    def kept(self) -> int:
        return sum(bool(w.published_at and w.due_on and w.published_at.date() <= w.due_on) for w in self.timed)

    @property
    def rounds(self) -> int | None:
        return sum(work.rounds_used for work in self.works) if self.works else None


@dataclass(frozen=True, slots=True)
class Record:
    """value: agreed in euros over deals that were bound."""

    deals: list[Deal]
    bound: int
    completed: int
    value: Decimal
    timed: int
    kept: int
    rounds: int
    pieces: int
    hours_to_answer: float | None


def record_of(actor: Actor, creator: Creator) -> Record:
    rows = list(
        Partnership.visible_to(actor)
        .filter(creator=creator, invited_at__isnull=False)
        .select_related("campaign__brand", "campaign__workspace")
        .prefetch_related("works")
        .order_by("-invited_at")
    )
    deals = {row.pk: Deal(row, works=list(row.works.all())) for row in rows}
    for offer in Offer.visible_to(actor).filter(partnership__in=rows, state="accepted"):
        deals[offer.partnership_id].offer = offer
    _measured(actor, deals)
    for debrief in Debrief.visible_to(actor).filter(partnership__in=rows, side="brand"):
        deals[debrief.partnership_id].mark = debrief.result
    found = list(deals.values())
    bound = [deal for deal in found if deal.partnership.state in BOUND]
    value = sum((_euros(deal.offer) for deal in bound if deal.offer), Decimal(0))
    hours = sorted(
        (row.answered_at - row.invited_at).total_seconds() / 3600 for row in rows if row.answered_at and row.invited_at
    )
    return Record(
        deals=found,
        bound=len(bound),
        completed=sum(deal.partnership.state == "completed" for deal in found),
        value=value,
        timed=sum(len(deal.timed) for deal in found),
        kept=sum(deal.kept for deal in found),
        rounds=sum(deal.rounds or 0 for deal in found),
        pieces=sum(len(deal.works) for deal in found),
        hours_to_answer=hours[len(hours) // 2] if hours else None,
    )


def _euros(offer: Offer) -> Decimal:
    return in_eur(offer.fee + offer.in_kind_value, offer.currency).quantize(CENT)


def _measured(actor: Actor, deals: dict[Any, Deal]) -> None:
    links = {link.pk: link.partnership_id for link in TrackedLink.visible_to(actor).filter(partnership__in=deals)}
    for pk, counts in counts_of(actor, links).items():
        deal = deals[links[pk]]
        deal.clicks = (deal.clicks or 0) + counts.unique
    if not can(actor, "conversion.read"):
        return
    entries = AttributionEntry.visible_to(actor).filter(partnership__in=deals, run__is_current=True, credited=True)
    for pk, total in entries.order_by().values_list("partnership").annotate(total=Sum("amount")):
        deals[pk].credited = total
    orders = entries.filter(reversal__isnull=True).order_by().values_list("partnership", "conversion").distinct()
    for pk, _conversion in orders:
        deals[pk].orders = (deals[pk].orders or 0) + 1


def checks_of(actor: Actor, creator: Creator) -> list[DisclosureCheck]:
    """The newest check of each publication of this creator for the workspace."""
    rows = DisclosureCheck.visible_to(actor).filter(subject="publication", deliverable__partnership__creator=creator)
    newest: dict[Any, DisclosureCheck] = {}
    for check in rows.select_related("deliverable__partnership__campaign").order_by("-checked_at"):
        newest.setdefault(check.deliverable_id, check)
    return list(newest.values())
