"""Prepares the semantic space under SEMANTICS_DIR; does nothing when it is there."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from matching.semantics import store
from matching.semantics.sources import SourceError


class Command(BaseCommand):
    help = "Prepare the bilingual semantic space (once per version, about half a minute; nothing is fetched)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--again", action="store_true", help="make it anew even when it is there")
        parser.add_argument("--prune", action="store_true", help="remove the spaces of other versions")

    def handle(self, *args: Any, again: bool, prune: bool, **options: Any) -> None:
        root = settings.SEMANTICS_DIR
        started = time.monotonic()
        try:
            made = store.prepare(root, again=again)
        except (SourceError, OSError) as error:
            raise CommandError(f"The semantic space could not be prepared in {root}: {error}") from error
        if made:
            self.stdout.write(f"Semantic space {store.version()} prepared in {time.monotonic() - started:.0f} s")
        else:
            self.stdout.write(f"Semantic space {store.version()} is ready")
        for name in store.prune(root) if prune else ():
            self.stdout.write(f"Removed {name}")
