"""Outgoing mail: written in the transaction that decided it, sent after, kept to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from accounts.models.querysets import TenantQuerySet, Visible

if TYPE_CHECKING:
    from accounts.actors import Actor


class MailQuerySet(TenantQuerySet):
    """Read in the demo's mailbox only: a workspace's mail by its members, anybody's own mail by themselves."""

    def visible_to(self, actor: Actor) -> Self:
        from accounts.models.creator import Creator
        from accounts.models.user import User

        addresses = (
            set(User.objects.filter(pk=actor.user_id).values_list("email", flat=True)) if actor.user_id else set()
        )
        if actor.creator_id is not None and actor.partnership_id is None:
            addresses |= set(Creator.objects.filter(pk=actor.creator_id).values_list("contact_email", flat=True))
        mine = models.Q(pk__in=[])
        for address in addresses - {""}:
            mine |= models.Q(to__iexact=address)
        if actor.kind == "staff":  # messages to people who are nobody's yet: the demo's way to follow their links
            mine |= models.Q(workspace__isnull=True, kind="creator_claim")
        if actor.workspace_id is not None and not actor.limited:
            mine |= models.Q(workspace_id=actor.workspace_id)
        return self.filter(mine)


class Mail(Visible):
    """`dedupe_key` makes a second queueing of the same message a no-op."""

    dedupe_key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=40)
    to = models.EmailField()
    language = models.CharField(max_length=5, default="en")
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    reply_to = models.CharField(max_length=254, blank=True)
    workspace = models.ForeignKey("accounts.Workspace", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, default="queued", choices=[(s, s) for s in ("queued", "sent", "failed")])
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=models.Q(state="queued"), name="mail_queued")]
        ordering = ["-id"]
