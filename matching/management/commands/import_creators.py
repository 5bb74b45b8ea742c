"""Imports creators, accounts, posts, comments and follower counts from files of this machine."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actors import SYSTEM, Actor
from accounts.errors import DomainError
from accounts.models import Basis, Job, JobState, Workspace
from matching.ingest.definition import parse_mapping
from matching.ingest.fields import ENTITIES
from matching.ingest.mapping import ImportMap
from matching.ingest.reasons import Problem, sentence
from matching.ingest.tally import Tally
from matching.ingest.uploads import files_at
from matching.services.imports import Wish, import_files, micros, rejects_path
from matching.services.mappings import guess_mapping


def _unrecognised(paths: list[Path]) -> str:
    empty = [path.name for path in paths if not path.stat().st_size]
    if len(empty) == len(paths):
        return f"Nothing to read: {', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty."
    return (
        f"No columns of accounts, posts, comments or follower counts were recognised in "
        f"{', '.join(path.name for path in paths)}. Is it a CSV, TSV or JSON Lines file with names on its first line? "
        "If so, name the columns in a file and give it with --mapping (docs/importing.md)."
    )


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # a file import needs no page to be in order
    help = "Imports creators, posts, comments and follower counts from CSV, TSV or JSON Lines, gzipped or not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder of files")
        parser.add_argument("--mapping", type=Path, help="YAML file that names columns and keys; guessed when left out")
        parser.add_argument(
            "--kind", default="", choices=["", *ENTITIES], help="what the files hold, where the mapping leaves it open"
        )
        parser.add_argument("--workspace", metavar="SLUG", help="the workspace on whose behalf the data comes")
        parser.add_argument("--source", default="", help="where the data comes from, kept with every row")
        parser.add_argument("--basis", default="", choices=["", *Basis.values], help="legal basis of the processing")
        parser.add_argument("--observed-at", default="", metavar="ISO", help="time of rows that carry none")
        parser.add_argument("--rejects", type=Path, metavar="FILE", help="CSV of the rejected rows")
        parser.add_argument(
            "--dry-run", action="store_true", help="read, check and merge everything, then take it back"
        )
        parser.add_argument(
            "--limit", type=int, default=0, help="with --dry-run: stop after about so many rows per file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] and not options["dry_run"]:
            raise CommandError("--limit works with --dry-run only: half a file would be forgotten.")
        self._last = 0.0
        self._verbosity = options["verbosity"]
        try:
            actor = self._actor(options["workspace"])
            files = files_at(options["paths"])
            wish = Wish(
                files=files,
                mapping=self._mapping(options["mapping"], options["paths"], options["kind"]),
                kind=options["kind"],
                source=options["source"],
                basis=options["basis"],
                observed_at=_micros(options["observed_at"]),
            )
            job = import_files(
                actor=actor,
                wish=wish,
                rejects=options["rejects"],
                dry_run=options["dry_run"],
                limit=options["limit"],
                watch=self._progress,
            )
        except DomainError as error:
            raise CommandError(_explain(error)) from error
        self._report(job, dry_run=options["dry_run"], rejects=options["rejects"])

    def _actor(self, slug: str | None) -> Actor:
        if not slug:
            return SYSTEM
        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None:
            known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(f"There is no workspace “{slug}”. Known: {known or 'none'}.")
        return Actor(kind="system", id="import_creators", name="import_creators", workspace_id=workspace.pk)

    def _mapping(self, path: Path | None, paths: list[Path], kind: str) -> ImportMap:
        if path is not None:
            try:
                return parse_mapping(path.read_text(encoding="utf-8-sig"))
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(
                    f"The mapping {path} cannot be read: {getattr(error, 'strerror', None) or error}."
                ) from error
        found = files_at(paths)
        guessed = guess_mapping(found, kind=kind)
        if not guessed["files"]:
            raise CommandError(_unrecognised([Path(file["path"]) for file in found]))
        if self._verbosity:
            import yaml

            self.stdout.write(
                "No --mapping given; guessed:\n\n" + yaml.safe_dump(guessed, allow_unicode=True, sort_keys=False)
            )
        return parse_mapping(guessed)

    def _progress(self, tally: Tally) -> None:
        now = time.monotonic()
        if not self._verbosity or now - self._last < (0.5 if sys.stderr.isatty() else 5):
            return
        self._last = now
        rate = tally.done / tally.seconds if tally.seconds else 0
        left = f", about {max(0, (tally.total - tally.done) / rate):.0f} s left" if tally.total and rate else ""
        end = "\r" if sys.stderr.isatty() else "\n"
        self.stderr.write(f"{tally.done:,} rows, {rate:,.0f} rows/s, {tally.rejected:,} rejected{left}   ", ending=end)

    def _report(self, job: Job, *, dry_run: bool, rejects: Path | None) -> None:
        result = job.result
        for file in result.get("files", []):
            note = f", {file['encoding']}{' (guessed)' if file['guessed'] else ''}" if file["encoding"] else ""
            self.stdout.write(f"{file['name']}: {file['rows']:,} rows ({file['format'] or 'not read'}{note})")
            if file["problem"]:
                self.stdout.write(f"  ! {sentence(Problem(file['problem']['code'], file['problem']['params']))}")
        for name, counts in result.get("entities", {}).items():
            parts = [
                f"{counts.get(key, 0):,} {key}" for key in ("created", "updated", "unchanged", "duplicates", "rejected")
            ]
            self.stdout.write(f"{name}: {counts.get('rows', 0):,} rows = {', '.join(parts)}")
        for title, table in (("rejected", result.get("reasons", {})), ("left out", result.get("warnings", {}))):
            for key, (times, file, line, params) in sorted(table.items(), key=lambda item: -item[1][0]):
                entity, field, code = key.split(" ")
                self.stdout.write(
                    f"  {title}: {times:,} × {entity}.{field}: {sentence(Problem(code, params))}"
                    f" (first: {file}, line {line})"
                )
        rate = result.get("rows_per_second")
        self.stdout.write(
            f"{job.done:,} rows in {result.get('seconds', 0):.1f} s{f' ({rate:,} rows/s)' if rate else ''}"
        )
        if dry_run:
            self.stdout.write("Dry run: nothing was stored.")
        elif job.rejected:
            self.stdout.write(f"Rejected rows: {rejects_path(job)}")
        if job.state == JobState.CANCELLED:
            raise CommandError("The import was cancelled; run the command again to go on.")
        if job.state != JobState.SUCCEEDED or any(file["problem"] for file in result.get("files", [])):
            raise CommandError(
                "Not every file could be read to its end; see above. Everything else is stored."
                if not dry_run
                else "Not every file can be read."
            )


def _micros(text: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError("--observed-at: write a time such as 2026-11-22T14:30:00Z.") from error
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _explain(error: DomainError) -> str:
    fields = getattr(error, "fields", {})
    return "\n".join(f"{place}: {text}" for place, texts in fields.items() for text in texts) or error.message
