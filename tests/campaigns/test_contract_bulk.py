"""Several contracts at once, their archive, long lists in pages, and what a partner's key may do with a contract."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pypdf
import pytest
from django.test import Client

from accounts.models import Creator
from campaigns.contracts import evidence, seal
from campaigns.models import Contract, Evidence, Payment
from campaigns.paging import paged
from campaigns.services import contract_steps
from tests.campaigns.conftest import SENTENCES, Stage
from tests.campaigns.contract_desk import BRAND_PARTY, Desk

pytestmark = pytest.mark.django_db
SEVERAL, ZIP = "/contracts/several/", "/contracts/contracts.zip"


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage)


def test_the_choice_is_previewed_row_by_row_and_only_the_ready_ones_are_sent(desk: Desk) -> None:
    cast = desk.stage.cast
    ready = desk.draft(desk.agreed())
    empty = desk.draft(desk.agreed(cast.tom, 1), creator_party={"address": ""})
    sent = desk.sent(desk.agreed(cast.max, 2))
    owner = cast.browser(cast.owner)
    keys = [str(row.pk) for row in (ready, empty, sent)] + ["nonsense", str(ready.pk)]
    look = owner.get(SEVERAL, {"do": "send", "pk": keys})
    assert {line.contract.pk: bool(line.refusal) for line in look.context["lines"]} == {
        ready.pk: False, empty.pk: True, sent.pk: True,
    }  # fmt: skip
    assert Contract.objects.filter(state="draft").count() == 2  # looking changed nothing
    done = owner.post(SEVERAL, {"do": "send", "pk": keys})
    assert done.status_code == 200 and [line.contract.pk for line in done.context["lines"] if not line.refusal] == [
        ready.pk
    ]
    assert set(Contract.objects.filter(state="sent")) == {ready, sent}
    again = owner.post(SEVERAL, {"do": "send", "pk": keys})  # the second click
    assert all(line.refusal for line in again.context["lines"])
    assert Evidence.objects.filter(contract=ready, kind="sent").count() == 1


def test_reminders_of_several_keep_their_pause(desk: Desk) -> None:
    cast = desk.stage.cast
    rows = [desk.sent(desk.agreed()), desk.sent(desk.agreed(cast.tom, 1))]
    Contract.objects.filter(pk=rows[0].pk).update(reminded_at=datetime.now(UTC) - timedelta(days=2))
    owner, keys = cast.browser(cast.owner), [str(row.pk) for row in rows]
    done = owner.post(SEVERAL, {"do": "remind", "pk": keys})
    assert [bool(line.refusal) for line in done.context["lines"]] == [False, True]
    assert sorted(Contract.objects.values_list("reminders", flat=True)) == [0, 1]


def test_nobody_elses_contract_and_no_other_verb(desk: Desk) -> None:
    cast, contract = desk.stage.cast, desk.draft()
    stranger = cast.browser(cast.other_owner)
    assert stranger.post(SEVERAL, {"do": "send", "pk": str(contract.pk)}).status_code == 302
    assert cast.browser(cast.viewer).post(SEVERAL, {"do": "send", "pk": str(contract.pk)}).status_code == 403
    assert cast.browser(cast.owner).post(SEVERAL, {"do": "terminate", "pk": str(contract.pk)}).status_code == 404
    assert Contract.objects.get().state == "draft"
    content = b"".join(stranger.get(ZIP, {"pk": str(contract.pk)}))
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["index.csv"]


def test_the_archive_holds_the_very_files_their_logs_and_an_index(desk: Desk) -> None:
    cast = desk.stage.cast
    Creator.objects.filter(pk=cast.lea.pk).update(display_name="=HYPERLINK(1)")
    signed = desk.executed(desk.agreed())
    sent = desk.sent(desk.agreed(cast.tom, 1))
    desk.draft(desk.agreed(cast.max, 2))  # no file yet
    owner = cast.browser(cast.owner)
    owner.get(f"/contracts/{signed.pk}/contract.pdf")
    answer = owner.get(ZIP)
    assert answer["Content-Type"] == "application/zip" and answer["Cache-Control"] == "private, no-store"
    content = b"".join(answer)
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        assert set(found.namelist()) == {
            "index.csv", *(f"{row.reference}{tail}" for row in (signed, sent) for tail in (".pdf", ".evidence.json")),
        }  # fmt: skip
        rows = list(csv.DictReader(io.StringIO(found.read("index.csv").decode("utf-8-sig"))))
        for row in rows:
            file = found.read(row["file"])
            assert evidence.digest(file) == row["sha256"] and len(pypdf.PdfReader(io.BytesIO(file)).pages)
        assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
        assert seal.is_intact(found.read(f"{signed.reference}.pdf"))
    assert content == b"".join(owner.get(ZIP))  # the same choice is the same file
    only = b"".join(owner.get(ZIP, {"state": "sent"}))
    assert f"{sent.reference}.pdf" in zipfile.ZipFile(io.BytesIO(only)).namelist()
    assert f"{signed.reference}.pdf" not in zipfile.ZipFile(io.BytesIO(only)).namelist()


def test_pages_begin_and_end_where_they_should() -> None:
    rows = list(range(95))
    pages = [paged(rows, text) for text in (None, "2", "3", "99", "0", "-1", "x", "９", "1" * 30)]
    assert [page.rows[0] for page in pages] == [0, 40, 80, 80, 0, 0, 0, 0, 0]
    assert (pages[0].previous_cursor, pages[0].next_cursor) == ("", "2")
    assert (pages[2].previous_cursor, pages[2].next_cursor) == ("2", "")
    assert sorted(value for page in pages[:3] for value in page.rows) == rows
    assert paged([], "5").rows == [] and paged([], "5").total == 0


def test_payments_and_relations_come_in_pages(desk: Desk, many: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaigns.paging.paged.__defaults__", (2,))
    for turn, person in enumerate(many(3)):
        contract_steps.go_without_contract(
            actor=desk.owner, partnership=desk.agreed(person, turn), reason="A small trial, agreed by mail."
        )
    assert Payment.objects.count() == 3 and len(SENTENCES) > 3
    owner = desk.stage.cast.browser(desk.stage.cast.owner)
    for path, rows in (("/payments/", "rows"), ("/relations/", "people")):
        first, second = owner.get(path), owner.get(path, {"cursor": "2"})
        assert (len(first.context[rows]), len(second.context[rows])) == (2, 1)
        assert "cursor=2" in first.text and 'rel="prev"' in second.text


def _api(client: Client, path: str, body: dict[str, Any] | None = None, method: str = "post") -> Any:
    return getattr(client, method)(f"/api/v1/contracts/{path}", body or {}, content_type="application/json")


def test_a_key_changes_a_draft_amends_and_ends_but_never_signs(desk: Desk) -> None:
    cast = desk.stage.cast
    key, reader = cast.api(cast.key), cast.api(cast.read_key)
    contract = desk.draft()
    changed = _api(key, f"{contract.pk}", {"payment_days": 14, "texts": {"own_1": "No other soap."}}, "patch")
    assert changed.status_code == 200 and changed.json()["payment_days"] == 14
    assert changed.json()["clauses"][-1]["text"] == "No other soap."
    refused = _api(key, f"{contract.pk}", {"fee": "900"}, "patch")
    assert refused.status_code == 422 and "fee" in refused.text  # agreed in the offer
    assert _api(reader, f"{contract.pk}", {"payment_days": 1}, "patch").status_code == 403
    assert _api(cast.api(cast.other_key), f"{contract.pk}/amend").status_code == 404
    assert _api(key, f"{contract.pk}/amend").status_code == 409  # nothing in force yet
    Contract.objects.filter(pk=contract.pk).update(state="draft")
    contract_steps.send_contract(actor=desk.owner, contract=contract)
    for side in ("creator", "brand"):
        desk.sign(contract, side)
    amended = _api(key, f"{contract.pk}/amend")
    assert amended.status_code == 201 and amended.json()["amends"] == str(contract.pk)
    fresh = amended.json()["id"]
    assert _api(key, fresh, {"fee": "450", "brand_party": BRAND_PARTY}, "patch").json()["fee"] == "450.00"
    assert _api(key, f"{contract.pk}/terminate", {"reason": "x"}).status_code == 422
    ended = _api(key, f"{contract.pk}/terminate", {"reason": "The product was withdrawn from sale."})
    assert ended.status_code == 200 and ended.json()["state"] == "terminated"
    assert Contract.objects.get(pk=fresh).state == "voided"
    assert _api(key, f"{contract.pk}/sign").status_code == 404
