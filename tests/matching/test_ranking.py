"""The engine's promises as properties: whatever the figures, these hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.contracts import FAMILIES, Weights
from matching.ranking.pool import Pool, Reference, Wish, combine
from matching.ranking.scale import hashed_normals, percentile_of, plateau, rank_percentile, sd_of_interval, z_of
from matching.ranking.total import family_points, neutral, rank

WEIGHTS = Weights()
score = st.floats(0, 100)


def population(n: int = 40, seed: int = 1, **columns: np.ndarray) -> tuple[Pool, Reference]:
    rng = np.random.default_rng(seed)
    middle = rng.uniform(15, 85, (3, n))
    known = {
        "similarity": rng.normal(0.4, 0.1, n),
        "topic_similarity": rng.normal(0.4, 0.1, n),
        "posts": rng.integers(1, 40, n).astype(float),
        "price": rng.uniform(80, 900, n),
        "price_low": np.full(n, 60.0),
        "price_high": np.full(n, 1500.0),
        "reward": rng.uniform(20, 900, n),
    }
    for row, family in enumerate(("audience", "posture", "reliability")):
        known |= {family: middle[row], f"{family}_low": middle[row] - 12, f"{family}_high": middle[row] + 12}
    pool = Pool.of(np.arange(1, n + 1), **(known | columns))
    return pool, Reference(rng.normal(0.2, 0.1, 500), rng.normal(0.2, 0.1, 500))


def ranked(pool: Pool, reference: Reference, wish: Wish | None = None, weights: Weights = WEIGHTS):
    return rank(pool, reference, wish or Wish(400.0), weights, seed=7)


@given(low=score, step=st.floats(0, 100), row=st.integers(0, 39))
@settings(max_examples=60, deadline=None)
def test_a_better_audience_never_lowers_the_total(low: float, step: float, row: int) -> None:
    pool, reference = population()
    worse, better = pool.audience.copy(), pool.audience.copy()
    worse[row], better[row] = low, min(100.0, low + step)
    before = ranked(replace(pool, audience=worse), reference)
    after = ranked(replace(pool, audience=better), reference)
    assert after.total[row] >= before.total[row] - 1e-9
    others = np.arange(40) != row
    assert np.allclose(before.total[others], after.total[others])


@pytest.mark.parametrize("family", ["audience", "posture", "reliability"])
def test_missing_is_the_prior_at_full_width_never_zero(family: str) -> None:
    nothing = {name: np.full(40, np.nan) for name in (family, f"{family}_low", f"{family}_high")}
    pool, reference = population(**nothing)
    answer = ranked(pool, reference)
    assert np.allclose(answer.value[family], 50.0)
    assert np.allclose(answer.low[family], 5.0) and np.allclose(answer.high[family], 95.0)
    assert np.allclose(answer.families[family].coverage, 0.0)


def test_a_creator_about_whom_nothing_is_known_gets_the_neutral_total() -> None:
    pool = Pool.of(np.array([1, 2, 3]))
    answer = ranked(pool, Reference(np.empty(0), np.empty(0)), Wish())
    assert np.allclose(answer.total, neutral(answer))
    assert (answer.total > 0).all()
    assert (answer.total_high[answer.order] - answer.total_low[answer.order] > 15).all()


@given(st.lists(score, min_size=40, max_size=40), st.sampled_from(["audience", "posture", "reliability"]))
@settings(max_examples=30, deadline=None)
def test_weight_zero_takes_a_family_out(values: list[float], family: str) -> None:
    pool, reference = population()
    weights = replace(WEIGHTS, **{family: 0.0})
    plain = ranked(pool, reference, weights=weights)
    moved = ranked(replace(pool, **{family: np.array(values)}), reference, weights=weights)
    if family == "reliability":  # it also says how they answered proposals
        weights = replace(weights, willingness=0.0)
        plain = ranked(pool, reference, weights=weights)
        moved = ranked(replace(pool, **{family: np.array(values)}), reference, weights=weights)
    assert np.array_equal(plain.total, moved.total)
    assert np.array_equal(plain.order, moved.order)


def test_weight_zero_on_willingness_ignores_the_creators_side() -> None:
    pool, reference = population()
    eager = replace(pool, wants_topic=np.ones(40), claimed=np.ones(40))
    weights = replace(WEIGHTS, willingness=0.0)
    assert np.array_equal(
        ranked(pool, reference, weights=weights).total, ranked(eager, reference, weights=weights).total
    )
    assert (ranked(eager, reference).total > ranked(pool, reference).total).all()


@given(st.permutations(list(range(40))))
@settings(max_examples=20, deadline=None)
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    pool, reference = population()
    straight, shuffled = ranked(pool, reference), ranked(pool.take(np.array(order)), reference)
    ids = np.array(order) + 1
    assert list(pool.creator_id[straight.order]) == list(ids[shuffled.order])
    back = np.argsort(ids)
    assert np.allclose(straight.total, shuffled.total[back])
    assert np.allclose(straight.p_top10, shuffled.p_top10[back])
    assert np.allclose(straight.total_low, shuffled.total_low[back])


def test_same_input_same_answer_and_another_seed_moves_only_the_draws() -> None:
    pool, reference = population(300)
    first, again = ranked(pool, reference), ranked(pool, reference)
    assert np.array_equal(first.p_top10, again.p_top10, equal_nan=True)
    other = rank(pool, reference, Wish(400.0), WEIGHTS, seed=8)
    assert np.array_equal(first.total, other.total)
    assert not np.array_equal(first.total_low, other.total_low, equal_nan=True)


def test_the_interval_holds_the_total_and_chances_add_up_to_ten() -> None:
    pool, reference = population(300)
    answer = ranked(pool, reference)
    leading = answer.order[:200]
    assert (answer.total_low[leading] <= answer.total[leading]).all()
    assert (answer.total[leading] <= answer.total_high[leading]).all()
    assert answer.p_top10[leading].sum() == pytest.approx(10.0, abs=0.01)
    assert answer.p_top10[leading[:10]].mean() > answer.p_top10[leading[-50:]].mean()


@given(st.integers(0, 39))
@settings(max_examples=40, deadline=None)
def test_family_points_add_up_to_the_total(row: int) -> None:
    pool, reference = population()
    answer = ranked(pool, reference)
    moved = sum(family_points(answer, family, row) for family in FAMILIES)
    assert neutral(answer) + moved == pytest.approx(answer.total[row], abs=1e-9)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@settings(max_examples=40, deadline=None)
def test_closer_is_better_up_to_the_plateau(a: float, b: float) -> None:
    pool, reference = population()
    near, far = max(a, b), min(a, b)
    answers = []
    for value in (far, near):
        similarity = pool.similarity.copy()
        similarity[0] = value
        answers.append(ranked(replace(pool, similarity=similarity), reference))
    assert answers[1].affinity.within[0] >= answers[0].affinity.within[0] - 1e-9


def test_fit_above_the_ninetieth_percentile_earns_nothing_more() -> None:
    pool, reference = population(400)
    best = np.argsort(-pool.similarity)[:2]
    even = replace(pool, posts=np.full(400, 30.0), topic_similarity=np.full(400, 0.5))
    answer = ranked(even, reference)
    assert answer.affinity.within[best[0]] > 95
    assert answer.value["affinity"][best[0]] == pytest.approx(answer.value["affinity"][best[1]])


def test_two_proofs_cap_the_audience_and_one_does_nothing() -> None:
    excellent = {"audience": np.full(40, 99.0), "audience_low": np.full(40, 95.0), "audience_high": np.full(40, 99.5)}
    risks = np.array([0.0, 1.0, 2.0] + [0.0] * 37)
    pool, reference = population(**excellent, risks=risks)
    answer = ranked(pool, reference)
    assert answer.value["audience"][0] == answer.value["audience"][1] > 95
    assert answer.value["audience"][2] == 30.0
    assert answer.high["audience"][2] <= 30.0


def test_few_posts_widen_affinity_and_pull_it_to_the_middle() -> None:
    posts = np.array([1.0, 60.0] + [20.0] * 38)
    similarity = np.full(40, 0.3)
    similarity[:2] = 0.8
    pool, reference = population(posts=posts, similarity=similarity, topic_similarity=similarity)
    answer = ranked(pool, reference)
    width = answer.high["affinity"] - answer.low["affinity"]
    assert width[0] > width[1] * 1.5
    assert answer.value["affinity"][0] < answer.value["affinity"][1]


def test_economy_prefers_who_fits_the_budget_and_stops_rewarding_the_cheapest() -> None:
    fee = np.full(40, np.nan)
    fee[:3] = [100.0, 390.0, 60.0]
    pool, reference = population(min_fee=fee, reward=np.full(40, 200.0))
    answer = ranked(pool, reference, Wish(400.0), replace(WEIGHTS))
    parts = answer.families["economy"].parts["affordable"]
    assert parts[0] > parts[1]
    assert parts[0] == pytest.approx(parts[2])


def test_without_a_budget_the_price_alone_is_no_reason() -> None:
    pool, reference = population()
    assert "affordable" not in ranked(pool, reference, Wish()).families["economy"].parts


def test_draws_belong_to_the_creator_not_to_the_place() -> None:
    together = hashed_normals(np.array([5, 9, 1]), 6, 50, 3)
    alone = hashed_normals(np.array([9]), 6, 50, 3)
    assert np.array_equal(together[:, 1], alone[:, 0])
    many = hashed_normals(np.arange(400), 6, 50, 3).ravel()
    assert abs(many.mean()) < 0.02 and abs(many.std() - 1) < 0.02
    assert abs(np.corrcoef(many[:-1], many[1:])[0, 1]) < 0.01


def test_the_90_percent_interval_covers_90_percent_of_the_draws() -> None:
    mean, sd = 0.3, 0.5
    low, high = (float(percentile_of(mean + k * 1.6448536 * sd)) for k in (-1, 1))
    drawn = percentile_of(mean + sd * hashed_normals(np.arange(20_000), 1, 1, 11)[0, :, 0])
    assert np.mean((drawn >= low) & (drawn <= high)) == pytest.approx(0.90, abs=0.01)
    assert float(sd_of_interval(low, high)) == pytest.approx(sd, abs=0.01)


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30))
def test_rank_percentile_stays_inside_and_keeps_order(values: list[float]) -> None:
    array = np.array(values)
    percent = rank_percentile(array, array)
    assert ((percent > 0) & (percent < 100)).all()
    assert (np.diff(percent[np.argsort(array, kind="stable")]) >= -1e-12).all()


def test_combine_of_nothing_known_is_the_prior_and_of_all_known_keeps_unit_scale() -> None:
    unknown = combine(
        {"a": (0.7, np.array([np.nan]), np.array([1.0])), "b": (0.3, np.array([np.nan]), np.array([1.0]))}
    )
    assert (unknown.z[0], unknown.sd[0], unknown.coverage[0]) == (0.0, pytest.approx(1.0), 0.0)
    sure = combine({"a": (0.5, np.array([1.0]), np.array([0.0])), "b": (0.5, np.array([1.0]), np.array([0.0]))})
    assert sure.z[0] == pytest.approx(2**0.5)
    assert sure.sd[0] == 0.0


def test_scale_round_trip_and_plateau() -> None:
    percent = np.array([1.0, 25.0, 50.0, 90.0, 99.0])
    assert np.allclose(percentile_of(z_of(percent)), percent)
    assert list(plateau(np.array([80.0, 95.0]))) == [80.0, 90.0]


def test_an_empty_pool_has_an_empty_answer() -> None:
    answer = ranked(Pool.of(np.empty(0, dtype=np.int64)), Reference(np.empty(0), np.empty(0)))
    assert len(answer.order) == 0
