"""The event row: audit trail, timeline and outbox at once; and what must still react to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.models.querysets import TenantQuerySet, Visible

if TYPE_CHECKING:
    from accounts.actors import Actor


OF_THE_BRAND = ("partnership.shortlisted", "partnership.noted", "partnership.removed", "partnership.reminded")
"""What a brand notes for itself before or beside a proposal stays with the brand."""


class EventQuerySet(TenantQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            part = models.Q()
            if actor.limited:
                part = models.Q(campaign_ref__in=actor.campaigns) | models.Q(brand_ref__in=actor.brands)
            return self.filter(part, workspace_id=actor.workspace_id)
        if actor.creator_id is None:
            return self.none()
        return self.filter(creator_id=actor.creator_id).exclude(kind__in=OF_THE_BRAND)


class Event(Visible):
    """Something that happened to `object_type`/`object_id`. Append-only: a trigger refuses UPDATE and DELETE.

    ip: of a member's or a key's request, never a creator's. campaign_ref, brand_ref: whose work it was, so that a
    limited member reads their part only.
    """

    kind = models.CharField(max_length=60)
    object_type = models.CharField(max_length=40)
    object_id = models.CharField(max_length=40)
    workspace = models.ForeignKey(
        "accounts.Workspace", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    creator = models.ForeignKey(
        "accounts.Creator", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40, blank=True)
    actor_name = models.CharField(max_length=160, blank=True)
    data = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True, blank=True)
    campaign_ref = models.UUIDField(null=True, blank=True)
    brand_ref = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(db_index=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="event_timeline"),
            models.Index(fields=["workspace", "-id"], name="event_of_workspace"),
        ]
        ordering = ["id"]


class Reaction(models.Model):
    """One thing to be done because of one event, claimed by conditional UPDATE, done at most once at a time.

    A claim older than its lease is free again, so a killed worker loses nothing; handlers are idempotent.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="reactions")
    name = models.CharField(max_length=60)
    state = models.CharField(max_length=8, default="pending", choices=[(s, s) for s in ("pending", "done", "failed")])
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="one_reaction_per_event")]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(state="pending"), name="reaction_due")]
