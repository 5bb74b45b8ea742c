"""The yardstick of `benchmarks.redirects`: the least a Django view can do, one INSERT and the answer, without middleware."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from accounts.ids import uuid7
from config import embedded
from config.environment import VAR_DIR

settings.configure(
    SECRET_KEY="only-for-a-benchmark",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    USE_TZ=True,
    DATABASES={
        "default": embedded.database_settings(VAR_DIR)
        | {"ENGINE": "django.db.backends.postgresql", "CONN_MAX_AGE": 600}
    },
)
django.setup()
LINK = UUID(os.environ["BENCH_LINK"])


def follow(request: HttpRequest, slug: str) -> HttpResponse:
    now = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO campaigns_click (id, link_id, minute, hour, country, device, referrer, is_bot, bot_reason)"
            " VALUES (%s, %s, %s, %s, '', '', '', false, '')",
            [uuid7(), LINK, now.replace(second=0, microsecond=0), now.replace(minute=0, second=0, microsecond=0)],
        )
    answer = HttpResponseRedirect("https://shop.example.com/soap?utm_source=instagram")
    answer["Content-Length"] = "0"
    return answer


urlpatterns = [path("r/<slug:slug>", follow)]
application = get_wsgi_application()
