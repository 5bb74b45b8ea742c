"""Signed reply addresses: `r.<token>@REPLY_DOMAIN` names one partnership and one reader, and cannot be made up.

The token is base32 in lower case (a local part may lose its case on the way): 16 bytes partnership, 4 bytes reader
(0: the creator), 10 bytes HMAC-SHA256 under SECRET_KEY.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

_LOCAL = re.compile(r"r\.([a-z2-7]{48})", re.IGNORECASE)
_MAC = 10


@dataclass(frozen=True, slots=True)
class Address:
    """user_id 0: the creator of the partnership."""

    partnership_id: UUID
    user_id: int


def reply_address(partnership_id: UUID, user_id: int = 0) -> str:
    """ "" where this installation takes no mail in."""
    if not settings.REPLY_DOMAIN:
        return ""
    body = partnership_id.bytes + user_id.to_bytes(4, "big")
    token = base64.b32encode(body + _mac(body)).decode().rstrip("=").lower()
    return f"r.{token}@{settings.REPLY_DOMAIN}"


def read_address(address: str) -> Address | None:
    """What a reply address names, None for anything we did not sign."""
    local, _at, domain = address.strip().rpartition("@")
    if not settings.REPLY_DOMAIN or domain.lower() != settings.REPLY_DOMAIN.lower():
        return None
    found = _LOCAL.fullmatch(local)
    if found is None:
        return None
    try:
        raw = base64.b32decode(found.group(1).upper())
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[:-_MAC], raw[-_MAC:]
    if len(body) != 20 or not hmac.compare_digest(mac, _mac(body)):
        return None
    return Address(UUID(bytes=body[:16]), int.from_bytes(body[16:], "big"))


def _mac(body: bytes) -> bytes:
    key = hashlib.sha256(b"reply address\x00" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, body, hashlib.sha256).digest()[:_MAC]
