"""What is made and published: the piece, its drafts and remarks, files, guest links, and disclosure checks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import PlatformName
from accounts.models.querysets import TenantQuerySet, Visible
from accounts.scope import scope_q
from campaigns.deliverables import Format
from campaigns.models.campaign import Campaign, Form
from campaigns.models.partnership import PartnershipQuerySet
from campaigns.states import DELIVERABLE, Badge

if TYPE_CHECKING:
    from accounts.actors import Actor


class DeliverableQuerySet(PartnershipQuerySet):
    partnership = "partnership"


class OfDeliverableQuerySet(PartnershipQuerySet):
    partnership = "deliverable__partnership"


class Deliverable(Visible):
    """One piece to publish. Stories agreed together are one piece of `quantity` frames.

    rounds_used counts the changes the brand asked for, of rounds_allowed. toggle: the network's own setting as the
    creator states it. notices: which notices the piece must carry (keys of the packs). waived_*: a label that was not
    clear was let pass by a person, with a reason.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.CASCADE, related_name="works")
    number = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=12, choices=Form.choices)
    format = models.CharField(max_length=12, choices=Format.choices)
    platform = models.CharField(max_length=12, choices=PlatformName.choices)
    quantity = models.PositiveSmallIntegerField(default=1)
    note = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=17, choices=[(s, s) for s in DELIVERABLE.states], default="planned")
    state_changed_at = models.DateTimeField()
    rounds_allowed = models.PositiveSmallIntegerField(default=1)
    rounds_used = models.PositiveSmallIntegerField(default=0)
    published_url = models.URLField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    caption = models.TextField(blank=True, max_length=6000)
    toggle = models.BooleanField(null=True, blank=True)
    notices = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    late_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.CharField(max_length=160, blank=True)
    waived_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.CharField(max_length=160, blank=True)
    waiver_reason = models.CharField(max_length=1000, blank=True)
    closing_note = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = DeliverableQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "number"], name="deliverable_number_unique"),
            models.CheckConstraint(condition=models.Q(state__in=DELIVERABLE.states), name="deliverable_state_known"),
            models.CheckConstraint(
                condition=models.Q(rounds_used__lte=models.F("rounds_allowed")), name="rounds_within_allowed"
            ),
            models.CheckConstraint(condition=models.Q(rounds_allowed__lte=2), name="deliverable_two_rounds_at_most"),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                name="deliverable_due",
                condition=models.Q(state__in=["planned", "changes_requested", "approved"]),
            ),
        ]
        ordering = ["due_on", "partnership_id", "number"]

    @property
    def badge(self) -> Badge:
        return DELIVERABLE.badges[self.state]

    @property
    def campaign(self) -> Campaign:
        """Read by `record_event` for the workspace."""
        return self.partnership.campaign

    @property
    def creator_id(self) -> int:
        return int(self.partnership.creator_id)

    @property
    def rounds_left(self) -> int:
        return self.rounds_allowed - self.rounds_used

    @property
    def newest_draft(self) -> Draft | None:
        return max(self.drafts.all(), key=lambda draft: draft.number, default=None)

    @property
    def newest_check(self) -> DisclosureCheck | None:
        """The newest check of what was published."""
        made = [check for check in self.checks.all() if check.subject == "publication"]
        return max(made, key=lambda check: check.checked_at, default=None)


class Draft(Visible):
    """One version shown before publication: text, pictures, a link to a video, or any of them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="drafts")
    number = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, max_length=6000)
    video_url = models.URLField(max_length=500, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    answer = models.CharField(
        max_length=17, blank=True, choices=[(s, s) for s in ("approved", "changes_requested", "cancelled")]
    )
    answer_note = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfDeliverableQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deliverable", "number"], name="draft_number_unique")]
        ordering = ["-number"]


class Remark(Visible):
    """A remark beside a draft. quote: the words of the draft it speaks of. opinion: a guest's advice, "" = a remark."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="remarks")
    side = models.CharField(max_length=7, choices=[(s, s) for s in ("brand", "creator", "guest")])
    author = models.CharField(max_length=160)
    text = models.CharField(max_length=2000)
    quote = models.CharField(max_length=300, blank=True)
    opinion = models.CharField(max_length=8, blank=True, choices=[(s, s) for s in ("approve", "change")])
    created_at = models.DateTimeField(default=timezone.now)

    class _Rows(PartnershipQuerySet):
        partnership = "draft__deliverable__partnership"

    objects = _Rows.as_manager()

    class Meta:
        ordering = ["created_at", "id"]


class ReviewFile(Visible):
    """A picture of a draft or a screenshot of the publication, kept under a random name outside the web root."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="files")
    draft = models.ForeignKey(Draft, null=True, blank=True, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(max_length=10, choices=[("draft", _("Draft")), ("screenshot", _("Screenshot"))])
    name = models.CharField(max_length=120)
    stored = models.CharField(max_length=32, unique=True)
    content_type = models.CharField(max_length=30)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfDeliverableQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]


class GuestLink(Visible):
    """A link that lets somebody without an account read one piece's drafts and say what they think, until it ends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="guest_links")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfDeliverableQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def open_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and moment < self.expires_at


class DisclosureCheckQuerySet(TenantQuerySet):
    """A workspace sees its own; a creator those of their own pieces."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.partnership_id is not None:
            return self.filter(deliverable__partnership_id=actor.partnership_id)
        if actor.workspace_id is not None:
            return self.filter(scope_q(self.model, actor), workspace_id=actor.workspace_id)
        if actor.creator_id is not None:
            return self.filter(deliverable__partnership__creator_id=actor.creator_id)
        return self.none()


class DisclosureCheck(Visible):
    """One verdict with its evidence; rows are added, never rewritten, except for the person's ticks.

    findings: as `verdicts.Check.as_json()["countries"]`. packs: "FR@2026.11.1 BE@…". ticks: what a person confirmed
    of what text cannot show. deliverable None: a text checked by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    deliverable = models.ForeignKey(Deliverable, null=True, blank=True, on_delete=models.CASCADE, related_name="checks")
    draft = models.ForeignKey(Draft, null=True, blank=True, on_delete=models.CASCADE, related_name="checks")
    subject = models.CharField(max_length=11, choices=[(s, s) for s in ("draft", "publication", "text")])
    text = models.TextField(max_length=6000)
    text_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=5, blank=True)
    platform = models.CharField(max_length=12)
    countries = ArrayField(models.CharField(max_length=2))
    packs = models.CharField(max_length=400)
    verdict = models.CharField(max_length=9, choices=[(s, s) for s in ("clear", "ambiguous", "missing")])
    findings = models.JSONField(default=list)
    url = models.URLField(max_length=500, blank=True)
    screenshot = models.ForeignKey(ReviewFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ticks = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    confirmed_by = models.CharField(max_length=160, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(default=timezone.now)

    objects = DisclosureCheckQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "-checked_at"], name="check_of_workspace")]
        ordering = ["-checked_at"]

    @property
    def decisive(self) -> dict[str, Any]:
        """The finding of the strictest country."""
        order = {"clear": 0, "ambiguous": 1, "missing": 2}
        known = [country for country in self.findings if country["pack"]]
        worst = max(known or self.findings, key=lambda country: order[country["verdict"]], default=None)
        return dict(worst["findings"][0]) if worst else {}
