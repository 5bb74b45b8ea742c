"""Sponsorship load: how much of what a creator publishes is paid for, and how openly.

A post is sponsored if the network's partnership label is set or its caption declares it (French and English
lexicon of the law of 9 June 2023 and of usage, some other languages), unless the declaration is negated
("this video is not sponsored"). The load is the Beta posterior of the share over the last 90 days (the
newest thirty posts where fewer than five are that recent). Disclosing is never held against anyone: posts
that only resemble partnerships are told apart and stay out of the load. Source: SIGNALS.md sections 0.11, 6.

Selectivity is the share of partnerships with a brand that comes back; each partner is kept as the hash of its
handle, with the number of posts and the days since the last, so that a brief that names competitors sees a
conflict. Restraint is flat up to the cell's median load and falls beyond its upper quartile (`restraint`).

The content score orders posts by how much they resemble officially tagged ones (AUC in docs/benchmarks.md).
Failure: undisclosed advertising, own brands, affiliation; experts agree at kappa .57 only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.signals import segments
from matching.signals.batch import Batch
from matching.signals.captions import Captions
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import BetaPosterior, shrink_share
from matching.signals.text import Hashes, TextColumn, words_of

VERSION = "sponsorship-2"
WINDOW_DAYS = 90.0
LEAST_POSTS, FALLBACK_POSTS = 5, 30
RESEMBLES = -3.7
"""Content score above which an undeclared post is told as resembling a partnership: about one post in 200."""


@dataclass(frozen=True, slots=True)
class PostSponsorship:
    """(p,) sponsored: labelled or declared. declared: by the caption. denied: says it is not. score:
    resemblance in log-odds. brand: hash of the partner's handle, 0 unknown."""

    sponsored: Bools
    declared: Bools
    denied: Bools
    score: Floats
    brand: Hashes


@dataclass(frozen=True, slots=True)
class SponsorshipMeasure:
    """(n,) per creator: posts in the window, sponsored ones, undeclared ones that resemble a partnership;
    distinct brands, sponsored posts with a known brand, posts of brands that come back; days since the last
    sponsored post of any age (NaN none)."""

    posts: Floats
    sponsored: Floats
    resembling: Floats
    brands: Floats
    branded: Floats
    repeated: Floats
    days_since: Floats
    partners: Partners


@dataclass(frozen=True, slots=True)
class Partners:
    """(k,) creator and brand of every known partner of the posts read: posts with it, days since the newest, and
    the index of that post. Ordered by creator, newest first."""

    creator: Ints
    brand: Hashes
    posts: Ints
    days: Floats
    newest: Ints


def read_posts(batch: Batch, captions: Captions) -> PostSponsorship:
    sponsored = (batch.posts.official == 1) | captions.partner | captions.declared
    brand = np.where(sponsored, captions.brand, np.uint64(0))
    return PostSponsorship(sponsored, captions.declared, captions.denied, captions.score, brand)


def measure_sponsorship(batch: Batch, reading: PostSponsorship) -> SponsorshipMeasure:
    n, creator, age = batch.n, batch.post_creator, batch.post_age
    order = np.lexsort((age, creator))
    newest = np.empty(len(creator), np.int64)
    newest[order] = segments.rank_within(creator[order], n)
    recent = segments.counts(creator[age <= WINDOW_DAYS], n)
    use = np.where(recent[creator] >= LEAST_POSTS, age <= WINDOW_DAYS, newest < FALLBACK_POSTS)
    sponsored = use & reading.sponsored
    since = np.full(n, np.inf)
    np.minimum.at(since, creator[reading.sponsored], age[reading.sponsored])
    brands, branded, repeated = _brands(reading, sponsored, creator, n)
    return SponsorshipMeasure(
        posts=segments.sums(use, creator, n),
        sponsored=segments.sums(sponsored, creator, n),
        resembling=segments.sums(use & ~reading.sponsored & ~reading.denied & (reading.score > RESEMBLES), creator, n),
        brands=brands,
        branded=branded,
        repeated=repeated,
        days_since=np.where(np.isinf(since), np.nan, since),
        partners=_partners(reading, creator, age),
    )


def _partners(reading: PostSponsorship, creator: Ints, age: Floats) -> Partners:
    use = np.flatnonzero(reading.sponsored & (reading.brand != 0))
    order = use[np.lexsort((age[use], reading.brand[use], creator[use]))]
    new = np.ones(len(order), bool)
    new[1:] = (creator[order][1:] != creator[order][:-1]) | (reading.brand[order][1:] != reading.brand[order][:-1])
    start = np.flatnonzero(new)
    posts, newest = np.diff(np.append(start, len(order))), order[start]
    place = np.lexsort((age[newest], creator[newest]))
    newest = newest[place]
    return Partners(creator[newest], reading.brand[newest], posts[place], age[newest], newest)


def brand_hashes(name: str) -> frozenset[int]:
    """Hashes that a partner's handle may have for a brand's name: its first word and all words run together."""
    words = words_of(TextColumn.of([name, "".join(c for c in name if c.isalnum() or c == "_")]))
    first = words.hash[words.position == 0]
    long = words.length[words.position == 0] >= 3
    return frozenset(int(value) for value in first[long])


def _brands(reading: PostSponsorship, sponsored: Bools, creator: Ints, n: int) -> tuple[Floats, Floats, Floats]:
    """(distinct brands, posts with a known brand, posts of a brand seen at least twice) per creator."""
    use = np.flatnonzero(sponsored & (reading.brand != 0))
    if len(use) == 0:
        return np.zeros(n), np.zeros(n), np.zeros(n)
    pair = np.stack([creator[use].astype(np.uint64), reading.brand[use]], axis=1)
    unique, inverse, size = np.unique(pair, axis=0, return_inverse=True, return_counts=True)
    again = size[inverse.reshape(-1)] > 1
    return (
        segments.sums(np.ones(len(unique)), unique[:, 0].astype(np.int64), n),
        segments.sums(np.ones(len(use)), creator[use], n),
        segments.sums(again, creator[use], n),
    )


def estimate_load(measure: SponsorshipMeasure, cell: Ints, priors: Priors) -> BetaPosterior:
    spread = priors.dispersion_of("sponsored")
    return shrink_share(measure.sponsored / spread, measure.posts / spread, *priors.share_at("sponsored", cell))


def restraint(load: Floats, knee: Floats) -> Floats:
    """Plateau then fall, 1..0: flat up to `knee` (the cell's upper quartile of load), then linear to 0 at 1.

    Source: SIGNALS.md section 6. Not monotone on purpose: some partnerships are normal.
    """
    knee = np.minimum(knee, 0.95)
    return np.clip(1.0 - np.maximum(load - knee, 0.0) / (1.0 - knee), 0.0, 1.0)
