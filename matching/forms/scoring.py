"""Forms of a workspace's scoring. They read what was typed; `services.scoring` decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.contracts import FAMILIES, PLATFORMS
from matching.ranking.exploration import MOST_SLOTS
from matching.reasons import family_label
from matching.services.scoring import NOTE_LONGEST, Scoring
from matching.tiers import EVERY, MOST

STEPS = ("micro", "mid", "macro", "mega")


class NoteForm(forms.Form):
    """What every version says of itself, and the number its editor saw."""

    note = forms.CharField(
        label=_("What changes, and why"),
        max_length=NOTE_LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stays in the history beside your name."),
    )
    based_on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class WeightsForm(NoteForm):
    """Six weights in points; they are brought to 100 together when published."""

    def __init__(self, *args: Any, scoring: Scoring, note_needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = note_needed
        self.fields["based_on"].initial = scoring.number
        for name in FAMILIES:
            self.fields[name] = forms.FloatField(
                label=family_label(name),
                min_value=0,
                max_value=100,
                initial=f"{scoring.points[name]:g}",
                localize=False,
                widget=forms.NumberInput(attrs={"step": "0.1", "inputmode": "decimal", "class": "form-control"}),
            )

    @property
    def weights(self) -> dict[str, float]:
        return {name: self.cleaned_data[name] for name in FAMILIES if name in self.cleaned_data}

    def families(self) -> list[forms.BoundField]:
        return [self[name] for name in FAMILIES]


class SizesForm(NoteForm):
    """Where micro, mid, macro and mega begin, and how many of the first places are explored."""

    def __init__(self, *args: Any, scoring: Scoring, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["based_on"].initial = scoring.number
        self.fields["explore"] = forms.IntegerField(
            label=_("Explored places among the first twenty"),
            min_value=0,
            max_value=MOST_SLOTS,
            initial=scoring.explore,
            help_text=_("For people of whom little is known yet; marked on their card. 0 turns them off."),
        )
        for network in (EVERY, *PLATFORMS):
            own = scoring.tiers.bounds.get(network)
            for k, step in enumerate(STEPS):
                self.fields[f"{network}_{step}"] = forms.IntegerField(
                    label=step.capitalize(),
                    min_value=1,
                    max_value=MOST,
                    required=network == EVERY,
                    initial=own[k] if own else None,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "form-control"}),
                )

    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """(network, its four fields): "*" first."""
        return [(network, [self[f"{network}_{step}"] for step in STEPS]) for network in (EVERY, *PLATFORMS)]

    @property
    def tiers(self) -> dict[str, list[int | None]]:
        """Network → four counts; a network left empty takes those of every network."""
        given = {n: [self.cleaned_data.get(f"{n}_{step}") for step in STEPS] for n in (EVERY, *PLATFORMS)}
        return {network: steps if any(step is not None for step in steps) else [] for network, steps in given.items()}
