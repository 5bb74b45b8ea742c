"""Index rows by the million, for measuring speed: seeded, with clusters, tiers and gaps like real ones.

Never used to claim accuracy. Creators are drawn from about 80 niches of very unequal size, each with a few
circles inside it; countries prefer some niches and avoid others, so that "rare here" filters exist; sizes
follow a power law; a fifth of creators lack signals, a third have no announced fee.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from matching.contracts import PLATFORMS

DIMENSIONS = 256
COUNTRIES = ("FR", "US", "GB", "BE", "CA", "CH", "DE", "ES", "IT", "NL", "MA", "SN", "LU")
COUNTRY_SHARES = (0.30, 0.18, 0.12, 0.07, 0.07, 0.05, 0.05, 0.05, 0.04, 0.03, 0.02, 0.015, 0.005)
FRENCH = frozenset({"FR", "BE", "CH", "CA", "MA", "SN", "LU"})
CITIES = {
    "FR": ("Paris", "Lyon", "Marseille"),
    "US": ("New York", "Austin", "Chicago"),
    "GB": ("London", "Leeds", "Bristol"),
    "BE": ("Bruxelles", "Liège", "Gent"),
    "CA": ("Montréal", "Toronto", "Québec"),
    "CH": ("Genève", "Lausanne", "Zürich"),
}
PLATFORM_SHARES = (0.52, 0.27, 0.14, 0.07)
SECTORS = ("gambling", "alcohol", "fast_fashion", "crypto", "diet_products", "tobacco")
FORMS = ("dedicated", "test", "co_creation", "event", "guide", "series", "ambassador")
TIERS = (("nano", 0), ("micro", 10_000), ("mid", 100_000), ("macro", 500_000), ("mega", 1_000_000))
CIRCLES = 6


@dataclass(frozen=True, slots=True)
class World:
    """What every chunk shares: niche centres (t, 256), circles (t, c, 256), and how countries lean (country, t)."""

    seed: int
    topics: Sequence[str]
    centres: NDArray[np.float32]
    circles: NDArray[np.float32]
    leaning: NDArray[np.float64]
    words: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chunk:
    """n creators as columns; NaN is unknown. vectors: float32 (n, 256) unit norm, zero rows without posts."""

    first: int
    topic: NDArray[np.int64]
    second: NDArray[np.int64]
    country: NDArray[np.int64]
    platform: NDArray[np.int64]
    also: NDArray[np.int64]
    followers: NDArray[np.int64]
    posts: NDArray[np.int64]
    comments: NDArray[np.int64]
    last_post: list[datetime]
    numbers: dict[str, NDArray[np.float64]]
    flags: dict[str, NDArray[np.bool_]]
    refused: NDArray[np.int64]
    vectors: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.topic)


def make_world(seed: int, topics: Sequence[str], centres: NDArray[np.float32], words: Sequence[Sequence[str]]) -> World:
    """centres: unit norm (t, 256), one per topic; words: typical words of each topic."""
    rng = np.random.default_rng([seed, 0])
    spread = rng.normal(0, 0.55 / np.sqrt(DIMENSIONS), (len(topics), CIRCLES, DIMENSIONS))
    size = 1 / np.arange(1, len(topics) + 1) ** 0.7
    leaning = size[rng.permutation(len(topics))] * rng.gamma(0.8, 1.0, (len(COUNTRIES), len(topics)))
    return World(
        seed, topics, centres, _unit(centres[:, None, :] + spread), leaning / leaning.sum(axis=1, keepdims=True), words
    )


def chunks(
    world: World, creators: int, *, first: int = 1, size: int = 20_000, now: datetime | None = None
) -> Iterator[Chunk]:
    """The same creators for the same seed and numbers, whatever the chunk they are made in starts with."""
    now = now or datetime.now(UTC)
    for number, start in enumerate(range(0, creators, size)):
        yield _chunk(
            world, np.random.default_rng([world.seed, 1, number]), first + start, min(size, creators - start), now
        )


def _chunk(world: World, rng: np.random.Generator, first: int, n: int, now: datetime) -> Chunk:
    country = rng.choice(len(COUNTRIES), n, p=COUNTRY_SHARES)
    topic = np.zeros(n, dtype=np.int64)
    for code in range(len(COUNTRIES)):
        mask = country == code
        topic[mask] = rng.choice(len(world.topics), mask.sum(), p=world.leaning[code])
    second = rng.integers(0, len(world.topics), n)
    followers = np.minimum((1_000 * (1 - rng.random(n)) ** -0.85).astype(np.int64), 40_000_000)
    posts = np.where(rng.random(n) < 0.04, 0, rng.geometric(1 / 14, n))
    platform = rng.choice(len(PLATFORMS), n, p=PLATFORM_SHARES)
    also = np.where(rng.random(n) < 0.35, rng.integers(0, len(PLATFORMS), n), platform)
    quiet = rng.gamma(1.2, 25, n)
    return Chunk(
        first=first,
        topic=topic,
        second=second,
        country=country,
        platform=platform,
        also=also,
        followers=followers,
        posts=posts,
        comments=rng.poisson(3 * posts),
        last_post=[now - timedelta(days=float(days)) for days in quiet],
        numbers=_numbers(rng, n, followers, posts),
        flags=_flags(rng, n),
        refused=np.where(rng.random(n) < 0.22, rng.integers(0, len(SECTORS), n), -1),
        vectors=_vectors(world, rng, topic, second, posts),
    )


def _numbers(
    rng: np.random.Generator, n: int, followers: NDArray[np.int64], posts: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    er = np.exp(rng.normal(-3.4 - 0.12 * np.log(followers / 10_000), 0.7))
    scores: dict[str, NDArray[np.float64]] = {}
    for name, known in (("audience", posts > 2), ("posture", posts > 4), ("reliability", rng.random(n) < 0.05)):
        middle, half = rng.beta(2.5, 2.5, n) * 100, 40 / np.sqrt(1 + posts / 3)
        scores |= {
            f"{name}_score": np.where(known, middle, np.nan),
            f"{name}_low": np.where(known, np.maximum(middle - half, 0.5), np.nan),
            f"{name}_high": np.where(known, np.minimum(middle + half, 99.5), np.nan),
        }
    seen, qualified = posts > 0, rng.beta(2, 9, n)
    fee = np.round(45 + followers * 0.007 * np.exp(rng.normal(0, 0.5, n)), -1)
    return scores | {
        "er": np.where(seen, er, np.nan),
        "er_percentile": np.where(seen, rng.random(n) * 100, np.nan),
        "qualified": np.where(posts > 3, qualified, np.nan),
        "qualified_low": np.where(posts > 3, qualified * 0.7, np.nan),
        "qualified_high": np.where(posts > 3, np.minimum(qualified * 1.35, 1.0), np.nan),
        "qualified_percentile": np.where(posts > 3, rng.random(n) * 100, np.nan),
        "coherence": np.where(posts > 3, rng.beta(3, 5, n), np.nan),
        "sponsored_share": np.where(seen, rng.beta(0.7, 6, n), np.nan),
        "growth_90d": np.where(rng.random(n) < 0.6, rng.normal(0.02, 0.06, n), np.nan),
        "reply_rate": np.where(posts > 3, rng.beta(1, 4, n), np.nan),
        "min_fee": np.where(rng.random(n) < 0.35, fee, np.nan),
        "capacity": np.where(rng.random(n) < 0.2, rng.integers(0, 5, n), np.nan),
        "away": np.where(rng.random(n) < 0.03, rng.integers(5, 90, n), np.nan),
    }


def _flags(rng: np.random.Generator, n: int) -> dict[str, NDArray[np.bool_]]:
    claimed = rng.random(n) < 0.1
    return {
        "claimed": claimed,
        "minor": rng.random(n) < 0.004,
        "contactable": claimed | (rng.random(n) < 0.4),
        "risky": rng.random(n) < 0.03,
        "shows": rng.random(n) < 0.8,
        "in_kind": rng.random(n) < 0.5,
        "says_in_kind": rng.random(n) < 0.3,
    }


def _vectors(
    world: World,
    rng: np.random.Generator,
    topic: NDArray[np.int64],
    second: NDArray[np.int64],
    posts: NDArray[np.int64],
) -> NDArray[np.float32]:
    n = len(topic)
    circle = world.circles[topic, rng.integers(0, CIRCLES, n)]
    noise = rng.normal(0, 1 / np.sqrt(DIMENSIONS), (n, DIMENSIONS)) * (0.35 + 0.8 / np.sqrt(1 + posts))[:, None]
    mixed = circle + 0.25 * rng.random((n, 1)) * world.centres[second] + noise
    return (_unit(mixed) * (posts > 0)[:, None]).astype(np.float32)


def post_vectors(world: World, chunk: Chunk, most: int) -> list[NDArray[np.float16]]:
    """Per creator float16 (k, 256), k ≤ `most` posts scattered around their own mean."""
    rng = np.random.default_rng([world.seed, 2, chunk.first])
    counts = np.minimum(chunk.posts, most)
    owner = np.repeat(np.arange(len(chunk)), counts)
    noise = rng.normal(0, 0.7 / np.sqrt(DIMENSIONS), (len(owner), DIMENSIONS)).astype(np.float32)
    vectors = _unit(chunk.vectors[owner] + noise).astype(np.float16)
    return np.split(vectors, np.cumsum(counts)[:-1])


def _unit(vectors: NDArray) -> NDArray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
