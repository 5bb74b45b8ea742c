"""Members, roles, invitations and switching: the stranger's tests first."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.models import Event, Mail, Membership, Role, User, WorkspaceInvitation
from accounts.services import people, workspaces
from tests.cast import PASSWORD, Cast


def test_a_member_of_another_workspace_is_not_found(cast: Cast) -> None:
    target = Membership.objects.get(user=cast.viewer)
    response = cast.browser(cast.other_owner).post(reverse("settings_member_role", args=[target.pk]), {"role": "owner"})
    assert response.status_code == 404
    target.refresh_from_db()
    assert target.role == Role.GUEST


def test_a_guest_may_not_invite_and_nothing_is_left_behind(cast: Cast) -> None:
    response = cast.browser(cast.viewer).post(reverse("settings_members"), {"email": "a@example.org", "role": "owner"})
    assert response.status_code == 403
    assert not WorkspaceInvitation.objects.exists()
    assert not Mail.objects.exists()


def test_an_invited_person_joins_by_the_mailed_link_once(cast: Cast) -> None:
    response = cast.browser(cast.owner).post(
        reverse("settings_members"), {"email": "New@Example.org", "role": "manager"}
    )
    assert response.status_code == 302
    mail = Mail.objects.get(kind="member_invitation")
    assert mail.to == "new@example.org"
    link = re.search(r"/join/\S+", mail.text)
    assert link
    visitor = cast.browser(None)
    assert visitor.get(link[0]).status_code == 200
    weak = visitor.post(link[0], {"full_name": "New", "password": "1234567890"})
    assert weak.status_code == 422
    assert not User.objects.filter(email="new@example.org").exists()
    joined = visitor.post(link[0], {"full_name": "New Person", "password": "a long and odd sentence"})
    assert joined.status_code == 302
    membership = Membership.objects.get(user__email="new@example.org")
    assert (membership.workspace, membership.role) == (cast.alma, Role.MANAGER)
    assert cast.browser(None).get(link[0]).status_code == 404


def test_a_forwarded_link_opens_nothing_for_another_person(cast: Cast) -> None:
    invitation, _token = workspaces.invite_member(
        actor=cast.actor(cast.owner), workspace=cast.alma, email="new@example.org", role="manager"
    )
    with pytest.raises(NotAllowed):
        workspaces.join_workspace(user=cast.tom_user, invitation=invitation)
    assert not Membership.objects.filter(user=cast.tom_user).exists()


def test_two_open_invitations_to_one_address_are_refused(cast: Cast) -> None:
    for _ in range(1):
        workspaces.invite_member(actor=cast.actor(cast.owner), workspace=cast.alma, email="a@example.org", role="guest")
    with pytest.raises(InvalidInput):
        workspaces.invite_member(actor=cast.actor(cast.owner), workspace=cast.alma, email="A@example.org", role="guest")
    assert Mail.objects.count() == 1


def test_the_last_owner_cannot_step_down(cast: Cast) -> None:
    mine = Membership.objects.get(user=cast.owner)
    with pytest.raises(WrongState):
        workspaces.change_role(actor=cast.actor(cast.owner), membership=mine, role="guest")
    mine.refresh_from_db()
    assert mine.role == Role.OWNER


def test_an_administrator_cannot_name_an_owner(cast: Cast) -> None:
    Membership.objects.filter(user=cast.manager).update(role=Role.ADMIN)
    target = Membership.objects.get(user=cast.viewer)
    with pytest.raises(NotAllowed):
        workspaces.change_role(actor=cast.actor(cast.manager), membership=target, role="owner")


def test_a_suspended_member_sees_nothing(cast: Cast) -> None:
    target = Membership.objects.get(user=cast.viewer)
    open_one = cast.browser(cast.viewer)
    assert open_one.get(reverse("settings_members")).status_code == 200
    workspaces.suspend_member(actor=cast.actor(cast.owner), membership=target)
    assert open_one.get(reverse("settings_members")).status_code == 302, "the session they had is over"
    cast.viewer.refresh_from_db()
    assert cast.browser(cast.viewer).get(reverse("settings_members")).status_code == 403, "and a new one opens nothing"
    assert Event.objects.filter(kind="member.suspended", workspace=cast.alma).count() == 1


def test_switching_to_a_foreign_workspace_changes_nothing(cast: Cast) -> None:
    browser = cast.browser(cast.owner)
    browser.post(reverse("workspace_switch"), {"workspace": str(cast.nord.pk)})
    page = browser.get(reverse("settings_workspace")).content.decode()
    assert "Alma" in page
    assert "Nord" not in page


def test_an_address_in_use_cannot_be_registered_again(cast: Cast) -> None:
    with pytest.raises(ValidationError):
        people.register(email="OWNER@example.org", full_name="X", password=PASSWORD)
