"""Scores creators now: those waiting, some, or all, with as many processes as wanted."""

from __future__ import annotations

import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actors import SYSTEM
from accounts.models import Creator, Job, JobState
from matching.repository import queue
from matching.services.recompute import (
    BATCH,
    recompute_creators,
    refresh_priors,
    rescore_stale,
    run_recompute,
    start_recompute,
)

MOST_WORKERS = 64
WIDTH = 30


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # scoring needs no page to be in order
    help = "Computes signals and index rows: of all creators (--all), of some (--creators), else of those waiting."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", help="fit the priors on the whole index, then score everyone")
        which.add_argument("--creators", nargs="+", type=int, metavar="ID", help="score these creators only")
        which.add_argument("--drain", action="store_true", help="help with the list until it is empty, and say nothing")
        parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes that share the work")

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["workers"] <= MOST_WORKERS:
            raise CommandError(f"--workers takes 1 to {MOST_WORKERS}.")
        self._begin = self._last = time.monotonic()
        if options["drain"]:
            rescore_stale(seconds=float("inf"))
        elif options["creators"]:
            self._some(options["creators"])
        else:
            self._list(everyone=options["all"], workers=options["workers"])

    def _some(self, ids: list[int]) -> None:
        known = set(Creator.objects.filter(pk__in=ids, erased_at__isnull=True).values_list("pk", flat=True))
        missing = sorted(set(ids) - known)
        if missing:
            raise CommandError(f"No such creator: {', '.join(map(str, missing))}.")
        priors, versions, rows, ordered = refresh_priors(), 0, 0, sorted(known)
        for start in range(0, len(ordered), BATCH):
            stored = recompute_creators(ordered[start : start + BATCH], priors=priors)
            versions, rows = versions + stored.versions, rows + stored.rows
        self.stdout.write(f"{len(ordered):,} creators, {versions:,} new versions, {rows:,} index rows written")

    def _list(self, *, everyone: bool, workers: int) -> None:
        job = start_recompute(actor=SYSTEM, started=False) if everyone else None
        total = None if everyone else queue.waiting()
        helpers = [] if everyone else self._helpers(workers - 1)
        try:
            if job is not None:
                self._all(job, workers)
            else:
                refresh_priors()
                rescore_stale(seconds=float("inf"))
        finally:
            for helper in helpers:
                helper.wait()
        if total is not None:
            self._summary(total)

    def _all(self, job: Job, workers: int) -> None:
        helpers: list[subprocess.Popen[bytes]] = []

        def report(done: int, total: int) -> None:
            if not helpers and workers > 1 and done < total:
                helpers.extend(self._helpers(workers - 1))
            self._progress(done, total)

        try:
            if not run_recompute(job.pk, report=report):
                raise CommandError("Another process is recomputing everything; its progress is on the jobs page.")
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Run the same command again to go on.") from None
        finally:
            for helper in helpers:
                helper.wait()
        job.refresh_from_db()
        if job.state != JobState.SUCCEEDED:
            raise CommandError(f"The recompute ended as “{job.state}”: {job.error or 'cancelled'}.")
        self._summary(job.done)

    def _helpers(self, n: int) -> list[subprocess.Popen[bytes]]:
        command = [sys.executable, str(Path(sys.argv[0]).resolve()), "recompute", "--drain"]
        return [subprocess.Popen(command) for _ in range(n)]

    def _progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last < (0.2 if sys.stderr.isatty() else 5) and done < total:
            return
        self._last = now
        rate = done / max(now - self._begin, 1e-9)
        bar = "#" * round(WIDTH * done / max(total, 1))
        end = "\r" if sys.stderr.isatty() and done < total else "\n"
        self.stderr.write(f"[{bar:<{WIDTH}}] {done:,} of {total:,} creators, {rate:,.0f}/s   ", ending=end)

    def _summary(self, total: int) -> None:
        seconds = max(time.monotonic() - self._begin, 1e-9)
        self.stdout.write(f"{total:,} creators in {seconds:.1f} s ({total / seconds:,.0f} creators/s)")
        if stuck := queue.given_up():
            self.stdout.write(f"{stuck:,} creators could not be scored; the reason is kept with each request.")
