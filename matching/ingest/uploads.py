"""Files that people send: kept under random names outside the web root, removed when their time is over."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput
from matching.ingest.texts import clean_line

MAX_FILES = 10


def folder() -> Path:
    return Path(settings.VAR_DIR) / "uploads"


def keep(name: str, pieces: Iterable[bytes]) -> dict[str, Any]:
    """Writes the bytes to a file of its own. Returns what a job needs: name, stored, size, sha256.

    Raises InvalidInput, keeping nothing, beyond IMPORT_MAX_UPLOAD_MB.
    """
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    stored, size, digest = secrets.token_hex(16), 0, hashlib.sha256()
    path = folder() / stored
    try:
        with path.open("xb") as file:
            for piece in pieces:
                size += len(piece)
                if size > settings.IMPORT_MAX_UPLOAD_MB << 20:
                    raise InvalidInput(fields={"files": [too_large(name)]}, code="file_too_large")
                digest.update(piece)
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return {"name": shown_name(name), "stored": stored, "size": size, "sha256": digest.hexdigest()}


def too_large(name: str) -> str:
    return _("“%(name)s” is larger than %(limit)s MB. Compress it with gzip, split it, or import it on the server.") % {
        "name": shown_name(name),
        "limit": settings.IMPORT_MAX_UPLOAD_MB,
    }


def shown_name(name: str) -> str:
    """The last part of a file name, safe to show."""
    return clean_line(PurePath(name.replace("\\", "/")).name)[:120] or "file"


def path_of(file: Mapping[str, Any]) -> Path:
    """Where a file of a job lies: a kept upload, or a path of this machine."""
    return folder() / str(file["stored"]) if file.get("stored") else Path(str(file["path"]))


def remove(files: Iterable[Mapping[str, Any]]) -> None:
    for file in files:
        if file.get("stored"):
            path_of(file).unlink(missing_ok=True)


def remove_old(in_use: set[str]) -> int:
    """Deletes uploads older than IMPORT_KEEP_ORIGINALS_DAYS that no waiting import needs."""
    oldest, removed = time.time() - settings.IMPORT_KEEP_ORIGINALS_DAYS * 86400, 0
    if not folder().is_dir():
        return 0
    for path in folder().iterdir():
        if path.name not in in_use and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def files_at(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Files of this machine; a folder stands for the files in it. Raises InvalidInput naming what is missing."""
    found: list[dict[str, Any]] = []
    faults: list[str] = []
    for path in paths:
        for member in _members(path):
            try:
                if not member.is_file():
                    raise FileNotFoundError(2, _("no such file"))
                with member.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                faults.append(f"{member}: {error.strerror or error}")
                continue
            size = member.stat().st_size
            found.append({"name": member.name, "path": str(member.resolve()), "size": size, "sha256": digest})
    if not found and not faults:
        faults.append(_("There is no file to read."))
    if faults:
        raise InvalidInput(fields={"paths": faults}, code="unreadable")
    return found


def _members(path: Path) -> list[Path]:
    return sorted(p for p in path.iterdir() if p.is_file() and p.name[0] != ".") if path.is_dir() else [path]
