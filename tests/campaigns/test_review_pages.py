"""Review, guests, files, the board with its register, and the API of pieces, through their routes."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Creator, Event
from campaigns.models import Deliverable, DisclosureCheck, Partnership
from campaigns.services import publication, review
from campaigns.services.links import new_link
from tests.campaigns.test_deliverables import GOOD, PNG, TICKS, URL, accepted, first, lea
from tests.cast import Cast


def shown(cast: Cast) -> Deliverable:
    row = first(accepted(cast))
    review.submit_draft(actor=lea(cast), deliverable=row, text=GOOD, files=[SimpleUploadedFile("a.png", PNG)])
    return row


def test_brand_answers_on_the_page_and_the_second_click_is_told(cast: Cast) -> None:
    row, desk = shown(cast), cast.browser(cast.owner, "fr")
    page = desk.get(reverse("deliverable_detail", args=[row.pk]))
    assert "Brouillon 1" in page.content.decode() and page.status_code == 200
    short = desk.post(reverse("deliverable_step", args=[row.pk, "request_changes"]), {"note": "non"})
    assert short.status_code == 422 and "courte phrase" in short.content.decode()
    approve = reverse("deliverable_step", args=[row.pk, "approve"])
    for _click in range(2):
        assert desk.post(approve, follow=True).status_code == 200
    assert Deliverable.objects.get(pk=row.pk).state == "approved"
    assert Event.objects.filter(kind="deliverable.approved").count() == 1
    assert desk.post(reverse("deliverable_step", args=[row.pk, "explode"])).status_code == 404


def test_files_are_downloads_in_a_sandbox_for_those_concerned(cast: Cast) -> None:
    row = shown(cast)
    file = row.files.get()
    answer = cast.browser(cast.owner).get(reverse("deliverable_file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == PNG  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment") and answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    token = new_link(Partnership.objects.get(pk=row.partnership_id))
    assert cast.browser(None).get(reverse("invitation_work_file", args=[token, file.pk])).status_code == 200
    assert cast.browser(cast.tom_user).get(reverse("deliverable_file", args=[file.pk])).status_code == 404


def test_guest_reads_advises_and_the_link_ends(cast: Cast) -> None:
    row = shown(cast)
    desk = cast.browser(cast.owner)
    made = desk.post(reverse("deliverable_step", args=[row.pk, "guest"]), {"name": "Counsel", "days": "3"})
    address = made.context["made_address"]
    path = address[address.index("/g/") :]
    guest = cast.browser(None)
    assert GOOD.splitlines()[1] in guest.get(path).content.decode()
    assert guest.post(path, {"opinion": "change", "text": "<b>Trop long</b>"}).status_code == 302
    assert "&lt;b&gt;Trop long&lt;/b&gt;" in desk.get(reverse("deliverable_detail", args=[row.pk])).content.decode()
    assert guest.post(path, {"opinion": "", "text": ""}).status_code == 422
    row.guest_links.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert guest.get(path).status_code == 404
    assert Deliverable.objects.get(pk=row.pk).state == "draft_submitted"


def test_the_creator_reads_what_to_mend_behind_the_link(cast: Cast) -> None:
    row = shown(cast)
    review.approve(actor=cast.actor(cast.owner), deliverable=row)
    token = new_link(Partnership.objects.get(pk=row.partnership_id))
    door = cast.browser(None, "fr")
    step = reverse("invitation_work_step", args=[token, row.pk, "publish"])
    wrong = door.post(step, {"url": "https://evil.io/p/1", "caption": GOOD})
    assert wrong.status_code == 422 and "instagram.com" in wrong.content.decode()
    after = door.post(step, {"url": URL, "caption": "Mon savon #ad", "toggle": "on"}, follow=True).content.decode()
    assert "Collaboration commerciale – Alma Botanica" in after, "the line to paste"
    # Another deal's link does not open this piece.
    Creator.objects.filter(pk=cast.lea.pk).update(contact_email="lea2@example.org")
    assert cast.browser(cast.tom_user).get(reverse("deal_work", args=[row.partnership_id, row.pk])).status_code == 404


def test_the_register_is_safe_for_spreadsheets_and_keeps_the_proof(cast: Cast) -> None:
    row = shown(cast)
    review.approve(actor=cast.actor(cast.owner), deliverable=row)
    publication.publish(
        actor=lea(cast), deliverable=row, url=URL, caption='=HYPERLINK("https://evil.io")', toggle=False,
        files=[SimpleUploadedFile("s.png", PNG)],
    )  # fmt: skip
    Creator.objects.filter(pk=cast.lea.pk).update(display_name="@SUM(A1)")
    desk = cast.browser(cast.owner)
    board = desk.get(reverse("disclosure_board")).content.decode()
    assert "@SUM(A1)" in board and "cell-no" in board
    text = desk.get(reverse("disclosure_csv")).content.decode("utf-8-sig")
    heads, line = list(csv.reader(io.StringIO(text)))
    assert not any(cell[:1] in "=+-@" for cell in line if cell)
    found = dict(zip(heads, line, strict=True))
    check = row.newest_check
    assert found["SHA-256 of the caption"] == check.text_hash and found["Packs"] == check.packs
    assert found["SHA-256 of the screenshot"] == check.screenshot.sha256
    for state, rows in (("flagged", 2), ("verified", 1)):
        answer = desk.get(reverse("disclosure_csv"), {"state": state}).content.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(answer)))) == rows
    assert desk.get(reverse("disclosure_board"), {"campaign": "x", "country": "ZZ", "state": "?"}).status_code == 200
    assert "SUM" not in cast.browser(cast.other_owner).get(reverse("disclosure_csv")).content.decode()


def test_the_list_names_its_tabs_with_their_counts(cast: Cast) -> None:
    shown(cast)
    page = cast.browser(cast.owner).get(reverse("review_list")).content.decode()
    assert (
        "For you <span" in page and 'href="?show=verified"' in page and page.count('aria-current="page">For you') == 1
    )


def test_home_says_what_waits_and_the_calendar_shows_the_day(cast: Cast) -> None:
    row = shown(cast)
    home = cast.browser(cast.owner).get("/").content.decode()
    assert reverse("deliverable_detail", args=[row.pk]) in home
    month = cast.browser(cast.owner).get(reverse("calendar"), {"month": "2026-12"}).content.decode()
    assert reverse("deliverable_detail", args=[row.pk]) in month
    theirs = cast.browser(cast.lea_user).get(reverse("calendar"), follow=True).content.decode()
    assert reverse("deal_work", args=[row.partnership_id, row.pk]) in theirs
    for wrong in ("", "2026-13", "x", "9999-01", "1999-12"):
        assert cast.browser(cast.owner).get(reverse("calendar"), {"month": wrong}).status_code == 200


def test_the_api_goes_the_whole_way(cast: Cast) -> None:
    row, api = shown(cast), cast.api(cast.key)
    base = f"/api/v1/deliverables/{row.pk}"
    listed = api.get("/api/v1/deliverables", {"state": "draft_submitted"}).json()
    assert [item["id"] for item in listed["data"]] == [str(row.pk)]
    assert api.get(base).json()["actions"] == ["request_changes", "approve", "reject", "cancel"]
    post = {"content_type": "application/json"}
    assert api.post(f"{base}/approve", {}, **post).json()["state"] == "approved"
    again = api.post(f"{base}/approve", {}, **post)
    assert again.status_code == 409 and again.json()["code"] == "wrong_state"
    out = api.post(f"{base}/publish", {"url": URL, "caption": "savon #publicité", "toggle": True}, **post).json()
    assert out["disclosure"] == "ambiguous" and "waive" in out["actions"] and "verify" not in out["actions"]
    assert api.post(f"{base}/correct", {"caption": GOOD, "toggle": True}, **post).json()["disclosure"] == "clear"
    few = api.post(f"{base}/verify", {"ticks": TICKS[:1]}, **post)
    assert few.status_code == 422
    assert api.post(f"{base}/verify", {"ticks": TICKS}, **post).json()["state"] == "verified"
    kept = api.get("/api/v1/disclosure-checks", {"deliverable": str(row.pk)}).json()["data"]
    assert [item["verdict"] for item in kept] == ["clear", "ambiguous", "clear"]
    assert kept[1]["findings"][0]["quote"] == "#publicité" and kept[1]["findings"][0]["source"]


def test_the_api_checks_a_text(cast: Cast) -> None:
    api, post = cast.api(cast.key), {"content_type": "application/json"}
    body = {"text": "Publicité – Alma", "countries": ["FR", "UK"], "language": "fr"}
    found = api.post("/api/v1/disclosure-checks", body, **post)
    assert found.status_code == 201 and found.json()["verdict"] == "ambiguous"
    assert found.json()["countries"] == ["FR", "GB"] and found.json()["findings"][0]["country"] == "GB"
    for wrong in (
        {"countries": ["ZZ"]}, {"countries": []}, {"platform": "myspace"}, {"relationship": "love"},
        {"brand": str(cast.other_brand.pk)}, {"notices": ["x"]},
    ):  # fmt: skip
        assert api.post("/api/v1/disclosure-checks", body | wrong, **post).status_code == 422, wrong
    assert DisclosureCheck.objects.count() == 1
    assert cast.api(cast.other_key).get("/api/v1/disclosure-checks").json()["data"] == []
