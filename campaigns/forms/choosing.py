"""What a set is chosen by: the budget and how many of one kind at most."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.fields import MoneyField


class ChoiceForm(forms.Form):
    budget = MoneyField(label=_("Budget"), required=False)
    per_tier = forms.IntegerField(label=_("Most of one size"), min_value=1, max_value=99, required=False)
    per_platform = forms.IntegerField(label=_("Most on one network"), min_value=1, max_value=99, required=False)
