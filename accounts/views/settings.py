"""Settings of a workspace: members, API keys, the workspace itself and its brands."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import InvalidInput
from accounts.forms import ApiKeyForm, BrandForm, MemberInvitationForm, RoleForm, WorkspaceForm
from accounts.models import ApiClient, Brand, Membership, Role, Workspace, WorkspaceInvitation
from accounts.permissions import can
from accounts.services import api_keys, workspaces
from accounts.views.access import needs


def tabs(request: HttpRequest) -> list[tuple[str, str, str]]:
    """The settings this reader may open."""
    items = [
        ("members", _("Members"), reverse("settings_members")),
        ("workspace", _("Workspace"), reverse("settings_workspace")),
    ]
    items.append(("brands", _("Brands"), reverse("settings_brands")))
    if can(request.actor, "scoring.read"):
        items.append(("scoring", _("Scoring"), reverse("settings_scoring")))
    if can(request.actor, "key.read"):
        items.append(("keys", _("API keys"), reverse("settings_keys")))
    if can(request.actor, "webhook.read"):
        items.append(("developer", _("Developers"), reverse("developer")))
    if can(request.actor, "connection.read"):
        items.append(("connectors", _("Connectors"), reverse("settings_connectors")))
    return items


def _show(request: HttpRequest, name: str, status: int = 200, **context: object) -> HttpResponse:
    page = {"tabs": tabs(request), "current": name, "may_change": can(request.actor, "member.change")}
    return render(request, f"accounts/settings_{name}.html", page | context, status=status)


@needs("member.read", change="member.change")
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    form = MemberInvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        workspace = get_object_or_404(Workspace.visible_to(request.actor))
        try:
            invitation, _token = workspaces.invite_member(actor=request.actor, workspace=workspace, **form.cleaned_data)
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field, texts)
        else:
            messages.success(request, _("Invitation sent to %(email)s.") % {"email": invitation.email})
            return redirect("settings_members")
    rows = Membership.visible_to(request.actor).select_related("user")
    open_ones = WorkspaceInvitation.visible_to(request.actor).filter(
        accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )
    status = 422 if form.errors else 200
    return _show(request, "members", status, form=form, members=rows, invitations=open_ones, roles=Role.choices)


@needs("member.change")
@require_POST
def member_role(request: HttpRequest, pk: str) -> HttpResponse:
    membership = get_object_or_404(Membership.visible_to(request.actor).select_related("user"), pk=pk)
    form = RoleForm(request.POST)
    workspaces.change_role(actor=request.actor, membership=membership, role=form.data.get("role", ""))
    messages.success(request, _("The role of %(name)s was changed.") % {"name": membership.user.display_name})
    return redirect("settings_members")


@needs("member.change")
@require_POST
def member_suspend(request: HttpRequest, pk: str) -> HttpResponse:
    membership = get_object_or_404(Membership.visible_to(request.actor).select_related("user"), pk=pk)
    workspaces.suspend_member(actor=request.actor, membership=membership)
    messages.success(request, _("%(name)s can no longer open this workspace.") % {"name": membership.user.display_name})
    return redirect("settings_members")


@needs("member.change")
@require_POST
def member_restore(request: HttpRequest, pk: str) -> HttpResponse:
    membership = get_object_or_404(Membership.visible_to(request.actor).select_related("user"), pk=pk)
    workspaces.restore_member(actor=request.actor, membership=membership)
    messages.success(request, _("%(name)s is back in this workspace.") % {"name": membership.user.display_name})
    return redirect("settings_members")


@needs("member.change")
@require_POST
def invitation_revoke(request: HttpRequest, pk: str) -> HttpResponse:
    invitation = get_object_or_404(WorkspaceInvitation.visible_to(request.actor), pk=pk)
    workspaces.revoke_invitation(actor=request.actor, invitation=invitation)
    messages.success(request, _("The invitation to %(email)s was taken back.") % {"email": invitation.email})
    return redirect("settings_members")


@needs("key.read", change="key.change")
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST or None)
    fresh_key = ""
    if request.method == "POST" and form.is_valid():
        workspace = get_object_or_404(Workspace.visible_to(request.actor))
        try:
            _client, fresh_key = api_keys.create_api_key(actor=request.actor, workspace=workspace, **form.cleaned_data)
            form = ApiKeyForm()
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field, texts)
    clients = ApiClient.visible_to(request.actor)
    response = _show(request, "keys", 422 if form.errors else 200, form=form, clients=clients, fresh_key=fresh_key)
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
