"""Growth: trend with interval, steps, and two independent proofs before anything is said."""

import numpy as np
import pytest

from benchmarks.observed import observe
from benchmarks.simulated import DAYS, person, steps, walk
from matching.contracts import Signal
from matching.signals.columns import signals
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import Scores, score

NOTHING = np.zeros(0, np.uint64)


def scored(*people: dict[str, object]) -> Scores:
    return score(measure(observe(*people), NOTHING), default_priors())


def growth(*people: dict[str, object]) -> Signal:
    return signals(scored(*people).columns, len(people))[0]["growth"]


def test_steady_growth_is_measured_with_its_interval() -> None:
    signal = growth(person(10_000 * np.exp(np.linspace(0, 0.15, DAYS))))
    assert signal.details["growth_90"] == pytest.approx(np.expm1(0.15 * 90 / (DAYS - 1)), rel=0.02)
    assert signal.low < signal.value < signal.high and signal.details["steps"] == 0


def test_without_a_history_nothing_is_known() -> None:
    signal = growth({"followers": 10_000, "counts": [(3, 10_000)]})
    assert signal.value is None and signal.details["growth_90"] if "growth_90" in signal.details else True
    assert scored({"followers": 10_000}).risks == [[]]


def test_planted_steps_are_found_and_quiet_accounts_are_left_alone() -> None:
    rng = np.random.default_rng(5)
    bought = scored(*steps(rng, 200, size=0.12))
    quiet = scored(*(person(walk(rng)) for _ in range(600)))
    noisy = scored(*(person(walk(rng, noise=0.004)) for _ in range(400)))
    detected = np.mean([len(r) >= 2 for r in bought.risks])
    alarms = np.mean([len(r) > 0 for r in quiet.risks + noisy.risks])
    assert detected >= 0.9 and alarms <= 0.01


def test_a_step_with_a_cause_is_no_proof() -> None:
    rng = np.random.default_rng(8)
    series = walk(rng)
    series[100:] += 4_000
    ordinary = [{"likes": 800, "comments": 10, "age": 10.0 + 7 * i} for i in range(18)]
    viral = {"likes": 30_000, "comments": 500, "age": DAYS - 1 - 100 + 0.5}
    contest = {"likes": 900, "comments": 400, "age": DAYS - 1 - 100 + 1.0, "caption": "Concours, tentez votre chance"}
    for cause in (viral, contest):
        told = scored(person(series, [*ordinary, cause]))
        assert told.risks == [[]]
        assert told.column("growth").details["unexplained_steps"].tolist() == [0]
        assert told.column("growth").details["steps"].tolist() == [1]


def test_one_proof_is_not_enough() -> None:
    rng = np.random.default_rng(9)
    series = walk(rng)
    series[100:] += 3_456  # not a round number, nobody leaves again, no posts to judge engagement by
    told = scored(person(series))
    assert told.risks == [[]] and told.column("growth").details["unexplained_steps"].tolist() == [1]


def test_engagement_that_falls_after_a_step_is_a_second_proof() -> None:
    rng = np.random.default_rng(10)
    series = walk(rng)
    series[90:] += 0.3 * series[90] // 1 + 37
    posts = [{"likes": round(800 * np.exp(rng.normal(0, 0.05))), "comments": 10, "age": 4.0 + 8 * i} for i in range(17)]
    told = scored(person(series, posts))
    assert "engagement_falls" in told.risks[0] and len(told.risks[0]) >= 2
    assert [e.note for e in signals(told.columns, 1)[0]["growth"].evidence] == ["unexplained"]


def test_monthly_counts_give_a_trend_and_no_step() -> None:
    counts = [(30 * k, round(20_000 * 0.97**k)) for k in range(8)]
    told = scored({"followers": 20_000, "counts": counts})
    assert told.column("growth").value[0] > 0 and told.risks == [[]]
