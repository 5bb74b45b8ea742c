"""Niche, rhythm and persistence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.observed import observe
from matching.signals.longevity import truncated_lognormal
from matching.signals.measure import measure
from matching.signals.niche import estimate_coherence, mean_with, measure_niche, topic_shares
from matching.signals.priors import default_priors
from matching.signals.score import score

NOTHING = np.zeros(0, np.uint64)


def around(rng: np.random.Generator, centre: np.ndarray, spread: float, n: int) -> np.ndarray:
    vectors = centre + spread * rng.normal(size=(n, 256)) / 16
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def person(vectors: np.ndarray, **more: object) -> dict[str, object]:
    return {"posts": [{"age": 3.0 + 5 * i, "vector": v} | more for i, v in enumerate(vectors)]}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 30))
def test_coherence_is_the_mean_cosine_of_different_posts(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = around(rng, np.eye(256)[0], 1.0, n)
    cosines = vectors @ vectors.T
    wanted = (cosines.sum() - np.trace(cosines)) / (n * (n - 1))
    assert measure_niche(observe(person(vectors))).coherence[0] == pytest.approx(wanted, abs=1e-4)


def test_coherence_is_unbiased_in_the_number_of_posts() -> None:
    rng = np.random.default_rng(2)
    few, many = (
        measure_niche(observe(*(person(around(rng, np.eye(256)[0], 1.5, n)) for _ in range(400)))).coherence
        for n in (3, 30)
    )
    assert few.mean() == pytest.approx(many.mean(), abs=0.01)


def test_small_samples_go_towards_the_usual() -> None:
    rng = np.random.default_rng(4)
    centre = np.eye(256)[0]
    raw = measure_niche(observe(person(around(rng, centre, 0.3, 2)), person(around(rng, centre, 0.3, 25))))
    posterior = estimate_coherence(raw, default_priors())
    usual = default_priors().normal_at("coherence")[0]
    assert usual < posterior.mean[0] < raw.coherence[0]
    assert abs(posterior.mean[1] - raw.coherence[1]) < abs(posterior.mean[0] - raw.coherence[0])
    assert posterior.sd[1] < posterior.sd[0]


def test_posts_that_could_not_be_read_count_for_nothing() -> None:
    vectors = around(np.random.default_rng(1), np.eye(256)[0], 0.5, 6)
    blank = np.concatenate([vectors, np.zeros((4, 256))])
    assert measure_niche(observe(person(blank))).coherence[0] == pytest.approx(
        measure_niche(observe(person(vectors))).coherence[0], abs=1e-5
    )
    none = measure_niche(observe(person(np.zeros((3, 256)))))
    assert np.isnan(none.coherence[0]) and none.posts[0] == 0
    assert not mean_with(none, np.zeros((1, 256))).any()


def test_topics_concentration_and_tenure() -> None:
    posts = [{"age": 30.5 * month, "topic": topic} for month, topic in enumerate([0, 0, 1, 0, -1, 0])]
    batch = observe({"posts": posts})
    from dataclasses import replace

    found = measure_niche(replace(batch, topics=("home", "food", "travel")))
    index, share = topic_shares(found)
    assert index[0, :2].tolist() == [0, 1] and found.main[0] == 0
    assert share[0, 0] == pytest.approx(4 / 5.5) and share[0].sum() < 1
    assert found.concentration[0] == pytest.approx(0.8**2 + 0.2**2)
    assert (found.months[0], found.tenure[0]) == (6, pytest.approx(4 / 6))


def test_rhythm() -> None:
    daily = score(
        measure(observe({"posts": [{"age": float(i)} for i in range(90)]}), NOTHING), default_priors()
    ).column("posting_frequency")
    silent = score(
        measure(observe({"posts": [{"age": 200.0 + i} for i in range(9)]}), NOTHING), default_priors()
    ).column("posting_frequency")
    assert daily.value[0] == pytest.approx(7, rel=0.05) and silent.value[0] < 0.2
    assert silent.details["days_since"][0] == pytest.approx(200)
    assert daily.details["regularity"][0] > 0.95


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 3.0), st.floats(1.2, 2.4), st.integers(0, 1_000))
def test_half_life_is_recovered_from_arrivals_cut_off_by_age(mu: float, sigma: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cut = np.log(72.0)
    delays = rng.normal(mu, sigma, 20_000)
    delays = delays[delays < cut][:4_000]
    found, spread = truncated_lognormal(
        np.array([delays.mean()]), np.array([delays.var()]), np.array([len(delays)]), np.array([cut])
    )
    assert found[0] == pytest.approx(mu, abs=0.35) and spread[0] == pytest.approx(sigma, abs=0.25)


def test_half_life_needs_most_of_the_comments() -> None:
    said = [{"text": "Nice", "hours": float(np.exp(1.4 + 1.9 * z))} for z in np.linspace(-1.6, 1.6, 20)]
    whole = {"posts": [{"age": 60.0, "comments": 22, "said": said}] * 3}
    part = {"posts": [{"age": 60.0, "comments": 400, "said": said}] * 3}
    both = score(measure(observe(whole, part), NOTHING), default_priors()).column("half_life")
    assert 2.5 < both.value[0] < 7 and both.low[0] < both.value[0] < both.high[0]
    assert np.isnan(both.value[1])
    assert both.details["r7"][0] > both.details["r14"][0] > both.details["r30"][0] > 0
