"""Simulated follower histories, with and without steps that nothing explains."""

from __future__ import annotations

import numpy as np

DAYS = 150


def walk(rng: np.random.Generator, start: float = 20_000, drift: float = 0.0008, noise: float = 0.0008) -> np.ndarray:
    """Daily followers, oldest first."""
    return start * np.exp(np.cumsum(rng.normal(drift, noise, DAYS)))


def person(series: np.ndarray, posts: list[dict[str, object]] | None = None) -> dict[str, object]:
    counts = [(DAYS - 1 - day, round(followers)) for day, followers in enumerate(series)]
    return {"followers": round(series[-1]), "counts": counts, "posts": posts or []}


def steps(rng: np.random.Generator, n: int, *, size: float, decay: bool = True) -> list[dict[str, object]]:
    """Bought followers: a round jump on one day, a tenth of it lost over the following weeks."""
    people = []
    for _ in range(n):
        series, day = walk(rng), int(rng.integers(60, 120))
        jump = round(series[day] * size / 1_000) * 1_000
        added = np.zeros(DAYS)
        added[day:] = jump
        if decay:
            added[day:] -= jump * 0.25 * (1 - np.exp(-np.arange(DAYS - day) / 8))
        people.append(person(series + added))
    return people
