"""`make run`: everything on one machine, from an empty folder to an open page, until Ctrl-C."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType

from config.celery import QUEUES
from config.console import announce, problem, progress, step
from config.embedded import Servers, prepare_directory
from config.environment import BASE_DIR, VAR_DIR, StartError, env
from config.parent import Parent
from config.processes import (
    Service,
    end_leftovers,
    end_session,
    read_reason,
    remember,
    size,
    tie_to_parent,
    turn_over,
)
from config.welcome import show_warnings, show_welcome

_ORDERS_TO_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_WEB_SECONDS = 90
_STOP_SECONDS = 15
_REVIVE_SECONDS = 20


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM: not an error, so nothing that catches Exception may swallow it."""


def main() -> int:
    for order in _ORDERS_TO_STOP:
        # Under nohup the closing of a terminal is ignored on purpose.
        if order != signal.SIGHUP or signal.getsignal(order) != signal.SIG_IGN:
            signal.signal(order, _interrupt)
    parent = Parent()
    host, port = env.str("HOST", default="127.0.0.1"), env.str("PORT", default="8000")
    try:
        prepare_directory(VAR_DIR)
        with _only_one(host, port):
            end_leftovers(VAR_DIR / "run" / "processes.json", progress)
            _check_address(host, port)
            servers = Servers(VAR_DIR, report=progress)
            with ExitStack() as stack:
                if servers.running:
                    with step(" and ".join(servers.running)):
                        stack.enter_context(servers.held(die_with_parent=True))
                if not _prepare(parent):
                    return 1
                _serve(servers, parent, host, port)
    except StartError as error:
        problem(str(error))
        return 1
    except Interrupted:
        announce("Stopped. Everything is kept in " + str(VAR_DIR))
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    for order in _ORDERS_TO_STOP:
        signal.signal(order, signal.SIG_IGN)
    announce("\nStopping")
    raise Interrupted


def _heed(parent: Parent) -> None:
    if parent.wants_us_to_stop():
        _interrupt(signal.SIGINT, None)


@contextmanager
def _only_one(host: str, port: str) -> Iterator[None]:
    path = VAR_DIR / "run" / "run.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StartError(
                f"Resonance already runs from this folder ({lock.read().strip() or 'just started'}). "
                "Stop it with Ctrl-C there, or set VAR_DIR and PORT to start a second one."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, port {port}")
        lock.flush()
        yield
        lock.truncate(0)


def _check_address(host: str, port: str) -> None:
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise StartError(f"PORT is “{port}”, which is no port. Choose a number from 1024 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except PermissionError as error:
        raise StartError(f"Port {port} needs administrator rights. Choose another: make run PORT=8000") from error
    except socket.gaierror as error:
        raise StartError(f"HOST is “{host}”, which is no address of this machine. Use 127.0.0.1 or 0.0.0.0.") from error
    except OSError as error:
        if isinstance(error, OSError) and "in use" in str(error):
            raise StartError(f"Port {port} is in use. Choose another: make run PORT={int(port) + 1}") from error
        raise StartError(f"Cannot listen on {host}:{port} ({error.strerror}). Check HOST and PORT.") from error


def _environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "PYTHONUNBUFFERED": "1"}


def _prepare(parent: Parent) -> bool:
    """Database, texts, static files: in a process of its own, which says itself what went wrong."""
    child = subprocess.Popen(
        [sys.executable, "-m", "config.prepare"],
        cwd=BASE_DIR,
        env=_environment(),
        start_new_session=True,
        preexec_fn=tie_to_parent(signal.SIGTERM),
    )
    try:
        while child.poll() is None:
            _heed(parent)
            with suppress(subprocess.TimeoutExpired):
                child.wait(1)
        return child.returncode == 0
    finally:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_SECONDS)
        end_session(child.pid)


def _services(host: str, port: str) -> list[Service]:
    environment, logs = _environment(), VAR_DIR / "log"
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    level = env.str("LOG_LEVEL", default="INFO")
    # Each blocking thread keeps its own database connection, so threads bound the connections.
    web = ["--interface", "wsgi", "--host", host, "--port", port, "--no-ws", "--respawn-failed-workers"]
    web += ["--workers", env.str("WEB_WORKERS", default="2"), "--workers-kill-timeout", "10"]
    web += ["--blocking-threads", env.str("WEB_THREADS", default="4"), "config.wsgi:application"]
    worker = ["worker", "-Q", ",".join(QUEUES), "-c", env.str("WORKER_CONCURRENCY", default="2")]
    worker += ["-l", level, "--without-gossip", "--without-mingle", "-n", "resonance@localhost"]
    beat = ["beat", "-l", level, "--pidfile=", "--schedule", str(VAR_DIR / "run" / "beat-schedule")]
    return [
        Service("Web server", [sys.executable, "-m", "granian", *web], logs / "web.log", environment, BASE_DIR),
        Service("Worker", [*celery, *worker], logs / "worker.log", environment, BASE_DIR),
        Service("Beat", [*celery, *beat], logs / "beat.log", environment, BASE_DIR),
    ]


def _serve(servers: Servers, parent: Parent, host: str, port: str) -> None:
    services = _services(host, port)
    noted = VAR_DIR / "run" / "processes.json"
    try:
        with step("Web server, worker and beat"):
            web, *background = services
            turn_over(web.log)
            begin = size(web.log)
            web.start()
            remember(noted, [web])
            # People wait for the page, nobody for the worker: on two cores they would slow each other down.
            _await_web(web, begin, host, port)
            for service in background:
                service.start()
            remember(noted, services)
        show_warnings(public=host not in _LOOPBACK)
        show_welcome(port)
        while True:
            time.sleep(1)
            _heed(parent)
            _watch_servers(servers)
            before = [service.process for service in services]
            for service in services:
                service.watch(problem)
                turn_over(service.log)
            if [service.process for service in services] != before:
                remember(noted, services)
    finally:
        _stop(services)
        noted.unlink(missing_ok=True)


def _watch_servers(servers: Servers) -> None:
    try:
        servers.revive()
    except StartError as error:
        problem(f"{error} Trying again in {_REVIVE_SECONDS} s.")
        time.sleep(_REVIVE_SECONDS)


def _await_web(web: Service, begin: int, host: str, port: str) -> None:
    """Any answer counts as alive: what it says is the business of /health/ready."""
    target = "127.0.0.1" if host in {"0.0.0.0", "localhost"} else "[::1]" if host == "::" else host  # noqa: S104
    deadline = time.monotonic() + _WEB_SECONDS
    while time.monotonic() < deadline:
        if web.process and web.process.poll() is not None:
            raise StartError(f"The web server ended: {read_reason(web.log, begin)} (log: {web.log}).")
        try:
            urllib.request.urlopen(f"http://{target}:{port}/health/live", timeout=5)
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
            raise StartError(f"The site answers with error {error.code}. Its log says why: {web.log}") from error
        except OSError:
            time.sleep(0.1)
    raise StartError(f"The web server did not answer within {_WEB_SECONDS} s. Its log says why: {web.log}")


def _stop(services: list[Service]) -> None:
    for service in services:
        service.ask_to_stop()
    deadline = time.monotonic() + _STOP_SECONDS
    for service in services:
        service.stop(max(0.1, deadline - time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())
