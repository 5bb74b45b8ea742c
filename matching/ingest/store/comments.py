"""Comments under posts that are known."""

from __future__ import annotations

from typing import Any

from accounts.secrets import pseudonym
from matching.ingest.store.newest import PLAIN, TEXT, assignments, differs, latest, listed, merged, rows, run, source
from matching.ingest.store.objections import turn_away

_COLUMNS = {"parent_external_id": TEXT, "author_hash": TEXT, "posted_at": PLAIN, "likes": PLAIN, "text": TEXT}

# Comments come in runs under few posts: each post is looked up once.
_FIND = """
WITH found AS MATERIALIZED (
    SELECT d.platform, d.post_external_id, p.id, p.account_id, a.creator_id, c.erased_at
    FROM (SELECT DISTINCT platform, post_external_id FROM stage_comments) d
    JOIN matching_post p ON p.platform = d.platform AND p.external_id = d.post_external_id
    JOIN accounts_socialaccount a ON a.id = p.account_id JOIN accounts_creator c ON c.id = a.creator_id
)
UPDATE stage_comments s SET target_id = f.id, account_id = f.account_id, creator_id = f.creator_id,
    outcome = CASE WHEN f.erased_at IS NOT NULL THEN 'objected' END
FROM found f WHERE f.platform = s.platform AND f.post_external_id = s.post_external_id
"""
_UNKNOWN = "UPDATE stage_comments SET outcome = 'unknown_post' WHERE target_id IS NULL AND outcome IS NULL"
_OWNERS = """
SELECT DISTINCT a.id, a.platform, a.handle_key
FROM stage_comments s JOIN accounts_socialaccount a ON a.id = s.account_id
WHERE s.is_owner IS NULL AND s.author_hash <> ''
"""
_IS_OWNER = """
UPDATE stage_comments s SET is_owner = true FROM unnest(%(ids)s::bigint[], %(hashes)s::text[]) AS o(id, hash)
WHERE s.is_owner IS NULL AND s.account_id = o.id AND s.author_hash = o.hash
"""


def _values(new: str, old: str) -> dict[str, str]:
    return merged(_COLUMNS, new, old) | {"is_owner": f"({new}.is_owner IS TRUE OR {old}.is_owner)"}


def _upsert() -> str:
    return f"""
    WITH written AS (
        INSERT INTO matching_comment AS t (post_id, external_id, is_owner, {listed(_COLUMNS)}, observed_at, source_id)
        SELECT s.target_id, s.external_id, s.is_owner IS TRUE, {listed(_COLUMNS, "s")}, s.observed_at, %(source)s
        FROM stage_comments s
        LEFT JOIN LATERAL (
            SELECT * FROM matching_comment c WHERE c.post_id = s.target_id AND c.external_id = s.external_id LIMIT 1
        ) c ON true
        WHERE s.outcome IS NULL AND (c.id IS NULL OR {differs(_values("s", "c"), "c")})
        ORDER BY s.target_id, s.external_id
        ON CONFLICT (post_id, external_id) DO UPDATE
            SET {assignments(_values("excluded", "t"))}, observed_at = {latest("excluded", "t")},
                source_id = {source("excluded", "t")}
        RETURNING t.post_id, t.external_id, (t.xmax = 0) AS is_new
    ) UPDATE stage_comments s SET outcome = CASE WHEN w.is_new THEN 'created' ELSE 'updated' END
      FROM written w WHERE s.target_id = w.post_id AND s.external_id = w.external_id
    """


def merge_comments(source_id: int, workspace_id: Any) -> None:
    """Merges `stage_comments`. Who answers under their own post is told by the keyed hash where no column says it."""
    run(_FIND)
    turn_away("comments", workspace_id)
    run(_UNKNOWN)
    owners = rows(_OWNERS)
    if owners:
        hashes = [pseudonym(str(platform), str(key)) for _id, platform, key in owners]
        run(_IS_OWNER, ids=[owner[0] for owner in owners], hashes=hashes)
    run(_upsert(), source=source_id)
