"""Who waits to be scored again: a list in PostgreSQL that any number of workers share.

A claim is one conditional UPDATE with SKIP LOCKED and a lease; what a killed worker held is claimed again
when its lease ends. A row leaves the list only if nothing newer was asked meanwhile. The newest requests go
first, so that one fresh creator does not wait behind a full pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

LEASE = timedelta(minutes=3)
MAX_ATTEMPTS = 5
PAUSE = timedelta(seconds=30)
"""After a failure, times the attempts made."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Creators to score, each with the time of the request and of the lease that entitle this worker."""

    requested: dict[int, datetime]
    leased_until: datetime

    @property
    def ids(self) -> list[int]:
        return sorted(self.requested)


def request(creator_ids: Sequence[int]) -> None:
    """Puts creators on the list, once each. Runs in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO matching_rescorerequest AS r (creator_id, requested_at, attempts, error)
               SELECT c.id, %s, 0, '' FROM accounts_creator c WHERE c.id = ANY(%s) AND c.erased_at IS NULL ORDER BY c.id
               ON CONFLICT (creator_id) DO UPDATE SET requested_at = excluded.requested_at, attempts = 0, error = ''""",
            [timezone.now(), list(creator_ids)],
        )


def request_all() -> int:
    """Puts every creator on the list that is not on it yet. Returns how many wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO matching_rescorerequest AS r (creator_id, requested_at, attempts, error)
               SELECT c.id, %s, 0, '' FROM accounts_creator c WHERE c.erased_at IS NULL ORDER BY c.id
               ON CONFLICT (creator_id) DO UPDATE SET attempts = 0, error = '' WHERE r.attempts > 0""",
            [timezone.now()],
        )
    return waiting()


def waiting() -> int:
    """Requests that can still succeed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matching_rescorerequest WHERE attempts < %s", [MAX_ATTEMPTS])
        return int(cursor.fetchone()[0])


def given_up() -> int:
    """Requests that failed too often."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM matching_rescorerequest WHERE attempts >= %s", [MAX_ATTEMPTS])
        return int(cursor.fetchone()[0])


def claim(most: int) -> Claim | None:
    """Up to `most` creators for this worker alone until the lease ends; None when nobody waits."""
    now = timezone.now()
    until = now + LEASE
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE matching_rescorerequest r SET leased_until = %s, attempts = r.attempts + 1
               FROM (SELECT creator_id FROM matching_rescorerequest
                     WHERE (leased_until IS NULL OR leased_until < %s) AND attempts < %s
                     ORDER BY requested_at DESC, creator_id LIMIT %s FOR UPDATE SKIP LOCKED) picked
               WHERE r.creator_id = picked.creator_id RETURNING r.creator_id, r.requested_at""",
            [until, now, MAX_ATTEMPTS, most],
        )
        rows = dict(cursor.fetchall())
    return Claim(rows, until) if rows else None


def done(claimed: Claim) -> None:
    """Takes the scored creators off the list; one asked for again meanwhile stays, free for the next worker."""
    ids, times = list(claimed.requested), list(claimed.requested.values())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM matching_rescorerequest r USING unnest(%s::bigint[], %s::timestamptz[]) AS d(id, asked)
               WHERE r.creator_id = d.id AND r.requested_at <= d.asked AND r.leased_until = %s""",
            [ids, times, claimed.leased_until],
        )
        cursor.execute(
            """UPDATE matching_rescorerequest SET leased_until = NULL, attempts = 0
               WHERE creator_id = ANY(%s) AND leased_until = %s""",
            [ids, claimed.leased_until],
        )


def failed(claimed: Claim, error: str) -> None:
    """Leaves the creators on the list with what went wrong; they are tried again after a pause."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE matching_rescorerequest
               SET error = %s, leased_until = now() + make_interval(secs => %s) * attempts
               WHERE creator_id = ANY(%s) AND leased_until = %s""",
            [error[:2000], PAUSE.total_seconds(), list(claimed.requested), claimed.leased_until],
        )


def narrowed(claimed: Claim, ids: Sequence[int]) -> Claim:
    """The part of a claim that concerns these creators."""
    return Claim({pk: claimed.requested[pk] for pk in ids}, claimed.leased_until)
