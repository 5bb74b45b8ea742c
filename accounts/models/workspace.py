"""Workspaces, their brands, their members, and who is invited to join."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible, WorkspaceQuerySet

if TYPE_CHECKING:
    from accounts.actors import Actor


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("Manager")
    REVIEWER = "reviewer", _("Reviewer")
    FINANCE = "finance", _("Finance")
    ANALYST = "analyst", _("Analyst")
    GUEST = "guest", _("Guest")


class OwnWorkspace(TenantQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(pk=actor.workspace_id) if actor.workspace_id else self.none()


class Workspace(Visible):
    """A brand's or an agency's room. Sizes of creators are in `matching.ScoringVersion`.
    `retention`: area → days where the workspace keeps something shorter than the installation."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, default="brand", choices=[("brand", _("Brand")), ("agency", _("Agency"))])
    language = models.CharField(max_length=5, default="en", choices=[("en", "English"), ("fr", "Français")])
    timezone = models.CharField(max_length=50, default="Europe/Paris")
    currency = models.CharField(max_length=3, default="EUR")
    require_mfa = models.BooleanField(default=False, db_default=False)
    retention = models.JSONField(default=dict, db_default={}, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = OwnWorkspace.as_manager()

    def __str__(self) -> str:
        return self.name


class Brand(Visible):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="brands")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True, max_length=4000)
    website = models.URLField(_("website"), blank=True)
    sectors = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    values_wanted = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    values_refused = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tone = models.CharField(_("tone"), max_length=200, blank=True)
    personas = models.TextField(_("personas"), blank=True, max_length=4000)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    competitors = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="brand_name_unique_in_workspace")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(Visible):
    """limited: works on these brands and campaigns only; without one of them, on nothing. Owners and administrators
    see the whole workspace."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.GUEST)
    limited = models.BooleanField(default=False, db_default=False)
    brands = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    campaigns = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_per_workspace"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=models.Q(limited=False) | ~models.Q(role__in=["owner", "admin"]),
                name="administrators_see_the_whole",
            ),
        ]
        ordering = ["created_at"]


class WorkspaceInvitation(Visible):
    """An e-mailed link to join a workspace. The token is hashed; one open invitation per address."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MANAGER)
    limited = models.BooleanField(default=False, db_default=False)
    brands = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    campaigns = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "email"],
                condition=models.Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_per_address",
            )
        ]
        ordering = ["-created_at"]
