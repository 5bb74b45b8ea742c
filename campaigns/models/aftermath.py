"""What comes after the agreement: payments, usage rights, debriefs, relations, ambassador programmes."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet
from campaigns.models.contract import SIDES
from campaigns.models.partnership import PartnershipQuerySet
from campaigns.states import PAYMENT, Badge


class OfPartnershipQuerySet(PartnershipQuerySet):
    partnership = "partnership"


class Payment(Visible):
    """A record of what one side owes the other; the product holds no money."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.PROTECT, related_name="payments")
    contract = models.ForeignKey(
        "campaigns.Contract", null=True, blank=True, on_delete=models.PROTECT, related_name="payments"
    )
    state = models.CharField(max_length=8, choices=[(s, s) for s in PAYMENT.states], default="agreed")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    days = models.PositiveSmallIntegerField(default=30)
    due_on = models.DateField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    received_on = models.DateField(null=True, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfPartnershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=PAYMENT.states), name="payment_state_known"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_amount_positive"),
            models.UniqueConstraint(fields=["contract"], name="one_payment_per_contract"),
        ]
        indexes = [
            models.Index(fields=["due_on"], name="payment_falling_due", condition=models.Q(state__in=["agreed", "due"]))
        ]
        ordering = ["-created_at"]

    @property
    def badge(self) -> Badge:
        return PAYMENT.badges[self.state]

    @property
    def campaign(self) -> Any:
        return self.partnership.campaign

    @property
    def creator_id(self) -> int:
        return int(self.partnership.creator_id)


class UsageRight(Visible):
    """What a brand may do with the content, and until when; an alarm goes out before the end."""

    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.PROTECT, related_name="usage_rights")
    contract = models.OneToOneField("campaigns.Contract", on_delete=models.PROTECT, related_name="usage_right")
    scope = models.CharField(max_length=400)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfPartnershipQuerySet.as_manager()

    class Meta:
        ordering = ["ends_on"]


class Debrief(Visible):
    """A short look back by one side, within two weeks of the end. The other side reads it once both have written."""

    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.PROTECT, related_name="debriefs")
    side = models.CharField(max_length=7, choices=SIDES)
    result = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    cooperation = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(5)])
    again = models.BooleanField()
    lesson = models.CharField(max_length=1000, blank=True)
    written_at = models.DateTimeField()

    objects = OfPartnershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "side"], name="one_debrief_per_side"),
            models.CheckConstraint(
                condition=models.Q(result__gte=1, result__lte=5, cooperation__gte=1, cooperation__lte=5),
                name="debrief_marks_1_to_5",
            ),
        ]
        ordering = ["written_at"]


class Relation(Visible):
    """What one workspace keeps of one person: the next step, or that nobody writes to them."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="relations")
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="relations")
    next_step = models.CharField(max_length=200, blank=True)
    next_on = models.DateField(null=True, blank=True)
    do_not_contact = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "creator"], name="one_relation_per_creator")]


class Programme(Visible):
    """An ambassador programme of a brand. tiers: [{name, benefit}], the first is where everybody starts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="programmes")
    brand = models.ForeignKey("accounts.Brand", on_delete=models.PROTECT, related_name="programmes")
    name = models.CharField(_("name"), max_length=120)
    promise = models.CharField(_("what ambassadors get"), max_length=400, blank=True)
    tiers = models.JSONField(default=list)
    every_months = models.PositiveSmallIntegerField(default=3)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(every_months__gte=1, every_months__lte=24), name="programme_rhythm_known"
            )
        ]
        ordering = ["-created_at"]


class OfProgrammeQuerySet(WorkspaceQuerySet):
    path = "programme__workspace"


class ProgrammeMember(Visible):
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="members")
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="programmes")
    tier = models.PositiveSmallIntegerField(default=0)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "creator"],
                condition=models.Q(left_on__isnull=True),
                name="one_membership_per_programme",
            )
        ]
        ordering = ["-tier", "joined_on"]


class ProgrammeRound(Visible):
    """One recurring brief: a campaign opened for the members."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="rounds")
    campaign = models.OneToOneField("campaigns.Campaign", on_delete=models.CASCADE, related_name="programme_round")
    number = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()

    objects = OfProgrammeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["programme", "number"], name="programme_round_unique")]
        ordering = ["-number"]
