"""Creators as a scoring batch: a dozen queries whatever the number of creators."""

# ruff: noqa: S608  (statements are put together from the constants of this file only)
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from matching.contracts import PLATFORMS
from matching.repository.columns import Columns, joined, listed, read_columns, text_column
from matching.repository.further import load_further
from matching.signals.batch import Accounts, Batch, Comments, FollowerCounts, Posts
from matching.signals.comments import ENGLISH, FOREIGN_LANGUAGE, FRENCH
from matching.signals.segments import Ints, rank_within
from matching.signals.text import Hashes, TextColumn, words_of

MOST_POSTS = 100
"""Newest posts read per account."""
MOST_COMMENTS = 200
"""Comments read per post, in the order they were stored."""
COMMENTED_POSTS = 30
"""Newest posts per account whose comments are read."""
MOST_COUNTS = 400
"""Newest follower counts read per account."""
TRIES = 3

_PLATFORM = "array_position(ARRAY[" + ",".join(f"'{p}'" for p in PLATFORMS) + "]::varchar[], {}.platform)"


@dataclass(frozen=True, slots=True)
class Loaded:
    """batch: without vectors, topics and the texts of posts and comments. names: of the creators; bios: of creators and accounts.
    handles: per account. text_hash: (p,) of all texts of a post; comment_hash: (c,). alt: alternative texts and
    post_language: ISO codes, both blank until `with_texts`. fresh: (n,) time of the newest observation, NaN none.
    bio_hash: (n,) of name, biographies and handles."""

    batch: Batch
    names: list[str]
    bios: list[str]
    handles: list[str]
    alt: TextColumn
    text_hash: Ints
    comment_hash: Ints
    fresh: NDArray[np.float64]
    bio_hash: Ints
    post_language: list[str]


def load_batch(creator_ids: Sequence[int], *, asof: datetime) -> Loaded:
    """Everything observed about these creators that scoring reads; unknown and erased ids are left out."""
    for attempt in range(TRIES):
        try:
            return _load(sorted(set(creator_ids)), asof)
        except ValueError:  # rows changed between two queries of one batch
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def _load(ids: list[int], asof: datetime) -> Loaded:
    creators, names, bios = _creators(ids)
    accounts, handles, account_columns = _accounts(creators["id"])
    posts, post_columns = _posts(account_columns["id"])
    comments, comment_hash = _comments(posts, len(accounts.id))
    batch = Batch(
        creator_id=creators["id"],
        asof=asof.timestamp(),
        accounts=accounts,
        posts=posts,
        comments=comments,
        counts=_counts(account_columns["id"]),
    )
    batch = replace(batch, further=load_further(batch))
    fresh = np.full(batch.n, -np.inf)
    np.maximum.at(fresh, accounts.creator, np.nan_to_num(account_columns["observed"], nan=-np.inf))
    np.maximum.at(fresh, batch.post_creator, post_columns["observed"])
    return Loaded(
        batch=batch,
        names=names,
        bios=bios,
        handles=handles,
        alt=posts.caption,
        text_hash=post_columns["text_hash"],
        comment_hash=comment_hash,
        fresh=np.where(np.isinf(fresh), np.nan, fresh),
        bio_hash=creators["hash"],
        post_language=[""] * len(posts.id),
    )


