"""How fast creators are scored: `python -m benchmarks.recompute [--creators 6000]`, on throw-away servers.

Two figures per pass: the command with two workers by the clock, which tells little on a machine that is busy
otherwise; and the processor time of one creator in the worker and in PostgreSQL, from which follows what two free
cores would do. A pass is the first one (every text read and indexed), one where nothing changed, and one where every
counter did, so that everybody is scored and written anew.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from benchmarks.throwaway import load, manage, servers

BATCH = 500
CORES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--creators", type=int, default=6_000)
    parser.add_argument("--comments", type=int, default=1, help="per post")
    options = parser.parse_args()
    with servers("recompute"):
        from benchmarks.filling import fill

        fill(options.creators, comments=options.comments)
        print(f"{options.creators:,} creators, 30 posts each, {30 * options.comments} comments each; {load()}")
        print("| Pass | worker, ms of processor | PostgreSQL | two free cores would do | the clock said, 2 workers |")
        print("|---|---:|---:|---:|---|")
        passes: dict[str, Callable[[], None]] = {
            "first": _nothing,
            "nothing changed": _nothing,
            "every counter changed": _touch,
        }
        for name, prepare in passes.items():
            print(f"| {name} | {_line(options.creators, prepare, first=name == 'first')} |", flush=True)


def _line(creators: int, prepare: Callable[[], None], *, first: bool) -> str:
    prepare()
    worker, database = _processor(creators // 4 if first else creators)
    prepare()
    report = manage("recompute", "--all", "--workers", 2).strip().splitlines()[-1]
    return f"{worker:.2f} | {database:.2f} | {1000 * CORES / (worker + database):,.0f}/s | {report}, {load()}"


def _processor(creators: int) -> tuple[float, float]:
    """(worker, PostgreSQL) milliseconds of processor per creator, over the first creators of the index."""
    import psutil
    from django.db import connection

    from accounts.models import Creator
    from matching import repository
    from matching.services.recompute import recompute_creators

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])

    def spent() -> tuple[float, float]:
        times = backend.cpu_times()
        return time.process_time(), times.user + times.system

    priors, ids = (
        repository.current_priors(),
        list(Creator.objects.order_by("pk").values_list("pk", flat=True)[:creators]),
    )
    before = spent()
    for start in range(0, len(ids), BATCH):
        recompute_creators(ids[start : start + BATCH], priors=priors)
    return tuple(1000 * (b - a) / len(ids) for a, b in zip(before, spent(), strict=True))  # type: ignore[return-value]


def _touch() -> None:
    from django.db import connection
    from django.db.models import F

    from matching.models import Post

    Post.objects.update(likes=F("likes") + 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE matching_post")


def _nothing() -> None:
    """The index as it is."""


if __name__ == "__main__":
    main()
