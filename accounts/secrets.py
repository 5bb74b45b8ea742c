"""Tokens in links and keys: random, shown once, hashed at rest; and keyed hashes of people's identifiers."""

import hashlib
import hmac
import secrets
from collections.abc import Callable

from django.conf import settings


def new_token() -> str:
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """SHA-256 hex of a high-entropy token (no salt needed: the token itself has 256 random bits)."""
    return hashlib.sha256(token.encode()).hexdigest()


def pseudonym(scope: str, identifier: str) -> str:
    """Keyed hash, 24 hex characters, of a person's identifier. `scope` keeps platforms apart."""
    message = f"{scope}\x00{identifier}".encode()
    return hmac.new(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hexdigest()[:24]


def pseudonymiser(scope: str) -> Callable[[str], str]:
    """`pseudonym` of one scope for very many identifiers: the key is set up once."""
    keyed = hmac.new(settings.PSEUDONYM_KEY.encode(), f"{scope}\x00".encode(), hashlib.sha256)

    def hashed(identifier: str) -> str:
        mine = keyed.copy()
        mine.update(identifier.encode())
        return mine.hexdigest()[:24]

    return hashed