def _texts(query: str, params: Sequence[Any], expressions: Sequence[str], ids: Ints) -> list[TextColumn]:
    """Text columns of the rows of `query` (aliased r), which must be those of `ids` in the same order."""
    selected = ", ".join(["string_agg(int8send(r.id), '')", *map(joined, expressions)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {selected} FROM ({query}) r", params)
        found = cursor.fetchone()
    if not np.array_equal(np.frombuffer(found[0] or b"", ">i8"), ids):
        raise ValueError("texts and rows differ")
    return [text_column(value, len(ids)) for value in found[1:]]


def _creators(ids: list[int]) -> tuple[Columns, list[str], list[str]]:
    source = """
        SELECT c.id, c.display_name, c.bio || ' ' || coalesce(a.bios, '') AS bio,
               hashtextextended(concat_ws(' ', c.display_name, c.bio, a.bios, a.handles), 0) AS hash
        FROM accounts_creator c
        LEFT JOIN LATERAL (
            SELECT string_agg(s.bio, ' ' ORDER BY s.id) AS bios,
                   string_agg(s.platform || s.handle, ' ' ORDER BY s.id) AS handles
            FROM accounts_socialaccount s WHERE s.creator_id = c.id
        ) a ON true
        WHERE c.id = ANY(%s::bigint[]) AND c.erased_at IS NULL ORDER BY c.id"""
    columns = read_columns(f"SELECT id, hash FROM ({source}) r", [listed(ids)], {"id": "i8", "hash": "i8"})
    names, bios = _texts(source, [listed(ids)], ["r.display_name", "r.bio"], columns["id"])
    return columns, names.to_list(), bios.to_list()


def _accounts(creator_ids: Ints) -> tuple[Accounts, list[str], Columns]:
    source = f"""
        SELECT a.id, a.creator_id, {_PLATFORM.format("a")} - 1 AS platform, a.followers, a.handle, a.category,
               a.observed_at
        FROM accounts_socialaccount a WHERE a.creator_id = ANY(%s::bigint[])
        ORDER BY a.creator_id, a.followers DESC NULLS LAST, a.id"""
    ids = [listed(creator_ids.tolist())]
    columns = read_columns(
        f"""SELECT id, creator_id, platform::bigint, coalesce(followers, 'NaN'::float8),
            coalesce(date_part('epoch', observed_at), 'NaN') FROM ({source}) r""",
        ids,
        {"id": "i8", "creator": "i8", "platform": "i8", "followers": "f8", "observed": "f8"},
    )
    category, handle = _texts(source, ids, ["r.category", "r.handle"], columns["id"])
    return (
        Accounts(
            id=columns["id"],
            creator=np.searchsorted(creator_ids, columns["creator"]),
            platform=columns["platform"].astype(np.int8),
            followers=columns["followers"],
            category=tuple(category.to_list()),
            handle=_handle_hashes(handle),
        ),
        handle.to_list(),
        columns,
    )


def _handle_hashes(handles: TextColumn) -> Hashes:
    """(a,) hash of the first word of each handle, as a mention would be hashed."""
    words = words_of(handles)
    out = np.zeros(handles.n, np.uint64)
    first = words.position == 0
    out[words.text[first]] = words.hash[first]
    return out


_NUMBERS = ("likes", "comments_count", "shares", "saves", "views", "reach")


def _posts(account_ids: Ints) -> tuple[Posts, Columns]:
    source = f"""
        SELECT p.* FROM unnest(%s::bigint[]) WITH ORDINALITY a(id, k) CROSS JOIN LATERAL (
            SELECT q.*, a.k FROM matching_post q WHERE q.account_id = a.id
            ORDER BY q.posted_at DESC, q.id DESC LIMIT {MOST_POSTS}
        ) p ORDER BY p.k, p.posted_at DESC, p.id DESC"""
    numbers = ", ".join(f"coalesce({name}, 'NaN'::float8)" for name in _NUMBERS)
    params = [listed(account_ids.tolist())]
    columns = read_columns(
        f"""SELECT id, k - 1, date_part('epoch', posted_at), {numbers},
            CASE WHEN is_sponsored IS NULL THEN -1 WHEN is_sponsored THEN 1 ELSE 0 END::bigint,
            CASE left(language, 2) WHEN '' THEN 0 WHEN 'fr' THEN {FRENCH} WHEN 'en' THEN {ENGLISH}
                ELSE {FOREIGN_LANGUAGE} END::bigint,
            hashtextextended(concat_ws(E'\\x1f', caption, alt_text, language, sponsors::text, mentions::text), 0),
            date_part('epoch', observed_at) FROM ({source}) r""",
        params,
        {
            "id": "i8",
            "account": "i8",
            "posted_at": "f8",
            **dict.fromkeys(_NUMBERS, "f8"),
            "official": "i8",
            "language": "i8",
            "text_hash": "i8",
            "observed": "f8",
        },
    )
    blank = TextColumn.of([""] * len(columns["id"]))
    posts = Posts(
        id=columns["id"],
        account=columns["account"],
        posted_at=columns["posted_at"],
        likes=columns["likes"],
        comments=columns["comments_count"],
        shares=columns["shares"],
        saves=columns["saves"],
        views=columns["views"],
        reach=columns["reach"],
        official=columns["official"].astype(np.int8),
        language=columns["language"].astype(np.int8),
        caption=blank,
        sponsors=blank,
        mentions=blank,
    )
    return posts, columns


_POST_TEXTS = {
    "caption": "p.caption",
    "sponsors": "array_to_string(p.sponsors, ' ')",
    "mentions": "array_to_string(p.mentions, ' ')",
    "alt": "p.alt_text",
    "language": "left(p.language, 2)",
}


def with_texts(loaded: Loaded, rows: Ints) -> Loaded:
    """The same with the texts of these posts; those of the others, and of a post deleted since, are blank."""
    posts = loaded.batch.posts
    wanted = posts.id[rows]
    selected = ", ".join(f"coalesce({expression}, '') AS {name}" for name, expression in _POST_TEXTS.items())
    source = f"""
        SELECT w.id, {selected} FROM unnest(%s::bigint[]) WITH ORDINALITY w(id, k)
        LEFT JOIN matching_post p ON p.id = w.id ORDER BY w.k"""
    read = _texts(source, [listed(wanted.tolist())], [f"r.{name}" for name in _POST_TEXTS], wanted)
    filled = [_spread(column, rows, len(posts.id)) for column in read]
    caption, sponsors, mentions, alt = (TextColumn.of(texts) for texts in filled[:4])
    batch = replace(loaded.batch, posts=replace(posts, caption=caption, sponsors=sponsors, mentions=mentions))
    return replace(loaded, batch=batch, alt=alt, post_language=filled[4])


def comment_texts(loaded: Loaded, rows: Ints) -> TextColumn:
    """The texts of these comments; blank for one deleted since."""
    wanted = loaded.batch.comments.id[rows]
    source = """
        SELECT w.id, coalesce(c.text, '') AS text FROM unnest(%s::bigint[]) WITH ORDINALITY w(id, k)
        LEFT JOIN matching_comment c ON c.id = w.id ORDER BY w.k"""
    return _texts(source, [listed(wanted.tolist())], ["r.text"], wanted)[0]


def _spread(column: TextColumn, rows: Ints, n: int) -> list[str]:
    texts = [""] * n
    for row, text in zip(rows.tolist(), column.to_list(), strict=True):
        texts[row] = text
    return texts


def _comments(posts: Posts, accounts: int) -> tuple[Comments, Ints]:
    chosen = np.flatnonzero(rank_within(posts.account, accounts) < COMMENTED_POSTS)
    source = f"""
        SELECT c.* FROM unnest(%s::bigint[]) WITH ORDINALITY p(id, k) CROSS JOIN LATERAL (
            SELECT q.*, p.k FROM matching_comment q WHERE q.post_id = p.id ORDER BY q.id LIMIT {MOST_COMMENTS}
        ) c ORDER BY c.k, c.id"""
    params = [listed(posts.id[chosen].tolist())]
    columns = read_columns(
        f"""SELECT id, k - 1, hashtextextended(external_id, 0), hashtextextended(parent_external_id, 0),
            (parent_external_id <> '')::int::bigint,
            CASE author_hash WHEN '' THEN 0 ELSE hashtextextended(author_hash, 0) END,
            is_owner::int::bigint, coalesce(date_part('epoch', posted_at), 'NaN'), coalesce(likes, 'NaN'::float8),
            hashtextextended(text, 0)
            FROM ({source}) r""",
        params,
        {
            "id": "i8",
            "post": "i8",
            "key": "i8",
            "parent": "i8",
            "is_reply": "i8",
            "author": "i8",
            "is_owner": "i8",
            "posted_at": "f8",
            "likes": "f8",
            "text_hash": "i8",
        },
    )
    post = chosen[columns["post"]] if len(chosen) else columns["post"]
    found = Comments(
        id=columns["id"],
        post=post,
        parent=_parents(post, columns["key"], columns["parent"], columns["is_reply"] > 0),
        is_reply=columns["is_reply"] > 0,
        author=columns["author"].view(np.uint64),
        is_owner=columns["is_owner"] > 0,
        posted_at=columns["posted_at"],
        likes=columns["likes"],
        text=TextColumn.of([""] * len(post)),
    )
    return found, columns["text_hash"]


def _parents(post: Ints, key: Ints, parent: Ints, is_reply: NDArray[np.bool_]) -> Ints:
    """Index of the comment each one answers under the same post, -1 where it is not loaded."""
    out = np.full(len(key), -1, np.int64)
    if not is_reply.any():
        return out
    mixed = key ^ (post * 0x9E3779B97F4A7C1 & 0x7FFFFFFFFFFFFFFF)
    asked = parent ^ (post * 0x9E3779B97F4A7C1 & 0x7FFFFFFFFFFFFFFF)
    order = np.argsort(mixed, kind="stable")
    place = np.minimum(np.searchsorted(mixed[order], asked), len(order) - 1)
    found = is_reply & (mixed[order][place] == asked)
    out[found] = order[place[found]]
    return out


def _counts(account_ids: Ints) -> FollowerCounts:
    columns = read_columns(
        f"""SELECT c.id, a.k - 1, date_part('epoch', c.observed_at), c.followers::float8
            FROM unnest(%s::bigint[]) WITH ORDINALITY a(id, k) CROSS JOIN LATERAL (
                SELECT q.id, q.observed_at, q.followers FROM matching_followercount q WHERE q.account_id = a.id
                ORDER BY q.observed_at DESC LIMIT {MOST_COUNTS}
            ) c ORDER BY a.k, c.observed_at""",
        [listed(account_ids.tolist())],
        {"id": "i8", "account": "i8", "at": "f8", "followers": "f8"},
    )
    return FollowerCounts(columns["id"], columns["account"], columns["at"], columns["followers"])
