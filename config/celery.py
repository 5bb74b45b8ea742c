"""The Celery application. The broker is never the record: see docs/operating.md."""

import os

from celery import Celery
from celery.signals import task_postrun, task_prerun

from config.logs import current_task

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

# Every worker that must keep up alone serves all of these; a test compares them with the routes and the compose file.
QUEUES = ("default", "events", "webhooks", "scoring", "bulk")

app = Celery("resonance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@task_prerun.connect
def _name_the_task(task_id: str = "", **_more: object) -> None:
    current_task.set(task_id)


@task_postrun.connect
def _forget_the_task(**_more: object) -> None:
    current_task.set("")
