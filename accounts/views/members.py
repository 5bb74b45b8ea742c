"""Members of a workspace: who, with which role, for which part of it; invited, suspended, removed, made owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import InvalidInput
from accounts.forms import LimitsForm, MemberInvitationForm, RoleForm
from accounts.models import Brand, Membership, Role, Workspace, WorkspaceInvitation
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.scope import campaign_choices
from accounts.services import members as service
from accounts.services import workspaces
from accounts.settings_nav import tabs
from accounts.views.access import needs

ROLES = (
    (Role.OWNER, gettext_lazy("Everything, and who owns the workspace.")),
    (Role.ADMIN, gettext_lazy("Everything: members, keys, rules, records.")),
    (Role.MANAGER, gettext_lazy("Brands, campaigns, invitations, contracts, payments.")),
    (Role.REVIEWER, gettext_lazy("Reads; reviews content, writes messages and suggestions.")),
    (Role.FINANCE, gettext_lazy("Reads; payments, costs and conversions.")),
    (Role.ANALYST, gettext_lazy("Reads; matches, reports and exports.")),
    (Role.GUEST, gettext_lazy("Reads campaigns and results; no contract, no message, no sum owed.")),
)


def _show(request: PageRequest, name: str, status: int = 200, **context: object) -> HttpResponse:
    page = {"tabs": tabs(request), "current": "members", "may_change": can(request.actor, "member.change")}
    return render(request, f"accounts/settings_{name}.html", page | context, status=status)


def _choices(request: PageRequest) -> dict[str, Any]:
    brands = [(str(pk), name) for pk, name in Brand.visible_to(request.actor).values_list("pk", "name")]
    return {"brands": brands, "campaigns": campaign_choices(request.actor)}


@needs("member.read", change="member.change")
@require_http_methods(["GET", "POST"])
def members(request: PageRequest) -> HttpResponse:
    may_change = can(request.actor, "member.change")
    choices = _choices(request) if may_change else {}
    form = MemberInvitationForm(request.POST or None, **choices)
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
    rows = Membership.visible_to(request.actor).select_related("user").prefetch_related("user__authenticator_set")
    open_ones = WorkspaceInvitation.visible_to(request.actor).filter(
        accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=timezone.now()
    )
    people = [
        {"row": row, "part": part(row, choices), "mfa": any(a.type == "totp" for a in row.user.authenticator_set.all())}
        for row in rows
    ]
    status = 422 if form.errors else 200
    return _show(request, "members", status, form=form, members=people, invitations=open_ones, roles=ROLES)


def part(row: Any, choices: dict[str, Any]) -> list[str]:
    """Names of the brands and campaigns a member is limited to; [] for the whole workspace."""
    if not row.limited:
        return []
    names = dict(choices.get("brands", ())) | dict(choices.get("campaigns", ()))
    known = [names[str(pk)] for pk in [*row.brands, *row.campaigns] if str(pk) in names]
    return known or [_("nothing that still exists") if choices else _("some brands or campaigns")]


@needs("member.change")
@require_http_methods(["GET", "POST"])
def member(request: PageRequest, pk: Any) -> HttpResponse:
    """One member's part of the workspace, and what ends or changes their membership."""
    row = get_object_or_404(Membership.visible_to(request.actor).select_related("user"), pk=pk)
    initial = {
        "limited": row.limited,
        "brands": [str(b) for b in row.brands],
        "campaigns": [str(c) for c in row.campaigns],
    }
    form = LimitsForm(request.POST or None, initial=initial, **_choices(request))
    if request.method == "POST" and form.is_valid():
        try:
            service.limit_member(actor=request.actor, membership=row, **form.cleaned_data)
        except InvalidInput as error:
            for field, texts in error.fields.items():
                form.add_error(field, texts)
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_member", pk=pk)
    context = {
        "member": row,
        "form": form,
        "roles": ROLES,
        "whole": row.role in service.WHOLE_ROLES,
        "myself": row.user_id == request.actor.user_id,
        "i_own": request.actor.role == Role.OWNER,
    }
    return _show(request, "member", 422 if form.errors else 200, **context)


def _role(request: PageRequest, row: Membership) -> str:
    workspaces.change_role(actor=request.actor, membership=row, role=RoleForm(request.POST).data.get("role", ""))
    return _("The role of %(name)s was changed.")


def _suspend(request: PageRequest, row: Membership) -> str:
    workspaces.suspend_member(actor=request.actor, membership=row)
    return _("%(name)s can no longer open this workspace, and is signed out everywhere.")


def _restore(request: PageRequest, row: Membership) -> str:
    workspaces.restore_member(actor=request.actor, membership=row)
    return _("%(name)s is back in this workspace.")


def _remove(request: PageRequest, row: Membership) -> str:
    service.remove_member(actor=request.actor, membership=row)
    return _("%(name)s is no longer a member.")


def _transfer(request: PageRequest, row: Membership) -> str:
    service.transfer_ownership(actor=request.actor, membership=row)
    return _("%(name)s owns the workspace now; you are an administrator.")


STEPS: dict[str, Callable[[PageRequest, Membership], str]] = {
    "role": _role,
    "suspend": _suspend,
    "restore": _restore,
    "remove": _remove,
    "transfer": _transfer,
}


@needs("member.change")
@require_POST
def member_step(request: PageRequest, pk: Any, step: str) -> HttpResponse:
    row = get_object_or_404(Membership.visible_to(request.actor).select_related("user"), pk=pk)
    name = row.user.display_name
    messages.success(request, STEPS[step](request, row) % {"name": name})
    return redirect("settings_members")


@needs("member.change")
@require_POST
def invitation_revoke(request: PageRequest, pk: Any) -> HttpResponse:
    invitation = get_object_or_404(WorkspaceInvitation.visible_to(request.actor), pk=pk)
    workspaces.revoke_invitation(actor=request.actor, invitation=invitation)
    messages.success(request, _("The invitation to %(email)s was taken back.") % {"email": invitation.email})
    return redirect("settings_members")
