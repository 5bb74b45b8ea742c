"""`manage.py evaluate_engine --data FOLDER`: how good the engine is, on real public sets, part by part."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Prints the quality table: what is reached, what each part adds (paired bootstrap), and for whom."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder of the research sets; none is shipped")
        parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")

    def handle(self, *args: Any, data: Path, write: bool, **options: Any) -> None:
        if not data.is_dir():
            raise CommandError(f"{data} is not a folder.")
        os.environ["RESONANCE_SHARED_DATA"] = str(data.resolve())
        from benchmarks import pages, quality
        from benchmarks.signals import machine, table

        lines = []
        for line in quality.evaluate(data.resolve()):
            self.stdout.write(f"{line.what} | {line.found} | {line.reach}")
            lines.append(line)
        if write:
            body = f"`manage.py evaluate_engine --data FOLDER --write`. {machine()}.\n\n{table(lines)}"
            pages.write("quality", "Quality", body)
