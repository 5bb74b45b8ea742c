"""Contracts before the signature: the law's list, the yearly counter, the words, and who may do what when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest

from accounts.errors import DomainError, InvalidInput, NotAllowed, WrongState
from accounts.models import CreatorTerms
from campaigns.contracts import clauses, composing, rules, threshold
from campaigns.contracts.rules import Facts
from campaigns.models import Contract, ContractFile, Partnership
from campaigns.publication_rules import obstacles
from campaigns.services import contract_steps, contracts, progress
from campaigns.states import CONTRACT, advance
from tests.campaigns.conftest import Stage
from tests.campaigns.contract_desk import BRAND_PARTY, CREATOR_PARTY, Desk

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


@pytest.mark.parametrize(
    "side,field",
    [*product(["brand", "creator"], ["name", "address", "email", "tax_country"]), ("brand", "representative")],
)
def test_each_fact_the_law_names_is_asked_for_before_sending(desk: Desk, side: str, field: str) -> None:
    contract = desk.draft()
    contracts.save_contract(actor=desk.owner, contract=contract, **{f"{side}_party": {field: ""}})
    with pytest.raises(InvalidInput) as refusal:
        contract_steps.send_contract(actor=desk.owner, contract=contract)
    assert f"{side}_{field}" in refusal.value.fields
    assert ("checklist_parties" in refusal.value.fields) is (field != "representative")
    assert not ContractFile.objects.exists()


@pytest.mark.parametrize("key", ["parties", "missions", "pay", "in_kind", "rights", "duties", "law"])
def test_a_mandatory_clause_taken_out_or_emptied_of_its_fact_is_missed(desk: Desk, key: str) -> None:
    contract = desk.draft()
    contracts.save_contract(actor=desk.owner, contract=contract, texts={key: ""})
    with pytest.raises(InvalidInput, match="missing"):
        contract_steps.send_contract(actor=desk.owner, contract=contract)
    if key != "duties":
        contracts.save_contract(actor=desk.owner, contract=contract, texts={key: "As discussed on the phone."})
        with pytest.raises(InvalidInput):
            contract_steps.send_contract(actor=desk.owner, contract=contract)


def test_an_edit_is_shown_against_its_template_and_follows_nothing_else(desk: Desk) -> None:
    contract = desk.draft(language="en")
    before = next(c for c in contract.clauses if c["key"] == "review")["text"]
    edited = before.replace("five", "three")
    contracts.save_contract(actor=desk.owner, contract=contract, texts={"review": edited})
    contracts.save_contract(actor=desk.owner, contract=contract, creator_party={"address": "9 Quay, Cork"})
    found = {c["key"]: c for c in contract.clauses}
    assert found["review"]["text"] == edited and "9 Quay, Cork" in found["parties"]["text"]
    pieces = clauses.compared(found["review"]["template"], found["review"]["text"])
    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [("removed", "five"), ("added", "three")]
    assert "".join(p.text for p in pieces if p.kind != "removed") == edited
    contracts.save_contract(actor=desk.owner, contract=contract, texts={"review": before})
    assert not clauses.is_edited(next(c for c in contract.clauses if c["key"] == "review"))


def test_a_value_that_looks_like_a_field_stays_text(desk: Desk) -> None:
    contract = desk.draft(creator_party={"name": "{{fee}} & <b>Léa</b> {% now %}"})
    text = next(c for c in contract.clauses if c["key"] == "parties")["text"]
    assert "{{fee}} & <b>Léa</b> {% now %}" in text


def test_the_clauses_follow_country_and_form() -> None:
    def keys(countries: set[str], forms: set[str], occasions: tuple[str, ...] = ()) -> list[str]:
        return [row["key"] for row in clauses.chosen(countries, forms, occasions)]

    assert {"images", "liability", "law"} <= set(keys({"FR"}, {"dedicated"}))
    assert not {"images", "liability", "event", "non_eu"} & set(keys({"GB"}, {"dedicated"}))
    assert "event" in keys({"GB"}, {"event"}) and "non_eu" in keys({"FR"}, {"test"}, ("non_eu",))
    assert keys({"FR", "GB"}, set()).count("law") == keys({"GB"}, set()).count("law") == 1
    both = [row for row in clauses.data()["clauses"] for lang in ("fr", "en") if not row["text"][lang].strip()]
    assert both == []


# --- the yearly counter


def _line(day: date, fee: int, kind: int = 0) -> threshold.Line:
    return threshold.Line(object(), "x", day, Decimal(fee), Decimal(kind))


@pytest.mark.parametrize(
    "lines,on,sums,level",
    [
        ([], date(2026, 6, 1), (0, 0), ""),
        ([(date(2026, 1, 2), 500, 199)], date(2026, 6, 1), (699, 699), ""),
        ([(date(2026, 1, 2), 500, 200)], date(2026, 6, 1), (700, 700), "warn"),
        ([(date(2026, 1, 2), 999, 0)], date(2026, 6, 1), (999, 999), "warn"),
        ([(date(2026, 1, 2), 900, 100)], date(2026, 6, 1), (1000, 1000), "block"),
        # last December counts in the rolling year only, and the higher sum decides
        ([(date(2025, 12, 20), 600, 0), (date(2026, 1, 10), 400, 0)], date(2026, 2, 1), (400, 1000), "block"),
        # 1 January and 31 December of one year: a year has 365 days, both sums hold them
        ([(date(2026, 1, 1), 600, 0), (date(2026, 12, 31), 400, 0)], date(2026, 12, 31), (1000, 1000), "block"),
        # 29 February of a leap year, counted a year later: calendar no, rolling no longer
        ([(date(2028, 2, 29), 1000, 0)], date(2029, 2, 28), (0, 0), ""),
        ([(date(2028, 2, 29), 1000, 0)], date(2029, 2, 27), (0, 1000), "block"),
    ],
)
def test_calendar_and_rolling_year_are_summed_and_the_higher_counts(lines, on, sums, level) -> None:
    found = threshold.of_lines([_line(*line) for line in lines], on, ["FR"])
    assert (found.calendar, found.rolling, found.level) == (*map(Decimal, sums), level)


def test_the_threshold_is_dated_and_of_a_country() -> None:
    assert rules.threshold(["FR"], date(2025, 12, 31)) is None
    assert rules.threshold(["FR", "GB"], date(2026, 1, 1)).amount == 1000
    assert rules.threshold(["GB"], TODAY) is None


def test_at_the_threshold_nothing_is_published_without_a_contract_and_the_source_is_named(desk: Desk) -> None:
    partnership = desk.agreed(fee="940")
    assert threshold.cumulative(partnership).higher == Decimal("1000.00")
    with pytest.raises(WrongState) as refusal:
        contract_steps.go_without_contract(
            actor=desk.owner, partnership=partnership, reason="We trust each other fully."
        )
    assert refusal.value.code == "contract_required"
    assert "décret n° 2025-1137" in refusal.value.message and "2026-01-01" in refusal.value.message
    with pytest.raises(WrongState) as refusal:
        progress.go_live(actor=desk.owner, partnership=partnership)
    assert refusal.value.code == "contract_required" and "2025-1137" in refusal.value.message
    partnership.refresh_from_db()
    assert partnership.state == "accepted"
    contract = desk.executed(partnership)
    progress.go_live(actor=desk.owner, partnership=Partnership.objects.get(pk=partnership.pk))
    assert Partnership.objects.get(pk=partnership.pk).state == "live"
    contract_steps.terminate_contract(actor=desk.owner, contract=contract, reason="The product is withdrawn from sale.")
    assert [block.code for block in obstacles(partnership, datetime.now(UTC))] == ["contract_required"]


def test_below_the_threshold_a_reason_is_enough_and_close_to_it_a_warning(desk: Desk) -> None:
    partnership = desk.agreed(fee="700")
    assert [(b.code, b.warning) for b in obstacles(partnership, datetime.now(UTC))] == [("contract_near", True)]
    with pytest.raises(InvalidInput):
        contract_steps.go_without_contract(actor=desk.owner, partnership=partnership, reason="no")
    contract_steps.go_without_contract(
        actor=desk.owner, partnership=partnership, reason="Agreed by mail, one story only."
    )
    progress.go_live(actor=desk.owner, partnership=partnership)


# --- rules that fire


@pytest.mark.parametrize(
    "facts,wanted",
    [
        (Facts(("FR",), "FR"), {"fr.clauses", "fr.joint_liability", "fr.images", "eu.deepfake"}),
        (Facts(("FR",), "GB"), {"fr.non_eu"}),
        (Facts(("FR",), "CH"), set()),
        (Facts(("FR",)), {"fr.residence_unknown"}),
        (Facts(("GB",), "US"), set()),
        (Facts(("GB",), "GB", minor=True), {"house.minor"}),
        (Facts(("FR",), "FR", minor=True), {"house.minor", "fr.minor.under16"}),
        (Facts(("FR",), "FR", sectors=frozenset({"vaping"})), {"fr.sector.nicotine"}),
        (Facts(("GB",), "GB", sectors=frozenset({"vaping"})), set()),
        (Facts(("FR",), "FR", sectors=frozenset({"crypto"})), {"fr.sector.crypto"}),
    ],
)
def test_rules_fire_with_their_source(facts: Facts, wanted: set[str]) -> None:
    found = rules.fired(facts, TODAY)
    assert wanted <= {rule.id for rule in found}
    if not wanted:
        assert not any(rule.effect in ("block", "proof") for rule in found)
    assert all(rule.name and rule.since <= TODAY and rule.text for rule in found)
    assert all(rule.url.startswith("https://") for rule in found if rule.confidence != "house")


def test_a_creator_outside_europe_needs_a_representative_and_an_insurance(desk: Desk) -> None:
    CreatorTerms.objects.update_or_create(creator=desk.stage.cast.lea, defaults={"tax_country": "GB"})
    contract = desk.draft(creator_party={"tax_country": "GB"})
    with pytest.raises(WrongState, match=r"art\. 9") as refusal:
        contract_steps.send_contract(actor=desk.owner, contract=contract)
    assert refusal.value.params["rules"] == ["fr.non_eu"]
    papers = {"eu_representative": "Relais SARL, Paris", "insurance": "Mutuelle, 4471"}
    contracts.save_contract(actor=desk.owner, contract=contract, creator_party=papers)
    assert any(c["key"] == "non_eu" and "Mutuelle, 4471" in c["text"] for c in contract.clauses)
    contract_steps.send_contract(actor=desk.owner, contract=contract)


def test_no_contract_with_a_minor_and_none_for_a_forbidden_sector(desk: Desk) -> None:
    contract = desk.draft()
    creator, brand = contract.partnership.creator, desk.stage.cast.brand
    type(creator).objects.filter(pk=creator.pk).update(is_minor=True)
    with pytest.raises(WrongState, match="under age"):
        contract_steps.send_contract(actor=desk.owner, contract=contract)
    type(creator).objects.filter(pk=creator.pk).update(is_minor=False)
    type(brand).objects.filter(pk=brand.pk).update(sectors=["Vape"])
    with pytest.raises(WrongState, match=r"art\. 4, III"):
        contract_steps.send_contract(actor=desk.owner, contract=contract)


# --- states


def actors(desk: Desk, contract: Contract):
    return {"brand": desk.owner, "creator": desk.creator(contract)}


@pytest.mark.parametrize("state", CONTRACT.states)
def test_every_verb_from_every_state_by_every_side(desk: Desk, state: str) -> None:
    contract = desk.draft()
    for step, (side, actor) in product(CONTRACT.transitions, actors(desk, contract).items()):
        Contract.objects.filter(pk=contract.pk).update(state=state)
        row = Contract.objects.get(pk=contract.pk)
        allowed = side in step.sides and state in step.sources
        try:
            advance(row, CONTRACT, step.verb, actor=actor)
        except (NotAllowed, WrongState):
            assert not allowed
        else:
            assert allowed
        assert Contract.objects.get(pk=contract.pk).state == (step.target if allowed else state)


def test_only_a_draft_changes_and_only_one_contract_is_open(desk: Desk) -> None:
    contract = desk.sent()
    for call in (
        lambda: contracts.save_contract(actor=desk.owner, contract=contract, texts={"review": "x"}),
        lambda: contract_steps.send_contract(actor=desk.owner, contract=contract),
        lambda: contracts.draft_contract(actor=desk.owner, partnership=contract.partnership),
        lambda: contracts.amend_contract(actor=desk.owner, contract=contract),
        lambda: contract_steps.terminate_contract(actor=desk.owner, contract=contract, reason="It is over now."),
        lambda: contract_steps.remind_to_sign(actor=desk.owner, contract=contract),
    ):
        with pytest.raises(WrongState):
            call()
    contract_steps.void_contract(
        actor=desk.creator(contract), contract=contract, reason="The usage rights are too wide."
    )
    assert (contract.state, contract.ended_by) == ("voided", "creator")
    assert contracts.draft_contract(actor=desk.owner, partnership=contract.partnership).number == 2


def test_two_editors_do_not_overwrite_each_other(desk: Desk) -> None:
    contract = desk.draft()
    read_at = contract.saved_at
    contracts.save_contract(actor=desk.owner, contract=contract, texts={"review": "One"}, based_on=read_at)
    with pytest.raises(WrongState) as refusal:
        contracts.save_contract(actor=desk.owner, contract=contract, texts={"review": "Two"}, based_on=read_at)
    assert refusal.value.code == "stale"


def test_an_amendment_names_the_first_and_both_sign_it_again(desk: Desk) -> None:
    first = desk.executed()
    made = contracts.amend_contract(actor=desk.owner, contract=first)
    contracts.save_contract(actor=desk.owner, contract=made, fee="550")
    assert (made.amends_id, made.fee) == (first.pk, Decimal("550.00"))
    assert first.reference in made.clauses[0]["text"]
    with pytest.raises(WrongState):
        contracts.amend_contract(actor=desk.owner, contract=first)
    contract_steps.send_contract(actor=desk.owner, contract=made)
    desk.sign(made, "brand")
    assert desk.sign(made, "creator").state == "executed"
    first.refresh_from_db()
    assert first.state == "executed"


def test_a_creator_names_themself_once_and_drafts_take_it_in(desk: Desk) -> None:
    contract = contracts.draft_contract(actor=desk.owner, partnership=desk.agreed())
    assert contract.creator_party["address"] == ""
    lea = desk.stage.cast.actor(desk.stage.cast.lea_user)
    contracts.save_identity(actor=lea, **CREATOR_PARTY)
    contract.refresh_from_db()
    assert contract.creator_party["address"] == CREATOR_PARTY["address"]
    assert CREATOR_PARTY["address"] in next(c for c in contract.clauses if c["key"] == "parties")["text"]
    for wrong in ({"email": "nobody"}, {"tax_country": "ZZ"}, {"name": "x" * 500}, {"iban": "FR76"}):
        with pytest.raises(InvalidInput):
            contracts.save_identity(actor=lea, **wrong)


@pytest.mark.parametrize(
    "rights,end",
    [
        ("Instagram, 6 months", date(2026, 11, 30)),
        ("Réseaux de la marque, 1 an", date(2027, 5, 31)),
        ("30 jours", date(2026, 6, 30)),
        ("None", None),
        ("février, 9 mois", date(2027, 2, 28)),
    ],
)
def test_the_end_of_rights_is_read_from_plain_words(rights: str, end: date | None) -> None:
    assert composing.rights_end(rights, date(2026, 5, 31)) == end


def test_strangers_and_roles(desk: Desk) -> None:
    contract = desk.draft()
    cast = desk.stage.cast
    lea, tom = cast.actor(cast.lea_user), cast.actor(cast.tom_user)
    assert not Contract.visible_to(lea).exists()  # a draft is the brand's own
    contract_steps.send_contract(actor=desk.owner, contract=contract)
    assert Contract.visible_to(lea).get() == contract
    assert not Contract.visible_to(tom).exists() and not Contract.visible_to(cast.actor(cast.other_owner)).exists()
    guest = cast.actor(cast.viewer)
    for call in (
        lambda: contract_steps.void_contract(actor=guest, contract=contract, reason="I would like to end this."),
        lambda: contracts.save_contract(actor=lea, contract=contract, brand_party=BRAND_PARTY),
        lambda: contract_steps.send_contract(actor=guest, contract=contract),
    ):
        with pytest.raises(DomainError) as refusal:
            call()
        assert refusal.value.status == 403
