"""`manage.py match --brief FILE`: the same answer as the page and `POST /api/v1/matches`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from accounts.actors import Actor
from accounts.errors import DomainError
from accounts.models import Workspace
from matching.briefs import BriefError, parse_brief
from matching.services.match import match_payload, run_match

LARGEST_FILE = 1_000_000


class Command(BaseCommand):
    help = "Answer a brief (a JSON file, or - for standard input) with explained matches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--brief",
            required=True,
            metavar="FILE",
            help="JSON object with the fields of a brief; - reads standard input",
        )
        parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
        parser.add_argument("--limit", type=int, default=50, help="results, 1 to 200")
        parser.add_argument(
            "--seed", type=int, default=None, help="seed of the posterior draws; default: from the brief"
        )
        parser.add_argument(
            "--workspace", metavar="SLUG", help="workspace that keeps the answer; default: the only one, else the first"
        )
        parser.add_argument("--language", choices=["en", "fr"], default="en", help="language of the sentences")

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["language"]):
            try:
                run = run_match(
                    actor=_actor(options["workspace"]),
                    brief=parse_brief(_read(options["brief"])),
                    limit=options["limit"],
                    seed=options["seed"],
                )
            except BriefError as error:
                raise CommandError("\n".join(f"{e.pointer or '/'}: {e.message}" for e in error.errors)) from error
            except DomainError as error:
                raise CommandError(error.message) from error
            answer = match_payload(run)
            if options["json"]:
                self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
            else:
                self._print(answer)

    def _print(self, answer: dict[str, Any]) -> None:
        for result in answer["results"]:
            who = result["creator"]
            interval = f"{result['score']:5.1f} [{result['low']:.0f}–{result['high']:.0f}]"
            self.stdout.write(
                f"{result['rank']:>3}  {interval}  {who['display_name']}  @{', @'.join(who['handles'] or [])}"
            )
            for sign, name in (("+", "reasons_for"), ("−", "reasons_against")):
                for reason in result[name]:
                    self.stdout.write(f"       {sign} {reason['text']}")
        kept_out = ", ".join(f"{code} {n}" for code, n in answer["excluded"]["counts"].items()) or "none"
        self.stdout.write(
            f"{answer['considered']} considered of {answer['eligible']} eligible; kept out by limits: {kept_out}"
        )


def _read(place: str) -> Any:
    try:
        if place == "-":
            text = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with Path(place).open("rb") as file:
                text = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise CommandError(f"{place}: {error.strerror}. Name a JSON file that can be read.") from error
    if len(text) > LARGEST_FILE:
        raise CommandError(f"{place} is larger than 1 MB. A brief is a page of text at most.")
    try:
        return json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CommandError(f"{place}: byte {error.start} is not UTF-8. Save the file as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{place} is not JSON: {error}.") from error


def _actor(slug: str | None) -> Actor:
    """The system, acting for one workspace."""
    rows = Workspace.objects.order_by("created_at")
    workspace = rows.filter(slug=slug).first() if slug else rows.first()
    if workspace is None:
        raise CommandError(
            f"There is no workspace “{slug}”." if slug else "There is no workspace yet. Create one first."
        )
    return Actor(kind="system", id="match", name="manage.py match", workspace_id=workspace.pk)
