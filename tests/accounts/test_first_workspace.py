"""An installation without the demo: the first person comes in by a command, with nothing else at hand."""

from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Mail, Membership, Role, User, Workspace
from accounts.services import workspaces
from config import environment
from tests.cast import Cast


def _open(**options: str) -> str:
    out = StringIO()
    call_command("create_workspace", stdout=out, **options)
    return out.getvalue().strip()


@pytest.mark.django_db
def test_the_printed_link_leads_from_an_empty_database_to_a_useful_page() -> None:
    link = urlsplit(_open(name="Maison Lune", owner="Ana@Example.org", language="fr"))
    assert Mail.objects.get(kind="member_invitation").to == "ana@example.org"
    visitor = Client(headers={"Accept-Language": "fr"})
    page = visitor.get(link.path)
    assert "Maison Lune" in page.content.decode()
    home = visitor.post(link.path, {"full_name": "Ana Roy", "password": "une phrase assez longue"}, follow=True)
    assert home.status_code == 200
    assert home.request["PATH_INFO"] == "/"
    member = Membership.objects.get(workspace__name="Maison Lune")
    assert (member.role, member.user.email) == (Role.OWNER, "ana@example.org")
    assert visitor.get("/settings/keys/").status_code == 200
    assert visitor.get(link.path).status_code in (200, 404)
    assert Client().get(link.path).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"name": "  ", "owner": "a@example.org"}, {"name": "A", "owner": "not an address"}])
def test_a_wrong_name_or_address_leaves_nothing(wrong: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        _open(**wrong)
    assert not Workspace.objects.exists()
    assert not User.objects.exists()
    assert not Mail.objects.exists()


def test_two_workspaces_of_one_name_are_two(cast: Cast) -> None:
    _open(name="Alma", owner="x@example.org")
    assert sorted(Workspace.objects.filter(name="Alma").values_list("slug", flat=True)) == ["alma", "alma-2"]


@pytest.mark.parametrize("who", ["owner", "viewer", "lea_user"])
def test_only_staff_and_commands_open_workspaces(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        workspaces.open_workspace(actor=cast.actor(getattr(cast, who)), name="Mine", email="x@example.org")


def test_an_administrator_still_cannot_name_an_owner(cast: Cast) -> None:
    Membership.objects.filter(user=cast.manager).update(role=Role.ADMIN)
    with pytest.raises(InvalidInput):
        workspaces.invite_member(
            actor=cast.actor(cast.manager), workspace=cast.alma, email="x@example.org", role=Role.OWNER
        )


def test_links_of_commands_lead_to_the_port_that_is_served(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setattr(environment, "VAR_DIR", tmp_path)
    assert environment.served_port() == 8000
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.lock").write_text("process 12, port 8411")
    assert environment.served_port() == 8411
    monkeypatch.setenv("PORT", "9000")
    assert environment.served_port() == 9000
