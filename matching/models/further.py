"""What is known of creators beside their posts: sampled audiences, ties among creators, sketches of commenters."""

from __future__ import annotations

from django.db import models

from accounts.models.querysets import Visible
from matching.models.observed import ObservedQuerySet
from matching.models.scored import ScoredQuerySet


class AudienceSample(Visible):
    """Some followers of an account, as numbers: `people` is float32 (n, 8) of `signals.further.FEATURES`.

    No name, no picture, no identifier of anybody is kept. The newest sample of an account counts.
    """

    account = models.ForeignKey(
        "accounts.SocialAccount", on_delete=models.CASCADE, db_index=False, related_name="audience_samples"
    )
    people = models.BinaryField()
    n = models.IntegerField()
    source = models.ForeignKey("accounts.Provenance", on_delete=models.PROTECT, db_index=False, related_name="+")
    observed_at = models.DateTimeField()

    objects = ObservedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "observed_at"], name="audience_sample_once"),
            models.CheckConstraint(condition=models.Q(n__gte=1, n__lte=20_000), name="audience_sample_size"),
        ]


class CreatorTies(Visible):
    """Who comments whom among creators, counted for the whole index at once (`signals.network.Ties`)."""

    creator = models.OneToOneField("accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="ties")
    inbound = models.IntegerField()
    mutual = models.IntegerField()
    expected = models.FloatField()
    z = models.FloatField(null=True)
    group = models.IntegerField(default=1)
    computed_at = models.DateTimeField()

    objects = ScoredQuerySet.as_manager()


class AudienceSketch(Visible):
    """The smallest hashes of the people who comment a creator (bottom-k), and how many people there are.

    `hashes` is uint64 (k,), ascending, of keyed pseudonyms: enough to estimate overlaps, useless to name anybody.
    """

    creator = models.OneToOneField(
        "accounts.Creator", primary_key=True, on_delete=models.CASCADE, related_name="audience_sketch"
    )
    hashes = models.BinaryField()
    people = models.IntegerField()
    computed_at = models.DateTimeField()

    objects = ScoredQuerySet.as_manager()


class FittedCalibration(models.Model):
    """How a told chance is moved by what happened: logit p' = shift + slope logit p (`ranking.calibration`)."""

    name = models.CharField(max_length=20, primary_key=True)
    shift = models.FloatField()
    slope = models.FloatField()
    n = models.IntegerField()
    fitted_at = models.DateTimeField()
