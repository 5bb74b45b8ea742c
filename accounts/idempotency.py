"""Idempotency-Key: the same request twice is done once and answered alike for 24 hours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from accounts.errors import InvalidInput, WrongState
from accounts.models import IdempotentAnswer

KEPT = timedelta(hours=24)


def once(request: Any, perform: Callable[[], Response]) -> Response:
    """Runs `perform` under the request's Idempotency-Key, or replays what it answered before.

    The effect and the kept answer are committed together, so a killed process leaves neither.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with transaction.atomic():
            return _rolled_back_if_refused(perform())
    if len(key) > 255 or not key.isprintable():
        raise InvalidInput(fields={"Idempotency-Key": [_("At most 255 printable characters.")]})
    with _sole_caller(f"{_scope(request)} {key}") as alone:
        row = _row(request, key)
        if row.status is not None:
            return _replay(row)
        if not alone:
            raise WrongState(
                _("The first request with this key is still being answered."), code="idempotency_in_flight"
            )
        return _perform(row, perform)


def _perform(row: IdempotentAnswer, perform: Callable[[], Response]) -> Response:
    try:
        with transaction.atomic():
            response = _rolled_back_if_refused(perform())
            if response.status_code < 400:
                _keep(row, response)
    except Exception:
        IdempotentAnswer.objects.filter(pk=row.pk, status__isnull=True).delete()
        raise
    if response.status_code >= 400:
        if response.status_code in (409, 429) or response.status_code >= 500:
            IdempotentAnswer.objects.filter(pk=row.pk, status__isnull=True).delete()
        else:
            _keep(row, response)
    return response


def _rolled_back_if_refused(response: Response) -> Response:
    if response.status_code >= 400:
        transaction.set_rollback(True)
    return response


@contextmanager
def _sole_caller(name: str) -> Iterator[bool]:
    """Whether nobody else is answering this very key now.

    A lock of the database session, which dies with its process: after a kill the key is free again at once, and what
    the dead call had done was rolled back with it.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _scope(request: Any) -> str:
    return f"{request.actor.kind}:{request.actor.id}"


def _row(request: Any, key: str) -> IdempotentAnswer:
    """The row of this key, new or kept from a first call; an unanswered one whose caller died is as good as new."""
    body_hash = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + _body(request)).hexdigest()
    scope = _scope(request)
    rows = IdempotentAnswer.objects.filter(scope=scope, key=key)
    rows.filter(created_at__lt=timezone.now() - KEPT).delete()
    row, _created = rows.get_or_create(scope=scope, key=key, defaults={"request_hash": body_hash})
    if row.request_hash != body_hash:
        raise InvalidInput(_("This Idempotency-Key was used with another request."), code="idempotency_key_reused")
    return row


def _body(request: Any) -> bytes:
    """The raw body; of a streamed upload, which is never held in memory, its declared size and type."""
    if hasattr(request._request, "_body"):
        return request._request.body
    return f"{request.headers.get('Content-Length')} {request.headers.get('Content-Type', '').split(';')[0]}".encode()


def _keep(row: IdempotentAnswer, response: Response) -> None:
    body = json.dumps(response.data, cls=JSONEncoder)
    IdempotentAnswer.objects.filter(pk=row.pk).update(status=response.status_code, body=body)


def _replay(row: IdempotentAnswer) -> Response:
    response = Response(json.loads(row.body), status=row.status)
    response["Idempotent-Replayed"] = "true"
    if (row.status or 0) >= 400:
        response.content_type = "application/problem+json"
    return response
