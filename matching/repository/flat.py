"""From signals to the flat row that is searched: the columns of `CreatorIndex` that scoring fills."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching import semantics
from matching.ranking.families import Standing, standing_columns
from matching.repository.loading import Loaded
from matching.signals import segments
from matching.signals.batch import TIERS, UNKNOWN_TIER, tiers
from matching.signals.columns import short
from matching.signals.measure import Measures
from matching.signals.niche import topic_shares
from matching.signals.score import Scores
from matching.signals.segments import Floats, Ints

COVERED = ("engagement_rate", "qualified_share", "reply_rate", "coherence", "sponsorship_load", "growth")
"""Signals whose mean coverage is shown as the creator's."""
SPOKEN = 0.25
"""Share of the posts in a language from which the creator is said to speak it."""
TOPIC_SHARE = 0.1
_EXACT = ("posts_n", "comments_n", "last_post_at", "fresh_at")


def number_columns(loaded: Loaded, m: Measures, scores: Scores) -> dict[str, Floats]:
    """Name of a CreatorIndex column -> (n,) float64, NaN unknown."""
    batch = loaded.batch
    er, qualified = scores.column("engagement_rate"), scores.column("qualified_share")
    found = {
        "er": er.value,
        "er_low": er.low,
        "er_high": er.high,
        "er_percentile": er.percentile,
        "qualified": qualified.value,
        "qualified_low": qualified.low,
        "qualified_high": qualified.high,
        "qualified_percentile": qualified.percentile,
        "reply_rate": scores.column("reply_rate").value,
        "coherence": scores.column("coherence").value,
        "sponsored_share": scores.column("sponsorship_load").value,
        "growth_90d": scores.column("growth").value,
        "disclosed": scores.column("disclosure_record").value,
        "authentic": scores.column("audience_authenticity").low,
        "coverage": np.mean([np.clip(np.nan_to_num(scores.column(name).coverage), 0, 1) for name in COVERED], axis=0),
        "posts_n": segments.counts(batch.post_creator, batch.n).astype(np.float64),
        "comments_n": m.conversation.comments.astype(np.float64),
        "last_post_at": _newest(loaded),
        "fresh_at": loaded.fresh,
    }
    found |= _standing(scores, batch.n)
    return {name: values if name in _EXACT else short(values) for name, values in found.items()}


def _standing(scores: Scores, n: int) -> dict[str, Floats]:
    """Score and 90 % interval (0..100) of the families that do not depend on a brief; NaN where unknown."""
    columns = {column.name: column for column in scores.columns}
    families: tuple[Standing, ...] = ("audience", "posture", "reliability")
    found: dict[str, Floats] = {}
    for family in families:
        kept = standing_columns(family, columns, n)
        found |= {f"{family}_score": kept.value, f"{family}_low": kept.low, f"{family}_high": kept.high}
    return found


def _newest(loaded: Loaded) -> Floats:
    newest = np.full(loaded.batch.n, -np.inf)
    np.maximum.at(newest, loaded.batch.post_creator, loaded.batch.posts.posted_at)
    return np.where(np.isinf(newest), np.nan, newest)


def topics_of(m: Measures) -> list[dict[str, float]]:
    """Topic slug -> share, best first, per creator."""
    index, share = topic_shares(m.niche)
    return [
        {m.batch.topics[t]: round(float(s), 3) for t, s in zip(row, shares, strict=True) if t >= 0 and s >= TOPIC_SHARE}
        for row, shares in zip(index.tolist(), share.tolist(), strict=True)
    ]


def languages_of(loaded: Loaded, rows: Ints) -> dict[int, list[str]]:
    """Row of the batch -> ISO codes of the languages its posts are written in, most frequent first: as the
    network told, else as read from the caption ("fr", "en", nothing for others)."""
    batch, wanted = loaded.batch, np.zeros(loaded.batch.n, bool)
    wanted[rows] = True
    posts = np.flatnonzero(wanted[batch.post_creator])
    captions = batch.posts.caption.to_list() if len(posts) else []
    untold = [p for p in posts.tolist() if not loaded.post_language[p]]
    read = dict(
        zip(untold, semantics.identify_languages([captions[p] for p in untold], second_opinion=False), strict=True)
    )
    tallies: dict[int, dict[str, int]] = {int(row): {} for row in rows}
    for p, row in zip(posts.tolist(), batch.post_creator[posts].tolist(), strict=True):
        code = loaded.post_language[p] or read[p]
        if code and code != "other":
            tallies[row][code] = tallies[row].get(code, 0) + 1
    return {row: _spoken(tally) for row, tally in tallies.items()}


def _spoken(tally: dict[str, int]) -> list[str]:
    total = sum(tally.values())
    return [code for code in sorted(tally, key=lambda code: (-tally[code], code)) if tally[code] >= SPOKEN * total]


def tier_names(loaded: Loaded, main: NDArray[np.int64]) -> list[str]:
    if len(loaded.batch.accounts.id) == 0:
        return [""] * loaded.batch.n
    tier = np.where(main >= 0, tiers(loaded.batch.accounts.followers)[np.maximum(main, 0)], UNKNOWN_TIER)
    return [TIERS[t] for t in tier.tolist()]
