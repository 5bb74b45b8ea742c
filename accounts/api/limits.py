"""Requests per minute, per key, shared by all processes through Redis."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache

logger = logging.getLogger(__name__)
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Quota:
    limit: int
    remaining: int
    reset: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.remaining)),
            "RateLimit-Reset": str(self.reset),
        }


def spend(name: str, limit: int) -> Quota:
    """Counts one request of `name` in the current minute. remaining < 0 means refuse.

    Without Redis nothing is refused: a limit protects the service and must not be what stops it.
    """
    now = int(time.time())
    reset = WINDOW - now % WINDOW
    key = f"rate:{name}:{now // WINDOW}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW)
        used = cache.incr(key)
    except Exception as error:  # Redis away, or the key expired between the two calls
        logger.warning("rate limit of %s not counted: %s", name, error)
        used = 1
    return Quota(limit, limit - used, reset)
