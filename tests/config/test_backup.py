"""A backup holds everything, a restore gives it back row by row or changes nothing."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from config import backup
from config.backup import BackupError, make_backup, read_manifest, restore_backup
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def quiet(_text: str) -> None:
    return None


@pytest.fixture
def empty() -> Iterator[dict[str, Any]]:
    """A second database on the same server."""
    settings = connection.settings_dict | {"NAME": f"{connection.settings_dict['NAME']}_restored"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {settings['NAME']}")
        cursor.execute(f"CREATE DATABASE {settings['NAME']}")
    yield settings
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {settings['NAME']} WITH (FORCE)")


def content(settings: dict[str, Any]) -> dict[str, str]:
    """table → hash of all its rows in one order."""
    other = backup._connect(settings)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            found = {}
            for (table,) in cursor.fetchall():
                cursor.execute(
                    f"SELECT md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM \"{table}\" t"
                )
                found[table] = cursor.fetchone()[0]
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
            found["triggers"] = str(cursor.fetchall())
            cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
            found["indexes"] = str(cursor.fetchall())
            return found
    finally:
        other.close()


def test_an_empty_machine_gets_everything_back(cast: Cast, tmp_path: Path, empty: dict[str, Any]) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "uploads" / "a").mkdir(parents=True)
    (here / "uploads" / "a" / "é.csv").write_bytes(b"\x00handle")
    there.mkdir()
    made = make_backup(connection.settings_dict, here, tmp_path / "b" / "resonance-1.tar", report=quiet)
    assert made.rows["accounts_user"] > 0
    assert made.path.stat().st_mode & 0o077 == 0

    rows = restore_backup(empty, there, made.path, report=quiet)
    assert rows == dict(made.rows)
    assert content(empty) == content(connection.settings_dict)
    assert (there / "uploads" / "a" / "é.csv").read_bytes() == b"\x00handle"

    with pytest.raises(BackupError, match="holds data already"):
        restore_backup(empty, there, made.path, report=quiet)
    assert restore_backup(empty, there, made.path, replace=True, report=quiet) == rows


def test_a_damaged_or_foreign_file_changes_nothing(cast: Cast, tmp_path: Path, empty: dict[str, Any]) -> None:
    made = make_backup(connection.settings_dict, tmp_path, tmp_path / "b" / "resonance-1.tar", report=quiet)
    whole = made.path.read_bytes()
    with tarfile.open(made.path) as archive:
        place = archive.getmember(backup.DUMP).offset_data + 5000
    for name, content_ in {
        "flipped.tar": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "cut.tar": whole[: len(whole) // 2],
        "text.tar": b"hello",
        "empty.tar": b"",
    }.items():
        broken = tmp_path / name
        broken.write_bytes(content_)
        with pytest.raises(BackupError):
            restore_backup(empty, tmp_path, broken, report=quiet)
        assert backup._count(empty) == {}
    with pytest.raises(BackupError, match="no backup"):
        read_manifest(tmp_path / "absent.tar")
    with pytest.raises(BackupError, match="exists already"):
        make_backup(connection.settings_dict, tmp_path, made.path, report=quiet)


def test_a_restore_that_fails_in_the_middle_leaves_what_was_there(
    cast: Cast, tmp_path: Path, empty: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_backup(connection.settings_dict, tmp_path, tmp_path / "b" / "resonance-1.tar", report=quiet)
    restore_backup(empty, tmp_path, made.path, report=quiet)
    before = content(empty)
    run = backup._run

    def spoil(database: dict[str, Any], program: str, *arguments: str) -> None:
        run(database, program, *arguments)
        if program == "pg_restore" and "-f" in arguments:
            script = Path(arguments[arguments.index("-f") + 1])
            script.write_text(script.read_text() + "\nSELECT * FROM nowhere;\n")

    monkeypatch.setattr(backup, "_run", spoil)
    with pytest.raises(BackupError, match="nowhere"):
        restore_backup(empty, tmp_path, made.path, replace=True, report=quiet)
    assert content(empty) == before
