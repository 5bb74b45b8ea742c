"""Forms of a creator's page: a note, and what is known of the audience."""

from __future__ import annotations

import csv
import io
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Basis

MOST_BYTES = 4 << 20


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3, "data-plain": ""})
    )


class AudienceForm(forms.Form):
    """kind: `sample` (rows of sampled followers) or `shares` (dimension, key, share, n)."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What you have"),
        choices=[
            ("shares", gettext_lazy("Shares by country, age, gender, language")),
            ("sample", gettext_lazy("A sample of followers, one per row")),
        ],
        widget=forms.RadioSelect,
        initial="shares",
    )
    account = forms.ChoiceField(label=gettext_lazy("Account"))
    file = forms.FileField(label=gettext_lazy("CSV file"), required=False, allow_empty_file=True)
    pasted = forms.CharField(
        label=gettext_lazy("Or paste the rows"),
        required=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 5, "data-plain": "", "spellcheck": "false"}),
    )
    observed_on = forms.DateField(
        label=gettext_lazy("Observed on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    source = forms.CharField(
        label=gettext_lazy("Where it comes from"),
        max_length=200,
        help_text=gettext_lazy("For example: screenshot of the creator's statistics, sent on 3 May."),
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("On what basis"), choices=[(v, label) for v, label in Basis.choices if v != Basis.FICTION]
    )

    def __init__(self, *args: Any, accounts: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            (str(a.pk), f"{a.get_platform_display()} · @{a.handle}") for a in accounts
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file, pasted = given.get("file"), given.get("pasted") or ""
        if file is not None and file.size > MOST_BYTES:
            self.add_error("file", _("The file is larger than 4 MB."))
            return given
        try:
            text = file.read().decode("utf-8-sig") if file is not None else pasted
        except UnicodeDecodeError:
            self.add_error("file", _("This is not a text file in UTF-8. Export it as CSV (UTF-8)."))
            return given
        if not text.strip():
            self.add_error("file" if file is not None else "pasted", _("There are no rows. Choose a file or paste the rows with their heading."))  # fmt: skip
            return given
        given["rows"] = rows_of(text)
        return given


def rows_of(text: str) -> list[dict[str, Any]]:
    """Rows of a CSV or TSV with a heading; headings are folded, cells beyond the heading are dropped."""
    head = text.lstrip().splitlines()[0]
    mark = max((",", ";", "\t"), key=head.count)
    reader = csv.DictReader(io.StringIO(text.strip().replace("\x00", "")), delimiter=mark)
    return [
        {str(name).strip().casefold(): value for name, value in row.items() if name is not None and value is not None}
        for row in reader
    ]
