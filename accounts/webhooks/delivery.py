"""Bringing messages: due rows in PostgreSQL, one sender per endpoint, later attempts over more than 24 hours.

An endpoint is claimed by a conditional UPDATE with a lease; one that hangs holds one thread for ten seconds and then
rests, the others go on. Messages about one object go in the order of their sequence: a later one waits while an
earlier one is owed. A killed sender's claim ends by itself and the message is brought by the next, under the same
`webhook-id`, by which receivers know what they had.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from standardwebhooks import Webhook

from accounts import outbound
from accounts.actors import SYSTEM
from accounts.events import record_event
from accounts.models import Reaction, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.sealing import SealBroken, unseal
from accounts.webhooks.messages import REACTION

logger = logging.getLogger(__name__)

# Seconds before the second, third, … attempt: 33 hours in all, 28 when chance shortens every one.
DELAYS = (10, 30, 90, 270, 810, 2430, 7290, 21_870, 43_200, 43_200)
JITTER = 0.15
SECONDS = 10.0
LEASE = timedelta(seconds=30)
LONGEST_REST = 300
KEPT_ANSWER = 4096
# An endpoint that took nothing for this long, and at least this often, is paused and its people are told.
PAUSED_AFTER = timedelta(hours=24)
PAUSED_FAILURES = 10
KEPT_DAYS = 30


def deliver_due(*, seconds: float = 20.0, threads: int = 1) -> int:
    """Brings what is due, until nothing is or the time is over. Returns the number of attempts.

    threads > 1: that many endpoints at a time, each on its own connection.
    """
    until = time.monotonic() + seconds
    if threads <= 1:
        return _work(until)
    counts: list[int] = []

    def run() -> None:
        try:
            counts.append(_work(until))
        finally:
            connection.close()

    crew = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    for one in crew:
        one.start()
    for one in crew:
        one.join(seconds + 2 * SECONDS)
    return sum(counts)


def _work(until: float) -> int:
    done = 0
    while time.monotonic() < until:
        claimed = _claim()
        if claimed is None:
            break
        done += _serve(*claimed, until)
    return done


def _due(now: datetime) -> models.QuerySet[WebhookDelivery]:
    """Messages whose turn it is: due, and none about the same object before them."""
    earlier = WebhookDelivery.objects.filter(
        endpoint=OuterRef("endpoint"),
        state="pending",
        object_type=OuterRef("object_type"),
        object_id=OuterRef("object_id"),
        sequence__lt=OuterRef("sequence"),
    )
    unwritten = Reaction.objects.filter(
        name=REACTION,
        state="pending",
        event__object_type=OuterRef("object_type"),
        event__object_id=OuterRef("object_id"),
        event_id__lt=OuterRef("sequence"),
    )
    return WebhookDelivery.objects.filter(~Exists(earlier), ~Exists(unwritten), state="pending", due_at__lte=now)


def _free(now: datetime) -> Q:
    rested = Q(resting_until__isnull=True) | Q(resting_until__lte=now)
    return Q(state="active") & rested & (Q(leased_until__isnull=True) | Q(leased_until__lt=now))


def _claim() -> tuple[Any, datetime] | None:
    """An endpoint with something due that nobody serves, and the end of our claim on it."""
    now = timezone.now()
    waiting = WebhookEndpoint.objects.filter(_free(now)).filter(Exists(_due(now).filter(endpoint=OuterRef("pk"))))
    for pk in list(waiting.order_by(F("last_success_at").asc(nulls_first=True)).values_list("pk", flat=True)[:50]):
        lease = timezone.now() + LEASE
        if WebhookEndpoint.objects.filter(_free(now), pk=pk).update(leased_until=lease):
            return pk, lease
    return None


def _serve(pk: Any, lease: datetime, until: float) -> int:
    """Brings one endpoint's messages one after the other, until one fails, none is due or the time is over."""
    done, going = 0, True
    while going and time.monotonic() < until:
        delivery = _due(timezone.now()).filter(endpoint_id=pk).order_by("sequence", "id").first()
        if delivery is None:
            break
        longer = timezone.now() + LEASE
        if not WebhookEndpoint.objects.filter(pk=pk, leased_until=lease, state="active").update(leased_until=longer):
            return done
        lease = longer
        endpoint = WebhookEndpoint.objects.select_related("workspace").get(pk=pk)
        going = _attempt(endpoint, delivery)
        done += 1
    WebhookEndpoint.objects.filter(pk=pk, leased_until=lease).update(leased_until=None)
    return done


