"""Three worker machines: network namespaces of their own, PostgreSQL and Redis reached over TCP; one dies in its work.

Every machine has its own network stack and one cable (a veth pair on a bridge). What the machines share is what they
would share in a data centre: the address of the database and of the broker. Needs root; skipped elsewhere.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.actors import SYSTEM
from accounts.models import Job, JobState
from config.celery import app
from matching.models import CreatorIndex, RescoreRequest, Signals
from matching.repository import queue
from matching.services.recompute import start_recompute
from tests.faults.processes import wait_for
from tests.matching.test_recompute import person, source  # noqa: F401  (fixtures)

CREATORS = 1500
DATABASE_PORT, BROKER_PORT = 15432, 16379


def _may_lay_cables() -> bool:
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"rsntest{os.getpid() % 10_000}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode == 0
    if made:
        subprocess.run(["ip", "netns", "delete", name], check=False)
    return made


pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not _may_lay_cables(), reason="network namespaces need root, `ip` and a kernel that allows them"
    ),
]


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def relay(listener: socket.socket, path: str) -> None:
    """Passes what comes over TCP on to the server's socket, byte by byte."""

    def pump(near: socket.socket, far: socket.socket) -> None:
        try:
            while data := near.recv(65536):
                far.sendall(data)
        except OSError:
            pass
        finally:
            for end in (near, far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    while True:
        try:
            caller, _address = listener.accept()
        except OSError:
            return
        inside = socket.socket(socket.AF_UNIX)
        inside.connect(path)
        for pair in ((caller, inside), (inside, caller)):
            threading.Thread(target=pump, args=pair, daemon=True).start()


@dataclass
class Room:
    """A switch, and the machines plugged into it."""

    number: int
    folder: Path
    machines: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    listeners: list[socket.socket] = field(default_factory=list)

    @property
    def bridge(self) -> str:
        return f"rsnb{self.number}"

    @property
    def address(self) -> str:
        return f"10.{200 + self.number % 50}.{self.number % 250}.1"

    def open(self) -> None:
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{self.address}/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")
        given = connection.settings_dict
        broker = settings.CELERY_BROKER_URL.removeprefix("redis+socket://").removeprefix("unix://").split("?")[0]
        for port, path in (
            (DATABASE_PORT, f"{given['HOST']}/.s.PGSQL.{given['PORT'] or 5432}"),
            (BROKER_PORT, broker),
        ):
            listener = socket.create_server((self.address, port))
            self.listeners.append(listener)
            threading.Thread(target=relay, args=(listener, path), daemon=True).start()

    def machine(self, number: int) -> str:
        """Starts a machine: its own network, one worker that reads a queue of its own and that of scoring."""
        name = f"rsnm{self.number}-{number}"
        cable = (f"v{self.number}a{number}", f"v{self.number}b{number}")
        ip("netns", "add", name)
        self.machines[name] = None  # type: ignore[assignment]
        ip("link", "add", cable[0], "type", "veth", "peer", "name", cable[1])
        ip("link", "set", cable[0], "master", self.bridge, "up")
        ip("link", "set", cable[1], "netns", name)
        ip("-n", name, "addr", "add", f"{self.address[:-1]}{number + 1}/24", "dev", cable[1])
        ip("-n", name, "link", "set", cable[1], "up")
        ip("-n", name, "link", "set", "lo", "up")
        home = self.folder / name
        home.mkdir()
        (home / "semantics").symlink_to(settings.SEMANTICS_DIR)
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "VAR_DIR": str(home),
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "DATABASE_URL": f"postgres://{connection.settings_dict['USER']}@{self.address}:{DATABASE_PORT}/{connection.settings_dict['NAME']}",
            "REDIS_URL": f"redis://{self.address}:{BROKER_PORT}",
        }
        command = ["ip", "netns", "exec", name, sys.executable, "-m", "celery", "-A", "config", "worker"]
        command += ["-Q", f"{name},scoring", "-c", "1", "-n", f"{name}@test", "-l", "INFO"]
        with (self.folder / f"{name}.log").open("wb") as log:
            self.machines[name] = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        return name

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def kill(self, name: str) -> None:
        """The power goes: every process of the machine at once."""
        os.killpg(self.machines[name].pid, signal.SIGKILL)
        self.machines[name].wait()

    def close(self) -> None:
        for name, process in self.machines.items():
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
        for listener in self.listeners:
            listener.close()
        subprocess.run(["ip", "link", "delete", self.bridge], capture_output=True, check=False)


@pytest.fixture
def room(transactional_db: None, tmp_path: Path) -> Iterator[Room]:
    made = Room(os.getpid() % 10_000, tmp_path)
    try:
        made.open()
        yield made
    finally:
        made.close()


def test_a_machine_dies_while_scores_are_recomputed_and_the_work_is_done_once(
    room: Room,
    person: Callable[..., object],  # noqa: F811
) -> None:
    ids = {person(f"c{number}", posts=1).pk for number in range(CREATORS)}  # type: ignore[attr-defined]
    RescoreRequest.objects.all().delete()
    assert not Signals.objects.exists()
    first, second, third = (room.machine(number) for number in (1, 2, 3))
    for name in (first, second, third):
        wait_for(lambda name=name: "ready" in room.log(name), f"{name} never came up", 240)  # type: ignore[misc]

    job = start_recompute(actor=SYSTEM, started=False)
    app.send_task("matching.run_recompute", args=[str(job.pk)], queue=first)
    wait_for(lambda: Signals.objects.exists(), "the first machine never began", 120)
    for name in (second, third):
        app.send_task("matching.rescore_stale", queue=name)
    wait_for(lambda: Signals.objects.count() > 40, "nothing goes on", 120)
    room.kill(first)
    at_death = Signals.objects.count()
    assert at_death < CREATORS, "too late: the work was over"
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING

    # The others go on by themselves with all that the dead one did not hold, which its lease keeps for three minutes.
    wait_for(lambda: RescoreRequest.objects.filter(leased_until__isnull=True).count() == 0, "the others stopped", 120)
    RescoreRequest.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    app.send_task("matching.resume_jobs", queue=second)  # what beat does every 30 seconds
    wait_for(lambda: Job.objects.get(pk=job.pk).is_over, "the job was not taken up again", 240)

    assert Job.objects.get(pk=job.pk).state == JobState.SUCCEEDED, room.log(second)[-3000:] + room.log(third)[-3000:]
    scored = list(Signals.objects.values_list("creator_id", flat=True))
    assert len(scored) == len(set(scored)), "a creator was scored twice"
    assert set(scored) == ids == set(CreatorIndex.objects.values_list("creator_id", flat=True))
    assert queue.given_up() == 0 and not RescoreRequest.objects.exists()
    assert "Traceback" not in room.log(second) + room.log(third)
    print(f"{CREATORS} creators scored once by three machines; the first died after {at_death} were done")
