"""The migrated, empty schema as a template database, so that a run migrates once, and mostly not at all.

Migrating from nothing takes 15 s and more of a core; copying a database takes less than one. The schema is kept as SQL
in var/, named after everything that decides it; `migrate` still runs on every copy, and finds nothing to do.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connections

from config.embedded_postgres import programs

NAME = "resonance_schema"
KEPT = settings.BASE_DIR / "var" / "test-schema"


def prepare() -> str | None:
    """Makes the template on the embedded server and returns its name; None where the server is somebody else's."""
    if os.environ.get("DATABASE_URL"):
        return None
    kept = KEPT / f"{_fingerprint()}.sql"
    _postgres("createdb", NAME)
    if kept.exists():
        _postgres("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={kept}", NAME)
    else:
        environment = os.environ | {"RESONANCE_TEST_DATABASE": NAME}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0", "--settings=config.settings.test"],
            cwd=settings.BASE_DIR, env=environment, check=True,
        )  # fmt: skip
        _keep(kept)
    return NAME


def _keep(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    for old in path.parent.glob("*.sql"):
        old.unlink(missing_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    _postgres("pg_dump", f"--file={part}", NAME)
    part.rename(path)


def _fingerprint() -> str:
    """Of our migrations and of everybody else's (the pinned packages)."""
    ours = sorted(settings.BASE_DIR.glob("*/migrations/*.py"))
    digest = hashlib.sha256()
    for path in (*ours, settings.BASE_DIR / "requirements.txt", Path(__file__)):
        digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]


def _postgres(program: str, *arguments: str) -> None:
    server = connections["default"].settings_dict
    where = [f"--host={server['HOST']}", f"--port={server['PORT']}", f"--username={server['USER']}"]
    subprocess.run([programs() / program, *where, *arguments], check=True, stdout=subprocess.DEVNULL)