def headers_of(endpoint: WebhookEndpoint, delivery: WebhookDelivery, at: datetime) -> dict[str, str]:
    """The three headers of Standard Webhooks; while a secret is being changed, both sign."""
    keys = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > at:
        keys.append(endpoint.old_secret)
    name = str(delivery.pk)
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(Webhook(unseal(key)).sign(name, at, delivery.body) for key in keys),
    }


def _attempt(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> bool:
    """One try and its record. True when the endpoint took the message."""
    at = timezone.now()
    status, error, text, started = None, "", "", time.monotonic()
    try:
        answer = outbound.call(
            "POST",
            endpoint.url,
            body=delivery.body.encode(),
            headers=headers_of(endpoint, delivery, at),
            seconds=SECONDS,
            most_bytes=KEPT_ANSWER,
        )
        status, text = answer.status, answer.body.decode("utf-8", "replace").replace("\x00", "�")
    except (outbound.TargetRefused, outbound.TargetFailed) as fault:
        error = fault.code
    except SealBroken:
        error = "secret"
    took = int((time.monotonic() - started) * 1000)
    good = status is not None and 200 <= status < 300
    if status is not None and not good:
        error = "redirect" if 300 <= status < 400 else "status"
    with transaction.atomic():
        kept = WebhookDelivery.objects.filter(pk=delivery.pk, state="pending", attempts=delivery.attempts)
        if not kept.update(**_outcome(delivery, good, status, error)):
            return False  # somebody else brought it while our claim had ended
        WebhookAttempt.objects.create(
            delivery=delivery,
            number=delivery.attempts + 1,
            at=at,
            took_ms=took,
            status=status,
            error=error,
            answer=text,
        )
        _note(endpoint, good=good, status=status)
    return good


def _outcome(delivery: WebhookDelivery, good: bool, status: int | None, error: str) -> dict[str, Any]:
    now = timezone.now()
    changes: dict[str, Any] = {
        "attempts": delivery.attempts + 1,
        "tries": delivery.tries + 1,
        "last_status": status,
        "last_error": error,
    }
    if good:
        return changes | {"state": "delivered", "delivered_at": now}
    if delivery.tries >= len(DELAYS):
        return changes | {"state": "failed"}
    return changes | {"due_at": now + timedelta(seconds=_spread(DELAYS[delivery.tries]))}


def _spread(seconds: float) -> float:
    """Chance keeps many messages that failed together from coming back together."""
    return seconds * (1 - JITTER + 2 * JITTER * secrets.randbelow(10_001) / 10_000)


def _note(endpoint: WebhookEndpoint, *, good: bool, status: int | None) -> None:
    now = timezone.now()
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if good:
        rows.update(failures=0, failing_since=None, resting_until=None, last_success_at=now)
        return
    failures = endpoint.failures + 1
    since = endpoint.failing_since or now
    rest = timedelta(seconds=_spread(min(LONGEST_REST, 2 ** min(failures, 9))))
    rows.update(failures=failures, failing_since=since, resting_until=now + rest)
    if status == 410:
        pause(endpoint, "gone")
    elif failures >= PAUSED_FAILURES and now - since >= PAUSED_AFTER:
        pause(endpoint, "failures")


def pause(endpoint: WebhookEndpoint, reason: str) -> None:
    """Stops sending; what is owed waits. The event makes the mail to the workspace's people."""
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(pk=endpoint.pk, state="active").update(state="paused", pause_reason=reason):
            data = {"url": endpoint.url, "reason": reason, "failures": endpoint.failures + 1}
            record_event("webhook_endpoint.paused", endpoint, actor=SYSTEM, data=data)


def forget_old() -> int:
    """Throws away messages older than 30 days with their log; run by beat."""
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    rows = WebhookDelivery.objects.filter(created_at__lt=old)[:5000]
    return WebhookDelivery.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]
