"""`make bench-redirect`: redirects a second with the click committed, beside a minimal Django view and a bare nginx 302.

All on this machine, load generator included: the database, two web processes and the generator share its cores. The
generator is one process over epoll; each connection sends its next request when the answer is there (throughput), or
at fixed moments whatever the answers do (latency, so that a stall is not hidden by waiting for it).
"""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

SECONDS, CONNECTIONS = 10.0, 24
PACED, PACED_SECONDS = 500, 10.0
LINKS = 40
ROOT = Path(__file__).resolve().parent.parent
AGENTS = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_%d like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 3%02d.0.2.24.92 (iPhone15,2; iOS 17_5; fr_FR)",
    "Mozilla/5.0 (Linux; Android 1%d; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/1%02d.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12%d.0.0.%02d Safari/537.36",
    "facebookexternalhit/1.%d (+http://www.facebook.com/externalhit_uatext.php%02d)",
]


def requests(slugs: list[str], rng: random.Random) -> Iterator[bytes]:
    """Different networks, agents and links, as after a post: nine in ten people, one in ten a machine."""
    while True:
        shape = AGENTS[3] if rng.random() < 0.1 else rng.choice(AGENTS[:3])
        agent = shape % (rng.randrange(8), rng.randrange(40))
        address = f"{rng.randrange(1, 223)}.{rng.randrange(256)}.{rng.randrange(256)}.7"
        yield (
            f"GET /r/{rng.choice(slugs)} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {agent}\r\n"
            f"X-Forwarded-For: {address}\r\nReferer: https://l.instagram.com/\r\nAccept: */*\r\n\r\n"
        ).encode()


def _connect(port: int) -> socket.socket:
    connected = socket.create_connection(("127.0.0.1", port))
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def flat_out(port: int, source: Iterator[bytes], seconds: float, connections: int = CONNECTIONS) -> float:
    """Answered redirects a second, each connection sending as soon as it was answered."""
    sockets = {one.fileno(): one for one in (_connect(port) for _n in range(connections))}
    poll = select.epoll()
    for number, one in sockets.items():
        poll.register(number, select.EPOLLIN)
        one.sendall(next(source))
    begin, answered = time.perf_counter(), 0
    while (now := time.perf_counter()) - begin < seconds:
        for number, _event in poll.poll(1):
            _check(sockets[number].recv(4096))
            answered += 1
            sockets[number].sendall(next(source))
    _close(sockets)
    return answered / (now - begin)


def paced(port: int, source: Iterator[bytes], rate: int, seconds: float) -> list[float]:
    """Milliseconds from the moment a request was due until its answer, sorted."""
    pool = [_connect(port) for _n in range(64)]
    sockets = {one.fileno(): one for one in pool}
    poll = select.epoll()
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    free, due_of, taken = list(sockets), dict[int, float](), list[float]()
    begin, sent = time.perf_counter(), 0
    total = int(rate * seconds)
    while len(taken) < total:
        now = time.perf_counter()
        while sent < total and begin + sent / rate <= now and free:
            number = free.pop()
            due_of[number] = begin + sent / rate
            sockets[number].sendall(next(source))
            sent += 1
        wait = max(0.0, begin + sent / rate - time.perf_counter()) if sent < total else 1.0
        for number, _event in poll.poll(min(wait, 0.05)):
            _check(sockets[number].recv(4096))
            taken.append((time.perf_counter() - due_of[number]) * 1000)
            free.append(number)
    _close(sockets)
    return sorted(taken)


