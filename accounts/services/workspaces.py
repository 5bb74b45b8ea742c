"""Workspaces and their members: created, invited, joined, changed, suspended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import Actor, member_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.mail import queue_mail
from accounts.models import Brand, Membership, Role, User, Workspace, WorkspaceInvitation
from accounts.permissions import require
from accounts.secrets import new_token, token_hash
from accounts.services.members import WHOLE_ROLES, end_sessions, keep_one_owner, plain, read_limits

INVITATION_LIFE = timedelta(days=7)


def create_workspace(*, owner: User, name: str, kind: str = "brand", language: str = "en") -> Workspace:
    with transaction.atomic():
        workspace = _new_workspace(name, kind, language)
        membership = Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
        record_event("workspace.created", workspace, actor=member_actor(membership), workspace_id=workspace.pk)
    return workspace


def open_workspace(*, actor: Actor, name: str, email: str, language: str = "en") -> tuple[Workspace, str]:
    """A workspace for the person at `email`, who becomes its owner by the link returned (also mailed)."""
    require(actor, "workspace.open")
    with transaction.atomic():
        workspace = _new_workspace(name, "brand", "fr" if language.startswith("fr") else "en")
        record_event("workspace.created", workspace, actor=actor, workspace_id=workspace.pk)
        _invitation, token = _invite(actor, workspace, email, Role.OWNER)
    return workspace, settings.BASE_URL + reverse("join_workspace", args=[token])


def all_workspaces(*, actor: Actor) -> models.QuerySet[Workspace]:
    """Every workspace by name with `people`, how many work in it now. For those who run the installation."""
    require(actor, "workspace.open")
    active = models.Count("memberships", filter=models.Q(memberships__suspended_at__isnull=True))
    return Workspace.objects.annotate(people=active).order_by("name", "pk")


def _new_workspace(name: str, kind: str, language: str) -> Workspace:
    name = " ".join(name.split())[:120]
    if not name:
        raise InvalidInput(fields={"name": [_("Give the workspace a name.")]})
    base = slugify(name)[:50] or "workspace"
    slug, number = base, 1
    while Workspace.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{base}-{number}"
    return Workspace.objects.create(name=name, slug=slug, kind=kind, language=language)


def invite_member(
    *,
    actor: Actor,
    workspace: Workspace,
    email: str,
    role: str,
    limited: bool = False,
    brands: Iterable[Any] = (),
    campaigns: Iterable[Any] = (),
) -> tuple[WorkspaceInvitation, str]:
    """Opens an invitation and returns it with its one-time token (also mailed by a reaction)."""
    require(actor, "member.change")
    if role == Role.OWNER and actor.role != Role.OWNER:
        raise InvalidInput(fields={"role": [_("Only an owner can name another owner.")]})
    limits = read_limits(actor=actor, role=role, limited=limited, brands=brands, campaigns=campaigns)
    return _invite(actor, workspace, email, role, limits)


def _invite(
    actor: Actor, workspace: Workspace, email: str, role: str, limits: Mapping[str, Any] | None = None
) -> tuple[WorkspaceInvitation, str]:
    limits = dict(limits or {})
    email = email.strip().lower()
    fields: dict[str, list[str]] = {}
    try:
        validate_email(email)
    except ValidationError:
        fields["email"] = [_("This is not an e-mail address.")]
    if role not in Role.values:
        fields["role"] = [_("Choose a role of the list.")]
    if not fields and Membership.objects.filter(workspace=workspace, user__email=email).exists():
        fields["email"] = [_("This person is already a member.")]
    if fields:
        raise InvalidInput(fields=fields)
    token = new_token()
    now = timezone.now()
    try:
        with transaction.atomic():
            WorkspaceInvitation.objects.filter(
                workspace=workspace, email=email, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__lte=now
            ).update(revoked_at=now)
            invitation = WorkspaceInvitation.objects.create(
                workspace=workspace,
                email=email,
                role=role,
                token_hash=token_hash(token),
                invited_by_id=actor.user_id,
                expires_at=now + INVITATION_LIFE,
                **limits,
            )
            data = {"email": email, "role": role} | (plain(limits) if limits.get("limited") else {})
            record_event("member.invited", invitation, actor=actor, data=data)
            _mail_invitation(invitation, token, actor)
    except IntegrityError as error:
        raise InvalidInput(fields={"email": [_("An invitation to this address is already open.")]}) from error
    return invitation, token


def _mail_invitation(invitation: WorkspaceInvitation, token: str, actor: Actor) -> None:
    link = settings.BASE_URL + reverse("join_workspace", args=[token])
    params = {"inviter": actor.name, "workspace": invitation.workspace.name, "link": link}
    with translation.override(invitation.workspace.language):
        subject = _("%(inviter)s invites you to %(workspace)s on Resonance") % params
        text = (
            _("%(inviter)s invites you to join the workspace %(workspace)s.\n\nOpen this link within 7 days:\n%(link)s")
            % params
        )
    queue_mail(
        dedupe_key=f"member-invitation:{invitation.pk}",
        kind="member_invitation",
        to=invitation.email,
        subject=subject,
        text=text,
        language=invitation.workspace.language,
        workspace_id=invitation.workspace_id,
    )


def revoke_invitation(*, actor: Actor, invitation: WorkspaceInvitation) -> None:
    require(actor, "member.change")
    with transaction.atomic():
        open_ones = WorkspaceInvitation.objects.filter(
            pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
        )
        if not open_ones.update(revoked_at=timezone.now()):
            raise WrongState(_("This invitation is no longer open."))
        record_event("member.invitation_revoked", invitation, actor=actor, data={"email": invitation.email})


def invitation_of_token(token: str) -> WorkspaceInvitation | None:
    """The open invitation of a link, or None when it is unknown, used, revoked or expired."""
    return (
        WorkspaceInvitation.objects.select_related("workspace", "invited_by")
        .filter(
            token_hash=token_hash(token),
            accepted_at__isnull=True,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
        )
        .first()
    )


def join_workspace(*, user: User, invitation: WorkspaceInvitation) -> Membership:
    """The invited person joins. The address must be the one invited: a forwarded link opens nothing."""
    if user.email.lower() != invitation.email.lower():
        raise NotAllowed(
            _("This invitation is for %(email)s. Sign in with that address.") % {"email": invitation.email}
        )
    with transaction.atomic():
        now = timezone.now()
        taken = WorkspaceInvitation.objects.filter(
            pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
        ).update(accepted_at=now)
        if not taken:
            raise WrongState(_("This invitation is no longer open."))
        membership, _created = Membership.objects.get_or_create(
            workspace=invitation.workspace, user=user, defaults=_as_invited(invitation)
        )
        record_event("member.joined", membership, actor=member_actor(membership), data={"role": membership.role})
    return membership


def _as_invited(invitation: WorkspaceInvitation) -> dict[str, Any]:
    return {name: getattr(invitation, name) for name in ("role", "limited", "brands", "campaigns")}


def is_member(*, user: User, workspace_id: str) -> bool:
    """Whether `user` works in that workspace now; an id that is none is nobody's."""
    mine = Membership.objects.filter(user=user, suspended_at__isnull=True).values_list("workspace_id", flat=True)
    return workspace_id in {str(pk) for pk in mine}


