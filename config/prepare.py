"""What must be true before the site opens: texts, tables, semantic space, demo, static files.

Each step looks first and works only where something is missing, so that a second start costs a second or two.
"""

import hashlib
import importlib.metadata
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import django
from django.core.management import call_command

from config.console import problem, progress, step
from config.environment import BASE_DIR, VAR_DIR, env


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    # The run that started us decides when to stop; being told to is not an error to explain.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for title, work, remedy in STEPS:
        try:
            with step(title):
                work()
        except Exception as error:
            log = VAR_DIR / "log" / "prepare.log"
            log.write_text(traceback.format_exc())
            problem(f"{title}: {_sentence(error)} {remedy} Details: {log}")
            return 1
    return 0


class _Indented(StringIO):
    """What a command prints, under the step that called it."""

    def write(self, text: str) -> int:
        for line in filter(str.strip, text.splitlines()):
            progress(line)
        return len(text)


def _compile_translations() -> None:
    call_command("translations", "compile", stdout=StringIO())


def _prepare_semantics() -> None:
    call_command("prepare_semantics", stdout=_Indented())


def _migrate() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        progress(f"{len(plan)} migrations to apply")
        call_command("migrate", interactive=False, verbosity=0)


def _load_demo() -> None:
    from accounts.models import Creator, User, Workspace

    if not env.bool("DEMO", default=True):
        progress("left out (DEMO=0)")
    elif any(model.objects.exists() for model in (User, Workspace, Creator)):
        progress("the database has data already; left as it is")
    else:
        call_command("seed_demo", stdout=_Indented())


def _collect_static() -> None:
    """Compressing takes longest of all, so it is done only when a source file changed."""
    from django.conf import settings

    noted = VAR_DIR / "run" / "static-sources"
    current = _fingerprint([Path(settings.BASE_DIR) / "static"])
    if noted.exists() and noted.read_text() == current and settings.STATIC_ROOT.exists():
        return
    progress("copying and compressing, once")
    noted.unlink(missing_ok=True)
    shutil.rmtree(settings.STATIC_ROOT, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0, stdout=StringIO())
    noted.write_text(current)


def _fingerprint(folders: list[Path]) -> str:
    digest = hashlib.sha256((BASE_DIR / "package-lock.json").read_bytes())
    for package in ("Django", "drf-spectacular-sidecar", "whitenoise"):
        digest.update(importlib.metadata.version(package).encode())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                found = path.stat()
                digest.update(f"{path}{found.st_size}{found.st_mtime_ns}".encode())
    return digest.hexdigest()


def _sentence(error: Exception) -> str:
    text = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return text.strip().rstrip(".") + "."


STEPS: list[tuple[str, Callable[[], None], str]] = [
    ("Settings", django.setup, "Compare .env and the environment with .env.example."),
    ("Translations", _compile_translations, "Restore the folder locale/ from the repository."),
    ("Database", _migrate, "Check DATABASE_URL and that its server has pgvector; unset, an embedded one is used."),
    ("Semantic space", _prepare_semantics, "Remove var/semantics, then run again."),
    ("Static files", _collect_static, "Remove node_modules, then run again."),
    ("Demo", _load_demo, "DEMO=0 starts without it."),
]

if __name__ == "__main__":
    sys.exit(main())
