"""The migrated, empty schema as a template database, so that a run migrates once, and mostly not at all.

Migrating from nothing takes 15 s and more of a core; copying a database takes less than one. The schema is kept as SQL
in var/ with the list of everything that decided it; a new migration runs on the nearest one kept. `migrate` still
runs on every copy, and finds nothing to do.
"""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import connections

from config.embedded_postgres import programs

NAME = "resonance_schema"
KEPT = settings.BASE_DIR / "var" / "test-schema"
LATEST = 12
"""Schemas kept, a third of a megabyte each: branches beside each other."""


def prepare() -> str | None:
    """Makes the template on the embedded server and returns its name; None where the server is somebody else's."""
    if os.environ.get("DATABASE_URL"):
        return None
    wanted = _migrations()
    found = _nearest(wanted)
    _postgres("createdb", NAME)
    if found:
        _postgres("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={found}", NAME)
    if not found or json.loads(found.with_suffix(".json").read_bytes()) != wanted:
        environment = os.environ | {"RESONANCE_TEST_DATABASE": NAME}
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0", "--settings=config.settings.test"],
            cwd=settings.BASE_DIR, env=environment, check=True,
        )  # fmt: skip
        _keep(wanted)
    return NAME


def _migrations() -> dict[str, str]:
    """File → fingerprint, for what decides the schema: our migrations, everybody else's (the pinned packages), and this."""
    ours = sorted(settings.BASE_DIR.glob("*/migrations/*.py"))
    deciding = (*ours, settings.BASE_DIR / "requirements.txt", Path(__file__))
    return {str(path.relative_to(settings.BASE_DIR)): sha256(path.read_bytes()).hexdigest() for path in deciding}


def _nearest(wanted: dict[str, str]) -> Path | None:
    """The kept schema with the most of the migrations wanted and none that is not: only the others are left to run."""
    best: tuple[int, Path] | None = None
    for path in KEPT.glob("*.json"):
        if not path.with_suffix(".sql").exists():
            continue
        has = json.loads(path.read_bytes())
        if has.items() <= wanted.items() and has.keys() >= wanted.keys() - _of_ours(wanted):
            best = max(best or (0, path), (len(has), path))
    return best[1].with_suffix(".sql") if best else None


def _of_ours(files: dict[str, str]) -> set[str]:
    return {name for name in files if "/migrations/" in name}


def _keep(wanted: dict[str, str]) -> None:
    """SQL first, its list last and whole, so that a killed run leaves nothing that looks complete."""
    KEPT.mkdir(parents=True, exist_ok=True)
    name = sha256(json.dumps(wanted).encode()).hexdigest()[:24]
    for old in sorted(KEPT.glob("*.json"), key=os.path.getmtime)[: -LATEST + 1]:
        old.unlink(missing_ok=True)
        old.with_suffix(".sql").unlink(missing_ok=True)
    for suffix, write in ((".sql", _dump), (".json", lambda path: path.write_text(json.dumps(wanted)))):
        part = KEPT / f"{name}.{os.getpid()}"
        write(part)
        part.rename(KEPT / f"{name}{suffix}")


def _dump(path: Path) -> None:
    _postgres("pg_dump", f"--file={path}", NAME)


def _postgres(program: str, *arguments: str) -> None:
    server = connections["default"].settings_dict
    where = [f"--host={server['HOST']}", f"--port={server['PORT']}", f"--username={server['USER']}"]
    subprocess.run([programs() / program, *where, *arguments], check=True, stdout=subprocess.DEVNULL)
