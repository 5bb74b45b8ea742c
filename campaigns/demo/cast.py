"""The demo's people in the database: creators with their accounts, limits and claims; workspaces and members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from accounts.actors import SYSTEM, Actor, creator_actor, member_actor
from accounts.handles import handle_key
from accounts.models import (
    Basis,
    Brand,
    Creator,
    CreatorRecord,
    CreatorTerms,
    Membership,
    Provenance,
    SocialAccount,
    SourceKind,
    User,
    Workspace,
)
from accounts.services import claims, creators, people, workspaces
from campaigns.demo.persona import Person
from campaigns.demo.world import World

LOGIN_NICHES = {"fr": ("natural_cosmetics", "FR"), "en": ("interior", "GB")}


@cache
def scenario() -> dict[str, Any]:
    text = (Path(__file__).resolve().parent / "scenario.yaml").read_text("utf-8")
    return dict(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))  # noqa: S506 - a safe loader


@dataclass(slots=True)
class Cast:
    """Who is who after the people were stored. creators: person's index → row."""

    creators: dict[int, Creator]
    people: dict[int, Person]
    logins: dict[str, Person]
    users: dict[str, User] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    brands: dict[str, Brand] = field(default_factory=dict)
    actors: dict[str, dict[str, Actor]] = field(default_factory=dict)  # workspace key → language → who acts
    demo_logins: list[tuple[str, User]] = field(default_factory=list)


def store_creators(world: World, source: Provenance) -> Cast:
    """One creator per person with all their accounts, so that the import joins what belongs together."""
    rows = [Creator(display_name=person.name, is_minor=person.minor, source=source) for person in world.people]
    Creator.objects.bulk_create(rows)
    SocialAccount.objects.bulk_create(
        SocialAccount(
            creator=row,
            platform=account.platform,
            handle=account.name,
            handle_key=handle_key(account.name),
            source=source,
        )
        for row, person in zip(rows, world.people, strict=True)
        for account in person.accounts
    )
    indexed = {person.index: row for row, person in zip(rows, world.people, strict=True)}
    return Cast(creators=indexed, people={p.index: p for p in world.people}, logins=_logins(world.people))


def _logins(everyone: Iterable[Person]) -> dict[str, Person]:
    """The two creators whose login is shown: a good voice of the subject of each language's brand."""
    found: dict[str, Person] = {}
    for language, (niche, country) in LOGIN_NICHES.items():
        able = [
            p
            for p in everyone
            if p.niche == niche and p.languages[0] == language and not p.minor and p.growth in ("organic", "viral")
        ]
        able.sort(
            key=lambda p: (
                p.accounts[0].platform != "instagram",
                p.conversation not in ("excellent", "good"),
                p.country != country,
                not 6_000 < p.accounts[0].followers < 80_000,
                p.index,
            )
        )
        found[language] = able[0]
    return found


def store_limits(cast: Cast, now: datetime) -> None:
    """A third claimed their record and set their limits; some others publish a rate card."""
    reread = Creator.objects.in_bulk([row.pk for row in cast.creators.values()])
    cast.creators = {index: reread[row.pk] for index, row in cast.creators.items()}
    chosen = {person.index: language for language, person in cast.logins.items()}
    for person in cast.people.values():
        language = chosen.get(person.index)
        if person.claimed or language:
            _claim(cast, person, f"creator.{language}@demo.example" if language else person.email, now)
    card = Provenance.objects.create(
        kind=SourceKind.DEMO, label="Public media kit", basis=Basis.FICTION, retrieved_at=now - timedelta(days=20)
    )
    CreatorTerms.objects.bulk_create(
        CreatorTerms(creator=cast.creators[person.index], source=card, **_card(person))
        for person in cast.people.values()
        if not person.claimed and person.index not in chosen and not person.minor and person.index % 5 in (0, 3)
    )
    objecting = [person for person in cast.people.values() if person.index % 97 == 55 and person.index not in chosen]
    for person in objecting:
        creator = cast.creators[person.index]
        creators.object_to_contact(actor=creator_actor(creator), creator=creator)


