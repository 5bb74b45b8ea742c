"""The audit log, the second step by policy, keys made once, files that are noted, retention."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts.errors import InvalidInput
from accounts.mail import queue_mail
from accounts.models import ApiClient, Event, Mail, RetentionRun, User, Workspace
from accounts.services import retention, workspaces
from tests.cast import Cast


def second_step(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})


def test_the_audit_log_says_who_what_from_where_before_and_after(cast: Cast) -> None:
    browser = cast.browser(cast.owner)
    settings = {"name": "=Alma", "language": "fr", "currency": "CHF", "timezone": "Europe/Paris"}
    browser.post(reverse("settings_workspace"), settings, REMOTE_ADDR="203.0.113.7")
    page = browser.get(reverse("settings_audit")).content.decode()
    for said in ("Owner", "203.0.113.7", "CHF", "EUR", "=Alma"):
        assert said in page
    assert "CHF" not in browser.get(reverse("settings_audit"), {"q": "nobody said this"}).content.decode()
    answer = browser.get(reverse("settings_audit_csv"), {"area": "workspace"})
    rows = b"".join(answer.streaming_content).decode()
    assert "workspace.changed" in rows
    assert ",=Alma" not in rows
    browser.get(reverse("settings_audit_csv"), headers={"Sec-Fetch-Dest": "image"})  # shown in a page, not taken out
    noted = Event.objects.get(kind="export.downloaded")
    assert noted.data["file"].startswith("audit-")
    assert cast.browser(cast.other_owner).get(reverse("settings_audit")).content.decode().count("203.0.113.7") == 0


@pytest.mark.parametrize(
    "query", ["before=9" * 30, "since=2026-99-99", "q=%00%27%22<script>", "area=x&actor=y&before=-1"]
)
def test_hostile_filters_are_as_if_they_were_not_there(cast: Cast, query: str) -> None:
    page = cast.browser(cast.owner).get(f"{reverse('settings_audit')}?{query}")
    assert page.status_code == 200
    assert b"<script>" not in page.content.replace(b"<script src", b"").replace(b"<script type", b"").replace(
        b"<script defer", b""
    )


def test_who_has_no_second_step_is_led_to_it_and_keys_are_not(cast: Cast) -> None:
    browser = cast.browser(cast.owner)
    browser.post(reverse("settings_security"), {"require_mfa": "1"})
    assert not Workspace.objects.get(pk=cast.alma.pk).require_mfa, "not before the owner has one"
    second_step(cast.owner)
    browser.post(reverse("settings_security"), {"require_mfa": "1"})
    assert browser.get("/campaigns/").status_code == 200
    member = cast.browser(cast.manager)
    led = member.get("/campaigns/")
    assert (led.status_code, led["Location"]) == (302, reverse("mfa_activate_totp"))
    assert member.get("/campaigns/", headers={"HX-Request": "true"})["HX-Redirect"] == reverse("mfa_activate_totp")
    assert member.post("/campaigns/new/", {"name": "x"}).status_code == 302
    refused = member.get("/api/v1/campaigns")
    assert (refused.status_code, refused.json()["code"]) == (403, "mfa_required")
    assert cast.api(cast.key).get("/api/v1/campaigns").status_code == 200
    assert cast.browser(cast.lea_user).get("/privacy/").status_code == 200, "creators belong to no workspace"
    second_step(cast.manager)
    assert member.get("/campaigns/").status_code == 200


def test_reloading_after_a_new_key_makes_no_second_one_and_shows_it_no_more(cast: Cast) -> None:
    browser = cast.browser(cast.owner)
    before = ApiClient.objects.count()
    answer = browser.post(reverse("settings_keys"), {"name": "shop", "mode": "live", "scopes": ["creators:read"]})
    assert answer.status_code == 302
    first, again = browser.get(answer["Location"]), browser.get(answer["Location"])
    assert b"rsn_live_" in first.content.replace(b"rsn_live_\xe2", b"")
    assert first.content.count(b"data-copy") > again.content.count(b"data-copy")
    assert ApiClient.objects.count() == before + 1


def test_retention_deletes_what_is_older_and_says_so(cast: Cast) -> None:
    owner = cast.actor(cast.owner)
    for name, days in (("old", 400), ("new", 10)):
        at = timezone.now() - timedelta(days=days)
        queue_mail(
            dedupe_key=name, kind="x", to="a@example.org", subject=name, text="", workspace_id=cast.alma.pk, at=at
        )
        queue_mail(
            dedupe_key=f"{name}-n",
            kind="x",
            to="a@example.org",
            subject=name,
            text="",
            workspace_id=cast.nord.pk,
            at=at,
        )
    Mail.objects.update(state="sent")
    due = {row["area"].key: row["due"] for row in retention.preview(actor=owner, workspace=cast.alma)}
    assert due["letters"] == 1
    assert retention.apply(actor=owner, workspace=cast.alma) == {"letters": 1}
    assert retention.apply(actor=owner, workspace=cast.alma) == {}
    assert Mail.objects.filter(workspace=cast.alma).count() == 1
    assert Mail.objects.filter(workspace=cast.nord).count() == 2
    assert RetentionRun.objects.get().removed == 1
    for text in ("0", "-3", "99999", "x", "1e3"):
        with pytest.raises(InvalidInput):
            retention.save(actor=owner, workspace=cast.alma, periods={"letters": text})
    retention.save(actor=owner, workspace=cast.alma, periods={"letters": "30"})
    assert Event.objects.filter(kind="retention.changed").count() == 1


def test_a_change_that_changes_nothing_is_not_in_the_log(cast: Cast) -> None:
    workspaces.change_workspace(actor=cast.actor(cast.owner), workspace=cast.alma, changes={"name": "Alma"})
    assert not Event.objects.filter(kind="workspace.changed").exists()


@pytest.mark.parametrize("name", ["security", "audit", "retention", "register", "usage", "members", "workspace"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_open_in_both_languages(cast: Cast, name: str, language: str) -> None:
    assert cast.browser(cast.owner, language).get(reverse(f"settings_{name}")).status_code == 200
