"""The conversation under the posts: how much of it is qualified, generic, answered.

    qualified share = (x + alpha) / (N + alpha + beta)

x of N classified comments are a precise question, a testimony of use, an argument or a recommendation
(`comments`). One vote per author and post, its best comment; the creator's own comments do not vote.
Comments of one creator resemble each other, so x and N are divided by the dispersion measured between
posts before shrinking to the cell (platform x tier). Answering is the share of the top-level comments of
others that the creator answered in the thread, with the delay. Comments per reaction is exp of the mean log
ratio over posts, shrunk to the tier. Source: SIGNALS.md sections 0.8, 0.9, 2, 3.
Failure: networks hand over the first page of comments only; irony; languages other than French and English
are left out of N and told by the coverage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.signals import comments as kinds
from matching.signals import segments
from matching.signals.batch import HOUR, Batch
from matching.signals.captions import Captions
from matching.signals.comments import CommentContext, CommentReading, classify_comments
from matching.signals.priors import Priors
from matching.signals.segments import Bools, Floats, Ints
from matching.signals.shrinkage import BetaPosterior, shrink_share
from matching.signals.text import contains

VERSION = "conversation-2"
COUNTED = tuple(name for name in kinds.KINDS if name != "unclassified")


@dataclass(frozen=True, slots=True)
class ConversationMeasure:
    """(n,) per creator, before any prior. by_kind: (n, kinds) votes. classified: votes of a known kind.
    comments: comments of others loaded. qualified, generic: votes (generic counts emoji, tags, giveaways,
    spam too). posts: posts with a vote. authors: distinct authors of qualified comments. asked, replied:
    top-level comments of others that could be answered and those the creator answered. delay: median
    hours to the answer. threads: share of votes that answer another follower. duplicates: votes whose
    text is common under many creators. *_excess, *_dof: Pearson sum of squares between posts and its
    degrees of freedom. log_ratio: mean log((comments + .5) / (likes + 1)) over the ratio_posts posts that show both,
    ratio_spread: sum of squares around it. critical, critical_replied: top-level comments of others that object
    or complain, and those the creator answered."""

    by_kind: Floats
    comments: Ints
    classified: Floats
    qualified: Floats
    generic: Floats
    posts: Ints
    authors: Ints
    asked: Floats
    replied: Floats
    delay: Floats
    threads: Floats
    duplicates: Floats
    qualified_excess: Floats
    qualified_dof: Floats
    generic_excess: Floats
    generic_dof: Floats
    reply_excess: Floats
    reply_dof: Floats
    log_ratio: Floats
    ratio_posts: Ints
    ratio_spread: Floats
    critical: Floats
    critical_replied: Floats


@dataclass(frozen=True, slots=True)
class CommentVotes:
    """(c,) per comment: its reading, and whether it is the vote of its author under its post."""

    reading: CommentReading
    votes: Bools


@dataclass(frozen=True, slots=True)
class ConversationEstimate:
    """(n,) posteriors; percentiles 0..100 in the cell, NaN where the cell is too small."""

    qualified: BetaPosterior
    generic: BetaPosterior
    reply: BetaPosterior


def measure_conversation(
    batch: Batch, captions: Captions, common: NDArray[np.uint64], said: CommentReading | None = None
) -> tuple[ConversationMeasure, CommentVotes]:
    """said: the reading of all comments where it is known already; else their texts are read."""
    comments, n = batch.comments, batch.n
    reading = read_comments(batch, captions, common) if said is None else said
    votes = one_vote(batch, reading)
    creator = batch.post_creator[comments.post]
    others = ~comments.is_owner
    by_kind = np.stack(
        [segments.sums(votes & (reading.kind == k), creator, n) for k in range(len(kinds.KINDS))], axis=1
    )
    classified = votes & reading.classified
    qualified = votes & reading.qualified
    generic = classified & (reading.kind >= kinds.GENERIC)
    repeated = classified & contains(common, reading.text_hash)
    threads = others & comments.is_reply & ~_answers_owner(batch)
    excess = {
        "qualified": _excess(qualified, classified, comments.post, batch),
        "generic": _excess(generic, classified, comments.post, batch),
    }
    replies = _replies(batch)
    total = segments.sums(classified, creator, n)
    critical, critical_replied = _disagreement(batch, reading, replies.answered)
    return (
        ConversationMeasure(
            by_kind=by_kind,
            comments=segments.counts(creator[others], n),
            classified=total,
            qualified=segments.sums(qualified, creator, n),
            generic=segments.sums(generic, creator, n),
            posts=_distinct(creator[classified], comments.post[classified], n),
            authors=_distinct(creator[qualified], comments.author[qualified], n),
            asked=replies.asked,
            replied=replies.replied,
            delay=replies.delay,
            threads=segments.divide(segments.sums(votes & threads, creator, n), segments.sums(votes, creator, n)),
            duplicates=segments.divide(segments.sums(repeated, creator, n), total),
            qualified_excess=excess["qualified"][0],
            qualified_dof=excess["qualified"][1],
            generic_excess=excess["generic"][0],
            generic_dof=excess["generic"][1],
            reply_excess=replies.excess,
            reply_dof=replies.dof,
            **_ratio(batch),
            critical=critical,
            critical_replied=critical_replied,
        ),
        CommentVotes(reading, votes),
    )


def read_comments(batch: Batch, captions: Captions, common: NDArray[np.uint64]) -> CommentReading:
    """Kinds of all comments of the batch, told by their text, their thread and their post."""
    return classify_comments(batch.comments.text, context_of(batch, captions, common))


def context_of(batch: Batch, captions: Captions, common: NDArray[np.uint64] | None = None) -> CommentContext:
    """(c,) what the texts of the comments alone do not tell."""
    comments = batch.comments
    return CommentContext(
        post_language=captions.language[comments.post],
        is_reply=comments.is_reply,
        replies_to_follower=comments.is_reply & ~comments.is_owner & ~_answers_owner(batch),
        owner=batch.accounts.handle[batch.posts.account[comments.post]],
        giveaway_post=captions.giveaway[comments.post],
        common=common,
    )


def _answers_owner(batch: Batch) -> Bools:
    """Comments that answer one of the creator's own, or one that is not loaded."""
    parent = batch.comments.parent
    if len(parent) == 0:
        return np.zeros(0, bool)
    return (parent < 0) | batch.comments.is_owner[np.maximum(parent, 0)]


