"""The light brief: what is told to creators, and whom to look for."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import PlatformName
from campaigns.deliverables import MOST, QUANTITY_MOST, Format
from campaigns.disclosure import accepted_labels
from campaigns.forms.choices import country_choices, language_choices
from campaigns.forms.fields import DayField, MoneyField
from campaigns.models import Brief, Campaign, Form
from campaigns.models.campaign import Use
from campaigns.vocabulary import FREEDOM

WISHES = ("text", "topics", "platforms", "followers_min", "followers_max", "wished_languages", "wished_countries")


def freedom_choices() -> list[tuple[int, str]]:
    return [(number, f"{short} – {text}") for number, (short, text) in FREEDOM.items()]


class BriefForm(forms.Form):
    language = forms.ChoiceField(label=_("Written in"), choices=language_choices)
    product = forms.CharField(label=_("Product or idea"), max_length=300)
    goal = forms.CharField(
        label=_("Goal"),
        max_length=300,
        required=False,
        help_text=_("What should have changed afterwards? One sentence, for you and for the creator."),
    )
    message = forms.CharField(
        label=_("Message in one sentence"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What should people remember? The creator will say it in their own words."),
    )
    must = forms.CharField(
        label=_("Must be said or shown"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Facts only, one a line. The fewer, the better it sounds."),
    )
    must_not = forms.CharField(
        label=_("Must not be said or shown"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    freedom = forms.TypedChoiceField(
        label=_("Freedom left to the creator"), choices=freedom_choices, coerce=int, widget=forms.RadioSelect, initial=4
    )
    fee = MoneyField(label=_("Fee for each creator"), required=False)
    in_kind = forms.CharField(
        label=_("In kind"),
        max_length=300,
        required=False,
        help_text=_("Product, trip, invitation: what is given besides."),
    )
    in_kind_value = MoneyField(
        label=_("Its value"), required=False, help_text=_("Public price. The law counts it like money.")
    )
    rights = forms.CharField(
        label=_("More on the rights"),
        max_length=400,
        required=False,
        help_text=_("What the boxes do not say: with your name, without cuts."),
    )
    rights_uses = forms.MultipleChoiceField(
        label=_("Where you may use it"),
        choices=Use.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: the content stays on the creator's accounts only."),
    )
    rights_months = forms.IntegerField(label=_("For how many months"), required=False, min_value=1, max_value=60)
    not_before = DayField(label=_("Not published before"), required=False)
    assets = forms.CharField(
        label=_("Material to use"),
        max_length=6000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One a line: what it is, then its address. “Pack shots https://…”. Nobody has to use it."),
    )
    link = forms.URLField(
        label=_("Page to link to"), max_length=500, required=False, assume_scheme="https", widget=forms.URLInput
    )
    gives_code = forms.BooleanField(label=_("Each creator gets a code of their own"), required=False)
    review_rounds = forms.TypedChoiceField(
        label=_("Review rounds"),
        choices=[(0, _("None: publish without showing it first")), (1, _("One")), (2, _("Two"))],
        coerce=int,
        initial=1,
    )
    answer_days = forms.IntegerField(label=_("Days to answer"), min_value=1, max_value=60, initial=7)
    # Whom to look for
    text = forms.CharField(
        label=_("Whom do you look for?"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("In plain words, as you would tell a colleague. Empty: product and message are used."),
    )
    topics = forms.CharField(label=_("Topics"), max_length=400, required=False, help_text=_("Separated by commas."))
    platforms = forms.MultipleChoiceField(
        label=_("Networks"),
        choices=PlatformName.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: those of the deliverables."),
    )
    followers_min = forms.IntegerField(label=_("Followers from"), required=False, min_value=0, max_value=10**9)
    followers_max = forms.IntegerField(label=_("to"), required=False, min_value=1, max_value=10**9)
    wished_languages = forms.MultipleChoiceField(label=_("They write in"), choices=language_choices, required=False)
    wished_countries = forms.MultipleChoiceField(label=_("They live in"), choices=country_choices, required=False)

    def __init__(self, *args: Any, campaign: Campaign, **options: Any) -> None:
        super().__init__(*args, **options)
        self.campaign = campaign
        language = str((self.data if self.is_bound else self.initial).get("language") or "")
        self.label_names = []
        for country in campaign.countries:
            name = f"label_{country}"
            accepted = accepted_labels(country, language)
            known = dict(country_choices())
            self.fields[name] = forms.ChoiceField(
                label=known.get(country, country), choices=[(text, text) for text in accepted], required=False
            )
            self.initial.setdefault(name, self.initial.get("disclosure", {}).get(country) or accepted[0])
            self.label_names.append(name)

    @property
    def labels(self) -> list[forms.BoundField]:
        return [self[name] for name in self.label_names]

    def content(self) -> dict[str, Any]:
        """`BriefContent` of what was written; deliverables come from the formset."""
        data = self.cleaned_data
        kept = {name: value for name, value in data.items() if name not in WISHES and name not in self.label_names}
        labels = {name.removeprefix("label_"): data[name] for name in self.label_names if data.get(name)}
        kept["assets"] = asset_lines(data["assets"])
        return kept | {"disclosure": labels, "matching": self._wishes()}

    def _wishes(self) -> dict[str, Any]:
        data = self.cleaned_data
        wishes: dict[str, Any] = {"text": data["text"], "platforms": data["platforms"]}
        wishes["topics"] = [part for part in (" ".join(piece.split()) for piece in data["topics"].split(",")) if part]
        wishes["languages"], wishes["countries"] = data["wished_languages"], data["wished_countries"]
        wishes |= {name: data[name] for name in ("followers_min", "followers_max")}
        if not wishes["platforms"]:
            del wishes["platforms"]  # those of the deliverables
        # No language or country chosen is stated as such: no wish, instead of the campaign's.
        return {name: value for name, value in wishes.items() if value not in (None, "")}


def asset_lines(text: str) -> list[dict[str, str]]:
    """ "Pack shots https://…" a line → [{label, url}]; the last word of a line is its address."""
    found = []
    for line in text.splitlines():
        *words, address = line.split() or [""]
        if address:
            found.append({"label": " ".join(words).rstrip(" :–-"), "url": address})
    return found


def initial_of(campaign: Campaign, brief: Brief | None) -> dict[str, Any]:
    """Form values of a brief, or of a new one for this campaign."""
    if brief is None:
        language = (campaign.languages or [campaign.workspace.language])[0]
        return {
            "language": language,
            "freedom": 4,
            "review_rounds": 1,
            "answer_days": 7,
            "wished_languages": campaign.languages,
            "wished_countries": campaign.countries,
        }
    names = ["language", "product", "goal", "message", "must", "must_not", "freedom", "fee", "in_kind", "in_kind_value"]
    names += ["rights", "rights_uses", "rights_months", "not_before", "link", "gives_code"]
    names += ["review_rounds", "answer_days", "disclosure"]
    wishes = brief.matching or {}
    return {name: getattr(brief, name) for name in names} | {
        "assets": "\n".join(f"{item['label']} {item['url']}" for item in brief.assets),
        "text": wishes.get("text", ""),
        "topics": ", ".join(wishes.get("topics", [])),
        "platforms": wishes.get("platforms", []),
        "followers_min": wishes.get("followers_min"),
        "followers_max": wishes.get("followers_max"),
        "wished_languages": wishes.get("languages", campaign.languages),
        "wished_countries": wishes.get("countries", campaign.countries),
    }


class DeliverableForm(forms.Form):
    quantity = forms.IntegerField(label=_("Number"), min_value=1, max_value=QUANTITY_MOST, initial=1)
    format = forms.ChoiceField(label=_("Format"), choices=Format.choices)
    platform = forms.ChoiceField(label=_("Network"), choices=PlatformName.choices)
    form = forms.ChoiceField(label=pgettext_lazy("collaboration", "Form"), choices=Form.choices)
    due_on = DayField(label=_("Publication by"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class _Deliverables(BaseFormSet):
    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].widget.attrs["class"] = "form-check-input"

    def values(self) -> list[dict[str, Any]]:
        """The items kept, in order; untouched extra rows do not count."""
        kept = [form for form in self.forms if form.has_changed() and not form.cleaned_data.get("DELETE")]
        return [{key: value for key, value in form.cleaned_data.items() if key != "DELETE"} for form in kept]


def deliverable_formset(extra: int = 1) -> type[_Deliverables]:
    made = formset_factory(
        DeliverableForm, formset=_Deliverables, extra=extra, max_num=MOST, absolute_max=MOST + 1, can_delete=True
    )
    return cast(type[_Deliverables], made)
