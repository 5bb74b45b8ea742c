"""manage.py restore: a backup in the place of an empty database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from config.backup import BackupError, read_manifest, restore_backup
from config.environment import VAR_DIR


class Command(BaseCommand):
    help = "Load a backup into an empty database, as one transaction. Stop web, worker and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument("--replace", action="store_true", help="also when the database holds data, which is lost")
        parser.add_argument("--check", action="store_true", help="only compare the file with its own hashes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["check"]:
                manifest = read_manifest(options["archive"])
                self.stdout.write(f"Whole: made {manifest['made_at']}, {sum(manifest['rows'].values()):,} rows.")
                return
            connection.close()
            rows = restore_backup(
                connection.settings_dict,
                VAR_DIR,
                options["archive"],
                replace=options["replace"],
                report=self.stderr.write,
            )
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{sum(rows.values()):,} rows in {len(rows)} tables, as they were.")
