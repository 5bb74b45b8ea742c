"""Forms of lists and saved searches. They check shapes; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.codes import EUR_PER_UNIT
from matching.models.choosing import Alert


class ListForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    budget = forms.DecimalField(
        label=_("Budget"), required=False, min_value=0, max_digits=12, decimal_places=2, localize=True
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in EUR_PER_UNIT], initial="EUR")
    note = forms.CharField(
        label=_("What it is for"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class ShareForm(forms.Form):
    name = forms.CharField(label=_("Who is it for"), max_length=80)
    days = forms.IntegerField(label=_("Works for (days)"), min_value=1, max_value=60, initial=14)
    shows_prices = forms.BooleanField(label=_("Show expected prices"), required=False)


class MarkForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class SaveSearchForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    alert = forms.ChoiceField(label=_("Tell me of new matches"), choices=Alert.choices, initial=Alert.WEEKLY)

    def __init__(self, *args: Any, may_mail: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_mail:
            del self.fields["alert"]
