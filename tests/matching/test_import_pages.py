"""Imports in the browser: send, see, correct, try, start, watch, fetch what was rejected."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Job, Provenance, SocialAccount
from accounts.services import jobs
from matching.ingest import uploads
from matching.models import Comment, ImportDraft, ImportMapping, Post
from matching.services.drafts import remove_old_drafts
from tests.cast import Cast

CSV = "Pseudo;Nom;Abonnés;Pays;Autre\nanna;Anna B;12,4k;France;x\nbob;Bob;-3;Belgique;y\n;Nobody;4;;z\n"
BASE = {"source": "Agency list", "basis": "legitimate_interest", "platform": "instagram"}


def send(client: Client, *files: tuple[str, bytes | str], **fields: str) -> object:
    uploaded = [SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data) for name, data in files]
    return client.post(reverse("import_new"), {**BASE, "files": uploaded, **fields})


def draft_of(response: object) -> ImportDraft:
    return ImportDraft.objects.get(pk=response["Location"].split("/")[-2])  # type: ignore[index]


def fields_of(html: str) -> dict[str, str]:
    """What the mapping form would send as it stands: every control with its value."""
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*\sselected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_a_file_to_a_result(cast: Cast, language: str, django_capture_on_commit_callbacks: Callable) -> None:
    client = cast.browser(cast.manager, language)
    assert reverse("import_new") in text_of(client.get(reverse("import_list")))
    draft = draft_of(send(client, ("createurs_instagram.csv", CSV)))
    page = reverse("import_mapping", args=[draft.pk])
    html = text_of(client.get(page))
    chosen = fields_of(html)
    assert [chosen[f"f0-target{n}"] for n in range(5)] == [
        "accounts.handle", "accounts.display_name", "accounts.followers", "accounts.country", "",
    ]  # fmt: skip
    assert "12,4k" in html
    tried = text_of(client.post(page, {**chosen, "action": "try"}))
    assert ("12,400" if language == "en" else "12\u202f400") in tried
    assert "anna" in tried
    assert (SocialAccount.objects.filter(handle="anna").count(), Job.objects.count()) == (0, 0)
    with django_capture_on_commit_callbacks(execute=True):
        started = client.post(page, {**chosen, "action": "start"})
    job = Job.objects.get()
    assert started["Location"] == reverse("import_detail", args=[job.pk])
    job.refresh_from_db()
    assert (job.state, job.done, job.rejected, job.workspace) == ("succeeded", 3, 2, cast.alma)
    assert SocialAccount.objects.get(handle="anna").followers == 12400
    source = Provenance.objects.get(label="Agency list")
    assert (source.workspace, source.user, source.basis) == (cast.alma, cast.manager, "legitimate_interest")
    detail = text_of(client.get(reverse("import_detail", args=[job.pk])))
    assert reverse("import_rejects", args=[job.pk]) in detail
    assert "hx-trigger" not in detail.split('id="import-state"')[1][:200]
    rejects = client.get(reverse("import_rejects", args=[job.pk]))
    body = b"".join(rejects.streaming_content).decode("utf-8-sig")
    assert rejects["Content-Disposition"].startswith("attachment")
    assert "négatif" in body or "below zero" in body or "zéro" in body
    assert client.get(reverse("import_original", args=[job.pk, 0])).status_code == 200
    assert "Agency list" in text_of(client.get(reverse("import_list")))


def test_a_double_click_starts_one_import(cast: Cast, django_capture_on_commit_callbacks: Callable) -> None:
    client = cast.browser(cast.owner)
    draft = draft_of(send(client, ("a.csv", CSV)))
    page = reverse("import_mapping", args=[draft.pk])
    chosen = fields_of(text_of(client.get(page))) | {"action": "start"}
    with django_capture_on_commit_callbacks(execute=True):
        first, second = client.post(page, chosen), client.post(page, chosen)
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_pasted_rows_and_a_packed_file_of_comments(cast: Cast, django_capture_on_commit_callbacks: Callable) -> None:
    client = cast.browser(cast.owner)
    Post.objects.create(account=cast.lea.accounts.get(), platform="instagram", external_id="p1",
    posted_at=timezone.now(),
                        source=cast.source, observed_at=timezone.now())  # fmt: skip
    comments = "post_id,comment_id,username,text\np1,c1,some.body,Quelle farine ?\np9,c2,x,y\n"
    draft = draft_of(
        send(client, ("comments.csv.gz", gzip.compress(comments.encode())), pasted="handle\tfollowers\nzoe\t12\n")
    )
    assert [file["name"] for file in draft.files] == ["comments.csv.gz", "pasted.csv"]
    page = reverse("import_mapping", args=[draft.pk])
    chosen = fields_of(text_of(client.get(page)))
    tried = text_of(client.post(page, {**chosen, "action": "try"}))
    assert "some.body" not in tried.split('id="trial"')[1].split("</section>")[0]
    with django_capture_on_commit_callbacks(execute=True):
        client.post(page, {**chosen, "action": "start"})
    assert Comment.objects.get().text == "Quelle farine ?"
    assert SocialAccount.objects.get(handle="zoe").followers == 12
    kept = {file["name"]: uploads.path_of(file).exists() for file in Job.objects.get().params["files"]}
    assert kept == {"comments.csv.gz": False, "pasted.csv": True}  # files that name commenters go at once


def test_what_is_wrong_is_said_beside_the_field(cast: Cast) -> None:
    client = cast.browser(cast.owner)
    assert client.post(reverse("import_new"), {**BASE, "source": ""}).status_code == 422
    draft = draft_of(send(client, ("list.csv", "a,b\nanna,5\n"), ("x.pdf", b"%PDF-1.7"), platform=""))
    page = reverse("import_mapping", args=[draft.pk])
    html = text_of(client.get(page))
    assert "PDF" in html
    chosen = fields_of(html) | {
        "f0-entity": "accounts",
        "f0-target0": "accounts.followers",
        "f0-target1": "accounts.followers",
    }
    answer = client.post(page, {**chosen, "action": "start"})
    assert answer.status_code == 422
    assert "Choose the column that holds: Handle." in text_of(answer)
    assert "Choose the network" in text_of(answer)
    assert "feeds this field already" in text_of(answer)
    assert client.post(page, {**chosen, "f0-target0": "accounts.nonsense"}).status_code == 422
    assert not Job.objects.exists()


def test_telling_that_rows_are_something_else_matches_the_columns_again(cast: Cast) -> None:
    client = cast.browser(cast.owner)
    draft = draft_of(send(client, ("rows.csv", "id,username,date,likes\n1,anna,2024-01-01,5\n")))
    page = reverse("import_mapping", args=[draft.pk])
    chosen = fields_of(text_of(client.get(page)))
    assert chosen["f0-entity"] == "posts"
    assert client.post(page, {**chosen, "f0-entity": "comments", "action": "try"}).status_code == 302
    again = fields_of(text_of(client.get(page)))
    assert (again["f0-entity"], again["f0-target1"], again["f0-platform"]) == (
        "comments",
        "comments.author",
        "instagram",
    )


def test_a_kept_mapping_reads_the_next_file(cast: Cast, django_capture_on_commit_callbacks: Callable) -> None:
    client = cast.browser(cast.owner)
    draft = draft_of(send(client, ("export 2026-05.csv", CSV)))
    page = reverse("import_mapping", args=[draft.pk])
    chosen = fields_of(text_of(client.get(page))) | {"f0-target4": "accounts.city", "action": "start"}
    with django_capture_on_commit_callbacks(execute=True):
        job_url = client.post(page, chosen)["Location"]
    client.post(f"{job_url}keep-mapping/", {"name": "Agency export"})
    kept = ImportMapping.objects.get()
    assert (kept.name, kept.workspace) == ("Agency export", cast.alma)
    draft = draft_of(send(client, ("export 2026-06.csv", CSV), mapping=str(kept.pk)))
    again = fields_of(text_of(client.get(reverse("import_mapping", args=[draft.pk]))))
    assert again["f0-target4"] == "accounts.city"
    other = cast.browser(cast.other_owner)
    assert "Agency export" not in text_of(other.get(reverse("import_new")))


def test_a_running_import_shows_its_pace_and_can_be_stopped_and_gone_on_with(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable
) -> None:
    monkeypatch.setitem(jobs._STARTERS, "import", lambda pk: None)
    client = cast.browser(cast.owner)
    draft = draft_of(send(client, ("a.csv", CSV)))
    page = reverse("import_mapping", args=[draft.pk])
    url = client.post(page, fields_of(text_of(client.get(page))) | {"action": "start"})["Location"]
    job = Job.objects.get()
    Job.objects.update(
        state="running", done=20_000, total=80_000, checkpoint={"seconds": 1.0}, leased_until=timezone.now()
    )
    html = text_of(client.get(url))
    assert 'hx-trigger="every 2s"' in html
    assert "20,000 rows a second" in html
    assert "about 3 seconds left" in html
    part = client.get(url, headers={"HX-Request": "true"})
    assert text_of(part).lstrip().startswith('<div id="import-state"')
    assert cast.browser(cast.viewer).post(f"{url}cancel/").status_code == 403
    assert client.post(f"{url}cancel/").status_code == 302
    job.refresh_from_db()
    assert job.cancel_requested_at is not None
    assert client.post(f"{url}cancel/").status_code == 409
    Job.objects.update(state="cancelled", checkpoint={})
    assert f"{url}resume/" in text_of(client.get(url))
    assert client.post(f"{url}resume/").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.cancel_requested_at) == ("queued", None)


def test_strangers_see_nothing(cast: Cast) -> None:
    client = cast.browser(cast.owner)
    draft = draft_of(send(client, ("a.csv", CSV)))
    job = jobs.create_job(
        actor=cast.actor(cast.owner), kind="import", title="x", params={"files": [], "mapping": {}}, started=False
    )
    trial = jobs.create_job(actor=cast.actor(cast.owner), kind="other", title="x", params={}, started=False)
    other = cast.browser(cast.other_owner)
    for name, pk in (("import_mapping", draft.pk), ("import_detail", job.pk), ("import_rejects", job.pk)):
        assert other.get(reverse(name, args=[pk])).status_code == 404
        assert cast.browser(None).get(reverse(name, args=[pk])).status_code == 302
        assert cast.browser(cast.lea_user).get(reverse(name, args=[pk])).status_code in (403, 404)
    for name in ("import_cancel", "import_resume", "import_keep_mapping"):
        assert other.post(reverse(name, args=[job.pk])).status_code == 404
    assert client.get(reverse("import_detail", args=[trial.pk])).status_code == 404
    assert client.get(reverse("import_original", args=[job.pk, 7])).status_code == 404
    viewer = cast.browser(cast.viewer)
    assert viewer.get(reverse("import_new")).status_code == 403


def test_files_too_large_or_too_many_are_refused_with_a_sentence(cast: Cast, settings: object) -> None:
    client = cast.browser(cast.owner)
    settings.IMPORT_MAX_UPLOAD_MB = 1  # type: ignore[attr-defined]
    answer = send(client, ("big.csv", b"handle\n" + b"a\n" * 800_000))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "larger than 1 MB" in text_of(answer)
    many = send(client, *((f"{n}.csv", "handle\na\n") for n in range(uploads.MAX_FILES + 1)))
    assert many.status_code == 422  # type: ignore[attr-defined]
    assert not ImportDraft.objects.exists()


def test_files_that_nobody_needs_any_more_are_removed(cast: Cast) -> None:
    client = cast.browser(cast.owner)
    first, second = draft_of(send(client, ("a.csv", CSV))), draft_of(send(client, ("b.csv", CSV)))
    paths = [uploads.path_of(draft.files[0]) for draft in (first, second)]
    assert client.post(reverse("import_discard", args=[first.pk])).status_code == 302
    assert [path.exists() for path in paths] == [False, True]
    ImportDraft.objects.update(created_at=timezone.now() - timezone.timedelta(days=8))
    assert remove_old_drafts() == 1
    assert not paths[1].exists()


def test_hostile_names_and_values_are_shown_as_text(cast: Cast) -> None:
    client = cast.browser(cast.owner)
    rows = io.StringIO()
    rows.write('handle,<img src=x onerror=alert(1)>,bio\nanna,"</td><script>alert(2)</script>","{{ 7*7 }}"\n')
    draft = draft_of(send(client, ("../../<b>x</b>.csv", rows.getvalue()), source="<i>me</i>"))
    page = reverse("import_mapping", args=[draft.pk])
    html = text_of(client.get(page))
    tried = text_of(client.post(page, fields_of(html) | {"action": "try"}))
    for shown in (html, tried, text_of(client.get(reverse("import_list")))):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "<i>me</i>" not in shown
    assert draft.files[0]["name"].endswith("</b>.csv") or draft.files[0]["name"] == "b>.csv"
    assert "/" not in draft.files[0]["stored"]