def _claim(cast: Cast, person: Person, email: str, now: datetime) -> None:
    """Through the same steps as a real person: a user, a link, the proof, then the limits."""
    creator, language = cast.creators[person.index], person.languages[0]
    user = User.objects.create_user(email, None, full_name=person.name, language=language)
    token = claims.open_link_claim(actor=SYSTEM, creator=creator)
    claim = claims.claim_of_token(token)
    if claim is None:
        raise RuntimeError("a claim opened just now cannot be closed")
    cast.creators[person.index] = creator = claims.prove_by_link(user=user, claim=claim)
    terms = _terms(person, now)
    if person in cast.logins.values():
        terms |= {"refused_sectors": terms["refused_sectors"][:1], "minimum_fee": {"*": "200"}, "capacity_per_month": 4}
        terms |= {"unavailable_until": None, "accepts_in_kind": False, "currency": "EUR", "shows_reasons": True}
        terms["refused_sectors"] = ["alcool", "crypto"] if language == "fr" else ["gambling", "fast fashion"]
        cast.users[language] = user
    creators.save_terms(actor=creator_actor(creator, user), creator=creator, terms=terms)


def _terms(person: Person, now: datetime) -> dict[str, Any]:
    terms = dict(person.terms)
    days = terms.pop("unavailable_days")
    return terms | {"unavailable_until": (now + timedelta(days=days)).date() if days else None}


def _card(person: Person) -> dict[str, Any]:
    """What a stranger can know: fees and forms, no private limits."""
    known = ("topics", "forms", "minimum_fee", "currency", "accepts_in_kind", "tax_country")
    return {name: person.terms[name] for name in known}


def store_workspaces(cast: Cast) -> None:
    """Workspaces with brands and members, created and joined as anybody would."""
    for entry in scenario()["workspaces"]:
        owner, *others = entry["members"]
        founder = _user(cast, owner)
        workspace = workspaces.create_workspace(
            owner=founder, name=entry["name"], kind=entry["kind"], language=entry["language"]
        )
        actor = member_actor(Membership.objects.get(workspace=workspace, user=founder))
        workspaces.change_workspace(actor=actor, workspace=workspace, changes={"currency": entry["currency"]})
        workspace.refresh_from_db()
        cast.workspaces[entry["key"]] = workspace
        cast.actors[entry["key"]] = {owner["language"]: actor, "": actor}
        for member in others:
            _join(cast, entry["key"], workspace, actor, member)
        for guest in entry["invited"]:
            workspaces.invite_member(actor=actor, workspace=workspace, email=guest["email"], role=guest["role"])
        for brand in entry["brands"]:
            fields = {name: value for name, value in brand.items() if name != "key"}
            cast.brands[brand["key"]] = workspaces.save_brand(actor=actor, changes=fields)


def _user(cast: Cast, entry: Mapping[str, Any]) -> User:
    user = User.objects.create_user(entry["email"], None, full_name=entry["name"], language=entry["language"])
    if entry.get("login"):
        cast.demo_logins.append((entry["login"], user))
    return user


def _join(cast: Cast, key: str, workspace: Workspace, actor: Actor, entry: Mapping[str, Any]) -> None:
    invitation, _token = workspaces.invite_member(
        actor=actor, workspace=workspace, email=entry["email"], role=entry["role"]
    )
    membership = workspaces.join_workspace(user=_user(cast, entry), invitation=invitation)
    if entry.get("suspended"):
        workspaces.suspend_member(actor=actor, membership=membership)
    if entry["role"] == "manager":
        cast.actors[key][entry["language"]] = member_actor(membership)


def store_staff(cast: Cast) -> None:
    for language, label in (("fr", "Creator (French)"), ("en", "Creator (English)")):
        cast.demo_logins.append((label, cast.users[language]))
    staff = people.register(email="staff@demo.example", full_name="Alex Morin", password=None, language="en")  # type: ignore[arg-type]
    User.objects.filter(pk=staff.pk).update(is_staff=True, is_superuser=True)
    cast.demo_logins.append(("Staff of this installation", staff))


def store_records(cast: Cast) -> None:
    """What a workspace knows beside the public data: its own references and a private address."""
    workspace = cast.workspaces["lisiere"]
    CreatorRecord.objects.bulk_create(
        CreatorRecord(workspace=workspace, creator=creator, external_id=f"LIS-{1000 + index}")
        for index, creator in cast.creators.items()
        if index % 9 == 2
    )
