"""How a workspace scores: its weights, sizes and explored places by version, and what came of its answers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet


class ScoringVersion(Visible):
    """One published way of scoring. A trigger refuses UPDATE: a change, also back to an older one, is a new row.

    weights: family → points of 100. tiers: see `matching.tiers`. explore: explored places among the first twenty.
    restores: the number taken up again. evidence: what a learned version rests on (`learning.Proposal`).
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published", _("Published by hand")
        RESTORED = "restored", _("Rolled back")
        LEARNED = "learned", _("Learned, adopted by a person")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="scoring_versions")
    number = models.PositiveIntegerField()
    weights = models.JSONField()
    tiers = models.JSONField(default=dict)
    explore = models.PositiveSmallIntegerField(default=2)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PUBLISHED)
    restores = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=600)
    evidence = models.JSONField(default=dict)
    published_by = models.CharField(max_length=160)
    published_by_id = models.CharField(max_length=40)
    published_at = models.DateTimeField()

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="one_scoring_per_number")]
        ordering = ["-number"]


class OutcomeQuerySet(WorkspaceQuerySet):
    def standing(self) -> OutcomeQuerySet:
        """Without what a person took back."""
        return self.filter(retracted_at__isnull=True)


class Outcome(Visible):
    """What came of one proposed creator. That they were shown is the `MatchResult` itself, with its propensity.

    propensity: chance that the place was looked at, and the person put there, under the policy then in force.
    reason: a code of `matching.verdicts.REASONS`; note: the person's own words. value: of a measured outcome.
    """

    class Stage(models.TextChoices):
        PASSED = "passed", _("Passed over")
        PROMOTED = "promoted", _("Put first by hand")
        SHORTLISTED = "shortlisted", _("Shortlisted")
        INVITED = "invited", _("Invited")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        DELIVERED = "delivered", _("Delivered")
        MEASURED = "measured", _("Measured")

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="outcomes")
    result = models.ForeignKey("matching.MatchResult", on_delete=models.CASCADE, related_name="outcomes")
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="+")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    rank = models.PositiveIntegerField()
    propensity = models.FloatField()
    weights_version = models.CharField(max_length=40)
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=600, blank=True)
    value = models.FloatField(null=True)
    actor_name = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True)

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["result", "stage"], condition=models.Q(retracted_at__isnull=True), name="one_outcome_per_stage"
            ),
            models.CheckConstraint(
                condition=models.Q(propensity__gt=0, propensity__lte=1), name="propensity_is_chance"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-at"], name="outcome_newest")]
        ordering = ["at"]
