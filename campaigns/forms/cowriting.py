"""Other words for a brief, proposed by one side to the other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.cowriting import LABELS, SUGGESTIBLE
from campaigns.forms.brief import freedom_choices
from campaigns.forms.fields import DayField
from campaigns.models import Brief


def _text(name: str, rows: int, most: int, required: bool = False) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=LABELS[name], max_length=most, required=required, widget=widget)


class SuggestForm(forms.Form):
    message = _text("message", 2, 300)
    must = _text("must", 4, 2000)
    must_not = _text("must_not", 3, 2000)
    freedom = forms.TypedChoiceField(
        label=LABELS["freedom"], choices=freedom_choices, coerce=int, widget=forms.RadioSelect
    )
    review_rounds = forms.TypedChoiceField(
        label=LABELS["review_rounds"], choices=[(0, _("None")), (1, _("One")), (2, _("Two"))], coerce=int
    )
    not_before = DayField(label=LABELS["not_before"], required=False)
    reason = forms.CharField(
        label=_("Why?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("A word the other side reads beside your change."),
    )

    def __init__(self, *args: Any, brief: Brief, **options: Any) -> None:
        options.setdefault("initial", {name: getattr(brief, name) for name in SUGGESTIBLE})
        super().__init__(*args, **options)

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in SUGGESTIBLE}


class SuggestionAnswerForm(forms.Form):
    answer = forms.CharField(max_length=1000, required=False)
    for_later = forms.BooleanField(required=False)
