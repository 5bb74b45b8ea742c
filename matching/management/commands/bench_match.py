"""`manage.py bench_match --creators N`: latency and recall of the match on a synthetic index of that size."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from matching.models import CreatorIndex

GRAPH_UP_TO = 150_000
"""Creators up to which the graph index is built beside, to compare with; at a million it takes half an hour."""


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Measures the match: p50, p95 and recall@100 in every class of filter, beside what one would take instead."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--creators", type=int, required=True, help="an empty database is seeded with so many")
        parser.add_argument("--queries", type=int, default=20)
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--alone", action="store_true", help="leave out the other ways")

    def handle(self, *args: Any, creators: int, queries: int, json: bool, alone: bool, **options: Any) -> None:
        from benchmarks import match

        held = CreatorIndex.objects.count()
        if held == 0:
            call_command("seed_scale", creators=creators, stdout=self.stderr)
        elif held != creators:
            raise CommandError(f"This database holds {held:,} creators. Give a new one, or --creators {held}.")
        found = match.run(queries, instead=not alone, graph=held <= GRAPH_UP_TO)
        self.stdout.write(_as_json(found) if json else "\n".join(match.lines(found)))


def _as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1)
