"""Priors: recovered from simulated populations, stored and read back, named by their content."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.observed import observe
from matching.contracts import PLATFORMS, Signal
from matching.signals import digest
from matching.signals.batch import TIERS
from matching.signals.columns import payloads, signals
from matching.signals.fit import Sample, fit_priors
from matching.signals.measure import measure
from matching.signals.priors import CELLS, Priors, cell_name, cell_of, default_priors
from matching.signals.score import score
from matching.signals.shrinkage import fit_beta, fit_linear, shrink_normal, shrink_share

NOTHING = np.zeros(0, np.uint64)
FLOATS = st.floats(-5, 5)


@given(FLOATS, st.floats(0.1, 50), FLOATS, st.floats(0.01, 4), st.floats(0.01, 4))
def test_a_normal_posterior_lies_between_sample_and_prior(
    raw: float, n: float, mu: float, tau2: float, s2: float
) -> None:
    arrays = [np.array([v]) for v in (raw, n, mu, tau2, s2)]
    found = shrink_normal(*arrays)
    assert min(raw, mu) - 1e-9 <= found.mean[0] <= max(raw, mu) + 1e-9
    assert found.sd[0] <= np.sqrt(tau2) + 1e-9
    nothing = shrink_normal(np.array([np.nan]), np.array([0.0]), *arrays[2:])
    assert (nothing.mean[0], nothing.sd[0]) == (mu, pytest.approx(np.sqrt(tau2)))


@given(st.integers(0, 200), st.integers(0, 200), st.floats(0.1, 20), st.floats(0.1, 20))
def test_a_share_lies_inside_its_interval_and_above_with_more_hits(
    hits: int, misses: int, alpha: float, beta: float
) -> None:
    a, b = np.array([alpha]), np.array([beta])
    found = shrink_share(np.array([float(hits)]), np.array([float(hits + misses)]), a, b)
    more = shrink_share(np.array([hits + 1.0]), np.array([hits + 1.0 + misses]), a, b)
    assert 0 <= found.low[0] <= found.mean[0] + 1e-9 and found.mean[0] <= found.high[0] + 1e-2 <= 1 + 1e-2
    assert more.mean[0] >= found.mean[0]


@pytest.mark.parametrize(("alpha", "beta"), [(1.5, 12.0), (8.0, 4.0), (0.8, 2.0)])
def test_beta_priors_come_back(alpha: float, beta: float) -> None:
    rng = np.random.default_rng(1)
    n = rng.integers(3, 60, 4_000)
    x = rng.binomial(n, rng.beta(alpha, beta, 4_000))
    a, b = fit_beta(x.astype(float), n.astype(float))
    assert a / (a + b) == pytest.approx(alpha / (alpha + beta), rel=0.05)
    assert a + b == pytest.approx(alpha + beta, rel=0.2)


def test_beta_priors_of_identical_creators_are_strong_but_bounded() -> None:
    rng = np.random.default_rng(2)
    n = np.full(500, 40.0)
    a, b = fit_beta(rng.binomial(40, 0.2, 500).astype(float), n)
    assert 50 < a + b <= 400
    with pytest.raises(ValueError, match="two creators"):
        fit_beta(np.array([1.0]), np.array([3.0]))


def test_the_linear_prior_comes_back_with_its_categories() -> None:
    rng = np.random.default_rng(3)
    n, x = rng.integers(1, 8, 6_000).astype(float), rng.normal(0, 1.2, 6_000)
    category = rng.choice(["beauty", "food", ""], 6_000)
    shift = np.select([category == "beauty", category == "food"], [0.3, -0.3], 0.0)
    theta = -3.4 - 0.15 * x + shift + rng.normal(0, 0.8, 6_000)
    mean = theta + rng.normal(0, 0.6, 6_000) / np.sqrt(n)
    within = 0.36 * rng.chisquare(np.maximum(n - 1, 1)) * (n > 1)
    found = fit_linear(mean, n, within, np.maximum(n - 1, 0), x, category)
    assert found.intercept == pytest.approx(-3.4, abs=0.05) and found.slope == pytest.approx(-0.15, abs=0.03)
    assert found.tau2 == pytest.approx(0.64, rel=0.1) and found.s2 == pytest.approx(0.36, rel=0.1)
    assert found.categories["beauty"] == pytest.approx(0.3, abs=0.08) and "" not in found.categories


def people(n: int, seed: int = 0) -> list[dict[str, object]]:
    rng = np.random.default_rng(seed)
    return [
        {
            "id": i + 1,
            "platform": str(rng.choice(PLATFORMS[:2])),
            "followers": int(np.exp(rng.normal(9.5, 1.3))),
            "category": str(rng.choice(["food", "home", ""])),
            "posts": [
                {
                    "likes": int(rng.integers(20, 3_000)),
                    "comments": int(rng.integers(0, 40)),
                    "views": 20_000,
                    "age": 5.0 + 7 * k,
                    "caption": "En partenariat avec @maison" if rng.random() < 0.1 else "Un matin",
                    "said": [
                        {
                            "text": str(rng.choice(["So pretty", "Where did you get the lamp?", "Trop beau"])),
                            "author": f"a{i}{k}{j}",
                        }
                        for j in range(4)
                    ],
                }
                for k in range(int(rng.integers(1, 7)))
            ],
        }
        for i in range(n)
    ]


def test_fitted_priors_read_back_and_score_alike() -> None:
    m = measure(observe(*people(150)), NOTHING)
    fitted = fit_priors(Sample([m]))
    again = Priors.from_json(fitted.version, fitted.to_json())
    for field in fields(Priors):
        left, right = getattr(fitted, field.name), getattr(again, field.name)
        assert np.array_equal(left, right) if field.name == "common" else left == right
    assert payloads(score(m, fitted).columns, 150) == payloads(score(m, again).columns, 150)
    assert fitted.n == 150 and fitted.version.startswith("fit-")


def test_the_same_sample_in_any_order_is_the_same_version() -> None:
    everyone = people(120)
    whole = fit_priors(Sample([measure(observe(*everyone), NOTHING)]))
    parts = fit_priors(Sample([measure(observe(*everyone[60:]), NOTHING), measure(observe(*everyone[:60]), NOTHING)]))
    assert whole.version == parts.version
    assert fit_priors(Sample([measure(observe(*people(120, seed=1)), NOTHING)])).version != whole.version


def test_an_index_too_small_keeps_the_reference() -> None:
    fitted = fit_priors(Sample([measure(observe(*people(10)), NOTHING)]))
    reference = default_priors()
    assert fitted.engagement == reference.engagement and fitted.shares["qualified"] == {} and fitted.normals == {}
    found = signals(score(measure(observe(*people(1)), NOTHING), fitted).columns, 1)[0]
    assert found["posting_frequency"].percentile is None  # no cell to compare with
    assert found["engagement_rate"].percentile is not None  # the published reference stands in


def test_common_texts_are_those_of_many_creators() -> None:
    said = [{"text": "Love this so much babe"}]
    shared = [{"id": i + 1, "posts": [{"said": [*said, {"text": f"only {chr(97 + i) * 2}x here"}]}]} for i in range(6)]
    priors = fit_priors(Sample([measure(observe(*shared), NOTHING)]))
    assert len(priors.common) == 1
    few = fit_priors(Sample([measure(observe(*shared[:4]), NOTHING)]))
    assert len(few.common) == 0


def test_cells_are_named_and_apart() -> None:
    cells = {
        int(cell_of(np.array([p], np.int8), np.array([t], np.int8))[0]) for p in range(4) for t in range(len(TIERS))
    }
    assert cells == set(range(CELLS)) and cell_name(1) == "instagram × micro" and cell_name(-1) == ""


def test_payload_is_the_json_of_the_signal() -> None:
    m = measure(observe(*people(12)), NOTHING)
    columns = score(m, default_priors()).columns
    for row in payloads(columns, 12):
        for name, item in row.items():
            signal = Signal.from_json(item)
            assert signal.to_json() == {**item, "evidence": [dict(e) for e in item["evidence"]]} and signal.name == name
            if signal.known:
                assert signal.low <= signal.value <= signal.high
                assert 0 <= signal.coverage <= 1 and (signal.percentile is None or 0 <= signal.percentile <= 100)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(["posts", "accounts", "nothing", "counts"]), min_size=1, max_size=4))
def test_creators_with_nothing_known_are_scored_as_unknown(shapes: list[str]) -> None:
    shown = {
        "posts": {"followers": None, "posts": [{}]},
        "accounts": {"accounts": []},
        "nothing": {"followers": None},
        "counts": {"counts": [(1, 0)]},
    }
    m = measure(observe(*(shown[s] for s in shapes)), NOTHING)
    for row in signals(score(m, default_priors()).columns, len(shapes)):
        assert row["engagement_rate"].value is None and row["qualified_share"].value is None
        assert row["engagement_rate"].percentile is None and row["growth"].value is None


def test_digests_tell_any_change_and_nothing_else() -> None:
    everyone = people(8)
    batch = observe(*everyone)
    texts, said = np.arange(len(batch.posts.id)), np.arange(len(batch.comments.id))
    first = digest.input_hashes(batch, texts, said, versions=("v1",))
    assert first == digest.input_hashes(observe(*everyone), texts, said, versions=("v1",)) and len(set(first)) == 8
    everyone[3]["posts"][0]["likes"] += 1  # type: ignore[index]
    changed = digest.input_hashes(observe(*everyone), texts, said, versions=("v1",))
    assert [a != b for a, b in zip(first, changed, strict=True)] == [i == 3 for i in range(8)]
    assert not set(first) & set(digest.input_hashes(batch, texts, said, versions=("v2",)))
