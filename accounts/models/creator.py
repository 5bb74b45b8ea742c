"""Creators, their accounts on the networks, and the limits they set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible, WorkspaceQuerySet

if TYPE_CHECKING:
    from accounts.actors import Actor


class PlatformName(models.TextChoices):
    INSTAGRAM = "instagram", "Instagram"
    TIKTOK = "tiktok", "TikTok"
    YOUTUBE = "youtube", "YouTube"
    X = "x", "X"


class CreatorQuerySet(TenantQuerySet):
    """The index of public creator data is shared by the installation; a creator sees only themself."""

    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            return self.filter(erased_at__isnull=True)
        if actor.creator_id is not None:
            return self.filter(pk=actor.creator_id)
        return self.none()


class Creator(Visible):
    """A person. Unclaimed until they prove an account is theirs (`user` is then set).

    corrected: the fields they put right themselves, which no import writes over.
    """

    user = models.OneToOneField(
        "accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="creator"
    )
    display_name = models.CharField(_("name"), max_length=160)
    bio = models.TextField(_("biography"), blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    languages = ArrayField(models.CharField(max_length=5), default=list, blank=True)
    niche_hint = models.CharField(max_length=60, blank=True)
    contact_email = models.EmailField(_("contact address"), blank=True)
    is_minor = models.BooleanField(default=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    corrected = ArrayField(models.CharField(max_length=30), default=list, db_default=[], blank=True)
    source = models.ForeignKey(
        "accounts.Provenance", null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    observed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CreatorQuerySet.as_manager()

    def __str__(self) -> str:
        return self.display_name


class AccountQuerySet(TenantQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            return self.filter(creator__erased_at__isnull=True)
        if actor.creator_id is not None:
            return self.filter(creator_id=actor.creator_id)
        return self.none()


class SocialAccount(Visible):
    """One handle on one network. `handle_key` is the handle folded for comparison."""

    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="accounts")
    platform = models.CharField(max_length=10, choices=PlatformName.choices)
    handle = models.CharField(max_length=120)
    handle_key = models.CharField(max_length=120)
    external_id = models.CharField(max_length=120, blank=True)
    url = models.URLField(max_length=400, blank=True)
    display_name = models.CharField(max_length=160, blank=True)
    bio = models.TextField(blank=True)
    category = models.CharField(max_length=60, blank=True)
    followers = models.BigIntegerField(null=True, blank=True)
    following = models.BigIntegerField(null=True, blank=True)
    posts_count = models.BigIntegerField(null=True, blank=True)
    is_verified = models.BooleanField(null=True, blank=True)
    source = models.ForeignKey(
        "accounts.Provenance", null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    observed_at = models.DateTimeField(null=True, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "handle_key"], name="account_unique_per_platform"),
            models.CheckConstraint(condition=models.Q(platform__in=PlatformName.values), name="account_platform_known"),
            models.CheckConstraint(
                condition=models.Q(followers__isnull=True) | models.Q(followers__gte=0),
                name="account_followers_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"


class TermsQuerySet(TenantQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            return self.filter(creator__erased_at__isnull=True)
        return self.filter(creator_id=actor.creator_id) if actor.creator_id is not None else self.none()


class CreatorTerms(Visible):
    """A creator's own limits: they exclude, whatever a score says.

    minimum_fee: form → amount as a string in `currency`; "*" is the minimum of any other form.
    """

    creator = models.OneToOneField(Creator, primary_key=True, on_delete=models.CASCADE, related_name="terms")
    editorial_line = models.TextField(_("editorial line"), blank=True, max_length=2000)
    topics = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    refused_sectors = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    values = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    forms = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    minimum_fee = models.JSONField(default=dict, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    accepts_in_kind = models.BooleanField(null=True, blank=True)
    capacity_per_month = models.PositiveSmallIntegerField(null=True, blank=True)
    unavailable_until = models.DateField(null=True, blank=True)
    tax_country = models.CharField(max_length=2, blank=True)
    responsible_certificate = models.BooleanField(default=False)
    shows_reasons = models.BooleanField(default=True)
    source = models.ForeignKey("accounts.Provenance", null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    objects = TermsQuerySet.as_manager()


class CreatorRecord(Visible):
    """What one workspace adds about a creator: its own identifier, contact and notes. Never shared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="creator_records")
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="records")
    external_id = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    notes = models.TextField(blank=True, max_length=8000)
    updated_at = models.DateTimeField(auto_now=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "creator"], name="one_record_per_creator"),
            models.UniqueConstraint(
                fields=["workspace", "external_id"],
                condition=~models.Q(external_id=""),
                name="creator_external_id_unique",
            ),
        ]


class CreatorClaim(models.Model):
    """A person saying "this creator is me": proved by a code in the account's bio or a link they were sent."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    creator = models.ForeignKey(Creator, on_delete=models.CASCADE, related_name="claims")
    account = models.ForeignKey(SocialAccount, null=True, blank=True, on_delete=models.CASCADE, related_name="claims")
    user = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.CASCADE, related_name="claims")
    method = models.CharField(
        max_length=10, choices=[("bio_code", _("Code in the biography")), ("link", _("Link received"))]
    )
    code = models.CharField(max_length=20, blank=True)
    token_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=10, default="open", choices=[(s, s) for s in ("open", "proved", "expired", "refused")]
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
