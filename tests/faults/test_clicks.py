"""300 clicks a second while web processes are killed and Redis is emptied: every answered redirect is a stored click."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connection

from accounts.actors import SYSTEM
from accounts.models import Brand, Workspace
from campaigns.models import Campaign, Click
from campaigns.services.tracking import create_link

pytestmark = pytest.mark.slow
SECONDS, THREADS, RATE = 16.0, 12, 300
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"
)


@pytest.fixture
def server(transactional_db: None) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """granian with two processes on the database of this test."""
    workspace = Workspace.objects.create(name="Fault", slug="fault")
    brand = Brand.objects.create(workspace=workspace, name="Fault")
    campaign = Campaign.objects.create(workspace=workspace, brand=brand, name="Fault", state="active")
    create_link(actor=SYSTEM, campaign=campaign, destination="https://shop.example.com/", slug="fault", resolve=False)
    given = connection.settings_dict
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{given['USER']}:{given['PASSWORD']}@{quote(given['HOST'], safe='')}:{given['PORT']}/{given['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "LINK_HITS_PER_MINUTE": "0",
    }
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws", "--workers", "2"]
    command += [
        "--blocking-threads",
        "4",
        "--respawn-failed-workers",
        "--respawn-interval",
        "0.5",
        "config.wsgi:application",
    ]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, start_new_session=True)
    try:
        for _n in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process, port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_no_answered_redirect_is_lost(server: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = server
    answered: set[str] = set()
    failed: set[str] = set()
    lock, end = threading.Lock(), time.monotonic() + SECONDS

    def visit(thread: int) -> None:
        number, client = 0, http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        while time.monotonic() < end:
            number += 1
            name = f"v{thread}-{number}.example"
            try:
                headers = {"User-Agent": AGENT, "Referer": f"https://{name}/", "Connection": "keep-alive"}
                client.request("GET", "/r/fault", headers=headers)
                answer = client.getresponse()
                answer.read()
                kept = answered if answer.status == 302 else failed
            except (OSError, http.client.HTTPException):
                client.close()
                kept = failed
                time.sleep(0.05)
            with lock:
                kept.add(name)
            time.sleep(THREADS / RATE / 2)

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    store = redis.Redis.from_url(settings.CACHES["default"]["LOCATION"])
    kills = 0
    while time.monotonic() < end - 2:
        time.sleep(2)
        workers = [child for child in psutil.Process(process.pid).children(recursive=True) if child.is_running()]
        if workers:
            os.kill(workers[kills % len(workers)].pid, signal.SIGKILL)
            kills += 1
        store.flushall()
    for thread in threads:
        thread.join()
    stored = list(Click.objects.values_list("referrer", flat=True))
    assert kills >= 2
    assert len(answered) > 300
    assert len(stored) == len(set(stored)), "a click was stored twice"
    assert answered <= set(stored), "an answered redirect has no click"
    # What is stored without an answer was cut off between the commit and the answer: in flight when its process died.
    assert set(stored) - answered <= failed
    assert len(set(stored) - answered) <= kills * 8
