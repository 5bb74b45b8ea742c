"""A campaign's frame: for whom, by when, for how much."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Brand
from campaigns.forms.choices import country_choices, currency_choices, language_choices
from campaigns.forms.fields import DayField, MoneyField
from campaigns.models import Campaign, Objective

TARGET = "target_"


def _target(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=10**12)


def _whole(value: Any) -> int | None:
    try:
        return round(float(value))
    except (TypeError, ValueError):
        return None


class CampaignForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=120, help_text=_("For you and your colleagues; creators do not see it.")
    )
    brand: forms.ModelChoiceField[Brand] = forms.ModelChoiceField(label=_("Brand"), queryset=None, empty_label=None)
    objective = forms.ChoiceField(label=_("Objective"), choices=Objective.choices, initial=Objective.CONSIDERATION)
    audience = forms.CharField(
        label=_("Audience"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whom you want to reach, in a sentence."),
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries"),
        choices=country_choices,
        required=False,
        help_text=_("Where the audience is. Each country has its own disclosure label."),
    )
    languages = forms.MultipleChoiceField(label=_("Languages"), choices=language_choices, required=False)
    budget = MoneyField(label=_("Budget"), required=False, help_text=_("All fees together."))
    currency = forms.ChoiceField(label=_("Currency"), choices=currency_choices)
    starts_on = DayField(label=_("Start"), required=False)
    ends_on = DayField(label=_("End"), required=False)
    places = forms.IntegerField(
        label=_("Places"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("How many creators at most. When they are taken, everyone still waiting gets a polite answer."),
    )

    target_reach = _target(_("Measured reach"))
    target_qualified = _target(_("Qualified comments"))
    target_clicks = _target(_("Clicks"))
    target_sales = _target(_("Sales"))
    target_revenue = _target(_("Attributed revenue"))

    def __init__(self, *args: Any, actor: Actor, campaign: Campaign | None = None, **options: Any) -> None:
        if campaign is not None:
            held = {name: getattr(campaign, name) for name in self.base_fields if not name.startswith(TARGET)}
            held |= {f"{TARGET}{name}": _whole(value) for name, value in campaign.kpi_targets.items()}
            options.setdefault("initial", held)
        self.others = {
            name: value
            for name, value in (campaign.kpi_targets if campaign else {}).items()
            if f"{TARGET}{name}" not in self.base_fields
        }
        super().__init__(*args, **options)
        self.fields["brand"].queryset = Brand.visible_to(actor)  # type: ignore[attr-defined]
        if campaign is not None and campaign.state != "draft":
            for name in ("brand", "objective", "countries", "languages", "currency", "starts_on"):
                self.fields[name].disabled = True

    def targets(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(TARGET)]

    def clean(self) -> dict[str, Any]:
        """The targets in one value, as the service takes it; those that the API set and no field shows are kept."""
        data = super().clean() or {}
        given = {name: data.pop(name, None) for name in list(data) if name.startswith(TARGET)}
        data["kpi_targets"] = self.others | {
            name.removeprefix(TARGET): value for name, value in given.items() if value is not None
        }
        return data
