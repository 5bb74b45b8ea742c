"""One transaction's worth of tables, stored in the order in which they need each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from matching.ingest.reasons import Problem, excerpt
from matching.ingest.store.accounts import merge_accounts
from matching.ingest.store.comments import merge_comments
from matching.ingest.store.follower_counts import merge_follower_counts
from matching.ingest.store.newest import rows, run
from matching.ingest.store.posts import merge_posts
from matching.ingest.store.staging import stage
from matching.ingest.tables import Table

# One merge at a time in the whole installation: two imports of the same rows then see each other's work.
_LOCK = 0x1A90_0001
_STORED = ("created", "updated", "unchanged")
_MERGES: Mapping[str, Callable[[int, Any], None]] = {
    "accounts": merge_accounts,
    "posts": merge_posts,
    "comments": merge_comments,
    "follower_counts": merge_follower_counts,
}
# What a refusal names: the value, and for posts of others the handle they are kept under.
_REFUSED = {
    "accounts": "s.handle, ''",
    "posts": "s.external_id, COALESCE((SELECT a.handle FROM accounts_socialaccount a WHERE a.id = s.target_id), '')",
    "comments": "s.post_external_id, ''",
    "follower_counts": "s.handle, ''",
}


@dataclass(slots=True)
class Stored:
    """counts: entity → outcome → rows. refused: entity → (row in the chunk, why). creators: whose data changed.

    outcomes: entity → row → outcome, filled only when asked for.
    """

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    refused: dict[str, list[tuple[int, Problem]]] = field(default_factory=dict)
    creators: set[int] = field(default_factory=set)
    outcomes: dict[str, dict[int, str]] = field(default_factory=dict)


def store_tables(
    tables: Sequence[Table], *, source_id: int, workspace_id: Any, rescore: bool = True, by_row: bool = False
) -> Stored:
    """Merges the tables inside the caller's transaction and asks for the rescoring of whom they changed."""
    stored = Stored()
    run("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off; SET LOCAL random_page_cost = 1.1")
    run("SELECT pg_advisory_xact_lock(%(key)s)", key=_LOCK)
    for table in sorted(tables, key=lambda table: table.entity.rank):
        if len(table):
            stage(table)
            _MERGES[table.entity.name](source_id, workspace_id)
            _collect(table, stored, by_row=by_row)
    if rescore and stored.creators:
        request_rescoring(stored.creators)
    return stored


def _collect(table: Table, stored: Stored, *, by_row: bool) -> None:
    name = table.entity.name
    counts = Counter({str(outcome or "unchanged"): int(n) for outcome, n in rows(_grouped(name))})
    refused = counts.keys() - set(_STORED)
    if refused:
        found = rows(
            f"SELECT s.n, s.outcome, {_REFUSED[name]} FROM stage_{name} s WHERE s.outcome = ANY(%(o)s) ORDER BY s.n",
            o=list(refused),
        )
        stored.refused[name] = [
            (n, Problem(str(code), {"value": excerpt(value), "handle": handle})) for n, code, value, handle in found
        ]
    stored.counts[name] = Counter({key: n for key, n in counts.items() if key in _STORED})
    stored.counts[name]["rejected"] = sum(counts[key] for key in refused)
    changed = rows(f"SELECT DISTINCT creator_id FROM stage_{name} WHERE outcome IN ('created', 'updated')")
    stored.creators.update(int(creator) for (creator,) in changed if creator is not None)
    if by_row:
        stored.outcomes[name] = {
            n: str(outcome or "unchanged") for n, outcome in rows(f"SELECT n, outcome FROM stage_{name}")
        }


def _grouped(name: str) -> str:
    return f"SELECT outcome, count(*) FROM stage_{name} GROUP BY outcome"


def request_rescoring(creators: set[int]) -> None:
    """Puts creators on the list of those to be scored again, once each, in order of their number."""
    run(
        """
        INSERT INTO matching_rescorerequest AS r (creator_id, requested_at, attempts, error)
        SELECT id, %(now)s, 0, '' FROM unnest(%(ids)s::bigint[]) AS id ORDER BY id
        ON CONFLICT (creator_id) DO UPDATE SET requested_at = excluded.requested_at, attempts = 0, error = ''
        """,
        now=timezone.now(),
        ids=sorted(creators),
    )
