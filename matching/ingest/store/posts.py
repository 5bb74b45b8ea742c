"""Posts and the history of their counters."""

from __future__ import annotations

from typing import Any

from matching.ingest.store.accounts import resolve_accounts
from matching.ingest.store.newest import (
    PLAIN,
    TEXT,
    assignments,
    differs,
    is_newer,
    latest,
    listed,
    merged,
    run,
    source,
)

_METRICS = ("likes", "comments_count", "shares", "saves", "views", "reach")
_COLUMNS = {
    "posted_at": PLAIN, "kind": TEXT, "caption": TEXT, "alt_text": TEXT, "url": TEXT, "language": TEXT,
    "location": TEXT, "sponsors": "list", "is_sponsored": PLAIN, **dict.fromkeys(_METRICS, PLAIN),
}  # fmt: skip

_OTHERS = """
UPDATE stage_posts s SET outcome = 'other_account', target_id = p.account_id
FROM matching_post p
WHERE p.platform = s.platform AND p.external_id = s.external_id AND p.account_id <> s.account_id AND s.outcome IS NULL
"""


def _values(new: str, old: str) -> dict[str, str]:
    """Hashtags and mentions belong to the caption they were read from, and change with it only."""
    told = {
        "hashtags": ("{}.caption <> ''", "hashtags"),
        "mentions": ("({0}.caption <> '' OR {0}.mentions <> '{{}}')", "mentions"),
    }
    values = merged(_COLUMNS, new, old) | {"observed_at": latest(new, old)}
    for name, (given, column) in told.items():
        a, b = f"{new}.{column}", f"{old}.{column}"
        newer = f"CASE WHEN {given.format(new)} THEN {a} ELSE {b} END"
        older = f"CASE WHEN {given.format(old)} THEN {b} ELSE {a} END"
        values[name] = f"CASE WHEN {is_newer(new, old)} THEN {newer} ELSE {older} END"
    return values


def _upsert() -> str:
    stored = (*_COLUMNS, "hashtags", "mentions", "observed_at")
    return f"""
    WITH written AS (
        INSERT INTO matching_post AS t (account_id, platform, external_id, {listed(stored)}, source_id)
        SELECT s.account_id, s.platform, s.external_id, {listed(stored, "s")}, %(source)s
        FROM stage_posts s
        LEFT JOIN matching_post p ON p.platform = s.platform AND p.external_id = s.external_id
        WHERE s.outcome IS NULL AND (p.id IS NULL OR {differs(_values("s", "p"), "p")})
        ORDER BY s.platform, s.external_id
        ON CONFLICT (platform, external_id) DO UPDATE
            SET {assignments(_values("excluded", "t"))}, source_id = {source("excluded", "t")}
            WHERE t.account_id = excluded.account_id
        RETURNING t.id, t.platform, t.external_id, (t.xmax = 0) AS is_new
    ) UPDATE stage_posts s SET target_id = w.id, outcome = CASE WHEN w.is_new THEN 'created' ELSE 'updated' END
      FROM written w WHERE s.platform = w.platform AND s.external_id = w.external_id
    """


_HISTORY = f"""
WITH written AS (
    INSERT INTO matching_postmetrics AS t (post_id, observed_at, {listed(_METRICS)}, source_id)
    SELECT s.target_id, s.observed_at, {listed(_METRICS, "s")}, %(source)s FROM stage_posts s
    LEFT JOIN matching_postmetrics m ON m.post_id = s.target_id AND m.observed_at = s.observed_at
    WHERE s.target_id IS NOT NULL AND (s.outcome IS NULL OR s.outcome IN ('created', 'updated'))
      AND COALESCE({listed(_METRICS, "s")}) IS NOT NULL
      AND (m.id IS NULL OR ({listed(_METRICS, "m")}) IS DISTINCT FROM
           ({", ".join(f"COALESCE(s.{name}, m.{name})" for name in _METRICS)}))
    ORDER BY s.target_id, s.observed_at
    ON CONFLICT (post_id, observed_at) DO UPDATE
        SET {", ".join(f"{name} = COALESCE(excluded.{name}, t.{name})" for name in _METRICS)},
            source_id = excluded.source_id
    RETURNING t.post_id
) UPDATE stage_posts s SET outcome = 'updated' FROM written w WHERE s.target_id = w.post_id AND s.outcome IS NULL
"""
_KNOWN = """
UPDATE stage_posts s SET target_id = p.id FROM matching_post p
WHERE s.outcome IS NULL AND p.platform = s.platform AND p.external_id = s.external_id
"""


def merge_posts(source_id: int, workspace_id: Any) -> None:
    """Merges `stage_posts`. A post never moves from one account to another."""
    resolve_accounts("posts", source_id, workspace_id)
    run(_OTHERS)
    run(_upsert(), source=source_id)
    run(_KNOWN)
    run(_HISTORY, source=source_id)
