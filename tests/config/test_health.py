"""Readiness against real servers that are really stopped."""

import pytest
from django.test import Client

from config import health


@pytest.mark.django_db
def test_ready_names_each_server_and_how_long_it_took(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    checks = answer.json()["checks"]
    assert set(checks) == {"postgresql", "redis"}
    assert all(check["ok"] and 0 <= check["ms"] < 2000 for check in checks.values())


@pytest.mark.django_db
def test_ready_says_503_when_redis_is_gone(client: Client, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 1, "retry": None},
        }
    }
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"]["ok"] is False
    assert answer.json()["checks"]["redis"]["fault"] == "ConnectionError"
    assert answer.json()["checks"]["postgresql"]["ok"] is True


@pytest.mark.django_db(transaction=True)
def test_ready_says_503_when_the_database_refuses(client: Client, monkeypatch) -> None:
    from django.db import connection

    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nonexistent")
    try:
        answer = client.get("/health/ready")
    finally:
        connection.close()
    assert answer.status_code == 503
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["checks"]["postgresql"]["fault"] == "OperationalError"
    # What the driver says holds the address; strangers are not told.
    assert "nonexistent" not in answer.content.decode()


def test_live_asks_no_server(client: Client) -> None:
    """Without the django_db mark any query would fail the test."""
    assert client.get("/health/live").json() == {"status": "ok"}
    assert set(health._PROBES) == {"postgresql", "redis"}
