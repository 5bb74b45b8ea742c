"""Where a partnership stands with law and contract: one value for the brand's page, the creator's page and the lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.actors import Actor
from accounts.permissions import can
from campaigns.contracts import rules
from campaigns.contracts.composing import facts_of
from campaigns.contracts.guard import demanded
from campaigns.contracts.rules import Fired
from campaigns.contracts.threshold import Cumulative, cumulative
from campaigns.limits import BOUND, Block
from campaigns.models import Contract, Partnership


@dataclass(frozen=True, slots=True)
class Standing:
    """contract: the newest that this reader may see. demanded: why the law wants one, with its source."""

    contract: Contract | None
    others: list[Contract]
    counter: Cumulative
    demanded: list[Block]
    fired: list[Fired]
    may_draft: bool
    may_skip: bool

    @property
    def shown(self) -> bool:
        return bool(self.contract or self.may_draft or self.counter.level)


def standing(actor: Actor, partnership: Partnership, now: datetime | None = None) -> Standing | None:
    """None where nothing is agreed, or the reader may not know (guests)."""
    if partnership.state not in BOUND or not can(actor, "contract.read", partnership):
        return None
    moment = now or timezone.now()
    found = list(Contract.visible_to(actor).filter(partnership=partnership).order_by("-number"))
    live = [one for one in found if one.state not in ("voided",)]
    first = next((one for one in live if one.amends_id is None), None)
    counter = cumulative(partnership, now=moment)
    wanted = demanded(partnership, moment, counter)
    open_ = partnership.state in ("accepted", "contracted", "live")
    may = can(actor, "contract.change", partnership) and actor.side == "brand"
    ended = first is None or first.state == "terminated"
    return Standing(
        contract=live[0] if live else None,
        others=[one for one in found if one is not (live[0] if live else None)],
        counter=counter,
        demanded=wanted if first is None or first.state != "executed" else [],
        fired=rules.fired(facts_of(partnership, first), moment.date()) if actor.side == "brand" else [],
        may_draft=may and open_ and ended,
        may_skip=may and partnership.state == "accepted" and ended and not wanted,
    )
