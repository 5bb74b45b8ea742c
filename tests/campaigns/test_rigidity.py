"""The rigidity check on briefs it has never seen, and what must hold whatever the words are."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.rigidity import Rigidity, Wording, advise, measure
from campaigns.rigidity.measure import sentences
from campaigns.rigidity.sectors import restricted

HELD_OUT: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data" / "briefs_held_out.yaml").read_text(encoding="utf-8")
)


def of(entry: dict[str, Any]) -> Rigidity:
    texts = {name: entry.get(name, "") for name in ("message", "must", "must_not")}
    return measure(Wording(texts, freedom=entry["freedom"]))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_scripted_briefs_stand_above_loose_ones(language: str) -> None:
    mine = [entry for entry in HELD_OUT if entry["language"] == language]
    tight, loose = ([of(e).total for e in mine if e["expect"] == kind] for kind in ("scripted", "loose"))
    pairs = [one > two for one, two in product(tight, loose)]
    assert sum(pairs) / len(pairs) == 1.0, (sorted(tight), sorted(loose))


def test_the_words_alone_tell_them_apart() -> None:
    """With the same freedom on the scale, so that only what is written speaks."""
    tight, loose = (
        [of(e | {"freedom": 4}).total for e in HELD_OUT if e["expect"] == kind] for kind in ("scripted", "loose")
    )
    assert min(tight) > max(loose)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_levels_of_unseen_briefs(language: str) -> None:
    """A loose brief is never called scripted, and at most one scripted brief in five escapes the word."""
    mine = [entry for entry in HELD_OUT if entry["language"] == language]
    assert all(of(e).level == "loose" for e in mine if e["expect"] == "loose")
    tight = [of(e).level for e in mine if e["expect"] == "scripted"]
    assert "loose" not in tight and tight.count("scripted") >= len(tight) - 1, tight


def test_every_scripted_brief_gets_a_sentence_to_loosen() -> None:
    for entry in HELD_OUT:
        found = advise(of(entry))
        if entry["expect"] == "scripted":
            assert found and all(item.sentence in entry["must"] + entry.get("message", "") for item in found), entry
        else:
            assert found == [], (entry, found)


DUTIES = st.sampled_from(
    [
        "You must show the logo.",
        "Il faut citer le prix.",
        "Le nom est obligatoire.",
        "Always wear the cap.",
        "Dites exactement « ce savon est doux et il sent bon ».",
        "Say it word for word.",
        "Mention the code at least 3 times.",
        "Foncez !",
    ]
)
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200)
BRIEFS = st.builds(
    lambda must, must_not, message, freedom: ({"message": message, "must": must, "must_not": must_not}, freedom),
    st.one_of(WORDS, st.lists(DUTIES, max_size=8).map("\n".join)),
    WORDS,
    WORDS,
    st.integers(1, 5),
)


@settings(max_examples=120, deadline=None)
@given(BRIEFS, DUTIES, st.sampled_from(["must", "must_not"]))
def test_one_more_obligation_never_lowers_it(brief: tuple[dict[str, str], int], duty: str, field: str) -> None:
    texts, freedom = brief
    before = measure(Wording(texts, freedom))
    after = measure(Wording(texts | {field: texts[field] + "\n" + duty}, freedom))
    assert after.total >= before.total and 0 <= before.total <= 100
    assert all(after.parts[name] >= value for name, value in before.parts.items())
    for finding in after.findings:  # the sentences shown are the brief's own, at their place
        assert (texts | {field: texts[field] + "\n" + duty})[finding.field][finding.start : finding.end] == finding.text


@settings(max_examples=60, deadline=None)
@given(BRIEFS)
def test_more_freedom_never_raises_it(brief: tuple[dict[str, str], int]) -> None:
    texts, _freedom = brief
    totals = [measure(Wording(texts, freedom)).total for freedom in range(1, 6)]
    assert totals == sorted(totals, reverse=True)


@settings(max_examples=60, deadline=None)
@given(BRIEFS)
def test_without_the_sentence_named_it_falls_as_said(brief: tuple[dict[str, str], int]) -> None:
    texts, freedom = brief
    whole = measure(Wording(texts, freedom))
    assert all(0 <= finding.gain <= whole.total + 0.1 for finding in whole.findings)
    assert whole.findings == tuple(sorted(whole.findings, key=lambda f: (-f.gain, f.field, f.start)))


def test_a_hostile_text_is_read_in_time() -> None:
    for text in ("«" * 2000, '"a ' * 700, "must " * 400, "a" * 2000, "sans rien " * 200, "- " * 1000 + "!" * 1000):
        assert measure(Wording({"must": text})).total >= 0


def test_sentences_keep_quotations_whole_and_drop_list_marks() -> None:
    text = "- Dire « Ouah. Quel savon. Vraiment ! » d'un trait.\n2) The price: 24 €"
    assert [piece for _start, piece in sentences(text)] == [
        "Dire « Ouah. Quel savon. Vraiment ! » d'un trait.",
        "The price: 24 €",
    ]


@pytest.mark.parametrize(
    ("text", "countries", "keys"),
    [
        ("Une bière artisanale", ["FR"], ["alcohol"]),
        ("An alcohol-free beer, un vin sans alcool", ["GB"], []),
        ("Un kit de vapotage et des puffs", [], ["nicotine"]),
        ("Learn forex with our binary options", ["FR"], ["finance"]),
        ("Learn forex with our binary options", ["US"], []),
        ("Paris sportifs et casino en ligne", ["BE"], ["gambling"]),
        ("Un savon doux, des vacances à Paris", ["FR"], []),
        ("A winery visit is not planned; ginger tea is", ["GB"], []),
        ("Formation éligible au CPF", ["FR"], ["training"]),
    ],
)
def test_restricted_sectors(text: str, countries: list[str], keys: list[str]) -> None:
    assert [sector.key for sector in restricted(text, countries=countries, language="fr")] == keys
