"""Forms of contracts. They check shapes; services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.contracts.clauses import TEXT_MOST, TITLE_MOST
from campaigns.contracts.parties import FIELDS
from campaigns.forms.choices import country_choices
from campaigns.forms.fields import DayField, MoneyField


class PartyForm(forms.Form):
    """The fields of one side; prefix "brand" or "creator" where both stand on a page."""

    def __init__(self, *args: Any, side: str, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, (label, longest, _required) in FIELDS[side].items():
            if name == "tax_country":
                choices = [("", "–"), *country_choices()]
                self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)
            elif name == "email":
                self.fields[name] = forms.EmailField(label=label, max_length=longest, required=False)
            else:
                self.fields[name] = forms.CharField(label=label, max_length=longest, required=False)


class ContractTermsForm(forms.Form):
    language = forms.ChoiceField(
        label=_("Language of the contract"), choices=[("fr", _("French")), ("en", _("English"))]
    )
    due_on = DayField(label=_("Publication by"), required=False)
    payment_days = forms.IntegerField(label=_("Days to pay after the last publication"), min_value=0, max_value=60)
    rights_until = DayField(label=_("Usage rights end on"), required=False)


class AmendedTermsForm(ContractTermsForm):
    fee = MoneyField(label=_("Fee"), required=False)
    in_kind = forms.CharField(label=_("In kind"), max_length=300, required=False)
    in_kind_value = MoneyField(label=_("Its value"), required=False)
    rights = forms.CharField(label=_("Usage rights"), max_length=400, required=False)


class OwnClauseForm(forms.Form):
    title = forms.CharField(label=_("Title of a clause of your own"), max_length=TITLE_MOST, required=False)
    text = forms.CharField(
        label=_("Its text"), max_length=TEXT_MOST, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class SignForm(forms.Form):
    name = forms.CharField(label=_("First and last name"), max_length=160)
    capacity = forms.CharField(label=_("In which capacity"), max_length=120)
    code = forms.CharField(
        label=_("Code from the mail"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}),
    )
    agrees = forms.BooleanField(label=_("I agree"), required=True)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why? The other side reads this."), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class WithoutContractForm(forms.Form):
    reason = forms.CharField(
        label=_("Why no contract? This is kept."), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class VerifyForm(forms.Form):
    file = forms.FileField(label=_("The PDF"), required=False)
    fingerprint = forms.CharField(
        label=_("Or its SHA-256 fingerprint"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
