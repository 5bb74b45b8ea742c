"""Loads the demo into an empty database."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from accounts.errors import DomainError
from campaigns.demo.seed import CREATORS, SEED, Progress, seed_demo


class Lines(Progress):
    """One line per stage; on a terminal the line moves, elsewhere it is written once."""

    def __init__(self, out: OutputWrapper) -> None:
        self.out, self.name, self.begin, self.last = out, "", time.monotonic(), 0.0
        self.moving = out.isatty()

    def stage(self, name: str) -> None:
        self.name, self.begin = name, time.monotonic()
        if self.moving:
            self.out.write(f"  {name} …", ending="\r")
            self.out.flush()

    def step(self, done: int, total: int) -> None:
        if self.moving and time.monotonic() - self.last > 0.2:
            self.last = time.monotonic()
            self.out.write(f"  {self.name} … {100 * done // max(1, total)} %   ", ending="\r")
            self.out.flush()

    def done(self, text: str) -> None:
        self.out.write(f"  {self.name}: {text} ({time.monotonic() - self.begin:.1f} s)        ".rstrip())


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Loads the demo (fictional creators, brands and campaigns) into an empty database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help=f"another number gives another world ({SEED})")
        parser.add_argument("--creators", type=int, default=CREATORS, help=f"how many creators ({CREATORS})")
        parser.add_argument(
            "--now", type=datetime.fromisoformat, help="the moment at which the demo's story ends (ISO 8601)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["now"]
        if now is not None and now.tzinfo is None:
            now = now.replace(tzinfo=UTC)
        try:
            seeded = seed_demo(seed=options["seed"], creators=options["creators"], now=now, progress=Lines(self.stdout))
        except DomainError as error:
            faults = [text for texts in getattr(error, "fields", {}).values() for text in texts]
            raise CommandError(" ".join(faults) or str(error)) from error
        self.stdout.write(f"Demo ready in {seeded.seconds:.0f} s.")
        if self.stdout.isatty():  # `make run` captures this and shows its own table of logins
            for login in seeded.logins:
                self.stdout.write(f"  {login['role']}: {login['email']}  {login['password']}")