def one_vote(batch: Batch, reading: CommentReading) -> Bools:
    """True for the comment that counts for its author under its post: the classified one of best quality."""
    comments = batch.comments
    votes = ~comments.is_owner
    known = np.flatnonzero(votes & (comments.author != 0))
    if len(known) == 0:
        return votes
    standing = (
        reading.quality[known] + 2.0 * reading.qualified[known] - 2.0 * (reading.kind[known] == kinds.UNCLASSIFIED)
    )
    order = known[np.lexsort((comments.id[known], -standing, comments.author[known], comments.post[known]))]
    again = (comments.post[order][1:] == comments.post[order][:-1]) & (
        comments.author[order][1:] == comments.author[order][:-1]
    )
    votes[order[1:][again]] = False
    return votes


@dataclass(frozen=True, slots=True)
class _Replies:
    answered: Bools
    asked: Floats
    replied: Floats
    delay: Floats
    excess: Floats
    dof: Floats


def _replies(batch: Batch) -> _Replies:
    comments, n = batch.comments, batch.n
    creator = batch.post_creator[comments.post]
    asked = ~comments.is_owner & ~comments.is_reply
    answers = np.flatnonzero(comments.is_owner & (comments.parent >= 0))
    answered = np.zeros(len(asked), bool)
    answered[comments.parent[answers]] = True
    answered &= asked
    hours = (comments.posted_at[answers] - comments.posted_at[comments.parent[answers]]) / HOUR
    valid = (hours >= 0) & asked[comments.parent[answers]]
    excess, dof = _excess(answered, asked, comments.post, batch)
    return _Replies(
        answered=answered,
        asked=segments.sums(asked, creator, n),
        replied=segments.sums(answered, creator, n),
        delay=segments.medians(hours[valid], creator[answers][valid], n),
        excess=excess,
        dof=dof,
    )


