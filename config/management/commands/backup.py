"""manage.py backup: everything that must survive in one file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from accounts.models import Job, JobState
from config.backup import BackupError, make_backup, newest
from config.environment import VAR_DIR


class Command(BaseCommand):
    help = "Write the database and the files that people sent into one file (default: a new one in var/backups)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", nargs="?", type=Path, help="file to write, ending in .tar")
        parser.add_argument("--keep", type=int, default=0, metavar="N", help="keep the N newest in var/backups")

    def handle(self, *args: Any, **options: Any) -> None:
        usual = VAR_DIR / "backups"
        target = options["target"] or usual / f"resonance-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"
        begin = timezone.now()
        try:
            made = make_backup(connection.settings_dict, VAR_DIR, target, report=self.stderr.write)
        except (BackupError, OSError) as error:
            _record(begin, target.name, error=str(error))
            raise CommandError(str(error)) from error
        _record(begin, target.name, result={"bytes": made.size, "rows": sum(made.rows.values())})
        for old in newest(usual)[options["keep"] :] if options["keep"] > 0 else []:
            old.unlink()
        self.stdout.write(str(made.path))


def _record(begin: datetime, name: str, *, error: str = "", result: dict[str, Any] | None = None) -> None:
    """The health page shows the age of the last one that succeeded."""
    Job.objects.create(
        kind="backup",
        title=name,
        state=JobState.FAILED if error else JobState.SUCCEEDED,
        error=error,
        result=result or {},
        started_at=begin,
        finished_at=timezone.now(),
    )
