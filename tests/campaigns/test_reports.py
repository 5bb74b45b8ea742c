"""A campaign worked out by hand, whose report must say the same; and frozen reports, which nothing may change."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.ids import uuid7
from accounts.models import Mail
from campaigns.models import (
    AttributionEntry,
    AttributionRun,
    Campaign,
    Click,
    Content,
    Conversion,
    CurrencyRate,
    Partnership,
    Report,
    ReportFile,
    ReportShare,
)
from campaigns.reports import across, curves, figures, files
from campaigns.services import codes, conversions, ledger, postbacks, reports, results, tracking
from campaigns.services.answers import accept
from tests.campaigns.conftest import SENTENCES, Stage, utc

HAND = Path(__file__).parent.parent / "data" / "hand_computed_campaign.csv"
NOW = utc(2026, 4, 20, 12)


@dataclass
class Told:
    stage: Stage
    lea: Partnership
    tom: Partnership


def clicks(link: Any, people: int, unique: int, machines: int) -> None:
    at = utc(2026, 3, 10, 9)
    first = uuid7()
    rows = [Click(id=first, link=link, minute=at, hour=at)]
    rows += [Click(link=link, minute=at, hour=at) for _n in range(unique - 1)]
    rows += [Click(link=link, minute=at, hour=at, dedup_of=first) for _n in range(people - unique)]
    rows += [Click(link=link, minute=at, hour=at, is_bot=True, bot_reason="crawler") for _n in range(machines)]
    Click.objects.bulk_create(rows)


@pytest.fixture
def told(stage: Stage) -> Told:
    """Everything that tests/data/hand_computed_campaign.csv says, through the services."""
    owner, campaign, cast = stage.owner, stage.campaign, stage.cast
    people = {}
    for creator, sentence, fee in ((cast.lea, SENTENCES[0], "400"), (cast.tom, SENTENCES[1], "300")):
        partnership = stage.invite(creator, sentence, terms={"fee": fee})
        accept(actor=stage.link_actor(partnership), partnership=partnership)
        people[creator.pk] = partnership
    lea, tom = people[cast.lea.pk], people[cast.tom.pk]
    CurrencyRate.objects.create(workspace=cast.alma, currency="USD", day=date(2026, 3, 1), rate=Decimal("0.80"))
    cost: dict[str, Any] = {"actor": owner, "campaign": campaign, "on": date(2026, 3, 5)}
    results.add_cost(**cost, partnership=lea, kind="shipping", amount="12,50")
    results.add_cost(**cost, partnership=tom, kind="boost", amount="100", currency="USD")
    results.add_cost(**cost, kind="hours", amount="90")
    counters = (
        (
            lea,
            {"reach": 9000, "views": 12000, "likes": 600, "comments": 60, "shares": 30, "saves": 10, "qualified": 24},
        ),
        (tom, {"views": 8000, "likes": 400, "comments": 20, "shares": 0, "saves": 0}),
    )
    for partnership, values in counters:
        content = results.add_content(
            actor=owner, campaign=campaign, partnership=partnership, platform="instagram", published_at=utc(2026, 3, 8)
        )
        results.record_metrics(actor=owner, content=content, values=values, at=utc(2026, 4, 1), now=NOW)
    make: dict[str, Any] = {
        "actor": owner,
        "campaign": campaign,
        "destination": "https://shop.example.com/",
        "resolve": False,
    }
    tracking.create_link(**make, partnership=lea, slug="lea")
    tracking.create_link(**make, partnership=tom, slug="tom")
    clicks(lea.tracked_links.get(), 50, 40, 5)
    clicks(tom.tracked_links.get(), 30, 30, 2)
    codes.create_code(actor=owner, campaign=campaign, partnership=lea, code="LEA10", value=Decimal(10))
    at = utc(2026, 3, 12, 10)

    def order(name: str, amount: str, **more: Any) -> Conversion:
        values = {"order_id": name, "amount": amount, "currency": "EUR", "at": at} | more
        return conversions.record_conversion(actor=owner, workspace=cast.alma, source="api", now=NOW, **values)[0]

    order("o1", "50.00", code="lea-10")
    order("o2", "80.00", link="tom", clicked_at=at - timedelta(days=3))
    order("o3", "70.00", link="tom", clicked_at=at - timedelta(days=40))
    order("o4", "100.00", currency="USD", code="LEA10", link="tom", clicked_at=at)
    order("o5", "30.00")
    order("o1", "50.00", external_id="again", code="LEA10")
    conversions.reverse_conversion(actor=owner, conversion=order("o6", "40.00", code="LEA10"), now=NOW)
    conversions.reverse_conversion(actor=owner, conversion=order("o7", "60.00", code="LEA10"), amount="15", now=NOW)
    order("s1", "0", kind="signup", link="https://go.example.com/r/tom", clicked_at=at)
    order("o8", "10.00", currency="GBP", code="LEA10")
    return Told(stage, lea, tom)


def test_every_figure_equals_the_one_worked_out_by_hand(told: Told) -> None:
    found = reports.live(actor=told.stage.owner, campaign=told.stage.campaign, now=NOW)["figures"]
    sets = {"whole": found["whole"]} | {row["creator"]: row["figures"] for row in found["partnerships"]}
    lines = [line for line in HAND.read_text().splitlines() if not line.startswith("#")]
    checked = 0
    for row in csv.DictReader(lines):
        figure = sets[row["scope"]][row["figure"]]
        for name in ("value", "numerator", "denominator"):
            if row[name] or name == "value":
                assert str(figure[name] if figure[name] is not None else "") == row[name], (row, figure)
                checked += 1
    assert checked > 40
    reasons = {code: row["n"] for code, row in found["attribution"]["reasons"].items()}
    assert reasons == {
        "code": 5, "link_last_touch": 2, "link_other_window": 1, "duplicate": 1, "reversed": 2, "unattributed": 1,
    }  # fmt: skip
    assert found["whole"]["revenue"]["missing"] == "rate_missing"
    assert (found["whole"]["click_rate"]["low"], found["whole"]["conversion_rate"]["n"]) != (None, None)


def test_a_new_rule_is_read_beside_the_old_one(told: Told) -> None:
    owner, alma = told.stage.owner, told.stage.cast.alma
    before = list(AttributionEntry.objects.order_by("pk").values_list("pk", "reason", "amount"))
    ledger.save_rule(actor=owner, workspace=alma, window_days=60, code_beats_link=False, credit_outside_window=False)
    run = ledger.recompute_attribution(actor=owner, workspace=alma)
    assert (run.number, run.rule_version) == (2, 1)
    assert (
        list(AttributionEntry.objects.filter(run__number=1).order_by("pk").values_list("pk", "reason", "amount"))
        == before
    )
    entries = {e.conversion.order_id: e for e in run.entries.filter(reversal=None).select_related("conversion")}
    assert entries["o3"].reason == "link_last_touch"
    assert (entries["o4"].reason, entries["o4"].partnership_id) == ("link_last_touch", told.tom.pk)
    assert run.entries.filter(conversion__order_id="o1", reason="duplicate", credited=False).count() == 1
    back = {e.conversion.order_id: e.amount for e in run.entries.exclude(reversal=None)}
    assert back == {"o6": Decimal("-40.00"), "o7": Decimal("-15.00")}
    assert AttributionRun.objects.filter(is_current=True).count() == 1


def test_telling_twice_changes_nothing_and_too_much_is_refused(told: Told) -> None:
    owner, alma = told.stage.owner, told.stage.cast.alma
    count = AttributionEntry.objects.count()
    row, created = conversions.record_conversion(actor=owner, workspace=alma, source="api", order_id="o2", amount="999")
    assert (created, row.amount) == (False, Decimal("80.00"))
    part = conversions.reverse_conversion(actor=owner, conversion=row, amount="30", external_id="r1")
    assert conversions.reverse_conversion(actor=owner, conversion=row, amount="30", external_id="r1") == (
        part[0],
        False,
    )
    with pytest.raises(InvalidInput):
        conversions.reverse_conversion(actor=owner, conversion=row, amount="50.01")
    conversions.reverse_conversion(actor=owner, conversion=row)
    with pytest.raises(WrongState):
        conversions.reverse_conversion(actor=owner, conversion=row, external_id="more")
    assert AttributionEntry.objects.count() == count + 2
    assert sum(row.entries.values_list("amount", flat=True)) == 0


def words_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def test_a_frozen_report_never_changes(told: Told) -> None:
    owner, campaign = told.stage.owner, told.stage.campaign
    report = reports.freeze(actor=owner, campaign=campaign, note="For the board", now=NOW)
    before = {"body": bytes(report.body), **{f"{f.kind}-{f.language}": bytes(f.body) for f in report.files.all()}}
    assert len(before) == 7
    # Facts, rule and formulas change afterwards.
    results.add_cost(actor=owner, campaign=campaign, kind="other", amount="500")
    ledger.save_rule(
        actor=owner, workspace=campaign.workspace, window_days=5, code_beats_link=False, credit_outside_window=True
    )
    ledger.recompute_attribution(actor=owner, workspace=campaign.workspace)
    Campaign.objects.filter(pk=campaign.pk).update(name="Another name")
    campaign.refresh_from_db()
    again = Report.objects.get(pk=report.pk)
    assert bytes(again.body) == before["body"]
    assert {f"{f.kind}-{f.language}": bytes(f.body) for f in again.files.all()} == {
        k: v for k, v in before.items() if k != "body"
    }
    content = reports.read_frozen(again)
    assert reports.canonical(content) == before["body"]
    # Drawing it anew from its frozen content gives the same files: nothing of today is in them.
    for kind, language, drawn in files.draw_all(content, ("fr", "en")):
        kept = before[f"{kind}-{language}"]
        # The embedded face of a PDF carries its own stamp; its pages say the same.
        assert drawn == kept if kind != "pdf" else words_of(drawn) == words_of(kept), (kind, language)
    difference = reports.compare(actor=owner, report=again)
    assert difference["cause"] == "facts"
    assert {"cost", "roi"} <= {row["figure"] for row in difference["changes"]}
    for change in (
        lambda: Report.objects.update(note="x"),
        lambda: ReportFile.objects.all().delete(),
        lambda: AttributionEntry.objects.update(amount=1),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_change_of_formulas_is_told_apart_from_new_facts(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, campaign = told.stage.owner, told.stage.campaign
    report = reports.freeze(actor=owner, campaign=campaign, now=NOW)
    body = bytes(report.body)
    monkeypatch.setattr(reports, "FORMULA", "report-next")
    monkeypatch.setattr(figures, "COUNTERS", tuple(name for name in figures.COUNTERS if name != "reach"))
    monkeypatch.setattr(figures, "_latest", lambda content, old=figures._latest: {"reach": None} | old(content))
    difference = reports.compare(actor=owner, report=report, now=NOW)
    assert difference["cause"] == "formulas"
    assert {row["figure"] for row in difference["by_formula"]} >= {"reach"}
    assert bytes(Report.objects.get(pk=report.pk).body) == body


def test_the_files_say_what_they_are(told: Told) -> None:
    Partnership.objects.filter(pk=told.lea.pk).update(note="x")
    creator = told.lea.creator
    type(creator).objects.filter(pk=creator.pk).update(display_name='=HYPERLINK("https://evil.example")')
    report = reports.freeze(actor=told.stage.owner, campaign=told.stage.campaign, now=NOW)
    bodies = {(f.kind, f.language): bytes(f.body) for f in report.files.all()}
    for language, word in (("fr", "Coût"), ("en", "Cost")):
        pages = PdfReader(io.BytesIO(bodies["pdf", language])).pages
        text = "".join(page.extract_text() for page in pages)
        assert word in text
        assert "Spring serum" in text
        assert report.input_hash[:20] in text.replace("\n", "")
        assert len(pages) <= 4
        table = bodies["csv", language].decode("utf-8-sig")
        assert report.input_hash in table
        assert "\r\n=HYPER" not in table
        sheets = zipfile.ZipFile(io.BytesIO(bodies["xlsx", language]))
        assert "<f>" not in "".join(sheets.read(name).decode() for name in sheets.namelist() if "sheet" in name)


def test_a_dump_restored_elsewhere_holds_the_same_bytes(told: Told) -> None:
    """COPY out and in again, the way pg_dump and restore carry a bytea column."""
    report = reports.freeze(actor=told.stage.owner, campaign=told.stage.campaign, now=NOW)
    with connection.cursor() as cursor:
        out = io.StringIO()
        cursor.copy_expert("COPY (SELECT body FROM campaigns_report) TO STDOUT", out)
        cursor.execute("CREATE TEMP TABLE restored (body bytea)")
        cursor.copy_expert("COPY restored FROM STDIN", io.StringIO(out.getvalue()))
        cursor.execute("SELECT body FROM restored")
        assert bytes(cursor.fetchone()[0]) == bytes(report.body)


def test_a_share_expires_is_revoked_and_asks_its_password(told: Told) -> None:
    owner = told.stage.owner
    report = reports.freeze(actor=owner, campaign=told.stage.campaign, now=NOW)
    row, token = reports.share(actor=owner, report=report, password="rosehip-7")
    assert token not in json.dumps(list(ReportShare.objects.values()), default=str)
    page = f"/shared/{token}/"
    visitor = Client(headers={"Accept-Language": "en"})
    assert b"1002.50" not in visitor.get(page).content
    assert visitor.get(f"{page}report.pdf").status_code == 404
    assert visitor.post(page, {"password": "wrong"}).status_code == 422
    assert visitor.post(page, {"password": "rosehip-7"}).status_code == 302
    assert "€1,002.50".encode() in visitor.get(page).content
    files_of = ReportFile.objects.get(report=report, kind="pdf", language="en")
    assert visitor.get(f"{page}report.pdf").content == bytes(files_of.body)
    ReportShare.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    assert visitor.get(page).status_code == 404
    with pytest.raises(InvalidInput):
        reports.share(actor=owner, report=report, days=400, password="x")
    with pytest.raises(NotAllowed):
        reports.share(actor=told.stage.cast.actor(told.stage.cast.viewer), report=report)


def test_a_scheduled_report_goes_out_once(told: Told) -> None:
    owner = told.stage.owner
    reports.schedule(
        actor=owner,
        campaign=told.stage.campaign,
        every="week",
        recipients=["Boss@example.org", "boss@example.org"],
        language="fr",
        now=NOW,
    )
    assert reports.send_due_reports(now=NOW) == 0
    due = NOW + timedelta(days=1)
    assert reports.send_due_reports(now=due) == 1
    assert reports.send_due_reports(now=due) == 0
    letter = Mail.objects.get(kind="report")
    assert letter.to == "boss@example.org"
    assert "Coût" in letter.text
    assert "/shared/" in letter.text
    assert reports.send_due_reports(now=due + timedelta(days=7)) == 1


def test_half_life_of_the_published_vector() -> None:
    """DEFINITIONS 2.8: hourly cumulative engagement, t50 = 1.68 h."""
    hourly = [0, 300, 520, 640, 720, 780, 820, 850, 870, 885, 895, 900]
    found = curves.curve([(float(hour), float(value)) for hour, value in enumerate(hourly)])
    assert round(found["t50"], 2) == 1.68
    assert round(found["t90"], 2) == 5.75
    assert found["growing"] is True  # eleven hours say nothing about the day after
    still = curves.curve([(24.0, 900.0), (48.0, 950.0), (200.0, 1000.0), (230.0, 1001.0)])
    assert still["growing"] is False
    assert round(still["r7"], 4) == round(1 - (950 + 50 * 120 / 152) / 1001, 4)
    assert curves.curve([]) == {"t50": None, "t90": None, "growing": None, "r7": None, "r14": None, "r30": None}
    # A counter that falls was cleaned; a single reading knows no growth.
    assert curves.reached([(1.0, 100.0), (2.0, 90.0), (3.0, 100.0)], 0.5) == 0.5
    assert curves.growing([(5.0, 10.0)]) is None


def test_the_conversations_half_life_finds_what_was_planted() -> None:
    import numpy as np

    rng = np.random.default_rng(3)
    inside = 0
    for seed in range(12):
        delays = np.exp(rng.normal(np.log(6.0), 1.9, 60))
        found = curves.conversation(list(delays), 720.0, seed=seed)
        assert found is not None
        inside += found["low"] <= 6.0 <= found["high"]
    assert inside >= 9
    assert curves.conversation([1.0, 2.0], 720.0) is None


def test_few_partnerships_say_nothing() -> None:
    voice = {"cost": "100", "revenue": "150", "clicks": 200, "sales": 4, "qualified": None, "tier": "micro"}
    few, many = ([dict(voice) for _n in range(n)] for n in (4, 6))
    assert across.grouped(few, lambda v: v["tier"]) == [{"name": "micro", "n": 4, "quiet": True}]
    [row] = across.grouped(many, lambda v: v["tier"])
    assert (row["roi"]["value"], row["conversion_rate"]["value"]) == ("0.500000", "0.020000")
    assert row["cost_per_qualified"]["value"] is None
    assert row["roi_low"] == row["roi_high"] == 0.5


def test_unknown_is_never_zero() -> None:
    assert figures.ratio("cpm", "10.00", None)["value"] is None
    assert figures.ratio("cost_per_sale", "10.00", 0, why="no_sale")["missing"] == "no_sale"
    assert figures.share("click_rate", 5, 4)["missing"] == "more_hits_than_trials"
    assert figures.share("click_rate", 1, 10)["low"] is None


def test_emv_is_off_and_never_inside_the_return(told: Told) -> None:
    owner, campaign = told.stage.owner, told.stage.campaign
    plain = reports.live(actor=owner, campaign=campaign, now=NOW)["figures"]["whole"]
    assert "emv" not in plain
    results.save_emv(
        actor=owner, workspace=campaign.workspace, rates={"instagram": {"view": "0.01", "comment": "2"}}, is_on=True
    )
    with_it = reports.live(actor=owner, campaign=campaign, now=NOW)["figures"]["whole"]
    assert with_it["emv"]["value"] == "360.00"  # 20,000 x 0.01 + 80 x 2
    assert with_it["roi"] == plain["roi"]


def test_metrics_by_file_explain_each_row(told: Told) -> None:
    content = Content.objects.filter(partnership=told.lea).get()
    Content.objects.filter(pk=content.pk).update(url="https://www.instagram.com/p/x")
    text = (
        "url;at;views;likes\nhttps://www.instagram.com/p/x;2026-04-02T10:00:00Z;13000;650\n"
        "https://www.instagram.com/p/y;2026-04-02T10:00:00Z;1;1\nhttps://www.instagram.com/p/x;later;1;1\n"
        "https://www.instagram.com/p/x;2026-04-03T10:00:00Z;-4;1\n"
    )
    stored, faults = results.import_metrics(actor=told.stage.owner, campaign=told.stage.campaign, text=text, now=NOW)
    assert (stored, [fault.row for fault in faults]) == (1, [3, 4, 5])
    found = reports.live(actor=told.stage.owner, campaign=told.stage.campaign, now=NOW)["figures"]
    assert found["whole"]["views"]["value"] == 21000
    assert found["whole"]["reach"]["value"] == 9000  # the later reading left it out: it is still known


def test_a_picture_is_kept_by_its_bytes(told: Told) -> None:
    content = Content.objects.filter(partnership=told.lea).get()
    bad = io.BytesIO(b"<svg onload=alert(1)>")
    with pytest.raises(InvalidInput) as refusal:
        results.record_metrics(actor=told.stage.owner, content=content, values={"views": "1"}, proof=bad)
    assert "proof" in refusal.value.fields
    good = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * 50)
    row = results.record_metrics(actor=told.stage.owner, content=content, values={"views": "1"}, proof=good)
    assert results.proof_of(row) == good.getvalue()


def test_pages_open_in_both_languages(told: Told) -> None:
    cast, campaign = told.stage.cast, told.stage.campaign
    report = reports.freeze(actor=told.stage.owner, campaign=campaign)
    order = Conversion.objects.get(order_id="o2")
    link = told.lea.tracked_links.get()
    paths = [
        f"/campaigns/{campaign.pk}/links/", f"/campaigns/{campaign.pk}/results/", f"/links/{link.pk}/", f"/links/{link.pk}/qr.svg",
        f"/links/{link.pk}/qr.png", f"/campaigns/{campaign.pk}/links.csv", f"/campaigns/{campaign.pk}/codes.csv", "/conversions/",
        "/conversions/?reason=duplicate", "/conversions/?campaign=not-an-id", f"/conversions/?campaign={campaign.pk}", "/conversions.csv",
        f"/conversions/{order.pk}/", "/conversions/settings/", f"/reports/{report.pk}/", f"/reports/{report.pk}/report.json", "/analytics/",
        f"/contents/{Content.objects.first().pk}/", "/landing/",
    ]  # fmt: skip
    for language in ("fr", "en"):
        browser = cast.browser(cast.owner, language)
        for path in paths:
            assert browser.get(path).status_code == 200, path
    assert browser.get(f"/reports/{report.pk}/report.json").content == bytes(report.body)


def test_a_postback_is_heard_by_its_secret_alone(told: Told) -> None:
    cast = told.stage.cast
    row, secret = postbacks.open_postback(actor=told.stage.owner, workspace=cast.alma, name="Shop")
    shop, address = Client(), f"/postbacks/{row.pk}"
    order = {"order_id": "p1", "amount": "25.00", "code": "LEA10", "at": "2026-04-01T10:00:00Z"}
    assert shop.post(address, order | {"secret": "guess"}).status_code == 403
    assert shop.post(f"/postbacks/{uuid7()}", order | {"secret": secret}).status_code == 403
    assert shop.get(address).status_code == 405
    first = shop.post(address, order | {"secret": secret})
    assert (first.status_code, first.json()["stored"]) == (200, True)
    assert shop.post(address, order, headers={"X-Postback-Secret": secret}).json()["stored"] is False
    assert shop.post(address, order | {"order_id": "p2", "amount": "a lot", "secret": secret}).json()["fields"][
        "amount"
    ]
    assert shop.post(address, {"order_id": "p1", "reversal": "all", "secret": secret}).json()["stored"] is True
    assert conversions.amount_left(Conversion.objects.get(order_id="p1")) == 0
    postbacks.revoke_postback(actor=told.stage.owner, postback=row)
    assert shop.post(address, order | {"secret": secret}).status_code == 403


def test_codes_by_pattern_never_collide(told: Told) -> None:
    owner, campaign = told.stage.owner, told.stage.campaign
    made, had = codes.create_codes_for_all(actor=owner, campaign=campaign, pattern="{first}10", value=Decimal(10))
    assert ([row.code for row in made], [p.pk for p in had]) == (["TOM10"], [told.lea.pk])
    with pytest.raises(WrongState):
        codes.create_code(actor=owner, campaign=campaign, code="t-o-m 10", value=Decimal(5))
    with pytest.raises(InvalidInput):
        codes.create_codes_for_all(actor=owner, campaign=campaign, pattern="SPRING", value=Decimal(10))
    text = (
        "code,handle,percent,max_uses\nÉTÉ20,@tom.trails,20,100\nété20,,20,\n=CMD(),,20,\nX1Y2,nobody,5,\nGOOD1,,abc,\n"
    )
    stored, refused = codes.import_codes(actor=owner, campaign=campaign, text=text)
    assert [row.key for row in stored] == ["ETE20", "CMD"]
    assert [row.row for row in refused] == [3, 5, 6]


def as_of(hour: int) -> datetime:
    return utc(2026, 3, 1) + timedelta(hours=hour)


def test_leaks_are_seen_and_quiet_codes_are_not_accused() -> None:
    from campaigns.links.leaks import Use, burst, signs

    steady = [Use(as_of(hour * 7), "FR") for hour in range(60)]
    assert signs(steady, clicks=40, countries=["FR"]) == []
    assert signs(steady, clicks=None, countries=["FR"]) == []
    assert signs(steady, clicks=0, countries=["FR"]) == ["no_clicks"]
    abroad = [Use(use.at, "US") for use in steady[:40]] + steady[40:]
    assert signs(abroad, clicks=9, countries=["FR"]) == ["elsewhere"]
    leaked = steady + [Use(as_of(500) + timedelta(minutes=n)) for n in range(30)]
    assert burst(leaked) == as_of(500)
    assert signs(leaked, clicks=9, countries=["FR"]) == ["burst"]
    assert signs(steady[:3], clicks=0, countries=["FR"]) == []
