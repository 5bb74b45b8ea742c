"""A contract in a browser, in both languages: made, signed by both, downloaded, verified; one byte changed is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Mail, User, Workspace
from campaigns.models import Contract, Partnership
from tests.campaigns.conftest import build
from tests.campaigns.contract_desk import BRAND_PARTY, CREATOR_PARTY, Desk
from tests.cast import PASSWORD, Cast
from tests.e2e.test_main_job import no_sideways, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GENUINE = {"fr": "pas un octet n’a changé", "en": "not one byte has changed"}


def code_sent_to(address: str) -> str:
    found = re.match(r"\d{6}", Mail.objects.filter(kind="contract_code", to=address).latest("pk").subject)
    assert found
    return found[0]


def type_code(page: Page, address: str, name: str) -> None:
    page.locator("#sign form button").first.click()
    page.fill("#sign [name=code]", code_sent_to(address))
    page.fill("#sign [name=name]", name)
    page.fill("#sign [name=capacity]", "Signataire")
    page.check("#sign [name=agrees]")
    no_sideways(page)
    page.click("#sign .form-actions .btn-primary")
    expect(page.locator("#sign")).to_have_count(0)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_made_signed_by_both_downloaded_verified_and_refused_when_changed(
    browser: Browser, live_server: Any, cast: Cast, language: str, tmp_path: Path
) -> None:
    User.objects.update(language=language)
    Workspace.objects.update(language=language)
    type(cast.lea).objects.filter(pk=cast.lea.pk).update(languages=[language])
    partnership = Desk(build(cast)).agreed()
    office = visitor(browser, language, 1440)
    desk = office.new_page()
    desk.goto(f"{live_server.url}/account/login/")
    desk.fill("[name=login]", cast.owner.email)
    desk.fill("[name=password]", PASSWORD)
    desk.click("main form .btn-primary")
    desk.goto(f"{live_server.url}/partnerships/{partnership.pk}/")
    desk.click("form[action$='/contract/'] button")
    for side, party in (("brand", BRAND_PARTY), ("creator", CREATOR_PARTY)):
        for field, value in party.items():
            box = desk.locator(f"[name={side}-{field}]")
            box.select_option(value, force=True) if field == "tax_country" else box.fill(value)
    desk.click(".save-bar [name=send]")
    expect(desk.locator("main .notice-bad")).to_have_count(0)
    contract = Contract.objects.get()
    assert contract.state == "sent"

    link = re.search(r"/i/[^\s\"<>]+/contract/", Mail.objects.get(kind="contract_sent").text)
    assert link
    phone = visitor(browser, language, 390)
    page = phone.new_page()
    page.goto(live_server.url + link[0])
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("main")).to_contain_text(BRAND_PARTY["address"])
    no_sideways(page)
    type_code(page, "lea@example.org", "Léa Martin")
    desk.reload()
    type_code(desk, cast.owner.email, "Camille Renard")
    contract.refresh_from_db()
    assert contract.state == "executed"
    assert Partnership.objects.get().state == "contracted"

    page.reload()
    with page.expect_download() as download:
        page.locator("a[href*='contract.pdf']").click()
    file = tmp_path / "contract.pdf"
    download.value.save_as(file)
    phone.close()
    content = file.read_bytes()
    assert content.startswith(b"%PDF-")
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(content[:3000] + bytes([content[3000] ^ 1]) + content[3001:])
    stranger = visitor(browser, language, 390).new_page()
    for path, genuine in ((file, True), (changed, False)):
        stranger.goto(f"{live_server.url}/verify/")
        stranger.set_input_files("[name=file]", path)
        stranger.click("main form .btn-primary")
        expect(stranger.locator(".verdict-good")).to_have_count(int(genuine))
        expect(stranger.locator(".verdict-bad")).to_have_count(int(not genuine))
        no_sideways(stranger)
        if genuine:
            expect(stranger.locator("main")).to_contain_text(GENUINE[language])
    office.close()
