"""A real streaming replica: searches read there, and go on when it dies."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from accounts import replica
from accounts.models import Creator
from config.embedded_paths import make_private
from config.embedded_postgres import PostgresServer, programs
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default"]), pytest.mark.timeout(120)]


@replica.reads
def where() -> tuple[bool, int]:
    """(whether read from a standby, creators seen)"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        return bool(cursor.fetchone()[0]), Creator.objects.count()


@pytest.fixture
def standby(cast: Cast) -> Iterator[PostgresServer]:
    directory = Path(tempfile.mkdtemp(prefix="resonance-replica-"))
    directory.chmod(0o711)
    (directory / "log").mkdir()
    server = PostgresServer(
        directory / "postgres", directory / "log" / "postgres.log", durable=False, report=lambda _text: None
    )
    from config.privileges import grant_passage, server_account

    server.account = server_account(server.directory)
    make_private(server.directory, server.account)
    if server.account:
        grant_passage(server.account, server.data)
        grant_passage(server.account, programs() / "postgres")
    source = connection.settings_dict
    copied = server._run(
        "pg_basebackup", "-h", source["HOST"], "-p", str(source["PORT"]), "-U", source["USER"],
        "-D", str(server.data), "-R", "-X", "stream", "-c", "fast", "--no-sync",
    )  # fmt: skip
    assert copied.returncode == 0, copied.stdout
    server.start(die_with_parent=True)
    there: dict[str, Any] = {**source, "HOST": str(server.socket), "OPTIONS": {"connect_timeout": 2}}
    settings.DATABASES[replica.ALIAS] = there
    # Under the name of the default one, because Django's tests refuse every database they did not make.
    connections[replica.ALIAS] = type(connections["default"])(there, "default")
    replica._asked = 0.0
    yield server
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS], settings.DATABASES[replica.ALIAS]
    replica._asked, replica._lag = 0.0, None
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


def test_reads_from_the_replica_and_goes_on_without_it(cast: Cast, standby: PostgresServer) -> None:
    deadline = time.monotonic() + 20
    Creator.objects.create(display_name="New")
    seen = Creator.objects.count()
    while where() != (True, seen):
        assert time.monotonic() < deadline, "the replica never caught up"
        time.sleep(0.1)
        replica._asked = 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery()")
        assert cursor.fetchone() == (False,), "outside of the function it is the primary again"

    process = standby._process()
    assert process is not None
    process.kill()
    process.wait(10)
    assert where() == (False, seen), "answered by the primary, though the replica died since it was asked"
    begin = time.monotonic()
    assert where() == (False, seen)
    assert time.monotonic() - begin < 1, "a dead replica is not waited for at every search"

    standby.start(die_with_parent=True)
    deadline = time.monotonic() + 20
    while where() != (True, seen):
        assert time.monotonic() < deadline, "the replica came back and is not used"
        replica._asked = 0.0
        time.sleep(0.1)


def test_what_this_transaction_wrote_is_read_from_the_primary(cast: Cast, standby: PostgresServer) -> None:
    with transaction.atomic():
        Creator.objects.create(display_name="Only here")
        assert where() == (False, Creator.objects.count())
