"""The `instagram_2018` research sample as scoring batches, straight from its files: no database, no import."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from matching.ingest.texts import mentions
from matching.signals.batch import Accounts, Batch, Comments, FollowerCounts, Posts
from matching.signals.text import TextColumn, words_of

ASOF = 1_562_000_000.0
"""After the newest comment of the set (1 July 2019)."""


def shared_data() -> Path:
    """Folder of the shared research data: RESONANCE_SHARED_DATA, else ../shared/data beside the project."""
    given = os.environ.get("RESONANCE_SHARED_DATA")
    return Path(given) if given else Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            try:
                yield json.loads(line)
            except ValueError:
                continue


def read_posts(folder: Path) -> list[dict[str, Any]]:
    return [row for row in read_jsonl(folder / "posts.jsonl.gz") if row.get("username") and row.get("taken_at")]


def read_comments(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Comments by post id."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in read_jsonl(folder / "comments.jsonl.gz"):
        found.setdefault(row["post_id"], []).append(row)
    return found


def batches(
    posts: Sequence[dict[str, Any]], comments: dict[str, list[dict[str, Any]]], size: int = 1000
) -> Iterator[Batch]:
    by_user: dict[str, list[dict[str, Any]]] = {}
    for row in posts:
        by_user.setdefault(row["username"], []).append(row)
    users = sorted(by_user)
    for start in range(0, len(users), size):
        yield batch_of(users[start : start + size], by_user, comments, first_id=start)


def batch_of(
    users: Sequence[str],
    by_user: dict[str, list[dict[str, Any]]],
    comments: dict[str, list[dict[str, Any]]],
    *,
    first_id: int = 0,
) -> Batch:
    rows, account, said = [], [], []
    for index, user in enumerate(users):
        for post in sorted(by_user[user], key=lambda p: (-p["taken_at"], p["post_id"])):
            said += [
                (len(rows), c) for c in sorted(comments.get(post["post_id"], ()), key=lambda c: int(c["comment_id"]))
            ]
            rows.append(post)
            account.append(index)
    first = [by_user[user][0] for user in users]
    handles = words_of(TextColumn.of(users))
    handle = np.zeros(len(users), np.uint64)
    handle[handles.text[handles.position == 0]] = handles.hash[handles.position == 0]
    ids = np.arange(first_id, first_id + len(users), dtype=np.int64)
    return Batch(
        creator_id=ids,
        asof=ASOF,
        accounts=Accounts(
            ids,
            np.arange(len(users)),
            np.zeros(len(users), np.int8),
            _numbers([p.get("followers") for p in first]),
            tuple(p.get("category") or "" for p in first),
            handle,
        ),
        posts=_posts(rows, np.array(account, np.int64)),
        comments=_comments(said),
        counts=FollowerCounts(*(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))),
    )


def _posts(rows: Sequence[dict[str, Any]], account: np.ndarray) -> Posts:
    n = len(rows)
    nothing = np.full(n, np.nan)
    return Posts(
        id=np.array([int(r["post_id"]) for r in rows], np.int64),
        account=account,
        posted_at=_numbers([r["taken_at"] for r in rows]),
        likes=_numbers([r["likes"] for r in rows]),
        comments=_numbers([r["comments"] for r in rows]),
        shares=nothing,
        saves=nothing,
        views=_numbers([r["video_views"] for r in rows]),
        reach=nothing,
        official=np.array([1 if r["sponsors"] else 0 for r in rows], np.int8),
        language=np.zeros(n, np.int8),
        caption=TextColumn.of(r["caption"] or "" for r in rows),
        sponsors=TextColumn.of(" ".join(r["sponsors"]) for r in rows),
        mentions=TextColumn.of(
            " ".join(mentions(r["caption"] or "", [t["username"] for t in r["tagged"]])) for r in rows
        ),
    )


def _comments(said: Sequence[tuple[int, dict[str, Any]]]) -> Comments:
    place = {(p, c["comment_id"]): i for i, (p, c) in enumerate(said)}
    parent = np.array([place.get((p, c["parent_id"]), -1) if c["parent_id"] else -1 for p, c in said], np.int64)
    return Comments(
        id=np.array([int(c["comment_id"]) for _, c in said], np.int64),
        post=np.array([p for p, _ in said], np.int64),
        parent=parent,
        is_reply=np.array([bool(c["parent_id"]) for _, c in said], bool),
        author=np.array([_pseudonym(c["author"]) for _, c in said], np.uint64),
        is_owner=np.array([c["is_post_owner"] for _, c in said], bool),
        posted_at=_numbers([c["created_at"] for _, c in said]),
        likes=_numbers([c["likes"] for _, c in said]),
        text=TextColumn.of(c["text"] for _, c in said),
    )


def _pseudonym(author: str) -> int:
    return int.from_bytes(hashlib.blake2b(author.encode(), digest_size=8).digest(), "big")


def _numbers(values: Sequence[Any]) -> np.ndarray:
    return np.array([np.nan if v is None else float(v) for v in values], np.float64)
