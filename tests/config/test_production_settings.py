"""Production refuses to start without its secrets, in a sentence for each, and is strict once it starts."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COMPLETE = {
    "SECRET_KEY": "k" * 20 + "9f8a7b6c5d4e3f2a1b0c" + "z" * 20,
    "PSEUDONYM_KEY": "p" * 20 + "0123456789abcdef" + "q" * 8,
    "SEAL_KEY_FILE": "/run/seal/seal.pem",
    "SEAL_CERTIFICATE_FILE": "/run/seal/seal.pem",
    "DATABASE_URL": "postgres://resonance:secret@db.example:5432/resonance",
    "REDIS_URL": "redis://redis.example:6379",
    "ALLOWED_HOSTS": "resonance.example.com,localhost",
    "BASE_URL": "https://resonance.example.com",
}


def _python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": "/usr/bin:/bin", "ENV_FILE": "/dev/null", "DJANGO_SETTINGS_MODULE": "config.settings.prod"}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=clean | environment, capture_output=True, text=True
    )


def _start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return _python("import django; django.setup(); print('started')", environment)


@pytest.mark.parametrize("name", sorted(COMPLETE))
@pytest.mark.parametrize("value", [None, " "])
def test_each_missing_value_is_named(name: str, value: str | None) -> None:
    environment = {key: text for key, text in COMPLETE.items() if key != name}
    if value is not None:
        environment[name] = value
    done = _start(environment)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("- ")]
    assert len(said) == 1
    assert said[0].startswith(f"- {name} is not set: ")


def test_everything_missing_is_said_at_once() -> None:
    done = _start({})
    for name in COMPLETE:
        assert f"- {name} is not set: " in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "demo-only-secret-key-not-for-production-use-0123456789"),
        ("SECRET_KEY", "x9y8z7"),
        ("PSEUDONYM_KEY", "demo-only-pseudonym-key"),
        ("ALLOWED_HOSTS", "*"),
        ("BASE_URL", "http://resonance.example.com"),
        ("DEMO", "1"),
    ],
)
def test_values_of_the_demo_are_refused(name: str, value: str) -> None:
    done = _start(COMPLETE | {name: value})
    assert done.returncode != 0
    assert f"- {name} " in done.stderr
    # A refused secret must not end up in a log.
    assert value not in done.stderr or value in {"*", "1"}


def test_complete_environment_starts_strict() -> None:
    code = (
        "import django; django.setup()\nfrom django.conf import settings as s\n"
        "print(s.DEBUG, s.DEMO_MODE, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS >= 31536000,"
        " s.CSRF_TRUSTED_ORIGINS, s.ALLOWED_HOSTS, getattr(s, 'SECURE_SSL_REDIRECT', False),"
        " getattr(s, 'SECURE_PROXY_SSL_HEADER', None))"
    )
    done = _python(code, COMPLETE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == (
        "False False True True True ['https://resonance.example.com'] ['resonance.example.com', 'localhost'] False None"
    )


def test_proxy_headers_count_only_behind_a_proxy() -> None:
    """Anyone can send X-Forwarded-Proto: without a proxy of ours it must not turn http into https."""
    code = (
        "import django; django.setup()\n"
        "from django.test import RequestFactory\n"
        "from django.middleware.security import SecurityMiddleware\n"
        "from django.http import HttpResponse\n"
        "handle = SecurityMiddleware(lambda request: HttpResponse())\n"
        "def ask(path, **extra):\n"
        "    request = RequestFactory(SERVER_NAME='resonance.example.com').get(path, **extra)\n"
        "    return handle(request).status_code, request.is_secure()\n"
        "print(ask('/'), ask('/', HTTP_X_FORWARDED_PROTO='https'), ask('/health/ready'))"
    )
    assert _python(code, COMPLETE).stdout.strip() == "(200, False) (200, False) (200, False)"
    behind = _python(code, COMPLETE | {"TRUSTED_PROXIES": "1"}).stdout.strip()
    assert behind == "(301, False) (200, True) (200, False)"


def test_django_finds_nothing_to_complain_about_for_deployment() -> None:
    done = _python(
        "from django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'check', '--deploy', '--fail-level', 'WARNING', '--tag', 'security'])",
        COMPLETE | {"TRUSTED_PROXIES": "1"},
    )
    assert done.returncode == 0, done.stderr
