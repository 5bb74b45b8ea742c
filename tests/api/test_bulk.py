"""Bulk upserts: a result for each row, one bad row costs itself, a replay changes nothing."""

import gzip
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Creator, CreatorRecord, Job, SocialAccount
from matching.models import Comment, Post
from tests.cast import Cast


def send(cast: Cast, url: str, rows: object, key: str = "", **extra: object) -> object:
    return cast.api(key or cast.key).post(f"/api/v1/{url}", {"rows": rows, **extra}, content_type="application/json")


SEEN = "2026-05-01T00:00:00Z"
ROWS = [
    {
        "platform": "instagram",
        "handle": "@Nina.Potiers",
        "external_id": "crm-1",
        "followers": 8200,
        "country": "FR",
        "observed_at": SEEN,
    },
    {"platform": "instagram", "handle": "two words", "followers": 10},
    {"platform": "tiktok", "handle": "nina.potiers", "external_id": "crm-2", "followers": "12.4k", "observed_at": SEEN},
    {"platform": "myspace", "handle": "x"},
    {"platform": "instagram", "handle": "nina.potiers", "followers": 8200, "observed_at": SEEN},
    "not an object",
]


def test_each_row_gets_its_own_result(cast: Cast) -> None:
    answer = send(cast, "creators/bulk", ROWS)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    statuses = [row["status"] for row in body["data"]]
    assert statuses == ["created", "rejected", "created", "rejected", "duplicate", "rejected"]
    assert (body["stored"], body["rejected"]) == (3, 3)
    assert body["data"][1]["errors"][0]["pointer"] == "/rows/1/handle"
    assert body["data"][3]["errors"][0]["pointer"] == "/rows/3/platform"
    found = cast.api(cast.key).get("/api/v1/creators", {"external_id": "crm-1"}).json()["data"]
    assert [row["id"] for row in found] == [body["data"][0]["id"]]
    assert found[0]["accounts"][0]["followers"] == 8200


def test_a_second_sending_changes_nothing(cast: Cast) -> None:
    send(cast, "creators/bulk", ROWS)
    before = (Creator.objects.count(), SocialAccount.objects.count())
    again = send(cast, "creators/bulk", ROWS).json()
    assert [row["status"] for row in again["data"]][:3:2] == ["unchanged", "unchanged"]
    assert (Creator.objects.count(), SocialAccount.objects.count()) == before


def test_an_external_id_belongs_to_the_workspace_and_to_one_creator(cast: Cast) -> None:
    send(cast, "creators/bulk", ROWS[:1])
    stolen = send(cast, "creators/bulk", [{"platform": "x", "handle": "other", "external_id": "crm-1"}]).json()
    assert stolen["data"][0]["errors"][0]["code"] == "external_id_taken"
    other = cast.api(cast.other_key).get("/api/v1/creators", {"external_id": "crm-1"}).json()
    assert other["data"] == []
    assert CreatorRecord.objects.filter(external_id="crm-1").count() == 1


@pytest.mark.parametrize("rows", [[], None, {}, "x", [{}] * 1001])
def test_a_list_of_1_to_1000_rows_is_needed(cast: Cast, rows: object) -> None:
    answer = send(cast, "posts/bulk", rows)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/rows"
    assert not Post.objects.exists()


def test_posts_then_comments_with_authors_hashed(cast: Cast) -> None:
    posts = [
        {"platform": "instagram", "handle": "lea.cuisine", "external_id": "p1", "posted_at": "2026-05-01T10:00:00Z", "caption": "Pain #levain"},
        {"platform": "instagram", "handle": "lea.cuisine", "external_id": "p2", "posted_at": "31/02/2026"},
    ]  # fmt: skip
    body = send(cast, "posts/bulk", posts).json()
    assert [row["status"] for row in body["data"]] == ["created", "rejected"]
    post = Post.objects.get()
    assert (body["data"][0]["id"], post.hashtags) == (post.pk, ["levain"])
    comments = [
        {"platform": "instagram", "post_external_id": "p1", "external_id": "c1", "author": "secret.person", "text": "Quelle farine ?"},
        {"platform": "instagram", "post_external_id": "nope", "external_id": "c2", "author": "b", "text": "x"},
    ]  # fmt: skip
    answer = send(cast, "comments/bulk", comments).json()
    assert [row["status"] for row in answer["data"]] == ["created", "rejected"]
    comment = Comment.objects.get()
    assert len(comment.author_hash) == 24
    assert "secret" not in comment.author_hash


def test_a_reading_key_writes_nothing(cast: Cast) -> None:
    assert send(cast, "creators/bulk", ROWS, cast.read_key).status_code == 403
    assert SocialAccount.objects.count() == 3


def test_a_file_becomes_a_job_with_its_rejects(cast: Cast, django_capture_on_commit_callbacks: object) -> None:
    lines = [json.dumps({"user": f"maker{n}", "n": n}) for n in range(20)] + ["{broken"]
    upload = SimpleUploadedFile("makers.jsonl.gz", gzip.compress("\n".join(lines).encode()))
    mapping = {
        "constants": {"platform": "instagram"},
        "files": [{"match": "*.jsonl.gz", "accounts": {"handle": "user", "followers": "n"}}],
    }
    with django_capture_on_commit_callbacks(execute=True):
        answer = cast.api(cast.key).post("/api/v1/imports", {"files": upload, "mapping": json.dumps(mapping)})
    assert answer.status_code == 202, answer.content
    job = cast.api(cast.key).get(f"/api/v1/jobs/{answer.json()['id']}").json()
    assert (job["state"], job["rejected"]) == ("succeeded", 1), Job.objects.get().error
    rejects = cast.api(cast.key).get(f"/api/v1/imports/{job['id']}/rejects")
    assert rejects["Content-Disposition"].startswith("attachment")
    assert b"makers.jsonl.gz" in b"".join(rejects.streaming_content)
    assert cast.api(cast.other_key).get(f"/api/v1/imports/{job['id']}/rejects").status_code == 404
    assert cast.api(cast.other_key).get(f"/api/v1/jobs/{job['id']}").status_code == 404
