"""The people who comment: how many come back, how early they come, how alike their comments are.

    returning = sum_a k_a (k_a - 1) / ((P - 1) sum_a k_a)

k_a: posts (of the P newest that have comments) under which author a commented: the chance that a commenter of
one post is found under another one. early: share of the comments of the first hour. Neither is good or bad by
itself: faithful readers return and come early. Both are compared with creators of the same platform and size,

    z = (x - mean) / sqrt(spread^2 + noise^2),   x: roots of the two shares

and only z > 3 from at least five posts with twenty comments each counts as one sign among others
(`authenticity`). Copied: authors whose every comment (three words or more) is word for word one they left
under another post. Source: SIGNALS.md sections 0.9, 0.10, 4. Failure: first page of comments only; friends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.signals import comments as kinds
from matching.signals import segments
from matching.signals.batch import HOUR, Batch
from matching.signals.conversation import CommentVotes
from matching.signals.segments import Bools, Floats, Ints

VERSION = "community-1"
MOST_POSTS = 12
LEAST_POSTS, LEAST_COMMENTS = 5, 20
"""Posts, and comments under each, from which a sign may be raised at all."""
UNUSUAL_Z = 3.0


@dataclass(frozen=True, slots=True)
class CommunityMeasure:
    """(n,) per creator. posts: with votes, among the newest MOST_POSTS. full: of those with LEAST_COMMENTS.
    returning: see above, NaN below two posts; pairs: author-post pairs behind it. early: share of timed votes
    in the first hour; timed: votes with a time. authors: distinct known ones; usual: of those with a comment that
    is neither spam nor copied."""

    posts: Ints
    full: Ints
    returning: Floats
    pairs: Ints
    early: Floats
    timed: Ints
    authors: Ints
    usual: Ints


def measure_community(batch: Batch, votes: CommentVotes) -> CommunityMeasure:
    comments, n = batch.comments, batch.n
    counted = votes.votes & _newest(batch)[comments.post]
    use = np.flatnonzero(counted & (comments.author != 0))
    creator = batch.post_creator[comments.post[use]]
    per_post = segments.counts(comments.post[use], len(batch.posts.id))
    posts = segments.counts(batch.post_creator[per_post > 0], n)
    full = segments.counts(batch.post_creator[per_post >= LEAST_COMMENTS], n)
    group, k = _author_posts(creator, comments.author[use])
    top, bottom = segments.sums(k * (k - 1.0), group, n), segments.sums(k, group, n) * (posts - 1.0)
    hours = (comments.posted_at - batch.posts.posted_at[comments.post]) / HOUR
    timed = counted & (hours >= 0)
    owner = batch.post_creator[comments.post]
    authors, usual = _usual(batch, votes)
    return CommunityMeasure(
        posts=posts,
        full=full,
        returning=np.where(posts > 1, segments.divide(top, bottom), np.nan),
        pairs=segments.counts(creator, n),
        early=segments.means(hours[timed] <= 1.0, owner[timed], n),
        timed=segments.counts(owner[timed], n),
        authors=authors,
        usual=usual,
    )


def _newest(batch: Batch) -> Bools:
    """(p,) the newest MOST_POSTS of each account with comments loaded."""
    size = len(batch.posts.id)
    held = np.flatnonzero(segments.counts(batch.comments.post, size) > 0)
    out = np.zeros(size, bool)
    account = batch.posts.account[held]
    out[held[segments.rank_within(account, len(batch.accounts.id)) < MOST_POSTS]] = True
    return out


def _author_posts(creator: Ints, author: np.ndarray) -> tuple[Ints, Floats]:
    """(creator, posts commented) of every author of every creator; rows are one vote per author and post."""
    if len(creator) == 0:
        return creator, np.zeros(0)
    order = np.lexsort((author, creator))
    creator, author = creator[order], author[order]
    new = np.ones(len(order), bool)
    new[1:] = (creator[1:] != creator[:-1]) | (author[1:] != author[:-1])
    start = np.flatnonzero(new)
    return creator[start], np.diff(np.append(start, len(order))).astype(np.float64)


def _usual(batch: Batch, votes: CommentVotes) -> tuple[Ints, Ints]:
    """(distinct authors, those with at least one comment that is neither spam nor copied) per creator."""
    comments, n, reading = batch.comments, batch.n, votes.reading
    use = np.flatnonzero(~comments.is_owner & (comments.author != 0))
    if len(use) == 0:
        return np.zeros(n, np.int64), np.zeros(n, np.int64)
    creator = batch.post_creator[comments.post[use]]
    poor = (reading.kind[use] == kinds.SPAM) | _copied(creator, comments.post[use], comments.author[use], reading, use)
    order = np.lexsort((comments.author[use], creator))
    new = np.ones(len(use), bool)
    new[1:] = (creator[order][1:] != creator[order][:-1]) | (
        comments.author[use][order][1:] != comments.author[use][order][:-1]
    )
    start, who = np.flatnonzero(new), creator[order][new]
    best = np.maximum.reduceat(~poor[order], start)
    return segments.counts(who, n), segments.counts(who[best], n)


def _copied(creator: Ints, post: Ints, author: np.ndarray, reading: kinds.CommentReading, use: Ints) -> Bools:
    """Comments whose author left the same words (three or more) under another post of the creator."""
    text, out = reading.text_hash[use], np.zeros(len(use), bool)
    long = np.flatnonzero((text != 0) & (reading.words[use] >= 3))
    if len(long) == 0:
        return out
    order = long[np.lexsort((post[long], text[long], author[long], creator[long]))]
    same = (
        (creator[order][1:] == creator[order][:-1])
        & (author[order][1:] == author[order][:-1])
        & (text[order][1:] == text[order][:-1])
        & (post[order][1:] != post[order][:-1])
    )
    out[order[1:][same]] = True
    out[order[:-1][same]] = True
    return out
