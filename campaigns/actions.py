"""What an actor may do to a partnership or a campaign right now: buttons, the API's `actions`, and next steps."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.permissions import can
from campaigns.limits import WAITING
from campaigns.models import Campaign, Offer, Partnership
from campaigns.states import CAMPAIGN, PARTNERSHIP, Transition

# Which permission each verb needs; verbs of the system (expire, mark_seen) are nobody's button.
_PERMISSION = {"invite": "partnership.change", "withdraw": "partnership.change", "contract": "partnership.change"}
_PERMISSION |= {"go_live": "partnership.change", "complete": "partnership.change"}
_PERMISSION |= {
    "accept": "partnership.answer",
    "counter": "partnership.answer",
    "decline": "partnership.answer",
    "cancel": "partnership.answer",
}
_ANSWERS = ("accept", "counter")
COUNTERS_MOST = 3


def actions(actor: Actor, partnership: Partnership, offers: list[Offer] | None = None) -> list[Transition]:
    """The verbs open to this actor. offers: the partnership's, where the caller already has them."""
    chain = list(Offer.objects.filter(partnership=partnership)) if offers is None else offers
    table = next((offer for offer in chain if offer.state == "open"), None)
    side = actor.side
    found = []
    for step in PARTNERSHIP.open_to(partnership.state, side):
        verb = _PERMISSION.get(step.verb)
        if verb is None or not can(actor, verb, partnership):
            continue
        if step.verb in _ANSWERS and (table is None or table.side == side):
            continue
        if (
            step.verb == "counter"
            and sum(1 for offer in chain if offer.side == side and offer.number > 1) >= COUNTERS_MOST
        ):
            continue
        found.append(step)
    return found


def campaign_actions(actor: Actor, campaign: Campaign) -> list[Transition]:
    """activate, start_closing, close and cancel, as far as state and role allow."""
    if not can(actor, "campaign.change", campaign):
        return []
    return CAMPAIGN.open_to(campaign.state, actor.side)


def whose_turn(partnership: Partnership, table: Offer | None) -> str:
    """ "creator", "brand" or "": who has to answer the open offer."""
    if partnership.state not in WAITING or table is None:
        return ""
    return "creator" if table.side == "brand" else "brand"
