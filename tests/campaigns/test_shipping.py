"""Parcels: asked after the agreement only, the address for who sends, and for no longer than needed."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import events
from accounts.actors import creator_actor
from accounts.errors import DomainError, InvalidInput, NotAllowed, WrongState
from accounts.models import Event
from campaigns.models import Partnership, Shipment, ShippingAddress
from campaigns.services import answers, progress, shipping
from campaigns.services.links import new_link
from campaigns.states import SHIPMENT
from tests.campaigns.conftest import Stage, build, days
from tests.campaigns.test_races import fresh, race, winners
from tests.cast import Cast

HOME = {"name": "Léa Martin", "lines": "12 rue des Tanneurs", "postal_code": "44000", "city": "Nantes", "country": "FR"}


@pytest.fixture
def deal(stage: Stage) -> Partnership:
    row = stage.invite(stage.cast.lea)
    return answers.accept(actor=stage.link_actor(row), partnership=row)


def same(row: Shipment) -> Shipment:
    return Shipment.objects.select_related("partnership__campaign", "partnership__creator").get(pk=row.pk)


def asked(stage: Stage, deal: Partnership, **options: Any) -> Shipment:
    return shipping.ask_address(actor=stage.owner, partnership=fresh(deal), product="A serum", **options)


@pytest.mark.django_db
def test_nobodys_address_is_asked_before_the_agreement_or_after_the_end(stage: Stage) -> None:
    row = stage.invite(stage.cast.tom)
    with pytest.raises(WrongState):
        asked(stage, row)
    answers.accept(actor=stage.link_actor(row), partnership=row)
    parcel = asked(stage, row)
    progress.cancel(actor=stage.owner, partnership=row, reason="Plans have changed, sorry.")
    with pytest.raises(WrongState):
        asked(stage, row)
    with pytest.raises(WrongState):
        shipping.give_address(actor=stage.link_actor(row), shipment=same(parcel), address=HOME)
    assert not ShippingAddress.objects.exists()
    while events.drain():
        pass
    assert same(parcel).state == "cancelled"


@pytest.mark.django_db
def test_from_the_question_to_the_arrival(stage: Stage, deal: Partnership) -> None:
    link = stage.link_actor(deal)
    parcel = asked(stage, deal, variants=["30 ml", " 50 ml ", "50 ml", ""])
    assert parcel.variants == ["30 ml", "50 ml"]
    for wrong in ({"city": ""}, {"country": "Atlantis"}, {"street": "x"}):
        with pytest.raises(InvalidInput) as caught:
            shipping.give_address(actor=link, shipment=same(parcel), address=HOME | wrong, variant="30 ml")
        assert set(caught.value.fields) == set(wrong)
    with pytest.raises(InvalidInput):
        shipping.give_address(actor=link, shipment=same(parcel), address=HOME, variant="1 l")
    shipping.give_address(actor=link, shipment=same(parcel), address=HOME, variant="50 ml")
    shipping.give_address(actor=link, shipment=same(parcel), address=HOME | {"city": "Rezé"}, variant="30 ml")
    assert shipping.address_of(actor=stage.owner, shipment=same(parcel)).city == "Rezé"  # type: ignore[union-attr]
    with pytest.raises(InvalidInput):
        shipping.ship(actor=stage.owner, shipment=same(parcel), tracking_url="javascript:alert(1)")
    shipping.ship(
        actor=stage.owner, shipment=same(parcel), carrier="Post", tracking="6A1", tracking_url="https://x.example/6A1"
    )
    with pytest.raises(WrongState):
        shipping.give_address(actor=link, shipment=same(parcel), address=HOME, variant="30 ml")
    shipping.report(actor=link, shipment=same(parcel), problem="The bottle is broken.")
    again = shipping.resend(actor=stage.owner, shipment=same(parcel))
    assert same(parcel).state == "cancelled" and again.variants == ["30 ml", "50 ml"] and again.state == "asked"
    events = Event.objects.filter(object_type="shipment")
    assert not [row for row in events if "Nantes" in str(row.data) or "Tanneurs" in str(row.data)]
    assert events.filter(kind="shipment.address_read", actor_id=str(stage.cast.owner.pk)).count() == 1


@pytest.mark.django_db
def test_only_who_sends_sees_the_address(stage: Stage, deal: Partnership) -> None:
    cast = stage.cast
    parcel = asked(stage, deal)
    shipping.give_address(actor=stage.link_actor(deal), shipment=same(parcel), address=HOME)
    for who in (cast.actor(cast.viewer), stage.link_actor(deal), creator_actor(cast.tom)):
        with pytest.raises(NotAllowed):
            shipping.address_of(actor=who, shipment=same(parcel))
    with pytest.raises(NotAllowed):  # nobody gives an address in somebody else's name
        shipping.give_address(actor=stage.owner, shipment=same(parcel), address=HOME)
    label = reverse("parcel_label", args=[deal.pk, parcel.pk])
    shown = cast.browser(cast.owner).post(label)
    assert "12 rue des Tanneurs" in shown.content.decode() and "no-store" in shown["Cache-Control"]
    assert cast.browser(cast.viewer).post(label).status_code == 403
    assert cast.browser(cast.other_owner).post(label).status_code == 404
    link = new_link(deal)
    pages = [
        (cast.browser(cast.owner), reverse("partnership_detail", args=[deal.pk])),
        (cast.browser(cast.owner), reverse("parcel_list")),
        (cast.browser(cast.viewer), reverse("parcel_list")),
        (cast.browser(None), reverse("invitation", args=[link])),
        (cast.browser(None), reverse("invitation_parcel_address", args=[link, parcel.pk])),
    ]
    for browser, page in pages:
        response = browser.get(page)
        assert response.status_code == 200 and "Tanneurs" not in response.content.decode(), page
    api = f"/api/v1/shipments/{parcel.pk}"
    assert "Tanneurs" not in cast.api(cast.key).get(api).content.decode()
    assert cast.api(cast.read_key).post(f"{api}/address", {}, content_type="application/json").status_code == 403
    answered = cast.api(cast.key).post(f"{api}/address", {}, content_type="application/json")
    assert answered.json()["lines"] == "12 rue des Tanneurs"


@pytest.mark.django_db
def test_the_address_is_forgotten(stage: Stage, deal: Partnership) -> None:
    link = stage.link_actor(deal)
    arrived, waiting, stopped = (asked(stage, deal) for _turn in range(3))
    for parcel in (arrived, waiting, stopped):
        shipping.give_address(actor=link, shipment=same(parcel), address=HOME)
    shipping.cancel_shipment(actor=stage.owner, shipment=same(stopped))
    assert not ShippingAddress.objects.filter(pk=stopped.pk).exists()
    shipping.ship(actor=stage.owner, shipment=same(arrived))
    shipping.receive(actor=link, shipment=same(arrived))
    assert shipping.forget_addresses(now=timezone.now() + days(29)) == 0
    assert shipping.forget_addresses(now=timezone.now() + days(31)) == 1
    assert ShippingAddress.objects.get().pk == waiting.pk and same(arrived).address_forgotten_at
    progress.cancel(actor=stage.owner, partnership=fresh(deal), reason="Plans have changed, sorry.")
    assert shipping.forget_addresses(now=timezone.now() + days(31)) == 1
    assert shipping.forget_addresses(now=timezone.now() + days(32)) == 0
    assert shipping.address_of(actor=stage.owner, shipment=same(waiting)) is None


@pytest.mark.django_db
@pytest.mark.parametrize("state", SHIPMENT.states)
def test_every_step_from_every_state(stage: Stage, deal: Partnership, state: str) -> None:
    link, parcel = stage.link_actor(deal), asked(stage, deal)
    calls = {
        "give_address": lambda: shipping.give_address(actor=link, shipment=same(parcel), address=HOME),
        "ship": lambda: shipping.ship(actor=stage.owner, shipment=same(parcel)),
        "report": lambda: shipping.report(actor=link, shipment=same(parcel), problem="Lost."),
        "receive": lambda: shipping.receive(actor=link, shipment=same(parcel)),
        "cancel": lambda: shipping.cancel_shipment(actor=stage.owner, shipment=same(parcel)),
    }
    for verb, call in calls.items():
        Shipment.objects.filter(pk=parcel.pk).update(state=state)
        if state in SHIPMENT.transition(verb).sources:
            call()
            assert same(parcel).state == SHIPMENT.transition(verb).target
        else:
            with pytest.raises(WrongState):
                call()


@pytest.mark.django_db
def test_both_sides_on_their_pages(stage: Stage, deal: Partnership) -> None:
    brand, link = stage.cast.browser(stage.cast.owner), new_link(deal)
    creator = stage.cast.browser(None, "fr")
    assert (
        brand.post(reverse("parcel_ask", args=[deal.pk]), {"product": "Serum", "variants": "30 ml, 50 ml"}).status_code
        == 302
    )
    parcel = Shipment.objects.get()
    page = reverse("invitation_parcel_address", args=[link, parcel.pk])
    assert creator.get(page).status_code == 200
    assert creator.post(page, HOME).status_code == 422  # which one?
    assert creator.post(page, HOME | {"variant": "30 ml"}).status_code == 302
    step = reverse("parcel_step", args=[deal.pk, parcel.pk])
    for _turn in range(2):  # the second click finds it sent
        assert brand.post(step, {"do": "ship", "carrier": "Post", "tracking": "<b1>6A"}).status_code == 302
    assert "<b1>6A" not in creator.get(reverse("invitation", args=[link])).content.decode()
    assert creator.post(reverse("invitation_parcel_received", args=[link, parcel.pk])).status_code == 302
    assert same(parcel).state == "received"
    assert brand.post(step, {"do": "explode"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_ship_cancel_and_change_at_once(transactional_db: None, cast: Cast) -> None:
    stage = build(cast)
    row = stage.invite(cast.lea)
    link = stage.link_actor(row)
    answers.accept(actor=link, partnership=row)
    parcel = asked(stage, row)
    shipping.give_address(actor=link, shipment=same(parcel), address=HOME)
    results = race(
        *[lambda: shipping.ship(actor=stage.owner, shipment=same(parcel))] * 4,
        *[lambda: shipping.cancel_shipment(actor=stage.owner, shipment=same(parcel))] * 4,
    )
    assert len(winners(results)) == 1 and not [r for r in results if r is None]
    assert all(isinstance(result, DomainError | Shipment) for result in results)
    assert ShippingAddress.objects.exists() == (same(parcel).state == "shipped")