def change_role(*, actor: Actor, membership: Membership, role: str) -> None:
    require(actor, "member.change")
    if role not in Role.values:
        raise InvalidInput(fields={"role": [_("Choose a role of the list.")]})
    if Role.OWNER in (role, membership.role) and actor.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can name or change an owner."))
    with transaction.atomic():
        if membership.role == Role.OWNER and role != Role.OWNER:
            keep_one_owner(membership)
        before = membership.role
        if before == role:
            return
        whole = {"limited": False, "brands": [], "campaigns": []} if role in WHOLE_ROLES else {}
        Membership.objects.filter(pk=membership.pk).update(role=role, **whole)
        data = {"name": membership.user.display_name, "before": before, "after": role}
        record_event("member.role_changed", membership, actor=actor, data=data)


def suspend_member(*, actor: Actor, membership: Membership) -> None:
    require(actor, "member.change")
    if membership.role == Role.OWNER and actor.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can name or change an owner."))
    with transaction.atomic():
        if membership.role == Role.OWNER:
            keep_one_owner(membership)
        if not Membership.objects.filter(pk=membership.pk, suspended_at__isnull=True).update(
            suspended_at=timezone.now()
        ):
            raise WrongState(_("This member is already suspended."))
        end_sessions(membership.user_id)
        record_event("member.suspended", membership, actor=actor, data={"name": membership.user.display_name})


def restore_member(*, actor: Actor, membership: Membership) -> None:
    require(actor, "member.change")
    with transaction.atomic():
        if not Membership.objects.filter(pk=membership.pk, suspended_at__isnull=False).update(suspended_at=None):
            raise WrongState(_("This member is not suspended."))
        record_event("member.restored", membership, actor=actor, data={"name": membership.user.display_name})


def change_workspace(*, actor: Actor, workspace: Workspace, changes: Mapping[str, Any]) -> None:
    require(actor, "workspace.change")
    before = Workspace.objects.filter(pk=workspace.pk).values(*changes).get()
    if before == dict(changes):
        return
    with transaction.atomic():
        Workspace.objects.filter(pk=workspace.pk).update(**changes)
        record_event(
            "workspace.changed",
            workspace,
            actor=actor,
            workspace_id=workspace.pk,
            data={"before": before, "after": dict(changes)},
        )


def save_brand(*, actor: Actor, changes: Mapping[str, Any], brand_id: Any = None) -> Brand:
    """Creates a brand of the actor's workspace, or changes the one named."""
    require(actor, "brand.change")
    try:
        with transaction.atomic():
            if brand_id is None:
                if actor.limited:
                    raise NotAllowed(_("Your part of the workspace does not reach that far."))
                brand = Brand.objects.create(workspace_id=actor.workspace_of_own(), **changes)
                record_event("brand.created", brand, actor=actor, data={"name": brand.name})
            else:
                brand = Brand.visible_to(actor).get(pk=brand_id)
                if not changes:
                    return brand
                before = Brand.objects.filter(pk=brand.pk).values(*changes).get()
                Brand.objects.filter(pk=brand.pk).update(**changes)
                brand.refresh_from_db()
                data = {"name": brand.name, "fields": sorted(changes), "before": before, "after": dict(changes)}
                record_event("brand.changed", brand, actor=actor, data=data)
    except IntegrityError as error:
        raise InvalidInput(fields={"name": [_("A brand of this name already exists here.")]}) from error
    return brand
