"""What every use-case of contracts shares: the lock, the state asked for, the event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import WrongState
from accounts.events import record_event
from campaigns.models import Campaign, Contract


def lock(contract: Contract) -> Contract:
    """The contract's row, locked after its campaign's: the order of every use-case that also moves the partnership."""
    Campaign.objects.select_for_update(no_key=True).get(pk=contract.partnership.campaign_id)
    found: Contract = (
        Contract.objects.select_for_update(of=("self",))
        .select_related("partnership__campaign__brand", "partnership__creator", "partnership__brief", "amends")
        .get(pk=contract.pk)
    )
    return found


def still(row: Contract, *states: str) -> None:
    if row.state not in states:
        raise WrongState(
            _("This is no longer possible: the state is now “%(state)s”.") % {"state": row.badge.label},
            params={"state": row.state},
        )


def data_of(row: Contract, **more: Any) -> dict[str, Any]:
    return {"partnership": str(row.partnership_id), "reference": row.reference, "number": row.number} | more


def record(row: Contract, kind: str, actor: Actor, moment: datetime, **more: Any) -> None:
    record_event(
        f"contract.{kind}",
        row,
        actor=actor,
        data=data_of(row, **more),
        workspace_id=row.partnership.campaign.workspace_id,
        creator_id=row.partnership.creator_id,
        at=moment,
    )
