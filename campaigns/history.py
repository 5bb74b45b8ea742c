"""What past partnerships say about creators, told to the engine as sums (`matching.history`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import connection

from matching import history
from matching.history import Answers, PartnershipHistory

# One row per partnership first, so that neither a long thread nor a deal of many pieces counts more than once as an answer.
# Pieces replace the offer's day where there are any: a piece that waits for the brand, or was taken off, is nobody's delay.
# "Ended badly" is the brand's own mark for working together, 1 or 2 of 5, in the debrief.
_SUMS = """
SELECT p.creator_id,
    count(*) FILTER (WHERE p.answered_at IS NOT NULL OR p.state = 'expired'),
    count(*) FILTER (WHERE p.answered_at IS NOT NULL),
    count(*) FILTER (WHERE p.accepted_at IS NOT NULL),
    coalesce(sum(ln(greatest(extract(epoch FROM p.answered_at - p.invited_at) / 3600, 0.1)))
        FILTER (WHERE p.answered_at >= p.invited_at), 0)::float8 + coalesce(sum(m.log_hours), 0)::float8,
    count(*) FILTER (WHERE p.answered_at >= p.invited_at) + count(m.log_hours),
    sum(CASE WHEN NOT b.agreed THEN 0 WHEN w.pieces > 0 THEN w.due
        ELSE (o.due_on IS NOT NULL AND (l.at IS NOT NULL OR o.due_on < current_date))::int END)::int,
    sum(CASE WHEN NOT b.agreed THEN 0 WHEN w.pieces > 0 THEN w.on_time ELSE coalesce(l.at::date <= o.due_on, false)::int END)::int,
    coalesce(sum(w.rounds), 0)::int,
    coalesce(sum(w.reviewed), 0)::int,
    count(*) FILTER (WHERE p.accepted_at IS NOT NULL AND p.state IN ('completed', 'cancelled')),
    count(*) FILTER (WHERE p.state = 'completed' AND d.cooperation <= 2),
    count(*) FILTER (WHERE p.accepted_at IS NOT NULL AND p.closing_code = 'creator')
FROM campaigns_partnership p
CROSS JOIN LATERAL (SELECT p.state IN ('accepted', 'contracted', 'live', 'completed') AS agreed) b
LEFT JOIN campaigns_offer o ON o.partnership_id = p.id AND o.state = 'accepted'
LEFT JOIN campaigns_debrief d ON d.partnership_id = p.id AND d.side = 'brand'
LEFT JOIN LATERAL (
    SELECT min(e.at) AS at FROM accounts_event e
    WHERE e.object_type = 'partnership' AND e.object_id = p.id::text AND e.kind = 'partnership.live'
) l ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS pieces,
        count(*) FILTER (WHERE due_on IS NOT NULL AND (published_at IS NOT NULL OR state = 'missed'
            OR (due_on < current_date AND state IN ('planned', 'changes_requested', 'approved')))) AS due,
        count(*) FILTER (WHERE published_at::date <= due_on) AS on_time,
        sum(rounds_used) FILTER (WHERE state IN ('approved', 'published', 'verified')) AS rounds,
        count(*) FILTER (WHERE state IN ('approved', 'published', 'verified')) AS reviewed
    FROM campaigns_deliverable WHERE partnership_id = p.id AND state <> 'cancelled'
) w ON true
LEFT JOIN LATERAL (
    SELECT avg(ln(greatest(reply_seconds / 3600.0, 0.1))) AS log_hours FROM campaigns_message
    WHERE partnership_id = p.id AND side = 'creator' AND reply_seconds IS NOT NULL AND NOT held
) m ON true
WHERE p.creator_id = ANY(%s) AND p.invited_at IS NOT NULL GROUP BY p.creator_id
"""
_ANSWERS = """
SELECT coalesce(1 / (1 + exp(-(f.family ->> 'logit')::float8)), (f.family ->> 'chance')::float8), (p.accepted_at IS NOT NULL)::int
FROM campaigns_partnership p
JOIN matching_matchresult r ON r.id = p.match_result_id
CROSS JOIN LATERAL (
    SELECT jsonb_path_query_first(r.fit, '$.families[*] ? (@.family == "willingness").details') AS family
) f
WHERE (p.answered_at IS NOT NULL OR p.state = 'expired') AND f.family ->> 'chance' IS NOT NULL
ORDER BY p.id
"""


def histories(creator_ids: Sequence[int]) -> list[PartnershipHistory]:
    """Over all workspaces, numbers only. A cancellation counts against a creator only where it was theirs.

    The columns of the query stand in the order of PartnershipHistory's fields.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [list(creator_ids)])
        return [PartnershipHistory(*row) for row in cursor.fetchall()]


def answers() -> Answers:
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS)
        rows = cursor.fetchall()
    return Answers(np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], float))


def register() -> None:
    history.register(histories=histories, answers=answers)
