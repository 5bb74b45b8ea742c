"""Makes the key and self-signed certificate that seal contracts, for SEAL_KEY_FILE and SEAL_CERTIFICATE_FILE."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.contracts.seal import make_key


class Command(BaseCommand):
    help = "Writes a new sealing key with its self-signed certificate into one file (PEM, readable by its owner only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="where to write; an existing file is left as it is")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"]).expanduser().absolute()
        if path.exists():
            raise CommandError(f"{path} exists. A key is never overwritten: contracts sealed with it need it.")
        make_key(path)
        self.stdout.write(f"SEAL_KEY_FILE={path}\nSEAL_CERTIFICATE_FILE={path}")
