"""Pages of those who run a workspace: security, the audit log."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit, second_step
from accounts.models import Membership, Workspace
from accounts.requests import PageRequest
from accounts.services import workspaces
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
