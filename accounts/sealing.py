"""Secrets that must be read back (webhook secrets, tokens of connected accounts), encrypted at rest.

Fernet (AES-128-CBC with HMAC) under a key made from SECRET_KEY. SECRET_KEY_FALLBACKS still opens what an older
key sealed, so the key may be changed without losing them.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SealBroken(Exception):
    """Sealed under a key this installation no longer has."""


def _keys() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    derived = (hashlib.sha256(b"resonance.sealing\x00" + secret.encode()).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def seal(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBroken from error
