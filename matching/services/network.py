"""Ties among creators, counted for the whole index at once: who comments whom, against the habit of the niche.

Comments hold keyed pseudonyms; those of the creators themselves are made anew from their handles with the same
key, so that a tie is known without anybody else's name. One pass over the comments, grouped by the database.
"""

from __future__ import annotations

import numpy as np
from django.db import connection, transaction

from accounts.models import SocialAccount
from accounts.secrets import pseudonymiser
from matching.repository.columns import copy_text, read_columns
from matching.signals.network import ties
from matching.signals.segments import Ints

_HANDLES = 20_000
_STAGE_NAMES = """
CREATE TEMP TABLE IF NOT EXISTS stage_names (hash text, creator_id bigint) ON COMMIT DELETE ROWS;
TRUNCATE stage_names;
"""
_EDGES = """
SELECT n.creator_id, a.creator_id, count(DISTINCT c.post_id)
FROM stage_names n
JOIN matching_comment c ON c.author_hash = n.hash
JOIN matching_post p ON p.id = c.post_id
JOIN accounts_socialaccount a ON a.id = p.account_id
WHERE n.creator_id <> a.creator_id GROUP BY 1, 2
"""
_WRITE = """
INSERT INTO matching_creatorties (creator_id, inbound, mutual, expected, z, "group", computed_at)
SELECT s.creator_id, s.inbound, s.mutual, s.expected, nullif(s.z, 'NaN'), s.grouped, clock_timestamp()
FROM stage_ties s JOIN accounts_creator c ON c.id = s.creator_id WHERE c.erased_at IS NULL
"""


def refresh_ties() -> int:
    """Counts the ties anew and keeps them. Returns how many creators have any. One transaction: a reader sees
    either the former ones or all of the new ones."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_STAGE_NAMES)
            _stage_names()
            cursor.execute("ANALYZE stage_names")
        edges = read_columns(_EDGES, [], {"source": "i8", "target": "i8", "posts": "i8"})
        if len(edges["source"]) == 0:
            return 0
        ids = np.unique(np.concatenate([edges["source"], edges["target"]]))
        found = ties(
            np.searchsorted(ids, edges["source"]),
            np.searchsorted(ids, edges["target"]),
            edges["posts"],
            _blocks(ids),
            len(ids),
        )
        lines = [
            f"{pk}\t{inbound:.0f}\t{mutual:.0f}\t{expected:.4g}\t{z:.4g}\t{group:.0f}"
            for pk, inbound, mutual, expected, z, group in zip(
                ids.tolist(), found.inbound, found.mutual, found.expected, found.z, found.group, strict=True
            )
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE IF NOT EXISTS stage_ties (creator_id bigint, inbound int, mutual int,"
                " expected float8, z float8, grouped int) ON COMMIT DELETE ROWS; TRUNCATE stage_ties"
            )
            copy_text("stage_ties", ("creator_id", "inbound", "mutual", "expected", "z", "grouped"), lines)
            cursor.execute("DELETE FROM matching_creatorties")
            cursor.execute(_WRITE)
            return int(cursor.rowcount)


def _stage_names() -> None:
    """Pseudonyms of every creator's handles."""
    rows = SocialAccount.objects.filter(creator__erased_at__isnull=True)
    hashed = {platform: pseudonymiser(platform) for platform in rows.values_list("platform", flat=True).distinct()}
    lines: list[str] = []
    for platform, key, creator in rows.values_list("platform", "handle_key", "creator_id").iterator(_HANDLES):
        lines.append(f"{hashed[platform](key)}\t{creator}")
        if len(lines) == _HANDLES:
            copy_text("stage_names", ("hash", "creator_id"), lines)
            lines = []
    if lines:
        copy_text("stage_names", ("hash", "creator_id"), lines)


def _blocks(ids: Ints) -> Ints:
    """Niche x language of each creator as one number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT creator_id, coalesce(topics[1], '') || '/' || coalesce(languages[1], '') FROM matching_creatorindex"
            " WHERE creator_id = ANY(%s)",
            [ids.tolist()],
        )
        held = dict(cursor.fetchall())
    return np.unique([held.get(pk, "") for pk in ids.tolist()], return_inverse=True)[1].astype(np.int64)
