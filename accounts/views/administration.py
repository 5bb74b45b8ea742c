"""Pages of those who run a workspace: security, audit log, retention, register of processing, usage."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, second_step
from accounts.errors import InvalidInput
from accounts.models import Membership, RetentionRun, Workspace
from accounts.privacy import processing
from accounts.requests import PageRequest
from accounts.services import figures, workspaces
from accounts.services import retention as periods
from accounts.settings_nav import tabs
from accounts.tables import download
from accounts.views.access import needs

SHOWN = 50


def show(request: PageRequest, current: str, status: int = 200, **context: object) -> HttpResponse:
    page = {"tabs": tabs(request), "current": current}
    return render(request, f"accounts/settings_{current}.html", page | context, status=status)


@needs("workspace.change")
@require_http_methods(["GET", "POST"])
def security(request: PageRequest) -> HttpResponse:
    """Whether every member needs a second step to sign in, and who has one."""
    workspace = get_object_or_404(Workspace.visible_to(request.actor))
    if request.method == "POST":
        wanted = request.POST.get("require_mfa") == "1"
        if wanted and not second_step.has_one(request.user):
            messages.error(request, _("Turn on your own second step first; else this would lock you out of the page."))
            return redirect("settings_security")
        workspaces.change_workspace(actor=request.actor, workspace=workspace, changes={"require_mfa": wanted})
        messages.success(request, _("Saved."))
        return redirect("settings_security")
    rows = Membership.visible_to(request.actor).filter(suspended_at__isnull=True).select_related("user")
    people = [{"row": row, "mfa": second_step.has_one(row.user)} for row in rows]
    without = sum(not person["mfa"] for person in people)
    return show(
        request, "security", workspace=workspace, people=people, without=without, mine=second_step.has_one(request.user)
    )


@needs("audit.read")
@require_safe
def audit_log(request: PageRequest) -> HttpResponse:
    asked = audit.Asked.read(request.GET.dict())
    rows = audit.entries(request.actor, asked)
    before = request.GET.get("before", "")
    page = rows.filter(pk__lt=int(before)) if before.isascii() and before.isdigit() and len(before) < 19 else rows
    found = list(page[: SHOWN + 1])
    shown = [audit.entry(event) for event in found[:SHOWN]]
    query = asked.query()
    older = urlencode(query | {"before": found[SHOWN - 1].pk}) if len(found) > SHOWN else ""
    kinds = {
        "member": _("Member"),
        "api": _("API key"),
        "creator": _("Creator"),
        "staff": _("Staff"),
        "system": "Resonance",
    }
    context = {
        "asked": asked,
        "entries": shown,
        "older": older,
        "newest": urlencode(query) if before else "",
        "query": urlencode(query),
        "total": rows[:10_001].count(),
        "areas": sorted(audit.AREAS.items(), key=lambda pair: str(pair[1])),
        "kinds": kinds.items(),
        "kind_names": kinds,
    }
    return show(request, "audit", **context)


@needs("audit.read")
@require_safe
def audit_csv(request: PageRequest) -> StreamingHttpResponse:
    """Every entry the filter lets through, the newest first."""
    rows = audit.entries(request.actor, audit.Asked.read(request.GET.dict()))
    return download("audit", audit.csv_heads(), (audit.csv_row(event) for event in rows.iterator(500)))


@needs("retention.read", change="retention.change")
@require_http_methods(["GET", "POST"])
def retention(request: PageRequest) -> HttpResponse:
    """Periods, what they would delete now, and the runs there were; `what=apply` deletes now."""
    workspace = get_object_or_404(Workspace.visible_to(request.actor))
    faults: dict[str, list[str]] = {}
    if request.method == "POST" and request.POST.get("what") == "apply":
        removed = periods.apply(actor=request.actor, workspace=workspace)
        n = sum(removed.values())
        messages.success(request, ngettext("%(n)s row was deleted.", "%(n)s rows were deleted.", n) % {"n": n})
        return redirect("settings_retention")
    if request.method == "POST":
        try:
            periods.save(actor=request.actor, workspace=workspace, periods=request.POST.dict())
        except InvalidInput as error:
            faults = error.fields
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_retention")
    rows = periods.preview(actor=request.actor, workspace=workspace)
    for row in rows:
        row["faults"] = faults.get(row["area"].key, [])
        row["said"] = request.POST.get(row["area"].key, "") if faults else row["days"]
    runs = RetentionRun.visible_to(request.actor)[:30]
    labels = {key: one.label for key, one in periods.AREAS.items()}
    shown = [{"run": run, "label": labels.get(run.area, run.area)} for run in runs]
    due = sum(row["due"] for row in rows)
    return show(request, "retention", 422 if faults else 200, rows=rows, runs=shown, due=due)


@needs("register.read")
@require_safe
def register(request: PageRequest) -> HttpResponse:
    """The register of processing (GDPR art. 30), in the reader's language."""
    return show(request, "register", records=processing.RECORDS, counts=processing.counts(request.actor))


@needs("register.read")
@require_safe
def register_csv(request: PageRequest) -> StreamingHttpResponse:
    return download("register", processing.heads(), processing.rows())


@needs("health.read")
@require_safe
def usage(request: PageRequest) -> HttpResponse:
    """What the workspace uses; staff read the installation's own page."""
    if request.actor.workspace_id is None:
        return redirect("health")
    return show(request, "usage", **figures.of_workspace(request.actor))