def _excess(hit: Bools, trial: Bools, post: Ints, batch: Batch) -> tuple[Floats, Floats]:
    """Pearson chi-square of the share between the posts of each creator, and its degrees of freedom."""
    size = len(batch.posts.id)
    creator = batch.post_creator
    x, m = segments.sums(hit, post, size), segments.sums(trial, post, size)
    use = m > 0
    rate = segments.divide(segments.sums(x, creator, batch.n), segments.sums(m, creator, batch.n))
    p = np.nan_to_num(rate)[creator]
    use &= (p > 0) & (p < 1)
    square = (x[use] - m[use] * p[use]) ** 2 / (m[use] * p[use] * (1 - p[use]))
    held = segments.counts(creator[use], batch.n)
    return segments.sums(square, creator[use], batch.n), np.maximum(held - 1.0, 0.0) * (held > 0)


def _distinct(row: Ints, key: NDArray[Any], n: int) -> Ints:
    if len(row) == 0:
        return np.zeros(n, np.int64)
    order = np.lexsort((key, row))
    new = np.ones(len(order), bool)
    new[1:] = (row[order][1:] != row[order][:-1]) | (key[order][1:] != key[order][:-1])
    return segments.counts(row[order][new], n)


def _ratio(batch: Batch) -> dict[str, Any]:
    posts, n = batch.posts, batch.n
    use = ~np.isnan(posts.likes) & ~np.isnan(posts.comments)
    value, creator = np.log((posts.comments[use] + 0.5) / (posts.likes[use] + 1.0)), batch.post_creator[use]
    mean = segments.means(value, creator, n)
    return {
        "log_ratio": mean,
        "ratio_posts": segments.counts(creator, n),
        "ratio_spread": segments.sums((value - mean[creator]) ** 2, creator, n),
    }


def _disagreement(batch: Batch, reading: CommentReading, answered: Bools) -> tuple[Floats, Floats]:
    """(top-level comments of others that object, those of them the creator answered)."""
    comments, n = batch.comments, batch.n
    use = reading.critical & ~comments.is_owner & ~comments.is_reply
    creator = batch.post_creator[comments.post]
    return segments.sums(use, creator, n), segments.sums(use & answered, creator, n)


def estimate_conversation(measure: ConversationMeasure, cell: Ints, priors: Priors) -> ConversationEstimate:
    def share(name: str, hits: Floats, trials: Floats) -> BetaPosterior:
        spread = priors.dispersion_of(name)
        return shrink_share(hits / spread, trials / spread, *priors.share_at(name, cell))

    return ConversationEstimate(
        qualified=share("qualified", measure.qualified, measure.classified),
        generic=share("generic", measure.generic, measure.classified),
        reply=share("reply", measure.replied, measure.asked),
    )


def best_comments(batch: Batch, votes: CommentVotes, most: int = 6) -> Ints:
    """Indices of up to `most` qualified comments per creator, grouped by creator: the best of each kind first,
    then the next, no text twice, so that a reader sees the variety rather than six questions."""
    reading, comments = votes.reading, batch.comments
    use = np.flatnonzero(votes.votes & reading.qualified)
    creator = batch.post_creator[comments.post[use]]
    order = np.lexsort((comments.id[use], reading.text_hash[use], creator))
    new = np.ones(len(order), bool)
    new[1:] = (creator[order][1:] != creator[order][:-1]) | (
        reading.text_hash[use][order][1:] != reading.text_hash[use][order][:-1]
    )
    use, creator = use[order][new], creator[order][new]
    group = creator * len(kinds.KINDS) + reading.kind[use]
    order = np.lexsort((comments.id[use], -reading.quality[use], group))
    within = np.empty(len(use), np.int64)
    within[order] = segments.rank_within(group[order], int(group.max(initial=-1)) + 1)
    key = -within + reading.quality[use]
    return use[segments.top_within(creator, key, most, batch.n)]
