"""Finds links and commits clicks: what several threads ask at the same moment goes into one statement and one commit.

Who comes first stores for all who wait meanwhile; nobody is answered before the commit that holds their click. A
statement that failed is repeated for each of them alone, on a fresh connection: the id of a click is made before, so
that nothing is stored twice. One click alone costs what it cost before; four together cost little more than one.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg2
from django.db import Error as DatabaseFault
from django.db import connection

from campaigns.links.visitors import salt_of_today, visitor_hash

MOST = 64
_KEPT = ("id", "minute", "hour", "country", "device", "referrer", "is_bot", "bot_reason", "visitor")
_PREPARE = """
SET plan_cache_mode = force_generic_plan;
PREPARE resonance_clicks (text[], uuid[], timestamptz[], timestamptz[], text[], text[], text[], boolean[], text[],
    bytea[], timestamptz) AS
WITH hit AS (
    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        AS h (slug, id, minute, hour, country, device, referrer, is_bot, bot_reason, visitor)
), found AS (
    SELECT hit.*, link.id AS link, link.target, link.click_param,
        CASE WHEN link.state = 'paused' THEN 'paused'
             WHEN campaign.state IN ('closed', 'cancelled') THEN 'over'
             WHEN link.expires_at <= $11 THEN 'expired'
             WHEN link.problem IN ('private', 'not_https', 'chain') THEN 'withheld'
             ELSE 'open' END AS status
    FROM hit JOIN campaigns_trackedlink link ON link.slug = hit.slug
    JOIN campaigns_campaign campaign ON campaign.id = link.campaign_id
), stored AS (
    INSERT INTO campaigns_click
        (id, link_id, minute, hour, country, device, referrer, is_bot, bot_reason, visitor)
    SELECT id, link, minute, hour, country, device, referrer, is_bot, bot_reason, visitor FROM found WHERE status = 'open'
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT found.id, link, target, click_param, status, stored.id IS NOT NULL
FROM found LEFT JOIN stored ON stored.id = found.id
"""
_ARRAYS = """(%(slug)s::text[], %(id)s::uuid[], %(minute)s::timestamptz[], %(hour)s::timestamptz[], %(country)s::text[],
    %(device)s::text[], %(referrer)s::text[], %(is_bot)s::boolean[], %(bot_reason)s::text[], %(visitor)s::bytea[], %(now)s)"""
_EXECUTE = f"EXECUTE resonance_clicks {_ARRAYS}"
_STORE_AGAIN = """
INSERT INTO campaigns_click
    (id, link_id, minute, hour, country, device, referrer, is_bot, bot_reason, visitor, dedup_of)
VALUES (%(id)s, %(link)s, %(minute)s, %(hour)s, %(country)s, %(device)s, %(referrer)s, %(is_bot)s, %(bot_reason)s,
    %(visitor)s, (SELECT id FROM campaigns_click WHERE link_id = %(link)s AND visitor = %(visitor)s AND hour = %(hour)s
        AND NOT is_bot AND dedup_of IS NULL))
ON CONFLICT (id) DO NOTHING
"""


class Found(NamedTuple):
    """status: open, paused, over, expired, withheld or unknown. location: only where open."""

    status: str
    location: str = ""


class Wish:
    """A click that waits for its commit. Exactly one of `found` and `failure` is set once it is done."""

    __slots__ = ("failure", "found", "hit", "network", "slug")

    def __init__(self, slug: str, hit: dict[str, Any], network: bytes) -> None:
        self.slug, self.hit, self.network = slug, hit, network
        self.found: Found | None = None
        self.failure: Exception | None = None


_waiting: deque[Wish] = deque()
_turn = threading.Lock()
_prepared = threading.local()


def store(slug: str, hit: dict[str, Any], network: bytes) -> Found:
    """Finds the link and commits the click, perhaps together with others. A connection that turns out dead is
    replaced once. Raises what the database said otherwise."""
    wish = Wish(slug, hit, network)
    _waiting.append(wish)
    with _turn:
        if wish.found is None and wish.failure is None:
            _store_all([_waiting.popleft() for _n in range(min(len(_waiting), MOST))])
    if (
        wish.found is None
        and isinstance(wish.failure, psycopg2.Error | DatabaseFault)
        and not connection.in_atomic_block
    ):
        connection.close()
        _store([wish])
    if wish.found is None:
        raise wish.failure or RuntimeError("a click was neither stored nor refused")
    return wish.found


def _store_all(batch: Sequence[Wish]) -> None:
    """Never raises: whoever waits must learn what became of theirs."""
    try:
        _store(batch)
    except Exception as failure:
        for wish in batch:
            wish.failure = failure


def _store(batch: Sequence[Wish]) -> None:
    connection.ensure_connection()
    raw = connection.connection
    with raw.cursor() as cursor:
        if getattr(_prepared, "on", None) is not raw:
            cursor.execute(_PREPARE)
            _prepared.on = raw
        for wish in batch:
            salt = salt_of_today(cursor, wish.hit["now"])
            wish.hit["visitor"] = None if wish.hit["is_bot"] else visitor_hash(salt, wish.network, wish.hit["device"])
        columns: dict[str, Any] = {name: [wish.hit[name] for wish in batch] for name in _KEPT}
        cursor.execute(_EXECUTE, columns | {"slug": [wish.slug for wish in batch], "now": batch[0].hit["now"]})
        rows = {str(row[0]): row[1:] for row in cursor.fetchall()}
        for wish in batch:
            link, _target, _parameter, status, stored = rows.get(wish.hit["id"], (None, "", "", "unknown", False))
            if status == "open" and not stored:
                cursor.execute(_STORE_AGAIN, wish.hit | {"link": link})
    for wish in batch:
        _link, target, parameter, status, _stored = rows.get(wish.hit["id"], (None, "", "", "unknown", False))
        if status == "open" and parameter:
            target += f"{'&' if '?' in target else '?'}{parameter}={wish.hit['id']}"
        wish.found = Found(status, target if status == "open" else "")
