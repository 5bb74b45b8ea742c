"""Sampled audiences, counter snapshots, ties and histories of a batch; sketches of its commenters back."""

# ruff: noqa: S608  (statements are put together from the constants of this file only)
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import connection

from matching.history import histories_of
from matching.repository.columns import copy_text, listed, read_columns
from matching.signals.batch import Batch
from matching.signals.further import FEATURES, Audience, Further, Snapshots, Ties
from matching.signals.overlap import Sketch, sketches
from matching.signals.segments import Floats, Ints, rank_within

WATCHED_POSTS = 12
"""Newest posts per account whose counter snapshots are read."""
MOST_SNAPSHOTS = 60


def load_further(batch: Batch) -> Further:
    """Every part that exists for these creators."""
    return Further(
        audience=_audience(batch.accounts.id),
        snapshots=_snapshots(batch),
        history=histories_of(batch.creator_id),
        ties=_ties(batch.creator_id),
    )


def _audience(account_ids: Ints) -> Audience | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT ON (account_id) account_id, people FROM matching_audiencesample
               WHERE account_id = ANY(%s) ORDER BY account_id, observed_at DESC""",
            [account_ids.tolist()],
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    order = np.argsort(account_ids, kind="stable")
    place = {int(account_ids[k]): int(k) for k in order}
    parts = sorted(
        (place[pk], np.frombuffer(bytes(people), np.float32).reshape(-1, len(FEATURES))) for pk, people in rows
    )
    account = np.repeat([at for at, _people in parts], [len(people) for _at, people in parts])
    return Audience(account.astype(np.int64), np.concatenate([people for _at, people in parts]))


def _snapshots(batch: Batch) -> Snapshots | None:
    posts = batch.posts
    watched = np.flatnonzero(rank_within(posts.account, len(batch.accounts.id)) < WATCHED_POSTS)
    if len(watched) == 0:
        return None
    columns = read_columns(
        f"""SELECT p.k - 1, date_part('epoch', s.observed_at),
                   coalesce(s.likes + coalesce(s.comments_count, 0), s.views, 'NaN'::float8)::float8
            FROM unnest(%s::bigint[]) WITH ORDINALITY p(id, k) CROSS JOIN LATERAL (
                SELECT m.* FROM matching_postmetrics m WHERE m.post_id = p.id ORDER BY m.observed_at
                LIMIT {MOST_SNAPSHOTS}
            ) s ORDER BY p.k, s.observed_at""",
        [listed(posts.id[watched].tolist())],
        {"k": "i8", "at": "f8", "count": "f8"},
    )
    if len(columns["k"]) == 0:
        return None
    return Snapshots(watched[columns["k"]], columns["at"], columns["count"])


def _ties(creator_ids: Ints) -> Ties | None:
    columns = read_columns(
        """SELECT creator_id, inbound::float8, mutual::float8, expected, coalesce(z, 'NaN'::float8), "group"::float8
           FROM matching_creatorties WHERE creator_id = ANY(%s) ORDER BY creator_id""",
        [creator_ids.tolist()],
        {"creator": "i8", "inbound": "f8", "mutual": "f8", "expected": "f8", "z": "f8", "group": "f8"},
    )
    if len(columns["creator"]) == 0:
        return None
    row, n = np.searchsorted(creator_ids, columns["creator"]), len(creator_ids)

    def spread(name: str, empty: float) -> Floats:
        out = np.full(n, empty)
        out[row] = columns[name]
        return out

    return Ties(
        spread("inbound", 0.0),
        spread("mutual", 0.0),
        spread("expected", 0.0),
        spread("z", np.nan),
        spread("group", 1.0),
    )


_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS stage_sketches (creator_id bigint, hashes bytea, people int) ON COMMIT DELETE ROWS;
TRUNCATE stage_sketches;
"""
_UPSERT = """
INSERT INTO matching_audiencesketch (creator_id, hashes, people, computed_at)
SELECT s.creator_id, s.hashes, s.people, clock_timestamp() FROM stage_sketches s ORDER BY s.creator_id
ON CONFLICT (creator_id) DO UPDATE SET hashes = excluded.hashes, people = excluded.people,
    computed_at = excluded.computed_at
WHERE (matching_audiencesketch.hashes, matching_audiencesketch.people) IS DISTINCT FROM (excluded.hashes, excluded.people)
"""


def write_sketches(batch: Batch, rows: Ints) -> None:
    """Sketches of the creators at these rows of the batch. Runs in the caller's transaction."""
    comments = batch.comments
    others = ~comments.is_owner
    if len(rows) == 0 or not others.any():
        return
    found = sketches(comments.author[others], batch.post_creator[comments.post[others]], batch.n)
    lines = [
        rf"{batch.creator_id[row]}" + "\t" + rf"\\x{found[row].hashes.tobytes().hex()}" + f"\t{found[row].people}"
        for row in rows.tolist()
        if found[row].people
    ]
    if not lines:
        return
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        copy_text("stage_sketches", ("creator_id", "hashes", "people"), lines)
        cursor.execute(_UPSERT)


def read_sketches(creator_ids: Sequence[int]) -> list[Sketch]:
    """In the order given; an empty sketch for who has none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT creator_id, hashes, people FROM matching_audiencesketch WHERE creator_id = ANY(%s)",
            [list(creator_ids)],
        )
        held = {pk: Sketch(np.frombuffer(bytes(packed), np.uint64), people) for pk, packed, people in cursor.fetchall()}
    empty = Sketch(np.zeros(0, np.uint64), 0)
    return [held.get(pk, empty) for pk in creator_ids]
