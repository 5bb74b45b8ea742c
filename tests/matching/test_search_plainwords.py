"""What is read in a box of plain words, and what is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.filters import FILTERS
from matching.plainwords import LONGEST_READ, read_plain_words

CITIES = {"lyon", "paris", "new york", "saint-étienne"}


def read(text: str) -> tuple[list[tuple[str, str]], str]:
    found = read_plain_words(text, cities=lambda names: {name for name in names if name in CITIES})
    return [(hint.name, hint.value) for hint in found.hints], found.rest


@pytest.mark.parametrize(
    ("text", "hints", "rest"),
    [
        (
            "micro-influenceuses déco à Lyon sur Instagram",
            [("tier", "micro"), ("city", "Lyon"), ("platform", "instagram")],
            "déco",
        ),
        ("nano influencers in New York, vegan recipes", [("tier", "nano"), ("city", "New York")], "vegan recipes"),
        ("créatrices belges francophones de yoga", [("country", "BE"), ("language", "fr")], "yoga"),
        ("English-speaking skincare creators from the UK", [("language", "en"), ("country", "GB")], "skincare"),
        ("youtubeurs tech à Saint-Étienne", [("platform", "youtube"), ("city", "Saint-Étienne")], "tech"),
        ("trail, 10k à 50k abonnés", [("followers_min", "10000"), ("followers_max", "50000")], "trail"),
        ("trail, entre 10 et 50k abonnés", [("followers_min", "10000"), ("followers_max", "50000")], "trail"),
        ("moins de 20 000 abonnés", [("followers_max", "20000")], ""),
        ("yoga, more than 2.5k followers", [("followers_min", "2500")], "yoga"),
        ("yoga 5k+ followers", [("followers_min", "5000")], "yoga"),
        ("céramique, budget de 1 500 €", [("price", "1500")], "céramique"),
        ("recettes sans gluten, fort engagement", [("engagement", "75")], "recettes sans gluten"),
        ("jardiniers disponibles, pas encore contactés", [("available", "1"), ("new", "1")], "jardiniers"),
        ("Paris", [("city", "Paris")], ""),
        ("dinde en Turquie", [("country", "TR")], "dinde"),
    ],
)
def test_filters_read(text: str, hints: list[tuple[str, str]], rest: str) -> None:
    assert read(text) == (hints, rest)


@pytest.mark.parametrize(
    "text",
    [
        "cuisine italienne et vins français",
        "turkey recipes for Thanksgiving",
        "a jersey dress",
        "micro casque pour streaming",
        "china plates and porcelain",
        "grenade et figues",
        "bouledogue français",
        "lire à Lisbonne",
        "5 idées déco",
        "huile d’olive",
        "minimalist Scandinavian interior brand",
    ],
)
def test_what_could_mean_something_else_is_left_alone(text: str) -> None:
    assert read(text) == ([], text)


def test_a_brief_is_not_a_list_of_filters() -> None:
    text = "Nous cherchons des créateurs à Lyon sur Instagram. " * 20
    assert len(text) > LONGEST_READ and read(text) == ([], text)


@given(st.text(max_size=LONGEST_READ))
def test_any_text_gives_values_that_the_filters_accept(text: str) -> None:
    hints, rest = read(text)
    assert len(rest) <= len(text) + 1
    for name, value in hints:
        assert FILTERS[name].read(value) == value
