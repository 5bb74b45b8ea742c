"""Costs, contents and their counters; freezing, sharing and sending reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import PlatformName
from campaigns.forms.fields import DayField
from campaigns.forms.tracking import ForWhom, accepted
from campaigns.models import Campaign, CostKind, ReportSchedule


class CostForm(forms.Form):
    partnership = ForWhom(label=_("For"), queryset=None, required=False, empty_label=_("The campaign as a whole"))
    kind = forms.ChoiceField(
        label=_("Kind"), choices=[c for c in CostKind.choices if c[0] not in ("fee", "in_kind")] + CostKind.choices[:2]
    )
    amount = forms.CharField(
        label=_("Amount"), max_length=20, help_text=_("A negative amount corrects an earlier line.")
    )
    on = DayField(label=_("Day"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["partnership"].queryset = accepted(actor, campaign)  # type: ignore[attr-defined]


class ContentForm(forms.Form):
    partnership = ForWhom(label=_("By"), queryset=None)
    platform = forms.ChoiceField(label=_("Network"), choices=PlatformName.choices)
    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https")
    published_at = forms.DateTimeField(
        label=_("Published"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    earned = forms.BooleanField(label=_("Spontaneous: neither paid nor asked for"), required=False)

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["partnership"].queryset = accepted(actor, campaign)  # type: ignore[attr-defined]


class MetricsForm(forms.Form):
    views = forms.CharField(label=_("Views"), max_length=20, required=False)
    reach = forms.CharField(label=_("Measured reach"), max_length=20, required=False)
    likes = forms.CharField(label=_("Likes"), max_length=20, required=False)
    comments = forms.CharField(label=_("Comments"), max_length=20, required=False)
    shares = forms.CharField(label=_("Shares"), max_length=20, required=False)
    saves = forms.CharField(label=_("Saves"), max_length=20, required=False)
    qualified = forms.CharField(label=_("Qualified comments"), max_length=20, required=False)
    proof = forms.FileField(label=_("Screenshot of the statistics"), required=False, max_length=200)


class FreezeForm(forms.Form):
    note = forms.CharField(label=_("A word with it"), max_length=300, required=False)


class ShareForm(forms.Form):
    label = forms.CharField(label=_("For whom"), max_length=80, required=False)
    days = forms.IntegerField(label=_("Days it works"), min_value=1, max_value=365, initial=30)
    password = forms.CharField(
        label=_("Password"),
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class OpenForm(forms.Form):
    password = forms.CharField(label=_("Password"), max_length=128, widget=forms.PasswordInput)


class ScheduleForm(forms.Form):
    every = forms.ChoiceField(label=_("How often"), choices=ReportSchedule._meta.get_field("every").choices or [])
    recipients = forms.CharField(
        label=_("To"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Addresses, separated by commas."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("fr", "Français"), ("en", "English")])
