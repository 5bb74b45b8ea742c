"""Opens a workspace for its first owner and prints the link by which that person comes in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import SYSTEM
from accounts.errors import DomainError
from accounts.services.workspaces import open_workspace


class Command(BaseCommand):
    help = "Open a workspace and print the link with which its owner chooses a name and a password (7 days, once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="name of the brand, agency or team")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="address of the first owner")
        parser.add_argument("--language", choices=["en", "fr"], default="en", help="language of its messages")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _workspace, link = open_workspace(
                actor=SYSTEM, name=options["name"], email=options["owner"], language=options["language"]
            )
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(link)
