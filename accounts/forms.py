"""Forms of people and workspaces. They check shapes; services decide."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.handles import clean_handle
from accounts.models import Brand, CreatorTerms, PlatformName, Role, Workspace
from accounts.permissions import SCOPES
from accounts.webhooks.names import PUBLIC


class LimitsForm(forms.Form):
    """Whole workspace, or some brands and campaigns of it."""

    limited = forms.BooleanField(
        label=_("Only some brands or campaigns"),
        required=False,
        help_text=_("Whoever is limited sees and does only what belongs to them. Owners and administrators never are."),
    )
    brands = forms.MultipleChoiceField(label=_("Brands"), required=False, widget=forms.CheckboxSelectMultiple)
    campaigns = forms.MultipleChoiceField(label=_("Campaigns"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, brands: Any = (), campaigns: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brands"].choices = list(brands)
        self.fields["campaigns"].choices = list(campaigns)


class MemberInvitationForm(LimitsForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MANAGER)
    field_order = ("email", "role", "limited", "brands", "campaigns")


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use this key, so that you recognise it later.")
    )
    mode = forms.ChoiceField(label=_("Mode"), choices=[("live", _("Live")), ("test", _("Test"))])
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"), choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
    expires_at = forms.DateTimeField(
        label=_("Expires"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: no expiry."),
    )


class KeyLimitForm(forms.Form):
    requests_per_minute = forms.IntegerField(
        label=_("Requests a minute"),
        min_value=1,
        max_value=60_000,
        required=False,
        help_text=_("Empty: the usual limit."),
    )


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://example.com/resonance"}),
        help_text=_("https only. Addresses inside this network are refused."),
    )
    description = forms.CharField(label=_("Description"), max_length=120, required=False)
    events = forms.MultipleChoiceField(
        label=_("Events"),
        choices=[(name, name) for name in PUBLIC],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all, also those that come later."),
    )


CURRENCIES = ("EUR", "GBP", "USD", "CHF", "CAD", "AUD", "DKK", "NOK", "SEK", "PLN", "CZK", "JPY", "MAD")


class WorkspaceForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = self.instance.currency, self.instance.timezone
        codes = [*CURRENCIES, *([now[0]] if now[0] not in CURRENCIES else [])]
        zones = sorted(
            {name for name in available_timezones() if "/" in name and not name.startswith("Etc/")} | {"UTC"}
        )
        zones += [now[1]] if now[1] not in zones else []
        self.fields["currency"] = forms.ChoiceField(
            label=_("Currency"),
            choices=[(code, code) for code in codes],
            help_text=_("Reports and totals are given in it, at the rates kept under “Currencies and attribution”."),
        )
        self.fields["timezone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(name, name.replace("_", " ")) for name in zones]
        )

    class Meta:
        model = Workspace
        fields = ["name", "language", "currency", "timezone"]
        labels = {"language": _("Language"), "currency": _("Currency"), "timezone": _("Time zone")}


def _lines(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=2000)


class ListFormMixin:
    """Arrays are written separated by commas."""

    list_fields: tuple[str, ...] = ()

    def split(self, name: str) -> list[str]:
        raw = self.cleaned_data.get(name) or ""  # type: ignore[attr-defined]
        parts = [" ".join(part.split())[:60] for part in str(raw).split(",")]
        return list(dict.fromkeys(part for part in parts if part))[:40]


class BrandForm(ListFormMixin, forms.ModelForm):
    sectors_text = _lines(_("Sectors"), _("Separated by commas, for example: cosmetics, well-being."))
    values_text = _lines(_("Values wanted"), _("Separated by commas."))
    competitors_text = _lines(_("Competitors"), _("Separated by commas; used to see conflicts."))

    class Meta:
        model = Brand
        fields = ["name", "website", "description", "tone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, source in (
            ("sectors_text", "sectors"),
            ("values_text", "values_wanted"),
            ("competitors_text", "competitors"),
        ):
            self.fields[field].initial = ", ".join(getattr(self.instance, source) or [])


class CreatorTermsForm(ListFormMixin, forms.ModelForm):
    refused_text = _lines(
        _("Sectors refused"), _("Separated by commas. Brands of these sectors are never proposed to you.")
    )
    values_text = _lines(_("Values that matter to you"), _("Separated by commas."))
    minimum = forms.DecimalField(
        label=_("Minimum fee"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        help_text=_("For any form of collaboration. Offers below are never sent to you."),
    )

    class Meta:
        model = CreatorTerms
        fields = [
            "editorial_line",
            "currency",
            "accepts_in_kind",
            "capacity_per_month",
            "unavailable_until",
            "shows_reasons",
        ]
        labels = {
            "currency": _("Currency"),
            "accepts_in_kind": _("I accept products or services as pay"),
            "capacity_per_month": _("Partnerships a month, at most"),
            "unavailable_until": _("Not available until"),
            "shows_reasons": _("Brands may read why I was not proposed"),
        }
        widgets = {
            "unavailable_until": forms.DateInput(attrs={"type": "date"}),
            "editorial_line": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["refused_text"].initial = ", ".join(self.instance.refused_sectors or [])
        self.fields["values_text"].initial = ", ".join(self.instance.values or [])
        self.fields["minimum"].initial = (self.instance.minimum_fee or {}).get("*")


class FactsForm(forms.Form):
    """What a person may put right about themself."""

    display_name = forms.CharField(label=_("Name"), max_length=160)
    contact_email = forms.EmailField(label=_("Contact address"), max_length=254, required=False)
    country = forms.CharField(
        label=_("Country"), max_length=2, required=False, help_text=_("Two letters, for example FR.")
    )
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    languages = forms.CharField(
        label=_("Languages"), max_length=60, required=False, help_text=_("Separated by commas, for example: fr, en.")
    )
    bio = forms.CharField(
        label=_("About you"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class PrivacyLinkForm(forms.Form):
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)


class OpenWorkspaceForm(forms.Form):
    name = forms.CharField(label=_("Name of the workspace"), max_length=120)
    email = forms.EmailField(label=_("Address of its owner"), max_length=254)
    language = forms.ChoiceField(label=_("Language of its messages"), choices=settings.LANGUAGES)


class ClaimForm(forms.Form):
    platform = forms.ChoiceField(label=_("Network"), choices=PlatformName.choices)
    handle = forms.CharField(
        label=_("Your name on this network"),
        max_length=200,
        help_text=_("As in the address of your page, for example @ana.cooks."),
    )
    email = forms.EmailField(label=_("Your e-mail address"), max_length=254)

    def clean_handle(self) -> str:
        handle = clean_handle(self.cleaned_data["handle"])
        if handle is None:
            raise forms.ValidationError(_("Write the name of the account alone, for example @ana.cooks."))
        return handle


class NewPersonForm(forms.Form):
    """Name and password of somebody who came by a link; the address is the one the link was sent to."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    full_name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters."),
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if email:
            del self.fields["email"]
