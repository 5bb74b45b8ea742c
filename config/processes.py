"""Child processes: started apart from the terminal, watched, restarted with growing pauses, ended cleanly."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from config.privileges import Account

Report = Callable[[str], None]

_PR_SET_PDEATHSIG = 1
_LOG_BYTES = 10 * 1024 * 1024
_LONGEST_PAUSE = 60.0
_STEADY_SECONDS = 60.0


def start_detached(
    command: Sequence[str],
    *,
    log: Path,
    account: Account | None = None,
    parent_death_signal: signal.Signals | None = None,
    environment: Mapping[str, str] | None = None,
    directory: Path = Path("/"),
) -> subprocess.Popen[bytes]:
    """Starts `command` in its own session, so that Ctrl-C reaches only us and we decide the order of ending.

    On Linux `parent_death_signal` is sent to it when we are killed, so that nothing outlives a kill -9.
    """
    as_account = account.popen_arguments() if account else {}
    with log.open("ab") as output:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=directory,
            env=dict(environment) if environment else None,
            preexec_fn=tie_to_parent(parent_death_signal),
            **as_account,
        )


def tie_to_parent(order: signal.Signals | None) -> Callable[[], None] | None:
    if order is None or not sys.platform.startswith("linux"):
        return None
    library, parent = ctypes.CDLL(None), os.getpid()

    def tie() -> None:
        library.prctl(_PR_SET_PDEATHSIG, int(order))
        if os.getppid() != parent:
            os.kill(os.getpid(), order)

    return tie


def wait_for_end(process: psutil.Process, seconds: float) -> bool:
    """True once `process` is gone. One that nobody has reaped yet (a zombie) is gone too."""
    deadline = time.monotonic() + seconds
    while runs(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def last_lines(text: str, count: int, *words: str) -> str:
    """The last `count` lines that say something (holding one of `words`, if any does), joined by a semicolon."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line[line.index(word) :] for line in lines for word in words if word in line]
    return "; ".join((telling or lines)[-count:]) or "it gave no reason"


def turn_over(log: Path) -> None:
    """Keeps one older part of a log that has grown large; programs that append to it go on undisturbed."""
    if size(log) > _LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".old.log"))
        os.truncate(log, 0)


def size(log: Path) -> int:
    """Bytes in `log` now, so that what a program writes from here on can be told apart."""
    return log.stat().st_size if log.exists() else 0


def read_reason(log: Path, begin: int, *words: str) -> str:
    """Why a program ended, from what it wrote in `log` after byte `begin`."""
    with log.open(errors="replace") as written:
        written.seek(begin)
        return last_lines(written.read(), 1, *words)


class Service:
    """A child that must run as long as we do."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str], directory: Path
    ) -> None:
        self.name, self.command, self.log = name, command, log
        self.environment, self.directory = environment, directory
        self.process: subprocess.Popen[bytes] | None = None
        self._started = self._next_start = 0.0
        self._pause = 1.0

    def start(self) -> None:
        self._started = time.monotonic()
        self.process = start_detached(
            self.command,
            log=self.log,
            parent_death_signal=signal.SIGTERM,
            environment=self.environment,
            directory=self.directory,
        )

    def watch(self, report: Report) -> None:
        """Called about once a second: notices an end, says so, starts again after a pause that doubles."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._next_start:
                self.start()
                report(f"{self.name} started again")
            return
        if (code := self.process.poll()) is None:
            return
        # A killed server leaves its workers behind, and they would keep answering on the same port.
        end_session(self.process.pid)
        self._pause = 1.0 if now - self._started > _STEADY_SECONDS else min(self._pause * 2, _LONGEST_PAUSE)
        self._next_start, self.process = now + self._pause, None
        report(f"{self.name} ended {_how(code)}; starting it again in {self._pause:.0f} s (log: {self.log})")

    def ask_to_stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, seconds: float) -> None:
        """Waits for an asked stop, then ends the process and whatever it started."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        end_session(self.process.pid)
        self.process.wait()


def end_session(leader: int) -> None:
    """Ends every process left in the session that `leader` opened."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def remember(file: Path, services: Sequence[Service]) -> None:
    """Notes who we started, so that the next start can end what a kill -9 of ours left behind."""
    noted = []
    for service in services:
        with suppress(psutil.Error):
            if service.process:
                pid = service.process.pid
                noted.append({"name": service.name, "pid": pid, "created": psutil.Process(pid).create_time()})
    file.write_text(json.dumps(noted))


def end_leftovers(file: Path, report: Report) -> None:
    """Ends processes that an earlier run noted in `file` and that still run."""
    try:
        noted = json.loads(file.read_text())
    except (OSError, ValueError):
        return
    for entry in noted:
        with suppress(psutil.Error, KeyError):
            process = psutil.Process(entry["pid"])
            if abs(process.create_time() - entry["created"]) < 1:
                report(f"Ending the {entry['name']} that an interrupted run left behind")
                process.terminate()
                wait_for_end(process, 5)
                end_session(entry["pid"])
    file.unlink(missing_ok=True)


def _how(code: int) -> str:
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"
