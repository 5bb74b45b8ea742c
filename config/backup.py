"""One file that holds everything that must survive: the database and what people sent.

The dump and the row counts come from one snapshot, so that a restore can be compared with what was there.
A restore is one transaction: after an error, or a kill, the database is what it was before.
"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from config.embedded_postgres import programs
from config.environment import StartError
from config.processes import Report, last_lines

FORMAT = 1
DUMP, MANIFEST = "database.dump", "manifest.json"
FOLDERS = ("uploads", "imports", "media", "keys")
"""Folders of VAR_DIR that cannot be made again. Redis, static files and the semantic space can."""
PATTERN = "resonance-*.tar"
_BLOCK = 1024 * 1024


class BackupError(StartError):
    """A backup or a restore cannot go on: one sentence saying why, one saying what to do."""


@dataclass(frozen=True)
class Backup:
    """rows: table → rows in the dump."""

    path: Path
    size: int
    rows: Mapping[str, int]
    made_at: datetime


def make_backup(database: Mapping[str, Any], directory: Path, target: Path, *, report: Report = print) -> Backup:
    """Writes `target` (a .tar) with the database (Django's settings entry) and the folders of `directory`.

    Appears under its name only when complete. Raises BackupError.
    """
    if target.exists():
        raise BackupError(f"{target} exists already. Choose another name, or move it away.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o700)
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as scratch:
        dump = Path(scratch) / DUMP
        with _snapshot(database) as (snapshot, rows, migrations, server):
            report(f"{sum(rows.values()):,} rows in {len(rows)} tables")
            _run(
                database,
                "pg_dump",
                "-Fc",
                "-Z",
                "3",
                "--no-owner",
                "--no-acl",
                f"--snapshot={snapshot}",
                "-f",
                str(dump),
            )
        # A dump that cannot be read back is found now, not on the day it is needed.
        _run(database, "pg_restore", "--list", str(dump))
        manifest: dict[str, Any] = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "postgresql": server,
            "migrations": migrations,
            "rows": rows,
            "sha256": {DUMP: _sha256(dump)},
        }
        part = Path(scratch) / "whole.tar"
        with tarfile.open(part, "w") as archive:
            for name in FOLDERS:
                for path in sorted(p for p in (directory / name).rglob("*") if p.is_file()):
                    inside = f"{name}/{path.relative_to(directory / name)}"
                    archive.add(path, inside, recursive=False)
                    manifest["sha256"][inside] = _sha256(path)
            archive.add(dump, DUMP)
            _add_bytes(archive, MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode())
        part.chmod(0o600)
        part.rename(target)
    return Backup(target, target.stat().st_size, rows, now)


def read_manifest(archive: Path) -> dict[str, Any]:
    """What a backup says about itself, after every part was compared with its hash. Raises BackupError."""
    try:
        with tarfile.open(archive) as parts:
            member = parts.extractfile(MANIFEST)
            manifest: dict[str, Any] = json.loads(member.read()) if member else {}
            if manifest.get("format") != FORMAT:
                raise BackupError(f"{archive} has format {manifest.get('format')}, this version reads {FORMAT}.")
            for name, expected in manifest["sha256"].items():
                stored = parts.extractfile(name)
                if stored is None or _digest(stored) != expected:
                    raise BackupError(f"{archive} is damaged: {name} is not what was written. Use another backup.")
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise BackupError(f"{archive} is no backup of Resonance ({error}). Use another file.") from error
    return manifest


def restore_backup(
    database: Mapping[str, Any], directory: Path, archive: Path, *, replace: bool = False, report: Report = print
) -> dict[str, int]:
    """Puts a backup in the place of an empty database, or of any with replace=True. Returns table → rows.

    The folders that were there stay beside as `<name>.before-restore`. Raises BackupError and has then changed nothing.
    """
    manifest = read_manifest(archive)
    if not replace and (kept := _kept_rows(database)):
        raise BackupError(
            f"The database holds data already ({kept}). Restore into an empty one, or add --replace to lose what is there."
        )
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=directory) as scratch:
        with tarfile.open(archive) as parts:
            parts.extractall(scratch, filter="data")
        report(f"{sum(manifest['rows'].values()):,} rows to load")
        _load(database, Path(scratch) / DUMP)
        rows = _count(database)
        if rows != manifest["rows"]:
            wrong = sorted(t for t in rows.keys() | manifest["rows"] if rows.get(t) != manifest["rows"].get(t))
            raise BackupError(f"The database was loaded, but these tables differ from the backup: {', '.join(wrong)}.")
        for name in FOLDERS:
            _take_over(Path(scratch) / name, directory / name)
    return rows


def newest(directory: Path) -> list[Path]:
    """Backups of the usual name in `directory`, newest first."""
    return sorted(directory.glob(PATTERN), reverse=True)


def _load(database: Mapping[str, Any], dump: Path) -> None:
    """As one transaction: what was there goes only together with what comes."""
    script = dump.with_suffix(".sql")
    _run(database, "pg_restore", "--no-owner", "--no-acl", "-f", str(script), str(dump))
    order = dump.with_suffix(".order")
    # \ir reads beside this file; the schema holds the extension too, which the dump makes again.
    order.write_text(f"DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n\\ir {script.name}\n")
    _run(database, "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", str(order))


def _take_over(new: Path, place: Path) -> None:
    if not new.exists():
        return
    before = place.with_name(f"{place.name}.before-restore")
    shutil.rmtree(before, ignore_errors=True)
    if place.exists():
        place.rename(before)
    new.rename(place)


@contextmanager
def _snapshot(database: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, int], dict[str, str], str]]:
    """(snapshot id, rows of each table in it, newest migration of each app, server version), open while in use."""
    connection = _connect(database)
    try:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SELECT pg_export_snapshot(), current_setting('server_version')")
            snapshot, server = cursor.fetchone()
            rows = _tables(cursor)
            migrations = {}
            if "django_migrations" in rows:
                cursor.execute("SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app")
                migrations = dict(cursor.fetchall())
            yield snapshot, rows, migrations, server
    finally:
        connection.close()


def _count(database: Mapping[str, Any]) -> dict[str, int]:
    connection = _connect(database)
    try:
        with connection.cursor() as cursor:
            return _tables(cursor)
    finally:
        connection.close()


def _tables(cursor: Any) -> dict[str, int]:
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    rows = {}
    for (table,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table)))
        rows[table] = cursor.fetchone()[0]
    return rows


def _kept_rows(database: Mapping[str, Any]) -> str:
    """What would be lost; empty for a database that migrations alone have filled."""
    rows = {table: n for table, n in _count(database).items() if n and not table.startswith(("django_", "auth_"))}
    return ", ".join(f"{n:,} in {table}" for table, n in list(rows.items())[:3])


def _connect(database: Mapping[str, Any]) -> Any:
    try:
        return psycopg2.connect(
            host=database.get("HOST") or None,
            port=database.get("PORT") or None,
            user=database.get("USER") or None,
            password=database.get("PASSWORD") or None,
            dbname=database["NAME"],
            connect_timeout=10,
        )
    except psycopg2.OperationalError as error:
        raise BackupError(f"The database does not answer ({last_lines(str(error), 1)}). Check DATABASE_URL.") from error


def _run(database: Mapping[str, Any], program: str, *arguments: str) -> None:
    environment = os.environ | {
        "LC_ALL": "C",
        "PGHOST": str(database.get("HOST") or ""),
        "PGPORT": str(database.get("PORT") or ""),
        "PGUSER": str(database.get("USER") or ""),
        # never on the command line, where every process of the machine could read it
        "PGPASSWORD": str(database.get("PASSWORD") or ""),
        "PGDATABASE": str(database["NAME"]),
    }
    environment = {name: value for name, value in environment.items() if value or not name.startswith("PG")}
    done = subprocess.run(
        [str(_program(program)), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(f"{program} failed: {last_lines(done.stdout, 1, 'ERROR', 'error:', 'FATAL')}.")


def _program(name: str) -> Path:
    """The one of the embedded PostgreSQL, which reads every older server too; else the machine's own."""
    try:
        path = programs() / name
    except StartError:
        path = Path()
    found = path if path.is_file() else shutil.which(name)
    if not found:
        raise BackupError(f"{name} was not found. Install PostgreSQL's client programs, then run again.")
    return Path(found)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))
