"""What a workspace keeps while it chooses: notes, saved searches, lists with triage, and links for its clients."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible, WorkspaceQuerySet


class CreatorNote(Visible):
    """What somebody of a workspace wrote about a creator: never shown to the creator nor to other workspaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+")
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=4000)
    author = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=160, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["workspace", "creator", "-created_at"], name="notes_of_creator")]
        ordering = ["-created_at"]


class Alert(models.TextChoices):
    NONE = "none", _("No alert")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")


class SavedSearch(Visible):
    """A search of Discover under a name. query: (name, value) pairs of its address. known: whom its owner was already
    shown, so that an alert tells of new ones only; the oldest fall out. due_at: when the next alert is looked for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="saved_searches")
    user = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    query = models.JSONField(default=list)
    alert = models.CharField(max_length=6, choices=Alert.choices, default=Alert.NONE)
    known = ArrayField(models.BigIntegerField(), default=list, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user", "name"], name="saved_search_named_once")]
        indexes = [models.Index(fields=["due_at"], name="saved_search_due", condition=models.Q(due_at__isnull=False))]
        ordering = ["name", "id"]


class SearchNews(Visible):
    """New matches of a saved search, found by one look. Unread until its owner opens them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="news")
    creator_ids = ArrayField(models.BigIntegerField())
    found_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class _Rows(WorkspaceQuerySet):
        path = "search__workspace"

    objects = _Rows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "found_at"], name="search_news_once")]
        ordering = ["-found_at"]


class Triage(models.TextChoices):
    UNTRIAGED = "untriaged", _("To sort")
    SHORTLISTED = "shortlisted", _("Shortlisted")
    PASSED = "passed", _("Passed")


class PassReason(models.TextChoices):
    TOPIC = "topic", _("Not the subject")
    AUDIENCE = "audience", _("Not the audience")
    TONE = "tone", _("Not the tone")
    PRICE = "price", _("Too expensive")
    SATURATED = "saturated", _("Too many partnerships")
    CONFLICT = "conflict", _("Works with a competitor")
    QUALITY = "quality", _("Quality of the content")
    LATER = "later", _("Good, but not now")
    OTHER = "other", _("Another reason")


class Flag(models.TextChoices):
    FAVOURITE = "favourite", _("Favourite")
    QUESTION = "question", _("To check")
    RISK = "risk", _("Careful")


class Shortlist(Visible):
    """Creators put together before any campaign: sorted one by one, shown to a client, taken into a campaign."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="shortlists")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True, max_length=2000)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(budget__isnull=True) | models.Q(budget__gte=0), name="shortlist_budget_positive")]  # fmt: skip
        ordering = ["-created_at"]


class OfShortlist(WorkspaceQuerySet):
    path = "shortlist__workspace"


class ShortlistEntry(Visible):
    """One creator on a list. pass_reason stands only while passed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="entries")
    creator = models.ForeignKey("accounts.Creator", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=12, choices=Triage.choices, default=Triage.UNTRIAGED)
    pass_reason = models.CharField(max_length=10, choices=PassReason.choices, blank=True)
    flags = ArrayField(models.CharField(max_length=10, choices=Flag.choices), default=list, blank=True)
    note = models.CharField(max_length=500, blank=True)
    decided_by = models.CharField(max_length=160, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    added_at = models.DateTimeField(default=timezone.now)

    objects = OfShortlist.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shortlist", "creator"], name="creator_once_per_shortlist"),
            models.CheckConstraint(
                condition=models.Q(state="passed") | models.Q(pass_reason=""), name="pass_reason_only_when_passed"
            ),
        ]
        ordering = ["added_at", "id"]


class ShortlistLink(Visible):
    """A link that lets a client without an account read a list and say approve or reject, until it ends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shortlist = models.ForeignKey(Shortlist, on_delete=models.CASCADE, related_name="links")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    shows_prices = models.BooleanField(default=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfShortlist.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def open_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and moment < self.expires_at


class ShortlistOpinion(Visible):
    """What the holder of a link thinks of one creator: one opinion each, the last word stands."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    entry = models.ForeignKey(ShortlistEntry, on_delete=models.CASCADE, related_name="opinions")
    link = models.ForeignKey(ShortlistLink, on_delete=models.CASCADE, related_name="opinions")
    verdict = models.CharField(
        max_length=8, choices=[("approve", _("Approved")), ("reject", _("Rejected"))], blank=True
    )
    comment = models.TextField(blank=True, max_length=1000)
    updated_at = models.DateTimeField(default=timezone.now)

    class _Rows(WorkspaceQuerySet):
        path = "entry__shortlist__workspace"

    objects = _Rows.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "link"], name="one_opinion_per_link")]
        ordering = ["updated_at"]
