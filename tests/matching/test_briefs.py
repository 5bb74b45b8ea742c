"""A brief from strangers: accepted and normalised, or refused with the field and the remedy."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.briefs import BriefError, brief_hash, parse_brief
from matching.contracts import Brief, Weights

TEXT = "Marque de cosmétiques naturels"


def errors(data: Any) -> dict[str, str]:
    with pytest.raises(BriefError) as refused:
        parse_brief(data)
    return {error.pointer: error.code for error in refused.value.errors}


def test_text_alone_is_a_brief_with_the_published_defaults() -> None:
    assert parse_brief({"text": TEXT}) == Brief(text=TEXT)


def test_what_people_type_is_normalised_once_for_every_door() -> None:
    brief = parse_brief(
        {
            "text": "  Cafe\u0301 de spécialité  ",
            "platforms": ["Insta", "twitter", "instagram"],
            "countries": ["uk", "Allemagne", "FR"],
            "languages": ["fr-FR", "Anglais"],
            "sectors": ["Jeux d’argent", "jeux-d-argent"],
            "budget_per_creator": 450,
            "currency": "usd",
        }
    )
    assert brief.text == "Café de spécialité"
    assert brief.platforms == ("instagram", "x")
    assert brief.countries == ("GB", "DE", "FR")
    assert brief.languages == ("fr", "en")
    assert brief.sectors == ("jeux_d_argent",)
    assert (brief.budget_per_creator, brief.currency) == (Decimal("450.00"), "USD")


def test_stored_json_reads_back_to_the_same_brief_and_hash() -> None:
    brief = parse_brief(
        {"text": TEXT, "topics": ["skincare"], "budget_per_creator": "300.5", "weights": {"affinity": 1, "economy": 0}}
    )
    again = parse_brief(json.loads(json.dumps(brief.to_json())))
    assert again == brief
    assert brief_hash(again) == brief_hash(brief) != brief_hash(parse_brief({"text": TEXT}))


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        ([], "", "type"),
        ("text", "", "type"),
        (None, "", "type"),
        ({}, "/text", "required"),
        ({"text": None}, "/text", "type"),
        ({"text": 5}, "/text", "type"),
        ({"text": "ok"}, "/text", "too_short"),
        ({"text": "1234 5678 !!!"}, "/text", "too_short"),
        ({"text": "a" * 20_001}, "/text", "too_long"),
        ({"text": "x" * 1_000_000}, "/text", "too_long"),
        ({"text": TEXT + "\u202eabc"}, "/text", "control_character"),
        ({"text": TEXT + "\x00"}, "/text", "control_character"),
        ({"text": TEXT + "\ud800"}, "/text", "control_character"),
        ({"text": TEXT, "txet": 1}, "/txet", "unknown_field"),
        ({"text": TEXT, "a/b~": 1}, "/a~1b~0", "unknown_field"),
        ({"text": TEXT, "platforms": "instagram"}, "/platforms", "type"),
        ({"text": TEXT, "platforms": ["instagram", "snapchat"]}, "/platforms/1", "unknown_platform"),
        ({"text": TEXT, "countries": ["XX"]}, "/countries/0", "unknown_country"),
        ({"text": TEXT, "countries": ["EU"]}, "/countries/0", "unknown_country"),
        ({"text": TEXT, "languages": ["zz"]}, "/languages/0", "unknown_language"),
        ({"text": TEXT, "topics": [""]}, "/topics/0", "blank"),
        ({"text": TEXT, "topics": [["a"]]}, "/topics/0", "type"),
        ({"text": TEXT, "topics": ["a"] * 51}, "/topics", "too_many"),
        ({"text": TEXT, "followers_min": -1}, "/followers_min", "range"),
        ({"text": TEXT, "followers_min": 1.5}, "/followers_min", "type"),
        ({"text": TEXT, "followers_min": True}, "/followers_min", "type"),
        ({"text": TEXT, "followers_min": "1000"}, "/followers_min", "type"),
        ({"text": TEXT, "followers_max": 10**40}, "/followers_max", "range"),
        ({"text": TEXT, "followers_min": 9, "followers_max": 3}, "/followers_min", "range"),
        ({"text": TEXT, "budget_per_creator": -5}, "/budget_per_creator", "range"),
        ({"text": TEXT, "budget_per_creator": 0}, "/budget_per_creator", "range"),
        ({"text": TEXT, "budget_per_creator": 0.001}, "/budget_per_creator", "range"),
        ({"text": TEXT, "budget_per_creator": float("nan")}, "/budget_per_creator", "range"),
        ({"text": TEXT, "budget_per_creator": float("inf")}, "/budget_per_creator", "range"),
        ({"text": TEXT, "budget_per_creator": "NaN"}, "/budget_per_creator", "range"),
        ({"text": TEXT, "budget_per_creator": "12,5"}, "/budget_per_creator", "type"),
        ({"text": TEXT, "budget_per_creator": {}}, "/budget_per_creator", "type"),
        ({"text": TEXT, "budget_per_creator": 10**5000}, "/budget_per_creator", "type"),
        ({"text": TEXT, "currency": "XYZ"}, "/currency", "unknown_currency"),
        ({"text": TEXT, "in_kind_only": "yes"}, "/in_kind_only", "type"),
        ({"text": TEXT, "in_kind_only": True, "budget_per_creator": 10}, "/in_kind_only", "conflict"),
        ({"text": TEXT, "hard": ["budget"]}, "/hard", "budget_missing"),
        ({"text": TEXT, "hard": ["mood"]}, "/hard/0", "unknown_field"),
        ({"text": TEXT, "exclude_creators": [0]}, "/exclude_creators/0", "range"),
        ({"text": TEXT, "exclude_creators": [2**63]}, "/exclude_creators/0", "range"),
        ({"text": TEXT, "weights": []}, "/weights", "type"),
        ({"text": TEXT, "weights": {"charm": 1}}, "/weights", "unknown_field"),
        ({"text": TEXT, "weights": {"affinity": -1}}, "/weights/affinity", "range"),
        ({"text": TEXT, "weights": {"affinity": float("nan")}}, "/weights/affinity", "range"),
        (
            {"text": TEXT, "weights": dict.fromkeys(Weights.__dataclass_fields__.keys() - {"version"}, 0)},
            "/weights",
            "range",
        ),
    ],
)
def test_a_fault_names_its_place(data: Any, pointer: str, code: str) -> None:
    assert errors(data).get(pointer) == code


def test_every_fault_is_told_at_once() -> None:
    found = errors({"text": "x", "platforms": ["snap"], "budget_per_creator": -1, "nope": 1})
    assert set(found) == {"/text", "/platforms/0", "/budget_per_creator", "/nope"}


def test_messages_say_the_remedy_in_the_reader_s_language() -> None:
    with translation.override("en"), pytest.raises(BriefError) as english:
        parse_brief({"text": TEXT, "platfroms": []})
    assert english.value.fields["platfroms"] == ["There is no field “platfroms”. Did you mean “platforms”?"]


def test_ordinary_signs_of_many_scripts_are_welcome() -> None:
    text = "Café 👩‍🍳 « frais » — العربية ‏ 日本語 naïve œuvre\n\tligne"
    assert parse_brief({"text": text}).text == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first draw builds the Unicode tables
@given(st.dictionaries(st.sampled_from([*Brief.__dataclass_fields__, "other"]), json_values, max_size=6))
def test_anything_at_all_is_a_brief_or_a_brief_error(data: dict[str, Any]) -> None:
    try:
        brief = parse_brief(data)
    except BriefError as error:
        assert error.errors and all(e.message and e.code for e in error.errors)
        assert error.status == 422
    else:
        assert parse_brief(brief.to_json()) == brief
