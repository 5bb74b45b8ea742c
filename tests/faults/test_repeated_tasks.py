"""Every task, delivered five times and out of order, on a world where much is under way: one effect."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as django_settings
from django.utils import timezone

from accounts.models import Job, Mail, WebhookEndpoint
from campaigns.models import Payment
from config.celery import app
from tests.cast import Cast
from tests.matrix import World

# What may grow by asking again: who looked and what was drawn, never what happened.
LOGS = {"ApiRequest", "ApiUsage", "IdempotentAnswer", "Session", "Provenance"}
# A new run each night is the purpose of this one; that two at once are one is tested with it (test_recompute.py).
NIGHTLY = {"matching.recompute_all"}


def rows() -> dict[str, int]:
    ours = (model for name in ("accounts", "matching", "campaigns") for model in apps.get_app_config(name).get_models())
    return {model.__name__: model._default_manager.count() for model in ours if model.__name__ not in LOGS}


def states() -> dict[str, list[tuple[object, ...]]]:
    """Every row that has a state, with it."""
    found = {}
    for name in ("accounts", "matching", "campaigns"):
        for model in apps.get_app_config(name).get_models():
            if any(field.name == "state" for field in model._meta.fields):
                found[model.__name__] = sorted(map(str, model._default_manager.values_list("pk", "state")))
    return found  # type: ignore[return-value]


@pytest.mark.timeout(300)
def test_every_task_five_times_out_of_order_has_one_effect(cast: Cast) -> None:
    app.loader.import_default_modules()
    ids = World.of(cast).ids
    Payment.objects.update(due_on=timezone.now().date() + timedelta(days=1))
    WebhookEndpoint.objects.update(state="paused")  # what is tried again by the clock: tests/partners/test_webhooks.py
    tasks = sorted({entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()} - NIGHTLY)
    calls = [(name, ()) for name in tasks]
    calls += [("matching.run_import", (str(Job.objects.get(pk=ids["job"]).pk),))]
    # A month later most deadlines of this world are over: invitations expire, payments fall due, pieces are missed.
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False) as clock:
        for _round in range(3):
            for name, given in calls:
                app.tasks[name].apply(args=given, throw=True)
            clock.shift(timedelta(minutes=11))  # what one task left to another, and what waits for its turn
        before, letters = (rows(), states()), set(Mail.objects.values_list("dedupe_key", flat=True))
        chance = random.Random(5)
        again = calls * 5
        chance.shuffle(again)
        for name, given in again:
            app.tasks[name].apply(args=given, throw=True)
        after = (rows(), states())
    assert {name: (before[0][name], count) for name, count in after[0].items() if before[0][name] != count} == {}
    assert after[1] == before[1]
    assert set(Mail.objects.values_list("dedupe_key", flat=True)) == letters
    assert letters, "nothing happened that could have happened twice"
