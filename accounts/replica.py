"""Reading from a streaming replica of PostgreSQL, where the installation has one.

`@reads` marks a function that only reads. While it runs, this thread's default connection is the replica's, so
nothing below it has to know. Without a replica, inside a transaction, when the replica is gone or too far
behind, it reads from the primary: a search is never refused for want of a replica.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

P = ParamSpec("P")
R = TypeVar("R")
ALIAS = "replica"
FRESH_SECONDS = 5.0
"""How long a verdict on the replica is believed; one that failed is asked again after this time too."""
_LAG = """
    SELECT pg_is_in_recovery(),
           CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
                ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 1e9) END
"""
logger = logging.getLogger(__name__)
_asked = 0.0
_lag: float | None = None


def lag_seconds() -> float | None:
    """How far the replica is behind, in seconds; None where there is none or it does not answer."""
    global _asked, _lag
    if ALIAS not in settings.DATABASES:
        return None
    now = time.monotonic()
    if now - _asked >= FRESH_SECONDS:
        _asked, before = now, _lag
        try:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(_LAG)
                recovering, lag = cursor.fetchone()
            _lag = float(lag) if recovering else 0.0
        except (OperationalError, InterfaceError) as error:
            connections[ALIAS].close()
            _lag = None
            if before is not None:
                logger.warning("the replica does not answer, reading from the primary: %s", error)
    return _lag


def reads(function: Callable[P, R]) -> Callable[P, R]:
    """Runs `function` on the replica where that is sound, else, or when the replica fails meanwhile, on the primary."""

    @wraps(function)
    def reading(*args: P.args, **kwargs: P.kwargs) -> R:
        global _asked, _lag
        if _usable():
            try:
                with _swapped():
                    return function(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                logger.warning("the replica failed, reading from the primary: %s", error)
                connections[ALIAS].close()
                _asked, _lag = time.monotonic(), None
        return function(*args, **kwargs)

    return reading


def _usable() -> bool:
    if ALIAS not in settings.DATABASES:
        return False
    here = connections[DEFAULT_DB_ALIAS]
    # In a transaction the caller may read what it has just written, which no replica has yet.
    if here is connections[ALIAS] or here.in_atomic_block:
        return False
    lag = lag_seconds()
    return lag is not None and lag <= settings.REPLICA_MAX_LAG_SECONDS


@contextmanager
def _swapped() -> Iterator[None]:
    primary = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[ALIAS]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
