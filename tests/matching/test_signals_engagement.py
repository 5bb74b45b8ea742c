"""Engagement: other people's definitions, one base per account, hidden likes, shrinkage, honest intervals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instagram import batch_of, read_posts
from benchmarks.observed import observe
from matching.contracts import Signal
from matching.signals.columns import signals
from matching.signals.engagement import (
    estimate_engagement,
    followers_at,
    measure_engagement,
    next_post_interval,
)
from matching.signals.fit import Sample, fit_priors, slim
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import score
from tests.matching.shared import folder

NOTHING = np.zeros(0, np.uint64)
PRIORS = default_priors()


def posts(*likes: float | None, **more: object) -> list[dict[str, object]]:
    return [{"likes": n, "comments": 10, "age": 10.0 + 5 * i, **more} for i, n in enumerate(likes)]


def signal(*creators: dict[str, object], row: int = 0) -> Signal:
    m = measure(observe(*creators), NOTHING)
    return signals(score(m, PRIORS).columns, m.batch.n)[row]["engagement_rate"]


def test_published_definitions_on_the_worked_example() -> None:
    """DEFINITIONS.md 2.1: one viral post and a choice of formula move the same creator by 1.7 times."""
    likes, comments, views = (
        (400, 420, 380, 2000, 390, 410),
        (20, 25, 18, 60, 22, 21),
        (6000, 6500, 5800, 40000, 6100, 6200),
    )
    given = [
        {"likes": n, "comments": c, "views": v, "age": 10.0 + i}
        for i, (n, c, v) in enumerate(zip(likes, comments, views, strict=True))
    ]
    rates = signal({"followers": 12_000, "posts": given}).details
    assert rates["median_likes_by_followers"] == pytest.approx(0.03375, abs=1e-5)
    assert rates["median_interactions_by_followers"] == pytest.approx(0.03546, abs=1e-5)
    assert rates["mean_interactions_by_followers"] == pytest.approx(0.05786, abs=1e-5)
    assert rates["mean_likes_by_mean_views"] == pytest.approx(0.05666, abs=1e-5)


def test_one_viral_post_hardly_moves_the_estimate() -> None:
    calm = signal({"followers": 12_000, "posts": posts(400, 420, 380, 400, 390, 410)})
    viral = signal({"followers": 12_000, "posts": posts(400, 420, 380, 20_000, 390, 410)})
    assert viral.value == pytest.approx(calm.value, rel=0.1)


def test_hidden_likes_are_unknown_and_never_zero() -> None:
    shown = signal({"followers": 10_000, "posts": posts(400, 420, 380)})
    mixed = signal({"followers": 10_000, "posts": posts(400, None, 420, None, 380)})
    hidden = signal({"followers": 10_000, "posts": posts(None, None, None)})
    assert mixed.value == pytest.approx(shown.value, rel=0.01) and mixed.n == 3
    assert mixed.details["hidden_likes"] == 2
    assert hidden.value is None and hidden.percentile is None and hidden.details["hidden_likes"] == 3


def test_views_and_followers_are_never_mixed() -> None:
    with_views = [{"likes": 500, "comments": 20, "views": 10_000, "age": 10.0 + i} for i in range(6)]
    without = [{"likes": 500, "comments": 20, "age": 30.0 + i} for i in range(6)]
    mostly = signal({"platform": "tiktok", "followers": 100_000, "posts": [*with_views, *without[:2]]})
    seldom = signal({"platform": "tiktok", "followers": 100_000, "posts": [*with_views[:2], *without]})
    assert (mostly.details["base"], mostly.n) == ("views", 6)
    assert (seldom.details["base"], seldom.n) == ("followers", 8)
    assert mostly.details["raw"] == pytest.approx(520 / 10_000, rel=0.2)
    assert seldom.details["raw"] == pytest.approx(520 / 100_000, rel=0.2)


def test_reach_known_is_the_base() -> None:
    known = signal({"followers": 10_000, "posts": posts(300, 300, 300, reach=6_000, views=9_000)})
    assert known.details["base"] == "reach"


def test_shares_and_saves_count_where_the_network_publishes_them() -> None:
    data = {"followers": 10_000, "posts": posts(300, 300, 300, views=10_000, shares=200, saves=100)}
    tiktok, instagram = signal(data | {"platform": "tiktok"}), signal(data | {"platform": "instagram"})
    assert tiktok.details["raw"] / instagram.details["raw"] == pytest.approx(610 / 310, rel=0.05)


def test_followers_are_those_of_the_time_of_the_post() -> None:
    batch = observe(
        {
            "followers": 90_000,
            "counts": [(100, 10_000), (50, 20_000), (1, 80_000)],
            "posts": [{"age": 120}, {"age": 75}, {"age": 0}],
        }
    )
    newest, middle, oldest = followers_at(batch)
    assert (newest, oldest) == (80_000, 10_000)
    assert middle == pytest.approx(np.sqrt(10_000 * 20_000), rel=0.01)


def test_young_posts_wait_and_maturing_ones_are_raised() -> None:
    fresh = signal({"followers": 10_000, "posts": [*posts(400, 400, 400), {"likes": 3, "comments": 0, "age": 0.05}]})
    assert fresh.n == 3
    day_old = signal({"followers": 10_000, "posts": [{"likes": 400, "comments": 10, "age": 1.0}]})
    month_old = signal({"followers": 10_000, "posts": [{"likes": 400, "comments": 10, "age": 31.0}]})
    assert day_old.details["raw"] > 1.1 * month_old.details["raw"]


def test_the_newest_ten_of_the_window_count_else_the_newest_five() -> None:
    assert signal({"posts": [{"likes": 100, "age": 5.0 + i} for i in range(30)]}).n == 10
    old = signal({"posts": [{"likes": 100, "age": 400.0 + i} for i in range(30)]})
    assert old.n == 5 and old.details["stale"] is True


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=12), st.integers(500, 2_000_000))
def test_the_estimate_lies_between_what_was_seen_and_what_is_usual(likes: list[int], followers: int) -> None:
    found = signal({"followers": followers, "posts": posts(*likes)})
    low, high = sorted((found.details["raw"], found.details["cell_typical"]))
    assert low * 0.999 <= found.value <= high * 1.001
    assert found.low < found.value < found.high
    assert found.details["percentile_low"] <= found.percentile <= found.details["percentile_high"]


def test_more_posts_narrow_the_interval_and_free_the_estimate() -> None:
    few, many = (signal({"posts": posts(*[3_000] * n)}) for n in (1, 10))
    assert many.high / many.low < few.high / few.low
    assert few.value < many.value < many.details["raw"]
    assert few.details["rank_value"] < few.value


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_the_company_and_the_order_of_others_change_nothing(order: list[int]) -> None:
    creators = [{"id": i + 1, "followers": 1_000 * 4**i, "posts": posts(*[50 * (i + 1)] * (i + 1))} for i in range(6)]
    alone = [signal(creator).value for creator in creators]
    m = measure(observe(*(creators[i] for i in order)), NOTHING)
    found = signals(score(m, PRIORS).columns, 6)
    assert [found[order.index(i)]["engagement_rate"].value for i in range(6)] == alone


def test_scale_does_not_matter() -> None:
    """Ten times the followers and the likes: the same raw rate."""
    small = signal({"followers": 20_000, "posts": posts(*[800] * 5, comments=40)})
    large = signal({"followers": 200_000, "posts": posts(*[8_000] * 5, comments=400)})
    assert large.details["raw"] == pytest.approx(small.details["raw"], rel=0.01)


def test_intervals_cover_the_truth_of_a_simulated_population() -> None:
    rng = np.random.default_rng(7)
    theta = rng.normal(-3.5, 0.8, 1_500)
    n = rng.integers(1, 9, 1_500)
    creators = [
        {
            "followers": 20_000,
            "posts": [
                {"likes": round(20_000 * np.exp(t + rng.normal(0, 0.6))), "comments": 0, "age": 40.0 + i}
                for i in range(k)
            ],
        }
        for t, k in zip(theta, n, strict=True)
    ]
    m = measure(observe(*creators), NOTHING)
    priors = fit_priors(Sample([m]))
    fitted = priors.engagement["instagram:followers"]
    assert fitted.s2 == pytest.approx(0.36, rel=0.2) and fitted.tau2 == pytest.approx(0.64, rel=0.2)
    found = estimate_engagement(m.engagement, m.batch.accounts.platform, m.batch.accounts.category, priors)
    covered = (found.posterior.low <= theta) & (theta <= found.posterior.high)
    assert 0.85 <= covered.mean() <= 0.95
    assert abs((found.posterior.mean - theta).mean()) < 0.05


def test_the_best_of_many_is_not_believed() -> None:
    """Winner's curse: the raw top decile falls back, the shrunk one keeps its promise."""
    rng = np.random.default_rng(3)
    theta = rng.normal(-3.5, 0.7, 4_000)
    seen, later = theta + rng.normal(0, 0.7, 4_000), theta + rng.normal(0, 0.7, 4_000)
    creators = [
        {"followers": 20_000, "posts": [{"likes": round(20_000 * np.exp(y)), "comments": 0, "age": 60}]} for y in seen
    ]
    m = measure(observe(*creators), NOTHING)
    reference = default_priors()
    prior = replace(reference.engagement["instagram:followers"], intercept=-3.5, slope=0.0, tau2=0.49, s2=0.49)
    priors = replace(reference, engagement={"instagram:followers": prior})
    found = estimate_engagement(m.engagement, m.batch.accounts.platform, m.batch.accounts.category, priors)
    top = np.argsort(-found.typical)[:400]
    assert abs(found.posterior.mean[top].mean() - later[top].mean()) < 0.1 < seen[top].mean() - later[top].mean()


