"""`python -m config.run`, which `make run` calls: really started, hurt and stopped."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config.processes import runs

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def folder() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="resonance-"))
    prepared = ROOT / "var" / "semantics"
    if prepared.exists():
        (directory / "semantics").symlink_to(prepared)
    yield directory
    for process in _processes(directory):
        process.kill()
    shutil.rmtree(directory)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(directory: Path, port: int, **more: str) -> dict[str, str]:
    mine = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "HOME": str(directory)}
    return mine | {"VAR_DIR": str(directory), "PORT": str(port), "DEMO": "0"} | more


def _start(directory: Path, port: int, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "config.run"],
        cwd=ROOT,
        env=_environment(directory, port, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _said(directory: Path, port: int, **more: str) -> tuple[int, str]:
    process = _start(directory, port, **more)
    said, _ = process.communicate(timeout=90)
    return process.returncode, said


def _read_until(process: subprocess.Popen[str], text: str) -> str:
    """What was printed up to `text`; ends with the process, so the timeout of the test is the only clock."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            break
    return "".join(lines)


def _answers(port: int, path: str = "/health/ready", seconds: float = 20) -> int:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            if time.monotonic() > deadline:
                return error.code
        except OSError:
            if time.monotonic() > deadline:
                return 0
        time.sleep(0.2)


def _processes(directory: Path) -> list[psutil.Process]:
    """Everything started for this folder: named by it on the command line, or told so by its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            mine = str(directory) in " ".join(process.cmdline()) or process.environ().get("VAR_DIR") == str(directory)
            if mine and runs(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _logged_pids(folder: Path) -> dict[str, int]:
    return {entry["name"]: entry["pid"] for entry in json.loads((folder / "run" / "processes.json").read_text())}


def test_one_life_of_a_folder(folder: Path) -> None:
    """First start, a second one refused, a killed web server, a killed run, a quick start after it, a clean end."""
    port = _free_port()
    first = _start(folder, port)
    said = _read_until(first, "Stop with Ctrl-C")
    assert f"Resonance runs at http://localhost:{port}" in said
    assert _answers(port) == 200

    code, refused = _said(folder, _free_port())
    assert code == 1
    assert f"Resonance already runs from this folder (process {first.pid}, port {port})" in refused

    noted = _logged_pids(folder)
    assert set(noted) == {"Web server", "Worker", "Beat"}
    os.kill(noted["Web server"], signal.SIGKILL)
    assert "Web server ended by signal SIGKILL" in _read_until(first, "ended")
    assert "Web server started again" in _read_until(first, "again")
    assert _answers(port) == 200

    first.kill()
    first.communicate()
    begin = time.monotonic()
    second = _start(folder, port)
    said += _read_until(second, "Stop with Ctrl-C")
    assert time.monotonic() - begin < 20
    assert _answers(port) == 200

    second.send_signal(signal.SIGINT)
    rest, _ = second.communicate(timeout=40)
    assert second.returncode == 0
    assert "Stopped. Everything is kept" in rest
    assert "Traceback" not in said + rest
    assert _processes(folder) == []


def test_port_in_use(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = _said(folder, port)
    assert code == 1
    assert f"Port {port} is in use. Choose another: make run PORT={port + 1}" in said
    assert "Traceback" not in said
    assert _processes(folder) == []


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("PORT", "http", "PORT is “http”, which is no port"),
        ("PORT", "70000", "which is no port"),
        ("HOST", "256.1.1.1", "HOST is “256.1.1.1”, which is no address of this machine"),
        ("HOST", "203.0.113.7", "Cannot listen on 203.0.113.7"),
        ("DATABASE_URL", "mysql://a/b", "DATABASE_URL must look like postgres://"),
        ("DATABASE_URL", "postgres://a@127.0.0.1:1/b", "Check DATABASE_URL"),
        ("REDIS_URL", "localhost", "REDIS_URL must look like redis://"),
    ],
)
def test_settings_that_cannot_work(folder: Path, variable: str, value: str, expected: str) -> None:
    code, said = _said(folder, _free_port(), **{variable: value})
    assert code == 1
    assert expected in said
    assert "Traceback" not in said
    assert len([line for line in said.splitlines() if line.startswith("!")]) == 1
    assert _processes(folder) == []


def test_public_address_with_the_demo_is_warned_about(capsys: pytest.CaptureFixture[str]) -> None:
    from config.welcome import show_warnings

    show_warnings(public=False)
    assert capsys.readouterr().out == ""
    show_warnings(public=True)
    warned = capsys.readouterr().out
    assert "public passwords" in warned
    assert "ALLOWED_HOSTS" in warned


def test_logins_of_the_demo_are_shown_as_a_table(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from config import welcome

    monkeypatch.setattr(welcome, "VAR_DIR", folder)
    logins = [{"role": "Brand owner", "email": "a@example.org", "password": "p w", "path": "/home"}]
    (folder / "demo_logins.json").write_text(json.dumps(logins))
    welcome.show_welcome("8000")
    shown = capsys.readouterr().out
    assert "Brand owner  a@example.org  p w       /home" in shown
    (folder / "demo_logins.json").write_text("not json")
    welcome.show_welcome("8000")
    assert "Demo login" not in capsys.readouterr().out
