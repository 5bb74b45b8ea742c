"""A piece from draft to verification: the creator on a phone behind a link, the brand at a desk, in both languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts.actors import creator_actor
from accounts.models import User, Workspace
from campaigns.models import Deliverable, Partnership
from campaigns.services import answers, briefs, campaigns, invitations, shortlist
from campaigns.services.links import new_link
from tests.cast import PASSWORD, Cast
from tests.e2e.test_main_job import no_sideways, visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "fr": {
        "first": "Trois matins avec ce savon, sans parfum.",
        "change": "Il manque la mention au début du texte.",
        "label": "Collaboration commerciale – Alma Botanica",
        "missing": "Rien dans le texte ne dit",
        "buried": "perdu parmi",
        "approved": "Approuvé",
        "verified": "Vérifié",
    },
    "en": {
        "first": "Three mornings with this soap, unscented.",
        "change": "The label is missing at the beginning.",
        "label": "Collaboration commerciale – Alma Botanica",
        "missing": "Nothing in the text says",
        "buried": "lost among",
        "approved": "Approved",
        "verified": "Verified",
    },
}


def _agreed(cast: Cast, language: str) -> Partnership:
    actor, now = cast.actor(cast.owner), datetime.now(UTC)
    campaign = campaigns.create_campaign(actor=actor, brand=cast.brand, name="Winter", countries=["FR"])
    due = (date.today() + timedelta(days=20)).isoformat()
    item = {"form": "test", "format": "post", "platform": "instagram", "quantity": 1, "due_on": due}
    briefs.save_brief(
        actor=actor, campaign=campaign, language=language, product="Savon", message="Un savon simple et doux",
        deliverables=[item], fee="300", disclosure={"FR": "Collaboration commerciale"}, review_rounds=1,
    )  # fmt: skip
    campaigns.activate_campaign(actor=actor, campaign=campaign)
    [row] = shortlist.shortlist_creators(actor=actor, campaign=campaign, creators=[cast.lea])
    sentence = "Votre essai de trois savons sur un mois est exactement ce que nous cherchons."
    invitations.invite(actor=actor, partnership=row, personal_sentence=sentence, now=now)
    answers.accept(actor=creator_actor(cast.lea), partnership=row, now=now)
    return Partnership.objects.get(pk=row.pk)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_draft_changes_approval_publication_verification(
    browser: Browser, live_server: Any, cast: Cast, language: str, tmp_path: Path
) -> None:
    User.objects.update(language=language)
    Workspace.objects.update(language=language)
    cast.lea.languages = [language]
    cast.lea.save(update_fields=["languages"])
    words, base = WORDS[language], live_server.url
    deal = _agreed(cast, language)
    piece = Deliverable.objects.get()
    picture = tmp_path / "screen.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 60)

    phone = visitor(browser, language, 390)
    page = phone.new_page()
    page.goto(f"{base}/i/{new_link(deal)}/")
    with page.expect_navigation():
        page.locator("#works a").tap()
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("main")).to_contain_text(words["label"])
    no_sideways(page)
    page.fill("#draft [name=text]", words["first"])
    page.set_input_files("#draft [name=files]", picture)
    with page.expect_navigation():
        page.locator("#draft .btn-primary").tap()
    expect(page.locator("main")).to_contain_text(words["missing"])
    no_sideways(page)

    office = visitor(browser, language, 1440)
    desk = office.new_page()
    desk.goto(f"{base}/account/login/")
    desk.fill("[name=login]", cast.owner.email)
    desk.fill("[name=password]", PASSWORD)
    desk.click("main form .btn-primary")
    desk.goto(f"{base}/")
    desk.locator(f".need a[href='/deliverables/{piece.pk}/']").first.click()
    expect(desk.locator("main")).to_contain_text(words["missing"])
    desk.locator("#answer details summary").first.click()
    desk.fill("form[action$='/request_changes/'] [name=note]", words["change"])
    desk.click("form[action$='/request_changes/'] button")
    expect(desk.locator("form[action$='/approve/']")).to_have_count(0)

    page.reload()
    expect(page.locator(".notice-warn")).to_contain_text(words["change"])
    page.fill("#draft [name=text]", f"{words['label']}\n{words['first']}")
    with page.expect_navigation():
        page.locator("#draft .btn-primary").tap()
    desk.reload()
    expect(desk.locator("form[action$='/request_changes/']")).to_have_count(0)
    desk.click("form[action$='/approve/'] button")

    page.reload()
    expect(page.locator("main")).to_contain_text(words["approved"])
    page.fill("#publication [name=url]", "https://www.instagram.com/p/Cabc123/")
    page.fill("#publication [name=caption]", f"{words['first']} #savon #publicité")
    page.check("#publication [name=toggle]")
    page.set_input_files("#publication [name=files]", picture)
    with page.expect_navigation():
        page.locator("#publication .btn-primary").tap()
    expect(page.locator(".notice-bad")).to_contain_text(words["buried"])
    desk.reload()
    expect(desk.locator("form[action$='/verify/']")).to_have_count(0)
    page.fill("#publication [name=caption]", f"{words['label']}\n{words['first']}")
    with page.expect_navigation():
        page.locator("#publication .btn-primary").tap()
    expect(page.locator(".notice-bad")).to_have_count(0)
    no_sideways(page)

    desk.reload()
    for tick in desk.locator("[name=ticks]").all():
        tick.check()
    desk.click("form[action$='/verify/'] button")
    expect(desk.locator("main")).to_contain_text(words["verified"])
    desk.goto(f"{base}/disclosure/")
    expect(desk.locator(".disclosure-table tbody tr")).to_have_count(1)
    expect(desk.locator("tbody tr .cell-no")).to_have_count(0)
    with desk.expect_download() as fetched:
        desk.click("a[href^='/disclosure.csv']")
    assert re.search(r"fr\.label\.accepted", Path(fetched.value.path()).read_text("utf-8"))
    piece.refresh_from_db()
    assert piece.state == "verified" and piece.rounds_used == 1
    office.close()
    phone.close()
