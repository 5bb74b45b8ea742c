"""Forms of the import pages: what is sent, and which column feeds which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Basis, PlatformName
from matching.ingest.definition import STANDS_IN
from matching.ingest.fields import ENTITIES, main_entity
from matching.ingest.guess import Seen
from matching.ingest.uploads import MAX_FILES, too_large

# What a row may tell about its account beside what it is about.
RIDES_ALONG = {
    "posts": ("followers", "following", "posts_count", "category", "is_verified", "display_name", "bio", "country"),
    "follower_counts": ("category", "is_verified", "display_name", "country"),
}  # fmt: skip
BASES = [(value, label) for value, label in Basis.choices if value != Basis.FICTION]


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files; cleaned to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        cleaned = [super(FilesField, self).clean(file, initial) for file in files]
        if len(cleaned) > MAX_FILES:
            raise forms.ValidationError(_("Send at most %(limit)s files at once.") % {"limit": MAX_FILES})
        for file in cleaned:
            if file.size > settings.IMPORT_MAX_UPLOAD_MB << 20:
                raise forms.ValidationError(too_large(file.name))
        return cleaned


class UploadForm(forms.Form):
    files = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        allow_empty_file=True,
        help_text=gettext_lazy(
            "CSV, TSV, XLSX or JSON Lines, gzipped or not. Several at once: accounts, posts, comments, follower counts."
        ),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Or paste rows"),
        required=False,
        strip=False,
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy("With a line of column names first, as copied from a spreadsheet."),
    )
    platform = forms.ChoiceField(
        label=gettext_lazy("Network"),
        required=False,
        choices=[("", gettext_lazy("Told by the files")), *PlatformName.choices],
    )
    mapping = forms.ChoiceField(label=gettext_lazy("Mapping"), required=False)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Where the data comes from. It is kept with every row and shown beside every figure."),
    )
    basis = forms.ChoiceField(
        label=gettext_lazy("Legal basis"),
        choices=BASES,
        help_text=gettext_lazy("Why you may process it. Creators can ask, and object."),
    )

    def __init__(self, *args: Any, mappings: Sequence[tuple[str, str]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        if mappings:
            self.fields["mapping"].choices = [("", _("Guess from the column names")), *mappings]
        else:
            del self.fields["mapping"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("files") and not (data.get("pasted") or "").strip() and "files" not in self.errors:
            self.add_error("files", _("Choose at least one file, or paste some rows."))
        return data


class DraftForm(forms.Form):
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200)
    basis = forms.ChoiceField(label=gettext_lazy("Legal basis"), choices=BASES)


class FileForm(forms.Form):
    """How one file is read: what its rows are, and for each column the field it feeds ("entity.field" or "")."""

    entity = forms.ChoiceField(label=gettext_lazy("Each row is"), choices=[])
    platform = forms.ChoiceField(
        label=gettext_lazy("Network"),
        required=False,
        choices=[("", gettext_lazy("Told by a column")), *PlatformName.choices],
    )
    dates = forms.ChoiceField(
        label=gettext_lazy("Dates such as 04/05/2026"),
        required=False,
        choices=[
            ("", gettext_lazy("Do not occur")),
            ("day_first", gettext_lazy("Day first")),
            ("month_first", gettext_lazy("Month first")),
        ],
    )

    def __init__(self, *args: Any, entry: Mapping[str, Any], seen: Sequence[Seen], **options: Any) -> None:
        self.entry, self.seen = dict(entry), seen
        self.main = main_entity([name for name in ENTITIES if entry.get(name) is not None] or ["accounts"])
        super().__init__(*args, **options)
        self.fields["entity"].choices = [
            ("accounts", pgettext_lazy("each row is", "an account")),
            ("posts", pgettext_lazy("each row is", "a post")),
            ("comments", pgettext_lazy("each row is", "a comment")),
            ("follower_counts", pgettext_lazy("each row is", "a follower count at a date")),
        ]
        self.initial |= {
            "entity": self.main,
            "platform": dict(entry.get("constants") or {}).get("platform", ""),
            "dates": entry.get("dates", ""),
        }
        feeds = _feeds(entry)
        for place, item in enumerate(seen):
            self.fields[f"target{place}"] = forms.ChoiceField(required=False, choices=self._targets(), label=item.key)
            self.initial[f"target{place}"] = feeds.get(item.key, "")

    def _targets(self) -> list[Any]:
        groups: list[Any] = [("", _("– not used –"))]
        entity = ENTITIES[self.main]
        groups.append((entity.label, [(f"{self.main}.{f.name}", f.label) for f in entity.fields]))
        if self.main in RIDES_ALONG:
            account = ENTITIES["accounts"]
            rides = [(f"accounts.{name}", account.by_name[name].label) for name in RIDES_ALONG[self.main]]
            groups.append((_("Of the account"), rides))
        return groups

    def columns(self) -> list[tuple[Seen, Any]]:
        """(column or key with its samples, the bound select of what it feeds)"""
        return [(item, self[f"target{place}"]) for place, item in enumerate(self.seen)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        taken: dict[str, str] = {}
        for place, item in enumerate(self.seen):
            target = data.get(f"target{place}")
            if target and target in taken:
                text = _("“%(other)s” feeds this field already. Choose one of the two.") % {"other": taken[target]}
                self.add_error(f"target{place}", text)
            elif target:
                taken[target] = item.key
        if data.get("entity") == self.main:
            self._ask_for_what_is_missing({target.split(".")[1] for target in taken if target.startswith(self.main)})
        return data

    def _ask_for_what_is_missing(self, given: set[str]) -> None:
        missing = []
        for target in ENTITIES[self.main].fields:
            instead = STANDS_IN.get((self.main, target.name), ())
            if target.required and target.name not in given and not given & set(instead):
                missing.append(target)
        labels = [str(target.label) for target in missing if target.name != "platform"]
        if len(labels) < len(missing) and not self.cleaned_data.get("platform"):
            self.add_error("platform", _("Choose the network, or the column that tells it."))
        if labels:
            self.add_error("entity", _("Choose the column that holds: %(names)s.") % {"names": ", ".join(labels)})

    @property
    def wants_other_entity(self) -> bool:
        return bool(self.cleaned_data.get("entity")) and self.cleaned_data["entity"] != self.main

    def chosen(self) -> dict[str, Any]:
        """The entry of the mapping as chosen; how values are read stays where a column keeps its field."""
        data = self.cleaned_data
        entry = {key: value for key, value in self.entry.items() if key not in (*ENTITIES, "constants", "dates")}
        fields: dict[str, dict[str, Any]] = {self.main: {}}
        for place, item in enumerate(self.seen):
            target = data.get(f"target{place}")
            if target:
                entity, name = target.split(".")
                known = dict(self.entry.get(entity) or {}).get(name)
                fields.setdefault(entity, {})[name] = known if item.key in _keys(known) else item.key
        if data.get("platform"):
            entry["constants"] = {**dict(self.entry.get("constants") or {}), "platform": data["platform"]}
            fields[self.main].pop("platform", None)
        if data.get("dates"):
            entry["dates"] = data["dates"]
        return entry | fields


def _keys(spec: Any) -> list[str]:
    if isinstance(spec, dict):
        keys = spec.get("keys") or [spec.get("key")]
        return [str(key) for key in (keys if isinstance(keys, list) else [keys]) if key]
    return [str(key) for key in spec] if isinstance(spec, list) else [str(spec)] if spec else []


def _feeds(entry: Mapping[str, Any]) -> dict[str, str]:
    """column → "entity.field" of an entry of the mapping."""
    feeds: dict[str, str] = {}
    for entity in ENTITIES:
        for name, spec in dict(entry.get(entity) or {}).items():
            for key in _keys(spec)[:1]:
                feeds.setdefault(key, f"{entity}.{name}")
    return feeds
