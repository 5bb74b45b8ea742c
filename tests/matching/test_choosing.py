"""Comparison and portfolio on real rows: people met twice are counted once, and every price says where it is from."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Creator
from matching.models import AudienceSketch, CreatorIndex
from matching.ranking.coverage import audiences_of
from matching.services.choosing import compare, propose
from matching.signals.overlap import Sketch, spread
from tests.cast import Cast

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def hashes(people: range) -> np.ndarray:
    return np.sort(spread(np.array(list(people), np.uint64) + np.uint64(1)))


def put(
    name: str,
    people: range | None,
    *,
    followers: int = 10_000,
    er: float | None = 0.05,
    fee: str | None = None,
    **more: object,
) -> int:
    creator = Creator.objects.create(display_name=name)
    CreatorIndex.objects.create(
        creator=creator, display_name=name, main_platform=more.pop("platform", "instagram"), tier=more.pop("tier", "micro"),
        followers=followers, er=er, er_low=er and er * 0.8, er_high=er and er * 1.25, er_base="followers",
        min_fee=fee, indexed_at=NOW, **more,
    )  # fmt: skip
    if people is not None:
        kept = hashes(people)
        AudienceSketch.objects.create(creator=creator, hashes=kept[:256].tobytes(), people=len(kept), computed_at=NOW)
    return creator.pk


@pytest.fixture
def team(cast: Cast) -> dict[str, int]:
    """twin speaks to the same people as first; apart to others; quiet's commenters are too few to say."""
    return {
        "first": put("First", range(200)),
        "twin": put("Twin", range(200)),
        "apart": put("Apart", range(1000, 1200)),
        "half": put("Half", range(100, 300)),
        "quiet": put("Quiet", range(5000, 5020)),
    }


def test_people_met_twice_are_counted_once(cast: Cast, team: dict[str, int]) -> None:
    actor = cast.actor(cast.owner)
    same = compare(actor=actor, creator_ids=[team["first"], team["twin"]])
    assert (same.total, same.unique) == (pytest.approx(1000), pytest.approx(500))
    assert same.frequency == pytest.approx(2)
    assert same.shared(0, 1).value == 1
    apart = compare(actor=actor, creator_ids=[team["first"], team["apart"]])
    assert apart.unique == pytest.approx(1000)
    half = compare(actor=actor, creator_ids=[team["first"], team["half"]])
    assert half.unique == pytest.approx(750)
    assert half.shared(0, 1).value == pytest.approx(0.5)
    unknown = compare(actor=actor, creator_ids=[team["first"], team["quiet"]])
    assert unknown.unknown == (team["quiet"],)
    assert not unknown.shared(0, 1).known


def test_a_set_avoids_the_twin_and_says_what_each_brings(cast: Cast, team: dict[str, int]) -> None:
    actor = cast.actor(cast.owner)
    price = compare(actor=actor, creator_ids=[team["first"], team["twin"]]).voices[0].price
    budget = Decimal(str(round(2.1 * price, 2)))
    found = propose(actor=actor, creator_ids=team.values(), budget=budget)
    names = {member.voice.index.display_name for member in found.members}
    assert len(names) == 2
    assert names != {"First", "Twin"}
    assert found.cost <= found.budget
    assert found.low <= found.reach <= found.high
    assert found.bound >= found.reach
    assert 0 < found.certainty <= 1
    pinned = propose(actor=actor, creator_ids=team.values(), budget=budget, pinned=[team["first"], team["twin"]])
    assert {member.voice.index.display_name for member in pinned.members} == {"First", "Twin"}
    assert [member.brings for member in pinned.members] == [pytest.approx(0), pytest.approx(0)], (
        "one replaces the other"
    )
    without = propose(actor=actor, creator_ids=team.values(), budget=Decimal(10_000), refused=[team["apart"]])
    assert "Apart" not in {member.voice.index.display_name for member in without.members}
    assert ("Apart", "refused") in {(voice.index.display_name, why) for voice, why in without.left_out}


def test_limits_agreed_fees_and_unknowns(cast: Cast) -> None:
    actor = cast.actor(cast.owner)
    rows = [
        put(f"N{n}", range(1000 * n, 1000 * n + 150), platform="tiktok" if n % 2 else "instagram") for n in range(6)
    ]
    blank = put("Blank", None, er=None)
    found = propose(actor=actor, creator_ids=[*rows, blank], budget=Decimal(100_000), most_per_platform=2)
    assert len(found.members) == 4
    assert ("Blank", "engagement") in {(voice.index.display_name, why) for voice, why in found.left_out}
    told = propose(actor=actor, creator_ids=rows, budget=Decimal(50), agreed={rows[0]: (Decimal(40), "EUR")})
    assert [(m.voice.index.pk, m.voice.price_basis) for m in told.members] == [(rows[0], "agreed")]
    nothing = propose(actor=actor, creator_ids=rows, budget=Decimal(0))
    assert (nothing.members, nothing.reach, nothing.cost) == ((), 0, 0)


def test_an_announced_fee_is_the_price(cast: Cast) -> None:
    pair = [put("A", None, fee="300"), put("B", None)]
    found = compare(actor=cast.actor(cast.owner), creator_ids=pair)
    assert found.voices[0].price_basis == "announced"
    assert found.voices[0].price_low == pytest.approx(300)
    assert found.voices[1].price_basis == "expected"


@pytest.mark.parametrize("count", [0, 1, 11])
def test_two_to_ten_are_compared(cast: Cast, count: int) -> None:
    rows = [put(f"C{n}", None) for n in range(count)]
    with pytest.raises(InvalidInput):
        compare(actor=cast.actor(cast.owner), creator_ids=rows)
    with pytest.raises(NotAllowed):
        compare(actor=cast.actor(cast.lea_user), creator_ids=rows)


def test_every_creator_keeps_its_own_reach_in_the_audiences() -> None:
    rng = np.random.default_rng(3)
    parts = [Sketch(np.sort(rng.integers(0, 2**63, size, dtype=np.uint64))[:256], size) for size in (120, 400, 9000)]
    engaged = np.array([500.0, np.nan, 70.0, 20.0])
    people, known = audiences_of([*parts, None], engaged)
    for row, amount in enumerate(np.nan_to_num(engaged)):
        element, chance = people.of(row)
        assert (people.weight[element] * chance).sum() == pytest.approx(amount)
    assert not known[3]
