"""A campaign and a creator together: the aggregate of the lifecycle, and the offers exchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible
from accounts.scope import scope_q
from campaigns.states import PARTNERSHIP, Badge

if TYPE_CHECKING:
    from accounts.actors import Actor
    from campaigns.models.campaign import Campaign


class DeclineReason(models.TextChoices):
    VALUES = "values", _("It does not fit my values")
    TOPIC = "topic", _("It is not my subject")
    FEE = "fee", _("The pay does not fit")
    TIMING = "timing", _("The dates do not fit")
    FREEDOM = "freedom", _("Too little freedom")
    LOAD = "load", _("I have enough partnerships now")
    BRAND = "brand", _("I do not wish to work with this brand")
    OTHER = "other", _("Another reason")


class ClosingCode(models.TextChoices):
    """Why the brand or the system ended a partnership; the creator reads it in their language."""

    BRAND = "brand", _("Withdrawn by the brand")
    PLACES_FULL = "places_full", _("All places are taken")
    CAMPAIGN_CLOSED = "campaign_closed", _("The campaign was closed")
    CAMPAIGN_CANCELLED = "campaign_cancelled", _("The campaign was cancelled")
    CREATOR_SILENT = "creator_silent", _("The creator did not answer in time")
    BRAND_SILENT = "brand_silent", _("The brand did not answer in time")
    CREATOR = "creator", _("Cancelled by the creator")


class OfPartnership:
    """Gives rows of a partnership what permissions and events ask of them: whose campaign, whose creator."""

    partnership: Partnership

    @property
    def campaign(self) -> Campaign:
        return self.partnership.campaign

    @property
    def creator_id(self) -> int:
        return self.partnership.creator_id


class PartnershipQuerySet(TenantQuerySet):
    """Brand and creator both legitimately see a partnership: the creator once it was sent to them."""

    partnership = ""

    def visible_to(self, actor: Actor) -> Self:
        path = f"{self.partnership}__" if self.partnership else ""
        if actor.partnership_id is not None:  # holder of an invitation link: that one and nothing else
            return self.filter(**{f"{path}pk": actor.partnership_id})
        if actor.workspace_id is not None:
            return self.filter(scope_q(self.model, actor), **{f"{path}campaign__workspace_id": actor.workspace_id})
        if actor.creator_id is not None:
            return self.filter(**{f"{path}creator_id": actor.creator_id, f"{path}invited_at__isnull": False})
        return self.none()


class OfferQuerySet(PartnershipQuerySet):
    partnership = "partnership"


class Partnership(Visible):
    """One creator in one campaign. `expires_at` is the deadline of whoever has to answer the open offer.

    reasons: why this creator was chosen, as kept from the match (reason codes with parameters).
    `note` is the brand's own and never shown to the creator. follow_up_at: when the next reminder goes by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="partnerships")
    creator = models.ForeignKey("accounts.Creator", on_delete=models.PROTECT, related_name="partnerships")
    state = models.CharField(max_length=12, choices=[(s, s) for s in PARTNERSHIP.states], default="shortlisted")
    state_changed_at = models.DateTimeField()
    brief = models.ForeignKey("campaigns.Brief", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    match_result = models.ForeignKey(
        "matching.MatchResult", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reasons = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True, max_length=4000)
    personal_sentence = models.TextField(blank=True, max_length=1000)
    sent_to = models.EmailField(blank=True)
    invited_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True, blank=True)
    follow_up_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.CharField(max_length=10, choices=DeclineReason.choices, blank=True)
    closing_code = models.CharField(max_length=20, blank=True, choices=ClosingCode.choices)
    closing_note = models.TextField(blank=True, max_length=2000)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = PartnershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "creator"], name="one_partnership_per_campaign_and_creator"),
            models.CheckConstraint(condition=models.Q(state__in=PARTNERSHIP.states), name="partnership_state_known"),
            models.CheckConstraint(condition=models.Q(reminders__lte=2), name="two_reminders_at_most"),
        ]
        indexes = [
            models.Index(fields=["creator", "-invited_at"], name="partnership_of_creator"),
            models.Index(
                fields=["expires_at"],
                name="partnership_expiring",
                condition=models.Q(state__in=["invited", "seen", "countered"]),
            ),
            models.Index(
                fields=["follow_up_at"],
                name="partnership_follow_up",
                condition=models.Q(follow_up_at__isnull=False),
            ),
        ]
        ordering = ["-created_at"]

    @property
    def badge(self) -> Badge:
        return PARTNERSHIP.badges[self.state]


class InvitationLink(models.Model):
    """One link of one mail. Each mail carries its own token (hashed here), so that a reminder does not
    break the link of the first message; all of them open the same partnership."""

    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)


class Offer(Visible):
    """Terms proposed by one side. The newest open one is on the table; the accepted one binds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.CASCADE, related_name="offers")
    number = models.PositiveSmallIntegerField()
    side = models.CharField(max_length=7, choices=[("brand", _("Brand")), ("creator", _("Creator"))])
    state = models.CharField(
        max_length=10, default="open", choices=[(s, s) for s in ("open", "superseded", "accepted", "closed")]
    )
    fee = models.DecimalField(_("fee"), max_digits=12, decimal_places=2, default=0)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    in_kind = models.CharField(_("in kind"), max_length=300, blank=True)
    in_kind_value = models.DecimalField(_("value in kind"), max_digits=12, decimal_places=2, default=0)
    deliverables = models.JSONField(default=list, blank=True)
    rights = models.CharField(_("usage rights"), max_length=400, blank=True)
    due_on = models.DateField(_("publication by"), null=True, blank=True)
    message = models.TextField(_("message"), blank=True, max_length=1000)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "number"], name="offer_number_unique"),
            models.UniqueConstraint(fields=["partnership"], condition=models.Q(state="open"), name="one_open_offer"),
            models.CheckConstraint(condition=models.Q(fee__gte=0, in_kind_value__gte=0), name="offer_amounts_positive"),
        ]
        ordering = ["number"]
