"""Identifiers of tenant-owned things: UUID version 7, so that indexes stay ordered by creation."""

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits. Not a secret."""
    random = int.from_bytes(os.urandom(10), "big")
    value = (int(time.time() * 1000) & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76 | (random >> 68 & 0xFFF) << 64 | 0b10 << 62 | random & ((1 << 62) - 1)
    return uuid.UUID(int=value)
