"""Production: every secret comes from the environment and the process refuses to start without it."""

from urllib.parse import urlsplit

from config.settings.base import *
from config.settings.base import ALLOWED_HOSTS, BASE_URL, CSRF_TRUSTED_ORIGINS, TRUSTED_PROXIES, env

_faults: list[str] = []


def _required(name: str, meaning: str) -> str:
    value = env.str(name, default="").strip()
    if not value:
        _faults.append(f"{name} is not set: {meaning}.")
    return value


def _secret(name: str, meaning: str) -> str:
    value = _required(name, meaning)
    if value and ("demo-only" in value or "test-secret" in value or len(value) < 32):
        _faults.append(f"{name} is a demo value or shorter than 32 characters: {meaning}.")
    return value


_MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
SECRET_KEY = _secret("SECRET_KEY", f"it signs sessions and links; {_MAKE_ONE}")
PSEUDONYM_KEY = _secret("PSEUDONYM_KEY", f"it pseudonymises commenters and must never change; {_MAKE_ONE}")
_required("DATABASE_URL", "the address of PostgreSQL with pgvector, such as postgres://user:password@host:5432/name")
_required("REDIS_URL", "the address of Redis, such as redis://host:6379")
_required(
    "SEAL_KEY_FILE",
    "the private key that seals signed contracts (PEM); make one with: manage.py make_seal FILE, in the demo settings",
)
_required("SEAL_CERTIFICATE_FILE", "the certificate of that key (PEM)")
_required("ALLOWED_HOSTS", "the host names that this site answers to, separated by commas")
_required("BASE_URL", "the address that people open, such as https://resonance.example.com")
if "*" in ALLOWED_HOSTS:
    _faults.append("ALLOWED_HOSTS may not hold “*” in production: name the hosts that this site answers to.")
if urlsplit(BASE_URL).scheme != "https" and env.str("BASE_URL", default=""):
    _faults.append("BASE_URL must begin with https:// in production, because links in mail are made from it.")
DEMO_MODE = env.bool("DEMO", default=False)
if DEMO_MODE:
    _faults.append("DEMO may not be on in production: it shows sent mail and signs people in with public passwords.")
if _faults:
    raise SystemExit("Resonance cannot start in production.\n" + "\n".join(f"- {fault}" for fault in _faults))

CSRF_TRUSTED_ORIGINS = CSRF_TRUSTED_ORIGINS or [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
# Subdomains and browsers' preload lists are the domain owner's to decide, not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REDIRECT_EXEMPT = [r"^health/"]
if TRUSTED_PROXIES > 0:
    # Only a proxy of ours may say that the outer connection was TLS; anyone can send the header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
