"""What follows from events of campaigns. Each handler may run twice and then changes nothing twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.events import reaction
from accounts.mail import Attachment, attaches
from accounts.models import Event, Mail
from accounts.webhooks.messages import interest
from campaigns import after_letters, dispute_mail, leak_letters, matchoutcomes, notifications, review_mail
from campaigns.limits import BOUND
from campaigns.models import Contract, ContractFile, Deliverable, Partnership
from campaigns.services import shipping
from campaigns.services.expectations import record_expectation
from campaigns.services.results import content_of_deliverable
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


@reaction("match_outcome", *(f"partnership.{state}" for state in matchoutcomes.STAGES), "report.frozen")
def keep_outcome(event: Event) -> None:
    """What came of a proposal goes back to the engine that made it."""
    matchoutcomes.tell(event)


@reaction("expectation", "partnership.accepted")
def keep_expectation(event: Event) -> None:
    """What the index expects of a voice on the day it agrees; results are held against it later."""
    row = Partnership.objects.select_related("campaign").filter(pk=event.object_id).first()
    if row is not None:
        record_expectation(partnership=row, now=event.at)


@reaction("deliverables_end", "partnership.cancelled")
def end_deliverables(event: Event) -> None:
    cancel_with_partnership(partnership_id=event.object_id, now=event.at)
    shipping.cancel_with_partnership(partnership_id=event.object_id, now=event.at)


@reaction("content_of_piece", "deliverable.published")
def keep_content(event: Event) -> None:
    """What was published is measured: the piece becomes a content of the campaign's results."""
    row = Deliverable.objects.select_related("partnership__campaign", "partnership__creator").filter(pk=event.object_id)
    if (piece := row.first()) is not None:
        content_of_deliverable(deliverable=piece)


@reaction("deliverable_mail", "deliverable.*", "disclosure.flagged")
def write_review_letters(event: Event) -> None:
    review_mail.notify(event)


@interest
def partners_of(creator_ids: Iterable[int]) -> Iterable[tuple[int, Any]]:
    """A workspace is told of changes of the creators it shortlisted or works with."""
    rows = Partnership.objects.filter(creator_id__in=list(creator_ids)).order_by()
    return rows.values_list("creator_id", "campaign__workspace_id").distinct()


@reaction("contract_mail", "contract.*")
def write_about_contracts(event: Event) -> None:
    after_letters.notify_contract(event)


@reaction("contract_seal", "contract.executed")
def seal_contract(event: Event) -> None:
    contract = Contract.objects.filter(pk=event.object_id).first()
    if contract is not None:
        ensure_sealed(contract)


@attaches("contract_sealed")
def signed_copy(mail: Mail) -> list[Attachment]:
    """Both sides get the very file, so that each can prove what was signed without us."""
    event = mail.dedupe_key.split(":")[1]
    found = Event.objects.filter(pk=int(event) if event.isdecimal() else 0, kind="contract.sealed").first()
    file = ContractFile.objects.filter(contract=found.object_id, kind="sealed").first() if found else None
    return [(f"{file.contract.reference}.pdf", bytes(file.content), "application/pdf")] if file else []


@reaction("dialogue_mail", "message.sent", "suggestion.*", "shipment.*")
def write_dialogue_letters(event: Event) -> None:
    notifications.notify_dialogue(event)


@reaction("payment_mail", "payment.*")
def write_about_payments(event: Event) -> None:
    after_letters.notify_payment(event)


@reaction("right_mail", "right.*")
def write_about_rights(event: Event) -> None:
    after_letters.notify_right(event)


@reaction("leak_mail", "code.leaking")
def write_about_leaks(event: Event) -> None:
    leak_letters.notify_leak(event)


@reaction("debrief_mail", "partnership.completed")
def ask_for_debrief(event: Event) -> None:
    after_letters.notify_debrief(event)


@reaction("dispute_mail", "dispute.opened", "dispute.said", "dispute.answered", "dispute.accepted", "dispute.rejected")
def write_about_disputes(event: Event) -> None:
    dispute_mail.notify(event)
