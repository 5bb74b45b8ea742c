"""One thread of messages per partnership, and the mail that came in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible
from campaigns.models.cowriting import SIDES
from campaigns.models.partnership import OfferQuerySet, OfPartnership

if TYPE_CHECKING:
    from accounts.actors import Actor

TEXT_MOST = 5000


class Thread(Visible):
    """How a partnership's thread stands: whose turn it is, who looks after it, since when somebody waits.

    waiting: the side whose answer is awaited ("" when nobody's); waiting_since: its oldest unanswered message.
    """

    partnership = models.OneToOneField(
        "campaigns.Partnership", primary_key=True, on_delete=models.CASCADE, related_name="thread"
    )
    assigned_to = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    waiting = models.CharField(max_length=7, blank=True, choices=SIDES)
    waiting_since = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    brand_read_at = models.DateTimeField(null=True, blank=True)
    creator_read_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-last_at"], name="thread_newest")]


class MessageQuerySet(OfferQuerySet):
    """What is held back is for the brand to judge; the creator it claims to come from does not see it."""

    def visible_to(self, actor: Actor) -> Self:
        found = super().visible_to(actor)
        return found if actor.workspace_id is not None else found.filter(held=False)


class Message(OfPartnership, Visible):
    """What one side wrote. Text is kept as it was written and only ever shown as text.

    asks: a question with ready answers (`options`); `answers` leads from an answer to its question, once.
    reply_seconds: how long the other side's oldest unanswered message had waited, where this one answers it.
    held: came by mail from an address we cannot vouch for; only the brand sees it until it lets it in.
    """

    class Ask(models.TextChoices):
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("One of several")
        DAY = "day", _("A date")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=7, choices=SIDES)
    author = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=120, blank=True)
    text = models.TextField(max_length=TEXT_MOST)
    about = models.CharField(max_length=20, blank=True)
    suggestion = models.ForeignKey(
        "campaigns.Suggestion", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    channel = models.CharField(max_length=4, default="page", choices=[(c, c) for c in ("page", "mail", "api")])
    asks = models.CharField(max_length=6, blank=True, choices=Ask.choices)
    options = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    answers = models.OneToOneField("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_by")
    held = models.BooleanField(default=False)
    reply_seconds = models.PositiveIntegerField(null=True, blank=True)
    left_out = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["partnership", "created_at"], name="message_of_partnership")]
        ordering = ["created_at", "id"]


class ReceivedMail(models.Model):
    """One mail that came in, by its Message-ID: the same mail twice changes nothing. Holds no text.

    outcome: kept, held, automatic, unknown_address, empty, closed.
    """

    mail_id = models.CharField(max_length=250, unique=True)
    sender = models.CharField(max_length=254, blank=True)
    outcome = models.CharField(max_length=20)
    kept = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
