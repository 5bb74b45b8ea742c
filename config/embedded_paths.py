"""Folders of the embedded servers. Names are computed without touching the disk, so settings can use them."""

import errno
import hashlib
import os
import pwd
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from config.environment import StartError
from config.privileges import Account

# A Unix socket's whole path must fit in 104 bytes on macOS and 108 on Linux.
_SOCKET_PATH_BYTES = 103


def socket_directory(directory: Path, socket_name: str) -> Path:
    """`directory` itself, or a short folder under the temporary directory where the path would be too long."""
    if len(os.fsencode(directory / socket_name)) <= _SOCKET_PATH_BYTES:
        return directory
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"resonance-{digest}"


def make_private(directory: Path, account: Account | None = None) -> None:
    """Creates `directory` readable only by the server's account, or checks that nobody else prepared it."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
        owner = account.uid if account else os.geteuid()
        if not stat.S_ISDIR(found.st_mode):
            raise StartError(f"{directory} is not a folder. Move it away and run again.")
        if found.st_uid not in {owner, os.geteuid()}:
            raise StartError(_foreign(directory, found.st_uid))
        if found.st_uid != owner:
            os.chown(directory, owner, account.gid if account else -1)
        directory.chmod(0o700)
    except OSError as error:
        raise StartError(cannot_write(directory, error)) from error


def remove_spare(sockets: Path, directory: Path) -> None:
    """Takes away the short folder of a stopped server, where it had one."""
    if sockets != directory:
        with suppress(OSError):
            sockets.rmdir()


def cannot_write(directory: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {directory} is full. Free some space and run again."
    if directory.exists() and (owner := directory.stat().st_uid) != os.geteuid() and error.errno == errno.EACCES:
        return _foreign(directory, owner)
    return (
        f"Cannot write in {directory} ({error.strerror}). Give this account that folder, or set VAR_DIR to another one."
    )


def _foreign(directory: Path, owner: int) -> str:
    return (
        f"{directory} belongs to {_name(owner)}, probably because Resonance was once started with sudo. "
        f"Start it that way again, or take the folder over: sudo chown -R $USER {directory}"
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
