"""Reads a sample of an account's followers from a CSV file: numbers only, names are not kept."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.errors import DomainError
from accounts.handles import handle_key
from accounts.models import Basis, Provenance, SocialAccount, SourceKind
from matching.services.audience import record_audience_sample


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Reads sampled followers of one account: columns posts, following, followers, picture, private, name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--account", required=True, metavar="NETWORK:HANDLE")
        parser.add_argument("--source", default="audience sample", help="where the sample comes from")
        parser.add_argument("--basis", default=Basis.LEGITIMATE_INTEREST, choices=Basis.values)
        parser.add_argument("--observed-at", metavar="ISO", help="when it was drawn (default: now)")

    def handle(self, *args: Any, **options: Any) -> None:
        platform, _colon, handle = options["account"].partition(":")
        account = SocialAccount.objects.filter(platform=platform, handle_key=handle_key(handle)).first()
        if account is None:
            raise CommandError(f"no account {options['account']}: write network:handle, as in instagram:lea")
        try:
            moment = datetime.fromisoformat(options["observed_at"]) if options["observed_at"] else timezone.now()
        except ValueError as error:
            raise CommandError(f"--observed-at {options['observed_at']}: {error}") from error
        if timezone.is_naive(moment):
            moment = timezone.make_aware(moment)
        source = Provenance.objects.create(
            kind=SourceKind.IMPORT, label=options["source"][:200], basis=options["basis"], retrieved_at=moment
        )
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as lines:
                sample = record_audience_sample(
                    actor=SYSTEM, account=account, people=csv.DictReader(lines), source=source, observed_at=moment
                )
        except (OSError, UnicodeDecodeError, DomainError) as error:
            raise CommandError(str(getattr(error, "fields", None) or error)) from error
        self.stdout.write(f"{sample.n} sampled followers of {options['account']} kept")
