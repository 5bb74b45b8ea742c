"""Exploration, fairness and learning as pure functions: what must hold whatever comes in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.contracts import FAMILIES, Weights
from matching.ranking.exploration import FIRST, arrange, examination, places
from matching.ranking.fairness import Places, expected, shares
from matching.ranking.learning import Examples, importance_of, learn, posterior
from matching.ranking.reweigh import family_values, heavier, ranks, totals

SHIPPED = np.array([Weights().normalised()[name] for name in FAMILIES])


# --- explored places


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 120), st.integers(0, 5), st.integers(1, 60), st.integers(0, 2**31))
def test_an_arrangement_shows_everybody_once_and_earned_places_keep_their_order(n, slots, limit, seed):
    rng = np.random.default_rng(seed)
    total = np.sort(rng.uniform(0, 100, n))[::-1]
    placed = arrange(
        np.arange(n), total, total - 10, total + 10, np.arange(1000, 1000 + n), limit=limit, slots=slots, seed=seed
    )
    assert len(placed.order) == len(set(placed.order.tolist())) == min(n, limit)
    earned = placed.order[~placed.explored].tolist()
    assert earned == sorted(earned)
    assert ((placed.propensity > 0) & (placed.propensity <= 1)).all()
    assert placed.explored.sum() in (0, min(slots, 5))
    assert set(np.flatnonzero(placed.explored) + 1) <= set(places(slots) if slots else [])


def test_an_explored_place_goes_to_the_unsure_more_often_than_to_the_known():
    n = 60
    total = np.linspace(80, 40, n)
    unsure = np.zeros(n, bool)
    unsure[30:40] = True
    spread = np.where(unsure, 40.0, 1.0)

    def placed(seed):
        ids = np.arange(n)
        return arrange(ids, total, total - spread, total + spread, ids, limit=50, slots=2, seed=seed)

    hits = [unsure[one.order[one.explored]].sum() for one in map(placed, range(60))]
    assert sum(hits) > 60
    assert (placed(3).order == placed(3).order).all()


def test_the_told_chance_of_an_explored_place_is_how_often_it_is_given():
    n = 40
    total, spread = np.linspace(70, 50, n), np.linspace(5, 30, n)
    given_, told = np.zeros(n), np.zeros(n)
    for seed in range(300):
        placed = arrange(
            np.arange(n), total, total - spread, total + spread, np.arange(n), limit=40, slots=1, seed=seed
        )
        row = placed.order[placed.explored][0]
        given_[row] += 1
        told[row] = placed.propensity[placed.explored][0] / examination(np.array([FIRST]))[0]
    often = given_ >= 15
    assert np.abs(told[often] - given_[often] / 300).max() < 0.12


# --- the same answer under other weights


VALUES = st.lists(st.lists(st.floats(0, 100), min_size=6, max_size=6), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(0, 4))
def test_more_of_a_family_never_lowers_a_total_and_no_weight_takes_it_out(rows, family):
    values = np.array(rows)
    better = values.copy()
    better[:, family] = np.minimum(better[:, family] + 10, 100)
    assert (totals(better, Weights()) >= totals(values, Weights()) - 1e-9).all()
    without = Weights(**{**{name: getattr(Weights(), name) for name in FAMILIES}, FAMILIES[family]: 0.0})
    assert np.allclose(totals(better, without), totals(values, without))
    assert sorted(ranks(totals(values, without), np.arange(len(values))).tolist()) == list(range(1, len(values) + 1))


def test_reasons_raise_their_family_and_nothing_else_in_proportion():
    after = heavier(Weights(), {"posture": 2}).normalised()
    before = Weights().normalised()
    assert after["posture"] > before["posture"]
    assert after["affinity"] / after["audience"] == pytest.approx(before["affinity"] / before["audience"])
    assert heavier(Weights(), {}).normalised() == pytest.approx(before)
    assert family_values([{"families": [{"family": "charm", "value": 3}, {"family": "economy", "value": None}]}]).tolist() == [
        [50.0] * 6
    ]  # fmt: skip


# --- fairness


def seen(rng, answers=40, n=30, push=None):
    """Answers over a crowd of 60, ordered by merit; push(creator) → places lost."""
    rows = []
    for answer in range(answers):
        people = rng.choice(60, n, replace=False)
        merit = rng.uniform(0, 100, n)
        order = np.argsort(-(merit - (push(people) if push else 0)))
        rows += [(answer, people[k], place, merit[k]) for place, k in enumerate(order, start=1)]
    answer, creator, rank, merit = (np.array(column) for column in zip(*rows, strict=True))
    return Places(answer, creator, rank, merit)


def test_nobody_is_called_uneven_where_nothing_pushes_and_a_push_is_found():
    rng = np.random.default_rng(5)
    crowds = [seen(rng) for _k in range(20)]
    even = [
        one.verdict
        for found in crowds
        for one in shares(found, ["small" if c % 3 == 0 else "large" for c in found.creator.tolist()])
    ]
    assert even.count("even") == len(even)
    pushed = seen(rng, push=lambda people: np.where(people % 3 == 0, 60.0, 0.0))
    groups = ["small" if c % 3 == 0 else "large" for c in pushed.creator.tolist()]
    by_name = {one.group: one for one in shares(pushed, groups)}
    assert by_name["small"].verdict == "less"
    assert by_name["small"].ratio < 0.8 < by_name["large"].ratio


def test_small_groups_are_silent_and_expectation_adds_up():
    found = seen(np.random.default_rng(1), answers=5)
    groups = ["rare" if c == 3 else "" if c == 4 else "most" for c in found.creator.tolist()]
    told = {one.group: one for one in shares(found, groups)}
    assert set(told) == {"rare", "most"} and told["rare"].ratio is None and told["rare"].verdict == ""
    assert expected(found).sum() == pytest.approx(examination(found.rank).sum())
    assert shares(Places(*(np.zeros(0, int),) * 3, np.zeros(0)), []) == ()


# --- learning


def choices(true: np.ndarray, answers: int, seed: int, n: int = 50) -> Examples:
    """People who choose by `true` what they look at; they look at high places more often."""
    rng = np.random.default_rng(seed)
    parts = []
    for answer in range(answers):
        values = np.clip(rng.normal(50, 22, (n, 6)), 0, 100)
        rank = np.argsort(np.argsort(-(values @ SHIPPED))) + 1
        chance = examination(rank)
        looked = rng.random(n) < chance
        wanted = rng.random(n) < 1 / (1 + np.exp(-(((values - values.mean(0)) / 25) @ true * 4 - 2)))
        chosen = (looked & wanted).astype(float)
        parts.append((values, chosen, chosen, chance, np.full(n, answer)))
    values, chosen, judged, chance, answer = (np.concatenate(side) for side in zip(*parts, strict=True))
    return Examples(values, chosen, judged, chance, answer)


def test_without_evidence_the_weights_stay_exactly_where_they_are():
    none = choices(SHIPPED, 1, 0).take(np.zeros(0, int))
    assert (posterior(none, SHIPPED)[0] == SHIPPED).all()
    few = learn(choices(SHIPPED, 3, 1), SHIPPED)
    assert few.verdict == "few" and (few.weights == SHIPPED).all()
    nobody = choices(SHIPPED, 30, 2)
    silent = Examples(nobody.values, np.zeros(1500), np.zeros(1500), nobody.propensity, nobody.answer)
    assert learn(silent, SHIPPED).n == 0


def test_choices_that_agree_with_the_weights_seldom_move_them_and_others_do():
    moved = [learn(choices(SHIPPED, 20, seed), SHIPPED).verdict for seed in range(20)]
    assert moved.count("change") <= 3
    true = np.array([0.15, 0.15, 0.5, 0.05, 0.1, 0.05])
    found = learn(choices(true, 60, 3), SHIPPED)
    assert found.verdict == "change" and found.gain > 0
    assert abs(found.weights - true).sum() < abs(SHIPPED - true).sum() / 2
    assert found.low[2] <= found.weights[2] <= found.high[2]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_learned_weights_are_shares_and_the_order_of_the_rows_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    true = rng.dirichlet(np.ones(6))
    found = choices(true, 8, seed)
    weights, low, high = posterior(found, SHIPPED)
    assert (
        weights.sum() == pytest.approx(1.0)
        and (weights >= 0).all()
        and (low <= weights).all()
        and (weights <= high).all()
    )
    mixed = posterior(found.take(rng.permutation(len(found.chosen))), SHIPPED)[0]
    assert np.allclose(weights, mixed, atol=1e-6)


def test_more_of_the_same_evidence_moves_further_and_narrows():
    true = np.array([0.15, 0.15, 0.5, 0.05, 0.1, 0.05])
    little, much = (posterior(choices(true, n, 4), SHIPPED) for n in (6, 80))
    assert abs(much[0] - SHIPPED).sum() > abs(little[0] - SHIPPED).sum()
    assert (much[2] - much[1]).mean() < (little[2] - little[1]).mean()


def test_importance_is_bounded_and_leaves_the_number_of_examples_alone():
    found = choices(SHIPPED, 10, 6)
    weight = importance_of(found)
    assert weight.sum() == pytest.approx(len(weight))
    judged = found.judged > 0
    assert weight[judged].max() / weight[judged].min() <= 10.0 + 1e-9
    looked = ~judged
    best, worst = np.argmax(found.propensity * looked), np.argmin(np.where(looked, found.propensity, 2))
    assert weight[best] > weight[worst]  # what nobody looked at says nothing
