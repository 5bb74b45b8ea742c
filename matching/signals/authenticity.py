"""Audience authenticity: a range from three sources, and the independent signs behind a risk.

    from comments    (u + a) / (A + a + b)    u of A commenting people left a comment neither spam nor copied
    from growth      1 - f                    f: share of the followers who came in steps that nothing explains
    from a sample    1 - [high, low]          of the followers sampled (`audience`), where it may be shown

low is the product of the two lower ends (the followers of steps may be real: f counts only in `low`); a sample,
where it may be shown, replaces the comments. The value shown is the middle of the range.

Signs, each independent of the others: a step that nothing explains and, further, that its size is round, that
it decays, that engagement falls after it (`growth`); commenters who return, or come within the hour, far more
than for comparable creators (`community`); creators who comment one another far more than their niche does, or
in a closed group (`network`); far more comments per reaction. Nothing is shown below
two signs, the words are "unusual", and nobody is accused: a cause that cannot be seen from here may exist.
Source: SIGNALS.md sections 4, 5, 21.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.signals import segments
from matching.signals.audience import AudienceEstimate
from matching.signals.batch import Batch
from matching.signals.community import LEAST_COMMENTS, LEAST_POSTS, UNUSUAL_Z, CommunityMeasure
from matching.signals.conversation import ConversationMeasure
from matching.signals.growth import Steps
from matching.signals.network import LEAST_INBOUND
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import shrink_share

VERSION = "authenticity-1"
ALPHA, BETA = 24.0, 1.0
"""Prior of the share of usual commenters, from 20,000 creators of 2018: nearly everybody is usual."""
GROUP = 4.0
LEAST_AUTHORS = 10
PROOFS_NEEDED = 2
SIGNS = ("returning", "early", "ratio", "reciprocity", "group")
CODES = ("returning_unusual", "early_unusual", "ratio_unusual", "reciprocity_unusual", "closed_group")


@dataclass(frozen=True, slots=True)
class AuthenticityEstimate:
    """(n,) value, low, high: share 0..1, NaN unknown. from_comments, from_sample: what each source gives.
    stepped: share of the followers from unexplained steps. people: sampled, withheld: why a sample is not shown."""

    value: Floats
    low: Floats
    high: Floats
    from_comments: Floats
    from_sample: Floats
    stepped: Floats
    people: Ints
    withheld: list[str | None]


def estimate_authenticity(
    batch: Batch, main: Ints, community: CommunityMeasure, steps: Steps, sample: AudienceEstimate
) -> AuthenticityEstimate:
    """main: (n,) account of each creator, -1 none."""
    seen = community.authors >= LEAST_AUTHORS
    posterior = shrink_share(
        community.usual.astype(np.float64), community.authors.astype(np.float64), np.full(batch.n, ALPHA),
        np.full(batch.n, BETA),
    )  # fmt: skip
    low, high = (np.where(seen, bound, np.nan) for bound in (posterior.low, posterior.high))
    at = np.maximum(main, 0)
    known = (main >= 0) & (len(batch.accounts.id) > 0)

    def of(values: np.ndarray) -> np.ndarray:
        return np.where(known, values[at], np.nan) if len(values) else np.full(batch.n, np.nan)

    sampled_low, sampled_high = 1.0 - of(sample.high), 1.0 - of(sample.low)
    shown = ~np.isnan(sampled_low)
    low, high = np.where(shown, sampled_low, low), np.where(shown, sampled_high, high)
    stepped = _stepped(batch, steps)
    low = low * (1.0 - stepped)
    few, unlike = of(sample.few) > 0, of(sample.unlike) > 0
    withheld = ["unlike" if u else "few" if f else None for f, u in zip(few.tolist(), unlike.tolist(), strict=True)]
    return AuthenticityEstimate(
        value=(low + high) / 2,
        low=low,
        high=high,
        from_comments=np.where(seen, posterior.mean, np.nan),
        from_sample=(sampled_low + sampled_high) / 2,
        stepped=stepped,
        people=np.nan_to_num(of(sample.people)).astype(np.int64),
        withheld=withheld,
    )


def _stepped(batch: Batch, steps: Steps) -> Floats:
    """(n,) share 0..1 of each creator's followers who came in steps with a second proof."""
    creator = batch.accounts.creator
    proven = steps.proofs >= PROOFS_NEEDED
    added = segments.sums(steps.followers[proven], creator[steps.account[proven]], batch.n)
    total = segments.sums(np.nan_to_num(batch.accounts.followers), creator, batch.n)
    return np.clip(np.nan_to_num(segments.divide(added, total)), 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Signs:
    """z: (n, len(SIGNS)) how far above comparable creators, NaN not judged. raised: (n, len(SIGNS)) z > 3."""

    z: Floats
    raised: Bools


def find_signs(
    batch: Batch, cell: Ints, community: CommunityMeasure, conversation: ConversationMeasure, priors: Priors
) -> Signs:
    enough = (community.full >= LEAST_POSTS) & (community.pairs >= LEAST_POSTS * LEAST_COMMENTS)
    seen = {
        "returning": (np.sqrt(community.returning), community.pairs),
        "early": (np.sqrt(community.early), community.timed),
        "ratio": (conversation.log_ratio, community.posts),
    }
    z = np.full((batch.n, len(SIGNS)), np.nan)
    for name, (values, count) in seen.items():
        mean, spread, noise = priors.tiered_at(name, cell)
        away = (values - mean) / np.sqrt(spread + noise / np.maximum(count, 1))
        z[:, SIGNS.index(name)] = np.where(enough, away, np.nan)
    ties = batch.further.ties
    if ties is not None:
        z[:, SIGNS.index("reciprocity")] = np.where(ties.inbound >= LEAST_INBOUND, ties.z, np.nan)
        z[:, SIGNS.index("group")] = np.where(ties.group >= GROUP, UNUSUAL_Z + 1.0, 0.0)
    with np.errstate(invalid="ignore"):
        return Signs(z, z > UNUSUAL_Z)


def with_steps(signs: Signs, steps: Steps, creator: Ints, n: int) -> list[list[str]]:
    """Risk codes per creator: those of steps and of signs together, empty below PROOFS_NEEDED."""
    found: list[set[str]] = [set() for _ in range(n)]
    further = (
        ("round_step", steps.round_jump),
        ("step_decays", steps.decays),
        ("engagement_falls", steps.engagement_falls),
    )
    for step in np.flatnonzero(~steps.explained).tolist():
        codes = found[int(creator[steps.account[step]])]
        codes.add("unexplained_step")
        codes.update(code for code, shown in further if shown[step])
    for row, column in zip(*np.nonzero(signs.raised), strict=True):
        found[int(row)].add(CODES[int(column)])
    return [sorted(codes) if _independent(codes) >= PROOFS_NEEDED else [] for codes in found]


def _independent(codes: set[str]) -> int:
    """How many of the codes are independent: reciprocity and a closed group rest on the same ties."""
    return len(codes) - ({"reciprocity_unusual", "closed_group"} <= codes)
