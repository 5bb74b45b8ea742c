"""The Celery application. The broker is never the record: see docs/operating.md."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

# Every worker that must keep up alone serves all of these; a test compares them with the routes and the compose file.
QUEUES = ("default", "events", "scoring", "bulk")

app = Celery("resonance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
