"""Planted faults: rings of creators who comment one another in a real or simulated graph, and what is found of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.signals.further import Ties
from matching.signals.network import GROUP_POSTS, LEAST_INBOUND, ties
from matching.signals.segments import Ints


@dataclass(frozen=True, slots=True)
class Graph:
    """Who comments whom: source, target, posts (e,); block (n,): niche."""

    source: Ints
    target: Ints
    posts: Ints
    block: Ints

    @property
    def n(self) -> int:
        return len(self.block)


def simulated(rng: np.random.Generator, n: int = 3_000, niches: int = 12) -> Graph:
    """Creators comment some of their niche, friends comment back (about one in nine), habits differ."""
    block = rng.integers(0, niches, n)
    friendly = rng.beta(0.7, 5.0, n)
    pairs: dict[tuple[int, int], int] = {}
    for target in range(n):
        peers = np.flatnonzero(block == block[target])
        for source in rng.choice(peers, min(rng.poisson(6), len(peers)), replace=False).tolist():
            if source != target:
                pairs[source, target] = 1 + rng.geometric(0.7) - 1
                if rng.random() < (friendly[target] + friendly[source]) / 2:
                    pairs[target, source] = 1 + rng.geometric(0.7) - 1
    return _graph(pairs, block)


def with_rings(
    graph: Graph, rng: np.random.Generator, *, rings: int = 20, size: int = 8, chance: float = 0.7
) -> tuple[Graph, Ints]:
    """The same with rings of creators of one niche who comment each other: (graph, planted members)."""
    pairs = {
        (s, t): p for s, t, p in zip(graph.source.tolist(), graph.target.tolist(), graph.posts.tolist(), strict=True)
    }
    members: list[int] = []
    free = np.ones(graph.n, bool)
    for ring in range(rings):
        niche = graph.block[rng.integers(0, graph.n)] if ring else graph.block[0]
        peers = np.flatnonzero((graph.block == niche) & free)
        if len(peers) < size:
            continue
        chosen = rng.choice(peers, size, replace=False)
        free[chosen] = False
        members += chosen.tolist()
        for source in chosen.tolist():
            for target in chosen.tolist():
                if source != target and rng.random() < chance:
                    pairs[source, target] = max(pairs.get((source, target), 0), int(rng.integers(GROUP_POSTS, 8)))
    return _graph(pairs, graph.block), np.array(sorted(members), np.int64)


def _graph(pairs: dict[tuple[int, int], int], block: Ints) -> Graph:
    edges = np.array([[s, t, p] for (s, t), p in sorted(pairs.items())], np.int64).reshape(-1, 3)
    return Graph(edges[:, 0], edges[:, 1], edges[:, 2], block)


def ties_of(graph: Graph) -> Ties:
    return ties(graph.source, graph.target, graph.posts, graph.block, graph.n)


def found_at(found: Ties, planted: Ints, *, alarms: float = 0.01) -> tuple[float, float]:
    """(share of the planted found by z at this share of false alarms among the others with enough ties, threshold)."""
    judged = found.inbound >= LEAST_INBOUND
    clean = judged.copy()
    clean[planted] = False
    threshold = float(np.quantile(found.z[clean], 1.0 - alarms)) if clean.any() else 0.0
    hit = planted[judged[planted]]
    return float((found.z[hit] > threshold).mean()) if len(hit) else 0.0, threshold
