"""Overlap of audiences: the published vector exactly, sketches within their errors, unknown where thin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from matching.signals import overlap
from matching.signals.overlap import Sketch, intersection, overlaps, sketches, union


def sketch(people: np.ndarray) -> Sketch:
    return sketches(people.astype(np.uint64), np.zeros(len(people), np.int64), 1)[0]


def test_the_published_example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "LEAST_PEOPLE", 1)
    found = overlaps([sketch(np.array(people)) for people in ([1, 2, 3], [1, 4], [1, 3, 5])])
    assert (found.total, found.unique.value, sum(e.value for e in found.exclusive)) == (8, 5, 3)
    pairs = [found.of_smaller[a][b].value for a, b in ((0, 1), (0, 2), (1, 2))]
    assert pairs == pytest.approx([0.5, 2 / 3, 0.5]) and found.frequency.value == pytest.approx(1.6)
    assert overlap.audience_shares(found.exclusive, found.people.tolist()) == pytest.approx([1 / 3, 0.5, 1 / 3])


def test_large_audiences_are_estimated_within_their_intervals() -> None:
    rng = np.random.default_rng(4)
    inside, errors = [], []
    for _ in range(150):
        shared, first, second = int(rng.integers(0, 4_000)), *rng.integers(5_000, 20_000, 2).tolist()
        every = rng.integers(1, 2**62, size=first + second - shared)
        a, b = sketch(every[:first]), sketch(every[first - shared :])
        both, either = intersection(a, b), union([a, b])
        inside.append((both.low <= shared <= both.high, either.low <= len(every) <= either.high))
        errors.append(either.value / len(every) - 1)
    assert np.mean(inside, axis=0).min() >= 0.85 and np.sqrt(np.mean(np.square(errors))) <= 0.07


def test_few_people_mean_unknown_and_one_author_counts_once() -> None:
    few, many = sketch(np.arange(1, 60)), sketch(np.arange(1, 500))
    assert not intersection(few, many).known and not union([few, many]).known
    twice = sketch(np.repeat(np.arange(1, 300), 3))
    assert twice.people == 299 and len(twice.hashes) == 256


def test_unknown_authors_are_nobody_and_creators_keep_apart() -> None:
    author = np.array([0, 5, 5, 7, 0, 5], np.uint64)
    found = sketches(author, np.array([0, 0, 0, 1, 1, 2]), 4)
    assert [one.people for one in found] == [1, 1, 1, 0]
    assert found[0].hashes.tolist() == found[2].hashes.tolist() != found[1].hashes.tolist()


def test_more_creators_never_reach_fewer_people() -> None:
    rng = np.random.default_rng(6)
    parts = [sketch(rng.integers(1, 30_000, size=4_000)) for _ in range(6)]
    reached = [union(parts[: k + 1]).value for k in range(6)]
    assert all(later >= 0.93 * earlier for earlier, later in pairwise(reached))
    assert union(parts).value == pytest.approx(union(parts[::-1]).value)
