"""What is installed is what was tested: pinned, hashed, and free of any one machine's addresses."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
PAIRS = ("requirements", "requirements-dev", "requirements-node")


def _asked(name: str) -> dict[str, Requirement]:
    lines = (line.split(" #")[0].strip() for line in (ROOT / f"{name}.in").read_text().splitlines())
    asked = [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]
    return {canonicalize_name(requirement.name): requirement for requirement in asked}


def _compiled(name: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of every compiled package."""
    text = (ROOT / f"{name}.txt").read_text()
    entries = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", text, flags=re.M)
    return {canonicalize_name(package): (version, hashes.count("--hash")) for package, version, hashes in entries}


@pytest.mark.parametrize("name", PAIRS)
def test_compiled_requirements_hold_what_was_asked(name: str) -> None:
    asked, compiled = _asked(name), _compiled(name)
    assert asked
    for package, requirement in asked.items():
        assert str(requirement.specifier) == f"=={compiled[package][0]}", f"run “make requirements”: {package}"
    assert [package for package, (_, hashes) in compiled.items() if not hashes] == []


@pytest.mark.parametrize("name", PAIRS)
def test_no_address_or_path_of_a_machine(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text()
    assert not re.search(
        r"https?:|file:/|--(?:extra-)?index-url|--find-links|--trusted-host|^-e |/home/|/opt/", text, re.M
    )


def test_tests_use_the_versions_that_run() -> None:
    runtime, development = _compiled("requirements"), _compiled("requirements-dev")
    shared = runtime.keys() & development.keys()
    assert {package for package in shared if runtime[package][0] != development[package][0]} == set()


def test_browser_libraries_are_exact_and_from_no_named_address() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    for path, entry in lock["packages"].items():
        assert "resolved" not in entry, path
        assert not path or entry["integrity"].startswith("sha512-"), path


def test_continuous_integration_runs_the_same_command_as_a_person() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text()


def _make(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {"PATH": os.environ["PATH"]} | environment
    return subprocess.run(["make", *words], cwd=ROOT, env=clean, capture_output=True, text=True)


def test_help_names_every_command() -> None:
    said = _make("help").stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), flags=re.M)
    assert targets is not None
    hidden = {"help", "install", "browser"}
    assert [name for name in targets[1].split() if name not in hidden and f"make {name}" not in said] == []


def test_missing_python_is_said_in_a_sentence(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    for python in ("", "false"):
        done = subprocess.run(
            ["make", "run", f"PYTHON={python}"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
        )
        assert done.returncode != 0
        assert "needs Python 3.11 or later" in done.stdout
        assert not (tmp_path / ".venv").exists()


def test_missing_chromium_is_said_with_its_remedy(tmp_path: Path) -> None:
    """On a machine whose package manager cannot be used."""
    for name in ("sh", "id"):
        (tmp_path / name).symlink_to(Path("/usr/bin") / name)
    done = subprocess.run(
        [ROOT / ".ci" / "install-chromium"], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "make test BROWSER=0" in done.stderr
    own = tmp_path / "browser"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    given = {"PATH": str(tmp_path), "CHROMIUM": str(own)}
    assert subprocess.run([ROOT / ".ci" / "install-chromium"], env=given).returncode == 0
