"""Creates an API key and prints just the key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import SYSTEM
from accounts.errors import DomainError
from accounts.models import Workspace
from accounts.permissions import SCOPES
from accounts.services.api_keys import create_api_key


class Command(BaseCommand):
    help = "Create an API key of a workspace and print it. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workspace", required=True, help="slug of the workspace")
        parser.add_argument("--scopes", nargs="+", required=True, help=f"'*' or any of: {', '.join(SCOPES)}")
        parser.add_argument("--name", default="Command line")
        parser.add_argument("--mode", choices=["live", "test"], default="live")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            known = ", ".join(Workspace.objects.order_by("slug").values_list("slug", flat=True)[:20]) or "none yet"
            raise CommandError(f"No workspace “{options['workspace']}”. Known: {known}.")
        scopes = [part for value in options["scopes"] for part in value.replace(",", " ").split()]
        try:
            _client, key = create_api_key(
                actor=SYSTEM, workspace=workspace, name=options["name"], scopes=scopes, mode=options["mode"]
            )
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(key)
