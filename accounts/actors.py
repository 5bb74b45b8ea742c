"""Who is acting: one frozen value that permissions, tenancy and events read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

if TYPE_CHECKING:
    from accounts.models import ApiClient, Creator, Membership, User

ActorKind = Literal["anonymous", "member", "creator", "staff", "api", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A member acts for one workspace at a time; a creator for themself; an API client within its scopes.

    `creator_id` is set for creators who signed in and for holders of an invitation link
    (`partnership_id` then limits them to that one partnership). `limited`: a member who works only on these
    brands and campaigns (`accounts.scope`). `ip`: where a member's or a key's request came from, for the audit.
    """

    kind: ActorKind
    id: str = ""
    name: str = ""
    user_id: int | None = None
    workspace_id: UUID | None = None
    role: str = ""
    creator_id: int | None = None
    partnership_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    limited: bool = False
    brands: frozenset[UUID] = frozenset()
    campaigns: frozenset[UUID] = frozenset()
    ip: str = ""

    @property
    def side(self) -> Literal["brand", "creator", "system"]:
        if self.workspace_id is not None:
            return "brand"
        return "creator" if self.creator_id is not None else "system"

    def workspace_of_own(self) -> UUID:
        """The workspace acted for, where a checked right implies that there is one."""
        if self.workspace_id is None:
            raise ValueError(f"{self.kind} acts for no workspace")
        return self.workspace_id


ANONYMOUS = Actor(kind="anonymous")
SYSTEM = Actor(kind="system", id="system", name="Resonance")


def member_actor(membership: Membership) -> Actor:
    user = membership.user
    return Actor(
        kind="member",
        id=str(user.pk),
        name=user.display_name,
        user_id=user.pk,
        workspace_id=membership.workspace_id,
        role=membership.role,
        limited=membership.limited,
        brands=frozenset(membership.brands),
        campaigns=frozenset(membership.campaigns),
    )


def creator_actor(creator: Creator, user: User | None = None, partnership_id: UUID | None = None) -> Actor:
    return Actor(
        kind="creator",
        id=str(creator.pk),
        name=creator.display_name,
        user_id=user.pk if user else None,
        creator_id=creator.pk,
        partnership_id=partnership_id,
    )


def staff_actor(user: User) -> Actor:
    """Staff run the installation; they belong to no workspace and read no tenant's data by that role."""
    return Actor(kind="staff", id=str(user.pk), name=user.display_name, user_id=user.pk)


def api_actor(client: ApiClient, ip: str = "") -> Actor:
    return Actor(
        kind="api",
        ip=ip,
        id=str(client.pk),
        name=client.name,
        workspace_id=client.workspace_id,
        role="api",
        scopes=frozenset(client.scopes),
    )
