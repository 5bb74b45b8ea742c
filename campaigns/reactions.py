"""What follows from events of campaigns. Each handler may run twice and then changes nothing twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.actors import Actor
from accounts.events import reaction
from accounts.models import Event
from accounts.webhooks.messages import interest, presents
from campaigns import after_letters, notifications, review_mail
from campaigns.limits import BOUND
from campaigns.models import Campaign, Contract, Partnership
from campaigns.services.review import cancel_with_partnership
from campaigns.services.signing import ensure_sealed
from matching.services.recompute import request_rescore


@reaction("partnership_mail", "partnership.*")
def write_letters(event: Event) -> None:
    notifications.notify(event)


_FACTS = (*(f"partnership.{state}" for state in (*BOUND, "declined", "expired", "cancelled")), "partnership.debriefed")


@reaction("rescore_history", *_FACTS, "deliverable.published", "deliverable.missed")
def rescore_history(event: Event) -> None:
    """An answer, a delivery, an end or what the brand says of it is one more fact about the creator's reliability."""
    if event.creator_id is not None:
        request_rescore(creator_ids=[event.creator_id])


@reaction("deliverables_end", "partnership.cancelled")
def end_deliverables(event: Event) -> None:
    cancel_with_partnership(partnership_id=event.object_id, now=event.at)


@reaction("deliverable_mail", "deliverable.*", "disclosure.flagged")
def write_review_letters(event: Event) -> None:
    review_mail.notify(event)


@interest
def partners_of(creator_ids: Iterable[int]) -> Iterable[tuple[int, Any]]:
    """A workspace is told of changes of the creators it shortlisted or works with."""
    rows = Partnership.objects.filter(creator_id__in=list(creator_ids)).order_by()
    return rows.values_list("creator_id", "campaign__workspace_id").distinct()


@presents("partnership")
def partnership_of_message(actor: Actor, pk: str) -> dict[str, Any] | None:
    from campaigns.api.serializers import PartnershipSerializer  # the API's modules need every model loaded

    rows = Partnership.visible_to(actor).select_related("campaign", "creator").prefetch_related("offers")
    row = rows.filter(pk=pk).first()
    return dict(PartnershipSerializer(row, context={"actor": actor}).data) if row else None


@presents("campaign")
def campaign_of_message(actor: Actor, pk: str) -> dict[str, Any] | None:
    from campaigns.api.serializers import CampaignSerializer

    row = Campaign.visible_to(actor).filter(pk=pk).first()
    return dict(CampaignSerializer(row, context={"actor": actor}).data) if row else None


@reaction("contract_mail", "contract.*")
def write_about_contracts(event: Event) -> None:
    after_letters.notify_contract(event)


@reaction("contract_seal", "contract.executed")
def seal_contract(event: Event) -> None:
    contract = Contract.objects.filter(pk=event.object_id).first()
    if contract is not None:
        ensure_sealed(contract)


@reaction("dialogue_mail", "message.sent", "suggestion.*", "shipment.*")
def write_dialogue_letters(event: Event) -> None:
    notifications.notify_dialogue(event)


@reaction("payment_mail", "payment.*")
def write_about_payments(event: Event) -> None:
    after_letters.notify_payment(event)


@reaction("right_mail", "right.*")
def write_about_rights(event: Event) -> None:
    after_letters.notify_right(event)


@reaction("debrief_mail", "partnership.completed")
def ask_for_debrief(event: Event) -> None:
    after_letters.notify_debrief(event)


@presents("deliverable")
def deliverable_of_message(actor: Actor, pk: str) -> dict[str, Any] | None:
    from campaigns.api.deliverables import PieceSerializer
    from campaigns.works import deliverables

    row = deliverables(actor).filter(pk=pk).first()
    return dict(PieceSerializer(row, context={"actor": actor}).data) if row else None
