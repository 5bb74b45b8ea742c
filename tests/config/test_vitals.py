"""The health page and the metrics: true figures for who may see them, nothing for the others."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import Job, JobState, Mail
from accounts.tasks import HEARTBEAT, drain_events
from config.celery import app
from config.logs import Belonging, JsonLines, current_request, current_task
from config.vitals import groups
from tests.cast import Cast


def values() -> dict[str, float | None]:
    return {vital.key: vital.value for group in groups() for vital in group.vitals}


def test_figures_follow_what_happens(cast: Cast) -> None:
    cache.delete(HEARTBEAT)
    Mail.objects.all().delete()
    before = values()
    assert before["backup_age_seconds"] is None
    assert before["worker_silence_seconds"] is None
    assert before["mail_queued"] == 0
    assert before["mail_age_seconds"] is None

    hour_ago = timezone.now() - timedelta(hours=1)
    Job.objects.create(kind="backup", state=JobState.SUCCEEDED, finished_at=hour_ago)
    Job.objects.create(kind="import", state=JobState.FAILED, finished_at=hour_ago)
    mail = Mail.objects.create(dedupe_key="v", kind="x", to="a@example.org", subject="S", text="T")
    Mail.objects.filter(pk=mail.pk).update(created_at=hour_ago)
    after = values()
    assert after["backup_age_seconds"] == pytest.approx(3600, abs=60)
    assert after["jobs_failed_day"] == 1
    assert after["mail_age_seconds"] == pytest.approx(3600, abs=60)
    drain_events()
    assert values()["worker_silence_seconds"] == pytest.approx(0, abs=30)


def test_one_broken_probe_leaves_the_others(cast: Cast, settings: object) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    cut = {str(group.title): group.vitals for group in groups()}
    assert cut["Background work"] == ()
    assert cut["Storage"]


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Santé de l’installation"), ("en", "Health of the installation")]
)
def test_the_page_says_what_needs_attention(cast: Cast, language: str, title: str) -> None:
    Job.objects.create(kind="import", state=JobState.FAILED, finished_at=timezone.now())
    page = cast.browser(cast.owner, language).get("/health/").content.decode()
    assert title in page
    assert "pgvector" in page
    assert ("Jobs failed in 24 hours" in page) == (language == "en")


def test_metrics_are_for_the_holder_of_the_token(cast: Cast, settings: object) -> None:
    assert Client().get("/metrics").status_code == 404
    settings.METRICS_TOKEN = "s3cret-token"  # type: ignore[attr-defined]
    assert Client().get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert Client().get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 404
    Client().get("/glossary/")
    answer = Client().get("/metrics", headers={"Authorization": "Bearer s3cret-token"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'resonance_requests_total{method="GET",route="glossary",status="200"}' in text
    assert "resonance_mail_queued " in text
    assert "backup_age_seconds" not in text, "unknown is absent, not 0"


def test_log_lines_name_their_request_and_task() -> None:
    record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "a %s", "args": ("“b”\n",), "rows": 3})
    current_request.set("req12345")
    current_task.set("task-1")
    try:
        assert Belonging().filter(record)
    finally:
        current_request.set("")
        current_task.set("")
    line = JsonLines().format(record)
    assert "\n" not in line
    read = json.loads(line)
    assert (read["message"], read["request_id"], read["task_id"], read["rows"]) == ("a “b”\n", "req12345", "task-1", 3)


def test_tasks_are_named_while_they_run(cast: Cast) -> None:
    seen = []

    @app.task(name="tests.name_seen")
    def name_seen() -> None:
        seen.append(current_task.get())

    name_seen.apply(task_id="abc")
    assert seen == ["abc"]
    assert current_task.get() == ""
