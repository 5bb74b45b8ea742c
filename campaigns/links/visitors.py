"""What is kept of an address: a network cut short and hashed with the salt of the day, and its country.

The salt lives in PostgreSQL, the same for every process, for one UTC day; `retention` deletes it, and the hashes made
with it, when the day is over. What then remains of a click tells nobody apart.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
import threading
from datetime import date, datetime
from functools import lru_cache
from typing import Any

V4_BITS, V6_BITS = 24, 48
HASH_BYTES = 12

_lock = threading.Lock()
_salt: tuple[date, bytes] | None = None


def network_of(address: str) -> bytes:
    """The address without its last part: /24 of IPv4 (also inside IPv6), /48 of IPv6. b"" when it is none."""
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return b""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    bits = V4_BITS if ip.version == 4 else V6_BITS
    return ip.packed[: bits // 8]


def visitor_hash(salt: bytes, network: bytes, device: str) -> bytes | None:
    """Tells apart visitors of one day. Without a network nothing can be told apart: None."""
    if not network:
        return None
    return hashlib.blake2b(network + b"\x00" + device.encode(), key=salt, digest_size=HASH_BYTES).digest()


def salt_of_today(cursor: Any, now: datetime) -> bytes:
    """The day's salt, made by whichever process comes first. `cursor`: psycopg2, in autocommit."""
    global _salt
    held = _salt
    if held is not None and held[0] == now.date():
        return held[1]
    with _lock:
        cursor.execute(
            "INSERT INTO campaigns_clicksalt (day, salt) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (now.date(), secrets.token_bytes(32)),
        )
        cursor.execute("SELECT salt FROM campaigns_clicksalt WHERE day = %s", (now.date(),))
        _salt = (now.date(), bytes(cursor.fetchone()[0]))
        return _salt[1]


def forget_salt() -> None:
    """For processes whose database was replaced (tests, restores)."""
    global _salt
    _salt = None


@lru_cache(maxsize=1)
def _reader(path: str, changed: float) -> Any:
    import geoip2.database

    return geoip2.database.Reader(path)


def country_of(address: str, file: str) -> str:
    """ISO code from an offline country database (MaxMind's format), "" without one or when it does not know."""
    if not file:
        return ""
    try:
        return _reader(file, os.stat(file).st_mtime).country(address).country.iso_code or ""  # noqa: PTH116
    except Exception:  # an unknown address, or a missing or damaged file: a redirect never fails for it
        return ""
