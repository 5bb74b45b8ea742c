"""One mail from standard input into the thread it answers: what a mail server pipes to."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from campaigns.services.inbound import RAW_MOST, receive


class Command(BaseCommand):
    help = "Reads one RFC 822 mail from standard input. Exits with 0 whatever it was: a mail server must not try again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", action="append", default=[], help="envelope recipient; may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        found = receive(sys.stdin.buffer.read(RAW_MOST + 1), recipients=options["to"])
        self.stdout.write(found.outcome)
