"""The input of scoring: some creators with everything observed about them, as columns.

Rows are grouped: accounts by creator, posts by account and newest first, comments by post, follower
counts by account and oldest first. Unknown numbers are NaN, never 0. Times are seconds since 1970 UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matching.contracts import PLATFORMS
from matching.signals.further import Further
from matching.signals.segments import Bools, Floats, Ints, first_of
from matching.signals.text import Hashes, TextColumn

DAY = 86_400.0
HOUR = 3_600.0
INSTAGRAM, TIKTOK, YOUTUBE, X = (PLATFORMS.index(name) for name in ("instagram", "tiktok", "youtube", "x"))

BASES = ("reach", "views", "followers")
"""What an engagement rate divides by; an account has one."""

TIERS = ("nano", "micro", "mid", "macro", "mega", "")
"""Sizes compared with each other; "" where the followers are unknown. A workspace may show other bounds."""
TIER_BOUNDS = (10_000.0, 100_000.0, 500_000.0, 1_000_000.0)
UNKNOWN_TIER = len(TIERS) - 1


@dataclass(frozen=True, slots=True)
class Accounts:
    """(a,) columns. creator: row of the batch. platform: index in PLATFORMS. handle: hash of its first word."""

    id: Ints
    creator: Ints
    platform: NDArray[np.int8]
    followers: Floats
    category: tuple[str, ...]
    handle: Hashes


@dataclass(frozen=True, slots=True)
class Posts:
    """(p,) columns. account: index in Accounts. official: 1 the network's partnership label is set, 0 it is
    not, -1 unknown. language: index in comments.LANGUAGES. sponsors, mentions: handles, parted by spaces.
    vectors: float32 (p, 256) unit norm, zero rows where nothing could be read, or None. topic: index of
    the batch's topics, -1 none."""

    id: Ints
    account: Ints
    posted_at: Floats
    likes: Floats
    comments: Floats
    shares: Floats
    saves: Floats
    views: Floats
    reach: Floats
    official: NDArray[np.int8]
    language: NDArray[np.int8]
    caption: TextColumn
    sponsors: TextColumn
    mentions: TextColumn
    vectors: NDArray[np.float32] | None = None
    topic: Ints | None = None


@dataclass(frozen=True, slots=True)
class Comments:
    """(c,) columns. post: index in Posts. parent: index of the comment answered, -1 none or not loaded.
    is_reply: it answers a comment, loaded or not. author: pseudonym as a hash, 0 unknown."""

    id: Ints
    post: Ints
    parent: Ints
    is_reply: Bools
    author: Hashes
    is_owner: Bools
    posted_at: Floats
    likes: Floats
    text: TextColumn


@dataclass(frozen=True, slots=True)
class FollowerCounts:
    """(f,) columns by account, oldest first."""

    id: Ints
    account: Ints
    at: Floats
    followers: Floats


@dataclass(frozen=True, slots=True)
class Batch:
    """n creators at one moment. creator_id (n,). topics: slugs that Posts.topic points into."""

    creator_id: Ints
    asof: float
    accounts: Accounts
    posts: Posts
    comments: Comments
    counts: FollowerCounts
    topics: tuple[str, ...] = ()
    further: Further = field(default_factory=Further)

    @property
    def n(self) -> int:
        return len(self.creator_id)

    @property
    def post_creator(self) -> Ints:
        return self.accounts.creator[self.posts.account]

    @property
    def post_age(self) -> Floats:
        """Days since each post, at least 0."""
        return np.maximum(self.asof - self.posts.posted_at, 0.0) / DAY


def tiers(followers: Floats) -> NDArray[np.int8]:
    """Index in TIERS."""
    tier = np.searchsorted(TIER_BOUNDS, np.nan_to_num(followers), side="right").astype(np.int8)
    tier[np.isnan(followers)] = UNKNOWN_TIER
    return tier


def main_accounts(batch: Batch) -> Ints:
    """(n,) index of each creator's largest account, -1 without any."""
    followers = np.nan_to_num(batch.accounts.followers, nan=-1.0)
    return first_of(batch.accounts.creator, followers, batch.n)
