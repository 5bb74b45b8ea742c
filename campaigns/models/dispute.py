"""A creator contests a datum or a score: one ticket with everything that was said, never deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible
from campaigns.states import DISPUTE, Badge

if TYPE_CHECKING:
    from accounts.actors import Actor


class DisputeQuerySet(TenantQuerySet):
    """The creator's own; a workspace's where it brought the datum; staff's where the installation answers."""

    path = ""

    def visible_to(self, actor: Actor) -> Self:
        if actor.limited:  # about a person, not about one campaign: a matter of the whole workspace
            return self.none()
        if actor.workspace_id is not None:
            return self.filter(**{f"{self.path}workspace_id": actor.workspace_id})
        if actor.partnership_id is not None:  # a link to one invitation opens nothing else
            return self.none()
        if actor.creator_id is not None:
            return self.filter(**{f"{self.path}creator_id": actor.creator_id})
        return self.filter(**{f"{self.path}workspace__isnull": True}) if actor.kind == "staff" else self.none()


class EntryQuerySet(DisputeQuerySet):
    path = "dispute__"


class Dispute(Visible):
    """subject: "score:<signal>", "account:<id>", "post:<id>" or "other". shown: the figure as it stood then, in words.

    workspace: who answers, the one that brought the datum; null: those who run the installation.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="disputes")
    workspace = models.ForeignKey("accounts.Workspace", null=True, on_delete=models.CASCADE, related_name="disputes")
    subject = models.CharField(max_length=80)
    shown = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=40, blank=True)
    proposed = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, default="open", choices=[(s, s) for s in DISPUTE.states])
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = DisputeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=DISPUTE.states), name="dispute_state_known"),
            models.UniqueConstraint(
                fields=["creator", "subject"],
                condition=models.Q(state__in=["open", "answered"]) & ~models.Q(subject="other"),
                name="one_running_dispute_per_subject",
            ),
        ]
        ordering = ["-opened_at"]

    @property
    def badge(self) -> Badge:
        return DISPUTE.badges[self.state]


class DisputeEntry(Visible):
    """One thing said. step: the state it led to, "" where it led to none. A trigger refuses UPDATE."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="entries")
    side = models.CharField(max_length=7, choices=[(s, s) for s in ("creator", "brand", "system")])
    name = models.CharField(max_length=160, blank=True)
    text = models.TextField(max_length=2000)
    step = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField()

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
