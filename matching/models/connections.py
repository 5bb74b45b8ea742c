"""Access to the networks' interfaces: a workspace's keys, a creator's consents, and what was spent of each day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models import PlatformName
from accounts.models.querysets import TenantQuerySet, Visible
from accounts.scope import scope_q

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.actors import Actor
    from accounts.models import SocialAccount


class ConnectionQuerySet(TenantQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        if actor.workspace_id is not None:
            return self.filter(scope_q(self.model, actor), workspace_id=actor.workspace_id)
        if actor.creator_id is not None and actor.partnership_id is None:
            return self.filter(creator_id=actor.creator_id)
        return self.none()


class Connection(Visible):
    """kind "key": a workspace's access to public data. kind "oauth": a creator's consent for one account, with the
    consent row that records it. Tokens are sealed. `error` is the code of the last failure."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    platform = models.CharField(max_length=10, choices=PlatformName.choices)
    kind = models.CharField(max_length=5, choices=[("key", _("Key")), ("oauth", _("Consent of the creator"))])
    workspace = models.ForeignKey("accounts.Workspace", null=True, on_delete=models.CASCADE, related_name="connections")
    creator = models.ForeignKey("accounts.Creator", null=True, on_delete=models.CASCADE, related_name="connections")
    account = models.OneToOneField(
        "accounts.SocialAccount", null=True, on_delete=models.CASCADE, related_name="connection"
    )
    consent = models.ForeignKey("accounts.Consent", null=True, on_delete=models.PROTECT, related_name="+")
    token = models.TextField()
    refresh_token = models.TextField(blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    owner_id = models.CharField(max_length=120, blank=True)
    state = models.CharField(
        max_length=7, default="active", choices=[("active", _("Works")), ("lost", _("Connect again"))]
    )
    error = models.CharField(max_length=40, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "platform"], condition=models.Q(kind="key"), name="one_key_per_network"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="key", workspace__isnull=False, creator__isnull=True)
                | models.Q(kind="oauth", workspace__isnull=True, creator__isnull=False, consent__isnull=False),
                name="connection_of_workspace_or_consent",
            ),
        ]
        ordering = ["platform"]

    @classmethod
    def active_for(cls, accounts: Iterable[SocialAccount]) -> set[int]:
        """Ids of those accounts whose creator's consent works; no more of a consent is shown to workspaces."""
        rows = cls.objects.filter(account__in=list(accounts), state="active", kind="oauth")
        return set(rows.values_list("account_id", flat=True))


class ConnectionDay(models.Model):
    """Requests or units spent on one day (UTC)."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    spent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "day"], name="one_count_per_day")]
