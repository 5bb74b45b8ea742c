"""The home of the people who run the installation: useful, and blind to what tenants do."""

import re

import pytest

from accounts.models import Job, Mail, Membership, Workspace
from campaigns.services.campaigns import create_campaign
from tests.cast import Cast


@pytest.mark.parametrize("language", ["en", "fr"])
def test_staff_land_on_what_they_can_do_and_every_link_there_opens(cast: Cast, language: str) -> None:
    create_campaign(actor=cast.actor(cast.owner), brand=cast.brand, name="A secret campaign", countries=["FR"])
    browser = cast.browser(cast.staff, language)
    page = browser.get("/", follow=True)
    assert page.request["PATH_INFO"] == "/staff/"
    body = page.content.decode()
    assert "Alma" in body
    for secret in ("A secret campaign", "Alma Botanica", "owner@example.org", "Léa Martin"):
        assert secret not in body
    links = {link for link in re.findall(r'href="(/[^"#?]*)"', body) if not link.startswith("/static")}
    assert "/health/" in links
    assert "/discover/" not in links
    refused = {link: browser.get(link).status_code for link in links}
    assert {link: code for link, code in refused.items() if code >= 400} == {}


def test_a_workspace_is_opened_for_its_owner_once_per_click(cast: Cast) -> None:
    browser = cast.browser(cast.staff)
    wrong = browser.post("/staff/workspaces/", {"name": "", "email": "x", "language": "de"})
    assert wrong.status_code == 422
    assert Workspace.objects.count() == 2
    done = browser.post("/staff/workspaces/", {"name": "Lune <b>", "email": "lune@example.org", "language": "fr"})
    link = re.search(r"/join/[\w-]+/", done.content.decode())
    assert link
    assert "<b>" not in done.content.decode()
    assert Mail.objects.get(kind="member_invitation").language == "fr"
    visitor = cast.browser(None)
    visitor.post(link[0], {"full_name": "Lune", "password": "a long and odd sentence"})
    assert Membership.objects.get(workspace__name="Lune <b>").role == "owner"


def test_recompute_runs_once_however_often_it_is_pressed(cast: Cast) -> None:
    browser = cast.browser(cast.staff)
    for _ in range(2):
        assert browser.post("/staff/recompute/").status_code == 302
    assert Job.objects.filter(kind="recompute").count() == 1
    assert cast.browser(cast.owner).post("/staff/recompute/").status_code == 403
