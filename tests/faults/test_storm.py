"""The whole installation under clients while its processes are killed and frozen: what was answered must be there, once.

Four clients write through the API with unique tokens and repeat what failed with the same Idempotency-Key; meanwhile
every process is hurt in turn. A history checker then compares what was acknowledged with what PostgreSQL holds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from config.embedded import database_settings
from tests.config.test_run import ROOT, _environment, _free_port, _read_until, _start, folder  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PEOPLE = """
from accounts.models import User, Brand
from accounts.services.workspaces import create_workspace
from accounts.services.api_keys import create_api_key
from accounts.actors import SYSTEM
from accounts.permissions import SCOPES
workspace = create_workspace(owner=User.objects.create_user("o@example.org", "x" * 20), name="Storm")
brand = Brand.objects.create(workspace=workspace, name="Storm")
client, key = create_api_key(actor=SYSTEM, workspace=workspace, name="storm", scopes=list(SCOPES))
print("PEOPLE", brand.pk, key)
"""
# Plain SQL: a whole Django process for every look would itself slow down what is looked at.
GROUPED = {
    "creators": "SELECT external_id, count(*) FROM accounts_creatorrecord GROUP BY 1",
    "campaigns": "SELECT external_id, count(*) FROM campaigns_campaign GROUP BY 1",
    "created": "SELECT object_id, count(*) FROM accounts_event WHERE kind = 'campaign.created' GROUP BY 1",
}
COUNTED = {
    "unscored": "SELECT count(*) FROM matching_rescorerequest",
    "indexed": "SELECT count(*) FROM matching_creatorindex",
    "pending": "SELECT count(*) FROM accounts_reaction WHERE state = 'pending'",
    "failed": "SELECT count(*) FROM accounts_reaction WHERE state = 'failed'",
}


def history(directory: Path) -> dict[str, Any]:
    given = database_settings(directory)
    with psycopg2.connect(
        host=given["HOST"], port=given.get("PORT") or None, user=given["USER"], dbname=given["NAME"], connect_timeout=10
    ) as connection:
        cursor = connection.cursor()

        def rows(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return cursor.fetchall()

        found: dict[str, Any] = {name: dict(rows(sql)) for name, sql in GROUPED.items()}
        return found | {name: rows(sql)[0][0] for name, sql in COUNTED.items()}


def shell(directory: Path, port: int, code: str, word: str) -> str:
    """What a script printed after `word`, run with the installation's own settings."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
        cwd=ROOT, env=_environment(directory, port), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return next(line for line in done.stdout.splitlines() if line.startswith(word)).removeprefix(word).strip()


class Client(threading.Thread):
    """Writes until told to stop; `acknowledged` holds the tokens answered with success, `wrong` every other answer."""

    def __init__(self, name: str, base: str, key: str, brand: str, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.label, self.base, self.key, self.brand, self.stop = name, base, key, brand, stop
        self.acknowledged: dict[str, list[str]] = {"creators": [], "campaigns": []}
        self.wrong: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            token = f"{self.label}-{number}"
            row = {
                "platform": "instagram",
                "handle": f"storm.{self.label}.{number}",
                "external_id": token,
                "followers": 5000,
            }
            self._write("creators", "creators/bulk", {"rows": [row | {"observed_at": "2026-06-01T00:00:00Z"}]}, token)
            body = {
                "brand": self.brand,
                "name": token,
                "external_id": token,
                "objective": "awareness",
                "budget": "100.00",
            }
            self._write("campaigns", "campaigns", body | {"countries": ["FR"], "languages": ["fr"]}, token)
            time.sleep(0.05)

    def _write(self, kind: str, path: str, body: dict[str, Any], token: str) -> None:
        """Repeated with the same key until it is answered for good, as a careful partner would."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            status, text = self._send(path, body, f"{kind}-{token}")
            if status in (200, 201):
                self.acknowledged[kind].append(token)
                return
            if status not in (0, 409, 429, 502, 503):
                self.wrong.append(f"{path} {token}: {status} {text[:300]}")
                return
            time.sleep(0.3)
        self.wrong.append(f"{path} {token}: no answer for 90 s")

    def _send(self, path: str, body: dict[str, Any], key: str) -> tuple[int, str]:
        request = urllib.request.Request(
            f"{self.base}/api/v1/{path}",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Idempotency-Key": key},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError as error:
            return 0, str(error)


def _service(directory: Path, name: str) -> int:
    return next(e["pid"] for e in json.loads((directory / "run" / "processes.json").read_text()) if e["name"] == name)


def _server(directory: Path, program: str) -> psutil.Process:
    """The database server or Redis of this folder (its first process)."""
    mine = [p for p in psutil.process_iter() if _named(p, program) and str(directory) in " ".join(p.cmdline())]
    return min(mine, key=lambda process: process.create_time())


def _named(process: psutil.Process, program: str) -> bool:
    try:
        return program in process.name()
    except psutil.Error:
        return False


def _hurt(directory: Path) -> None:
    for name in ("Worker", "Web server", "Beat"):
        os.kill(_service(directory, name), signal.SIGKILL)
        time.sleep(8)
    redis = _server(directory, "redis")
    redis.suspend()
    time.sleep(12)
    redis.resume()
    time.sleep(4)
    redis.kill()
    time.sleep(8)
    _server(directory, "postgres").kill()
    time.sleep(12)


def test_what_was_acknowledged_is_there_once(folder: Path) -> None:  # noqa: F811
    port = _free_port()
    run = _start(folder, port, API_REQUESTS_PER_MINUTE="100000")
    _read_until(run, "Stop with Ctrl-C")
    threading.Thread(target=lambda: print(*(run.stdout or ()), sep=""), daemon=True).start()
    brand, key = shell(folder, port, PEOPLE, "PEOPLE").split()
    stop = threading.Event()
    clients = [Client(f"c{n}", f"http://127.0.0.1:{port}", key, brand, stop) for n in range(4)]
    for client in clients:
        client.start()
    time.sleep(3)
    _hurt(folder)
    stop.set()
    for client in clients:
        client.join(100)

    deadline = time.monotonic() + 330  # the longest lease of a killed worker is five minutes
    while True:
        found = history(folder)
        if (not found["pending"] and not found["unscored"]) or time.monotonic() > deadline:
            break
        time.sleep(3)
    wrong = [line for client in clients for line in client.wrong]
    assert wrong == [], (folder / "log" / "web.log").read_text()[-6000:]
    for kind in ("creators", "campaigns"):
        told = [token for client in clients for token in client.acknowledged[kind]]
        assert len(told) > 40, "the clients hardly wrote anything"
        assert [token for token in told if found[kind].get(token) != 1] == [], f"{kind} answered and not there once"
    assert set(found["created"].values()) == {1}
    assert len(found["created"]) == len(found["campaigns"])
    assert (found["pending"], found["failed"], found["unscored"]) == (0, 0, 0)
    assert found["indexed"] >= len(found["creators"])

    run.send_signal(signal.SIGINT)
    run.wait(60)
    print(
        f"{len(found['creators'])} creators and {len(found['campaigns'])} campaigns written under 6 faults, none lost"
    )
