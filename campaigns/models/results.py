"""What a partnership cost, what its content did over time, and reports that never change."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import PlatformName
from accounts.models.querysets import Visible, WorkspaceQuerySet
from campaigns.models.tracking import SharedQuerySet


class OfContentQuerySet(SharedQuerySet):
    path = "content"


class ExpectationQuerySet(WorkspaceQuerySet):
    path = "partnership__campaign__workspace"


class CostKind(models.TextChoices):
    FEE = "fee", _("Fee")
    IN_KIND = "in_kind", _("In kind, at its public price")
    SHIPPING = "shipping", _("Shipping")
    HOURS = "hours", _("Hours of the team")
    BOOST = "boost", _("Paid boost")
    OTHER = "other", _("Other")


class Cost(Visible):
    """A cost beside what the accepted offer already says (fee and in kind are read from there).

    A mistake is corrected by a line with the opposite amount: the ledger is only added to.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="costs")
    partnership = models.ForeignKey(
        "campaigns.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="costs"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=CostKind.choices)
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="cost_not_zero")]
        ordering = ["on", "created_at"]


class Content(Visible):
    """A publication of a partnership, or (earned) one about the brand that nobody paid for.

    post: the observed publication, where a connector or an import knows it. deliverable: the agreed piece it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="contents")
    partnership = models.ForeignKey(
        "campaigns.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="contents"
    )
    creator = models.ForeignKey("accounts.Creator", on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey("matching.Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    deliverable = models.OneToOneField(
        "campaigns.Deliverable", null=True, blank=True, on_delete=models.SET_NULL, related_name="content"
    )
    platform = models.CharField(_("network"), max_length=10, choices=PlatformName.choices)
    form = models.CharField(_("form"), max_length=15, blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    published_at = models.DateTimeField(_("published"))
    earned = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "url"], condition=~models.Q(url=""), name="content_once_per_campaign"
            ),
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~models.Q(external_id=""),
                name="content_external_id_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(earned=True) | models.Q(partnership__isnull=False),
                name="content_paid_has_partnership",
            ),
        ]
        ordering = ["published_at"]


class ContentMetrics(Visible):
    """Counters of a content at one moment; null means unknown, never 0. reach: measured, never an estimate."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="metrics")
    at = models.DateTimeField(_("seen"))
    views = models.BigIntegerField(_("views"), null=True, blank=True)
    reach = models.BigIntegerField(_("measured reach"), null=True, blank=True)
    likes = models.BigIntegerField(_("likes"), null=True, blank=True)
    comments = models.BigIntegerField(_("comments"), null=True, blank=True)
    shares = models.BigIntegerField(_("shares"), null=True, blank=True)
    saves = models.BigIntegerField(_("saves"), null=True, blank=True)
    qualified = models.BigIntegerField(_("qualified comments"), null=True, blank=True)
    source = models.CharField(max_length=10, choices=[(s, s) for s in ("connector", "api", "csv", "hand", "demo")])
    proof = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    objects = OfContentQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content", "at"], name="content_metrics_once_per_time")]
        ordering = ["at"]


class Expectation(Visible):
    """What a voice was expected to bring when it was chosen, kept before anything was published; never changed.

    engaged: people who react to one post, with its 90 % interval. brings: of those, people whom none of the voices
    accepted before it reaches. Null where the index did not know.
    """

    partnership = models.OneToOneField("campaigns.Partnership", on_delete=models.CASCADE, related_name="expectation")
    engaged = models.FloatField(null=True)
    engaged_low = models.FloatField(null=True)
    engaged_high = models.FloatField(null=True)
    brings = models.FloatField(null=True)
    overlap_known = models.BooleanField(default=False)
    engine = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    objects = ExpectationQuerySet.as_manager()


class EmvTable(Visible):
    """What one interaction is said to be worth, by network: off unless a workspace makes one. Versions, never edits.

    in_roi: whether a second return that adds this value is shown beside the real one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="emv_tables")
    version = models.PositiveIntegerField()
    rates = models.JSONField(help_text="network → {view, like, comment, share}: amounts in the workspace's currency")
    is_on = models.BooleanField(default=False)
    in_roi = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "version"], name="emv_version_unique")]
        ordering = ["-version"]


class Report(Visible):
    """A frozen report: canonical JSON (UTF-8, sorted keys) with inputs, figures and the versions that made them.

    Append-only by trigger. body_sha256 is of these very bytes; input_hash of the inputs alone, so that two
    reports with the same inputs and other figures show that formulas changed, not facts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="reports")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="reports")
    number = models.PositiveIntegerField()
    formula = models.CharField(max_length=30)
    input_hash = models.CharField(max_length=64)
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    note = models.CharField(max_length=300, blank=True)
    frozen_at = models.DateTimeField()
    frozen_by = models.CharField(max_length=160, blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="report_number_unique")]
        ordering = ["-frozen_at"]


class ReportFileQuerySet(WorkspaceQuerySet):
    path = "report__workspace"


class ReportFile(Visible):
    """A frozen report as a file, drawn once when it was frozen. Append-only by trigger."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=4, choices=[(k, k) for k in ("pdf", "xlsx", "csv")])
    language = models.CharField(max_length=5)
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "kind", "language"], name="report_file_once")]


class ReportShare(Visible):
    """A link to one frozen report for a reader without account. Token and password are kept as hashes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="shares")
    token_hash = models.CharField(max_length=64, unique=True)
    password_hash = models.CharField(max_length=200, blank=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    label = models.CharField(max_length=80, blank=True)
    opened = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]


class ReportSchedule(Visible):
    """A frozen report made and mailed by itself. next_at moves by conditional UPDATE, so that one beat wins."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="report_schedules")
    every = models.CharField(max_length=7, choices=[("week", _("every week")), ("month", _("every month"))])
    recipients = models.JSONField(default=list)
    language = models.CharField(max_length=5, default="en")
    next_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="report_due")]
        ordering = ["next_at"]
