"""Imports in a browser: a file is sent, its columns corrected, tried, imported, watched, on a desk and on a phone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Job, SocialAccount
from tests.cast import Cast
from tests.e2e.test_interface import DESKTOP, PHONE, faults, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HEADER = "Pseudo;Nom complet;Abonnés;Pays;Biographie;Notes internes"


def export() -> str:
    """60 makers: every seventh with a count below zero, every fifth in no country; the last row repeats one."""
    rows = [HEADER]
    for n in range(60):
        count, country = "12,4k" if n % 7 else "-3", "France" if n % 5 else "Freedonia"
        rows.append(f"maker{n};Maker {n};{count};{country};Pain et levain, jour {n};x{n}")
    return "\n".join([*rows, "maker1;Maker 1;12,4k;France;again;y"])


def look(page: Page, name: str) -> None:
    """Accessible, and never wider than the screen. With RESONANCE_PICTURES set, also a picture to look at."""
    page.wait_for_timeout(250)
    folder = os.environ.get("RESONANCE_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"import-{name}.png"), full_page=True)
    assert faults(page) == [], name
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(
    ("size", "theme", "locale"), [(DESKTOP, "light", "en"), (PHONE, "dark", "fr")], ids=["desktop", "phone"]
)
def test_a_file_from_sending_to_result(
    page: Page, live_server: Any, cast: Cast, tmp_path: Path, size: Any, theme: Any, locale: str
) -> None:
    name, complaints = "phone" if size is PHONE else "desktop", list[str]()
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    page.set_extra_http_headers({"Accept-Language": locale})
    sign_in(page, live_server.url, cast.owner.email)
    page.goto(f"{live_server.url}/imports/")
    look(page, f"{name}-1-empty")
    page.goto(f"{live_server.url}/imports/new/")
    look(page, f"{name}-2-new")
    file = tmp_path / "createurs instagram.csv"
    file.write_text(export())
    page.set_input_files("[name=files]", file)
    page.fill("[name=source]", "Agence du Nord, mai 2026")
    page.click("form .btn-primary")
    page.wait_for_url("**/drafts/**")
    look(page, f"{name}-3-columns")
    page.select_option("[name=f0-target5]", "accounts.handle")
    page.click("[name=action][value=try]")
    expect(page.locator(".form-error").first).to_be_visible()
    look(page, f"{name}-4-wrong")
    page.select_option("[name=f0-target5]", "")
    page.click("[name=action][value=try]")
    trial = page.locator("#trial")
    expect(trial).to_contain_text("12,400" if locale == "en" else "12\u202f400")
    assert not Job.objects.exists()
    look(page, f"{name}-5-tried")
    page.click("[name=action][value=start]")
    page.wait_for_url(lambda url: "/drafts/" not in url)
    expect(page.locator("#import-state .job-done")).to_be_visible(timeout=20_000)
    expect(page.locator(".import-reasons").first).to_contain_text("-3")
    look(page, f"{name}-6-result")
    with page.expect_download() as download:
        page.click("#import-state a[href$='/rejects/']")
    assert "negative" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.goto(f"{live_server.url}/imports/")
    look(page, f"{name}-7-list")
    assert SocialAccount.objects.filter(handle__startswith="maker").count() == 51
    assert [text for text in complaints if "422" not in text] == []  # the browser itself reports a refused form


def test_a_running_import_is_watched_without_reloading(clean_page: Page, live_server: Any, cast: Cast) -> None:
    page = clean_page
    sign_in(page, live_server.url, cast.owner.email)
    counts = {
        "rows": 412_000,
        "created": 398_000,
        "updated": 2_000,
        "unchanged": 9_000,
        "duplicates": 600,
        "rejected": 2_400,
    }
    job = Job.objects.create(
        workspace=cast.alma,
        kind="import",
        title="Big export",
        state="running",
        done=412_000,
        total=1_600_000,
        params={"files": [], "mapping": {}},
        checkpoint={"seconds": 14.2, "files": [], "entities": {"posts": counts}},
    )
    page.goto(f"{live_server.url}/imports/{job.pk}/")
    expect(page.locator("#import-state")).to_contain_text("412,000 / 1,600,000")
    expect(page.locator("#import-state")).to_contain_text("29,014 rows a second")
    look(page, "desktop-8-running")
    Job.objects.filter(pk=job.pk).update(state="succeeded", done=1_600_000)
    expect(page.locator("#import-state .job-done")).to_be_visible(timeout=8_000)
    assert page.locator("#import-state[hx-get]").count() == 0
