"""The embedded servers, started, killed and broken for real in folders of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from config.embedded import Servers, database_settings, prepare_directory, redis_url
from config.embedded_postgres import PostgresServer
from config.embedded_redis import RedisServer
from config.environment import StartError
from config.processes import runs, wait_for_end

ROOT = Path(__file__).resolve().parent.parent.parent
HOLDER = """
import sys, time
from pathlib import Path
from config.embedded import Servers
with Servers(Path(sys.argv[1])).held():
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of its own: pytest's takes passage through it away again whenever a worker first asks for one."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    directory = Path(tempfile.mkdtemp(prefix="resonance-"))
    yield directory
    for process in _processes(directory):
        process.kill()
    shutil.rmtree(directory)


@pytest.fixture
def folder(place: Path) -> Path:
    """An empty VAR_DIR whose servers are gone at the end, whatever the test did to them."""
    return place / "var"


def _servers(directory: Path, said: list[str] | None = None) -> Servers:
    return Servers(directory, durable=False, report=(said if said is not None else []).append)


def _query(directory: Path, sql: str) -> list[tuple]:
    settings = database_settings(directory)
    connection = psycopg2.connect(host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"])
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def _processes(directory: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if str(directory) in " ".join(process.cmdline()) and runs(process) and process.pid != os.getpid():
                found.append(process)
        except psutil.Error:
            continue
    return found


def _holder(directory: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(directory)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    while line and line != "up\n":
        line = process.stdout.readline()
    assert line == "up\n"
    return process


def test_real_servers_keep_their_data_and_leave_nothing_running(folder: Path) -> None:
    with _servers(folder).held():
        _query(folder, "CREATE EXTENSION vector; CREATE TABLE kept (v vector(3)); INSERT INTO kept VALUES ('[1,2,3]')")
        version = _query(folder, "SELECT extversion FROM pg_extension WHERE extname = 'vector'")[0][0]
        assert tuple(map(int, version.split("."))) >= (0, 8, 4)
        assert _query(folder, "SHOW server_version_num")[0][0] >= "180000"
        client = redis.Redis.from_url(redis_url(folder))
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert _processes(folder) == []
    with _servers(folder).held():
        assert _query(folder, "SELECT v <-> '[1,2,3]' FROM kept") == [(0.0,)]
    assert _processes(folder) == []


def test_nobody_else_may_connect(folder: Path) -> None:
    """Trust authentication is only as good as the folder around the socket; nothing listens on a port."""
    with _servers(folder).held():
        assert (folder / "postgres").stat().st_mode & 0o077 == 0
        assert (folder / "redis").stat().st_mode & 0o077 == 0
        assert _query(folder, "SHOW listen_addresses") == [("",)]
        assert redis.Redis.from_url(redis_url(folder)).config_get("port") == {"port": "0"}
        assert [p for p in _processes(folder) if p.net_connections(kind="inet")] == []


@pytest.mark.parametrize("victim", ["holder", "everything"])
def test_kill_9_heals_at_the_next_start(folder: Path, victim: str) -> None:
    holder = _holder(folder)
    _query(folder, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    holder.kill()
    holder.wait()
    if victim == "everything":
        for process in _processes(folder):
            process.kill()
    with _servers(folder).held():
        assert _query(folder, "SELECT n FROM kept") == [(7,)]
        assert redis.Redis.from_url(redis_url(folder)).ping()
    assert _processes(folder) == []


def test_servers_stay_until_the_last_holder_lets_go(folder: Path) -> None:
    holder = _holder(folder)
    with _servers(folder).held():
        assert _query(folder, "SELECT 1") == [(1,)]
    assert _query(folder, "SELECT 2") == [(2,)]
    holder.communicate("")
    assert _processes(folder) == []


def test_a_dead_server_is_revived(folder: Path) -> None:
    said: list[str] = []
    with _servers(folder, said).held() as servers:
        postgres, memory = servers.running["PostgreSQL"], servers.running["Redis"]
        for server in (postgres, memory):
            process = server._process()
            assert process is not None
            process.kill()
            assert wait_for_end(process, 5)
        servers.revive()
        assert _query(folder, "SELECT 1") == [(1,)]
        assert redis.Redis.from_url(redis_url(folder)).ping()
    assert [text.split()[0] for text in said if "ended" in text] == ["PostgreSQL", "Redis"]


def test_lock_file_that_names_another_program(folder: Path) -> None:
    """After a reboot the old process id may belong to anything; PostgreSQL alone would refuse to start."""
    with _servers(folder).held():
        pass
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        lock = folder / "postgres" / "data" / "postmaster.pid"
        lock.write_text(f"{other.pid}\n{lock.parent}\n1\n5432\n{folder / 'postgres'}\n\n1 1\nready\n")
        with _servers(folder).held():
            assert _query(folder, "SELECT 1") == [(1,)]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_unreadable_redis_file_is_put_aside(folder: Path) -> None:
    prepare_directory(folder)
    (folder / "redis").mkdir(mode=0o700)
    (folder / "redis" / "appendonly.aof").write_bytes(b"\x00nonsense\xff" * 100)
    said: list[str] = []
    server = RedisServer(folder / "redis", folder / "log" / "redis.log", report=said.append)
    server.start()
    assert redis.Redis.from_url(redis_url(folder)).ping()
    assert len(list((folder / "redis").glob("*.broken-*"))) == 1
    assert any("starts empty" in text for text in said)
    server.stop()


def test_redis_that_hangs_is_replaced(folder: Path) -> None:
    with _servers(folder).held() as servers:
        process = servers.running["Redis"]._process()
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        servers.running["Redis"].start()
        assert not runs(process)
        assert redis.Redis.from_url(redis_url(folder)).ping()


def test_interrupted_initdb_leaves_no_half_cluster(folder: Path) -> None:
    half = folder / "postgres" / "data.new"
    half.mkdir(parents=True, mode=0o700)
    (half / "PG_VERSION").write_text("18\n")
    with _servers(folder).held():
        assert _query(folder, "SELECT 1") == [(1,)]
    assert not half.exists()


def _break_version(folder: Path) -> None:
    (folder / "postgres" / "data" / "PG_VERSION").write_text("15\n")


def _break_marker(folder: Path) -> None:
    (folder / "postgres" / "data" / "PG_VERSION").unlink()


def _break_control(folder: Path) -> None:
    (folder / "postgres" / "data" / "global" / "pg_control").unlink()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (_break_version, "was made by PostgreSQL 15, this is 18"),
        (_break_marker, "is not a complete PostgreSQL cluster"),
        (_break_control, "PostgreSQL did not start: "),
    ],
)
def test_damage_is_told_in_a_sentence_with_a_remedy(folder: Path, damage, expected: str) -> None:
    with _servers(folder).held():
        pass
    damage(folder)
    with pytest.raises(StartError) as caught, _servers(folder).held():
        pass
    message = str(caught.value)
    assert expected in message
    assert "move" in message.lower()
    assert "\n" not in message
    assert str(folder) in message
    assert _processes(folder) == []


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("x")
    with pytest.raises(StartError, match=r"is a file\. Move it away, or set VAR_DIR"):
        prepare_directory(occupied)
    with pytest.raises(StartError, match="VAR_DIR"):
        prepare_directory(Path("/proc/nowhere"))


@pytest.mark.parametrize("name", ["with space é 'quote' %41", "deep/" * 12 + "long" * 12])
def test_unusual_folders(place: Path, name: str) -> None:
    """Socket paths have a length limit, addresses an alphabet; neither may decide where a person keeps the folder."""
    directory = place / name / "var"
    with _servers(directory).held():
        assert _query(directory, "SELECT 1") == [(1,)]
        client = redis.Redis.from_url(redis_url(directory))
        client.set("a", "b")
        assert client.get("a") == b"b"
        from kombu import Connection

        from config.environment import redis_database

        with Connection(redis_database(redis_url(directory), 0, for_broker=True)) as broker:
            queue = broker.SimpleQueue("q")
            queue.put({"n": 1})
            assert queue.get(timeout=2).payload == {"n": 1}
            queue.close()


def test_given_servers_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere")
    with _servers(tmp_path / "var").held() as servers:
        assert servers.running == {}
    assert not (tmp_path / "var").exists()
    monkeypatch.delenv("REDIS_URL")
    assert list(_servers(tmp_path / "var").running) == ["Redis"]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it compares what root and others see")
def test_as_root_postgresql_runs_as_another_account_and_opens_no_folder_to_everyone(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    directory = closed / "var"
    prepare_directory(directory)
    said: list[str] = []
    server = PostgresServer(directory / "postgres", directory / "log" / "p.log", durable=False, report=said.append)
    server.start()
    try:
        process = server._process()
        assert process is not None
        assert process.uids().real != 0
        assert closed.stat().st_mode & 0o007 == 0
        assert any("may now pass through" in text for text in said)
    finally:
        server.stop()
    begin = time.monotonic()
    server.start()
    server.stop()
    assert time.monotonic() - begin < 10
