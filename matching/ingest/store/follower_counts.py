"""Followers of accounts over time."""

from __future__ import annotations

from typing import Any

from matching.ingest.store.accounts import HISTORY, resolve_accounts
from matching.ingest.store.newest import run

_LATEST = """
UPDATE accounts_socialaccount t SET followers = s.followers, following = COALESCE(s.following, t.following),
    observed_at = s.observed_at, source_id = %(source)s
FROM (SELECT DISTINCT ON (account_id) * FROM stage_follower_counts
      WHERE outcome IS DISTINCT FROM 'objected' ORDER BY account_id, observed_at DESC, n DESC) s
WHERE t.id = s.account_id
  AND (t.followers IS NULL OR t.observed_at IS NULL OR s.observed_at >= t.observed_at)
  AND (t.followers, t.following, t.observed_at)
      IS DISTINCT FROM (s.followers, COALESCE(s.following, t.following), s.observed_at)
"""


def merge_follower_counts(source_id: int, workspace_id: Any) -> None:
    """Merges `stage_follower_counts`; the newest count is also the account's own."""
    resolve_accounts("follower_counts", source_id, workspace_id)
    run(HISTORY.format(entity="follower_counts", new="true"), source=source_id)
    run(_LATEST, source=source_id)
