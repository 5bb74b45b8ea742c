"""Fitting the priors on a sample of the index: memory grows with the sample, never with the population.

Measures of many batches are reduced to a few numbers per creator (`Sample`), priors come from those by
moments, and percentiles from the shrunk values they lead to. Deterministic: the same sample in any order
gives the same priors, hence the same version.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matching.contracts import PLATFORMS
from matching.signals import growth
from matching.signals.batch import BASES, TIERS
from matching.signals.captions import TONES
from matching.signals.measure import Measures
from matching.signals.priors import (
    CELL_NEEDED,
    CELLS,
    SHARES,
    TIERED,
    Priors,
    Quantiles,
    content_version,
    default_priors,
)
from matching.signals.reliability import history_of
from matching.signals.score import score
from matching.signals.segments import Floats, Ints
from matching.signals.shrinkage import LinearPrior, fit_beta, fit_linear
from matching.signals.text import TextColumn

_NO_TEXT = TextColumn("", 0)
LEAST_CREATORS = 60
LEAST_FOR_SLOPE = 200
GRID = 101
COMMON_UNDER = 5
COMMON_KEPT = 20_000
COLUMNS = {
    "coherence": "coherence",
    "tenure": "tenure",
    "growth": "growth",
    "cadence": "posting_frequency",
    "half_life": "half_life",
    "authentic": "audience_authenticity",
    "returning": "returning_commenters",
    "ratio": "comment_ratio",
    "nuance": "nuance",
    "pressure": "pressure",
    "expected_price": "expected_price",
    "cost_per_qualified": "cost_per_qualified",
    "cost_per_click": "cost_per_click",
}
"""Table of percentiles -> signal whose values fill it."""


def slim(m: Measures) -> Measures:
    """The same measures without texts and vectors, so that a sample of thousands fits in memory."""
    b = m.batch
    posts = replace(b.posts, caption=_NO_TEXT, sponsors=_NO_TEXT, mentions=_NO_TEXT, vectors=None)
    niche = replace(m.niche, mean=np.zeros((b.n, 0)))
    return replace(m, batch=replace(b, posts=posts, comments=replace(b.comments, text=_NO_TEXT)), niche=niche)


@dataclass(frozen=True, slots=True)
class Sample:
    """Measures of the sample, batch after batch."""

    measures: Sequence[Measures]

    def stack(self, read: Callable[[Measures], np.ndarray]) -> np.ndarray:
        return np.concatenate([np.asarray(read(m)) for m in self.measures]) if self.measures else np.zeros(0)

    @property
    def creators(self) -> int:
        return sum(m.batch.n for m in self.measures)


def fit_priors(sample: Sample) -> Priors:
    """Priors of this installation. Falls back to the shipped reference, part by part, where data are few."""
    reference = default_priors()
    cell = sample.stack(lambda m: m.cell).astype(np.int64)
    fitted = replace(
        reference,
        n=sample.creators,
        engagement={**reference.engagement, **_fit_engagement(sample)},
        shares=_fit_shares(sample, cell),
        normals={**_fit_normals(sample), **_fit_tiered(sample, cell)},
        dispersion=_fit_dispersion(sample),
        common=common_texts(sample),
    )
    fitted = _rounded(fitted)
    return with_quantiles(fitted, sample, cell)


def with_quantiles(priors: Priors, sample: Sample, cell: Ints) -> Priors:
    """Adds the distribution of every shrunk signal per cell, and names the version by content."""
    values: dict[str, list[Floats]] = {name: [] for name in COLUMNS}
    for m in sample.measures:
        scores = score(m, priors)
        for name, column in COLUMNS.items():
            values[name].append(scores.column(column).value)
    quantiles = {name: _quantiles(np.concatenate(parts), cell) for name, parts in values.items() if parts}
    done = replace(priors, quantiles=quantiles)
    return replace(done, version=content_version(done.to_json()))


def _quantiles(values: Floats, cell: Ints) -> dict[int, Quantiles]:
    """Per cell; a cell too small takes the values of its whole platform."""
    known = ~np.isnan(values) & (cell >= 0)
    out = {}
    for index in range(CELLS):
        here = values[known & (cell == index)]
        if len(here) < CELL_NEEDED:
            here = values[known & (cell // len(TIERS) == index // len(TIERS))]
        if len(here) >= CELL_NEEDED:
            grid = np.quantile(here, np.linspace(0.0, 1.0, GRID))
            out[index] = Quantiles(tuple(float(f"{v:.5g}") for v in grid), len(here))
    return out


def _fit_engagement(sample: Sample) -> dict[str, LinearPrior]:
    platform = sample.stack(lambda m: m.batch.accounts.platform)
    base = sample.stack(lambda m: m.engagement.base)
    n = sample.stack(lambda m: m.engagement.n_eff)
    mean = sample.stack(lambda m: m.engagement.mean)
    within = sample.stack(lambda m: m.engagement.within)
    count = sample.stack(lambda m: m.engagement.n)
    x = sample.stack(lambda m: m.engagement.x)
    category = sample.stack(lambda m: np.array(m.batch.accounts.category, dtype=object)).astype(str)
    found = {}
    for p, name in enumerate(PLATFORMS):
        for b, base_name in enumerate(BASES):
            use = (platform == p) & (base == b) & (n > 0) & ~np.isnan(x)
            if use.sum() >= LEAST_CREATORS:
                size = x[use] if use.sum() >= LEAST_FOR_SLOPE else np.zeros(int(use.sum()))
                dof = np.maximum(count[use] - 1.0, 0.0)
                found[f"{name}:{base_name}"] = fit_linear(mean[use], n[use], within[use], dof, size, category[use])
    return found


def _counts(sample: Sample, name: str) -> tuple[Floats, Floats]:
    reads: dict[str, tuple[Callable[[Measures], np.ndarray], Callable[[Measures], np.ndarray]]] = {
        "qualified": (lambda m: m.conversation.qualified, lambda m: m.conversation.classified),
        "generic": (lambda m: m.conversation.generic, lambda m: m.conversation.classified),
        "reply": (lambda m: m.conversation.replied, lambda m: m.conversation.asked),
        "sponsored": (lambda m: m.sponsorship.sponsored, lambda m: m.sponsorship.posts),
        "disclosed": (lambda m: m.sponsorship.sponsored, lambda m: m.sponsorship.sponsored + m.sponsorship.resembling),
        "repeated": (lambda m: m.sponsorship.repeated, lambda m: m.sponsorship.branded),
        "mutual": (lambda m: _tie(m, "mutual"), lambda m: _tie(m, "inbound")),
        "values": (lambda m: m.posture.any_theme, lambda m: m.posture.captions),
        "steady": (_steady, lambda m: m.niche.drift.posts.astype(np.float64)),
        "on_time": (lambda m: history_of(m.batch).on_time, lambda m: history_of(m.batch).due),
        "ended_badly": (_ended_badly, lambda m: history_of(m.batch).finished),
        "answered": (lambda m: history_of(m.batch).answered, lambda m: history_of(m.batch).invited),
    }
    hits, trials = reads[name]
    return sample.stack(hits), sample.stack(trials)


def _steady(m: Measures) -> np.ndarray:
    return np.nan_to_num(1.0 - m.niche.drift.drift) * m.niche.drift.posts


def _ended_badly(m: Measures) -> np.ndarray:
    history = history_of(m.batch)
    return np.minimum(history.disputed + history.withdrawn, history.finished)


def _tie(m: Measures, name: str) -> np.ndarray:
    ties = m.batch.further.ties
    return np.zeros(m.batch.n) if ties is None else getattr(ties, name)


def _fit_dispersion(sample: Sample) -> dict[str, float]:
    """Pearson chi-square between posts of one creator per degree of freedom, at least 1."""
    out = {}
    for name in ("qualified", "generic", "reply"):
        excess, dof = (_total(sample, f"{name}_{part}") for part in ("excess", "dof"))
        if dof >= LEAST_CREATORS:
            out[name] = float(np.clip(excess / dof, 1.0, 20.0))
    return out


def _total(sample: Sample, name: str) -> float:
    """Sum over the sample of one column of the conversation measures."""
    return float(sum(getattr(m.conversation, name).sum() for m in sample.measures))


def _fit_shares(sample: Sample, cell: Ints) -> dict[str, dict[int, tuple[float, float, int]]]:
    reference, spread = default_priors(), _fit_dispersion(sample)
    out: dict[str, dict[int, tuple[float, float, int]]] = {}
    for name in SHARES:
        hits, trials = _counts(sample, name)
        factor = spread.get(name, reference.dispersion_of(name))
        hits, trials = hits / factor, trials / factor
        table = {}
        for index in range(CELLS):
            here = (cell == index) & (trials > 0)
            if here.sum() < CELL_NEEDED:
                here = (cell // len(TIERS) == index // len(TIERS)) & (cell >= 0) & (trials > 0)
            if here.sum() >= CELL_NEEDED:
                table[index] = (*fit_beta(hits[here], trials[here]), int(here.sum()))
        out[name] = table
    return out


def _fit_normals(sample: Sample) -> dict[str, tuple[float, float, float]]:
    out = {}
    coherence = sample.stack(lambda m: m.niche.coherence)
    noise, posts = sample.stack(lambda m: m.niche.variance), sample.stack(lambda m: m.niche.posts)
    known = ~np.isnan(coherence) & (posts >= 3)
    if known.sum() >= LEAST_CREATORS:
        per_post = float(np.median(noise[known] * posts[known]))
        out["coherence"] = _moments(coherence[known], per_post / posts[known], per_post, floor=0.002)
    trend, days = sample.stack(lambda m: m.growth.trend), sample.stack(lambda m: m.growth.days)
    daily = sample.stack(lambda m: m.growth.daily)
    known = ~np.isnan(trend) & ~np.isnan(daily)
    if known.sum() >= LEAST_CREATORS:
        error = daily[known] ** 2 * growth.HORIZON**2 / np.maximum(days[known], 1.0)
        clipped = np.clip(trend[known], *np.quantile(trend[known], [0.02, 0.98]))
        out["growth"] = _moments(clipped, np.minimum(error, np.median(error)), float(np.median(error)), floor=0.0005)
    delay, variance = sample.stack(lambda m: m.longevity.mean), sample.stack(lambda m: m.longevity.variance)
    known = ~np.isnan(delay)
    if known.sum() >= LEAST_CREATORS:
        out["delay"] = _moments(delay[known], variance[known], float(np.median(variance[known])), floor=0.05)
    words = sample.stack(lambda m: m.posture.words)
    for name in ("nuance", "pressure"):
        k = sample.stack(lambda m, name=name: m.posture.tones[:, TONES.index(name)])  # type: ignore[misc]
        if (words >= 50).sum() >= LEAST_CREATORS:
            out[f"tone_{name}"] = _gamma(k[words >= 50], words[words >= 50])
    timed, hours = (
        sample.stack(lambda m: history_of(m.batch).timed),
        sample.stack(lambda m: history_of(m.batch).log_hours),
    )
    known = timed > 0
    if known.sum() >= LEAST_CREATORS:
        each = 1.4
        out["response"] = _moments(hours[known] / timed[known], each / timed[known], each, floor=0.1)
    return out


def _gamma(k: Floats, words: Floats) -> tuple[float, float, float]:
    """(usual rate per word, words it is worth, 0): gamma-Poisson by moments, worth 50 to 2,000 words."""
    rate = max(float(k.sum() / words.sum()), 1e-5)
    spread = float((words * (k / words - rate) ** 2).sum() - rate * (len(k) - 1))
    between = max(spread / float(words.sum() - (words**2).sum() / words.sum()), 1e-12)
    return rate, float(np.clip(rate / between, 50.0, 2_000.0)), 0.0


def _fit_tiered(sample: Sample, cell: Ints) -> dict[str, tuple[float, float, float]]:
    """Per tier: middle and spread between creators by quantiles, so that the unusual few do not set what is usual."""
    values = {
        "returning": np.sqrt(sample.stack(lambda m: m.community.returning)),
        "early": np.sqrt(sample.stack(lambda m: m.community.early)),
        "ratio": sample.stack(lambda m: m.conversation.log_ratio),
    }
    enough = {
        "returning": (sample.stack(lambda m: m.community.pairs) >= 60)
        & (sample.stack(lambda m: m.community.posts) >= 3),
        "early": sample.stack(lambda m: m.community.timed) >= 60,
        "ratio": sample.stack(lambda m: m.community.posts) >= 2,
    }
    out = {}
    for name in TIERED:
        for index, tier in enumerate(TIERS):
            use = enough[name] & (cell >= 0) & (cell % len(TIERS) == index) & ~np.isnan(values[name])
            if use.sum() >= 2 * CELL_NEEDED:
                low, middle, high = np.quantile(values[name][use], [0.1, 0.5, 0.9])
                spread = max((high - low) / (2 * 1.2816), 0.05)
                out[f"{name}:{tier}"] = (float(middle), float(spread**2), 0.0)
    return out


def _moments(values: Floats, noise: Floats, usual: float, *, floor: float) -> tuple[float, float, float]:
    """(mean, variance between, usual noise) with precision weights, two rounds."""
    tau2 = max(float(values.var() - noise.mean()), floor)
    mean = float(values.mean())
    for _ in range(3):
        weight = 1.0 / (tau2 + noise)
        mean = float((weight * values).sum() / weight.sum())
        tau2 = max(float((weight * ((values - mean) ** 2 - noise)).sum() / weight.sum()), floor)
    return mean, tau2, usual


def common_texts(sample: Sample) -> np.ndarray:
    """Sorted hashes of comment texts found under at least COMMON_UNDER creators of the sample."""
    pairs = []
    for m in sample.measures:
        hashes = m.votes.reading.text_hash
        keep = (hashes != 0) & m.votes.votes
        creator = m.batch.creator_id[m.batch.post_creator[m.batch.comments.post[keep]]].astype(np.uint64)
        pairs.append(np.unique(np.stack([hashes[keep], creator], axis=1), axis=0)[:, 0])
    if not pairs:
        return np.zeros(0, np.uint64)
    texts, creators = np.unique(np.concatenate(pairs), return_counts=True)
    common = creators >= COMMON_UNDER
    order = np.lexsort((texts[common], -creators[common]))[:COMMON_KEPT]
    return np.sort(texts[common][order])


def _rounded(priors: Priors) -> Priors:
    """Parameters at four digits, so that a refit on the same data in another order has the same name."""

    def short(value: float) -> float:
        return float(f"{value:.4g}")

    return replace(
        priors,
        engagement={
            key: LinearPrior(
                short(p.intercept),
                short(p.slope),
                short(p.tau2),
                short(p.s2),
                p.n,
                {c: short(v) for c, v in sorted(p.categories.items())},
            )
            for key, p in sorted(priors.engagement.items())
        },
        shares={name: {c: (short(a), short(b), n) for c, (a, b, n) in t.items()} for name, t in priors.shares.items()},
        normals={name: (short(a), short(b), short(c)) for name, (a, b, c) in priors.normals.items()},
        dispersion={name: short(value) for name, value in priors.dispersion.items()},
    )
