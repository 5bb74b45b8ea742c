"""What past partnerships say about creators, told to the engine as sums (`matching.history`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import connection

from matching import history
from matching.history import Answers, PartnershipHistory

_SUMS = """
SELECT p.creator_id,
    count(*) FILTER (WHERE p.answered_at IS NOT NULL OR p.state = 'expired'),
    count(*) FILTER (WHERE p.answered_at IS NOT NULL),
    count(*) FILTER (WHERE p.accepted_at IS NOT NULL),
    coalesce(sum(ln(greatest(extract(epoch FROM p.answered_at - p.invited_at) / 3600, 0.1)))
        FILTER (WHERE p.answered_at >= p.invited_at), 0)::float8,
    count(*) FILTER (WHERE p.answered_at >= p.invited_at),
    count(*) FILTER (WHERE o.due_on IS NOT NULL AND (l.at IS NOT NULL OR o.due_on < current_date)
        AND p.state IN ('accepted', 'contracted', 'live', 'completed')),
    count(*) FILTER (WHERE l.at::date <= o.due_on AND p.state IN ('accepted', 'contracted', 'live', 'completed')),
    count(*) FILTER (WHERE p.accepted_at IS NOT NULL AND p.state IN ('completed', 'cancelled')),
    count(*) FILTER (WHERE p.accepted_at IS NOT NULL AND p.closing_code = 'creator')
FROM campaigns_partnership p
LEFT JOIN campaigns_offer o ON o.partnership_id = p.id AND o.state = 'accepted'
LEFT JOIN LATERAL (
    SELECT min(e.at) AS at FROM accounts_event e
    WHERE e.object_type = 'partnership' AND e.object_id = p.id::text AND e.kind = 'partnership.live'
) l ON true
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
    """Over all workspaces, numbers only. A cancellation counts against a creator only where it was theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, [list(creator_ids)])
        return [
            PartnershipHistory(
                creator_id=pk,
                invited=invited,
                answered=answered,
                accepted=accepted,
                log_hours=log_hours,
                timed=timed,
                due=due,
                on_time=on_time,
                finished=finished,
                withdrawn=withdrawn,
            )
            for pk, invited, answered, accepted, log_hours, timed, due, on_time, finished, withdrawn in cursor.fetchall()
        ]


def answers() -> Answers:
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERS)
        rows = cursor.fetchall()
    return Answers(np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], float))


def register() -> None:
    history.register(histories=histories, answers=answers)
