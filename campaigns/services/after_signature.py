"""What follows from a contract, from its absence, and from publication, in the same transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.actors import SYSTEM
from accounts.events import record_event
from campaigns.models import Contract, Offer, Partnership, Payment, UsageRight


def executed(contract: Contract, moment: datetime) -> None:
    """Notes what is owed and what may be used until when. An amendment's fee replaces one that is only agreed."""
    if contract.amends_id:
        replaced = Payment.objects.filter(partnership_id=contract.partnership_id, state="agreed").first()
        if replaced is not None and contract.fee > 0:
            Payment.objects.filter(pk=replaced.pk, state="agreed").update(
                amount=contract.fee, currency=contract.currency, days=contract.payment_days
            )
            _record(replaced, moment, amount=str(contract.fee), currency=contract.currency)
        elif replaced is None:
            _owe(contract.partnership, contract.fee - _owed(contract), contract.currency, moment, contract=contract)
    else:
        _owe(contract.partnership, contract.fee, contract.currency, moment, contract=contract)
    if contract.rights:
        UsageRight.objects.create(
            partnership=contract.partnership,
            contract=contract,
            scope=contract.rights,
            starts_on=contract.due_on or moment.date(),
            ends_on=contract.rights_until,
        )


def uncontracted(partnership: Partnership, moment: datetime) -> None:
    """Without a contract the accepted offer is what is owed."""
    offer = Offer.objects.filter(partnership=partnership, state="accepted").order_by("-number").first()
    if offer is not None:
        _owe(partnership, offer.fee, offer.currency, moment)


def published(partnership: Partnership, moment: datetime) -> None:
    """The days to pay run from publication."""
    for row in Payment.objects.filter(partnership=partnership, state="agreed", due_on__isnull=True):
        Payment.objects.filter(pk=row.pk).update(due_on=moment.date() + timedelta(days=row.days))


def _owed(contract: Contract) -> Decimal:
    return sum((row.amount for row in Payment.objects.filter(partnership_id=contract.partnership_id)), Decimal(0))


def _owe(
    partnership: Partnership, amount: Decimal, currency: str, moment: datetime, contract: Contract | None = None
) -> None:
    if amount <= 0:
        return
    row = Payment.objects.create(
        partnership=partnership,
        contract=contract,
        amount=amount,
        currency=currency,
        days=contract.payment_days if contract else 30,
        created_at=moment,
    )
    _record(row, moment, amount=str(amount), currency=currency)


def _record(row: Payment, moment: datetime, **data: Any) -> None:
    record_event(
        "payment.agreed",
        row,
        actor=SYSTEM,
        data={"partnership": str(row.partnership_id)} | data,
        workspace_id=row.partnership.campaign.workspace_id,
        creator_id=row.partnership.creator_id,
        at=moment,
    )
