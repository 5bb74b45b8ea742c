"""PostgreSQL refuses to run as root: which account it runs as then, and what that account must reach."""

import os
import pwd
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.environment import StartError

_FALLBACK_ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An operating-system account for a server process. `groups` are ids the process belongs to."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    def popen_arguments(self) -> dict[str, object]:
        return {"user": self.uid, "group": self.gid, "extra_groups": list(self.groups)}


def server_account(data: Path) -> Account | None:
    """The account that owns `data`, or will; None where the present user can run the server itself."""
    if os.geteuid() != 0:
        return None
    owner = next((uid for uid in _owners(data) if uid != 0), None)
    candidates = [owner] if owner is not None else list(_FALLBACK_ACCOUNTS)
    for candidate in candidates:
        try:
            entry = pwd.getpwuid(candidate) if isinstance(candidate, int) else pwd.getpwnam(candidate)
        except KeyError:
            continue
        # Group 0 lets the server pass through root's own folders (mode 710) without opening them to everyone.
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, (entry.pw_gid, 0))
    raise StartError(
        "PostgreSQL refuses to run as root and this machine has no account “postgres” or “nobody” to run it as. "
        "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL server with pgvector."
    )


def grant_passage(account: Account, path: Path) -> list[Path]:
    """Lets `account` pass through the folders above `path`; returns those whose permissions changed."""
    changed = []
    for folder in reversed(path.resolve().parents):
        mode = folder.stat()
        if _may_pass(account, mode):
            continue
        bit = stat.S_IXGRP if mode.st_gid in account.groups else stat.S_IXOTH
        try:
            folder.chmod(stat.S_IMODE(mode.st_mode) | bit)
        except OSError as error:
            raise StartError(
                f"PostgreSQL runs as “{account.name}”, which may not pass through {folder} ({error.strerror}). "
                f"Run as an ordinary user, or set VAR_DIR to a folder outside {folder}."
            ) from error
        changed.append(folder)
    return changed


def open_for_reading(folder: Path) -> None:
    """Makes a folder of programs readable by everyone (an install under a strict umask is not)."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | 0o444 | (0o111 if path.is_dir() or mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def _owners(path: Path) -> Iterator[int]:
    for candidate in (path, *path.parents):
        if candidate.exists():
            yield candidate.stat().st_uid


def _may_pass(account: Account, mode: os.stat_result) -> bool:
    if mode.st_uid == account.uid:
        return bool(mode.st_mode & stat.S_IXUSR)
    if mode.st_gid in account.groups:
        return bool(mode.st_mode & stat.S_IXGRP)
    return bool(mode.st_mode & stat.S_IXOTH)
