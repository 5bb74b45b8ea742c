"""The look in a real browser: accessible in both themes and sizes, silent console, usable by key and without script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.browser
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def sign_in(page: Page, base: str, email: str) -> None:
    page.goto(f"{base}/account/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form .btn-primary")
    page.wait_for_load_state()


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['target']}" for fault in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_are_accessible_and_never_scroll_sideways(
    clean_page: Page, live_server: Any, cast: Cast, size: Any, theme: Any
) -> None:
    page = clean_page
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=theme)
    for path in ("/account/login/", "/glossary/", "/account/password/reset/"):
        page.goto(live_server.url + path)
        assert faults(page) == [], path
    sign_in(page, live_server.url, cast.owner.email)
    for path in ("/styleguide/", "/account/password/change/", "/account/2fa/"):
        page.goto(live_server.url + path)
        page.wait_for_timeout(300)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme


def test_a_word_explains_itself_by_mouse_and_by_key(clean_page: Page, live_server: Any, cast: Cast) -> None:
    page = clean_page
    page.goto(f"{live_server.url}/styleguide/")
    word = page.get_by_role("button", name="Affinity")
    word.focus()
    page.keyboard.press("Enter")
    card = page.locator(".term-card:popover-open")
    expect(card).to_contain_text("How close what a creator really writes is to the brief")
    beside, there = word.bounding_box(), card.bounding_box()
    assert beside and there
    assert abs(there["y"] - beside["y"]) < 300, "the card stands by its word"
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_keys_find_move_explain_and_can_be_turned_off(clean_page: Page, live_server: Any, cast: Cast) -> None:
    page = clean_page
    page.goto(f"{live_server.url}/styleguide/")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.locator("[data-search]")).to_have_value("jk")
    page.locator("[data-search]").blur()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1)).to_have_class(re.compile("is-current"))
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("[data-row].is-current")).to_have_count(0)


def test_the_theme_is_kept(clean_page: Page, live_server: Any, cast: Cast) -> None:
    page = clean_page
    page.emulate_media(color_scheme="light")
    page.goto(f"{live_server.url}/glossary/")
    page.get_by_role("button", name="Light or dark").first.click()
    page.goto(f"{live_server.url}/account/login/")
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 20)"


def test_the_glossary_answers_while_typing_and_back_goes_back(clean_page: Page, live_server: Any, cast: Cast) -> None:
    page = clean_page
    page.goto(f"{live_server.url}/glossary/")
    page.get_by_role("searchbox").fill("half-life")
    expect(page.locator(".glossary-term")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=half-life"))
    page.go_back()
    expect(page.locator(".glossary-term").nth(59)).to_be_attached()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_everything_works_without_script(browser: Browser, live_server: Any, cast: Cast) -> None:
    page = browser.new_page(java_script_enabled=False, viewport=PHONE, locale="en-GB")
    sign_in(page, live_server.url, cast.owner.email)
    page.goto(f"{live_server.url}/glossary/")
    page.get_by_role("button", name="More").click()
    page.locator("#sheet").get_by_role("button", name="FR").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("searchbox").fill("portée")
    page.get_by_role("button", name="Rechercher", exact=True).click()
    expect(page.locator(".glossary-term")).to_have_count(1)
    page.goto(f"{live_server.url}/styleguide/")
    page.get_by_role("button", name="Affinité").click()
    expect(page.locator(".term-card:popover-open")).to_be_visible()
    page.goto(f"{live_server.url}/styleguide/")
    page.get_by_role("button", name="Withdraw").first.click()
    expect(page.get_by_role("dialog", name="Withdraw this invitation?")).to_be_visible()
    page.close()
