"""Niches: what a text is about, when nothing may be said, and what they are called."""

import numpy as np
import pytest

from matching import semantics
from matching.semantics import taxonomy, topics


def assigned(text: str) -> str:
    column = int(topics.assign_topics(semantics.encode([text]))[0])
    return topics.slugs()[column] if column >= 0 else ""


# Written apart from the seeds of the niches.
@pytest.mark.parametrize(
    ("text", "niche"),
    [
        (
            "White walls, oak and linen: our minimalist Scandinavian living room, nothing superfluous",
            "interior_minimalist",
        ),
        ("Mon sérum préféré pour une peau moins sèche cet hiver", "skincare"),
        ("Smoky eyes et bouche nude, le maquillage de mes fêtes", "makeup"),
        ("Long run this morning, 28 km in preparation for the marathon", "running"),
        ("Le chiot a mangé mes chaussures, éducation du chien jour 12", "dogs"),
        ("Kitten number two has arrived and our old cat is not amused", "cats"),
        ("Dal de lentilles corail et légumes rôtis, un plat végétalien", "vegetarian"),
        ("Chocolate cake with raspberries, baked for my sister", "baking"),
        ("Visite de cave et dégustation chez un vigneron de Loire", "wine"),
        ("Espresso, then a V60 with beans from a local roaster", "coffee"),
        ("Nos semis de tomates lèvent enfin, vivement le potager", "gardening"),
        ("Finished this novel in one night, what an author", "books"),
        ("Bols en grès sortis du four ce matin à l'atelier de poterie", "ceramics"),
        ("New pull request merged, our Python library is open source", "open_source"),
        ("J'ai tricoté ce pull en laine mérinos", "knitting"),
        ("Comment j'épargne 200 euros par mois et mon budget", "personal_finance"),
        ("Pronostics du soir et cotes boostées, paris sportifs", "gambling"),
        ("My curls love this conditioner, wash day routine", "hair"),
        ("Robe de mariée choisie, la cérémonie approche", "wedding"),
        ("Camper van parked by the sea, vanlife with two kids", "van_life"),
    ],
)
def test_a_text_is_given_its_niche(text: str, niche: str) -> None:
    assert assigned(text) == niche


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😍",
        "Happy Monday everyone!",
        "Bonne soirée à tous, à demain",
        "ok thanks",
        "So proud of you",
        "#tbt #love #instagood",
    ],
)
def test_a_text_about_nothing_in_particular_is_given_none(text: str) -> None:
    assert assigned(text) == ""


def test_scores_are_chances_and_zeros_stay_zeros() -> None:
    scores = topics.topic_scores(semantics.encode(["Natural cosmetics without silicone", ""]))
    assert scores.shape == (2, len(topics.slugs()))
    assert scores[0].max() > 0.5
    assert topics.slugs()[int(scores[0].argmax())] == "natural_cosmetics"
    assert ((scores >= 0) & (scores <= 1)).all()
    assert not scores[1].any()


def test_no_text_is_given_nothing() -> None:
    assert topics.assign_topics(np.zeros((0, 256), np.float32)).shape == (0,)


def test_every_niche_has_both_names_and_a_known_group() -> None:
    assert len(topics.slugs()) == len(set(topics.slugs())) >= 80
    for slug in topics.slugs():
        assert topics.label(slug, "fr") and topics.label(slug, "en")
        assert topics.group(slug) in taxonomy.groups()
    assert topics.label("unknown-niche") == "unknown-niche"
    assert topics.label("wine", "fr-ca") == "Vin"


def test_regulated_niches_say_so() -> None:
    assert topics.sector("wine") == "alcohol"
    assert topics.sector("gambling") == "gambling"
    assert topics.sector("crypto") == topics.sector("personal_finance") == "finance"
    assert topics.sector("health") == "health"
    assert topics.sector("gardening") == topics.sector("nothing") == ""


def test_a_brief_names_its_niches() -> None:
    french = topics.named(semantics.brief_vector("Marque de cosmétiques naturels, soins du visage bio", "fr"))
    english = topics.named(semantics.brief_vector("Natural cosmetics brand, organic face care", "en"))
    assert french[0] == english[0] == "natural_cosmetics"
    assert topics.named(np.zeros(256, np.float32)) == ()


def test_a_brief_without_a_known_word_asks_for_nothing() -> None:
    assert not semantics.brief_vector("😀 !!!").any()
    assert not topics.subject(np.zeros((1, 256), np.float32)).any()


def test_a_brief_keeps_its_wording_within_its_niche() -> None:
    brief = semantics.brief_vector("Shampoing pour cheveux bouclés et crépus", "fr")
    curls, colour = semantics.encode(
        ["Ma routine pour cheveux bouclés : boucles et hydratation", "Coloration blonde et balayage"]
    )
    assert brief @ curls > brief @ colour
