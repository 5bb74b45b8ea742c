"""Making tracked links and promo codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Brand
from campaigns.forms.fields import DayField, MoneyField
from campaigns.limits import BOUND
from campaigns.models import Campaign, LandingPage, Partnership


class ForWhom(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.creator.display_name)


def accepted(actor: Actor, campaign: Campaign) -> Any:
    found = Partnership.visible_to(actor).filter(campaign=campaign, state__in=BOUND).select_related("creator")
    return found.order_by("creator__display_name")


class LinkForm(forms.Form):
    """One link, or with `everyone` one for each who accepted and has none to this destination."""

    partnership = ForWhom(label=_("For"), queryset=None, required=False, empty_label=_("Everybody who accepted"))
    destination = forms.CharField(
        label=_("Where it leads"),
        max_length=1500,
        required=False,
        help_text=_("The final page, with https://. It can never be changed."),
    )
    landing = forms.ModelChoiceField(label=_("or a page of ours"), queryset=None, required=False, empty_label=_("none"))
    slug = forms.CharField(
        label=_("Address"),
        max_length=60,
        required=False,
        help_text=_("After /r/. Left empty: brand and creator, readable."),
    )
    utm_campaign = forms.CharField(label="utm_campaign", max_length=100, required=False)
    utm_medium = forms.CharField(label="utm_medium", max_length=100, required=False)
    utm_source = forms.CharField(
        label="utm_source", max_length=100, required=False, help_text=_("Left empty: the creator's network.")
    )
    expires_on = DayField(label=_("Works until"), required=False)

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["partnership"].queryset = accepted(actor, campaign)  # type: ignore[attr-defined]
        self.fields["landing"].queryset = LandingPage.visible_to(actor)  # type: ignore[attr-defined]


class CodeForm(forms.Form):
    """One code, or by a pattern one for each who accepted and has none."""

    partnership = ForWhom(label=_("For"), queryset=None, required=False, empty_label=_("Everybody who accepted"))
    code = forms.CharField(
        label=_("Code or pattern"),
        max_length=60,
        help_text=_("{handle}, {first}, {brand}, {value}; # is a digit and ? a letter drawn by chance."),
    )
    value = forms.DecimalField(label=_("Percent off"), min_value=0, max_value=100, decimal_places=2, required=False)
    label = forms.CharField(label=_("What it gives, in words"), max_length=80, required=False)
    max_uses = forms.IntegerField(label=_("Uses at most"), min_value=1, max_value=1_000_000, required=False)
    starts_on = DayField(label=_("Valid from"), required=False)
    ends_on = DayField(label=_("Valid until"), required=False)

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["partnership"].queryset = accepted(actor, campaign)  # type: ignore[attr-defined]


class CodeChangeForm(forms.Form):
    """Empty: no limit."""

    starts_on = DayField(label=_("Valid from"), required=False)
    ends_on = DayField(label=_("Valid until"), required=False)
    max_uses = forms.IntegerField(label=_("Uses at most"), min_value=1, max_value=1_000_000, required=False)


class LinkChangeForm(forms.Form):
    label = forms.CharField(label=_("Label"), max_length=80, required=False)
    expires_on = DayField(label=_("Works until"), required=False)


class FileForm(forms.Form):
    file = forms.FileField(label=_("CSV file"), max_length=200)

    def text(self) -> str:
        """The file as text: UTF-8, or Windows-1252 as spreadsheets of Western Europe write it."""
        body = self.cleaned_data["file"].read(5 * 1024 * 1024)
        try:
            return body.decode("utf-8-sig")
        except UnicodeDecodeError:
            return body.decode("cp1252", errors="replace")


class LandingForm(forms.Form):
    brand = forms.ModelChoiceField(label=_("Brand"), queryset=None, empty_label=None)
    language = forms.ChoiceField(label=_("Language"), choices=[("fr", "Français"), ("en", "English")])
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(label=_("Text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    button = forms.CharField(label=_("Words on the button"), max_length=40)
    destination = forms.CharField(label=_("Where the button leads"), max_length=1500)

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["brand"].queryset = Brand.visible_to(actor)  # type: ignore[attr-defined]


class RuleForm(forms.Form):
    window_days = forms.IntegerField(label=_("Days after a click that still count"), min_value=1, max_value=365)
    code_beats_link = forms.BooleanField(label=_("A promo code counts before a link"), required=False)
    credit_outside_window = forms.BooleanField(label=_("Credit links outside the window too"), required=False)


class RateForm(forms.Form):
    currency = forms.RegexField(r"^[A-Za-z]{3}$", label=_("Currency"), max_length=3)
    day = DayField(label=_("From"))
    rate = forms.CharField(label=_("One unit is worth"), max_length=20)


class PostbackForm(forms.Form):
    name = forms.CharField(label=_("Which shop"), max_length=80)


class ReversalForm(forms.Form):
    amount = MoneyField(label=_("Amount given back"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
