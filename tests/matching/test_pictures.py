"""Drawn illustrations: safe to serve, always the same, and of what the post is about."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from accounts.avatars import initials, svg_avatar
from campaigns.demo import material
from matching.pictures import motif_of, svg_for_post
from matching.pictures.drawing import MOTIFS

ALLOWED = {"svg", "defs", "linearGradient", "stop", "rect", "circle", "ellipse", "path", "polygon", "g", "text"}


def tags(svg: str) -> set[str]:
    return {element.tag.split("}")[1] for element in ET.fromstring(svg).iter()}


@pytest.mark.parametrize("motif", [*MOTIFS, "something nobody drew"])
@pytest.mark.parametrize("kind", ["image", "carousel", "video", "text", "story", ""])
def test_pictures_are_small_well_formed_and_harmless(motif: str, kind: str) -> None:
    for seed in range(4):
        svg = svg_for_post(seed, motif, kind)
        assert tags(svg) <= ALLOWED
        assert "style" not in svg and "href" not in svg and "url(#" in svg
        assert len(svg) < 16_000
        assert svg == svg_for_post(seed, motif, kind)


def test_pictures_of_one_creator_differ() -> None:
    assert len({svg_for_post(seed, "room") for seed in range(30)}) == 30


def test_every_category_of_the_demo_has_its_motif() -> None:
    for niche in material.niches():
        motifs = {motif_of(niche.tongue(language).category) for language in material.LANGUAGES}
        assert len(motifs) == 1 and "" not in motifs, niche.key


@pytest.mark.parametrize(
    ("text", "motif"), [("Home & Garden", "room"), ("Livres", "books"), ("quantum law", ""), ("", "")]
)
def test_categories_of_strangers_are_understood_or_not(text: str, motif: str) -> None:
    assert motif_of(text) == motif


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Mélanie Puech", "MP"),
        ("anna.b", "AB"),
        ("Émile", "É"),
        ("", ""),
        ("123 !!", ""),
        ("<b> & co", "C"),
        ("Jean-Luc du Val", "JV"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["Rose Arnaud", "<script>alert(1)</script>", 'a" onload="x', "& <", "", "林 美"])
def test_avatars_hold_whatever_a_name_holds(name: str) -> None:
    for key in range(12):
        svg = svg_avatar(key, name)
        assert tags(svg) <= ALLOWED
        assert svg == svg_avatar(key, name)
    assert len({svg_avatar(key, name) for key in range(40)}) > 30
