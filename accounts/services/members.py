"""What an administrator does with members beyond their role: limits, removal, ownership, the end of their sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Brand, Membership, Role, User
from accounts.permissions import require
from accounts.scope import campaign_choices

WHOLE_ROLES = (Role.OWNER, Role.ADMIN)


def read_limits(
    *, actor: Actor, role: str, limited: bool, brands: Iterable[Any], campaigns: Iterable[Any]
) -> dict[str, Any]:
    """The columns {limited, brands, campaigns}; every id must be one of the actor's workspace."""
    if not limited:
        return {"limited": False, "brands": [], "campaigns": []}
    if role in WHOLE_ROLES:
        raise InvalidInput(fields={"limited": [_("Owners and administrators see the whole workspace.")]})
    known = {str(pk) for pk in Brand.visible_to(actor).values_list("pk", flat=True)}
    offered = {pk for pk, _name in campaign_choices(actor)}
    picked, chosen = sorted({str(pk) for pk in brands}), sorted({str(pk) for pk in campaigns})
    fields: dict[str, list[str]] = {}
    if set(picked) - known:
        fields["brands"] = [_("There is no such brand in this workspace.")]
    if set(chosen) - offered:
        fields["campaigns"] = [_("There is no such campaign in this workspace.")]
    if not picked and not chosen:
        fields["limited"] = [_("Choose a brand or a campaign, or give the whole workspace.")]
    if fields:
        raise InvalidInput(fields=fields)
    return {"limited": True, "brands": [UUID(pk) for pk in picked], "campaigns": [UUID(pk) for pk in chosen]}


def plain(limits: dict[str, Any]) -> dict[str, Any]:
    """Limits as JSON, for the audit."""
    return {name: value if isinstance(value, bool) else [str(v) for v in value] for name, value in limits.items()}


def limit_member(
    *, actor: Actor, membership: Membership, limited: bool, brands: Iterable[Any] = (), campaigns: Iterable[Any] = ()
) -> None:
    """Which brands and campaigns a member works on; limited=False gives the whole workspace back."""
    require(actor, "member.change", membership)
    columns = read_limits(actor=actor, role=membership.role, limited=limited, brands=brands, campaigns=campaigns)
    with transaction.atomic():
        held = Membership.objects.select_for_update().get(pk=membership.pk)
        if limited and held.role in WHOLE_ROLES:
            raise WrongState(_("Owners and administrators see the whole workspace."))
        before = plain({"limited": held.limited, "brands": held.brands, "campaigns": held.campaigns})
        after = plain(columns)
        if before == after:
            return
        Membership.objects.filter(pk=membership.pk).update(**columns)
        data = {"name": membership.user.display_name, "before": before, "after": after}
        record_event("member.limited", membership, actor=actor, data=data)


def remove_member(*, actor: Actor, membership: Membership) -> None:
    """Ends the membership; what the person wrote stays. Their sessions end. The last owner stays."""
    require(actor, "member.change", membership)
    if membership.role == Role.OWNER and actor.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can name or change an owner."))
    with transaction.atomic():
        if membership.role == Role.OWNER:
            keep_one_owner(membership)
        data = {"name": membership.user.display_name, "email": membership.user.email, "before": membership.role}
        record_event("member.removed", membership, actor=actor, data=data)
        if not Membership.objects.filter(pk=membership.pk).delete()[0]:
            raise WrongState(_("This person is no longer a member."))
        end_sessions(membership.user_id)


def transfer_ownership(*, actor: Actor, membership: Membership) -> None:
    """The acting owner hands over to an active member and stays as an administrator."""
    require(actor, "member.change", membership)
    if actor.role != Role.OWNER:
        raise NotAllowed(_("Only an owner can name or change an owner."))
    with transaction.atomic():
        rows = {
            row.pk: row
            for row in Membership.objects.select_for_update()
            .filter(models.Q(pk=membership.pk) | models.Q(user_id=actor.user_id), workspace_id=actor.workspace_id)
            .order_by("pk")
        }
        heir = rows.get(membership.pk)
        mine = next((row for row in rows.values() if row.user_id == actor.user_id), None)
        if mine is None or mine.role != Role.OWNER or heir is None or heir.pk == mine.pk:
            raise WrongState(_("Ownership goes from an owner to another member."))
        if heir.suspended_at:
            raise WrongState(_("A suspended member cannot own the workspace. Restore them first."))
        whole: dict[str, Any] = {"limited": False, "brands": [], "campaigns": []}
        Membership.objects.filter(pk=heir.pk).update(role=Role.OWNER, **whole)
        Membership.objects.filter(pk=mine.pk).update(role=Role.ADMIN)
        data = {"name": membership.user.display_name, "before": heir.role, "after": Role.OWNER.value}
        record_event("member.ownership_transferred", membership, actor=actor, data=data)


def end_sessions(user_id: int) -> None:
    """Every session of this person ends, on every device."""
    User.objects.filter(pk=user_id).update(session_version=models.F("session_version") + 1)


def keep_one_owner(membership: Membership) -> None:
    """Locks the workspace's owners in key order, so that two owners cannot both step down at once."""
    owners = Membership.objects.select_for_update().filter(
        models.Q(workspace_id=membership.workspace_id, role=Role.OWNER, suspended_at__isnull=True)
    )
    if not [row for row in owners.order_by("pk") if row.pk != membership.pk]:
        raise WrongState(_("A workspace keeps at least one owner."))
