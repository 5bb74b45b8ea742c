"""The main job in a browser, in both languages: a brief, its reasons, an invitation, a yes on a phone, seen by the brand."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Mail, Reaction, User, Workspace
from campaigns.models import Partnership
from matching.models import Comment, Post
from matching.services.recompute import recompute_creators
from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

POSTS = {
    "fr": (
        "Trois semaines avec ce savon saponifié à froid : ma peau sensible ne tiraille plus, photos chaque dimanche.",
        "Cosmétiques naturels : je compare trois savons sans parfum, le moins cher n'est pas le pire.",
        "Ma routine minimaliste du soir : huile végétale, savon naturel, et rien d'autre.",
        "Lire une étiquette de cosmétique naturel en deux minutes : ce que dit la liste, ce qu'elle cache.",
    ),
    "en": (
        "Three weeks with this cold process soap: my sensitive skin no longer feels tight, photos every Sunday.",
        "Natural cosmetics: I compare three unscented soaps, and the cheapest is not the worst.",
        "My minimalist evening routine: plant oil, natural soap, nothing else.",
        "Reading a natural cosmetics label in two minutes: what the list says and what it hides.",
    ),
}
BRIEF = {
    "fr": {
        "name": "Savon de printemps",
        "product": "Savon naturel saponifié à froid, sans parfum",
        "message": "Un savon simple qui laisse la peau sensible tranquille",
        "text": "Cosmétiques naturels, savon, peau sensible, essais honnêtes sur la durée",
        "sentence": "Votre essai de trois savons sans parfum, avec le moins cher en tête, est exactement ce que nous cherchons.",
        "accepted": "Accepté",
    },
    "en": {
        "name": "Spring soap",
        "product": "Natural cold process soap, unscented",
        "message": "A simple soap that leaves sensitive skin alone",
        "text": "Natural cosmetics, soap, sensitive skin, honest tests over weeks",
        "sentence": "Your comparison of three unscented soaps, where the cheapest did well, is exactly what we look for.",
        "accepted": "Accepted",
    },
}


def write_posts(cast: Cast, language: str) -> None:
    account, now = cast.lea.accounts.get(), datetime.now(UTC)
    for number, caption in enumerate(POSTS[language] * 2):
        post = Post.objects.create(
            account=account,
            platform="instagram",
            external_id=f"p{number}",
            posted_at=now - timedelta(days=9 * number + 1),
            caption=f"{caption} ({number})",
            language=language,
            likes=420 + 7 * number,
            comments_count=38,
            source=cast.source,
            observed_at=now,
        )
        Comment.objects.create(
            post=post,
            external_id=f"c{number}",
            author_hash=f"{number:024d}",
            text="Combien de temps dure un savon à deux ?"
            if language == "fr"
            else "How long does one bar last for two people?",
            source=cast.source,
            observed_at=now,
        )
    type(cast.lea).objects.filter(pk=cast.lea.pk).update(languages=[language], country="FR")
    recompute_creators([cast.lea.pk, cast.tom.pk, cast.max.pk])


def visitor(browser: Browser, language: str, width: int) -> BrowserContext:
    locale = {"fr": "fr-FR", "en": "en-GB"}[language]
    return browser.new_context(viewport={"width": width, "height": 844}, locale=locale, has_touch=width < 500)


def no_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def brand_invites(page: Page, base: str, cast: Cast, words: dict[str, str], language: str) -> None:
    page.goto(f"{base}/account/login/")
    page.fill("[name=login]", cast.owner.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main form .btn-primary")
    page.goto(f"{base}/campaigns/new/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.fill("[name=name]", words["name"])
    page.locator("[name=countries]").select_option(["FR"], force=True)
    page.fill("[name=starts_on]", date.today().isoformat())
    page.fill("[name=ends_on]", (date.today() + timedelta(days=60)).isoformat())
    page.fill("[name=budget]", "2000")
    page.click("main form .form-actions .btn-primary")
    page.locator(".starts a").first.click()
    page.fill("[name=product]", words["product"])
    page.fill("[name=message]", words["message"])
    page.fill("[name=fee]", "400")
    page.fill("[name=text]", words["text"])
    due = (date.today() + timedelta(days=40)).isoformat()
    for field in page.locator("[name$=-due_on]").all():
        field.fill(due)
    page.click(".save-bar .btn-primary")
    expect(page.locator(".form-error, .field-error, .notice-bad")).to_have_count(0)
    campaign = re.search(r"/campaigns/[0-9a-f-]{36}/", page.url)
    assert campaign, page.url
    page.goto(base + campaign[0])
    page.click("form[action$='/activate/'] button")
    page.goto(f"{base}{campaign[0]}match/")
    page.locator("main form[method=post] .btn-primary").first.click()

    card = page.locator("article.result", has_text=cast.lea.display_name)
    expect(card).to_have_count(1)
    for reason in card.locator("details.reason-body > summary").all():
        reason.click()
    expect(card.locator("blockquote", has_text="savon" if language == "fr" else "soap").first).to_be_visible()
    card.locator("button[name=result]").click()
    card.locator("a[href$='/invite/']").click()
    page.fill("[name=personal_sentence]", words["sentence"])
    page.click("main form .form-actions .btn-primary")
    expect(page.locator("main")).to_contain_text(cast.lea.display_name)


def creator_accepts(page: Page, link: str, words: dict[str, str], language: str) -> None:
    page.goto(link)
    expect(page.locator("html")).to_have_attribute("lang", language)
    body = page.locator("main")
    for told in ("Alma Botanica", words["message"], words["sentence"], "400"):
        expect(body).to_contain_text(told)
    expect(body).to_contain_text(re.compile("Collaboration commerciale|Publicité"))
    no_sideways(page)
    assert Partnership.objects.get().state == "invited", "a look of a link scanner changes nothing"
    page.locator(".answer-bar .btn-primary").tap()
    page.wait_for_url("**/accept/")
    no_sideways(page)
    page.locator("main form .btn-primary").tap()
    expect(page.locator("main")).to_contain_text(words["accepted"])


@pytest.mark.parametrize("language", ["fr", "en"])
def test_brand_writes_a_brief_reads_why_invites_creator_accepts_brand_sees_it(
    browser: Browser, live_server: Any, cast: Cast, language: str
) -> None:
    words = BRIEF[language]
    write_posts(cast, language)
    User.objects.update(language=language)
    Workspace.objects.update(language=language)
    office = visitor(browser, language, 1440)
    desk = office.new_page()
    brand_invites(desk, live_server.url, cast, words, language)
    assert Partnership.objects.get().state == "invited"

    assert list(Reaction.objects.exclude(state="done").values_list("name", "state", "error")) == []
    letter = Mail.objects.get(to="lea@example.org")
    link = re.search(r"/i/[^\s\"<>]+", letter.text)
    assert link, letter.text
    assert words["sentence"] in letter.text
    phone = visitor(browser, language, 390)
    creator_accepts(phone.new_page(), live_server.url + link[0], words, language)
    assert Partnership.objects.get().state == "accepted"

    desk.goto(f"{live_server.url}/partnerships/{Partnership.objects.get().pk}/")
    expect(desk.locator("main")).to_contain_text(words["accepted"])
    expect(desk.locator(".history")).to_contain_text(cast.lea.display_name)
    office.close()
    phone.close()
