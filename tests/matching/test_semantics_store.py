"""The prepared space on disk: made once, whole or not at all, whoever asks and whatever dies."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from matching.semantics import sources, store

# Runs `store.prepare` in a process of its own, with arrays that take a moment to write but none to compute.
PROGRAM = """
import sys, time
from pathlib import Path
import numpy as np
from matching.semantics import sources, store

def write(folder):
    for name in store._ARRAYS:
        np.save(folder / f"{name}.npy", np.arange(8))
        print("writing", flush=True)
        time.sleep(float(sys.argv[2]))
    sizes = {path.name: path.stat().st_size for path in folder.glob("*.npy")}
    (folder / "meta.json").write_bytes(sources.canonical({"sizes": sizes}))

store._write = write
print("made" if store.prepare(Path(sys.argv[1])) else "there", flush=True)
"""


def start(root: Path, pause: float) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(root), str(pause)], stdout=subprocess.PIPE, text=True)


def test_two_processes_make_it_once(tmp_path: Path) -> None:
    running = [start(tmp_path, 0.05) for _ in range(3)]
    told = [process.communicate(timeout=60)[0].splitlines()[-1] for process in running]
    assert sorted(told) == ["made", "there", "there"]
    assert store.is_prepared(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [store.version()]


def test_a_killed_process_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    process = start(tmp_path, 0.2)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not store.is_prepared(tmp_path)
    assert start(tmp_path, 0).communicate(timeout=60)[0].splitlines()[-1] == "made"
    assert store.is_prepared(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [store.version()]


@pytest.mark.parametrize("harm", ["cut", "gone", "meta"])
def test_a_damaged_space_is_made_anew(tmp_path: Path, harm: str) -> None:
    assert start(tmp_path, 0).communicate(timeout=60)[0].splitlines()[-1] == "made"
    folder = tmp_path / store.version()
    if harm == "cut":
        os.truncate(folder / "table.npy", 10)
    elif harm == "gone":
        (folder / "keys.npy").unlink()
    else:
        (folder / "meta.json").write_text("{")
    assert not store.is_prepared(tmp_path)
    assert start(tmp_path, 0).communicate(timeout=60)[0].splitlines()[-1] == "made"
    assert store.is_prepared(tmp_path)


def test_the_real_space_is_loaded_in_under_a_second() -> None:
    store.prepare(settings.SEMANTICS_DIR)
    started = time.perf_counter()
    encoder = store.load(settings.SEMANTICS_DIR)
    assert encoder.encode(["bonjour"]).any()
    assert time.perf_counter() - started < 1
    meta = json.loads((settings.SEMANTICS_DIR / store.version() / "meta.json").read_text())
    assert meta["sources"] == sources.versions()


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prepare_semantics")
    assert store.version() in capsys.readouterr().out


def test_the_command_names_a_folder_it_cannot_write(tmp_path: Path, settings) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    settings.SEMANTICS_DIR = blocked / "semantics"
    with pytest.raises(CommandError, match="file/semantics"):
        call_command("prepare_semantics")


def test_old_versions_are_removed_on_request(tmp_path: Path) -> None:
    for name in ("s0-0000000000", store.version(), "other"):
        (tmp_path / name).mkdir()
    assert store.prune(tmp_path) == ["s0-0000000000"]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["other", store.version()])


def test_french_keys_are_those_of_the_vocabulary() -> None:
    # MurmurHash64A, seed 1, as spaCy writes it: a spelling is found under its key, a non-word is not.
    french = sources.French()
    rows = french.rows(["chat", "cosmétique", "décoration", "xqzvbnkj"])
    assert (rows[:3] >= 0).all()
    assert rows[3] == -1
    assert len(np.unique(rows[:3])) == 3
    assert french.lemmas(["recettes", "xqzvbnkj"]) == ["recette", "xqzvbnkj"]
