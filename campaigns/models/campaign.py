"""A campaign and the versions of its brief."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet
from campaigns.states import CAMPAIGN, Badge


class Objective(models.TextChoices):
    AWARENESS = "awareness", _("Be known")
    CONSIDERATION = "consideration", _("Be considered")
    CONVERSION = "conversion", _("Sell")
    CONTENT = "content", _("Obtain content")
    COMMUNITY = "community", _("Build a community")


class Form(models.TextChoices):
    DEDICATED = "dedicated", _("Dedicated content")
    TEST = "test", _("Test and experience over time")
    CO_CREATION = "co_creation", _("Co-creation")
    EVENT = "event", _("Event")
    GUIDE = "guide", _("Guide")
    SERIES = "series", _("Series")
    AMBASSADOR = "ambassador", _("Ambassador")


class Campaign(Visible):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="campaigns")
    brand = models.ForeignKey("accounts.Brand", on_delete=models.PROTECT, related_name="campaigns")
    external_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(_("name"), max_length=120)
    objective = models.CharField(
        _("objective"), max_length=15, choices=Objective.choices, default=Objective.CONSIDERATION
    )
    state = models.CharField(max_length=10, choices=[(s, s) for s in CAMPAIGN.states], default="draft")
    audience = models.CharField(_("audience"), max_length=400, blank=True)
    budget = models.DecimalField(_("budget"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    starts_on = models.DateField(_("start"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    places = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    kpi_targets = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~models.Q(external_id=""),
                name="campaign_external_id_unique",
            ),
            models.CheckConstraint(condition=models.Q(state__in=CAMPAIGN.states), name="campaign_state_known"),
            models.CheckConstraint(
                condition=models.Q(budget__isnull=True) | models.Q(budget__gte=0), name="campaign_budget_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_start",
            ),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def badge(self) -> Badge:
        return CAMPAIGN.badges[self.state]

    @property
    def elapsed(self) -> float | None:
        """Share 0..1 of the time between start and end that has passed, None without both dates."""
        if not self.starts_on or not self.ends_on:
            return None
        length = (self.ends_on - self.starts_on).days + 1
        return min(1.0, max(0.0, ((timezone.now().date() - self.starts_on).days + 1) / length))


class BriefQuerySet(WorkspaceQuerySet):
    path = "campaign__workspace"

    def current(self) -> Brief | None:
        """The version that new invitations carry; versions agreed with one creator only are left aside."""
        found: Brief | None = self.filter(made_for__isnull=True).order_by("-version").first()
        return found


class Use(models.TextChoices):
    """Where the brand may show the creator's content."""

    ACCOUNTS = "accounts", _("The brand's own accounts")
    WEBSITE = "website", _("The brand's website and shop")
    NEWSLETTER = "newsletter", _("The brand's newsletter")
    ADS = "ads", _("Paid advertising")
    RETAIL = "retail", _("Shops and print")


class Brief(Visible):
    """One version of a campaign's brief. The highest one that was not made for one creator is the current one.

    A locked one never changes (a trigger refuses it), and one already sent to somebody is followed by a
    new version instead of being rewritten under their eyes.
    deliverables: [{form, format, platform, quantity, due_on, note}]. disclosure: country → label.
    assets: [{label, url}]. rights_uses and rights_months say where and how long; `rights` adds words.
    made_for: the partnership whose accepted suggestion made this version; nobody else reads it.
    matching: wishes for the engine's brief (see campaigns/briefs.py), kept beside the human one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="briefs")
    version = models.PositiveIntegerField()
    language = models.CharField(_("language"), max_length=5, default="en")
    product = models.CharField(_("product or idea"), max_length=300, blank=True)
    goal = models.CharField(_("goal"), max_length=300, blank=True)
    message = models.CharField(_("message in one sentence"), max_length=300, blank=True)
    must = models.TextField(_("must be said or shown"), blank=True, max_length=2000)
    must_not = models.TextField(_("must not be said or shown"), blank=True, max_length=2000)
    freedom = models.PositiveSmallIntegerField(
        _("freedom left to the creator"), default=4, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    deliverables = models.JSONField(default=list, blank=True)
    fee = models.DecimalField(_("fee"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    in_kind = models.CharField(_("in kind"), max_length=300, blank=True)
    in_kind_value = models.DecimalField(_("value in kind"), max_digits=12, decimal_places=2, null=True, blank=True)
    rights = models.CharField(_("usage rights"), max_length=400, blank=True)
    rights_uses = ArrayField(models.CharField(max_length=10, choices=Use.choices), default=list, blank=True)
    rights_months = models.PositiveSmallIntegerField(
        _("for how many months"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    not_before = models.DateField(_("not published before"), null=True, blank=True)
    assets = models.JSONField(default=list, blank=True)
    link = models.URLField(_("page to link to"), max_length=500, blank=True)
    gives_code = models.BooleanField(_("each creator gets a code of their own"), default=False)
    disclosure = models.JSONField(default=dict, blank=True)
    review_rounds = models.PositiveSmallIntegerField(
        _("review rounds"), default=1, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    answer_days = models.PositiveSmallIntegerField(
        _("days to answer"), default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    matching = models.JSONField(default=dict, blank=True)
    made_for = models.ForeignKey(
        "campaigns.Partnership", null=True, blank=True, on_delete=models.PROTECT, related_name="own_briefs"
    )
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)
    locked_at = models.DateTimeField(null=True, blank=True)

    objects = BriefQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "version"], name="brief_version_unique"),
            models.CheckConstraint(condition=models.Q(freedom__gte=1, freedom__lte=5), name="brief_freedom_1_to_5"),
            models.CheckConstraint(condition=models.Q(review_rounds__lte=2), name="brief_two_rounds_at_most"),
        ]
        ordering = ["-version"]
