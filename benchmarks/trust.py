"""Quality of the further signals: sampled followers, rings, overlaps, sentiment, persistence. Each function takes the
folder of the shared research data and yields lines; `benchmarks.signals` prints them."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from benchmarks.lines import Line
from benchmarks.planted import found_at, simulated, ties_of, with_rings
from benchmarks.training import audience as followers_data
from benchmarks.training import sentiment as tweets
from matching.signals.audience import describe, share_range
from matching.signals.overlap import LEAST_PEOPLE, Sketch, intersection, sketches, union
from matching.signals.sentiment import shares


def sampled_followers(root: Path) -> Iterator[Line]:
    """Ten folds, five times; ranges on resampled audiences of 300 with another share of automated accounts."""
    people, truth = followers_data.read(root)
    held = np.mean([followers_data.crossed(describe(people), truth, seed) for seed in range(5)], axis=0)
    yield Line("Fake follower, Swiss set, ten-fold: AUC", f"**{roc_auc_score(truth, held):.3f}**", "≥ .93")
    rng, inside, width = np.random.default_rng(1), [], []
    fake, real = np.flatnonzero(truth), np.flatnonzero(~truth)
    for _ in range(400):
        share = rng.uniform(0.0, 0.4)
        k = rng.binomial(300, share)
        drawn = np.concatenate([rng.choice(fake, k), rng.choice(real, 300 - k)])
        p = held[drawn]
        low, high = share_range(np.array([p.mean()]), np.array([(p > 0.5).mean()]), np.array([300]))
        inside.append(low[0] <= k / 300 <= high[0])
        width.append(high[0] - low[0])
    yield Line(
        "Share of automated accounts among 300, 0–40 % planted: the range holds it",
        f"**{np.mean(inside):.1%}** (mean width {100 * np.mean(width):.0f} points)",
        "a range, not a point",
    )


def rings() -> Iterator[Line]:
    rng = np.random.default_rng(3)
    graph = simulated(rng)
    natural = ties_of(graph)
    alarms = (natural.z[natural.inbound >= 4] > 3).mean()
    yield Line("Reciprocity z > 3 among 3,000 simulated creators without rings", f"{alarms:.2%}", "≤ 1 %")
    for chance in (0.7, 0.4):
        planted, members = with_rings(graph, rng, rings=10, chance=chance)
        found = ties_of(planted)
        share, threshold = found_at(found, members)
        others = np.setdiff1d(np.arange(planted.n), members)
        yield Line(
            f"Planted rings of 8 who comment {chance:.0%} of each other: found at 1 % false alarms",
            f"**{share:.0%}** (z > {threshold:.1f}); in a closed group {(found.group[members] >= 4).mean():.0%}, "
            f"others {(found.group[others] >= 4).mean():.2%}",
            "rate stated",
        )


def overlap(root: Path) -> Iterator[Line]:
    fans: dict[int, set[int]] = defaultdict(set)
    with (root / "lastfm_overlap" / "user_artists.dat").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            fans[int(row["artistID"])].add(int(row["userID"]))
    large = [artist for artist in fans if len(fans[artist]) >= LEAST_PEOPLE]
    kept = {artist: _sketch(fans[artist]) for artist in large}
    rng, errors, inside = np.random.default_rng(0), [], []
    for _ in range(4_000):
        a, b = rng.choice(large, 2, replace=False).tolist()
        if kept[a].whole and kept[b].whole:
            continue
        true, either = len(fans[a] & fans[b]), len(fans[a] | fans[b])
        both, whole = intersection(kept[a], kept[b]), union([kept[a], kept[b]])
        errors.append(both.value / whole.value - true / either)
        inside.append(both.low <= true <= both.high)
    yield Line(
        f"Overlap of listeners, sketches of 256 ({len(errors):,} pairs of larger artists): RMSE of the Jaccard share",
        f"**{np.sqrt(np.mean(np.square(errors))):.4f}**; 90 % interval holds {np.mean(inside):.1%}",
        "errors told",
    )


def _sketch(people: set[int]) -> Sketch:
    ids = np.array(sorted(people), np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return sketches(ids, np.zeros(len(ids), np.int64), 1)[0]


def sentiment() -> Iterator[Line]:
    """Change between two samples of 200 with different shares, classifier and its matrix from other tweets."""
    rng = np.random.default_rng(0)
    for language in tweets.NAMES:
        texts, truth = tweets.read(language, "train")
        held = tweets.crossed(tweets.inputs(texts), truth)
        corrected, counted = [], []
        for _ in range(200):
            order = rng.permutation(len(truth))
            known, other = order[: len(order) // 2], order[len(order) // 2 :]
            matrix = np.stack([held[known][truth[known] == k].mean(axis=0) for k in range(3)], axis=1)
            before, after = (_drawn(rng, truth, other) for _ in range(2))
            true = _balance(truth[after]) - _balance(truth[before])
            found = [shares(held[side].mean(axis=0), matrix) for side in (before, after)]
            corrected.append(abs((found[1][2] - found[1][0]) - (found[0][2] - found[0][0]) - true))
            label = held.argmax(axis=1)
            counted.append(abs(_balance(label[after]) - _balance(label[before]) - true))
        yield Line(
            f"Sentiment shift, {tweets.NAMES[language].title()}, 200 a side: mean error (macro F1 of one text "
            f"{f1_score(truth, held.argmax(axis=1), average='macro'):.2f})",
            f"labels counted {np.mean(counted):.3f}, corrected **{np.mean(corrected):.3f}**",
            "≤ .15" if language == "fr" else "",
        )


def _drawn(rng: np.random.Generator, truth: np.ndarray, among: np.ndarray) -> np.ndarray:
    """200 texts with random shares of the classes."""
    sizes = rng.multinomial(200, rng.dirichlet(np.full(3, 3.0)))
    return np.concatenate([rng.choice(among[truth[among] == k], size) for k, size in enumerate(sizes)])


def _balance(label: np.ndarray) -> float:
    return float((label == 2).mean() - (label == 0).mean())
