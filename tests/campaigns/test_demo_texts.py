"""What the demo's people write: whole sentences, right French, nothing left of the templates."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from campaigns.demo import material
from campaigns.demo.grammar import GrammarError, Voice, elides, expand
from campaigns.demo.writing import finish

HER, HIM, ENGLISH = Voice("fr", True, 0), Voice("fr", False, 0), Voice("en", True, 0)


def said(template: str, voice: Voice = HER, **slots: str) -> str:
    return expand(template, rng=random.Random(1), voice=voice, slots=slots)


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        ("m banc", "un banc, le banc, ce banc, du banc, au banc, posé"),
        ("f lampe", "une lampe, la lampe, cette lampe, de la lampe, à la lampe, posée"),
        ("m éclair", "un éclair, l'éclair, cet éclair, de l'éclair, à l'éclair, posé"),
        ("f huile", "une huile, l'huile, cette huile, de l'huile, à l'huile, posée"),
        ("m harnais", "un harnais, le harnais, ce harnais, du harnais, au harnais, posé"),
        ("f haie", "une haie, la haie, cette haie, de la haie, à la haie, posée"),
    ],
)
def test_french_articles_follow_gender_vowel_and_aspirated_h(thing: str, expected: str) -> None:
    assert said("<un:x>, <le:x>, <ce:x>, <de:x>, <a:x>, posé<e:x>", x=thing) == expected


def test_the_speaker_agrees() -> None:
    assert said("<content/contente>, venu<e>") == "contente, venue"
    assert said("<content/contente>, venu<e>", HIM) == "content, venu"


def test_english_takes_a_or_an() -> None:
    assert said("<un:x>", ENGLISH, x="oat soap") == "an oat soap"
    assert said("<un:x>", ENGLISH, x="unicycle") == "a unicycle"


@pytest.mark.parametrize("broken", ["{a|b", "a}b", "<slot", "{a|{b}"])
def test_a_broken_template_is_refused(broken: str) -> None:
    with pytest.raises(GrammarError):
        said(broken)


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(GrammarError, match="nothing"):
        said("<nothing>")


def test_a_person_keeps_words_of_their_own() -> None:
    """Half of the choices are habits: over many draws one person says one word much more than another does."""
    template = "{alpha|beta|gamma} {un|deux|trois} {x|y|z} {k|l|m} {p|q|r} {s|t|u}"

    def spread(key: int) -> list[int]:
        rng = random.Random(5)
        texts = [expand(template, rng=rng, voice=Voice("fr", True, key), slots={}).split() for _n in range(120)]
        return [len(set(column)) for column in zip(*texts, strict=True)]

    assert any(1 in spread(key) for key in range(1, 8))
    assert spread(0) == [3] * 6
    assert len({tuple(spread(key)) for key in range(1, 30)}) > 5


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("le compte de Annecy et de une amie", "Le compte d'Annecy et d'une amie"),
        ("que elle vienne à Lyon", "Qu'elle vienne à Lyon"),
        ("une phrase.  une autre ,  oui", "Une phrase. Une autre, oui"),
        ("il pleut.. fin", "Il pleut. Fin"),
        ("de onze à douze", "De onze à douze"),
    ],
)
def test_french_sentences_are_finished(raw: str, expected: str) -> None:
    assert finish(raw, "fr") == expected


def test_elision_knows_its_exceptions() -> None:
    assert elides("hiver")
    assert not elides("haricot")
    assert not elides("onze")


def test_every_niche_speaks_both_languages_with_enough_to_say() -> None:
    assert len(material.niches()) >= 25
    for niche in material.niches():
        assert niche.products
        for language in material.LANGUAGES:
            tongue = niche.tongue(language)
            assert len(tongue.scenes) >= 4
            assert len(tongue.lines) >= 5
            assert len(tongue.qa) >= 3
            assert len(tongue.tags) >= 8
            for scene in tongue.scenes:
                assert len(scene.see) >= 2 and scene.title and scene.think and scene.ask
                assert len(scene.qa) >= 2 and scene.use and scene.debate


def _templates(language: material.Language) -> Iterator[tuple[str, str, dict[str, str]]]:
    """(where, template, slots) for every phrase of every niche."""
    everyday = dict.fromkeys("city month weekday season daypart il Il he He his hour".split(), "mot")
    for niche in material.niches():
        tongue = niche.tongue(language)
        slots = everyday | {name: re.sub("<[a-z]+>", "mot", values[0]) for name, values in tongue.slots}
        phrases = [*tongue.bio, *tongue.lines, *tongue.use]
        phrases += [part for pair in (*tongue.qa, *tongue.debate) for part in pair]
        for scene in tongue.scenes:
            phrases += [*scene.title, *scene.see, *scene.think, *scene.ask, *scene.use]
            phrases += [part for pair in (*scene.qa, *scene.debate) for part in pair]
        for phrase in phrases:
            yield niche.key, phrase, slots


@pytest.mark.parametrize("language", material.LANGUAGES)
def test_every_phrase_expands_whatever_is_drawn(language: material.Language) -> None:
    marks = re.compile(r"[{}|<>]|=>|\s[,.]|\b(\w+) \1\b(?<!nous nous)(?<!vous vous)")
    faults = Counter()
    for where, phrase, slots in _templates(language):
        for n in range(6):
            rng = random.Random(n)
            text = finish(expand(phrase, rng=rng, voice=Voice(language, n % 2 == 0, n), slots=slots), language)
            if not text or marks.search(text.replace("mot mot", "mot")):
                faults[f"{where}: {text}"] += 1
    assert not faults, faults.most_common(10)


def test_no_filler_and_no_place_of_a_machine() -> None:
    whole = "\n".join(path.read_text("utf-8").lower() for path in material.FOLDER.glob("*.yaml"))
    assert "lorem" not in whole
    assert "/work" not in whole and "/tmp" not in whole
