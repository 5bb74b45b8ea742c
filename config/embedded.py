"""Real PostgreSQL with pgvector and real Redis without installing a server.

Used only where DATABASE_URL or REDIS_URL is unset. Addresses depend on the folder alone, so that settings can
compute them before anything runs, and a second terminal (`manage.py …`) finds the servers of `make run`.
Whoever needs them holds a shared lock; the last one to let go stops them, and a killed holder lets go by dying.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config import embedded_postgres, embedded_redis
from config.embedded_paths import cannot_write, socket_directory
from config.embedded_postgres import PostgresServer
from config.embedded_redis import RedisServer
from config.environment import StartError
from config.processes import Report

SPACE_NEEDED = 500_000_000


def database_settings(directory: Path) -> dict[str, Any]:
    """Django's DATABASES entry for the embedded PostgreSQL in `directory`."""
    return {
        "NAME": embedded_postgres.DATABASE,
        "USER": embedded_postgres.USER,
        "HOST": str(socket_directory(directory / "postgres", embedded_postgres.SOCKET_NAME)),
        "PORT": "5432",
    }


def redis_url(directory: Path) -> str:
    """Address of the embedded Redis in `directory`, without a database number."""
    folder = socket_directory(directory / "redis", embedded_redis.SOCKET_NAME)
    return "unix://" + quote(str(folder / embedded_redis.SOCKET_NAME))


def needed() -> tuple[bool, bool]:
    """Whether this environment leaves PostgreSQL, and Redis, to us."""
    return not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")


class Servers:
    """The embedded servers of one folder; those the environment provides elsewhere are left out."""

    def __init__(self, directory: Path, *, durable: bool = True, report: Report = print) -> None:
        logs = directory / "log"
        wants_postgres, wants_redis = needed()
        self.running: dict[str, PostgresServer | RedisServer] = {}
        if wants_postgres:
            self.running["PostgreSQL"] = PostgresServer(
                directory / "postgres", logs / "postgres.log", durable=durable, report=report
            )
        if wants_redis:
            self.running["Redis"] = RedisServer(directory / "redis", logs / "redis.log", durable=durable, report=report)
        self.directory, self.report = directory, report

    @contextmanager
    def held(self, *, die_with_parent: bool = False) -> Iterator["Servers"]:
        """Runs the block with the servers up. Raises StartError with a sentence to show."""
        with ExitStack() as stack:
            if self.running:
                prepare_directory(self.directory)
                with _locked(self.directory / "run" / "servers.lock"):
                    users = stack.enter_context((self.directory / "run" / "servers.users").open("w"))
                    fcntl.flock(users, fcntl.LOCK_SH)
                    stack.callback(self._let_go, users.fileno())
                    for server in self.running.values():
                        server.start(die_with_parent=die_with_parent)
            yield self

    def revive(self) -> None:
        """Starts again what died. Raises StartError."""
        for name, server in self.running.items():
            if not server.alive():
                self.report(f"{name} ended; starting it again (log: {server.log})")
                with _locked(self.directory / "run" / "servers.lock"):
                    server.start(die_with_parent=True)

    def _let_go(self, users: int) -> None:
        with _locked(self.directory / "run" / "servers.lock"):
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            for server in reversed(self.running.values()):
                server.stop()


def prepare_directory(directory: Path) -> None:
    """Creates VAR_DIR and what every start needs in it. Raises StartError."""
    for folder in (directory, directory / "run", directory / "log"):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".write-{os.getpid()}"
            probe.write_bytes(b"x")
            probe.unlink()
        except OSError as error:
            if folder.exists() and not folder.is_dir():
                raise StartError(f"{folder} is a file. Move it away, or set VAR_DIR to another folder.") from error
            raise StartError(cannot_write(folder, error)) from error
    free = shutil.disk_usage(directory).free
    if free < SPACE_NEEDED:
        raise StartError(
            f"The disk that holds {directory} has only {free // 1_000_000} MB free; at least "
            f"{SPACE_NEEDED // 1_000_000} MB are needed. Free some space, or set VAR_DIR to a folder on another disk."
        )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
