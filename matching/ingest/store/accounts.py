"""Accounts and the people behind them."""

from __future__ import annotations

from typing import Any

from matching.ingest.store.newest import (
    LIST,
    PLAIN,
    TEXT,
    assignments,
    differs,
    latest,
    listed,
    merged,
    newest,
    run,
    source,
)
from matching.ingest.store.objections import turn_away
from matching.ingest.store.staging import create

_ACCOUNT = {
    "handle": TEXT, "external_id": TEXT, "url": TEXT, "display_name": TEXT, "bio": TEXT, "category": TEXT,
    "followers": PLAIN, "following": PLAIN, "posts_count": PLAIN, "is_verified": PLAIN,
}  # fmt: skip
_PERSON = {"bio": TEXT, "country": TEXT, "city": TEXT, "languages": LIST, "contact_email": TEXT}

FIND = """
UPDATE stage_{entity} s SET account_id = a.id, creator_id = a.creator_id,
    outcome = CASE WHEN c.erased_at IS NOT NULL THEN 'objected' ELSE s.outcome END
FROM accounts_socialaccount a JOIN accounts_creator c ON c.id = a.creator_id
WHERE a.platform = s.platform AND a.handle_key = s.handle_key
"""
_NEW = "s.account_id IS NULL AND s.outcome IS NULL"
_CREATORS = f"""
INSERT INTO accounts_creator (id, display_name, bio, country, city, languages, niche_hint, contact_email, is_minor,
    source_id, observed_at, created_at)
SELECT s.creator_id, COALESCE(NULLIF(s.display_name, ''), s.handle), s.bio, s.country, s.city, s.languages, s.category,
    s.contact_email, false, %(source)s, s.observed_at, now()
FROM stage_accounts s WHERE {_NEW} ORDER BY s.creator_id
"""
_ACCOUNTS = f"""
INSERT INTO accounts_socialaccount (creator_id, platform, handle_key, {listed(_ACCOUNT)}, source_id, observed_at)
SELECT s.creator_id, s.platform, s.handle_key, {listed(_ACCOUNT, "s")}, %(source)s, s.observed_at
FROM stage_accounts s WHERE {_NEW} ORDER BY s.platform, s.handle_key
ON CONFLICT (platform, handle_key) DO NOTHING
"""
_FOUND_OURS = f"""
UPDATE stage_accounts s SET account_id = a.id, outcome = 'created'
FROM accounts_socialaccount a
WHERE {_NEW} AND a.platform = s.platform AND a.handle_key = s.handle_key AND a.creator_id = s.creator_id
"""
_LOST = f"DELETE FROM accounts_creator c USING stage_accounts s WHERE {_NEW} AND c.id = s.creator_id"


def create_missing(source_id: int) -> None:
    """Accounts in `stage_accounts` that do not exist yet, each with its (unclaimed) creator."""
    run(
        "UPDATE stage_accounts s SET creator_id = nextval(pg_get_serial_sequence('accounts_creator', 'id')) "
        f"WHERE {_NEW}"
    )
    wanted = run(_CREATORS, source=source_id)
    if wanted and run(_ACCOUNTS, source=source_id) < wanted:
        run(_FOUND_OURS)
        run(_LOST)  # somebody else created these accounts meanwhile
        run(FIND.format(entity="accounts") + " AND s.outcome IS NULL")
    elif wanted:
        run(_FOUND_OURS)


def _update_accounts() -> str:
    values = merged(_ACCOUNT, "s", "t") | {"observed_at": latest("s", "t")}
    return f"""
    WITH changed AS (
        UPDATE accounts_socialaccount t SET {assignments(values)}, source_id = {source("s", "t")}
        FROM (SELECT *, %(source)s::bigint AS source_id FROM stage_accounts) s
        WHERE t.id = s.account_id AND s.outcome IS NULL AND {differs(values, "t")} RETURNING s.n
    ) UPDATE stage_accounts s SET outcome = 'updated' FROM changed WHERE s.n = changed.n
    """


