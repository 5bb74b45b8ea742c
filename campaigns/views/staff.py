"""The home of the people who run the installation: its workspaces, claims to confirm, scores, health.

They read no tenant's data here: names of workspaces and how many people are in them, nothing of what these do.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import DomainError, InvalidInput
from accounts.forms import OpenWorkspaceForm
from accounts.models import CreatorClaim
from accounts.requests import PageRequest
from accounts.services import claims, workspaces
from accounts.views.access import needs
from matching.services import recompute


@needs("workspace.open")
@require_safe
@never_cache
def staff_home(request: PageRequest) -> HttpResponse:
    return _show(request, OpenWorkspaceForm())


def _show(request: PageRequest, form: OpenWorkspaceForm, status: int = 200, link: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "link": link,
        "workspaces": workspaces.all_workspaces(actor=request.actor)[:200],
        "claims": [(claim, claims.stands_in_data(claim)) for claim in claims.open_claims()[:100]],
        "job": recompute.latest_job(),
    }
    return render(request, "campaigns/staff_home.html", context, status=status)


@needs("workspace.open")
@require_POST
def staff_workspace_open(request: PageRequest) -> HttpResponse:
    """Shows the owner's link too: an installation without a mail relay can hand it over."""
    form = OpenWorkspaceForm(request.POST)
    if not form.is_valid():
        return _show(request, form, 422)
    try:
        workspace, link = workspaces.open_workspace(actor=request.actor, **form.cleaned_data)
    except InvalidInput as error:
        for name, texts in error.fields.items():
            form.add_error(name if name in form.fields else None, texts)
        return _show(request, form, 422)
    messages.success(request, _("The workspace %(name)s is open.") % {"name": workspace.name})
    return _show(request, OpenWorkspaceForm(), link=link)


@needs("claim.confirm")
@require_POST
def staff_claim_confirm(request: PageRequest, pk: Any) -> HttpResponse:
    creator = claims.confirm_claim(
        actor=request.actor, claim=_claim(pk), biography=request.POST.get("biography", "")[:20_000]
    )
    messages.success(request, _("%(name)s now holds this profile.") % {"name": creator.display_name})
    return redirect("staff_home")


@needs("claim.confirm")
@require_POST
def staff_claim_refuse(request: PageRequest, pk: Any) -> HttpResponse:
    claims.refuse_claim(actor=request.actor, claim=_claim(pk))
    messages.success(request, _("The claim was refused."))
    return redirect("staff_home")


def _claim(pk: Any) -> CreatorClaim:
    claim = claims.open_claims().filter(pk=pk).first()
    if claim is None:
        raise Http404
    return claim


@needs("index.recompute")
@require_POST
def staff_recompute(request: PageRequest) -> HttpResponse:
    try:
        recompute.start_recompute(actor=request.actor)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("All scores are being computed again. The page of health shows how far it is."))
    return redirect("staff_home")
