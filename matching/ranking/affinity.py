"""Affinity: does this creator speak of what the brief asks, and for long?

Nearly all of what any system calls "fit" is the category (cAUC .62–.67: SIGNALS.md §0.2), so category
fit and fit within the category are two numbers. Both come from cosines in the semantic space:

    s_c  = creator · subject of the brief          category, shown as percentile in the whole index and
                                                   scored among the candidates: everyone retrieved for a
                                                   brief is in the index's last percent, where nobody differs
    s_w  = shrunk cosine with the brief itself     percentile among creators of that category
    shrunk: n/(n+3)·s + 3/(n+3)·mean of the pool   (n posts seen; top-5 posts once loaded: §8)

    k/n  = posts on the subject, of those read     share shrunk to the leaders' mean by 2 posts, percentile
                                                   among the leaders: the posts prove it, or they do not

The reward for s_w stops at its 97th percentile (follower–brand fit is an inverted U: §8). A soft wish
that is not met costs a fixed 0.5 standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.ranking.pool import Estimate, Pool, Reference, combine
from matching.ranking.scale import FloatArray, plateau, rank_percentile, sd_of_interval, z_of

CATEGORY, WITHIN, PROOF, NICHE = 0.40, 0.35, 0.45, 0.10
SHRINK_PROOF = 2.0
PEERS = 10.0
"""Imagined peers with every share alike: among few real ones the share itself is what is known."""
SHRINK_POSTS = 3.0
SHRINK_CATEGORY = 1.0
"""Posts at which the data weigh as much as the pool: n/(n+3) within a category, n/(n+1) for the category itself."""
LEXICAL = 0.15
"""Weight of shared rare words beside the cosine; a stronger list lowered AUC on real briefs (§0.3)."""
IN_CATEGORY = 95.0
"""A creator at or above this percentile of the index on the subject belongs to the category."""
UNMET_WISH = 0.5
KNEE = 97.0


@dataclass(frozen=True, slots=True)
class Affinity:
    """estimate: the family. category, within: 0..100. closeness: shrunk cosine used for `within`."""

    estimate: Estimate
    category: FloatArray
    within: FloatArray
    closeness: FloatArray


def affinity(pool: Pool, reference: Reference) -> Affinity:
    """Affinity of n candidates. Shapes (n,). Unknown vector → prior, never 0."""
    closeness = closeness_of(pool)
    category = rank_percentile(pool.topic_similarity, reference.topic_similarity)
    within = rank_percentile(closeness, closeness[_in_category(pool, reference)])
    among = reference.candidates if len(reference.candidates) else reference.topic_similarity
    standing = rank_percentile(pool.topic_similarity, among)
    seen = pool.posts / (pool.posts + SHRINK_CATEGORY)
    spread = np.sqrt(1 - pool.posts / (pool.posts + SHRINK_POSTS))
    unknown = np.isnan(pool.similarity)
    base = combine(
        {
            "category": (CATEGORY, np.where(unknown, np.nan, seen * z_of(standing)), spread),
            "within": (WITHIN, np.where(unknown, np.nan, z_of(plateau(within, KNEE))), spread),
            "proof": (PROOF, z_of(_proof(pool)), spread),
            "niche": (NICHE, z_of(pool.niche), sd_of_interval(pool.niche_low, pool.niche_high)),
        }
    )
    unmet = {f"wish:{name}": np.where(met, 0.0, -UNMET_WISH) for name, met in pool.wishes.items()}
    z = base.z + sum(unmet.values(), np.zeros(len(pool)))
    estimate = Estimate(z, base.sd, base.coverage, dict(base.parts) | unmet)
    return Affinity(estimate, np.where(unknown, np.nan, category), np.where(unknown, np.nan, within), closeness)


def _proof(pool: Pool) -> FloatArray:
    """Percentile of the share of posts on the subject; NaN where posts were not read or no niche names the brief."""
    read = pool.recent > 0
    total = float(np.sum(pool.recent[read])) if read.any() else 0.0
    if not total:
        return np.full(len(pool), np.nan)
    mean = float(np.sum(pool.on_subject[read])) / total
    share = (pool.on_subject + SHRINK_PROOF * mean) / (pool.recent + SHRINK_PROOF)
    among, peers = rank_percentile(share, share[read]), float(read.sum())
    return np.where(read, (peers * among + PEERS * 100 * share) / (peers + PEERS), np.nan)


def closeness_of(pool: Pool) -> FloatArray:
    """Cosine with the brief (five closest posts where loaded), words in common added, shrunk to the pool."""
    raw = _evidence_or_similarity(pool)
    known = raw[~np.isnan(raw)]
    if not len(known):
        return raw
    raw = raw + LEXICAL * float(np.std(known)) * pool.lexical
    seen = pool.posts / (pool.posts + SHRINK_POSTS)
    return np.asarray(seen * raw + (1 - seen) * float(np.mean(known)))


def _evidence_or_similarity(pool: Pool) -> FloatArray:
    """The five closest posts lie higher than the mean of all: a creator without them is put on that scale."""
    loaded = ~np.isnan(pool.evidence) & ~np.isnan(pool.similarity)
    if not loaded.any():
        return pool.similarity
    here, there = pool.similarity[loaded], pool.evidence[loaded]
    slope = float(np.std(there)) / (float(np.std(here)) or 1.0)
    moved = float(np.mean(there)) + slope * (pool.similarity - float(np.mean(here)))
    return np.where(np.isnan(pool.evidence), moved, pool.evidence)


def _in_category(pool: Pool, reference: Reference) -> np.ndarray:
    """Mask of candidates of the brief's category: at least ten, so that a small index can still compare."""
    values = np.where(np.isnan(pool.topic_similarity), -2.0, pool.topic_similarity)
    if not len(values):
        return np.zeros(0, dtype=bool)
    bar = float(np.percentile(reference.topic_similarity, IN_CATEGORY)) if len(reference.topic_similarity) else -2.0
    tenth = np.sort(values)[::-1][min(len(values), 10) - 1]
    return np.asarray(values >= min(bar, float(tenth)))
