"""What the law asks to be able to show: notices given, who looked, copies handed out, erasures, and what was deleted when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible, WorkspaceQuerySet

if TYPE_CHECKING:
    from accounts.actors import Actor


class OwnQuerySet(TenantQuerySet):
    """Rows about one person, read by that person only."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.creator_id is None or actor.partnership_id is not None:
            return self.none()
        return self.filter(creator_id=actor.creator_id)


class Notice(Visible):
    """A workspace's first letter to a creator told them where their data came from and what they may do about it."""

    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="notices")
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    source = models.ForeignKey("accounts.Provenance", null=True, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["creator", "workspace"], name="one_notice_per_workspace")]


class Look(Visible):
    """How often a workspace opened or exported a creator on one day. Not which of its people: that is its own affair."""

    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="looks")
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)
    exports = models.PositiveIntegerField(default=0)

    objects = OwnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["creator", "workspace", "day"], name="one_look_per_day")]
        ordering = ["-day"]


class DataCopy(Visible):
    """A person's copy of everything about them: made by `job`, kept as the file `stored` until `expires_at`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="data_copies")
    job = models.ForeignKey("accounts.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    stored = models.CharField(max_length=80, blank=True)
    size = models.BigIntegerField(null=True, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    downloads = models.PositiveIntegerField(default=0)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]


class Erasure(models.Model):
    """That somebody was erased, when, and what had to stay. It names nobody: `number` is the record's bare number.

    kept: [{area, rows, until, why}]. removed: table → rows deleted or emptied.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.BigIntegerField(unique=True)
    asked_by = models.CharField(
        max_length=10, choices=[("creator", _("The person")), ("staff", _("Staff")), ("retention", _("Retention"))]
    )
    job = models.ForeignKey("accounts.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    kept = models.JSONField(default=list)
    removed = models.JSONField(default=dict)

    class Meta:
        ordering = ["-asked_at"]


class RetentionQuerySet(WorkspaceQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        return self.none() if actor.limited else super().visible_to(actor)


class RetentionRun(Visible):
    """One area of one workspace looked through: what was older than its period, and what was deleted."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="retention_runs")
    area = models.CharField(max_length=30)
    days = models.PositiveIntegerField()
    before = models.DateTimeField()
    removed = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)

    objects = RetentionQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "area"]
