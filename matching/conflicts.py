"""Partnerships of candidates with a brief's competitors, from the partners kept with their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db import connection

from matching.contracts import Brief
from matching.ranking.pool import Pool
from matching.signals.sponsorship import brand_hashes


@dataclass(frozen=True, slots=True)
class Conflict:
    """The newest partnership with a competitor: its name as the brief has it, days ago, and the post."""

    competitor: str
    days: int
    post: int


def conflicts_of(creator_ids: Sequence[int], brief: Brief) -> dict[int, Conflict]:
    """By creator, for those who published with a competitor. One query, none without competitors."""
    names = {value: name for name in brief.competitors for value in brand_hashes(name)}
    if not names or not creator_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.creator_id, (p.partner ->> 0)::bigint, (p.partner ->> 2)::int, (p.partner ->> 3)::bigint
               FROM matching_signals s
               CROSS JOIN LATERAL jsonb_array_elements(s.payload #> '{selectivity,details,partners}') AS p(partner)
               WHERE s.is_current AND s.creator_id = ANY(%s) ORDER BY 1, 3 DESC""",
            [list(creator_ids)],
        )
        rows = cursor.fetchall()
    found: dict[int, Conflict] = {}
    for creator, brand, days, post in rows:  # the newest comes last and stays
        if (name := names.get(brand & (2**64 - 1))) is not None:
            found[creator] = Conflict(name, days, post)
    return found


def with_conflicts(pool: Pool, conflicts: Mapping[int, Conflict]) -> Pool:
    """The pool with the days since each creator's last partnership with a competitor."""
    days = [conflicts[pk].days if pk in conflicts else np.nan for pk in pool.creator_id.tolist()]
    return replace(pool, competitor_days=np.array(days, np.float64))
