"""The production shape cannot be started by these tests, so its files are read with care instead."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from config.celery import QUEUES

ROOT = Path(settings.BASE_DIR)
APPLICATION = {"migrate", "web", "worker", "beat"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_services(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == APPLICATION | {"postgres", "redis", "caddy"}
    assert compose["services"]["postgres"]["image"].startswith("pgvector/pgvector:")
    # Two workers by --scale need names and ports of their own; beat must stay alone.
    assert not {"container_name", "ports"} & set(compose["services"]["worker"])
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["caddy"]


def test_every_image_has_a_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values() if "build" not in service]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), flags=re.M)
    assert len(images) >= 5
    assert [image for image in images if not re.search(r":\d", image)] == []


def test_every_lasting_service_has_a_healthcheck(compose: dict[str, Any]) -> None:
    lasting = {name for name in compose["services"] if name != "migrate"}
    assert {name for name, service in compose["services"].items() if "healthcheck" in service} == lasting
    assert compose["services"]["migrate"]["restart"] == "no"


def test_start_order(compose: dict[str, Any]) -> None:
    """Nobody asks a database without tables; the door opens last."""
    services = compose["services"]
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in APPLICATION - {"migrate"}:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["caddy"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_no_secret_is_written_down(compose: dict[str, Any]) -> None:
    secret = re.compile(r"SECRET|PASSWORD|KEY|TOKEN")
    for name, service in compose["services"].items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{name}: {variable}"
    text = (ROOT / "docker-compose.yml").read_text()
    passwords = re.findall(r"://\w+:(\$\{\w+:\?[^}]+\}|[^@\s]+)@", text)
    assert len(passwords) == 1
    assert passwords[0].startswith("${POSTGRES_PASSWORD:?")


def test_application_environment_satisfies_production(compose: dict[str, Any]) -> None:
    from tests.config.test_production_settings import COMPLETE

    for name in APPLICATION:
        given = compose["services"][name]["environment"]
        assert set(COMPLETE) <= set(given)
        assert given["BASE_URL"].startswith("https://")
        assert given["TRUSTED_PROXIES"] == "1"


def test_worker_serves_every_queue_that_tasks_are_routed_to(compose: dict[str, Any]) -> None:
    queues = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    command = " ".join(compose["services"]["worker"]["command"])
    served = re.search(r"--queues=(\S+)", command)
    assert served is not None
    assert tuple(served[1].split(",")) == QUEUES
    assert queues <= set(QUEUES)


def test_volumes_are_declared_and_data_is_kept(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")
    }
    assert used == set(compose["volumes"])
    # PostgreSQL 18 images keep their data one level higher than earlier ones did.
    assert "postgres:/var/lib/postgresql" in compose["services"]["postgres"]["volumes"]
    assert all(
        (ROOT / path.split(":")[0]).exists() for path in compose["services"]["caddy"]["volumes"] if path[0] == "."
    )


def test_image_holds_no_secret_and_runs_as_an_ordinary_user() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert re.search(r"^USER (?!root)\w+", text, flags=re.M)
    assert not re.search(r"^(ENV|ARG).*(SECRET_KEY|PASSWORD|PSEUDONYM_KEY)", text, flags=re.M)
    assert "--require-hashes" in text
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", "var"} <= set(ignored)
