"""A member limited to one brand or one campaign: nothing of the rest by any route, list, file, search or API."""

from __future__ import annotations

import pytest

from accounts.actors import Actor, member_actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Brand, Event, Membership, Role, User
from accounts.permissions import VERBS, can
from accounts.scope import WHOLE_ONLY
from accounts.services import members, workspaces
from campaigns.models import Campaign
from campaigns.services.campaigns import create_campaign
from campaigns.services.shortlist import shortlist_creators
from tests.cast import Cast
from tests.matrix import NOBODY, ROWS, World
from tests.routes import our_routes
from tests.test_permission_matrix import seen

MARK = "Zanzibarquux"
# Public data about creators is shared by the installation; one's own letters and the landing pages are open anyway.
SHARED = {"creator", "score", "post", "account", "comment", "platform", "mail", "slug"}
ABOUT_CREATORS = {"discover_export", "api_score", "dispute_detail"}
BY_LINK = {"link", "signed_link", "guest_link"}


@pytest.fixture
def hidden(cast: Cast) -> World:
    """The matrix's world, where the manager is limited to a second brand and one campaign of it."""
    world = World.of(cast)
    brand = Brand.objects.create(workspace=cast.alma, name="Alma Maison")
    owner = cast.actor(cast.owner)
    mine = create_campaign(actor=owner, brand=brand, name="Open to the limited one")
    shortlist_creators(actor=owner, campaign=mine, creators=[cast.tom])
    Campaign.objects.exclude(pk=mine.pk).update(name=MARK)
    Brand.objects.filter(pk=cast.brand.pk).update(name=f"{MARK} brand")
    row = Membership.objects.get(user=cast.manager)
    members.limit_member(actor=owner, membership=row, limited=True, brands=[brand.pk], campaigns=[])
    world.ids["mine"] = mine.pk
    return world


def limited(cast: Cast) -> Actor:
    return member_actor(Membership.objects.select_related("user").get(user=cast.manager))


def test_every_page_and_endpoint_with_a_hidden_row_is_not_found(cast: Cast, hidden: World) -> None:
    """Every address that answers the owner: closed to the limited manager, or silent about the rest."""
    browser = cast.browser(cast.manager)
    hidden.pages["limited"] = hidden.api["limited"] = browser
    told, reached = [], []
    for route in our_routes():
        row = ROWS[route.name]
        if row.get == NOBODY or BY_LINK & set(row.args) or "token" in "".join(row.args):
            continue  # whoever holds the link of a person without account reads what it opens
        response = hidden.ask("limited", "get", route.name, row)
        if seen(response) != "in":
            continue
        body = b"".join(response.streaming_content) if response.streaming else response.content
        told += [route.name] if MARK.encode() in body else []
        mine = not row.args or SHARED & set(row.args) or route.name in ABOUT_CREATORS
        reached += [] if mine else [route.name]
    assert told == []
    assert reached == []


def test_what_is_theirs_stays_open(cast: Cast, hidden: World) -> None:
    browser = cast.browser(cast.manager)
    assert browser.get(f"/campaigns/{hidden.ids['mine']}/").status_code == 200
    assert [c["name"] for c in browser.get("/api/v1/campaigns").json()["data"]] == ["Open to the limited one"]
    assert [b["name"] for b in browser.get("/api/v1/brands").json()["data"]] == ["Alma Maison"]
    assert len(browser.get("/api/v1/partnerships").json()["data"]) == 1


def test_rights_end_where_the_part_ends(cast: Cast, hidden: World) -> None:
    actor = limited(cast)
    other = Campaign.objects.exclude(pk=hidden.ids["mine"]).first()
    mine = Campaign.objects.get(pk=hidden.ids["mine"])
    assert can(actor, "campaign.change", mine)
    assert not can(actor, "campaign.change", other)
    assert not any(can(actor, verb) for verb in WHOLE_ONLY & set(VERBS))
    with pytest.raises(NotAllowed):
        create_campaign(actor=actor, brand=cast.brand, name="Not mine")
    with pytest.raises(NotAllowed):
        shortlist_creators(actor=actor, campaign=other, creators=[cast.lea])
    events = {e.campaign_ref for e in Event.visible_to(actor)}
    assert events == {mine.pk}


def test_limits_are_of_this_workspace_and_never_of_administrators(cast: Cast) -> None:
    owner, row = cast.actor(cast.owner), Membership.objects.get(user=cast.manager)
    with pytest.raises(InvalidInput):
        members.limit_member(actor=owner, membership=row, limited=True, brands=[cast.other_brand.pk])
    with pytest.raises(InvalidInput):
        members.limit_member(actor=owner, membership=row, limited=True)
    members.limit_member(actor=owner, membership=row, limited=True, brands=[cast.brand.pk])
    workspaces.change_role(actor=owner, membership=Membership.objects.get(pk=row.pk), role="admin")
    row.refresh_from_db()
    assert (row.role, row.limited) == (Role.ADMIN, False)
    with pytest.raises(InvalidInput):
        members.limit_member(actor=owner, membership=row, limited=True, brands=[cast.brand.pk])


def test_an_invitation_carries_its_limits(cast: Cast) -> None:
    owner = cast.actor(cast.owner)
    invitation, _token = workspaces.invite_member(
        actor=owner,
        workspace=cast.alma,
        email="new@example.org",
        role="analyst",
        limited=True,
        brands=[str(cast.brand.pk)],
    )
    user = User.objects.create_user("new@example.org", "a long and odd sentence")
    row = workspaces.join_workspace(user=user, invitation=invitation)
    assert row.limited
    assert row.brands == [cast.brand.pk]


def test_ownership_goes_once_and_the_last_owner_stays(cast: Cast) -> None:
    owner = cast.actor(cast.owner)
    heir, mine = Membership.objects.get(user=cast.manager), Membership.objects.get(user=cast.owner)
    with pytest.raises(WrongState):
        members.remove_member(actor=owner, membership=mine)
    members.transfer_ownership(actor=owner, membership=heir)
    with pytest.raises(WrongState):  # a second click, with the rights the page was opened with
        members.transfer_ownership(actor=owner, membership=heir)
    roles = dict(Membership.objects.filter(workspace=cast.alma).values_list("user__email", "role"))
    assert (roles["manager@example.org"], roles["owner@example.org"]) == ("owner", "admin")
    assert Event.objects.filter(kind="member.ownership_transferred").count() == 1


def test_a_removed_member_is_signed_out_and_gone(cast: Cast) -> None:
    browser = cast.browser(cast.manager)
    assert browser.get("/campaigns/").status_code == 200
    members.remove_member(actor=cast.actor(cast.owner), membership=Membership.objects.get(user=cast.manager))
    assert browser.get("/campaigns/").status_code == 302
    assert not Membership.objects.filter(user=cast.manager).exists()