def _update_creators() -> str:
    """A person's own facts come from their first account; the others only fill what is blank."""
    values = merged(_PERSON, "s", "t") | {
        "display_name": f"COALESCE({newest('display_name', TEXT, 's', 'o')}, t.display_name)",
        "niche_hint": "COALESCE(NULLIF(t.niche_hint, ''), s.category)",
        "observed_at": latest("s", "t"),
    }
    return f"""
    WITH changed AS (
        UPDATE accounts_creator t SET {assignments(values)}, source_id = {source("s", "t")}
        FROM (SELECT DISTINCT ON (s.creator_id) s.creator_id, s.handle, s.category, s.display_name,
                     {listed(_PERSON, "s")},
                     CASE WHEN first.id = s.account_id THEN s.observed_at ELSE '-infinity' END AS observed_at,
                     %(source)s::bigint AS source_id
              FROM stage_accounts s
              JOIN LATERAL (SELECT min(id) AS id FROM accounts_socialaccount WHERE creator_id = s.creator_id) first
                ON true
              WHERE s.outcome IS DISTINCT FROM 'created' AND s.outcome IS DISTINCT FROM 'objected'
              ORDER BY s.creator_id, s.account_id) s,
             LATERAL (SELECT observed_at, NULLIF(display_name, s.handle) AS display_name
                      FROM accounts_creator WHERE id = s.creator_id) o
        WHERE t.id = s.creator_id AND t.claimed_at IS NULL AND t.user_id IS NULL AND t.corrected = '{{}}' AND {differs(values, "t")}
        RETURNING s.creator_id
    ) UPDATE stage_accounts s SET outcome = 'updated' FROM changed
      WHERE s.creator_id = changed.creator_id AND s.outcome IS NULL
    """


HISTORY = """
WITH added AS (
    INSERT INTO matching_followercount AS t (account_id, observed_at, followers, following, source_id)
    SELECT s.account_id, s.observed_at, s.followers, s.following, %(source)s FROM stage_{entity} s
    LEFT JOIN matching_followercount f ON f.account_id = s.account_id AND f.observed_at = s.observed_at
    WHERE s.followers IS NOT NULL AND s.account_id IS NOT NULL AND s.outcome IS DISTINCT FROM 'objected'
      AND (f.id IS NULL OR
           (f.followers, f.following) IS DISTINCT FROM (s.followers, COALESCE(s.following, f.following)))
    ORDER BY s.account_id, s.observed_at
    ON CONFLICT (account_id, observed_at) DO UPDATE
        SET followers = excluded.followers, following = COALESCE(excluded.following, t.following),
            source_id = excluded.source_id
    RETURNING t.account_id, t.observed_at, (t.xmax = 0) AS is_new
) UPDATE stage_{entity} s SET outcome = CASE WHEN {new} AND added.is_new THEN 'created' ELSE 'updated' END
  FROM added WHERE s.account_id = added.account_id AND s.observed_at = added.observed_at AND s.outcome IS NULL
"""


def merge_accounts(source_id: int, workspace_id: Any) -> None:
    """Merges `stage_accounts`. Facts that a person gave about themself (claimed, or put right) are never overwritten."""
    run(FIND.format(entity="accounts"))
    turn_away("accounts", workspace_id)
    create_missing(source_id)
    run(_update_accounts(), source=source_id)
    run(_update_creators(), source=source_id)
    run(HISTORY.format(entity="accounts", new="false"), source=source_id)


def resolve_accounts(entity: str, source_id: int, workspace_id: Any) -> None:
    """Finds the account of every row of `stage_<entity>`; one that nobody named before is created."""
    run(FIND.format(entity=entity))
    turn_away(entity, workspace_id)
    create("accounts")
    named = run(
        f"""
        INSERT INTO stage_accounts (n, platform, handle, handle_key, external_id, display_name, bio, url, country, city,
            languages, category, contact_email, observed_at)
        SELECT DISTINCT ON (s.platform, s.handle_key) s.n, s.platform, s.handle, s.handle_key, '', '', '', '', '', '',
            '{{}}'::varchar[], '', '', s.observed_at
        FROM stage_{entity} s WHERE s.account_id IS NULL AND s.outcome IS NULL
        ORDER BY s.platform, s.handle_key, s.observed_at
        """
    )
    if named:
        create_missing(source_id)
        run(FIND.format(entity=entity) + " AND s.account_id IS NULL")
