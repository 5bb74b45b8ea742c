"""Idempotency-Key: the same request twice is done once and answered alike for 24 hours."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from accounts.errors import InvalidInput, WrongState
from accounts.models import IdempotentAnswer

KEPT = timedelta(hours=24)
IN_FLIGHT = timedelta(minutes=2)


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
    row = _claim(request, key)
    if row.status is not None:
        return _replay(row)
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


def _claim(request: Any, key: str) -> IdempotentAnswer:
    actor = request.actor
    scope = f"{actor.kind}:{actor.id}"
    body_hash = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + _body(request)).hexdigest()
    now = timezone.now()
    rows = IdempotentAnswer.objects.filter(scope=scope, key=key)
    rows.filter(created_at__lt=now - KEPT).delete()
    row, created = rows.get_or_create(scope=scope, key=key, defaults={"request_hash": body_hash})
    if row.request_hash != body_hash:
        raise InvalidInput(_("This Idempotency-Key was used with another request."), code="idempotency_key_reused")
    if not created and row.status is None:
        # A call that died long ago left no effect (it was rolled back): exactly one caller takes its place.
        taken = rows.filter(status__isnull=True, created_at=row.created_at, created_at__lt=now - IN_FLIGHT)
        if not taken.update(created_at=now):
            raise WrongState(
                _("The first request with this key is still being answered."), code="idempotency_in_flight"
            )
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
