"""Scoring batches written by hand: creators as nested dictionaries, everything else unknown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.contracts import PLATFORMS
from matching.signals.batch import DAY, HOUR, Accounts, Batch, Comments, FollowerCounts, Posts
from matching.signals.comments import LANGUAGES
from matching.signals.digest import hash_text
from matching.signals.text import TextColumn, words_of

ASOF = 1_780_000_000.0
_NUMBERS = ("likes", "comments", "shares", "saves", "views", "reach")


def observe(*creators: Mapping[str, Any], asof: float = ASOF) -> Batch:
    """A batch of creators. A creator is its one account (`platform`, `followers`, `category`, `handle`, `posts`,
    `counts` as [(days ago, followers)]) or {"id", "accounts": [...]}. Posts: `age` in days, counters, `caption`,
    `said` = comments: {"text", "author", "hours", "owner", "answers": index of another comment of the post}."""
    accounts, posts, said, counts, ids = [], [], [], [], []
    for row, creator in enumerate(creators):
        ids.append(int(creator.get("id", row + 1)))
        for account in creator.get("accounts", [creator]):
            at = len(accounts)
            accounts.append((row, account))
            for ago, followers in sorted(account.get("counts", ()), reverse=True):
                counts.append((at, asof - ago * DAY, followers))
            for post in sorted(account.get("posts", ()), key=lambda p: p.get("age", 0.0)):
                said += [(len(posts), comment) for comment in post.get("said", ())]
                posts.append((at, post))
    return Batch(
        creator_id=np.array(ids, np.int64),
        asof=asof,
        accounts=_accounts([row for row, _ in accounts], [a for _, a in accounts]),
        posts=_posts([at for at, _ in posts], [p for _, p in posts], asof),
        comments=_comments(said, posts, asof),
        counts=FollowerCounts(
            np.arange(1, len(counts) + 1),
            np.array([c[0] for c in counts], np.int64),
            _floats(c[1] for c in counts),
            _floats(c[2] for c in counts),
        ),
    )


def _accounts(rows: Sequence[int], accounts: Sequence[Mapping[str, Any]]) -> Accounts:
    handles = words_of(TextColumn.of(a.get("handle", f"account{i}") for i, a in enumerate(accounts)))
    handle = np.zeros(len(accounts), np.uint64)
    first = handles.position == 0
    handle[handles.text[first]] = handles.hash[first]
    return Accounts(
        id=np.array([a.get("account_id", 100 + i) for i, a in enumerate(accounts)], np.int64),
        creator=np.array(rows, np.int64),
        platform=np.array([PLATFORMS.index(a.get("platform", "instagram")) for a in accounts], np.int8),
        followers=_floats(a.get("followers", 10_000) for a in accounts),
        category=tuple(a.get("category", "") for a in accounts),
        handle=handle,
    )


def _posts(at: Sequence[int], posts: Sequence[Mapping[str, Any]], asof: float) -> Posts:
    vectors = [p["vector"] for p in posts] if posts and all("vector" in p for p in posts) else None
    return Posts(
        id=np.array([p.get("id", 1_000 + i) for i, p in enumerate(posts)], np.int64),
        account=np.array(at, np.int64),
        posted_at=_floats(asof - p.get("age", 30.0) * DAY for p in posts),
        **{name: _floats(p.get(name) for p in posts) for name in _NUMBERS},
        official=np.array([p.get("official", -1) for p in posts], np.int8),
        language=np.array([LANGUAGES.index(p.get("language", "unknown")) for p in posts], np.int8),
        caption=TextColumn.of(p.get("caption", "") for p in posts),
        sponsors=TextColumn.of(p.get("sponsors", "") for p in posts),
        mentions=TextColumn.of(p.get("mentions", "") for p in posts),
        vectors=None if vectors is None else np.array(vectors, np.float32),
        topic=np.array([p.get("topic", -1) for p in posts], np.int64) if posts else None,
    )


def _comments(
    said: Sequence[tuple[int, Mapping[str, Any]]], posts: Sequence[tuple[int, Mapping[str, Any]]], asof: float
) -> Comments:
    first = {}
    for index, (post, _) in enumerate(said):
        first.setdefault(post, index)
    return Comments(
        id=np.array([c.get("id", 5_000 + i) for i, (_, c) in enumerate(said)], np.int64),
        post=np.array([p for p, _ in said], np.int64),
        parent=np.array([first[p] + c["answers"] if "answers" in c else -1 for p, c in said], np.int64),
        is_reply=np.array(["answers" in c or c.get("is_reply", False) for _, c in said], bool),
        author=np.array([hash_text(c.get("author", f"someone {i}")) for i, (_, c) in enumerate(said)], np.uint64),
        is_owner=np.array([c.get("owner", False) for _, c in said], bool),
        posted_at=_floats(asof - posts[p][1].get("age", 30.0) * DAY + c.get("hours", 1.0) * HOUR for p, c in said),
        likes=_floats(c.get("likes") for _, c in said),
        text=TextColumn.of(c.get("text", "") for _, c in said),
    )


def _floats(values: Any) -> np.ndarray:
    return np.array([np.nan if v is None else float(v) for v in values], np.float64)
