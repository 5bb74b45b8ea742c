"""The way to an import: send files, choose what each column feeds, try it, start it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import InvalidInput
from accounts.models import Basis
from accounts.views.access import needs
from matching.forms.imports import DraftForm, FileForm, UploadForm
from matching.import_report import report_of
from matching.ingest.fields import ENTITIES
from matching.ingest.guess import guess_file
from matching.ingest.reasons import remedy, sentence
from matching.models import ImportDraft, ImportMapping
from matching.services.drafts import (
    OpenFile,
    Trial,
    change_draft,
    discard_draft,
    open_draft,
    open_file,
    start_draft,
    try_draft,
)


@needs("import.run")
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    kept = ImportMapping.visible_to(request.actor)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        mappings=[(str(mapping.pk), mapping.name) for mapping in kept],
        initial={"basis": Basis.LEGITIMATE_INTEREST},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        chosen = kept.filter(pk=data["mapping"]).first() if data.get("mapping") else None
        try:
            draft = open_draft(
                actor=request.actor,
                files=_sent(data),
                platform=data["platform"],
                source=data["source"],
                basis=data["basis"],
                definition=chosen.definition if chosen else None,
            )
            return redirect("import_mapping", pk=draft.pk)
        except InvalidInput as error:
            for name, texts in error.fields.items():
                form.add_error(name if name in form.fields else None, list(texts))
    status = 422 if request.method == "POST" else 200
    return render(request, "matching/import_new.html", {"form": form, "entities": ENTITIES.values()}, status=status)


def _sent(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for file in data["files"]:
        yield file.name, file.chunks()
    pasted = data.get("pasted") or ""
    if pasted.strip():
        kind = "jsonl" if pasted.lstrip()[:1] in ("{", "[") else "csv"
        yield f"{_('pasted')}.{kind}", [pasted.encode("utf-8", "replace")]


@needs("import.run")
@require_http_methods(["GET", "POST"])
def import_mapping(request: HttpRequest, pk: Any) -> HttpResponse:
    draft = get_object_or_404(ImportDraft.visible_to(request.actor), pk=pk)
    if draft.job_id is not None:
        return redirect("import_detail", pk=draft.job_id)
    if request.method == "POST":
        return _chosen(request, draft)
    return _page(request, draft, DraftForm(initial={"source": draft.source, "basis": draft.basis}), _forms(draft))


def _forms(draft: ImportDraft, data: Mapping[str, Any] | None = None) -> list[tuple[OpenFile, FileForm | None]]:
    """Every file of the draft with its form; None for a file that cannot be read."""
    entries = {str(entry.get("match")): entry for entry in draft.definition.get("files", [])}
    found: list[tuple[OpenFile, FileForm | None]] = []
    for place, file in enumerate(draft.files):
        entry = next((entry for name, entry in entries.items() if _matches(entry, file["name"])), None)
        opened = open_file(file, entry)
        form = None
        if opened.reader is not None:
            entry = entry or guess_file(opened.reader, opened.seen)
            form = FileForm(data, prefix=f"f{place}", entry=entry, seen=opened.seen)
        found.append((opened, form))
    return found


def _matches(entry: Mapping[str, Any], name: str) -> bool:
    return fnmatchcase(name, str(entry.get("match")))


def _chosen(request: HttpRequest, draft: ImportDraft) -> HttpResponse:
    form, files = DraftForm(request.POST), _forms(draft, request.POST)
    forms = [file_form for _opened, file_form in files if file_form is not None]
    valid = all([form.is_valid(), *(file_form.is_valid() for file_form in forms)])
    if not valid:
        return _page(request, draft, form, files, status=422)
    entries, turned = [], False
    for opened, file_form in files:
        if file_form is None:
            continue
        if file_form.wants_other_entity and opened.reader is not None:
            turned = True
            again = guess_file(
                opened.reader, opened.seen, file_form.cleaned_data["platform"], file_form.cleaned_data["entity"]
            )
            entries.append({**{k: v for k, v in file_form.chosen().items() if k not in ENTITIES}, **again})
        else:
            entries.append(file_form.chosen())
    data = form.cleaned_data
    draft = change_draft(actor=request.actor, draft=draft, entries=entries, source=data["source"], basis=data["basis"])
    if turned:
        messages.info(request, _("The columns were matched again for what the rows are."))
        return redirect("import_mapping", pk=draft.pk)
    try:
        if request.POST.get("action") == "start":
            return redirect("import_detail", pk=start_draft(actor=request.actor, draft=draft).pk)
        trial = try_draft(actor=request.actor, draft=draft)
    except InvalidInput as error:
        return _page(request, draft, form, _forms(draft, request.POST), faults=_faults(error, draft), status=422)
    return _page(request, draft, form, _forms(draft), trial=trial)


def _faults(error: InvalidInput, draft: ImportDraft) -> list[str]:
    """Faults of the mapping, each with the file it is about."""
    names = [str(file["name"]) for file in draft.files]
    faults = []
    for place, texts in error.fields.items():
        index = place.removeprefix("files[").split("]")[0]
        entries = draft.definition.get("files", [])
        name = next((n for n in names if index.isdigit() and _matches(entries[int(index)], n)), "")
        faults += [f"{name}: {text}" if name else str(text) for text in texts]
    return faults or [error.message]


def _page(
    request: HttpRequest,
    draft: ImportDraft,
    form: DraftForm,
    files: Sequence[tuple[OpenFile, FileForm | None]],
    *,
    trial: Trial | None = None,
    faults: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "draft": draft,
        "form": form,
        "files": [_file(opened, file_form) for opened, file_form in files],
        "faults": faults,
        "trial": trial and _shown(trial),
    }
    return render(request, "matching/import_mapping.html", context, status=status)


def _file(opened: OpenFile, form: FileForm | None) -> dict[str, Any]:
    reader, problem = opened.reader, opened.problem
    marks = {"\t": _("tabs"), ",": _("commas"), ";": _("semicolons"), "|": _("bars")}
    return {
        "name": opened.name,
        "size": opened.size,
        "form": form,
        "reader": reader,
        "format": {"csv": "CSV", "jsonl": "JSON Lines", "json": "JSON"}[reader.format] if reader else "",
        "mark": marks.get(reader.dialect.delimiter, "") if reader and reader.format == "csv" else "",
        "encoding": reader.source.encoding if reader else None,
        "problem": sentence(problem) if problem else "",
        "remedy": remedy(problem) if problem else "",
    }


def _shown(trial: Trial) -> dict[str, Any]:
    tables = [_table(name, entity, rows) for name, (entity, rows) in trial.shown.items() if rows]
    return {"report": report_of(trial.job), "tables": tables}


def _table(name: str, entity: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The first stored rows of a file: (kind, label) of its filled columns, and each row's (kind, value)."""
    known = {**ENTITIES[entity].by_name}
    known |= {"author_hash": known["author"]} if "author" in known else {}
    filled = [key for key in rows[0] if key != "line" and any(row[key] not in (None, "", []) for row in rows)]
    kinds = {key: known[key].kind if key in known else "" for key in filled}
    derived = {"hashtags": _("Hashtags"), "mentions": _("Mentions")}
    return {
        "name": name,
        "entity": ENTITIES[entity].label,
        "labels": [(kinds[key], known[key].label if key in known else derived.get(key, key)) for key in filled],
        "rows": [(row["line"], [(kinds[key], _cell(kinds[key], row[key])) for key in filled]) for row in rows],
    }


def _cell(kind: str, value: Any) -> Any:
    """A stored value as a reader sees it; moments as datetimes, lists as one text."""
    if value is None or value == "" or value == []:
        return None
    if kind == "time":
        return datetime.fromtimestamp(value / 10**6, UTC)
    if kind == "count":
        return value
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = ", ".join(value) if isinstance(value, list) else str(value)
    return text if len(text) <= 90 else text[:89] + "…"


@needs("import.run")
@require_POST
def import_discard(request: HttpRequest, pk: Any) -> HttpResponse:
    draft = get_object_or_404(ImportDraft.visible_to(request.actor), pk=pk)
    discard_draft(actor=request.actor, draft=draft)
    messages.info(request, _("The files were removed."))
    return redirect("import_list")
