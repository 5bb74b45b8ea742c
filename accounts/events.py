"""Recording what happened, and reacting to it after commit.

Services call `record_event` inside their transaction. Reactions (mail, webhook, rescoring) are registered
from above with `@reaction`; each gets a row in the same transaction, so none is lost, whatever dies.
"""

from __future__ import annotations

import fnmatch
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Event, Reaction
from accounts.scope import owner_of

logger = logging.getLogger(__name__)
Handler = Callable[[Event], None]

_REGISTRY: dict[str, tuple[tuple[str, ...], Handler]] = {}
_NUDGES: list[Callable[[], None]] = []
LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 8


def reaction(name: str, *kinds: str) -> Callable[[Handler], Handler]:
    """Registers a handler for event kinds (`partnership.*` patterns). Handlers must be idempotent."""

    def register(handler: Handler) -> Handler:
        _REGISTRY[name] = (kinds, handler)
        return handler

    return register


def on_recorded(nudge: Callable[[], None]) -> Callable[[], None]:
    """Registers what is called after commit to start draining at once; it may fail, beat drains too."""
    _NUDGES.append(nudge)
    return nudge


def record_event(
    kind: str,
    obj: models.Model,
    *,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    workspace_id: Any = None,
    creator_id: Any = None,
    at: Any = None,
) -> Event:
    """Writes the event and one pending reaction per interested handler, in the caller's transaction.

    workspace_id and creator_id default to what `obj` itself points at (also through its campaign).
    """
    campaign = getattr(obj, "campaign", None)
    now = at or timezone.now()
    campaign_ref, brand_ref = owner_of(obj)
    event = Event.objects.create(
        kind=kind,
        object_type=obj._meta.model_name,
        object_id=str(obj.pk),
        workspace_id=workspace_id or getattr(obj, "workspace_id", None) or getattr(campaign, "workspace_id", None),
        creator_id=creator_id or getattr(obj, "creator_id", None),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        data=dict(data or {}),
        ip=(actor.ip or None) if actor.side == "brand" or actor.kind == "staff" else None,
        campaign_ref=campaign_ref,
        brand_ref=brand_ref,
        at=now,
    )
    names = [name for name, (kinds, _h) in _REGISTRY.items() if any(fnmatch.fnmatch(kind, k) for k in kinds)]
    if names:
        Reaction.objects.bulk_create(Reaction(event=event, name=name, due_at=timezone.now()) for name in names)
        for nudge in _NUDGES:
            transaction.on_commit(nudge, robust=True)
    return event


def drain(limit: int = 200) -> int:
    """Runs due reactions, each claimed by a conditional UPDATE. Returns how many were handled."""
    now = timezone.now()
    # Names of a newer version wait for its workers: during an upgrade old ones run beside them.
    due = Reaction.objects.filter(state="pending", due_at__lte=now, name__in=list(_REGISTRY)).filter(
        models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=now)
    )
    handled = 0
    for pk in list(due.order_by("event_id").values_list("pk", flat=True)[:limit]):
        handled += _run(pk)
    return handled


def _run(pk: int) -> int:
    now = timezone.now()
    free = models.Q(leased_until__isnull=True) | models.Q(leased_until__lt=now)
    claimed = Reaction.objects.filter(free, pk=pk, state="pending").update(
        leased_until=now + LEASE, attempts=models.F("attempts") + 1
    )
    if not claimed:
        return 0
    row = Reaction.objects.select_related("event").get(pk=pk)
    try:
        with transaction.atomic():
            _REGISTRY[row.name][1](row.event)
            Reaction.objects.filter(pk=pk).update(state="done", leased_until=None, error="")
    except Exception as error:  # a failing reaction must not stop the others
        logger.exception("reaction %s to event %s failed", row.name, row.event_id)
        state = "failed" if row.attempts >= MAX_ATTEMPTS else "pending"
        delay = timedelta(seconds=min(3600, 5 * 2**row.attempts))
        Reaction.objects.filter(pk=pk).update(
            state=state, leased_until=None, error=repr(error)[:1000], due_at=timezone.now() + delay
        )
    return 1
