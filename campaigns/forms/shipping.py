"""Parcels: what is sent, where it goes, and how it is followed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.choices import country_choices
from campaigns.models import Shipment


class ParcelForm(forms.Form):
    product = forms.CharField(label=_("What you send"), max_length=200)
    variants = forms.CharField(
        label=_("To choose from"),
        max_length=1600,
        required=False,
        help_text=_("Sizes or shades, separated by commas. Empty: nothing to choose."),
    )

    def content(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"product": data["product"], "variants": data["variants"].replace("\n", ",").split(",")}


class AddressForm(forms.Form):
    name = forms.CharField(label=_("Name on the parcel"), max_length=120)
    lines = forms.CharField(label=_("Street and number"), max_length=300)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20, required=False)
    city = forms.CharField(label=_("Town"), max_length=120)
    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    phone = forms.CharField(label=_("Phone for the carrier"), max_length=40, required=False)
    note = forms.CharField(label=_("Note for the carrier"), max_length=200, required=False)

    def __init__(self, *args: Any, shipment: Shipment, country: str = "", **options: Any) -> None:
        options.setdefault("initial", {"country": country or "FR", "variant": shipment.variant})
        super().__init__(*args, **options)
        autocomplete = {
            "name": "name",
            "lines": "street-address",
            "postal_code": "postal-code",
            "city": "address-level2",
        }
        for field, value in (autocomplete | {"country": "country", "phone": "tel"}).items():
            self.fields[field].widget.attrs["autocomplete"] = value
        if shipment.variants:
            self.fields["variant"] = forms.ChoiceField(
                label=_("Which one?"), choices=[(one, one) for one in shipment.variants], widget=forms.RadioSelect
            )

    def content(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return {"variant": data.pop("variant", ""), "address": data}


class ShipForm(forms.Form):
    carrier = forms.CharField(label=_("Carrier"), max_length=80, required=False)
    tracking = forms.CharField(label=_("Tracking number"), max_length=80, required=False)
    tracking_url = forms.URLField(label=_("Tracking page"), max_length=300, required=False, assume_scheme="https")


class ProblemForm(forms.Form):
    problem = forms.CharField(label=_("What is wrong?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
