"""Engagement and conversation as signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from matching.signals import comments, conversation, engagement, segments
from matching.signals.batch import BASES, tiers
from matching.signals.columns import Proof, SignalColumn, column, only_where
from matching.signals.measure import Measures
from matching.signals.priors import Priors, cell_name, cell_of
from matching.signals.reporting.shares import grouped, pick, share_column
from matching.signals.segments import Floats, Ints
from matching.signals.shrinkage import shrink_normal

ENOUGH_COMMENTS = 20.0
MOST_REPLIES = 3


def engagement_column(m: Measures, priors: Priors) -> SignalColumn:
    """The rate of each creator's largest account that shows one."""
    raw, accounts = m.engagement, m.batch.accounts
    found = engagement.estimate_engagement(raw, accounts.platform, accounts.category, priors)
    key = np.nan_to_num(accounts.followers) + np.where(raw.base >= 0, 1e12, 0.0)
    account = segments.first_of(accounts.creator, key, m.batch.n)
    known = pick(raw.base >= 0, account) > 0
    base = [BASES[int(raw.base[a])] if ok else None for a, ok in zip(account.tolist(), known.tolist(), strict=True)]
    used = np.nan_to_num(pick(raw.n, account)).astype(np.int64)
    next_low, next_high = engagement.next_post_interval(found)

    def of(values: Floats) -> Floats:
        return np.where(known, pick(values, account), np.nan)

    return column(
        "engagement_rate",
        "rate",
        engagement.VERSION,
        measured=(of(found.typical), of(found.low), of(found.high)),
        percentile=(of(found.percentile), of(found.percentile_low), of(found.percentile_high)),
        n=used,
        coverage=np.minimum(used / engagement.MOST_POSTS, 1.0),
        cell=_account_cells(m, account, base),
        evidence=_rate_evidence(m, account),
        details={
            "base": base,
            "account_id": [int(accounts.id[a]) if a >= 0 else None for a in account.tolist()],
            "expected": of(found.expected),
            "rank_value": of(found.rank),
            "raw": of(np.exp(raw.mean)),
            "cell_typical": of(np.exp(found.mu)),
            "shrink_weight": of(found.posterior.weight),
            "next_low": of(next_low),
            "next_high": of(next_high),
            "hidden_likes": np.nan_to_num(pick(raw.hidden, account)).astype(np.int64),
            "stale": [bool(raw.stale[a]) if a >= 0 else None for a in account.tolist()],
            **{name: pick(values, account) for name, values in engagement.published_rates(m.batch, m.rates).items()},
        },
    )


def _account_cells(m: Measures, account: Ints, base: Sequence[str | None]) -> list[str]:
    if len(m.batch.accounts.id) == 0:
        return [""] * m.batch.n
    cell = cell_of(m.batch.accounts.platform, tiers(m.batch.accounts.followers))
    named = zip(account.tolist(), base, strict=True)
    return [f"{cell_name(int(cell[a]))} × {b}" if b is not None else "" for a, b in named]


def _rate_evidence(m: Measures, account: Ints) -> list[list[Proof]]:
    """The best post, the most typical one and the weakest of those used."""
    posts, n = m.batch.posts, len(m.batch.accounts.id)
    used = np.flatnonzero(m.rates.used)
    at, y = posts.account[used], m.rates.y[used]
    chosen = {
        "best": segments.first_of(at, y, n),
        "typical": segments.first_of(at, -np.abs(y - m.engagement.mean[at]), n),
        "weakest": segments.first_of(at, -y, n),
    }
    found: list[list[Proof]] = []
    for a in account.tolist():
        proofs: dict[int, Proof] = {}
        for note, index in chosen.items():
            if a >= 0 and index[a] >= 0:
                pk = int(posts.id[used[index[a]]])
                proofs.setdefault(pk, ("post", pk, note))
        found.append(list(proofs.values()))
    return found


