"""Writing in a thread, and sorting the inbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.cowriting import LABELS, SUGGESTIBLE
from campaigns.models import Message
from campaigns.models.messages import TEXT_MOST


def _about() -> list[tuple[str, Any]]:
    parts = (*SUGGESTIBLE, "deliverables", "fee", "rights", "disclosure")
    return [("", _("The partnership as a whole")), *((name, LABELS[name]) for name in parts)]


class MessageForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"), max_length=TEXT_MOST, widget=forms.Textarea(attrs={"rows": 4}), strip=True
    )
    about = forms.ChoiceField(label=_("About"), choices=_about, required=False)
    asks = forms.ChoiceField(
        label=_("Answer with one tap"), choices=[("", _("No ready answer")), *Message.Ask.choices], required=False
    )
    options = forms.CharField(
        label=_("Answers to choose from"),
        max_length=800,
        required=False,
        help_text=_("For “one of several”: two to six, separated by commas."),
    )

    def content(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "text": data["text"],
            "about": data["about"],
            "asks": data["asks"],
            "options": data["options"].replace("\n", ",").split(","),
        }


class TapForm(forms.Form):
    value = forms.CharField(max_length=120)
    note = forms.CharField(max_length=1000, required=False)
