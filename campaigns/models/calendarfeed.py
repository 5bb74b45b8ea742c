"""The secret link of a creator's calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone

from accounts.models.querysets import TenantQuerySet, Visible

if TYPE_CHECKING:
    from accounts.actors import Actor


class FeedQuerySet(TenantQuerySet):
    """The signed-in creator's own; the holder of an invitation's link has none."""

    def visible_to(self, actor: Actor) -> Self:
        own = actor.creator_id is not None and actor.partnership_id is None
        return self.filter(creator_id=actor.creator_id) if own else self.none()


class CalendarFeed(Visible):
    """One link per creator, kept as a hash; a new one replaces it. read_on: the last day a calendar fetched it."""

    creator = models.OneToOneField("accounts.Creator", on_delete=models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=5, default="en")
    created_at = models.DateTimeField(default=timezone.now)
    read_on = models.DateField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()