def conversation_columns(m: Measures, priors: Priors, cells: Sequence[str]) -> tuple[SignalColumn, ...]:
    c = m.conversation
    found = conversation.estimate_conversation(c, m.cell, priors)
    qualified = share_column(
        m,
        priors,
        cells,
        name="qualified_share",
        table="qualified",
        version=conversation.VERSION,
        posterior=found.qualified,
        n=c.classified,
        enough=ENOUGH_COMMENTS,
        evidence=_comment_evidence(m),
        details=_mix(m),
    )
    generic = share_column(
        m,
        priors,
        cells,
        name="generic_share",
        table="generic",
        version=conversation.VERSION,
        posterior=found.generic,
        n=c.classified,
        enough=ENOUGH_COMMENTS,
        details={"duplicates": c.duplicates, "raw": segments.divide(c.generic, c.classified)},
    )
    replies = share_column(
        m,
        priors,
        cells,
        name="reply_rate",
        table="reply",
        version=conversation.VERSION,
        posterior=found.reply,
        n=c.asked,
        enough=ENOUGH_COMMENTS,
        evidence=_reply_evidence(m),
        details={
            "replied": c.replied.astype(np.int64),
            "delay_hours": c.delay,
            "raw": segments.divide(c.replied, c.asked),
        },
    )
    return qualified, generic, replies, _comment_ratio(m, priors, cells)


def _comment_ratio(m: Measures, priors: Priors, cells: Sequence[str]) -> SignalColumn:
    """Comments per reaction: how much of what people give is words."""
    c = m.conversation
    mean, spread, usual = priors.tiered_at("ratio", m.cell)
    n = c.ratio_posts.astype(np.float64)
    noise = (c.ratio_spread + 3.0 * usual) / np.maximum(n + 2.0, 1.0)  # the creator's own, mixed with the usual one
    posterior = shrink_normal(c.log_ratio, n, mean, spread, noise)
    measured = only_where(n > 0, (np.exp(posterior.mean), np.exp(posterior.low), np.exp(posterior.high)))
    return column(
        "comment_ratio",
        "share",
        conversation.VERSION,
        measured=measured,
        percentile=priors.percentile("ratio", m.cell, measured),
        n=c.ratio_posts,
        coverage=np.minimum(n / engagement.MOST_POSTS, 1.0),
        cell=cells,
        details={"raw": np.exp(c.log_ratio)},
    )


def _mix(m: Measures) -> dict[str, Any]:
    """Share of each kind among all votes (those seen only), and what else is told about the conversation."""
    c = m.conversation
    votes = c.by_kind.sum(axis=1)
    followers = np.maximum(np.nan_to_num(pick(m.batch.accounts.followers, m.main)), 1.0)
    mix = np.round(c.by_kind / np.maximum(votes, 1.0)[:, None], 4).tolist()
    return {
        "kinds": [{name: share for name, share in zip(comments.KINDS, row, strict=True) if share} for row in mix],
        "understood": segments.divide(c.classified, votes),
        "comments": c.comments,
        "posts": c.posts,
        "qualified_authors": c.authors,
        "per_follower": np.where(c.comments > 0, c.authors / followers, np.nan),
        "threads": c.threads,
        "log_comment_reaction": c.log_ratio,
        "raw": segments.divide(c.qualified, c.classified),
    }


def _comment_evidence(m: Measures) -> list[list[Proof]]:
    best = conversation.best_comments(m.batch, m.votes)
    kinds, ids = m.votes.reading.kind[best].tolist(), m.batch.comments.id[best].tolist()
    proofs: list[Proof] = [("comment", pk, comments.KINDS[kind]) for pk, kind in zip(ids, kinds, strict=True)]
    return grouped(m, m.batch.post_creator[m.batch.comments.post[best]], proofs)


def _reply_evidence(m: Measures) -> list[list[Proof]]:
    """The creator's fullest answers to somebody."""
    c = m.batch.comments
    use = np.flatnonzero(c.is_owner & (c.parent >= 0))
    creator = m.batch.post_creator[c.post[use]]
    best = use[segments.top_within(creator, m.votes.reading.quality[use], MOST_REPLIES, m.batch.n)]
    proofs: list[Proof] = [("comment", pk, "reply") for pk in c.id[best].tolist()]
    return grouped(m, m.batch.post_creator[c.post[best]], proofs)
