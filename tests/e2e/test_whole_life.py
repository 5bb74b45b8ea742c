"""A partnership's whole life in a browser, in both languages: the brand at a desk, the creator on a phone without an account.

Brief, reasons, invitation, yes, contract signed by both, parcel, draft, approval, publication with its label, a person's
verification, payment, debriefs. What one step refuses is tried where its own tests do not reach: in the pages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Event, Mail, Reaction, User, Workspace
from campaigns.models import Contract, Debrief, Deliverable, Partnership, Payment, Shipment
from tests.campaigns.contract_desk import BRAND_PARTY, CREATOR_PARTY
from tests.cast import Cast
from tests.e2e.test_contract import type_code
from tests.e2e.test_main_job import BRIEF, brand_invites, creator_accepts, no_sideways, visitor, write_posts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = {"name": "Léa Martin", "lines": "12 rue des Tanneurs", "postal_code": "44000", "city": "Nantes"}
LABEL = "Collaboration commerciale – Alma Botanica"
WORDS = {
    "fr": {
        "first": "Trois matins avec ce savon, sans parfum.",
        "missing": "Rien dans le texte ne dit",
        "again": "À solliciter de nouveau",
        "signed": "Contrat signé par les deux parties",
        "paid": "Paiement reçu",
    },
    "en": {
        "first": "Three mornings with this soap, unscented.",
        "missing": "Nothing in the text says",
        "again": "Ask them again",
        "signed": "Contract signed by both",
        "paid": "Payment received",
    },
}


class Life:
    """Both sides' pages, and the steps between them."""

    def __init__(self, cast: Cast, base: str, desk: Page, phone: Page, language: str, folder: Path) -> None:
        self.cast, self.base, self.desk, self.phone = cast, base, desk, phone
        self.language, self.words, self.folder = language, WORDS[language], folder
        self.deal = Partnership.objects.get()
        self.page = f"{base}/partnerships/{self.deal.pk}/"

    def link_of(self, kind: str) -> str:
        found = re.search(r"/i/[^\s\"<>]+", Mail.objects.filter(kind=kind, to="lea@example.org").latest("pk").text)
        assert found, kind
        return self.base + found[0]

    def at_phone(self, step: str = "") -> None:
        self.phone.goto(re.sub(r"/i/([^/]+)/.*", rf"/i/\1/{step}", self.phone.url))
        expect(self.phone.locator("html")).to_have_attribute("lang", self.language)
        no_sideways(self.phone)

    def tap(self, selector: str) -> None:
        with self.phone.expect_navigation():
            self.phone.locator(selector).first.tap()
        no_sideways(self.phone)

    def contract(self) -> None:
        desk = self.desk
        desk.goto(self.page)
        desk.click("form[action$='/contract/'] button")
        for side, party in (("brand", BRAND_PARTY), ("creator", CREATOR_PARTY)):
            for field, value in party.items():
                box = desk.locator(f"[name={side}-{field}]")
                box.select_option(value, force=True) if field == "tax_country" else box.fill(value)
        desk.click(".save-bar [name=send]")
        expect(desk.locator("main .notice-bad")).to_have_count(0)
        assert Contract.objects.get().state == "sent"
        self.phone.goto(self.link_of("contract_sent"))
        type_code(self.phone, "lea@example.org", "Léa Martin")
        desk.reload()
        type_code(desk, self.cast.owner.email, "Camille Renard")
        assert Contract.objects.get().state == "executed"
        assert Partnership.objects.get().state == "contracted"

    def parcel(self) -> None:
        desk = self.desk
        desk.goto(self.page)
        desk.locator("#parcels details summary").last.click()
        desk.fill("#parcels form[action$='/parcels/'] [name=product]", "Savon / Soap")
        desk.click("#parcels form[action$='/parcels/'] .btn-primary")
        self.at_phone()
        self.tap("#parcels a.btn-primary")
        for name, value in HOME.items():
            self.phone.fill(f"main form [name={name}]", value)
        country = self.phone.locator("main form [name=country]")
        country.select_option("FR", force=True) if country.evaluate("e => e.tagName") == "SELECT" else country.fill(
            "FR"
        )
        self.tap("main form .form-actions .btn-primary")
        desk.reload()
        expect(desk.locator("main")).not_to_contain_text(HOME["lines"])  # only behind "Show the address"
        desk.locator("#parcels details summary").first.click()
        desk.fill("#parcels [name=tracking]", "6A000111222")
        desk.locator("#parcels form", has=desk.locator("[value=ship]")).locator(".btn-primary").click()
        self.at_phone()
        expect(self.phone.locator("#parcels")).to_contain_text("6A000111222")
        self.tap("#parcels form[action$='/received/'] .btn-primary")
        assert Shipment.objects.get().state == "received"

    def pieces(self) -> None:
        for piece in Deliverable.objects.order_by("number"):
            self.draft(piece)
            self.publish(piece)
        assert set(Deliverable.objects.values_list("state", flat=True)) == {"verified"}

    def draft(self, piece: Deliverable) -> None:
        picture = self.folder / "screen.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 60)
        phone, desk = self.phone, self.desk
        self.at_phone(f"pieces/{piece.pk}/")
        expect(phone.locator("main")).to_contain_text(LABEL)
        phone.fill("#draft [name=text]", f"{LABEL}\n{self.words['first']}")
        phone.set_input_files("#draft [name=files]", picture)
        self.tap("#draft .btn-primary")
        desk.goto(f"{self.base}/deliverables/{piece.pk}/")
        desk.click("form[action$='/approve/'] button")
        piece.refresh_from_db()
        assert piece.state == "approved"

    def publish(self, piece: Deliverable) -> None:
        phone, desk = self.phone, self.desk
        host = {"tiktok": "https://www.tiktok.com/@lea.cuisine/video/7300000000000000001"}
        address = host.get(piece.platform, "https://www.instagram.com/p/Cabc123/")
        self.at_phone(f"pieces/{piece.pk}/")
        phone.fill("#publication [name=url]", address)
        phone.fill("#publication [name=caption]", self.words["first"])
        if phone.locator("#publication [name=toggle]").count():
            phone.check("#publication [name=toggle]")
        phone.set_input_files("#publication [name=files]", self.folder / "screen.png")
        self.tap("#publication .btn-primary")
        phone.fill("#publication [name=caption]", f"{LABEL}\n{self.words['first']}")  # the fix the page asked for
        self.tap("#publication .btn-primary")
        expect(phone.locator(".notice-bad")).to_have_count(0)
        desk.reload()
        for tick in desk.locator("[name=ticks]").all():
            tick.check()
        desk.click("form[action$='/verify/'] button")
        expect(desk.locator("form[action$='/verify/']")).to_have_count(0)

    def money(self) -> None:
        desk = self.desk
        desk.goto(f"{self.base}/payments/")
        desk.locator("details summary").filter(has=desk.locator("svg")).first.click()
        desk.fill("[name=reference]", "VIR 2026-1")
        desk.click("form[action$='/send/'] .btn-primary")
        self.at_phone()
        expect(self.phone.locator("main")).to_contain_text("VIR 2026-1")
        self.tap("form[action$='/payment/'] .btn-primary")
        assert Payment.objects.get().state == "received"

    def debriefs(self) -> None:
        desk, phone = self.desk, self.phone
        desk.goto(self.page)
        desk.click("form[action$='/complete/'] button")
        assert Partnership.objects.get().state == "completed"
        desk.goto(f"{self.page}debrief/")
        self.at_phone("debrief/")
        for page, mark in ((desk, "4"), (phone, "5")):
            for name in ("result", "cooperation"):
                page.locator(f"[name={name}][value='{mark}']").check(force=True)
            page.locator("[name=again][value=yes]").check(force=True)
            page.fill("[name=lesson]", "Encore / Again")
            page.locator("main form .btn-primary").click()
            page.wait_for_load_state()
        assert set(Debrief.objects.values_list("side", flat=True)) == {"brand", "creator"}

    def afterwards(self) -> None:
        desk = self.desk
        desk.goto(f"{self.base}/relations/")
        expect(desk.locator("main")).to_contain_text(self.words["again"])
        desk.goto(self.page)
        for told in (self.words["signed"], self.words["paid"]):
            expect(desk.locator(".history")).to_contain_text(told)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_from_the_brief_to_the_debrief(
    browser: Browser, live_server: Any, cast: Cast, language: str, tmp_path: Path
) -> None:
    write_posts(cast, language)
    User.objects.update(language=language)
    Workspace.objects.update(language=language)
    office, pocket = visitor(browser, language, 1440), visitor(browser, language, 390)
    desk, phone = office.new_page(), pocket.new_page()
    brand_invites(desk, live_server.url, cast, BRIEF[language], language)
    life = Life(cast, live_server.url, desk, phone, language, tmp_path)
    creator_accepts(phone, life.link_of("partnership_invited"), BRIEF[language], language)
    life.contract()
    life.parcel()
    life.pieces()
    life.money()
    life.debriefs()
    life.afterwards()
    assert list(Reaction.objects.exclude(state="done").values_list("name", "state", "error")) == []
    kinds = list(Event.objects.filter(object_type="partnership").order_by("id").values_list("kind", flat=True))
    states = [kind.partition(".")[2] for kind in kinds if kind.partition(".")[2] not in ("debriefed", "shortlisted")]
    assert states == ["invited", "seen", "accepted", "contracted", "live", "completed"]
    office.close()
    pocket.close()
