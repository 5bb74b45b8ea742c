"""The OAuth 2 code flow with PKCE by which creators consent, for every connector alike."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.utils import timezone

from accounts import outbound
from matching.ingest.connectors import CONNECTORS
from matching.ingest.connectors.base import AccessLost, BadAnswer, Busy


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is kept in the session between leaving and coming back."""

    state: str
    verifier: str


def available(platform: str) -> bool:
    """Whether this installation is registered with the network (CONNECTOR_CLIENTS)."""
    return platform in CONNECTORS and platform in settings.CONNECTOR_CLIENTS


def new_ticket() -> Ticket:
    return Ticket(state=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48))


def consent_address(platform: str, ticket: Ticket, back: str) -> str:
    known = CONNECTORS[platform].oauth
    challenge = base64.urlsafe_b64encode(hashlib.sha256(ticket.verifier.encode()).digest()).rstrip(b"=").decode()
    params = {
        known.client_param: _client(platform)[0],
        "redirect_uri": back,
        "response_type": "code",
        "scope": known.separator.join(known.scopes),
        "state": ticket.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **known.extra,
    }
    return f"{_address(platform, 'authorize')}?{urlencode(params)}"


def exchanged(platform: str, code: str, ticket: Ticket, back: str) -> Tokens:
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": ticket.verifier}
    first = _tokens(platform, body)
    if not CONNECTORS[platform].oauth.long_lived:
        return first
    words = {"grant_type": "ig_exchange_token", "client_secret": _client(platform)[1], "access_token": first.access}
    return _long_lived(platform, "long_lived", words)


def renewed(platform: str, refresh: str) -> Tokens:
    if CONNECTORS[platform].oauth.renews:
        return _long_lived(platform, "renews", {"grant_type": "ig_refresh_token", "access_token": refresh})
    return _tokens(platform, {"grant_type": "refresh_token", "refresh_token": refresh})


def _client(platform: str) -> tuple[str, str]:
    name, _colon, secret = str(settings.CONNECTOR_CLIENTS[platform]).partition(":")
    return name, secret


def _address(platform: str, which: str) -> str:
    return str(settings.CONNECTOR_ADDRESSES.get(f"{platform}.{which}", getattr(CONNECTORS[platform].oauth, which)))


def _long_lived(platform: str, which: str, words: dict[str, str]) -> Tokens:
    """A token that is its own refresh token. The network takes these words in the address only, over GET."""
    found = _read(lambda: outbound.call("GET", f"{_address(platform, which)}?{urlencode(words)}"))
    return Tokens(access=found.access, refresh=found.access, expires_at=found.expires_at)


def _tokens(platform: str, body: dict[str, str]) -> Tokens:
    """Raises AccessLost when the network refuses, Busy when it cannot be reached."""
    name, secret = _client(platform)
    form = body | {CONNECTORS[platform].oauth.client_param: name, "client_secret": secret}
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return _read(
        lambda: outbound.call("POST", _address(platform, "token"), body=urlencode(form).encode(), headers=headers)
    )


def _read(ask: Callable[[], outbound.Answer]) -> Tokens:
    try:
        answer = ask()
    except outbound.TargetRefused as error:
        raise AccessLost(error.code) from error
    except outbound.TargetFailed as error:
        raise Busy(error.code) from error
    if answer.status >= 500:
        raise Busy(str(answer.status))
    try:
        data: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise BadAnswer("token") from error
    if isinstance(data, dict) and isinstance(data.get("data"), list) and data["data"]:
        data = data["data"][0]  # Instagram wraps the token in a list
    if answer.status >= 400 or not isinstance(data, dict) or not data.get("access_token"):
        raise AccessLost(str(data.get("error", ""))[:100] if isinstance(data, dict) else "")
    lives = data.get("expires_in")
    expires = timezone.now() + timedelta(seconds=int(lives)) if isinstance(lives, int) and lives > 0 else None
    return Tokens(access=str(data["access_token"]), refresh=str(data.get("refresh_token") or ""), expires_at=expires)
