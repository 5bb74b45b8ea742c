"""The one guarded client for requests to addresses that others gave: webhooks, connectors, link checks.

https only; the address is resolved once, checked and that very address is connected to (requests-hardened), so a
name that changes its mind between check and use gains nothing. Private, loopback, link-local, metadata, IPv6-mapped,
integer and hexadecimal forms are all addresses by then and refused. No redirect, no proxy of the environment, no
cookie, a cap on the answer's size and on the whole time, also against a target that drips one byte at a time.

`settings.OUTBOUND_ALLOWED_HOSTS` lists exceptions as "host" or "host:port", written as in the address: for tests,
and for installations whose partner systems live in the same network.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

SECONDS = 10.0
MOST_BYTES = 64 * 1024
_watched = threading.local()


class TargetRefused(Exception):
    """The address may not be called. code: scheme, credentials, host, address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TargetFailed(Exception):
    """The call did not come to an answer. code: dns, timeout, tls, connection, too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Answer:
    """body: at most `most_bytes` of it; took_ms: from the start of the call."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    took_ms: int
    truncated: bool = False


def check_target(url: str) -> str:
    """The shape of an address, before anything is resolved. Returns it stripped, or raises TargetRefused."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise TargetRefused("host") from error
    if not host or any(c.isspace() or ord(c) < 33 for c in url) or len(url) > 500 or port == 0:
        raise TargetRefused("host")
    if parts.username or parts.password:
        raise TargetRefused("credentials")
    if parts.scheme != "https" and not (parts.scheme == "http" and _listed(host, port)):
        raise TargetRefused("scheme")
    return url


def _listed(host: str, port: int | None) -> bool:
    return bool({host, f"{host}:{port}"} & set(settings.OUTBOUND_ALLOWED_HOSTS))


def call(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    truncate: bool = True,
) -> Answer:
    """One request, whatever status it is answered with. truncate=False: a longer body is a failure.

    Raises TargetRefused (never try again as it is) or TargetFailed (may be tried again).
    """
    url = check_target(url)
    parts = urlsplit(url)
    started = time.monotonic()
    with requests.Session() as session, _Watch(seconds) as watch:
        session.trust_env = False
        if _listed(parts.hostname or "", parts.port):
            session.mount("http://", _PlainAdapter())
            session.mount("https://", _PlainAdapter())
        else:
            session.mount("https://", _GuardedAdapter(is_https_proto=True))
        session.headers["User-Agent"] = "Resonance (+webhooks)"
        try:
            answer = session.request(
                method, url, data=body, params=params, headers=dict(headers or {}), timeout=(min(5.0, seconds), seconds),
                allow_redirects=False, stream=True,
            )  # fmt: skip
            text, cut = _read(answer, most_bytes)
        except InvalidIPAddress as error:
            raise TargetRefused("address") from error
        except (requests.RequestException, OSError, ValueError) as error:
            raise TargetFailed("timeout" if watch.rang else _fault(error)) from error
    if watch.rang:
        raise TargetFailed("timeout")
    if cut and not truncate:
        raise TargetFailed("too_large")
    took = int((time.monotonic() - started) * 1000)
    return Answer(answer.status_code, text, answer.headers, took, truncated=cut)


def _read(answer: requests.Response, most_bytes: int) -> tuple[bytes, bool]:
    text = b""
    for piece in answer.iter_content(8192):
        text += piece
        if len(text) > most_bytes:
            return text[:most_bytes], True
    return text, False


def _fault(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "timeout"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if "resolve" in str(error).lower():
        return "dns"
    return "connection"


class _Watch:
    """Cuts the connection when the whole call takes too long: time-outs of sockets count from byte to byte."""

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self.sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Watch:
        _watched.watch = self
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        _watched.watch = None

    def _ring(self) -> None:
        self.rang = True
        for one in list(self.sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def _note(one: Any) -> None:
    watch = getattr(_watched, "watch", None)
    if watch is not None and one is not None:
        watch.sockets.append(one)


class _WatchedHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        _note(made)
        return made


class _WatchedHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        _note(made)
        return made

    def connect(self) -> None:
        super().connect()
        _note(self.sock)


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHTTPS


def _watch_pools(adapter: HTTPAdapter) -> None:
    adapter.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _PlainAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch_pools(self)


class _GuardedAdapter(IPFilterAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _watch_pools(self)
