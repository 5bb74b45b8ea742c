"""Forms of payments, debriefs, relations and programmes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.forms.fields import DayField

MARKS = [(str(n), str(n)) for n in range(1, 6)]


class DebriefForm(forms.Form):
    result = forms.TypedChoiceField(label=_("The result, 1 to 5"), choices=MARKS, coerce=int, widget=forms.RadioSelect)
    cooperation = forms.TypedChoiceField(
        label=_("Working together, 1 to 5"), choices=MARKS, coerce=int, widget=forms.RadioSelect
    )
    again = forms.TypedChoiceField(
        label=_("Again?"),
        choices=[("yes", _("Yes")), ("no", _("No"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    lesson = forms.CharField(
        label=_("One lesson for next time"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SentForm(forms.Form):
    sent_on = DayField(label=_("Paid on"), required=False)
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)


class RelationForm(forms.Form):
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_on = DayField(label=pgettext_lazy("a date", "On"), required=False)
    do_not_contact = forms.BooleanField(label=_("Do not contact any more"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class ProgrammeForm(forms.Form):
    brand = forms.ModelChoiceField(label=_("Brand"), queryset=None)
    name = forms.CharField(label=_("Name"), max_length=120)
    promise = forms.CharField(label=_("What ambassadors get"), max_length=400, required=False)
    tiers = forms.CharField(
        label=_("Tiers, one a line: name – benefit"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    every_months = forms.IntegerField(label=_("A new brief every … months"), min_value=1, max_value=24, initial=3)

    def __init__(self, *args: Any, brands: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["brand"].queryset = brands  # type: ignore[attr-defined]

    def steps(self) -> list[dict[str, str]]:
        """The tiers as written: "Friend – a box a season"."""
        found = []
        for line in self.cleaned_data["tiers"].splitlines():
            name, _dash, benefit = line.replace(" - ", " – ").partition(" – ")
            if name.strip():
                found.append({"name": name.strip(), "benefit": benefit.strip()})
        return found
