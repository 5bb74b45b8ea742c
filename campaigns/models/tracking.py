"""Tracked links, the hits on them, promo codes, and pages of ours that a link may lead to.

A hit knows a minute, a country, a kind of device and the host it came from. What tells visitors apart is a hash with
a salt of the day; both are gone after 24 hours (`campaigns.links.retention`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import TenantQuerySet, Visible, WorkspaceQuerySet
from accounts.scope import scope_q
from campaigns.states import LINK, Badge

if TYPE_CHECKING:
    from accounts.actors import Actor

SLUG = r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?"


class SharedQuerySet(TenantQuerySet):
    """Rows of a workspace that the creator of their partnership sees too, once invited."""

    path = ""

    def visible_to(self, actor: Actor) -> Self:
        before = f"{self.path}__" if self.path else ""
        if actor.partnership_id is not None:
            return self.filter(**{f"{before}partnership_id": actor.partnership_id})
        if actor.workspace_id is not None:
            return self.filter(scope_q(self.model, actor), **{f"{before}workspace_id": actor.workspace_id})
        if actor.creator_id is not None:
            theirs = {f"{before}partnership__creator_id": actor.creator_id}
            return self.filter(**theirs, **{f"{before}partnership__invited_at__isnull": False})
        return self.none()


class OfLinkQuerySet(SharedQuerySet):
    path = "link"


class LandingPage(Visible):
    """A page of ours for a workspace that has none: who speaks, what it is, one button. No cookie, no script of others."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="landing_pages")
    brand = models.ForeignKey("accounts.Brand", on_delete=models.CASCADE, related_name="+")
    language = models.CharField(
        _("language"), max_length=5, default="en", choices=[("en", "English"), ("fr", "Français")]
    )
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=2000)
    button = models.CharField(_("button"), max_length=40)
    destination = models.URLField(_("where the button leads"), max_length=1500)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WorkspaceQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title


class TrackedLink(Visible):
    """`/r/<slug>`: leads to `target` and nowhere else. Without a partnership it is the campaign's own.

    target: destination with its UTM parameters, made when the link is saved; the redirect reads only this. A page of
    ours is a path on the host where the link was followed.
    click_param: where the brand has its visitors' consent, the parameter that carries the id of the click. Empty: none.
    clicks_told_until: clicks before this minute were told to partner systems (campaigns/links/telling.py).
    problem: what the last look at the destination found ("" fine): see campaigns/links/destination.py.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="tracked_links")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="tracked_links")
    partnership = models.ForeignKey(
        "campaigns.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="tracked_links"
    )
    landing = models.ForeignKey(LandingPage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    slug = models.CharField(max_length=60, unique=True, validators=[RegexValidator(rf"^{SLUG}$")])
    label = models.CharField(_("label"), max_length=80, blank=True)
    destination = models.URLField(_("destination"), max_length=1500)
    utm = models.JSONField(default=dict, blank=True)
    target = models.CharField(max_length=2000)
    click_param = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in LINK.states], default="active")
    expires_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=20, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    clicks_told_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target__startswith="https://")
                | models.Q(landing__isnull=False, target__startswith="/l/"),
                name="link_target_is_https",
            ),
            models.CheckConstraint(condition=models.Q(state__in=LINK.states), name="link_state_known"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.slug

    @property
    def badge(self) -> Badge:
        return LINK.badges[self.state]


class Click(Visible):
    """One answered redirect, kept whatever it was. Counted: not is_bot. Unique: counted and dedup_of is null.

    The unique index does the deduplication: one row per link, visitor hash and hour without dedup_of.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, db_index=False, related_name="clicks")
    minute = models.DateTimeField()
    country = models.CharField(max_length=2, blank=True)
    device = models.CharField(max_length=7, blank=True)
    referrer = models.CharField(max_length=120, blank=True)
    is_bot = models.BooleanField(default=False)
    bot_reason = models.CharField(max_length=20, blank=True)
    dedup_of = models.UUIDField(null=True, blank=True)
    visitor = models.BinaryField(null=True, blank=True, max_length=12)
    hour = models.DateTimeField()

    objects = OfLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "visitor", "hour"],
                condition=models.Q(is_bot=False, dedup_of__isnull=True, visitor__isnull=False),
                name="click_first_of_visitor",
            )
        ]
        indexes = [
            models.Index(fields=["link", "minute"], name="click_of_link"),
            models.Index(fields=["hour"], name="click_with_visitor", condition=models.Q(visitor__isnull=False)),
        ]


class ClickSalt(models.Model):
    """The secret of one day (UTC) that visitors are hashed with; deleted when the day is over."""

    day = models.DateField(primary_key=True)
    salt = models.BinaryField(max_length=32)


class PromoCode(Visible):
    """A code that a buyer types. key: folded form, unique in the workspace, so that "Été-10" and "ETE10" are one.

    discount: percent, an amount in `currency`, or "other" described in `label`. max_uses counts what was not wholly
    reversed. paused_at: since when it is paused; orders from then on are not credited to it.
    alerted_at: when signs of a leak were last told to the people of the workspace.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="promo_codes")
    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="promo_codes")
    partnership = models.ForeignKey(
        "campaigns.Partnership", null=True, blank=True, on_delete=models.CASCADE, related_name="promo_codes"
    )
    code = models.CharField(_("code"), max_length=30)
    key = models.CharField(max_length=30)
    label = models.CharField(_("label"), max_length=80, blank=True)
    discount = models.CharField(
        max_length=8,
        default="percent",
        choices=[("percent", _("Percent")), ("amount", _("Amount")), ("other", _("Something else"))],
    )
    value = models.DecimalField(_("value"), max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in LINK.states], default="active")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="code_unique_in_workspace"),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="code_ends_after_start",
            ),
        ]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def badge(self) -> Badge:
        return LINK.badges[self.state]
