"""The pages of comparison and choice, as their readers get them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import Creator
from campaigns.models import Campaign
from campaigns.services.shortlist import shortlist_creators
from tests.cast import Cast
from tests.matching.test_choosing import put


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    return Campaign.objects.create(
        workspace=cast.alma, brand=cast.brand, name="Spring", objective="awareness", budget=2000
    )


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["People reached once", "Audience overlap"]), ("fr", ["Recouvrement d’audience"])]
)
def test_two_are_compared_and_one_is_told_how(cast: Cast, language: str, words: list[str]) -> None:
    pair = [put("Ann <b>", range(200)), put("Bea", range(100, 300))]
    browser = cast.browser(cast.owner, language)
    page = browser.get(reverse("creator_compare"), {"creator": pair}).content.decode()
    assert all(word in page for word in words)
    assert "Ann &lt;b&gt;" in page
    assert "50" in page
    for query in ({}, {"creator": pair[0]}, {"creator": "x"}, {"creator": "9" * 30}, {"creator": ["-1", "0", "'"]}):
        assert browser.get(reverse("creator_compare"), query).status_code == 200


def test_a_campaign_chooses_its_set(cast: Cast, campaign: Campaign) -> None:
    people = [put("First", range(200)), put("Twin", range(200)), put("Apart", range(900, 1100))]
    shortlist_creators(actor=cast.actor(cast.owner), campaign=campaign, creators=Creator.objects.filter(pk__in=people))
    browser = cast.browser(cast.owner)
    url = reverse("campaign_choose", args=[campaign.pk])
    page = browser.get(url).content.decode()
    assert "Lost without" in page
    assert "Apart" in page
    left = browser.get(url, {"budget": "2000", f"c{people[2]}": "out"}).content.decode()
    assert "left out by you" in left
    for query in (
        {"budget": "abc"},
        {"budget": "-5"},
        {"budget": "1e400"},
        {"per_tier": "0"},
        {"budget": "0"},
        {"budget": "1"},
    ):
        assert browser.get(url, query).status_code == 200, query
    assert cast.browser(cast.other_owner).get(url).status_code == 404


def test_a_campaign_without_people_says_where_to_find_them(cast: Cast, campaign: Campaign) -> None:
    page = cast.browser(cast.owner).get(reverse("campaign_choose", args=[campaign.pk])).content.decode()
    assert "Find creators" in page
