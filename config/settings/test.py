"""Tests: real PostgreSQL and Redis, cheap password hashing, Celery tasks run where they are called."""

import os
import tempfile

# Only names are chosen here; tests/conftest.py starts the servers there, and pytest-xdist's workers inherit them.
os.environ["ENV_FILE"] = os.devnull
os.environ.setdefault("RESONANCE_TEST_DIR", f"{tempfile.gettempdir()}/resonance-test-{os.getpid()}")
os.environ["VAR_DIR"] = os.environ["RESONANCE_TEST_DIR"]

from config.settings.base import *
from config.settings.base import BASE_DIR, CACHES, DATABASES, REDIS_URL, STORAGES, redis_database

SECRET_KEY = "test-secret-key-not-for-production-use-0123456789abcdef"
DEMO_MODE = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Prepared once by `make test` and only read: minutes would be lost if every run made its own.
SEMANTICS_DIR = BASE_DIR / "var" / "semantics"

_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CELERY_BROKER_URL = redis_database(REDIS_URL, 2 * _WORKER, for_broker=True)
CACHES = {"default": CACHES["default"] | {"LOCATION": redis_database(REDIS_URL, 2 * _WORKER + 1)}}

# tests/schema_template.py migrates a database of this name; every other run takes the usual one.
DATABASES["default"]["NAME"] = os.environ.get("RESONANCE_TEST_DATABASE", DATABASES["default"]["NAME"])
