"""The record of payments: due, sent, received, disputed; reminders; yearly totals; ends of usage rights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput
from accounts.events import record_event
from accounts.permissions import require
from campaigns.models import Payment, UsageRight
from campaigns.services.closing import read_reason
from campaigns.states import PAYMENT, advance
from campaigns.terms import read_day
from campaigns.texts import one_line
from matching.codes import in_eur

REMINDERS_MOST = 3
REMIND_EVERY = timedelta(days=7)
RIGHTS_WARNING = timedelta(days=30)


def _move(row: Payment, verb: str, actor: Actor, moment: datetime, **changes: object) -> Payment:
    data = {"partnership": str(row.partnership_id), "amount": str(row.amount), "currency": row.currency}
    advance(row, PAYMENT, verb, actor=actor, changes=changes, data=data | {"side": actor.side}, at=moment)
    return row


def fall_due(*, actor: Actor, payment: Payment, now: datetime | None = None) -> Payment:
    require(actor, "payment.change", payment)
    moment = now or timezone.now()
    return _move(payment, "fall_due", actor, moment, due_on=payment.due_on or moment.date())


def send_payment(
    *,
    actor: Actor,
    payment: Payment,
    sent_on: date | str | None = None,
    reference: str = "",
    now: datetime | None = None,
) -> Payment:
    """The brand says that it has paid, on what day and under which reference."""
    require(actor, "payment.change", payment)
    moment = now or timezone.now()
    day = read_day(sent_on) or moment.date()
    if day > moment.date():
        raise InvalidInput(fields={"sent_on": [_("This date is in the future.")]})
    return _move(payment, "send", actor, moment, sent_on=day, reference=one_line(reference, 80))


def receive_payment(*, actor: Actor, payment: Payment, now: datetime | None = None) -> Payment:
    """The creator confirms that the money is there."""
    require(actor, "payment.answer", payment)
    moment = now or timezone.now()
    return _move(payment, "receive", actor, moment, received_on=moment.date())


def dispute_payment(*, actor: Actor, payment: Payment, reason: str, now: datetime | None = None) -> Payment:
    """The creator says what is wrong; the brand reads it."""
    require(actor, "payment.answer", payment)
    note, moment = read_reason(reason, "reason"), now or timezone.now()
    return _move(payment, "dispute", actor, moment, note=note)


def run_due(*, now: datetime | None = None, limit: int = 500) -> int:
    """By beat: what falls due, gentle reminders of what is late, alarms before and at the end of rights."""
    moment = now or timezone.now()
    done = 0
    for row in Payment.objects.filter(state="agreed", due_on__lte=moment.date())[:limit]:
        with transaction.atomic():
            fresh = Payment.objects.select_for_update().get(pk=row.pk)
            if fresh.state == "agreed":
                _move(fresh, "fall_due", SYSTEM, moment)
                done += 1
    late = Payment.objects.filter(state="due", due_on__lt=moment.date(), reminders__lt=REMINDERS_MOST)
    waited = Q(reminded_at__isnull=True) | Q(reminded_at__lte=moment - REMIND_EVERY)
    for row in late.filter(waited)[:limit]:
        done += _remind(row, moment)
    return done + _rights(moment, limit)


def _remind(row: Payment, moment: datetime) -> int:
    """Claimed by a conditional UPDATE, so that two runs send one reminder."""
    with transaction.atomic():
        claimed = Payment.objects.filter(pk=row.pk, state="due", reminders=row.reminders).update(
            reminders=row.reminders + 1, reminded_at=moment
        )
        if claimed:
            _event("payment.late", row, moment, number=row.reminders + 1)
    return claimed


def _rights(moment: datetime, limit: int) -> int:
    today, done = moment.date(), 0
    soon = UsageRight.objects.filter(ends_on__lte=today + RIGHTS_WARNING, ends_on__gte=today, warned_at__isnull=True)
    over = UsageRight.objects.filter(ends_on__lt=today, ended_at__isnull=True)
    for kind, column, rows in (("right.ending", "warned_at", soon), ("right.ended", "ended_at", over)):
        for row in rows.select_related("partnership__campaign")[:limit]:
            with transaction.atomic():
                free = UsageRight.objects.filter(pk=row.pk, **{f"{column}__isnull": True})
                if free.update(**{column: moment}):
                    _event(kind, row, moment, ends_on=str(row.ends_on), scope=row.scope)
                    done += 1
    return done


def _event(kind: str, row: Payment | UsageRight, moment: datetime, **data: object) -> None:
    record_event(
        kind,
        row,
        actor=SYSTEM,
        data={"partnership": str(row.partnership_id)} | data,
        workspace_id=row.partnership.campaign.workspace_id,
        creator_id=row.partnership.creator_id,
        at=moment,
    )


@dataclass(frozen=True, slots=True)
class Year:
    """Sums in euros of one calendar year (the day paid, else due, else agreed). open: not yet received."""

    year: int
    name: str
    agreed: Decimal
    open: Decimal
    received: Decimal
    in_kind: Decimal = Decimal(0)


def yearly(rows: Iterable[Payment], by: str = "brand") -> list[Year]:
    """Totals per calendar year and brand (for a creator) or creator (for a brand), newest first."""
    sums: dict[tuple[int, str], list[Decimal]] = {}
    for row in rows:
        day = row.received_on or row.sent_on or row.due_on or row.created_at.date()
        campaign = row.partnership.campaign
        name = campaign.brand.name if by == "brand" else row.partnership.creator.display_name
        euros = in_eur(row.amount, row.currency).quantize(Decimal("0.01"))
        found = sums.setdefault((day.year, name), [Decimal(0)] * 3)
        found[0] += euros
        found[2 if row.state == "received" else 1] += euros
    return [
        Year(year, name, *values)
        for (year, name), values in sorted(sums.items(), key=lambda pair: (-pair[0][0], -pair[1][0], pair[0][1]))
    ]
