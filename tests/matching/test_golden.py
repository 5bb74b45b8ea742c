"""Golden files: what each version of the formulas gives for the same people. A changed score needs a new version.

`python -m tests.matching.test_golden` writes the files of the present versions; those of earlier ones stay.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.observed import observe
from matching.contracts import FAMILIES, Weights
from matching.ranking import ENGINE_VERSION
from matching.ranking.pool import Pool, Reference, Wish
from matching.ranking.total import rank
from matching.signals.batch import HOUR, Batch
from matching.signals.columns import payloads
from matching.signals.further import Further, History, Snapshots, Ties
from matching.signals.measure import measure
from matching.signals.priors import default_priors
from matching.signals.score import SIGNALS_VERSION, score

FOLDER = Path(__file__).parent / "data" / "golden"
CAPTIONS = (
    ("Atelier zéro déchet : par contre, cela demande du temps. Et vous, vous faites comment ?", "fr"),
    ("Collaboration commerciale avec @maisonlune : ma lampe en céramique, fait main", "fr"),
    ("Hurry, last chance! The best lamp ever, you need this", "en"),
    ("How to oil a table: step 1, sand it, because old wax keeps the oil out", "en"),
)
SAID = (
    "Where did you find the ceramic lamp on the left?",
    "J’utilise cette huile depuis deux ans et le bois ne marque plus du tout",
    "So pretty 😍",
    "Je ne suis pas d’accord, le prix est trop cher pour ce que c’est",
    "@marie regarde celle-là pour ton salon, je pense à toi",
)


def people() -> Batch:
    """Three creators: a full history, a step in the followers, almost nothing."""
    angle = np.linspace(0, 0.9, 12)
    vectors = np.zeros((12, 256), np.float32)
    vectors[:, 0], vectors[:, 1] = np.cos(angle), np.sin(angle)
    posts = [
        {
            "age": 4.0 + 7 * k,
            "likes": 300 + 35 * (k % 4),
            "comments": 9 + k,
            "caption": CAPTIONS[k % 4][0],
            "language": CAPTIONS[k % 4][1],
            "vector": vectors[k].tolist(),
            "topic": k % 2,
            "said": [
                *({"text": text, "author": f"r{(j + k) % 7}", "hours": 0.5 + 2 * j} for j, text in enumerate(SAID)),
                {"text": "On the market in Lyon, the second stand", "owner": True, "answers": 0, "hours": 9.0},
            ],
        }
        for k in range(12)
    ]
    walk = 20_000 * np.exp(np.linspace(0, 0.08, 170) + 0.0004 * np.sin(np.arange(170.0)))
    walk[100:] += 5_000
    counts = [(float(169 - k), float(round(value))) for k, value in enumerate(walk)]
    other = [{k: v for k, v in post.items() if k != "said"} for post in posts[:5]]
    batch = observe(
        {"followers": 18_000, "posts": posts, "category": "home"},
        {"followers": 27_000, "posts": other, "counts": counts},
        {"followers": 900, "platform": "tiktok"},
    )
    history = History.none(3)
    history.due[0], history.on_time[0], history.timed[0], history.log_hours[0] = 4, 3, 4, 9.0
    history.finished[0], history.invited[0], history.answered[0] = 4, 6, 5
    ties = Ties(
        np.array([6.0, 2, 0]),
        np.array([2.0, 0, 0]),
        np.array([0.4, 0.1, 0]),
        np.array([1.2, np.nan, np.nan]),
        np.ones(3),
    )
    at = batch.posts.posted_at[12] + np.array([3.0, 12, 60]) * HOUR
    looks = Snapshots(np.full(3, 12), at, np.array([120.0, 220, 300]))
    return replace(batch, topics=("home", "diy"), further=Further(snapshots=looks, history=history, ties=ties))


def signals_golden() -> list[dict[str, Any]]:
    batch = people()
    found = score(measure(batch, np.zeros(0, np.uint64)), default_priors())
    return json.loads(
        json.dumps([row | {"risks": risks} for row, risks in zip(payloads(found.columns, 3), found.risks, strict=True)])
    )


def ranking_golden() -> dict[str, Any]:
    """Six candidates of whom more and less is known."""
    n = 6
    spread = np.linspace(0.1, 0.6, n)
    pool = Pool.of(
        np.arange(1, n + 1),
        similarity=spread,
        topic_similarity=spread[::-1] * 0.8,
        posts=np.array([0.0, 2, 5, 12, 30, 100]),
        audience=np.array([50.0, np.nan, 80, 20, 95, 60]),
        posture=np.array([np.nan, 60.0, 30, 70, 55, 40]),
        reliability=np.array([np.nan, np.nan, 70.0, 40, np.nan, 90]),
        price=np.array([80.0, 300, 900, 200, np.nan, 1_500]),
        price_low=np.array([25.0, 90, 260, 60, np.nan, 440]),
        price_high=np.array([270.0, 1_000, 3_000, 690, np.nan, 5_100]),
        reward=np.array([40.0, 90, 200, 60, np.nan, 400]),
        risks=np.array([0.0, 0, 2, 0, 0, 0]),
        competitor_days=np.array([np.nan, 20.0, np.nan, np.nan, 400.0, np.nan]),
    )
    found = rank(pool, Reference(spread, spread), Wish(budget=400.0), Weights(), seed=7)
    rounded = {name: np.round(found.value[name], 2).tolist() for name in FAMILIES}
    return json.loads(
        json.dumps({"order": found.order.tolist(), "total": np.round(found.total, 2).tolist(), "families": rounded})
    )


def _path(name: str) -> Path:
    return FOLDER / f"{name}.json"


def test_the_signals_are_those_of_their_version() -> None:
    kept = json.loads(_path(SIGNALS_VERSION).read_text("utf-8"))
    found = signals_golden()
    for row, (mine, theirs) in enumerate(zip(found, kept, strict=True)):
        assert mine.keys() == theirs.keys()
        for name in mine:
            assert mine[name] == theirs[name], f"creator {row}, {name}: a changed score needs a new SIGNALS_VERSION"


def test_the_ranking_is_that_of_its_version() -> None:
    kept = json.loads(_path(ENGINE_VERSION).read_text("utf-8"))
    assert ranking_golden() == kept, "a changed order needs a new ENGINE_VERSION"


def test_every_known_signal_has_an_interval_a_count_and_a_version() -> None:
    for row in signals_golden():
        for name, signal in row.items():
            if name == "risks" or signal["value"] is None:
                continue
            assert signal["low"] <= signal["value"] <= signal["high"], name
            assert signal["version"] and signal["n"] >= 0 and 0 <= signal["coverage"] <= 1, name


def write() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, value in ((SIGNALS_VERSION, signals_golden()), (ENGINE_VERSION, ranking_golden())):
        _path(name).write_text(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    write()