def _check(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 302"):
        raise SystemExit(f"not a redirect: {answer[:300]!r}")


def _close(sockets: dict[int, socket.socket]) -> None:
    for one in sockets.values():
        one.close()


@contextmanager
def granian(application: str, port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """As `make run` serves: two processes of four threads."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-ws", "--workers", "2", "--blocking-threads", "4", "--log-level", "warning", application]
    with _running(command, port, os.environ | environment) as process:
        yield process


@contextmanager
def nginx(folder: Path, port: int) -> Iterator[bool]:
    """A bare 302. False where it cannot be had."""
    if shutil.which("nginx") is None and shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "install", "-qq", "-y", "nginx-light"], capture_output=True, check=False)
    program = shutil.which("nginx")
    if program is None:
        yield False
        return
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        "events { worker_connections 512; }\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; keepalive_requests 100000000;\n"
        "location / { return 302 https://shop.example.com/soap; } } }\n"
    )
    with _running([program, "-c", str(config), "-p", str(folder)], port, dict(os.environ)):
        yield True


@contextmanager
def _running(command: list[str], port: int, environment: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        for _n in range(300):
            if process.poll() is not None:
                raise SystemExit(f"{command[:4]} ended with code {process.returncode}")
            try:
                _connect(port).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def memory(process: subprocess.Popen[bytes]) -> float:
    """MB held by the server and its workers."""
    import psutil

    whole = psutil.Process(process.pid)
    return sum(one.memory_info().rss for one in [whole, *whole.children(recursive=True)]) / 1e6


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fill() -> tuple[str, list[str]]:
    """A workspace, a campaign, and its links. Returns one link's id and all slugs."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from accounts.actors import SYSTEM
    from accounts.models import Brand, Workspace
    from campaigns.models import Campaign
    from campaigns.services.tracking import create_link

    workspace = Workspace.objects.create(name="Bench", slug="bench")
    brand = Brand.objects.create(workspace=workspace, name="Bench")
    campaign = Campaign.objects.create(workspace=workspace, brand=brand, name="Bench", state="active")
    goal = "https://shop.example.com/soap"
    made = [
        create_link(actor=SYSTEM, campaign=campaign, destination=goal, slug=f"bench-{n}", resolve=False)
        for n in range(LINKS)
    ]
    return str(made[0].pk), [link.slug for link in made]


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="resonance-bench-"))
    folder.chmod(0o711)
    os.environ |= {"VAR_DIR": str(folder), "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
    os.environ |= {"TRUSTED_PROXIES": "1", "LOG_LEVEL": "WARNING"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    from config.embedded import Servers, prepare_directory

    try:
        prepare_directory(folder)
        with ExitStack() as stack:
            stack.enter_context(Servers(folder).held(die_with_parent=True))
            import django

            django.setup()
            measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path) -> None:
    from django.db import connection

    from campaigns.models import Click

    link, slugs = fill()
    source = requests(slugs, random.Random(7))
    print(
        f"{os.cpu_count()} cores, {CONNECTIONS} connections, {SECONDS:.0f} s each; load average {os.getloadavg()[0]:.1f}"
    )
    ours: list[float] = []
    theirs: list[float] = []
    # Turn by turn, so that a busy moment of the machine falls on both.
    for turn in range(3):
        with granian("benchmarks.minimal_view:application", port := free_port(), BENCH_LINK=link):
            flat_out(port, source, 1.5)
            theirs.append(flat_out(port, source, SECONDS / 2))
        with granian("config.wsgi:application", port := free_port()) as process:
            flat_out(port, source, 1.5)
            before, answered = memory(process), Click.objects.count()
            ours.append(flat_out(port, source, SECONDS / 2))
            if turn == 2:
                print(
                    f"memory of the server: {before:.0f} MB, after {Click.objects.count() - answered:,} more {memory(process):.0f} MB"
                )
                taken = paced(port, source, PACED, PACED_SECONDS)
                p50, p95, p99 = (taken[int(len(taken) * share)] for share in (0.5, 0.95, 0.99))
                print(f"at {PACED} a second: p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms")
        connection.close()
    best, view = statistics.median(ours), statistics.median(theirs)
    print(f"redirects a second with the click committed: {best:,.0f}  ({', '.join(f'{x:,.0f}' for x in ours)})")
    print(f"minimal Django view that only inserts:        {view:,.0f}  ({', '.join(f'{x:,.0f}' for x in theirs)})")
    print(f"share: {best / view:.0%}")
    with nginx(folder, port := free_port()) as there:
        print(
            f"nginx, bare 302: {flat_out(port, source, 4):,.0f}" if there else "nginx, bare 302: skipped, no nginx here"
        )


if __name__ == "__main__":
    main()
