"""Forgetting a creator in the partnerships they had: what they wrote and sent goes, what proves a contract stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Creator
from accounts.services import erasure
from campaigns import reviewfiles
from campaigns.limits import RUNNING, WAITING
from campaigns.models import (
    CalendarFeed,
    Content,
    ContentMetrics,
    Contract,
    Debrief,
    Deliverable,
    DisclosureCheck,
    Draft,
    GuestLink,
    InvitationLink,
    LegalIdentity,
    Message,
    Offer,
    Partnership,
    Payment,
    ProgrammeMember,
    ReceivedMail,
    Relation,
    Report,
    ReviewFile,
    ScheduledInvitation,
    Shipment,
    ShippingAddress,
    SignatureCode,
    Suggestion,
    Thread,
)
from campaigns.services.closing import close_offers, move
from campaigns.services.reports import redraw

CONTRACT_YEARS, INVOICE_YEARS = 5, 10
_ENDED = "This person asked to be erased."


@erasure.ends
def end_open_business(creator: Creator) -> None:
    """Whoever waits for an answer has it; work under way is cancelled by the person. Parcels and papers follow it."""
    actor = Actor(kind="creator", id=str(creator.pk), creator_id=creator.pk)
    for row in Partnership.objects.select_for_update().filter(creator=creator, state__in=[*WAITING, *RUNNING]):
        if row.state in WAITING:
            move(row, "decline", actor=actor, changes={"decline_reason": "other"})
        else:
            move(row, "cancel", actor=actor, changes={"closing_note": _ENDED}, data={"reason": _ENDED})
        close_offers(row)
    Partnership.objects.filter(creator=creator, state="shortlisted").delete()


@erasure.clears
def clear(creator: Creator, emails: set[str]) -> dict[str, Any]:
    """{removed, kept, files} of this layer. `emails` grows by the addresses letters were sent to."""
    mine = {"partnership__creator": creator}
    works = {"deliverable__partnership__creator": creator}
    emails |= {a.lower() for a in Partnership.objects.filter(creator=creator).values_list("sent_to", flat=True) if a}
    files = _files(creator)
    removed = _deleted(creator, mine, works, emails) | _emptied(creator, mine, works)
    Contract.objects.filter(**mine, sent_at__isnull=True).delete()
    mark = f'"creator:{creator.pk}"'.encode()
    for report in Report.objects.filter(campaign__partnerships__creator=creator).distinct():
        if mark in bytes(report.body):
            removed["campaigns_reportfile"] = removed.get("campaigns_reportfile", 0) + redraw(report)
    return {"removed": removed, "kept": _kept(creator), "files": files}


def _files(creator: Creator) -> list[str]:
    rows = ReviewFile.objects.filter(deliverable__partnership__creator=creator)
    proofs = ContentMetrics.objects.filter(content__creator=creator).exclude(proof="")
    folder = reviewfiles.folder().name
    return [f"{folder}/{name}" for name in rows.values_list("stored", flat=True)] + [
        f"media/{name}" for name in proofs.values_list("proof", flat=True)
    ]


def _deleted(creator: Creator, mine: dict[str, Any], works: dict[str, Any], emails: set[str]) -> dict[str, int]:
    """Rows that are nothing but what the person said, sent or received."""
    rows = [
        Message.objects.filter(**mine),
        Thread.objects.filter(**mine),
        InvitationLink.objects.filter(**mine),
        ScheduledInvitation.objects.filter(**mine),
        ShippingAddress.objects.filter(shipment__partnership__creator=creator),
        Suggestion.objects.filter(**mine),
        GuestLink.objects.filter(**works),
        ReviewFile.objects.filter(**works),
        SignatureCode.objects.filter(contract__partnership__creator=creator),
        LegalIdentity.objects.filter(creator=creator),
        Relation.objects.filter(creator=creator),
        ProgrammeMember.objects.filter(creator=creator),
        CalendarFeed.objects.filter(creator=creator),
    ]
    found = {row.model._meta.db_table: row.delete()[0] for row in rows}
    for address in emails:
        found["campaigns_receivedmail"] = ReceivedMail.objects.filter(sender__iexact=address).delete()[0]
    return found


def _emptied(creator: Creator, mine: dict[str, Any], works: dict[str, Any]) -> dict[str, int]:
    """Rows that sums and reports are made of: they stay without words, addresses and links."""
    return {
        "campaigns_draft": Draft.objects.filter(**works).update(text="", video_url="", note="", answer_note=""),
        "campaigns_deliverable": Deliverable.objects.filter(partnership__creator=creator).update(
            caption="", published_url="", note="", closing_note=""
        ),
        "campaigns_disclosurecheck": DisclosureCheck.objects.filter(**works).update(text="", url="", findings=[]),
        "campaigns_offer": Offer.objects.filter(**mine).update(message=""),
        "campaigns_debrief": Debrief.objects.filter(**mine).update(lesson=""),
        "campaigns_shipment": Shipment.objects.filter(**mine).update(tracking="", tracking_url="", problem=""),
        "campaigns_contentmetrics": ContentMetrics.objects.filter(content__creator=creator).update(proof=""),
        "campaigns_content": Content.objects.filter(creator=creator).update(url="", external_id="", post=None),
        "campaigns_partnership": Partnership.objects.filter(creator=creator).update(
            match_result=None, reasons=[], note="", personal_sentence="", sent_to="", closing_note=""
        ),
    }


def _kept(creator: Creator) -> list[dict[str, Any]]:
    """What stays, until when, why: sealed contracts, and the record of what was paid."""
    found: list[dict[str, Any]] = []
    contracts = Contract.objects.filter(partnership__creator=creator, sent_at__isnull=False)
    if rows := contracts.count():
        last = contracts.aggregate(at=Max("executed_at"))["at"] or timezone.now()
        found.append(_line("contracts", rows, last, CONTRACT_YEARS))
    payments = Payment.objects.filter(partnership__creator=creator)
    if rows := payments.count():
        found.append(_line("payments", rows, timezone.now(), INVOICE_YEARS))
    return found


def _line(area: str, rows: int, since: Any, years: int) -> dict[str, Any]:
    until = (since + timedelta(days=365.25 * years)).date().isoformat()
    return {"area": area, "rows": rows, "until": until, "why": f"law_{years}_years"}
