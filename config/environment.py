"""Where the process lives and what its environment says; read before Django, by settings and by `make run`."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(os.environ.get("ENV_FILE", BASE_DIR / ".env"))

# Every variable that the product reads; .env.example explains each one.
VARIABLES = (
    "ADDRESS_KEEP_DAYS",
    "ALLOWED_HOSTS",
    "API_REQUESTS_PER_MINUTE",
    "BASE_URL",
    "CONNECTOR_CLIENTS",
    "CONNECTOR_DAILY",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_CONN_MAX_AGE",
    "DATABASE_REPLICA_URL",
    "DATABASE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DEMO",
    "EMAIL_URL",
    "GEOIP_FILE",
    "HOST",
    "IMPORT_KEEP_ORIGINALS_DAYS",
    "IMPORT_MAX_UNPACKED_MB",
    "IMPORT_MAX_UPLOAD_MB",
    "INBOUND_AUTHSERV",
    "INBOUND_SECRET",
    "LOG_FORMAT",
    "LINK_BASE_URL",
    "LINK_HITS_PER_MINUTE",
    "LOG_LEVEL",
    "METRICS_TOKEN",
    "OUTBOUND_ALLOWED_HOSTS",
    "PORT",
    "PSEUDONYM_KEY",
    "REDIS_URL",
    "REPLICA_MAX_LAG_SECONDS",
    "SEAL_CERTIFICATE_FILE",
    "SEAL_KEY_FILE",
    "SEAL_KEY_PASSPHRASE",
    "REPLY_DOMAIN",
    "SECRET_KEY",
    "TIMESTAMP_URL",
    "TRUSTED_PROXIES",
    "VAR_DIR",
    "WEB_THREADS",
    "WEB_WORKERS",
    "WORKER_CONCURRENCY",
)

# An empty value in .env or in a compose file means "not set", never "the empty address".
for _name in VARIABLES:
    if not os.environ.get(_name, "set").strip():
        del os.environ[_name]

VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).expanduser().absolute()


class StartError(Exception):
    """The product cannot start: one sentence saying what is wrong, one saying what to do. Shown as it is."""


def given_database(name: str = "DATABASE_URL") -> dict[str, Any]:
    """Django's DATABASES entry for the address in variable `name`; a Unix socket's folder is written %2Fvar%2Frun in it."""
    url = env.str(name)
    if not url.startswith(("postgres://", "postgresql://")):
        raise StartError(f"{name} must look like postgres://user:password@host:5432/name.")
    settings = env.db_url(name)
    return settings | {"HOST": unquote(settings["HOST"])}


def given_redis() -> str:
    """REDIS_URL without a database number."""
    url = env.str("REDIS_URL").rstrip("/")
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise StartError("REDIS_URL must look like redis://host:6379.")
    return url


def redis_database(url: str, number: int, *, for_broker: bool = False) -> str:
    """`url` with a database number. redis-py and Celery name a Unix socket and its database differently."""
    if url.startswith("unix://"):
        path = url.removeprefix("unix://").split("?")[0]
        return f"redis+socket://{path}?virtual_host={number}" if for_broker else f"unix://{path}?db={number}"
    return f"{url}/{number}"


def served_port() -> int:
    """PORT, else the port that `make run` serves from this folder, so that links made by commands lead there."""
    if "PORT" in os.environ:
        return env.int("PORT")
    try:
        noted = (VAR_DIR / "run" / "run.lock").read_text().rpartition("port ")[2].strip()
    except OSError:
        noted = ""
    return int(noted) if noted.isdecimal() else 8000
