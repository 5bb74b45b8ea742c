"""Who asked what of the API: noted after the answer, counted by the day, forgotten beyond the last hundred."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import ApiClient, ApiRequest, ApiUsage

logger = logging.getLogger(__name__)
KEPT = 100
BATCH = 20_000


def note_request(
    *, client: ApiClient, method: str, path: str, status: int, took_ms: int, request_id: str = "", code: str = ""
) -> None:
    """Notes one answered request. Never the reason why a request fails."""
    try:
        ApiRequest.objects.create(
            workspace_id=client.workspace_id,
            client=client,
            method=method[:7],
            path=path[:300],
            status=status,
            took_ms=took_ms,
            request_id=request_id[:40],
            code=code[:60],
            at=timezone.now(),
        )
    except DatabaseError:  # a key deleted meanwhile, or PostgreSQL restarting: the answer is out already
        logger.warning("an API request could not be noted", exc_info=True)


def fold(*, most: int = BATCH) -> int:
    """Counts noted requests into days and drops all but each workspace's last hundred. Returns how many were counted."""
    with transaction.atomic():
        rows = ApiRequest.objects.select_for_update(skip_locked=True).filter(counted=False).order_by("id")
        ids = list(rows.values_list("pk", flat=True)[:most])
        if ids:
            _count(ids)
            ApiRequest.objects.filter(pk__in=ids).update(counted=True)
    _drop_old()
    return len(ids)


def _count(ids: list[int]) -> None:
    groups: Any = (
        ApiRequest.objects.filter(pk__in=ids)
        .order_by()
        .annotate(day=TruncDate("at"))
        .values("client_id", "day")
        .annotate(
            requests=Count("pk"),
            refused=Count("pk", filter=Q(status__gte=400, status__lt=500)),
            failed=Count("pk", filter=Q(status__gte=500)),
        )
        .order_by("client_id", "day")
    )
    with connection.cursor() as cursor:
        for row in groups:
            cursor.execute(
                f"""INSERT INTO {ApiUsage._meta.db_table} AS usage (client_id, day, requests, refused, failed)
                VALUES (%s, %s, %s, %s, %s) ON CONFLICT (client_id, day) DO UPDATE SET
                requests = usage.requests + excluded.requests, refused = usage.refused + excluded.refused,
                failed = usage.failed + excluded.failed""",  # noqa: S608  (the table's own name; values are parameters)
                [row["client_id"], row["day"], row["requests"], row["refused"], row["failed"]],
            )


def _drop_old() -> None:
    table = ApiRequest._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DELETE FROM {table} WHERE counted AND id IN (
                SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY workspace_id ORDER BY id DESC) AS place
                FROM {table}) AS ranked WHERE place > %s)""",  # noqa: S608
            [KEPT],
        )
