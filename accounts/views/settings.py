"""Settings of a workspace: API keys, the workspace itself and its brands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import InvalidInput
from accounts.forms import ApiKeyForm, BrandForm, WorkspaceForm
from accounts.models import ApiClient, Brand, Workspace
from accounts.permissions import can
from accounts.sealing import seal, unseal
from accounts.services import api_keys, workspaces
from accounts.settings_nav import tabs
from accounts.views.access import needs

FRESH_KEY = "fresh_api_key"
"""Session key: a key just made, sealed, until the next page showed it."""


def _show(request: HttpRequest, name: str, status: int = 200, **context: object) -> HttpResponse:
    page = {"tabs": tabs(request), "current": name, "may_change": can(request.actor, "member.change")}
    return render(request, f"accounts/settings_{name}.html", page | context, status=status)


@needs("key.read", change="key.change")
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """The new key is shown by the page that follows, once: reloading that page creates nothing."""
    form = ApiKeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workspace = get_object_or_404(Workspace.visible_to(request.actor))
        try:
            _client, key = api_keys.create_api_key(actor=request.actor, workspace=workspace, **form.cleaned_data)
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field, texts)
        else:
            request.session[FRESH_KEY] = seal(key)
            return redirect("settings_keys")
    fresh = request.session.pop(FRESH_KEY, "") if request.method == "GET" else ""
    clients = ApiClient.visible_to(request.actor)
    status = 422 if form.errors else 200
    response = _show(request, "keys", status, form=form, clients=clients, fresh_key=unseal(fresh) if fresh else "")
    response["Cache-Control"] = "no-store"
    return response


@needs("key.change")
@require_POST
def key_revoke(request: HttpRequest, pk: str) -> HttpResponse:
    client = get_object_or_404(ApiClient.visible_to(request.actor), pk=pk)
    api_keys.revoke_api_key(actor=request.actor, client=client)
    messages.success(request, _("The key “%(name)s” no longer works.") % {"name": client.name})
    return redirect("settings_keys")


@needs("workspace.read", change="workspace.change")
@require_http_methods(["GET", "POST"])
def workspace(request: HttpRequest) -> HttpResponse:
    row = get_object_or_404(Workspace.visible_to(request.actor))
    form = WorkspaceForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        workspaces.change_workspace(actor=request.actor, workspace=row, changes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings_workspace")
    allowed = can(request.actor, "workspace.change")
    return _show(request, "workspace", 422 if form.errors else 200, form=form, workspace=row, may_edit=allowed)


@needs("brand.read")
@require_http_methods(["GET"])
def brands(request: HttpRequest) -> HttpResponse:
    return _show(request, "brands", brands=Brand.visible_to(request.actor), may_edit=can(request.actor, "brand.change"))


@needs("brand.change")
@require_http_methods(["GET", "POST"])
def brand_edit(request: HttpRequest, pk: str | None = None) -> HttpResponse:
    row = get_object_or_404(Brand.visible_to(request.actor), pk=pk) if pk else Brand()
    form = BrandForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in ("name", "website", "description", "tone")}
        changes |= {"sectors": form.split("sectors_text"), "values_wanted": form.split("values_text")}
        changes |= {"competitors": form.split("competitors_text")}
        try:
            workspaces.save_brand(actor=request.actor, brand_id=pk, changes=changes)
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field, texts)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_brands")
    return _show(request, "brand_edit", 422 if form.errors else 200, form=form, brand=row if pk else None)
