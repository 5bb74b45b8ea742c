"""What buyers did, the rates it is counted at, and who it is credited to: a ledger that is only added to."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet
from campaigns.models.tracking import SharedQuerySet


class ConversionKind(models.TextChoices):
    SALE = "sale", _("Sale")
    SIGNUP = "signup", _("Sign-up")
    LEAD = "lead", _("Lead")


class Reason(models.TextChoices):
    """Why an entry names whom it names."""

    CODE = "code", _("Promo code")
    LINK_LAST_TOUCH = "link_last_touch", _("Last tracked link")
    LINK_OTHER_WINDOW = "link_other_window", _("Link outside the window")
    DUPLICATE = "duplicate", _("Order already counted")
    REVERSED = "reversed", _("Reversed or refunded")
    UNATTRIBUTED = "unattributed", _("Unattributed")


DETAILS = {
    "code_early": _("its code was not valid yet"),
    "code_late": _("its code was over"),
    "code_paused": _("its code was paused"),
    "code_used_up": _("its code was used up"),
}


class Conversion(Visible):
    """An order or a sign-up as the shop told it. Never changed: money that comes back is a `Reversal`.

    external_id: the sender's identifier of the message; the same one again changes nothing. The same order under
    another identifier is kept and counted as a duplicate. number: counted in the workspace, in order of arrival.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="conversions")
    number = models.PositiveBigIntegerField()
    external_id = models.CharField(max_length=120)
    order_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=ConversionKind.choices, default=ConversionKind.SALE)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField()
    code = models.CharField(max_length=60, blank=True)
    link = models.ForeignKey(
        "campaigns.TrackedLink", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversions"
    )
    click = models.UUIDField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    country = models.CharField(max_length=2, blank=True)
    source = models.CharField(max_length=10, choices=[(s, s) for s in ("api", "csv", "postback", "demo")])
    received_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "external_id"], name="conversion_external_id_unique"),
            models.UniqueConstraint(fields=["workspace", "number"], name="conversion_number_unique"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="conversion_amount_positive"),
        ]
        indexes = [models.Index(fields=["workspace", "order_id"], name="conversion_of_order")]
        ordering = ["-at"]


class Reversal(Visible):
    """Money given back for a conversion, all of it or a part. The sum never exceeds the amount."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    conversion = models.ForeignKey(Conversion, on_delete=models.CASCADE, related_name="reversals")
    external_id = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversion", "external_id"], name="reversal_external_id_unique"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="reversal_amount_positive"),
        ]
        ordering = ["at"]


class CurrencyRate(Visible):
    """Units of the workspace's currency for one unit of `currency`, from `day` on until the next one."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="currency_rates")
    currency = models.CharField(max_length=3)
    day = models.DateField()
    rate = models.DecimalField(max_digits=16, decimal_places=8)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "currency", "day"], name="one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_positive"),
        ]
        ordering = ["currency", "-day"]


class AttributionRule(Visible):
    """The workspace's rule; a change is the next version. Without a row version 0 holds: the defaults below."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="attribution_rules")
    version = models.PositiveIntegerField()
    window_days = models.PositiveSmallIntegerField(default=30)
    code_beats_link = models.BooleanField(default=True)
    credit_outside_window = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "version"], name="rule_version_unique"),
            models.CheckConstraint(
                condition=models.Q(window_days__gte=1, window_days__lte=365), name="rule_window_a_year_at_most"
            ),
        ]
        ordering = ["-version"]


class AttributionRun(Visible):
    """One reading of all conversions by one rule. The current one gets an entry for each new conversion;
    a recompute makes the next one beside it and leaves the old as it was."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="attribution_runs")
    number = models.PositiveIntegerField()
    rule_version = models.PositiveIntegerField(default=0)
    formula = models.CharField(max_length=20)
    is_current = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="run_number_unique"),
            models.UniqueConstraint(
                fields=["workspace"], condition=models.Q(is_current=True), name="one_current_attribution_run"
            ),
        ]
        ordering = ["-number"]


class AttributionEntry(Visible):
    """One line of the ledger: a conversion credited by one run, or (with reversal) what is taken back of it.

    amount: in the workspace's currency, negative for what is taken back, null where no rate is known.
    credited: whether it counts for the partnership named. detail: what was wrong with the order's code
    (`attribution.code_problem`). Append-only by trigger.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(AttributionRun, on_delete=models.CASCADE, related_name="entries")
    conversion = models.ForeignKey(Conversion, on_delete=models.CASCADE, related_name="entries")
    reversal = models.ForeignKey(Reversal, null=True, blank=True, on_delete=models.CASCADE, related_name="entries")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    origin = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    detail = models.CharField(max_length=20, blank=True)
    campaign = models.ForeignKey(
        "campaigns.Campaign", null=True, blank=True, on_delete=models.CASCADE, related_name="attribution_entries"
    )
    partnership = models.ForeignKey(
        "campaigns.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="attribution_entries"
    )
    credited = models.BooleanField()
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3)
    at = models.DateTimeField(default=timezone.now)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "conversion"],
                condition=models.Q(reversal__isnull=True),
                name="one_entry_per_conversion_and_run",
            ),
            models.UniqueConstraint(
                fields=["run", "reversal"],
                condition=models.Q(reversal__isnull=False),
                name="one_entry_per_reversal_and_run",
            ),
        ]
        indexes = [models.Index(fields=["run", "campaign"], name="entry_of_campaign")]

    @property
    def detail_words(self) -> str:
        """What was wrong with the order's code, as a sentence."""
        return str(DETAILS.get(self.detail, ""))


class Postback(Visible):
    """An address where a shop tells its orders. The shared secret is shown once and kept as a hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="postbacks")
    name = models.CharField(_("name"), max_length=80)
    secret_hash = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
