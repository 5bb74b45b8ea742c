"""Discover: filters, live counts, orders, pages, and the way out of an empty list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import Actor, creator_actor, member_actor
from accounts.errors import NotAllowed
from accounts.models import Membership
from matching import commitments
from matching.conditions import PRICE_EUR
from matching.filters import FILTERS, ORDERS, Context, SearchQuery
from matching.models import CreatorIndex
from matching.ranking.economy import price_band
from matching.search import Page, search
from matching.semantics import encode
from tests.cast import Cast
from tests.matching.conftest import direction

Add = Callable[..., CreatorIndex]
NOW = timezone.now()


@pytest.fixture
def actor(cast: Cast) -> Actor:
    return member_actor(Membership.objects.select_related("user").get(user=cast.owner))


@pytest.fixture
def shelf(add: Add) -> dict[str, CreatorIndex]:
    """Eight creators that differ in everything one can filter by."""
    rows: dict[str, dict[str, Any]] = {
        "ada": {
            "country": "FR",
            "tier": "nano",
            "followers": 4_000,
            "languages": ["fr"],
            "topics": ["dogs"],
            "er_percentile": 92.0,
        },
        "bea": {
            "country": "FR",
            "tier": "micro",
            "followers": 40_000,
            "languages": ["fr", "en"],
            "topics": ["dogs", "cats"],
            "er_percentile": 80.0,
        },
        "cyd": {
            "country": "BE",
            "tier": "micro",
            "followers": 60_000,
            "languages": ["fr"],
            "topics": ["cats"],
            "er_percentile": 55.0,
        },
        "dov": {
            "country": "US",
            "tier": "macro",
            "followers": 700_000,
            "languages": ["en"],
            "topics": ["dogs"],
            "er_percentile": 20.0,
        },
        "eli": {
            "country": "US",
            "tier": "micro",
            "followers": 30_000,
            "languages": ["en"],
            "topics": ["yoga"],
            "platforms": ["youtube"],
            "main_platform": "youtube",
        },
        "fay": {
            "country": "CH",
            "tier": "nano",
            "followers": 9_000,
            "languages": ["fr"],
            "topics": ["yoga"],
            "sponsored_share": 0.4,
        },
        "gus": {"country": "FR", "tier": "nano", "followers": None, "languages": [], "topics": [], "city": "Lyon"},
        "hal": {
            "country": "FR",
            "tier": "micro",
            "followers": 20_000,
            "languages": ["fr"],
            "topics": ["dogs"],
            "risk_flags": ["a", "b"],
            "capacity_per_month": 0,
        },
    }
    days = dict(zip(rows, (1, 20, 45, 100, 200, 400, 5, 60), strict=True))
    return {
        name: add(
            name,
            direction(1.0, 0.01 * k),
            last_post_at=NOW - timedelta(days=days[name]),
            audience_score=90.0 - 5 * k,
            **columns,
        )
        for k, (name, columns) in enumerate(rows.items())
    }


def look(actor: Actor, **parameters: Any) -> Page:
    return search(actor=actor, query=SearchQuery.parse(parameters))


def names(page: Page) -> list[str]:
    return [row.index.handles[0] for row in page.rows]


FOUND = [
    ({"platform": "YouTube"}, {"eli"}),
    ({"tier": ["nano", "macro"]}, {"ada", "dov", "fay", "gus"}),
    ({"country": "fr"}, {"ada", "bea", "gus", "hal"}),
    ({"country": ["FR", "be"], "language": "English"}, {"bea"}),
    ({"topic": "cats"}, {"bea", "cyd"}),
    ({"city": "LYON"}, {"gus"}),
    ({"engagement": "75"}, {"ada", "bea"}),
    ({"quality": "70"}, {"ada", "bea", "cyd", "dov", "eli"}),
    ({"active": "30"}, {"ada", "bea", "gus"}),
    ({"sponsored": "30"}, set()),
    ({"calm": "1", "country": "FR"}, {"ada", "bea", "gus"}),
    ({"available": "1", "topic": "dogs"}, {"ada", "bea", "dov"}),
    ({"followers_min": "20000", "followers_max": "40000"}, {"bea", "eli", "hal"}),
    ({"price": "100"}, {"ada"}),
]


@pytest.mark.parametrize(("parameters", "expected"), FOUND)
def test_each_filter_finds_exactly_who_passes(actor: Actor, shelf: dict, parameters: dict, expected: set[str]) -> None:
    page = look(actor, **parameters)
    assert set(names(page)) == expected
    assert (page.total, page.exact) == (len(expected), True)
    assert len(page.active) == sum(len(v) if isinstance(v, list) else 1 for v in parameters.values())


@pytest.mark.parametrize(("parameters", "_expected"), FOUND)
def test_every_count_shown_is_what_choosing_it_gives(
    actor: Actor, shelf: dict, parameters: dict, _expected: set
) -> None:
    for facet in look(actor, **parameters).facets:
        for choice in facet.choices:
            chosen = {**parameters, facet.name: choice.value}
            assert look(actor, **chosen).total == choice.count, (facet.name, choice.value)


def test_nothing_left_says_what_to_give_up_and_what_that_finds(actor: Actor, shelf: dict) -> None:
    page = look(actor, country="CH", topic="dogs", tier="nano")
    assert page.total == 0 and page.rows == ()
    found = {relaxation.name: relaxation.total for relaxation in page.relaxations}
    assert found == {"country": 1, "topic": 1}
    for relaxation in page.relaxations:
        assert search(actor=actor, query=relaxation.query).total == relaxation.total
    assert page.relaxations[0].label


@pytest.mark.parametrize("order", [name for name in ORDERS if name != "fit"])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_show_everybody_once_unknown_last(actor: Actor, shelf: dict, order: str, limit: int) -> None:
    seen: list[str] = []
    cursor = ""
    for _page in range(20):
        page = look(actor, order=order, limit=str(limit), cursor=cursor)
        assert page.problems == ()
        seen += names(page)
        cursor = page.next_cursor
        if not cursor:
            break
    assert sorted(seen) == sorted(shelf)
    if order == "followers":
        assert seen[:2] == ["dov", "cyd"] and seen[-1] == "gus"
    if order == "small":
        assert seen[0] == "ada" and seen[-1] == "gus"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "W10",
        "WzEsMl0",
        "eyJhIjoxfQ",
        "WyJhYmMiLDFd",
        "WyIxZTk5OSIsMV0",
        "WyJuYW4iLDFd",
        "A" * 300,
        "WyIxIiwtNV0",
        "é",
    ],
)
def test_a_broken_or_foreign_place_starts_again_and_says_so(actor: Actor, shelf: dict, cursor: str) -> None:
    for order in ("followers", "recent"):
        page = look(actor, order=order, cursor=cursor)
        assert len(page.rows) == 8 and page.problems


def test_words_are_answered_by_the_engine_within_the_filters(actor: Actor, add: Add, shelf: dict) -> None:
    yoga, trail = encode(["yoga doux et méditation du matin", "trail en montagne, chaussures et dénivelé"])
    add("yogi", yoga, country="FR")
    add("runner", trail, country="FR")
    add("yogi.be", yoga, country="BE")
    page = look(actor, q="Professeurs de yoga et de méditation", country="FR")
    assert page.order == "fit" and names(page)[0] == "yogi"
    assert "yogi.be" not in names(page)
    assert page.rows[0].fit is not None and page.rows[0].fit.reasons_for
    assert page.total == 6


def test_a_handle_is_found_by_name_before_any_meaning(actor: Actor, shelf: dict) -> None:
    for typed in ("@Cyd", "cyd"):
        page = look(actor, q=typed)
        assert names(page)[0] == "cyd"
        assert names(page).count("cyd") == 1


def test_pages_of_fit_do_not_repeat(actor: Actor, shelf: dict) -> None:
    first = look(actor, q="chiens et chats à la maison", limit="3")
    second = look(actor, q="chiens et chats à la maison", limit="3", cursor=first.next_cursor)
    assert len(first.rows) == 3 and first.next_cursor
    assert not set(names(first)) & set(names(second))


def test_already_contacted_are_left_out_on_demand(actor: Actor, shelf: dict) -> None:
    before = (commitments._commitments, commitments._contacted)
    commitments.register(commitments=before[0], contacted=lambda who: frozenset({shelf["ada"].pk}))
    try:
        assert "ada" in names(look(actor, country="FR"))
        assert "ada" not in names(look(actor, country="FR", new="1"))
    finally:
        commitments.register(commitments=before[0], contacted=before[1])


def test_what_is_not_understood_is_left_out_and_said(actor: Actor, shelf: dict) -> None:
    page = look(
        actor,
        platform="snapchat",
        country=["Atlantis", "BE"],
        tier="giant",
        order="charm",
        limit="abc",
        followers_min="-5",
    )
    assert names(page) == ["cyd"]
    assert len(page.problems) == 5
    assert any("Atlantis" in problem for problem in page.problems)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from([*FILTERS, "q", "order", "cursor", "limit", "other"]), st.text(max_size=40)),
        max_size=6,
    )
)
def test_no_address_breaks_the_page(actor: Actor, shelf: dict, pairs: list[tuple[str, str]]) -> None:
    data = QueryDict(mutable=True)
    for name, value in pairs:
        data.appendlist(name, value)
    page = search(actor=actor, query=SearchQuery.parse(data))
    assert page.total >= 0


def test_strangers_and_creators_may_not_search(cast: Cast, shelf: dict) -> None:
    for actor in (creator_actor(cast.lea), Actor(kind="anonymous")):
        with pytest.raises(NotAllowed):
            look(actor)


def test_plain_words_propose_filters_that_can_be_taken_or_left(actor: Actor, shelf: dict) -> None:
    page = look(actor, q="micro-influenceurs chiens en France")
    assert [(s.name, s.value) for s in page.suggestions] == [("tier", "micro"), ("country", "FR")]
    assert [s.label for s in page.suggestions] == ["Micro", "France"]
    assert page.suggested is not None and page.suggested.text == "chiens"
    assert names(search(actor=actor, query=page.suggested)) == ["bea"]  # hal takes no more partnerships
    only_place = search(actor=actor, query=page.suggestions[1].query)
    assert [s.name for s in only_place.suggestions] == ["tier"] and only_place.total == 4
    assert look(actor, q="chiens").suggestions == ()


def test_labels_speak_the_reader_s_language(actor: Actor, shelf: dict) -> None:
    with override("fr"):
        facets = {facet.name: facet for facet in look(actor).facets}
    labels = {choice.value: choice.label for choice in facets["country"].choices}
    assert labels["US"] == "États-Unis"


def test_the_price_in_sql_is_the_price_of_the_engine(add: Add) -> None:
    from django.db import connection

    for k, (platform, followers, er) in enumerate(
        (("instagram", 12_000, 0.05), ("tiktok", 300_000, None), ("x", 10, 0.0001), ("", 5_000, 0.2))
    ):
        add(f"p{k}", None, main_platform=platform, followers=followers, er=er)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT i.main_platform, i.followers, i.er, ({PRICE_EUR})::float8 FROM matching_creatorindex i")
        for platform, followers, er, price in cursor.fetchall():
            import numpy as np

            expected = price_band(platform, np.array([float(followers)]), np.array([np.nan if er is None else er]))[0][
                0
            ]
            assert price == pytest.approx(expected, rel=1e-6)


def test_a_search_address_survives_a_round_trip() -> None:
    query = SearchQuery.parse({"q": "déco", "country": ["FR", "BE"], "engagement": "75", "order": "followers"})
    again = QueryDict(mutable=True)
    for name, value in query.parameters():
        again.appendlist(name, value)
    assert SearchQuery.parse(again) == query
    assert query.without("country", "FR").filters["country"] == ("BE",)
    assert "country" not in query.without("country").filters
    assert Context(NOW.date()).ago(3) < NOW
