"""Changes to a brief that one side proposes and the other answers: suggestions before the agreement, amendments after."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible
from campaigns.models.partnership import OfferQuerySet, OfPartnership
from campaigns.states import SUGGESTION, Badge

SIDES = [("brand", _("Brand")), ("creator", _("Creator"))]


class Suggestion(OfPartnership, Visible):
    """One proposed change of the words both sides read.

    changes: {field: {"from": value, "to": value}}, the version's own values as they were when it was proposed.
    result: the version its acceptance made. amendment: proposed after the agreement.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.CASCADE, related_name="suggestions")
    brief = models.ForeignKey("campaigns.Brief", on_delete=models.PROTECT, related_name="suggestions")
    result = models.ForeignKey("campaigns.Brief", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    side = models.CharField(max_length=7, choices=SIDES)
    author = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=[(s, s) for s in SUGGESTION.states], default="open")
    amendment = models.BooleanField(default=False)
    changes = models.JSONField()
    reason = models.TextField(blank=True, max_length=1000)
    answer = models.TextField(blank=True, max_length=1000)
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SUGGESTION.states), name="suggestion_state_known"),
        ]
        ordering = ["-created_at"]

    @property
    def badge(self) -> Badge:
        return SUGGESTION.badges[self.state]
