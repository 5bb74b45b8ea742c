"""Long work that people can watch and cancel."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(Visible):
    """done/total count `unit`s; total is null while unknown. A running job renews `leased_until`;
    one whose lease ran out is taken up again from its `checkpoint`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", null=True, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    unit = models.CharField(max_length=20, default="rows")
    total = models.BigIntegerField(null=True, blank=True)
    done = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    params = models.JSONField(default=dict)
    checkpoint = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    @property
    def percent(self) -> int | None:
        return None if not self.total else min(100, int(100 * self.done / self.total))

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)
