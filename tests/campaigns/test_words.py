"""Words: the personal sentence, the second look at a brief, labels by country, amounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import InvalidInput
from accounts.models import Brand
from campaigns.briefcheck import remarks
from campaigns.brieftemplates import templates
from campaigns.deliverables import read_deliverables
from campaigns.disclosure import accepted_labels, labels_for, read_labels
from campaigns.models import Brief, Campaign, Form, Objective
from campaigns.personal import faults, leftover
from campaigns.terms import read_amount
from campaigns.texts import clean, sector_key
from tests.campaigns.conftest import DELIVERABLES, SENTENCES


@given(st.text(max_size=700))
def test_no_text_breaks_the_check_of_a_sentence(text: str) -> None:
    found = faults(text, names=["Léa", text[:20]], others=[(text[::-1], ["Max"]), ("", [])])
    assert isinstance(found, list)


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@pytest.mark.parametrize(
    "text", [*SENTENCES, "J'ai relu trois fois ton essai [2e partie] : 90 % d'honnêteté, 10 € de dépense."]
)
def test_real_sentences_hold_no_template_marks(text: str) -> None:
    assert not leftover(text)


def test_a_name_swapped_is_the_same_sentence() -> None:
    first = "Zoé, ta recette de savon au lait d'avoine nous a convaincus de t'écrire ce matin."
    assert not faults(first, names=["Zoé Roux"])
    assert faults(first.replace("Zoé", "Karim"), names=["Karim B."], others=[(first, ["Zoé Roux", "zoe.roux"])])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("450", "450"),
        ("450,5", "450.50"),
        ("1 200,50", "1200.50"),
        ("1\u202f200", "1200"),
        (12, "12"),
        (0.1, "0.10"),
        ("", "0"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: object, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers(), st.booleans(), st.none()))
def test_no_amount_is_guessed(value: object) -> None:
    try:
        amount = read_amount(value)
    except InvalidInput:
        return
    assert 0 <= amount <= Decimal("9999999.99") and amount == amount.quantize(Decimal("0.01"))


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["form", "format", "platform", "quantity", "due_on", "note", "x"]), inner, max_size=4
            )
        ),
    )
)
def test_deliverables_are_complete_or_refused(value: object) -> None:
    try:
        items = read_deliverables(value)
    except InvalidInput as refusal:
        assert list(refusal.fields) == ["deliverables"]
        return
    assert all(set(item) == {"form", "format", "platform", "quantity", "due_on", "note"} for item in items)


def test_labels_are_the_countrys_own_and_name_who_pays() -> None:
    lines = {
        label.country: label.line
        for label in labels_for(countries=["FR", "BE", "GB", "US", "DE", "NL"], chosen={}, language="fr", brand="Alma")
    }
    assert lines == {
        "FR": "Collaboration commerciale – Alma",
        "BE": "Publicité – Alma",
        "GB": "#ad – Alma",
        "US": "#ad – Alma",
        "DE": "Werbung – Alma",
        "NL": "#advertentie – Alma",
    }
    assert accepted_labels("BE", "nl")[0] == "Advertentie"


def test_an_unclear_label_is_refused_with_the_clear_ones() -> None:
    for country, weak in (("FR", "#sponso"), ("FR", "#ad"), ("GB", "#gifted"), ("ES", "#ad"), ("DE", "sponsored")):
        with pytest.raises(InvalidInput) as caught:
            read_labels({country: weak}, [country], "fr")
        assert accepted_labels(country)[0] in caught.value.fields["disclosure"][0]
    assert read_labels({"france": "publicité"}, ["FR"], "fr") == {"FR": "Publicité"}
    assert read_labels({}, ["FR", "JP"], "en") == {"FR": "Collaboration commerciale", "JP": "#ad"}
    with pytest.raises(InvalidInput):
        read_labels({"Atlantis": "Ad"}, [], "en")


def test_a_country_without_a_rule_says_so() -> None:
    [label] = labels_for(countries=["JP"], chosen={}, language="en", brand="Alma")
    assert not label.rule and not label.confirmed and "No rule" in label.placement


def brief(**changes: object) -> list[str]:
    campaign = Campaign(countries=["FR"], currency="EUR", brand=Brand(name="Alma", sectors=["cosmetics"]))
    row = Brief(
        campaign=campaign,
        product="Soap",
        message="Plain.",
        must="Refillable.",
        fee=Decimal(400),
        deliverables=DELIVERABLES,
    )
    for name, value in changes.items():
        setattr(campaign if name == "countries" else row, name, value)
    return [remark.code for remark in remarks(campaign, row, today=date(2026, 11, 22))]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            {
                "must": "Say exactly: “This is the best soap I have ever used in all my life, truly, buy it now.”\n"
                "The link must be in the first line.\nNever mention the price.",
                "freedom": 2,
            },
            "scripted",
        ),
        ({"must": "\n".join(f"Fact {n}" for n in range(7))}, "many_rules"),
        ({"must": "Lire le texte mot pour mot.", "freedom": 3}, "dictated"),
        ({"must": "Lire le texte mot pour mot.", "freedom": 5}, "freedom_contradicted"),
        ({"must": "Quelques stories, à définir ensemble."}, "vague"),
        ({"deliverables": [{"form": "dedicated", "due_on": None}]}, "no_date"),
        ({"deliverables": []}, "no_item"),
        ({"rights": "Our accounts"}, "rights_open"),
        ({"countries": ["JP"]}, "label_unknown"),
        ({"product": "Un vin nature du Jura"}, "sector_alcohol"),
        ({"message": "Stake your bitcoin with us."}, "sector_crypto"),
        ({"product": "Injections d’acide hyaluronique"}, "sector_aesthetic"),
        ({"freedom": 1}, "no_freedom"),
        ({"fee": None}, "no_pay"),
        ({"fee": None, "in_kind": "Soap", "in_kind_value": Decimal(20)}, "in_kind_only"),
        ({"countries": []}, "no_label"),
        ({"matching": {"followers_min": 5000}}, "numbers_only"),
        ({"must_not": "Ne pas mentionner le partenariat."}, "hides_label"),
        ({"must": "Keep the ad discreet."}, "hides_label"),
        ({"fee": Decimal(950), "in_kind": "Soap", "in_kind_value": Decimal(50)}, "contract"),
        ({"answer_days": 2}, "short_answer"),
        ({"deliverables": [{"form": "dedicated", "due_on": "2026-11-28"}]}, "short_time"),
    ],
)
def test_the_second_look_sees(changes: dict[str, object], code: str) -> None:
    assert code in brief(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"must": "A description of the scent.\nThe price."},
        {"must_not": "Pas de comparaison avec une autre marque.\nAucun partenariat avec un concurrent cité."},
        {"must_not": "Do not mention the price paid."},
        {"matching": {"followers_min": 5000, "text": "honest soap makers"}},
        {"fee": Decimal(600)},
        {"product": "Un pétillant sans alcool"},
        {"product": "White wine vinegar"},
        {"must": "Say it in your own words; the limits too."},
    ],
)
def test_an_ordinary_brief_is_left_alone(changes: dict[str, object]) -> None:
    assert brief(**changes) == []


def test_there_is_a_template_for_every_form_and_every_objective() -> None:
    assert {item.form for item in templates()} == set(Form.values)
    assert {item.objective for item in templates()} == set(Objective.values)


def test_templates_pass_their_own_second_look_in_both_languages() -> None:
    for language in ("en", "fr"):
        with translation.override(language):
            for item in templates():
                assert item.objective in Objective.values and item.form in Form.values
                assert not any(leftover(item.content[name]) for name in ("message", "must", "must_not"))
                assert set(brief(**item.content)) <= {"no_date"}, item.key  # the dates are the reader's to give
                read_deliverables(item.content["deliverables"])


def test_sectors_are_compared_however_they_are_written() -> None:
    assert sector_key("Jeux d'argent") == sector_key("jeux-d-argent") == sector_key("JEUX D’ARGENT")
