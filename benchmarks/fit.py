"""What finds the creators who speak with a brand: the engine's fit, one part removed at a time.

Set of 2018 (protocol of `benchmarks.semantics_quality`). Creators of a brand are split in two halves; the posts of
one half about the brand are the query, those of the other half are looked for, represented only by posts that name
the brand nowhere, among all creators who never named it. Every difference is a paired bootstrap over brands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import semantics_quality as space

DRAWS, DEPTH = 2_000, 100
TIERS = (("nano", 10_000), ("micro", 100_000), ("mid", 500_000), ("macro and above", np.inf))


@dataclass(frozen=True)
class Pairs:
    """One row per creator to be found: brand it belongs to, share of rivals it beats, whether within the first 100.

    won: way of scoring → (p,) share; found: → (p,) bool. tier, language: of the creator, of the brand's posts.
    """

    brand: np.ndarray
    won: Mapping[str, np.ndarray]
    found: Mapping[str, np.ndarray]
    tier: np.ndarray
    language: np.ndarray


def measure() -> Pairs:
    from sklearn.feature_extraction.text import TfidfVectorizer

    from matching import semantics
    from matching.semantics import creators, topics

    pool, brands = space.protocol()
    texts, posts = space.captions(), space.posts()
    vectors = semantics.encode(texts)
    common = creators.common_component(vectors)
    words = TfidfVectorizer(
        min_df=5, max_df=0.01, strip_accents="unicode", token_pattern=r"(?u)#?\w{3,}"
    ).fit_transform(texts)
    spoken = semantics.identify_languages(texts, second_opinion=False)
    names, everyone = list(pool), list(pool.values())
    place = {name: row for row, name in enumerate(names)}
    held = _Creators.of(everyone, vectors, words)
    out: dict[str, list] = {"brand": [], "tier": [], "language": [], "scores": []}
    for number, brand in enumerate(brands):
        order = sorted(brand.taggers)
        half = {name: k % 2 for k, name in enumerate(order)}
        rivals = np.ones(len(names), bool)
        rivals[[place[name] for name in order if name in place]] = False
        for side in (0, 1):
            asked = [row for name in order if half[name] != side for row in brand.taggers[name]]
            wanted = [name for name in brand.positives if half[name] == side]
            if not asked or not wanted:
                continue
            query = _Query.of(asked, vectors, words, common, topics)
            rival = held.parts(query, rivals)
            target = _Creators.of([brand.positives[name] for name in wanted], vectors, words).parts(query)
            out["scores"].append(_ranked(ways(rival, target), len(wanted)))
            out["brand"] += [number] * len(wanted)
            french = np.mean([spoken[row] == "fr" for row in asked]) > 0.3
            out["language"] += ["French" if french else "other"] * len(wanted)
            out["tier"] += [_tier(posts[brand.positives[name][0]]["followers"]) for name in wanted]
    won = {way: np.concatenate([s[way][0] for s in out["scores"]]) for way in out["scores"][0]}
    found = {way: np.concatenate([s[way][1] for s in out["scores"]]) for way in out["scores"][0]}
    return Pairs(np.array(out["brand"]), won, found, np.array(out["tier"]), np.array(out["language"]))


@dataclass(frozen=True)
class _Query:
    raw: np.ndarray
    centred: np.ndarray
    subject: np.ndarray
    words: object
    common: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[int], vectors: np.ndarray, words: object, common: np.ndarray, topics: object) -> _Query:
        raw = space.unit(vectors[rows].mean(axis=0))
        centred = space.unit(raw - common)
        asked = words[rows].mean(axis=0)  # type: ignore[index]
        subject = space.unit(topics.subject(raw[None])[0] - common)  # type: ignore[attr-defined]
        return cls(raw, centred, subject, np.asarray(asked).ravel(), common)


@dataclass(frozen=True)
class _Creators:
    """mean: unit (m, 256); words: sparse (m, v); n: posts; vector, owner: of their posts in order."""

    mean: np.ndarray
    words: object
    n: np.ndarray
    vector: np.ndarray
    owner: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]], vectors: np.ndarray, words: object) -> _Creators:
        from scipy.sparse import csr_matrix

        n = np.array([len(own) for own in rows])
        owner, flat = np.repeat(np.arange(len(rows)), n), np.concatenate([np.asarray(own) for own in rows])
        sums = csr_matrix((np.ones(len(flat)), (owner, np.arange(len(flat)))), shape=(len(rows), len(flat)))
        of_posts = words[flat]  # type: ignore[index]
        mean = space.unit(np.asarray(sums @ vectors[flat]))
        return cls(mean, (sums @ of_posts).multiply(1 / n[:, None]).tocsr(), n, vectors[flat], owner)

    def parts(self, query: _Query, keep: np.ndarray | None = None) -> dict[str, np.ndarray]:
        cosines = self.vector @ query.centred
        order = np.lexsort((-cosines, self.owner))
        start = np.cumsum(self.n) - self.n
        top = np.zeros(len(self.n))
        inside = (np.arange(len(order)) - start[self.owner]) < 5
        np.add.at(top, self.owner[inside], cosines[order[inside]])
        found = {
            "as encoded": self.mean @ query.raw,
            "meaning": self.mean @ query.centred,
            "both centred": space.unit(self.mean - query.common) @ query.centred,
            "subject": self.mean @ query.subject,
            "words": np.asarray(self.words @ query.words).ravel(),  # type: ignore[operator]
            "posts": top / np.minimum(self.n, 5),
            "n": self.n.astype(float),
        }
        return found if keep is None else {name: column[keep] for name, column in found.items()}


WEIGHTS = {"meaning": 0.35, "subject": 0.40, "words": 0.05, "posts": 0.20}
"""About what `ranking.affinity` gives them; there the share of posts on a niche stands in part for `posts`."""


def ways(rival: dict[str, np.ndarray], target: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Way of scoring → (scores of rivals, of targets)."""

    def standard(name: str) -> tuple[np.ndarray, np.ndarray]:
        middle, spread = rival[name].mean(), rival[name].std() + 1e-9
        return (rival[name] - middle) / spread, (target[name] - middle) / spread

    columns = {name: standard(name) for name in WEIGHTS}

    def joined(weights: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
        sides = [sum(weight * columns[name][side] for name, weight in weights.items()) for side in (0, 1)]
        return sides[0], sides[1]

    single = {
        name: (rival[name], target[name])
        for name in ("as encoded", "meaning", "both centred", "subject", "words", "posts")
    }
    without = {f"all but {name}": joined({k: v for k, v in WEIGHTS.items() if k != name}) for name in WEIGHTS}
    return {f"only {name}": value for name, value in single.items()} | without | {"all": joined(WEIGHTS)}


def _ranked(scored: Mapping[str, tuple[np.ndarray, np.ndarray]], n: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    found = {}
    for way, (rival, target) in scored.items():
        ordered = np.sort(rival)
        above = len(ordered) - 0.5 * (np.searchsorted(ordered, target) + np.searchsorted(ordered, target, side="right"))
        found[way] = (1 - above / len(ordered), above < DEPTH)
    return found


def _tier(followers: float | None) -> str:
    return next(name for name, bound in TIERS if (followers or 0) < bound)


def by_brand(pairs: Pairs, values: np.ndarray, keep: np.ndarray | None = None) -> np.ndarray:
    """Mean of each brand that has any."""
    brand = pairs.brand if keep is None else pairs.brand[keep]
    values = values if keep is None else values[keep]
    total, n = np.bincount(brand, values), np.bincount(brand)
    return total[n > 0] / n[n > 0]


def difference(pairs: Pairs, one: np.ndarray, other: np.ndarray, seed: int = 1) -> tuple[float, float, float]:
    """(mean over brands of one − other, 2.5 % and 97.5 % of a paired bootstrap over brands)."""
    gap = by_brand(pairs, one.astype(float) - other.astype(float))
    draws = np.random.default_rng(seed).integers(0, len(gap), (DRAWS, len(gap)))
    means = gap[draws].mean(axis=1)
    return float(gap.mean()), float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))
