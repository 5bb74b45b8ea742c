"""Answers given to briefs, kept as they were."""

from __future__ import annotations

from django.db import models

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet


class MatchResultQuerySet(WorkspaceQuerySet):
    path = "run__workspace"


class MatchRun(Visible):
    """One brief, the engine's version, and its whole answer. A trigger refuses UPDATE."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="match_runs")
    brief = models.JSONField()
    brief_hash = models.CharField(max_length=64)
    weights = models.JSONField()
    engine_version = models.CharField(max_length=40)
    space_version = models.CharField(max_length=40, blank=True)
    index_size = models.BigIntegerField()
    eligible = models.BigIntegerField()
    considered = models.IntegerField()
    excluded = models.JSONField(default=dict)
    timings_ms = models.JSONField(default=dict)
    created_by = models.CharField(max_length=160, blank=True)
    author_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]


class MatchResult(Visible):
    """One creator at one rank: `fit` is `contracts.Fit` as JSON.

    propensity: chance that this place was looked at and this person stood there (`ranking.exploration`); null for
    answers older than that. explored: the place was given to somebody of whom little is known.
    """

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="results")
    rank = models.PositiveIntegerField()
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    fit = models.JSONField()
    propensity = models.FloatField(null=True)
    explored = models.BooleanField(default=False)

    objects = MatchResultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "rank"], name="one_creator_per_rank"),
            models.UniqueConstraint(fields=["run", "creator"], name="creator_once_per_run"),
        ]
        ordering = ["rank"]
