"""The redirect: the link is found and the click committed (`storing`), then comes the answer. A WSGI application.

It stands in front of the site (config/wsgi.py), so that no session, cookie or middleware is touched. The order is the
promise: the click is committed in PostgreSQL before a 302 is answered, and Redis is never asked. Each click carries an
id made here, so that repeating the statement on a fresh connection stores nothing twice. No parameter of the request
reaches the target. HEAD, prefetches and machines are answered and kept, and never counted.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.conf import settings
from django.db import Error as DatabaseFault

from accounts.ids import uuid7
from campaigns.links import pages, storing
from campaigns.links.agents import LONGEST, read_agent
from campaigns.links.visitors import country_of, network_of

logger = logging.getLogger(__name__)
StartResponse = Callable[..., Any]
Environ = dict[str, Any]

PREFIX = "/r/"
_SLUG = re.compile(r"[a-z0-9-]{1,60}")
_HOST = re.compile(r"[a-z0-9.-]{1,120}")
FLOOD_REFUSED = 10
"""Times the flood limit beyond which an address is no longer answered."""


class Flood:
    """Hits of this minute by network, in this process. Small on purpose: it starts anew when it grows."""

    def __init__(self, most: int = 50_000) -> None:
        self.most, self.minute, self.hits = most, 0, dict[bytes, int]()
        self.lock = threading.Lock()

    def hit(self, network: bytes, now: float) -> int:
        with self.lock:
            minute = int(now // 60)
            if minute != self.minute or len(self.hits) > self.most:
                self.minute, self.hits = minute, {}
            count = self.hits[network] = self.hits.get(network, 0) + 1
            return count


flood = Flood()


def serves(request_environment: Environ) -> bool:
    """Whether this request is a link's: the path, on the links' own host where there is one."""
    if not request_environment.get("PATH_INFO", "").startswith(PREFIX):
        return False
    return not settings.LINK_HOST or host_of(request_environment) == settings.LINK_HOST


def host_of(request_environment: Environ) -> str:
    return str(request_environment.get("HTTP_HOST", "")).lower()


def answer(request_environment: Environ, start_response: StartResponse) -> Iterable[bytes]:
    method = request_environment.get("REQUEST_METHOD", "GET")
    if method not in ("GET", "HEAD"):
        return _send(start_response, 405, b"", [("Allow", "GET, HEAD")])
    slug = request_environment["PATH_INFO"][len(PREFIX) :].rstrip("/").lower()
    address = client_address(request_environment)
    network = network_of(address)
    hits = flood.hit(network, time.time()) if network and settings.LINK_HITS_PER_MINUTE else 0
    if hits > FLOOD_REFUSED * settings.LINK_HITS_PER_MINUTE > 0:
        return _page(request_environment, start_response, "flood", retry_after=60)
    if not _SLUG.fullmatch(slug):
        return _page(request_environment, start_response, "unknown")
    hit = _read_hit(request_environment, address, crowded=hits > settings.LINK_HITS_PER_MINUTE > 0)
    try:
        found = storing.store(slug, hit, network)
    except (DatabaseFault, psycopg2.Error):
        logger.warning("a click could not be stored, so it was not answered", exc_info=True)
        return _page(request_environment, start_response, "away", retry_after=2)
    if found.status != "open":
        return _page(request_environment, start_response, found.status)
    return _send(start_response, 302, b"", [("Location", found.location)])


def _read_hit(request_environment: Environ, address: str, *, crowded: bool) -> dict[str, Any]:
    """What is kept of a request, but for the visitor's hash, which needs the day's salt."""
    now = datetime.now(UTC)
    agent = read_agent(request_environment.get("HTTP_USER_AGENT", "")[:LONGEST])
    reason = agent.bot
    if request_environment["REQUEST_METHOD"] == "HEAD":
        reason = "head"
    elif _prefetches(request_environment):
        reason = "prefetch"
    elif crowded and not reason:
        reason = "flood"
    return {
        "id": str(uuid7()),
        "minute": now.replace(second=0, microsecond=0),
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "country": country_of(address, settings.GEOIP_FILE) if settings.GEOIP_FILE else "",
        "device": agent.device,
        "referrer": _referrer(request_environment.get("HTTP_REFERER", "")),
        "is_bot": bool(reason),
        "bot_reason": reason,
        "now": now,
    }


def _prefetches(request_environment: Environ) -> bool:
    told = (request_environment.get(f"HTTP_{name}", "") for name in ("SEC_PURPOSE", "PURPOSE", "X_PURPOSE", "X_MOZ"))
    return any(word in text.lower() for text in told if text for word in ("prefetch", "preview", "prerender"))


def _referrer(text: str) -> str:
    """The host alone: what stands behind it would tell what somebody read."""
    try:
        host = urlsplit(text[:2000]).hostname or ""
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def client_address(request_environment: Environ) -> str:
    """As `accounts.client`: what our outermost proxy saw."""
    direct = str(request_environment.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES <= 0:
        return direct
    named = [part.strip() for part in request_environment.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    return named[-settings.TRUSTED_PROXIES] if len(named) >= settings.TRUSTED_PROXIES else direct


_STATUS = {302: "302 Found", 404: "404 Not Found", 405: "405 Method Not Allowed", 410: "410 Gone"}
_STATUS |= {429: "429 Too Many Requests", 503: "503 Service Unavailable"}
_HEADERS = [
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Robots-Tag", "noindex, nofollow"),
    ("X-Content-Type-Options", "nosniff"),
]


def _send(start_response: StartResponse, status: int, body: bytes, headers: list[tuple[str, str]]) -> Iterable[bytes]:
    start_response(_STATUS[status], [*_HEADERS, *headers, ("Content-Length", str(len(body)))])
    return [body]


def _page(
    request_environment: Environ, start_response: StartResponse, kind: str, retry_after: int = 0
) -> Iterable[bytes]:
    status, body = pages.stopped(kind, request_environment.get("HTTP_ACCEPT_LANGUAGE", ""))
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", pages.POLICY)]
    if retry_after:
        headers.append(("Retry-After", str(retry_after)))
    if request_environment["REQUEST_METHOD"] == "HEAD":
        body = b""
    return _send(start_response, status, body, headers)
