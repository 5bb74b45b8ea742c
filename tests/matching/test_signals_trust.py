"""Authenticity: ranges, withheld samples, planted rings and bought followers, and never one sign alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.observed import observe
from benchmarks.planted import found_at, simulated, ties_of, with_rings
from benchmarks.simulated import person, steps, walk
from matching.signals.audience import LEAST_PEOPLE, chance_automated, share_range, weights
from matching.signals.batch import Batch
from matching.signals.columns import signals
from matching.signals.further import Audience, Further, Ties
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import Scores, score

NOTHING = np.zeros(0, np.uint64)


def scored(batch: Batch) -> Scores:
    return score(measure(batch, NOTHING), default_priors())


def people(rng: np.random.Generator, n: int, automated: float) -> np.ndarray:
    """Sampled followers: ordinary ones like those of the training set, automated ones with empty profiles."""
    w = weights()
    ordinary = np.stack(
        [
            np.expm1(np.clip(rng.normal(w["mean"][0], 1.6, n), 0, 9)),
            np.expm1(np.clip(rng.normal(w["mean"][1], 1.1, n), 0, 9)),
            np.expm1(np.clip(rng.normal(w["mean"][2], 1.4, n), 0, 12)),
            rng.random(n) < w["mean"][4],
            rng.random(n) < w["mean"][5],
            np.round(rng.normal(w["mean"][7], 3, n)).clip(4, 25),
            rng.poisson(1.0, n),
            rng.random(n) < w["mean"][8],
        ],
        axis=1,
    )
    fake = rng.random(n) < automated
    ordinary[fake] = [0, 3_000, 5, 0, 0, 14, 6, 1]
    return ordinary


def sampled(rows: np.ndarray) -> Any:
    batch = observe({"followers": 20_000})
    account = np.zeros(len(rows), np.int64)
    return replace(batch, further=Further(audience=Audience(account, rows.astype(np.float32))))


def test_a_sample_gives_a_range_that_follows_the_share_of_automated_accounts() -> None:
    rng = np.random.default_rng(1)
    clean, mixed = (
        signals(scored(sampled(people(rng, 400, share))).columns, 1)[0]["audience_authenticity"]
        for share in (0.0, 0.15)
    )
    assert clean.known and mixed.known, (clean.details, mixed.details)
    assert clean.low < clean.value < clean.high and mixed.value < clean.value
    assert clean.high - clean.low >= 0.1  # never a point: five points of model error to either side at least


def test_a_small_sample_and_one_unlike_the_training_set_are_withheld() -> None:
    rng = np.random.default_rng(2)
    few = signals(scored(sampled(people(rng, LEAST_PEOPLE - 1, 0.1))).columns, 1)[0]["audience_authenticity"]
    odd = people(rng, 400, 0.0)
    odd[:, :3] = [5_000, 20, 200_000]
    unlike = signals(scored(sampled(odd)).columns, 1)[0]["audience_authenticity"]
    assert (few.value, few.details["withheld"]) == (None, "few")
    assert (unlike.value, unlike.details["withheld"]) == (None, "unlike")


def test_the_range_widens_with_fewer_people_and_stays_within_bounds() -> None:
    low, high = share_range(np.array([0.1, 0.1]), np.array([0.08, 0.08]), np.array([200, 5_000]))
    assert high[0] - low[0] > high[1] - low[1] and (low >= 0).all() and (high <= 1).all()


def test_an_empty_profile_is_likelier_automated_whatever_the_following() -> None:
    busy, empty = [300, 400, 500, 1, 0, 9, 0, 0], [0, 4_000, 2, 0, 0, 14, 6, 1]
    chance = chance_automated(np.array([busy, empty]))
    assert chance[0] < 0.1 < 0.6 < chance[1]


def test_planted_rings_are_found_at_one_percent_of_false_alarms() -> None:
    rng = np.random.default_rng(3)
    graph = simulated(rng, 2_000)
    natural = ties_of(graph)
    assert (natural.z[natural.inbound >= 4] > 3).mean() <= 0.01
    planted, members = with_rings(graph, rng, rings=8)
    found = ties_of(planted)
    assert found_at(found, members)[0] >= 0.8
    others = np.setdiff1d(np.arange(planted.n), members)
    assert (found.group[members] >= 4).mean() >= 0.9 and (found.group[others] >= 4).mean() <= 0.01


def crowd(same: bool, *, posts: int = 6, each: int = 24) -> list[dict[str, Any]]:
    """Posts commented by the same people within minutes, or by new ones over days."""
    return [
        {
            "age": 5.0 + 6 * p,
            "likes": 40 if same else 900,
            "comments": each,
            "said": [
                {
                    "text": f"remark {p} {k}",
                    "author": f"member {k}" if same else f"reader {p} {k}",
                    "hours": 0.2 if same else 2.0 + 3 * k,
                }
                for k in range(each)
            ],
        }
        for p in range(posts)
    ]


def test_two_independent_signs_are_shown_and_one_is_not() -> None:
    ring, quiet = scored(observe({"posts": crowd(True)}, {"posts": crowd(False)})).risks
    assert {"returning_unusual", "early_unusual"} <= set(ring) and quiet == []
    faithful = crowd(True)
    for post in faithful:
        post["likes"] = 900
        for k, comment in enumerate(post["said"]):
            comment["hours"] = 2.0 + 3 * k
    assert scored(observe({"posts": faithful})).risks == [[]]  # a faithful circle is no fault


def test_reciprocity_and_a_closed_group_are_one_sign() -> None:
    batch = observe({"posts": crowd(False)}, {"posts": crowd(True)})
    ones = np.ones(2)
    ties = Ties(10 * ones, 8 * ones, ones, 5 * ones, 6 * ones)
    alone, with_more = scored(replace(batch, further=Further(ties=ties))).risks
    assert alone == [] and "closed_group" in with_more


def test_steps_count_together_with_the_signs_of_the_comments() -> None:
    rng = np.random.default_rng(9)
    series = walk(rng)
    series[100:] += 3_456  # one step that nothing explains, no further proof of its own
    posts = crowd(True)
    for post in posts:
        for comment in post["said"]:
            comment["hours"] = 5.0
        post["likes"] = 900
    assert set(scored(observe(person(series, posts))).risks[0]) == {"returning_unusual", "unexplained_step"}


def test_bought_followers_lower_the_low_end_only() -> None:
    rng = np.random.default_rng(5)
    (bought,) = steps(rng, 1, size=0.3)
    quiet = person(walk(rng))
    for one in (bought, quiet):
        one["posts"] = [*one.get("posts", []), *crowd(False)]
    a, b = (signals(scored(observe(one)).columns, 1)[0]["audience_authenticity"] for one in (bought, quiet))
    assert a.low < b.low and a.high == pytest.approx(b.high, abs=0.02)
