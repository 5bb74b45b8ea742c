"""Servers and a database of one benchmark's own, gone afterwards unless they are to be kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def servers(name: str, keep: Path | None = None) -> Iterator[None]:
    """Runs the block with Django set up on an empty, migrated database, durable as an installation's is.

    keep: a folder of one's own for it, taken up again (and migrated) the next time.
    """
    scratch = keep.resolve() if keep else Path(tempfile.mkdtemp(prefix=f"resonance-{name}-"))
    scratch.mkdir(parents=True, exist_ok=True)
    semantics = ROOT / "var" / "semantics"
    os.environ.update(VAR_DIR=str(scratch), DJANGO_SETTINGS_MODULE="config.settings.dev", DEMO="0")
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    if semantics.exists() and not (scratch / "semantics").exists():  # made from packages, the same everywhere
        (scratch / "semantics").symlink_to(semantics)
    from config.embedded import Servers

    try:
        with Servers(scratch, report=lambda *_words: None).held(die_with_parent=True):
            import django

            django.setup()
            manage("migrate", "-v", "0", "--skip-checks")
            yield
    finally:
        if keep is None:
            shutil.rmtree(scratch, ignore_errors=True)


def manage(*arguments: object) -> str:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def load() -> str:
    """What else the machine does: processes that wanted to run in the last minute, and cores."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
