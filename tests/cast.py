"""The cast every test starts from: two workspaces with their people, two creators, staff, keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.actors import SYSTEM, Actor, creator_actor, member_actor, staff_actor
from accounts.models import Brand, Creator, Membership, Provenance, Role, SocialAccount, User, Workspace
from accounts.permissions import SCOPES
from accounts.services.api_keys import create_api_key

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    """alma: beauty workspace (owner, viewer). nord: another workspace. lea, tom: claimed creators. max: unclaimed."""

    alma: Workspace
    nord: Workspace
    owner: User
    manager: User
    viewer: User
    other_owner: User
    lea_user: User
    tom_user: User
    staff: User
    brand: Brand
    other_brand: Brand
    lea: Creator
    tom: Creator
    max: Creator
    key: str
    other_key: str
    read_key: str
    source: Provenance

    def actor(self, user: User) -> Actor:
        membership = Membership.objects.select_related("user").filter(user=user).first()
        if membership:
            return member_actor(membership)
        creator = Creator.objects.filter(user=user).first()
        return creator_actor(creator, user) if creator else staff_actor(user)

    def browser(self, user: User | None, language: str = "en") -> Client:
        """A signed-in (or anonymous) client that prefers `language`."""
        client = Client(headers={"Accept-Language": language})
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    def api(self, key: str | None) -> Client:
        return Client(headers={"Authorization": f"Bearer {key}"} if key else {})


def _creator(name: str, handle: str, source: Provenance, user: User | None = None, **extra: object) -> Creator:
    creator = Creator.objects.create(
        display_name=name,
        user=user,
        claimed_at=datetime(2026, 1, 1, tzinfo=UTC) if user else None,
        source=source,
        **extra,
    )
    SocialAccount.objects.create(
        creator=creator,
        platform="instagram",
        handle=handle,
        handle_key=handle,
        followers=12_000,
        source=source,
        observed_at=datetime(2026, 6, 1, tzinfo=UTC),
    )
    return creator


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def make_cast() -> Cast:
    people = {
        name: User.objects.create_user(f"{name}@example.org", PASSWORD, full_name=name.title())
        for name in ("owner", "manager", "viewer", "other_owner", "lea_user", "tom_user")
    }
    staff = User.objects.create_user("staff@example.org", PASSWORD, is_staff=True, is_superuser=True)
    alma = Workspace.objects.create(name="Alma", slug="alma", language="fr")
    nord = Workspace.objects.create(name="Nord", slug="nord")
    Membership.objects.create(workspace=alma, user=people["owner"], role=Role.OWNER)
    Membership.objects.create(workspace=alma, user=people["manager"], role=Role.MANAGER)
    Membership.objects.create(workspace=alma, user=people["viewer"], role=Role.GUEST)
    Membership.objects.create(workspace=nord, user=people["other_owner"], role=Role.OWNER)
    source = Provenance.objects.create(kind="import", label="tests", retrieved_at=datetime(2026, 6, 1, tzinfo=UTC))
    keys = {
        name: create_api_key(actor=SYSTEM, workspace=room, name=name, scopes=scopes)[1]
        for name, room, scopes in (
            ("key", alma, SCOPES),
            ("other_key", nord, SCOPES),
            ("read_key", alma, [scope for scope in SCOPES if scope.endswith(":read")]),
        )
    }
    return Cast(
        alma=alma,
        nord=nord,
        staff=staff,
        brand=Brand.objects.create(workspace=alma, name="Alma Botanica", sectors=["cosmetics"], countries=["FR"]),
        other_brand=Brand.objects.create(workspace=nord, name="Nord Hem", sectors=["interior"]),
        lea=_creator(
            "Léa Martin", "lea.cuisine", source, people["lea_user"], contact_email="lea@example.org", languages=["fr"]
        ),
        tom=_creator(
            "Tom Reed", "tom.trails", source, people["tom_user"], contact_email="tom@example.org", languages=["en"]
        ),
        max=_creator("Max Blum", "max.blum", source, contact_email="max@example.org", languages=["en"]),
        source=source,
        **people,
        **keys,
    )
