"""Imports: what was imported, how a running one gets on, and what was rejected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import yaml
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Job
from accounts.permissions import can
from accounts.services.jobs import cancel_job
from accounts.views.access import needs
from matching.import_report import report_of
from matching.ingest import uploads
from matching.models import ImportDraft
from matching.services.imports import KIND, rejects_path, restart_import
from matching.services.mappings import save_mapping

PAGE = 30


def one(request: HttpRequest, pk: Any) -> Job:
    return get_object_or_404(Job.visible_to(request.actor).filter(kind=KIND).select_related("created_by"), pk=pk)


@needs("import.read")
@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    rows = Job.visible_to(request.actor).filter(kind=KIND).select_related("created_by").order_by("-pk")
    before = _identifier(request.GET.get("cursor", ""))
    found = list((rows.filter(pk__lt=before) if before else rows)[: PAGE + 1])
    drafts = ImportDraft.visible_to(request.actor).filter(job__isnull=True)[:10]
    context = {
        "reports": [report_of(job) for job in found[:PAGE]],
        "next_cursor": str(found[PAGE - 1].pk) if len(found) > PAGE else "",
        "drafts": drafts if can(request.actor, "import.run") else [],
        "may_import": can(request.actor, "import.run"),
    }
    return render(request, "matching/import_list.html", context)


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@needs("import.read")
@require_safe
def import_detail(request: HttpRequest, pk: Any) -> HttpResponse:
    """The whole page, or for htmx the part that changes while the import runs."""
    job = one(request, pk)
    params = job.params
    context = {
        "report": report_of(job),
        "job": job,
        "may_cancel": can(request.actor, "job.cancel", job),
        "may_import": can(request.actor, "import.run", job),
        "rejects_url": job.rejected and rejects_path(job).is_file(),
        "mapping": yaml.safe_dump(params["mapping"], allow_unicode=True, sort_keys=False),
        "originals": [
            (place, file["name"], file["size"])
            for place, file in enumerate(params["files"])
            if file.get("stored") and uploads.path_of(file).is_file()
        ],
        "can_go_on": not params.get("inline") and all(uploads.path_of(file).is_file() for file in params["files"]),
    }
    part = request.htmx and not request.htmx.boosted
    response = render(request, "matching/import_state.html" if part else "matching/import_detail.html", context)
    response["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response


@needs("job.cancel")
@require_POST
def import_cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    job = one(request, pk)
    cancel_job(actor=request.actor, job=job)
    messages.info(request, _("The import stops. What it stored so far stays."))
    return redirect("import_detail", pk=job.pk)


@needs("job.cancel")
@require_POST
def import_pause(request: HttpRequest, pk: Any) -> HttpResponse:
    job = one(request, pk)
    cancel_job(actor=request.actor, job=job, paused=True)
    messages.info(request, _("The import pauses after the rows it holds. Nothing is lost."))
    return redirect("import_detail", pk=job.pk)


@needs("import.run")
@require_POST
def import_resume(request: HttpRequest, pk: Any) -> HttpResponse:
    job = one(request, pk)
    restart_import(actor=request.actor, job=job)
    messages.success(request, _("The import goes on where it stopped."))
    return redirect("import_detail", pk=job.pk)


@needs("import.read")
@require_safe
def import_rejects(request: HttpRequest, pk: Any) -> HttpResponse:
    job = one(request, pk)
    path = rejects_path(job)
    if not path.is_file():
        raise Http404
    return _attachment(path, f"rejects-{job.pk}.csv", "text/csv; charset=utf-8")


@needs("import.run")
@require_safe
def import_original(request: HttpRequest, pk: Any, place: int) -> HttpResponse:
    job = one(request, pk)
    files = job.params["files"]
    if place >= len(files) or not files[place].get("stored") or not uploads.path_of(files[place]).is_file():
        raise Http404
    return _attachment(uploads.path_of(files[place]), files[place]["name"], "application/octet-stream")


def _attachment(path: Any, name: str, kind: str) -> FileResponse:
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
    response["Cache-Control"] = "private, no-store"
    return response


@needs("import.run")
@require_POST
def import_keep_mapping(request: HttpRequest, pk: Any) -> HttpResponse:
    """Keeps the mapping of an import under a name, for the next file of the same kind."""
    job = one(request, pk)
    name = " ".join(request.POST.get("name", "").split())
    if name:
        save_mapping(actor=request.actor, name=name, definition=job.params["mapping"], for_later=True)
        messages.success(request, _("The mapping “%(name)s” is kept.") % {"name": name[:80]})
    else:
        messages.error(request, _("Give the mapping a name."))
    return redirect("import_detail", pk=job.pk)
