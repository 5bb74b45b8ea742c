"""Imports that are killed, frozen out or run twice at once end with the same rows as one that was left alone."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import Job, JobState, Provenance, SocialAccount
from accounts.services import jobs
from matching.ingest.definition import parse_mapping
from matching.ingest.uploads import files_at
from matching.models import Comment, Post
from matching.services.imports import KIND, Wish, create_import, run_import
from tests.matching.desk import PLAIN, read_rejects
from tests.matching.test_import_files import everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
MANY = 45_000


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """400 posts and 45,000 comments, some of them broken, and their mapping."""
    posts = [
        {
            "handle": f"user{n % 40}",
            "external_id": f"p{n}",
            "posted_at": 1411602594 + n,
            "caption": f"Post {n} #a",
            "likes": n,
        }
        for n in range(400)
    ]
    rows = [
        {
            "post_external_id": f"p{n % 400}",
            "external_id": f"c{n}",
            "author": f"a{n % 900}",
            "text": f"comment number {n}",
        }
        for n in range(MANY)
    ]
    for n in range(500, MANY, 1000):
        rows[n]["post_external_id"] = "unknown"
    lines = [json.dumps(row) for row in rows]
    lines[20_000] = "{broken"
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in posts))
    (tmp_path / "comments.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode(), 1))
    (tmp_path / "mapping.yaml").write_text(json.dumps(PLAIN))
    return tmp_path


def python(*arguments: object) -> subprocess.Popen[bytes]:
    """A process of its own, on the database of this test."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?host={database['HOST']}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def command(folder: Path, rejects: str = "rejects.csv") -> subprocess.Popen[bytes]:
    files = (folder / "posts.jsonl", folder / "comments.jsonl.gz")
    return python(
        "manage.py", "import_creators", *files, "--mapping", folder / "mapping.yaml", "--rejects", folder / rejects
    )


def wait_for(done: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        job = Job.objects.order_by("-created_at").first()
        if job is not None and job.done >= done:
            return
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        time.sleep(0.005)
    pytest.fail("the import did not get there")


def wipe() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # append-only tables stand aside for a test
        cursor.execute("TRUNCATE accounts_creator, accounts_provenance, accounts_job CASCADE")


def finished(process: subprocess.Popen[bytes]) -> str:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out.decode()
    return out.decode()


def test_killed_again_and_again_and_run_again_it_neither_doubles_nor_loses(files: Path) -> None:
    finished(command(files, "whole.csv"))
    expected, rejected = everything(), read_rejects(files / "whole.csv")
    assert len(expected["matching_comment"]) == MANY - 45 - 1
    assert len(rejected) == 46
    wipe()
    for reached in (400, 12_000, 30_000):
        process = command(files)
        wait_for(reached, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert Comment.objects.count() < MANY - 46
    out = finished(command(files))
    assert everything() == expected
    assert read_rejects(files / "rejects.csv") == rejected
    job = Job.objects.get()  # one job, taken up each time where it stopped
    assert (job.state, job.attempts, job.done) == (JobState.SUCCEEDED, 4, MANY + 400)
    counts = job.result["entities"]["comments"]
    assert (counts["rows"], counts["created"], counts["rejected"]) == (MANY, MANY - 46, 46)
    assert "46 rejected" in out
    assert Provenance.objects.count() == 1


def test_a_kill_followed_by_a_start_from_scratch_gives_the_same_rows(files: Path) -> None:
    finished(command(files))
    expected = everything()
    wipe()
    process = command(files)
    wait_for(12_000, process)
    process.kill()
    process.wait()
    Job.objects.all().delete()  # the checkpoint is gone: everything is read again
    finished(command(files))
    assert everything() == expected


def test_two_imports_of_the_same_files_at_once(files: Path) -> None:
    finished(command(files))
    expected = everything()
    wipe()
    both = [command(files, "one.csv"), command(files, "two.csv")]
    for process in both:
        finished(process)
    assert everything() == expected
    counted = [job.result["entities"] for job in Job.objects.all()]
    assert len(counted) == 2
    assert sum(counts["posts"].get("created", 0) for counts in counted) == Post.objects.count() == 400
    assert sum(counts["comments"].get("created", 0) for counts in counted) == Comment.objects.count()
    assert SocialAccount.objects.count() == 40
    assert read_rejects(files / "one.csv") == read_rejects(files / "two.csv")


def test_a_killed_worker_is_replaced_and_the_job_ends_once(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker claims the job and is killed; others go on in short slices, as beat starts them."""
    started: list[object] = []
    monkeypatch.setitem(jobs._STARTERS, KIND, started.append)
    wish = Wish(files=files_at([files / "posts.jsonl", files / "comments.jsonl.gz"]), mapping=parse_mapping(PLAIN))
    job = create_import(actor=SYSTEM, wish=wish)
    worker = "import sys, uuid, django; django.setup(); from matching.services.imports import run_import; "
    worker += "run_import(uuid.UUID(sys.argv[1]))"
    process = python("-c", worker, str(job.pk))
    wait_for(5_000, process)
    process.kill()
    process.wait()
    assert jobs.resume_due() == 0  # its lease has not run out yet
    Job.objects.update(leased_until=timezone.now())
    turns = 0
    while Job.objects.get().state == JobState.RUNNING and turns < 20:
        started.clear()
        assert jobs.resume_due() == 1
        assert started == [job.pk]
        run_import(job.pk, seconds=0.001)
        turns += 1
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.SUCCEEDED, MANY + 400)
    assert turns > 2
    assert Comment.objects.count() == MANY - 46
    assert jobs.claim(job.pk) is None
