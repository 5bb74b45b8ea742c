"""Liveness and readiness, for machines: no session, no sign-in, nothing that a stranger may not know."""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.views.access import needs


def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers at all; asks nothing else."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL and Redis answer, else 503 naming what does not.

    `{"status": "ok" | "unavailable", "checks": {name: {"ok": bool, "ms": float, "fault"?: str}}}`
    """
    checks = {name: _checked(probe) for name, probe in _PROBES.items()}
    well = all(check["ok"] for check in checks.values())
    body = {"status": "ok" if well else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if well else 503, headers={"Cache-Control": "no-store"})


@require_safe
@never_cache
@needs("health.read")
def page(request: HttpRequest) -> HttpResponse:
    """For people: what waits, what failed, how old the last backup is."""
    from config import vitals

    groups = vitals.groups()
    wrong = [vital for group in groups for vital in group.vitals if vital.tone == "warn"]
    context = {"groups": groups, "wrong": wrong, "versions": vitals.versions()}
    return render(request, "config/health.html", context)


def _checked(probe: Callable[[], object]) -> dict[str, Any]:
    begin = time.perf_counter()
    try:
        probe()
        result: dict[str, Any] = {"ok": True}
    except Exception as error:
        # The kind of fault only: messages of drivers carry addresses and user names.
        result = {"ok": False, "fault": type(error).__name__}
    return result | {"ms": round(1000 * (time.perf_counter() - begin), 1)}


def _postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'")
        if cursor.fetchone() is None:
            raise LookupError("the database has no pgvector")


def _redis() -> None:
    cache.get("health")


_PROBES: dict[str, Callable[[], object]] = {"postgresql": _postgresql, "redis": _redis}
