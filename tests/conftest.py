"""Servers and browser that every test may use."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connections
from django.utils import translation

from config.embedded import Servers
from tests import schema_template

pytest_plugins = ["tests.cast"]

_servers = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """One throw-away PostgreSQL and Redis per run, shared by the workers (each has its own databases there)."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    directory = Path(os.environ["RESONANCE_TEST_DIR"])
    directory.mkdir(mode=0o711)
    _servers.callback(shutil.rmtree, directory, ignore_errors=True)
    (directory / "static").mkdir()
    _servers.enter_context(Servers(directory, durable=False).held(die_with_parent=True))
    if template := schema_template.prepare():
        os.environ["RESONANCE_TEST_TEMPLATE"] = template


def pytest_unconfigure() -> None:
    _servers.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Every worker's database is a copy of the migrated one."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = os.environ.get("RESONANCE_TEST_TEMPLATE")


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_append_only_tables() -> Iterator[None]:
    """Transactional tests empty every table afterwards; the triggers that refuse it in the product stand aside for that."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    own = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        own(self, ["SET LOCAL session_replication_role = replica", *sql_list] if sql_list else sql_list)

    DatabaseOperations.execute_sql_flush = flush
    yield
    DatabaseOperations.execute_sql_flush = own


@pytest.fixture(autouse=True)
def _language_of_its_own() -> Iterator[None]:
    """A request in French leaves its thread in French; the next test must not inherit that."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    """pytest-playwright with the system's Chromium; no browser is downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.fail("No Chromium found. Install it (apt-get install chromium) or set CHROMIUM to its path.")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    # Chromium's own sandbox does not start as root, which is what containers and CI use.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": found, "args": [*quiet, *sandbox]}
