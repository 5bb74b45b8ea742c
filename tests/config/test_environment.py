"""Every variable is read under one name, listed once and explained once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from config.environment import VARIABLES, redis_database

ROOT = Path(settings.BASE_DIR)
READ = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"|_(?:required|secret)\(\s*\"([A-Z_]+)\"|environ\.get\(\"([A-Z_]+)\"")
# Not settings of the product: who names the settings module, the tests, the terminal.
OTHERS = {
    "DJANGO_SETTINGS_MODULE",
    "ENV_FILE",
    "PYTEST_XDIST_WORKER",
    "RESONANCE_TEST_DIR",
    "RESONANCE_TEST_DATABASE",
    "NO_COLOR",
    "CHROMIUM",
}


def _read_in_code() -> set[str]:
    apps = ("config", "accounts", "matching", "campaigns")
    text = "\n".join(path.read_text() for app in apps for path in (ROOT / app).rglob("*.py"))
    return {next(filter(None, groups)) for groups in READ.findall(text)} - OTHERS


def _documented() -> dict[str, str]:
    """Name and default of each variable in .env.example, and the text above it."""
    return dict(re.findall(r"^# ([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), flags=re.M))


def _named_in_compose() -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))


def test_what_is_read_is_listed_and_documented() -> None:
    assert _read_in_code() == set(VARIABLES)
    assert set(_documented()) == set(VARIABLES) | {"SITE_HOST", "POSTGRES_PASSWORD"}
    assert _named_in_compose() <= set(_documented())


def _settings_of(environment: dict[str, str], *names: str) -> list[str]:
    """The values of some settings in a fresh process with exactly this environment."""
    code = f"from config.settings import dev\nfor name in {names!r}: print(repr(getattr(dev, name)))"
    clean = {"PATH": "/usr/bin:/bin", "ENV_FILE": "/dev/null"} | environment
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


NAMES = (
    "BASE_URL",
    "ALLOWED_HOSTS",
    "TRUSTED_PROXIES",
    "DEMO_MODE",
    "DATABASES",
    "REDIS_URL",
    "API_REQUESTS_PER_MINUTE",
)


def test_documented_defaults_are_the_real_ones(tmp_path: Path) -> None:
    """.env.example with every # removed changes nothing, but for the servers it gives addresses of."""
    documented = {name: value for name, value in _documented().items() if not name.endswith("_URL")}
    documented.pop("CSRF_TRUSTED_ORIGINS")
    documented["VAR_DIR"] = str(ROOT / documented["VAR_DIR"])
    file = tmp_path / "all.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in documented.items()))
    names = (*NAMES, "SECRET_KEY", "PSEUDONYM_KEY", "VAR_DIR", "DEFAULT_FROM_EMAIL", "DEBUG", "LOGGING")
    names += ("IMPORT_MAX_UPLOAD_MB", "IMPORT_MAX_UNPACKED_MB", "IMPORT_KEEP_ORIGINALS_DAYS")
    assert _settings_of({"ENV_FILE": str(file)}, *names) == _settings_of({}, *names)


def test_empty_means_unset() -> None:
    """Compose files and copied .env lines pass empty strings; none of them may become a value."""
    assert _settings_of(dict.fromkeys(VARIABLES, ""), *NAMES) == _settings_of({}, *NAMES)


def test_each_variable_changes_what_it_says() -> None:
    given = {
        "PORT": "8123",
        "ALLOWED_HOSTS": "a.example,b.example",
        "TRUSTED_PROXIES": "2",
        "DEMO": "0",
        "DATABASE_URL": "postgres://u:p%40ss@db.example:5433/name",
        "REDIS_URL": "redis://cache.example:6380/",
        "API_REQUESTS_PER_MINUTE": "7",
    }
    base_url, hosts, proxies, demo, databases, redis, limit = _settings_of(given, *NAMES)
    assert base_url == "'http://localhost:8123'"
    assert hosts == "['a.example', 'b.example']"
    assert (proxies, demo, limit) == ("2", "False", "7")
    database = eval(databases)["default"]
    assert (database["USER"], database["PASSWORD"], database["HOST"]) == ("u", "p@ss", "db.example")
    assert (database["PORT"], database["NAME"]) == (5433, "name")
    assert redis == "'redis://cache.example:6380'"


@pytest.mark.parametrize(
    ("url", "cache", "broker"),
    [
        ("redis://h:6379", "redis://h:6379/3", "redis://h:6379/3"),
        ("rediss://u:p@h:6379", "rediss://u:p@h:6379/3", "rediss://u:p@h:6379/3"),
        ("unix:///a%20b/r.sock", "unix:///a%20b/r.sock?db=3", "redis+socket:///a%20b/r.sock?virtual_host=3"),
    ],
)
def test_redis_database_in_both_spellings(url: str, cache: str, broker: str) -> None:
    assert redis_database(url, 3) == cache
    assert redis_database(url, 3, for_broker=True) == broker
