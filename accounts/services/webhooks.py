"""Endpoints of partner systems: made, changed, their secret rotated, paused, tried, and messages sent again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import WebhookDelivery, WebhookEndpoint
from accounts.outbound import TargetRefused, check_target
from accounts.permissions import require
from accounts.sealing import seal
from accounts.webhooks.messages import test_message
from accounts.webhooks.names import PUBLIC

MOST_ENDPOINTS = 20
OVERLAP = timedelta(hours=24)
FIELDS = ("url", "description", "events")


def new_secret() -> str:
    """`whsec_` and 24 random bytes, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    wrong: dict[str, list[str]] = {}
    clean: dict[str, Any] = {name: changes[name] for name in FIELDS if name in changes}
    if "url" in clean:
        try:
            clean["url"] = check_target(str(clean["url"]))
        except TargetRefused as refusal:
            wrong["url"] = [_REFUSALS.get(refusal.code, _REFUSALS["host"])()]
    if "events" in clean:
        names: Iterable[str] = clean["events"] or []
        unknown = sorted({name for name in names if name not in PUBLIC})
        if unknown:
            wrong["events"] = [_("Unknown: %(names)s.") % {"names": ", ".join(unknown)[:200]}]
        clean["events"] = sorted(set(names))
    if "description" in clean:
        clean["description"] = " ".join(str(clean["description"]).split())[:120]
    if wrong:
        raise InvalidInput(fields=wrong)
    return clean


_REFUSALS = {
    "scheme": lambda: _("The address must begin with https://."),
    "credentials": lambda: _("Leave user name and password out of the address; the signature proves who sends."),
    "host": lambda: _("This is not an address that can be called."),
}


def create_endpoint(*, actor: Actor, changes: Mapping[str, Any]) -> tuple[WebhookEndpoint, str]:
    """Returns the endpoint and its secret, which is shown this once."""
    require(actor, "webhook.change")
    clean = _checked(changes)
    if not clean.get("url"):
        raise InvalidInput(fields={"url": [_("Say where to send.")]})
    workspace = actor.workspace_of_own()
    secret = new_secret()
    with transaction.atomic():
        if WebhookEndpoint.objects.filter(workspace_id=workspace).count() >= MOST_ENDPOINTS:
            raise WrongState(_("At most 20 endpoints; delete one first."), code="too_many_endpoints")
        endpoint = WebhookEndpoint.objects.create(
            workspace_id=workspace, secret=seal(secret), created_by_id=actor.user_id, **clean
        )
        record_event("webhook_endpoint.created", endpoint, actor=actor, data={"url": endpoint.url})
    return endpoint, secret


def change_endpoint(*, actor: Actor, endpoint: WebhookEndpoint, changes: Mapping[str, Any]) -> WebhookEndpoint:
    require(actor, "webhook.change", endpoint)
    clean = _checked(changes)
    if "url" in clean and not clean["url"]:
        raise InvalidInput(fields={"url": [_("Say where to send.")]})
    before = {name: getattr(endpoint, name) for name in clean}
    if {name for name in clean if clean[name] != before[name]}:
        with transaction.atomic():
            WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**clean)
            record_event("webhook_endpoint.changed", endpoint, actor=actor, data={"before": before, "after": clean})
        endpoint.refresh_from_db()
    return endpoint


def rotate_secret(*, actor: Actor, endpoint: WebhookEndpoint) -> str:
    """A new secret, shown this once. For 24 hours messages carry the signatures of both."""
    require(actor, "webhook.change", endpoint)
    secret = new_secret()
    with transaction.atomic():
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(
            old_secret=models.F("secret"), old_secret_until=timezone.now() + OVERLAP, secret=seal(secret)
        )
        record_event("webhook_endpoint.secret_rotated", endpoint, actor=actor)
    endpoint.refresh_from_db()
    return secret


def pause_endpoint(*, actor: Actor, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Nothing is sent until it is resumed; what happens meanwhile is kept for it."""
    require(actor, "webhook.change", endpoint)
    with transaction.atomic():
        rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, state="active")
        if not rows.update(state="paused", pause_reason="by_hand"):
            raise WrongState(_("This endpoint is already paused."))
        data = {"url": endpoint.url, "reason": "by_hand"}
        record_event("webhook_endpoint.paused", endpoint, actor=actor, data=data)
    endpoint.refresh_from_db()
    return endpoint


def resume_endpoint(*, actor: Actor, endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """Everything that waited is due at once."""
    require(actor, "webhook.change", endpoint)
    now = timezone.now()
    with transaction.atomic():
        rows = WebhookEndpoint.objects.filter(pk=endpoint.pk, state="paused")
        if not rows.update(state="active", pause_reason="", failures=0, failing_since=None, resting_until=None):
            raise WrongState(_("This endpoint is not paused."))
        WebhookDelivery.objects.filter(endpoint=endpoint, state="pending").update(due_at=now, tries=0)
        record_event("webhook_endpoint.resumed", endpoint, actor=actor, data={"url": endpoint.url})
    endpoint.refresh_from_db()
    return endpoint


def delete_endpoint(*, actor: Actor, endpoint: WebhookEndpoint) -> None:
    """Its log goes with it."""
    require(actor, "webhook.change", endpoint)
    with transaction.atomic():
        record_event("webhook_endpoint.deleted", endpoint, actor=actor, data={"url": endpoint.url})
        WebhookEndpoint.objects.filter(pk=endpoint.pk).delete()


def send_test(*, actor: Actor, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Queues a message `webhook.test`, whatever the endpoint subscribed to."""
    require(actor, "webhook.change", endpoint)
    if endpoint.state != "active":
        raise WrongState(_("Resume the endpoint first."))
    with transaction.atomic():
        event = record_event("webhook_endpoint.tested", endpoint, actor=actor)
        row = test_message(event, endpoint)
    return row


def replay(*, actor: Actor, delivery: WebhookDelivery) -> WebhookDelivery:
    """Sends a message again at once: the same bytes under the same `webhook-id`."""
    require(actor, "webhook.change", delivery.endpoint)
    with transaction.atomic():
        changed = WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state="pending", tries=0, due_at=timezone.now(), delivered_at=None
        )
        if not changed:
            raise WrongState(_("This message is no longer kept."))
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(resting_until=None)
        data = {"message": str(delivery.pk), "type": delivery.kind}
        record_event("webhook_endpoint.replayed", delivery.endpoint, actor=actor, data=data)
    delivery.refresh_from_db()
    return delivery
