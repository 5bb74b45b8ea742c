"""Inviting and answering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.deliverables import QUANTITY_MOST, described
from campaigns.forms.fields import DayField, MoneyField
from campaigns.models import DeclineReason, Offer
from campaigns.personal import LONGEST


class InvitationForm(forms.Form):
    personal_sentence = forms.CharField(
        label=_("Your sentence to this person"),
        max_length=LONGEST,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Required, and written for this person only: which post did you like, and why them?"),
    )
    email = forms.EmailField(label=_("Sent to"), required=False, max_length=254)
    fee = MoneyField(label=_("Fee"), required=False)
    answer_days = forms.IntegerField(label=_("Days to answer"), min_value=1, max_value=60)
    recent_contact_reason = forms.CharField(
        label=_("Why so soon after the last contact?"), required=False, max_length=300
    )


class SendingForm(InvitationForm):
    """The composer: the invitation, and when it goes."""

    send_at = forms.DateTimeField(
        label=_("Send later, at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )
    follow_ups = forms.TypedChoiceField(
        label=_("Gentle reminders, if nothing comes back"),
        choices=[
            (0, _("None by itself")),
            (1, _("One, at half of the time")),
            (2, _("Two, the last one before the end")),
        ],
        coerce=int,
        initial=0,
        required=False,
        empty_value=0,
    )


class BulkLineForm(forms.Form):
    """One person in the bulk composer. An empty sentence leaves them out."""

    partnership = forms.UUIDField(widget=forms.HiddenInput)
    personal_sentence = forms.CharField(
        label=_("Your sentence to this person"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    recent_contact_reason = forms.CharField(
        label=_("Why so soon after the last contact?"), required=False, max_length=300
    )


class DeclineForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why?"), choices=DeclineReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Anything to add?"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CounterForm(forms.Form):
    """Other terms than those on the table. One number per deliverable; 0 takes it out."""

    fee = MoneyField(label=_("Fee"))
    in_kind = forms.CharField(label=_("In kind"), max_length=300, required=False)
    in_kind_value = MoneyField(label=_("Its value"), required=False)
    due_on = DayField(label=_("Publication by"), required=False)
    rights = forms.CharField(label=_("Usage rights"), max_length=400, required=False)
    message = forms.CharField(
        label=_("A word with it"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, offer: Offer, **options: Any) -> None:
        initial = {name: getattr(offer, name) for name in ("fee", "in_kind", "in_kind_value", "due_on", "rights")}
        options.setdefault("initial", initial)
        super().__init__(*args, **options)
        self.items: Sequence[Mapping[str, Any]] = offer.deliverables
        self.item_names = []
        for number, (item, shown) in enumerate(zip(offer.deliverables, described(offer.deliverables), strict=True)):
            name = f"item_{number}"
            self.fields[name] = forms.IntegerField(
                label=shown["words"], min_value=0, max_value=QUANTITY_MOST, initial=item["quantity"]
            )
            self.item_names.append(name)

    @property
    def item_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.item_names]

    def terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        pairs = zip(self.items, self.item_names, strict=True)
        kept = [{**item, "quantity": data[name]} for item, name in pairs if data[name]]
        plain = {name: data[name] for name in ("in_kind", "due_on", "rights", "message")}
        return plain | {name: data[name] or 0 for name in ("fee", "in_kind_value")} | {"deliverables": kept}


def _sentence(label: Any, name: str) -> type[forms.Form]:
    text = forms.CharField(label=label, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    return type(f"{name.title()}Form", (forms.Form,), {name: text})


WithdrawForm = _sentence(_("What do you tell the creator?"), "message")
CancelForm = _sentence(_("Why does it end? The other side reads this."), "reason")


class CloseForm(forms.Form):
    message = forms.CharField(
        label=_("A word to everybody still waiting"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Private note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class DeadlineForm(forms.Form):
    until = DayField(label=_("New deadline"))
