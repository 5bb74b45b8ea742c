"""A product on its way to a creator, and the address it needs for as long as it needs it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import uuid7
from accounts.models.querysets import Visible
from campaigns.models.partnership import OfferQuerySet, OfPartnership
from campaigns.states import SHIPMENT, Badge


class Shipment(OfPartnership, Visible):
    """One parcel. variants: what the creator may choose from (sizes, shades); empty when there is nothing to choose."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    partnership = models.ForeignKey("campaigns.Partnership", on_delete=models.CASCADE, related_name="shipments")
    state = models.CharField(max_length=9, choices=[(s, s) for s in SHIPMENT.states], default="asked")
    product = models.CharField(_("product"), max_length=200)
    variants = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    variant = models.CharField(_("variant"), max_length=80, blank=True)
    carrier = models.CharField(_("carrier"), max_length=80, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=80, blank=True)
    tracking_url = models.URLField(_("tracking page"), max_length=300, blank=True)
    problem = models.TextField(blank=True, max_length=500)
    created_by = models.ForeignKey("accounts.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    state_changed_at = models.DateTimeField(default=timezone.now)
    shipped_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    address_forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SHIPMENT.states), name="shipment_state_known"),
        ]
        ordering = ["created_at"]

    @property
    def badge(self) -> Badge:
        return SHIPMENT.badges[self.state]


class ShippingAddress(models.Model):
    """Where it goes. Kept apart from the parcel, so that nothing which lists parcels can carry it along."""

    shipment = models.OneToOneField(Shipment, primary_key=True, on_delete=models.CASCADE, related_name="address")
    name = models.CharField(_("name on the parcel"), max_length=120)
    lines = models.CharField(_("street and number"), max_length=300)
    postal_code = models.CharField(_("postal code"), max_length=20)
    city = models.CharField(_("town"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    phone = models.CharField(_("phone for the carrier"), max_length=40, blank=True)
    note = models.CharField(_("for the carrier"), max_length=200, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