def test_held_out_posts_of_real_creators_are_predicted() -> None:
    """MATCHING.md: one post seen, RMSE of the log rate of another at most .758; 90 % intervals cover 85 to 95 %."""
    by_user: dict[str, list[dict]] = {}
    for row in read_posts(folder("instagram_2018")):
        if row["likes"] is not None and row["followers"]:
            by_user.setdefault(row["username"], []).append(row)
    rng, users = np.random.default_rng(0), sorted(by_user)
    half = rng.random(len(users)) < 0.5
    train, test = ([u for u, f in zip(users, half, strict=True) if f is np.bool_(side)] for side in (True, False))
    priors = fit_priors(Sample([slim(measure(batch_of(train, by_user, {}), NOTHING))]))
    test = [user for user in test if len(by_user[user]) > 1]
    pairs = {user: rng.permutation(len(by_user[user]))[:2] for user in test}
    seen, held = (batch_of(test, {u: [by_user[u][pairs[u][k]]] for u in test}, {}) for k in (0, 1))
    (given_one, _), (truth, _) = measure_engagement(seen), measure_engagement(held)
    found = estimate_engagement(given_one, seen.accounts.platform, seen.accounts.category, priors)
    both = (given_one.n == 1) & (truth.n == 1) & (given_one.base == 2) & (truth.base == 2)
    error = truth.mean[both] - found.posterior.mean[both]
    raw = truth.mean[both] - given_one.mean[both]
    low, high = next_post_interval(found)
    rate = np.exp(truth.mean[both])
    assert both.sum() > 4_000
    assert np.sqrt((error**2).mean()) <= 0.758 < np.sqrt((raw**2).mean())
    assert 0.85 <= ((low[both] <= rate) & (rate <= high[both])).mean() <= 0.95
