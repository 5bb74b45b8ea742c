"""Imports being prepared, and the column mappings a workspace keeps."""

from __future__ import annotations

from django.db import models

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet


class ImportMapping(Visible):
    """`definition` is the parsed YAML mapping: which column or key feeds which field."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="import_mappings")
    name = models.CharField(max_length=80)
    definition = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="mapping_name_unique")]
        ordering = ["name"]


class ImportDraft(Visible):
    """Files that were sent and the mapping that is being chosen for them, until the import is started.

    files: {name, stored, size, sha256} of `ingest.uploads`. `job` is set once, by whoever starts it first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="import_drafts")
    files = models.JSONField()
    definition = models.JSONField()
    source = models.CharField(max_length=200, blank=True)
    basis = models.CharField(max_length=24)
    job = models.OneToOneField("accounts.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
