"""Addresses of partner systems, the messages they are owed, and every attempt to bring one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet


class WebhookEndpoint(Visible):
    """events: public names, empty means all. secret and old_secret are sealed; the old one signs as well until
    `old_secret_until`. `leased_until` is the claim of the one sender at work; `resting_until` spares a target
    that just failed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="webhook_endpoints")
    url = models.URLField(_("address"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True)
    events = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    state = models.CharField(max_length=8, default="active", choices=[("active", _("Active")), ("paused", _("Paused"))])
    pause_reason = models.CharField(
        max_length=10,
        blank=True,
        choices=[
            ("by_hand", _("Paused by a member")),
            ("failures", _("It kept failing")),
            ("gone", _("It answered 410")),
        ],
    )
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    resting_until = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]


class DeliveryQuerySet(WorkspaceQuerySet):
    path = "endpoint__workspace"


class WebhookDelivery(Visible):
    """One message to one endpoint, with the very bytes that are sent at every attempt. Its id is the `webhook-id`.

    `sequence` is the id of the event: it grows with time, so receivers order by it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey("accounts.Event", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    sequence = models.BigIntegerField()
    body = models.TextField()
    state = models.CharField(
        max_length=9,
        default="pending",
        choices=[("pending", _("Waiting")), ("delivered", _("Delivered")), ("failed", _("Given up"))],
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event", "object_id"], name="one_message_per_event_and_object")
        ]
        indexes = [
            models.Index(fields=["endpoint", "sequence"], condition=models.Q(state="pending"), name="delivery_pending"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]
        ordering = ["-id"]


class AttemptQuerySet(WorkspaceQuerySet):
    path = "delivery__endpoint__workspace"


class WebhookAttempt(Visible):
    """What one try gave. status is null where no answer came; `error` then says why."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=20, blank=True)
    answer = models.TextField(blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="attempt_number_once")]
        ordering = ["number"]
