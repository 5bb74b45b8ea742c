"""Eight threads at the later steps: counter-offer, verification, payment. One winner each, one event, one letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Event, Mail
from campaigns.models import Deliverable, Offer, Partnership, Payment
from campaigns.services import answers, contract_steps, payments, publication, review
from campaigns.works import label_lines, needed_ticks, with_everything
from tests.campaigns.conftest import build
from tests.campaigns.contract_desk import Desk
from tests.campaigns.test_races import THREADS, fresh, race, settle, winners
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_counter_offers_at_once_are_one(transactional_db: None, cast: Cast) -> None:
    stage = build(cast)
    row = stage.invite(cast.lea)
    link = stage.link_actor(row)

    def counter(fee: int) -> Callable[[], Any]:
        return lambda: answers.counter_offer(actor=link, partnership=fresh(row), fee=str(fee))

    assert len(winners(race(*[counter(500 + turn) for turn in range(THREADS)]))) == 1
    assert sorted(Offer.objects.values_list("state", flat=True)) == ["open", "superseded"]
    settle()
    assert Event.objects.filter(kind="partnership.countered").count() == 1
    written = Mail.objects.filter(kind="partnership_countered")
    assert written.count() == written.values("to").distinct().count() > 0


def test_a_publication_is_verified_or_let_pass_once(transactional_db: None, cast: Cast) -> None:
    desk = Desk(build(cast))
    deal = desk.agreed()
    creator = desk.stage.link_actor(deal)
    contract_steps.go_without_contract(actor=desk.owner, partnership=deal, reason="A small trial, agreed by mail.")

    def piece() -> Deliverable:
        found: Deliverable = with_everything(desk.owner).order_by("number").first()
        return found

    label = label_lines(piece())[0].line
    review.submit_draft(actor=creator, deliverable=piece(), text=f"{label}\nOne ingredient.")
    race(*[lambda: review.approve(actor=desk.owner, deliverable=piece())] * THREADS)
    assert Event.objects.filter(kind="deliverable.approved").count() == 1
    url = "https://www.instagram.com/reel/Cabc123/"

    def publish() -> Any:
        return publication.publish(
            actor=creator, deliverable=piece(), url=url, caption=f"{label}\nOne ingredient.", toggle=True
        )

    assert len(winners(race(*[publish] * THREADS))) == 1
    assert Event.objects.filter(kind="deliverable.published").count() == 1
    assert Event.objects.filter(kind="partnership.live").count() == 1

    def verify() -> Any:
        row = piece()
        return publication.verify(actor=desk.owner, deliverable=row, ticks=needed_ticks(row))

    def waive() -> Any:
        return publication.waive(actor=desk.owner, deliverable=piece(), reason="We saw it on the phone.")

    results = race(*[verify, waive] * (THREADS // 2))
    assert len(winners([result for result in results if getattr(result, "code", "") != "clear"])) == 1
    assert Event.objects.filter(kind="deliverable.verified").count() == 1
    assert piece().state == "verified"


def test_a_payment_is_sent_once_and_then_received_or_disputed_once(transactional_db: None, cast: Cast) -> None:
    desk = Desk(build(cast))
    deal = desk.agreed()
    creator = desk.stage.link_actor(deal)
    contract_steps.go_without_contract(actor=desk.owner, partnership=deal, reason="A small trial, agreed by mail.")

    def row() -> Payment:
        return Payment.objects.select_related("partnership__campaign").get()

    assert len(winners(race(*[lambda: payments.send_payment(actor=desk.owner, payment=row())] * THREADS))) == 1
    receive = lambda: payments.receive_payment(actor=creator, payment=row())  # noqa: E731
    dispute = lambda: payments.dispute_payment(  # noqa: E731
        actor=creator, payment=row(), reason="Half of it is missing."
    )
    results = race(*[receive, dispute] * (THREADS // 2))
    kinds = list(Event.objects.filter(object_type="payment").order_by("id").values_list("kind", flat=True))
    # a dispute may be settled by "received" afterwards; never the other way round, and neither twice
    assert kinds[:2] == ["payment.agreed", "payment.sent"]
    assert kinds[2:] in (["payment.received"], ["payment.disputed", "payment.received"])
    assert len(winners(results)) == len(kinds[2:])
    assert Partnership.objects.get().state == "contracted"
