"""The choice of a set: compared with all sets where they can be counted, and with simple rules where they cannot."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.ranking.portfolio import Audiences, Limit, choose, contributions, reach_of, spread
from tests.matching import shared


def audiences(parts: list[dict[int, float]], weight: list[float]) -> Audiences:
    start = np.cumsum([0, *(len(part) for part in parts)])
    element = np.array([u for part in parts for u in sorted(part)], np.int64)
    chance = np.array([part[u] for part in parts for u in sorted(part)], np.float64)
    return Audiences(start.astype(np.int64), element, chance, np.array(weight, np.float64))


@st.composite
def problems(draw: st.DrawFn) -> tuple[Audiences, np.ndarray, float]:
    people, creators = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    chance = st.sampled_from([0.1, 0.5, 0.9, 1.0])
    parts = [draw(st.dictionaries(st.integers(0, people - 1), chance, max_size=people)) for _ in range(creators)]
    cost = [draw(st.sampled_from([0.0, 1.0, 2.0, 3.5, 8.0])) for _ in parts]
    weight = [draw(st.sampled_from([1.0, 3.0, 20.0])) for _ in range(people)]
    return audiences(parts, weight), np.array(cost), draw(st.sampled_from([0.0, 1.0, 3.0, 6.0, 30.0]))


def best_of_all(problem: Audiences, cost: np.ndarray, budget: float) -> float:
    sets = (s for k in range(len(cost) + 1) for s in combinations(range(len(cost)), k))
    return max(reach_of(problem, s) for s in sets if cost[list(s)].sum() <= budget + 1e-9)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_against_every_set(problem: tuple[Audiences, np.ndarray, float]) -> None:
    people, cost, budget = problem
    found, optimum = choose(people, cost, budget), best_of_all(people, cost, budget)
    assert found.cost <= budget + 1e-9
    assert found.reach == pytest.approx(reach_of(people, found.chosen))
    assert found.reach <= optimum + 1e-9
    assert found.bound >= optimum - 1e-9
    assert found.reach >= 0.632 * optimum - 1e-9
    assert found.reach >= max(found.tried.values()) - 1e-9
    assert found.brings.sum() <= found.reach + 1e-9, "what each adds to the others never exceeds the whole"
    assert np.all(found.brings <= found.alone + 1e-9)
    richer = choose(people, cost, budget + 5)
    assert richer.bound >= optimum - 1e-9
    assert best_of_all(people, cost, budget + 5) >= optimum


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 2))
def test_pins_refusals_and_limits_hold(problem: tuple[Audiences, np.ndarray, float], most: int) -> None:
    people, cost, budget = problem
    rows = list(range(len(cost)))
    members = np.array([row % 2 == 0 for row in rows])
    found = choose(people, cost, budget, limits=[Limit(members, most)], pinned=rows[:1], refused=rows[1:2])
    assert found.chosen[0] == 0
    assert 1 not in found.chosen
    assert members[list(found.chosen[1:])].sum() <= max(most - 1, 0)
    assert found.cost - cost[0] <= max(budget - cost[0], 0) + 1e-9


def test_order_scale_and_copies() -> None:
    rng = np.random.default_rng(5)
    parts = [{int(u): 1.0 for u in rng.choice(60, rng.integers(3, 20), replace=False)} for _ in range(14)]
    people, cost = audiences(parts, [1.0] * 60), rng.uniform(1, 5, 14)
    found = choose(people, cost, 12.0)
    order = rng.permutation(14)
    other = choose(audiences([parts[row] for row in order], [1.0] * 60), cost[order], 12.0)
    assert other.reach == pytest.approx(found.reach)
    richer = choose(audiences(parts, [7.0] * 60), cost * 3, 36.0)
    assert richer.chosen == found.chosen
    twin = choose(audiences([*parts, parts[0]], [1.0] * 60), np.append(cost, cost[0]), 12.0)
    assert {0, 14} - set(twin.chosen), "a copy of a sure audience is not paid twice while others are left"


def test_loss_of_a_voice_and_spread() -> None:
    people = audiences([{0: 1.0, 1: 1.0}, {1: 1.0, 2: 1.0}, {2: 1.0}], [10.0, 10.0, 10.0])
    assert contributions(people, [0, 1]).tolist() == [10.0, 10.0]
    assert contributions(people, [0, 1, 2]).tolist() == [10.0, 0.0, 0.0]
    low, high = spread(people, [0], np.array([[0.5], [1.0], [2.0]]))
    assert (low, high) == (pytest.approx(12), pytest.approx(36)), "20 people, halved or doubled"


@pytest.mark.parametrize(("cost", "message"), [([-1.0], "cost"), ([np.nan], "cost"), ([1.0, 2.0], "cost")])
def test_bad_amounts_are_refused(cost: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        choose(audiences([{0: 1.0}], [1.0]), np.array(cost), 3.0)


def test_real_audiences_never_under_the_best_simple_rule() -> None:
    folder = shared.folder("lastfm_overlap")
    listeners = defaultdict(set)
    for line in (folder / "user_artists.dat").read_text().splitlines()[1:]:
        user, artist, _plays = line.split("\t")
        listeners[int(artist)].add(int(user))
    known = sorted(artist for artist, users in listeners.items() if len(users) >= 15)
    assert len(known) == 1052
    place = {user: n for n, user in enumerate(sorted(set().union(*(listeners[a] for a in known))))}
    people = audiences([{place[u]: 1.0 for u in listeners[a]} for a in known], [1.0] * len(place))
    size = np.array([len(listeners[a]) for a in known], np.float64)
    cost = 20 + 3 * size**0.8
    for budget in (1000, 3000):
        found = choose(people, cost, budget)
        assert found.reach >= max(found.tried["size"], found.tried["reach per cost"], found.tried["single"])
        assert found.reach > 1.02 * max(found.tried["size"], found.tried["reach per cost"])
        assert found.certainty > 0.55
