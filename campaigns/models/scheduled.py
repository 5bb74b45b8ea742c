"""An invitation written now and sent later: a row, so that no restart of anything can lose it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models.querysets import Visible
from campaigns.models.partnership import OfferQuerySet


class ScheduledInvitation(Visible):
    """At most one per partnership. state: waiting, sent, refused (see `refusal`), cancelled."""

    partnership = models.OneToOneField(
        "campaigns.Partnership", primary_key=True, on_delete=models.CASCADE, related_name="scheduled"
    )
    send_at = models.DateTimeField()
    state = models.CharField(
        max_length=9, default="waiting", choices=[(s, s) for s in ("waiting", "sent", "refused", "cancelled")]
    )
    sentence = models.TextField(max_length=1000)
    options = models.JSONField(default=dict)
    refusal = models.TextField(blank=True)
    author = models.ForeignKey("accounts.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfferQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["send_at"], name="invitation_due", condition=models.Q(state="waiting")),
        ]
