"""What must hold whatever the data: order-free, company-free, scale-free, monotone where more is better."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from benchmarks.observed import observe
from matching.signals.batch import Batch
from matching.signals.columns import payloads
from matching.signals.further import Further, History
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import score
from tests.matching.test_golden import CAPTIONS, SAID

NOTHING = np.zeros(0, np.uint64)


def told(batch: Batch) -> list[dict[str, Any]]:
    return payloads(score(measure(batch, NOTHING), default_priors()).columns, batch.n)


def person(rng: np.random.Generator, number: int, *, scale: float = 1.0) -> dict[str, Any]:
    """A creator drawn at random; followers and counters times `scale`."""
    followers = float(np.round(np.exp(rng.normal(9.5, 0.8))))
    posts = []
    for k in range(int(rng.integers(0, 14))):
        caption, language = CAPTIONS[rng.integers(0, 4)]
        vector = rng.normal(size=256)
        said = [
            {"text": SAID[rng.integers(0, 5)], "author": f"r{rng.integers(0, 9)}", "hours": float(rng.exponential(12) + 0.1),
             "id": 10_000 * number + 100 * k + j}
            for j in range(int(rng.integers(0, 8)))
        ]  # fmt: skip
        likes = float(np.round(followers * 0.03 * np.exp(rng.normal(0, 0.4))))
        posts.append(
            {"id": 1_000 * number + k, "age": 6.0 + 9 * k, "likes": likes * scale, "comments": likes // 20 * scale,
             "caption": caption, "language": language, "vector": (vector / np.linalg.norm(vector)).tolist(), "said": said}
        )  # fmt: skip
    return {
        "id": number,
        "account_id": number,
        "handle": f"h{number}",
        "followers": followers * scale,
        "posts": posts,
        "counts": [(float(7 * w), followers * scale * (1 - 0.002 * w)) for w in range(8)],
    }


@pytest.mark.parametrize("seed", range(4))
def test_order_and_company_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    everyone = [person(rng, number) for number in range(1, 6)]
    together = told(observe(*everyone))
    order = rng.permutation(5)
    shuffled = told(observe(*[everyone[k] for k in order]))
    alone = [told(observe(one))[0] for one in everyone]
    for place, k in enumerate(order.tolist()):
        # ids of follower counts are running numbers of the batch; everything else must be the same
        assert _less_counts(shuffled[place]) == _less_counts(together[k]) == _less_counts(alone[k])


def _less_counts(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: signal | {"evidence": [item for item in signal["evidence"] if item["kind"] != "follower_count"]}
        for name, signal in row.items()
    }


def test_scale_changes_no_share_within_a_size() -> None:
    small, large = (told(observe(person(np.random.default_rng(8), 1, scale=scale)))[0] for scale in (1.0, 2.0))
    for name in (
        "qualified_share",
        "generic_share",
        "coherence",
        "nuance",
        "pressure",
        "values",
        "returning_commenters",
    ):
        assert small[name]["value"] == large[name]["value"], name
    raw = [row["engagement_rate"]["details"]["raw"] for row in (small, large)]
    assert raw[0] == pytest.approx(raw[1], rel=0.01)


def reliability(**given: float) -> dict[str, Any]:
    history = History.none(1)
    for part in fields(History):
        getattr(history, part.name)[0] = given.get(part.name, 0.0)
    return told(replace(observe({}), further=Further(history=history)))[0]


def test_reliability_rises_with_what_was_kept_and_falls_with_what_was_not() -> None:
    kept = [reliability(due=6, on_time=k)["deadlines"]["value"] for k in range(7)]
    ended = [reliability(finished=6, withdrawn=k)["disputes"]["value"] for k in range(7)]
    answered = [reliability(invited=6, answered=k)["answer_rate"]["value"] for k in range(7)]
    slower = [reliability(timed=3, log_hours=3 * np.log(h))["response_time"] for h in (2, 12, 48, 200)]
    for values in (kept, ended, answered, [one["value"] for one in slower], [-one["percentile"] for one in slower]):
        assert all(later > earlier for earlier, later in pairwise(values))


def test_more_of_the_same_evidence_narrows_every_interval() -> None:
    few, many = (reliability(due=k, on_time=k // 2)["deadlines"] for k in (4, 40))
    assert many["high"] - many["low"] < few["high"] - few["low"]
    captions = [{"caption": CAPTIONS[0][0], "language": "fr", "age": 5.0 + k} for k in range(24)]
    few, many = (told(observe({"posts": captions[:n]}))[0]["nuance"] for n in (3, 24))
    # a rate spreads with its root: what narrows is the interval relative to the rate
    assert many["high"] / many["low"] < few["high"] / few["low"] and many["value"] > few["value"]
