"""Payments, rights, debriefs, relations, programmes: every state, every side, once and only once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from accounts import events
from accounts.actors import SYSTEM
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Creator, Event, Mail, Membership, User
from campaigns import lookback
from campaigns.models import Debrief, Partnership, Payment, Relation, UsageRight
from campaigns.services import contract_steps, contracts, payments, progress, relations
from campaigns.services.invitations import draft_invitation
from campaigns.states import PAYMENT, advance
from tests.campaigns.conftest import Stage
from tests.campaigns.contract_desk import Desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def paid_for(desk: Desk) -> Payment:
    desk.executed()
    return Payment.objects.select_related("partnership__campaign").get()


def live(desk: Desk, partnership: Partnership) -> Partnership:
    row = Partnership.objects.select_related("campaign", "creator").get(pk=partnership.pk)
    return progress.go_live(actor=desk.owner, partnership=row)


def completed(desk: Desk, creator: Creator | None = None, turn: int = 0) -> Partnership:
    row = desk.agreed(creator, turn)
    contract_steps.go_without_contract(actor=desk.owner, partnership=row, reason="A small test, agreed by mail.")
    return progress.complete(actor=desk.owner, partnership=live(desk, row))


@pytest.mark.parametrize("state", PAYMENT.states)
def test_every_verb_from_every_state_by_every_side(desk: Desk, state: str) -> None:
    payment = paid_for(desk)
    sides = {"brand": desk.owner, "creator": desk.creator(payment.contract), "system": SYSTEM}
    for step, (side, actor) in product(PAYMENT.transitions, sides.items()):
        Payment.objects.filter(pk=payment.pk).update(state=state)
        allowed = side in step.sides and state in step.sources
        try:
            advance(Payment.objects.get(pk=payment.pk), PAYMENT, step.verb, actor=actor)
        except (NotAllowed, WrongState):
            assert not allowed
        else:
            assert allowed
        assert Payment.objects.get(pk=payment.pk).state == (step.target if allowed else state)


def test_a_contract_brings_its_payment_which_falls_due_is_reminded_sent_and_received(desk: Desk) -> None:
    payment = paid_for(desk)
    assert (payment.state, payment.amount, payment.due_on) == ("agreed", Decimal("400.00"), None)
    right = UsageRight.objects.get()
    assert str(right.ends_on) == "2030-11-25"
    row = live(desk, payment.partnership)
    payment.refresh_from_db()
    assert payment.due_on == datetime.now(UTC).date() + 30 * DAY
    now = datetime.now(UTC) + 30 * DAY
    assert payments.run_due(now=now) == 1 and payments.run_due(now=now) == 0
    for turn in range(1, 6):  # three reminders, a week apart, and no fourth
        payments.run_due(now=now + 8 * turn * DAY)
        payments.run_due(now=now + 8 * turn * DAY)
    payment.refresh_from_db()
    assert (payment.state, payment.reminders) == ("due", 3)
    creator = desk.creator(payment.contract)
    payments.dispute_payment(actor=creator, payment=payment, reason="The sum should be 450, as amended.")
    payments.send_payment(actor=desk.owner, payment=payment, reference="VIR 2211")
    with pytest.raises(NotAllowed):
        payments.receive_payment(actor=desk.owner, payment=payment)
    payments.receive_payment(actor=creator, payment=payment)
    with pytest.raises(WrongState):
        payments.receive_payment(actor=creator, payment=payment)
    while events.drain():
        pass
    kinds = Mail.objects.filter(kind__startswith="payment_").values_list("kind", flat=True)
    assert sorted(kinds) == sorted(
        ["payment_due", *["payment_late"] * 3, "payment_disputed", "payment_sent", "payment_received"]
    )
    [year] = payments.yearly(Payment.objects.select_related("partnership__campaign__brand", "partnership__creator"))
    assert (year.name, year.agreed, year.open, year.received) == (
        "Alma Botanica",
        Decimal("400.00"),
        0,
        Decimal("400.00"),
    )
    assert row.state == "live"


def test_finance_keeps_payments_and_nothing_else(desk: Desk) -> None:
    payment = paid_for(desk)
    user = User.objects.create_user("money@example.org", "x")
    member = Membership.objects.create(workspace=desk.stage.cast.alma, user=user, role="finance")
    actor = desk.stage.cast.actor(member.user)
    payments.send_payment(actor=actor, payment=payment)
    for call in (
        lambda: contract_steps.terminate_contract(
            actor=actor, contract=payment.contract, reason="We stop here, sorry."
        ),
        lambda: payments.fall_due(actor=desk.stage.cast.actor(desk.stage.cast.viewer), payment=payment),
    ):
        with pytest.raises(NotAllowed):
            call()
    assert not Payment.visible_to(desk.stage.cast.actor(desk.stage.cast.other_owner)).exists()
    assert not Payment.visible_to(desk.stage.cast.actor(desk.stage.cast.tom_user)).exists()


def test_an_amended_fee_replaces_the_one_agreed(desk: Desk) -> None:
    first = desk.executed()
    made = contracts.amend_contract(actor=desk.owner, contract=first)
    contracts.save_contract(actor=desk.owner, contract=made, fee="550")
    contract_steps.send_contract(actor=desk.owner, contract=made)
    desk.sign(made, "brand")
    desk.sign(made, "creator")
    assert [row.amount for row in Payment.objects.all()] == [Decimal("550.00")]


def test_rights_warn_a_month_before_and_end_once(desk: Desk) -> None:
    desk.executed()
    end = datetime.combine(UsageRight.objects.get().ends_on, datetime.min.time(), UTC)
    for moment in (end - 31 * DAY, end - 30 * DAY, end - 3 * DAY, end, end + DAY, end + 2 * DAY):
        payments.run_due(now=moment)
    kinds = Event.objects.filter(kind__startswith="right.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["right.ending", "right.ended"]


def test_each_side_looks_back_and_reads_the_other_only_afterwards(desk: Desk) -> None:
    row = completed(desk)
    lea = desk.stage.link_actor(row)
    with pytest.raises(InvalidInput):
        relations.write_debrief(actor=lea, partnership=row, result=6, cooperation=0, again=True)
    relations.write_debrief(actor=lea, partnership=row, result=5, cooperation=4, again=True, lesson="Send it earlier.")
    assert lookback.readable_debriefs(desk.owner, row) == []
    assert [line.kind for line in lookback.lines(desk.owner)] == ["debrief"]
    relations.write_debrief(actor=desk.owner, partnership=row, result=4, cooperation=5, again=True)
    relations.write_debrief(actor=desk.owner, partnership=row, result=3, cooperation=5, again=True)
    assert len(lookback.readable_debriefs(desk.owner, row)) == Debrief.objects.count() == 2
    late = datetime.now(UTC) + 15 * DAY
    with pytest.raises(WrongState):
        relations.write_debrief(actor=desk.owner, partnership=row, result=1, cooperation=1, again=False, now=late)
    with pytest.raises(WrongState):
        fresh = desk.agreed(desk.stage.cast.tom, 1)
        relations.write_debrief(actor=desk.owner, partnership=fresh, result=4, cooperation=4, again=True)


def test_relations_count_people_and_do_not_contact_binds(desk: Desk) -> None:
    row = completed(desk)
    [person] = lookback.people(desk.owner)
    assert (person.deals, person.completed, person.value, person.timed, person.kept) == (1, 1, Decimal("460.00"), 1, 1)
    assert person.ask_again
    assert lookback.people(desk.stage.cast.actor(desk.stage.cast.other_owner)) == []
    with pytest.raises(InvalidInput):
        relations.save_relation(actor=desk.owner, creator=row.creator, do_not_contact=True)
    relations.save_relation(actor=desk.owner, creator=row.creator, do_not_contact=True, reason="Asked by phone.")
    [person] = lookback.people(desk.owner)
    assert not person.ask_again and Relation.objects.count() == 1
    wish = Partnership(campaign=desk.stage.campaign, creator=row.creator, state="shortlisted")
    codes = {block.code for block in draft_invitation(actor=desk.owner, partnership=wish).blocks}
    assert "do_not_contact" in codes


def test_a_programme_takes_in_those_who_delivered_and_repeats_the_brief(desk: Desk) -> None:
    row = completed(desk)
    tiers = [{"name": "Friend", "benefit": "A box"}, {"name": "Voice", "benefit": "A fee"}]
    programme = relations.create_programme(actor=desk.owner, brand=desk.stage.cast.brand, name="Circle", tiers=tiers)
    with pytest.raises(WrongState) as refusal:
        relations.join_programme(actor=desk.owner, programme=programme, creator=desk.stage.cast.max)
    assert refusal.value.code == "no_history"
    member = relations.join_programme(actor=desk.owner, programme=programme, creator=row.creator)
    assert relations.join_programme(actor=desk.owner, programme=programme, creator=row.creator, tier=1).pk == member.pk
    first = relations.open_round(actor=desk.owner, programme=programme)
    second = relations.open_round(actor=desk.owner, programme=programme)
    assert (first.number, second.number) == (1, 2)
    brief = second.campaign.briefs.get()
    assert brief.message == desk.stage.brief.message and not any(item["due_on"] for item in brief.deliverables)
    assert [p.creator_id for p in second.campaign.partnerships.all()] == [row.creator_id]
    relations.leave_programme(actor=desk.owner, member=member)
    assert not relations.open_round(actor=desk.owner, programme=programme).campaign.partnerships.exists()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_stand_and_show_what_waits(desk: Desk, language: str) -> None:
    cast = desk.stage.cast
    row = completed(desk)
    contract = desk.sent(desk.agreed(cast.tom, 1))
    programme = relations.create_programme(actor=desk.owner, brand=cast.brand, name="Circle")
    relations.join_programme(actor=desk.owner, programme=programme, creator=row.creator)
    payment = Payment.objects.get()
    owner, lea = cast.browser(cast.owner, language), cast.browser(cast.lea_user, language)
    brand_pages = ["/", "/payments/", "/relations/", "/contracts/", f"/contracts/{contract.pk}/", "/programmes/new/"]
    brand_pages += [
        f"/relations/{row.creator_id}/",
        f"/relations/{cast.tom.pk}/",
        f"/programmes/{programme.pk}/",
        f"/partnerships/{row.pk}/",
        f"/partnerships/{row.pk}/debrief/",
    ]
    for path in brand_pages:
        answer = owner.get(path)
        assert answer.status_code == 200, path
    assert "Tom Reed" in owner.get("/").text
    assert owner.post(f"/payments/{payment.pk}/send/", {"reference": "A1"}).status_code == 302
    for path in ["/deals/", "/deals/payments/", "/deals/calendar/", "/deals/identity/"]:
        assert lea.get(path).status_code == 200, path
    assert "Alma Botanica" in lea.get("/deals/payments/").text and "Alma Botanica" in lea.get("/deals/calendar/").text
    page = f"/deals/{row.pk}/"
    assert lea.post(f"{page}payment/", {"payment": str(payment.pk)}).status_code == 302
    assert Payment.objects.get().state == "received"
    form = {"result": "5", "cooperation": "4", "again": "yes", "lesson": "<b>Earlier</b>"}
    assert lea.post(f"{page}debrief/", form).status_code == 302
    assert "&lt;b&gt;Earlier" in lea.get(f"{page}debrief/").text
    assert cast.browser(cast.tom_user).get(f"{page}debrief/").status_code == 404


def test_a_person_has_one_page_with_everything_shared(desk: Desk) -> None:
    cast = desk.stage.cast
    row = completed(desk)
    owner, page = cast.browser(cast.owner), f"/relations/{row.creator_id}/"
    relations.write_debrief(actor=desk.owner, partnership=row, result=5, cooperation=4, again=True, lesson="Sooner.")
    shown = owner.get(page)
    assert "Sooner." in shown.text and f"/partnerships/{row.pk}/" in shown.text
    assert shown.context["story"].person.ask_again and f"/creators/{row.creator_id}/shortlist/" in shown.text
    creator = desk.stage.link_actor(row)
    relations.write_debrief(actor=creator, partnership=row, result=2, cooperation=5, again=False, lesson="Quick.")
    assert "Quick." in owner.get(page).text  # both have written
    assert owner.post(page, {"do_not_contact": "on"}).status_code == 422  # a reason is asked for, beside its field
    assert owner.post(page, {"do_not_contact": "on", "reason": "They asked us to stop."}).status_code == 302
    barred = owner.get(page).text
    assert "They asked us to stop." in barred and f"/creators/{row.creator_id}/shortlist/" not in barred
    stranger = cast.browser(cast.other_owner).get(page)
    assert "Sooner." not in stranger.text and "Quick." not in stranger.text and not stranger.context["story"].chapters
    assert cast.browser(cast.viewer).get(page).status_code == 403
