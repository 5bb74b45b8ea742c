"""What a shop tells by itself: orders and what is given back, with a shared secret."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, NotAllowed
from accounts.events import record_event
from accounts.models import Workspace
from accounts.permissions import require
from accounts.secrets import new_token, token_hash
from campaigns.models import Conversion, Postback
from campaigns.services.conversions import record_conversion, reverse_conversion
from campaigns.texts import one_line


@dataclass(frozen=True, slots=True)
class Told:
    """stored: False where this was known already."""

    conversion: Conversion
    stored: bool


def receive(*, postback_id: UUID, secret: str, values: Mapping[str, Any], now: datetime | None = None) -> Told:
    """An order, or with `reversal` (an amount or "all") what is given back of a known one.

    The answer to a wrong secret and to an unknown address is the same. Raises NotAllowed, InvalidInput.
    """
    row = Postback.objects.filter(pk=postback_id, revoked_at__isnull=True).first()
    right = hmac.compare_digest(row.secret_hash if row else "", token_hash(secret)) if secret else False
    if row is None or not right:
        raise NotAllowed("There is no such postback, or the secret is not its own.")
    moment = now or timezone.now()
    Postback.objects.filter(pk=row.pk).update(last_used_at=moment)
    workspace = Workspace.objects.get(pk=row.workspace_id)
    back = values.get("reversal")
    if back:
        return _reverse(workspace, values, str(back), moment)
    fields = {name: value for name, value in values.items() if name != "reversal"}
    conversion, created = record_conversion(actor=SYSTEM, workspace=workspace, source="postback", now=moment, **fields)
    return Told(conversion, created)


def _reverse(workspace: Workspace, values: Mapping[str, Any], back: str, now: datetime) -> Told:
    name = values.get("external_id") or values.get("order_id")
    known = Conversion.objects.filter(workspace=workspace)
    found = known.filter(order_id=values.get("order_id", "")).order_by("number").first()
    if found is None:
        raise InvalidInput(fields={"order_id": ["This order is not known here."]})
    amount = None if back == "all" else back
    _row, created = reverse_conversion(
        actor=SYSTEM, conversion=found, amount=amount, external_id=f"{name}:{back}", now=now
    )
    return Told(found, created)


def open_postback(*, actor: Actor, workspace: Workspace, name: str) -> tuple[Postback, str]:
    """An address for a shop, with its secret: shown this once."""
    require(actor, "workspace.change")
    label = one_line(name, 80)
    if not label:
        raise InvalidInput(fields={"name": [_("Which shop is it? Give it a name.")]})
    secret = new_token()
    with transaction.atomic():
        row = Postback.objects.create(workspace=workspace, name=label, secret_hash=token_hash(secret))
        record_event("postback.created", row, actor=actor, data={"name": label})
    return row, secret


def revoke_postback(*, actor: Actor, postback: Postback, now: datetime | None = None) -> None:
    require(actor, "workspace.change")
    Postback.objects.filter(pk=postback.pk, revoked_at__isnull=True).update(revoked_at=now or timezone.now())
    record_event("postback.revoked", postback, actor=actor, data={"name": postback.name}, at=now)
