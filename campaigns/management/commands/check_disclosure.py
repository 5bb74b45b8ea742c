"""`manage.py check_disclosure --csv FILE [--json]`: the disclosure check for anyone who wants to test it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.disclosure.csvfile import Fault, Line, UnreadableFile, confusion, read_file
from campaigns.disclosure.wording import said


class Command(BaseCommand):
    help = (
        "Checks captions of a CSV file (columns text, language, jurisdiction, platform; optional: relationship, brand, "
        "presentation, expected). Prints a verdict per row; with “expected” also the confusion table. Not legal advice."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--csv", required=True, help="the file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--on", type=date.fromisoformat, help="the rules of this day (YYYY-MM-DD), default today")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["csv"]
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            lines, faults = read_file(raw, on=options["on"] or datetime.now(UTC).date())
        except OSError as error:
            raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
        except UnreadableFile as error:
            raise CommandError(f"{name}: {error}") from error
        for fault in faults:
            self.stderr.write(f"row {fault.row}: {fault.column or 'row'}: {fault.problem}")
        if options["json"]:
            self.stdout.write(json.dumps(_document(lines, faults), ensure_ascii=False, indent=1))
        else:
            self._table(lines)

    def _table(self, lines: list[Line]) -> None:
        for line in lines:
            finding = _told(line)
            mark = "" if not line.expected else " ok" if line.expected == line.check.verdict else " WRONG"
            self.stdout.write(f"{line.row}\t{line.check.verdict}{mark}\t{finding.rule}\t{finding.title}")
        found = confusion(lines)
        if found["judged"]:
            self.stdout.write(f"{found['right']} of {found['judged']} right, {found['wrongly_clear']} wrongly clear")
            for expected, row in found["table"].items():
                cells = "  ".join(f"{name} {count}" for name, count in row.items())
                self.stdout.write(f"  expected {expected}: {cells}")


def _told(line: Line) -> Any:
    finding = line.check.decisive.decisive
    plain = {name: getattr(finding, name) for name in finding.__slots__}
    return said(plain, language=line.check.language, platform=line.check.platform)


def _document(lines: list[Line], faults: list[Fault]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [_row(line) for line in lines]
    for fault in faults:
        rows.append({"row": fault.row, "verdict": None, "error": {"column": fault.column, "problem": fault.problem}})
    document: dict[str, Any] = {"rows": sorted(rows, key=lambda row: row["row"])}
    found = confusion(lines)
    return document | ({"confusion": found} if found["judged"] else {})


def _row(line: Line) -> dict[str, Any]:
    finding, told = line.check.decisive.decisive, _told(line)
    span = None if finding.start is None else {"start": finding.start, "end": finding.end, "text": finding.quote}
    answer = {
        "row": line.row,
        "verdict": line.check.verdict,
        "code": finding.code,
        "country": finding.country,
        "rule": finding.rule,
        "source": told.url,
        "span": span,
        "reason": told.title,
        "fix": told.fix,
        "packs": line.check.packs,
    }
    return answer | ({"expected": line.expected} if line.expected else {})
