"""What a workspace's keys asked: the last requests one by one, older ones as daily counts. Never a body."""

from __future__ import annotations

from django.db import models

from accounts.models.querysets import Visible, WorkspaceQuerySet


class ApiRequest(Visible):
    """One answered request. Rows are counted into ApiUsage and thrown away beyond the last hundred."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey("accounts.ApiClient", on_delete=models.CASCADE, related_name="requests")
    method = models.CharField(max_length=7)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField()
    took_ms = models.PositiveIntegerField()
    request_id = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()
    counted = models.BooleanField(default=False)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="api_request_recent"),
            models.Index(fields=["id"], condition=models.Q(counted=False), name="api_request_uncounted"),
        ]
        ordering = ["-id"]


class UsageQuerySet(WorkspaceQuerySet):
    path = "client__workspace"


class ApiUsage(Visible):
    """Requests of one key on one day (UTC)."""

    client = models.ForeignKey("accounts.ApiClient", on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    objects = UsageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "day"], name="usage_once_per_day")]
