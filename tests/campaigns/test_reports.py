"""A campaign worked out by hand, whose report must say the same; and frozen reports, which nothing may change."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Mail
from campaigns.models import (
    AttributionEntry,
    Campaign,
    Content,
    Conversion,
    Partnership,
    Report,
    ReportFile,
    ReportShare,
)
from campaigns.reports import across, curves, figures, files
from campaigns.services import ledger, reports, results
from config.backup import make_backup, restore_backup
from tests.campaigns.hand import HAND, NOW, Told


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
    assert reports.canonical(json.loads(before["body"])) == before["body"]
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


@pytest.mark.django_db(transaction=True)
def test_a_backup_restored_elsewhere_holds_the_same_bytes(told: Told, tmp_path: Path) -> None:
    """pg_dump and pg_restore as `manage.py backup` and `restore` run them, into a database made for it."""
    report = reports.freeze(actor=told.stage.owner, campaign=told.stage.campaign, now=NOW)
    ledger.recompute_attribution(actor=told.stage.owner, workspace=told.stage.campaign.workspace)
    wanted = [(report.body_sha256, bytes(report.body))] + [
        (f.sha256, bytes(f.body)) for f in report.files.order_by("pk")
    ]
    here = dict(connection.settings_dict)
    there = here | {"NAME": f"{here['NAME']}_again"}
    archive = make_backup(here, tmp_path, tmp_path / "all.tar", report=lambda line: None).path
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{there["NAME"]}"')
        cursor.execute(f'CREATE DATABASE "{there["NAME"]}"')
    try:
        (tmp_path / "new").mkdir()
        restore_backup(there, tmp_path / "new", archive, report=lambda line: None)
        address = {"dbname": there["NAME"], "user": here["USER"], "host": here["HOST"], "port": here["PORT"]}
        with psycopg2.connect(**address) as other, other.cursor() as cursor:
            cursor.execute("SELECT body_sha256, body FROM campaigns_report")
            found = [(digest, bytes(body)) for digest, body in cursor.fetchall()]
            cursor.execute("SELECT sha256, body FROM campaigns_reportfile ORDER BY id")
            found += [(digest, bytes(body)) for digest, body in cursor.fetchall()]
        other.close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{there["NAME"]}" WITH (FORCE)')
    assert found == wanted
    assert all(hashlib.sha256(body).hexdigest() == digest for digest, body in found)


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
