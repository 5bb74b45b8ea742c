"""The import wizard with workbooks, and pausing: the same rows whatever they come in, and none lost by a pause."""

import io
import zipfile
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounts.models import Job, SocialAccount
from accounts.services.jobs import cancel_job
from matching.ingest.readers import Origin, open_reader
from matching.ingest.reasons import FileRefused
from matching.models import ImportDraft
from matching.services.imports import run_import
from tests.cast import Cast

HEADER = ["Réseau", "Compte", "Abonnés", "Pays", "Relevé le"]
ROWS = [
    ["Instagram", "@nina.potiers", 8200, "FR", date(2026, 5, 1)],
    ["Instagram", "=HYPERLINK(1)", 12.0, "BE", None],
    ["TikTok", "paul,le\nboulanger", "12,4k", "FR", None],
    ["Instagram", "zoe.vintage", 4100.0, "FR", date(2026, 5, 2)],
    ["Instagram", "zoe.vintage", 4100.0, "FR", date(2026, 5, 2)],
]


def workbook(rows: list[list[object]] | None = None, first_empty: bool = False) -> bytes:
    book = Workbook()
    sheet = book.active
    if first_empty:
        sheet = book.create_sheet("Data")
    for row in [HEADER, *(rows if rows is not None else ROWS)]:
        sheet.append(["'" + cell if isinstance(cell, str) and cell.startswith("=") else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> list[list[str]]:
    reader = open_reader(Origin("a.xlsx", data=data), None)
    return [list(record) for batch in reader.batches() for record in batch.records]


def test_a_workbook_reads_like_a_table() -> None:
    found = read(workbook(first_empty=True))
    assert found[0] == ["Instagram", "@nina.potiers", "8200", "FR", "2026-05-01T00:00:00"]
    assert found[2][1] == "paul,le boulanger"
    assert len(found) == len(ROWS)


def test_ten_thousand_rows_stream() -> None:
    rows = [["Instagram", f"maker{n}", n, "FR", None] for n in range(10_000)]
    assert len(read(workbook(rows))) == 10_000


def test_hostile_workbooks_are_refused(settings: object) -> None:
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as packed:
        packed.writestr("readme.txt", "x")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<a/>")
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (4 << 20))
    settings.IMPORT_MAX_UNPACKED_MB = 1
    for data, code in ((plain.getvalue(), "wrong_type"), (bomb.getvalue(), "unpacks_too_large")):
        with pytest.raises(FileRefused) as refusal:
            read(data)
        assert refusal.value.problem.code == code
    settings.IMPORT_MAX_UNPACKED_MB = 100
    broken = workbook()
    for data in (broken[: len(broken) // 2], b"PK\x03\x04" + b"\0" * 500):
        with pytest.raises(FileRefused):
            read(data)
    entities = io.BytesIO()
    laughs = '<!DOCTYPE l [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook>&b;</workbook>'
    with zipfile.ZipFile(entities, "w") as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", laughs)
    with pytest.raises(FileRefused):
        read(entities.getvalue())


def test_the_wizard_takes_a_workbook_from_file_to_accounts(
    cast: Cast, django_capture_on_commit_callbacks: object
) -> None:
    browser = cast.browser(cast.manager)
    upload = SimpleUploadedFile("makers.xlsx", workbook())
    sent = browser.post("/imports/new/", {"files": upload, "source": "Salon", "basis": "legitimate_interest"})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    draft = ImportDraft.objects.get()
    page = browser.get(sent["Location"]).content.decode()
    assert "Abonnés" in page
    form = _values(page)
    trial = browser.post(sent["Location"], form | {"action": "try"})
    assert trial.status_code == 200
    assert SocialAccount.objects.count() == 3, "a trial stores nothing"
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(sent["Location"], form | {"action": "start"})
    job = Job.objects.get(kind="import")
    assert job.state == "succeeded", job.error
    assert SocialAccount.objects.get(handle_key="zoe.vintage").followers == 4100
    assert (job.rejected, job.result["entities"]["accounts"]["duplicates"] if "entities" in job.result else 1) == (2, 1)
    rejects = browser.get(f"/imports/{job.pk}/rejects/")
    assert rejects.status_code == 200
    assert b"\n=" not in b"".join(rejects.streaming_content)
    original = browser.get(f"/imports/{job.pk}/original/0/")
    assert b"".join(original.streaming_content) == workbook() or original["Content-Disposition"].startswith(
        "attachment"
    )
    assert draft.pk


def _values(page: str) -> dict[str, str]:
    """What the form on the page would send as it stands."""
    import re

    values = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', inner)
        values[name] = chosen[1] if chosen else ""
    return {name: value for name, value in values.items() if name not in ("csrfmiddlewaretoken", "action")}


def test_a_paused_import_says_so_and_goes_on(cast: Cast) -> None:
    browser = cast.browser(cast.manager)
    upload = SimpleUploadedFile(
        "makers.csv", b"platform,handle\n" + b"".join(b"instagram,m%d\n" % n for n in range(50))
    )
    sent = browser.post("/imports/new/", {"files": upload, "source": "Salon", "basis": "legitimate_interest"})
    page = browser.get(sent["Location"]).content.decode()
    browser.post(sent["Location"], _values(page) | {"action": "start"})
    job = Job.objects.get(kind="import")
    assert browser.post(f"/imports/{job.pk}/pause/").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.params["paused"]) == ("cancelled", True)
    assert "Paused" in browser.get(f"/imports/{job.pk}/").content.decode()
    run_import(job.pk)
    assert SocialAccount.objects.count() == 3
    browser.post(f"/imports/{job.pk}/resume/")
    run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, "paused" in job.params) == ("succeeded", 50, False)
    assert SocialAccount.objects.count() == 53
    with pytest.raises(Exception, match="over"):
        cancel_job(actor=cast.actor(cast.manager), job=job, paused=True)
