"""A partner's day as its script stands in the docs, and the typed client, against a served site."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps

from accounts import events, mail
from accounts.models import Mail
from accounts.webhooks import delivery
from matching.services.recompute import rescore_stale
from tests.cast import Cast
from tests.partners.receiver import receiver

ROOT = Path(__file__).parents[2]
CREATORS = 1000
# What may grow although nothing changed: the log of requests, and what their keys answered.
LOGS = {"ApiRequest", "ApiUsage", "IdempotentAnswer", "Provenance", "Session"}
# What the second run finds as the first left it.
SAME = ("endpoint", "campaign", "match", "partnership")


def rows() -> dict[str, int]:
    ours = (model for name in ("accounts", "matching", "campaigns") for model in apps.get_app_config(name).get_models())
    return {model.__name__: model._default_manager.count() for model in ours if model.__name__ not in LOGS}


def settle() -> None:
    rescore_stale()
    while events.drain():
        pass
    mail.deliver()
    delivery.deliver_due()


def run(**names: str) -> dict:
    script = ROOT / "docs" / "examples" / "partner_day.py"
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=200, env=os.environ | names
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.django_db(transaction=True)
def test_a_partner_s_day_twice(cast: Cast, live_server: object, settings: object) -> None:
    with receiver() as system:
        settings.OUTBOUND_ALLOWED_HOSTS = [system.host]
        names = {"BASE": live_server.url, "KEY": cast.key, "HOOK": system.url, "CREATORS": str(CREATORS)}
        first = run(**names)
        assert first["stored"] == {"rows": 2 * CREATORS, "rejected": 0}
        assert first["state"] == "invited"
        settle()
        letter = Mail.objects.get(to="creator@example.org")
        link = re.search(r"/i/[^\s\"<>]+", letter.text)
        assert link
        creator = cast.browser(None, "fr")
        page = creator.get(f"{link[0].rstrip('/')}/accept/").content.decode()
        offer = re.search(r'name="offer" value="([^"]+)"', page)
        assert offer, page
        creator.post(f"{link[0].rstrip('/')}/accept/", {"offer": offer[1]})
        settle()
        told = system.verified(first["secret"])
        assert next(one["type"] for one in told) == "partnership.invited"
        assert [one["type"] for one in told][-1] == "partnership.accepted"
        assert told[-1]["data"]["object"]["id"] == first["partnership"]

        before, heard = rows(), len(system.taken)
        again = run(**names)
        settle()
        assert {name: again[name] for name in SAME} == {name: first[name] for name in SAME}
        assert again["state"] == "accepted"
        assert {name: (before[name], count) for name, count in rows().items() if before[name] != count} == {}
        assert len(system.taken) == heard


@pytest.mark.django_db(transaction=True)
def test_the_generated_client_speaks_the_dialect(cast: Cast, live_server: object, tmp_path: Path) -> None:
    tool = Path(sys.executable).with_name("openapi-python-client")
    command = [
        tool,
        "generate",
        "--path",
        ROOT / "openapi.yaml",
        "--output-path",
        tmp_path / "resonance_client",
        "--meta",
        "none",
    ]
    made = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert made.returncode == 0, made.stdout + made.stderr
    program = """
import os
from resonance_client import AuthenticatedClient
from resonance_client.api.brands import brands_create, brands_list
from resonance_client.api.conversions import conversions_create
from resonance_client.api.matches import searches_run
from resonance_client.api.webhooks import webhook_endpoints_create
from resonance_client.models import BrandWrite, ConversionWrite, Problem, WebhookEndpointWrite

client = AuthenticatedClient(base_url=os.environ["BASE"], token=os.environ["KEY"])
page = brands_list.sync(client=client, limit=5)
assert [brand.name for brand in page.data] == ["Alma Botanica"], page
made = brands_create.sync_detailed(client=client, body=BrandWrite(name="Deux"), idempotency_key="once")
assert made.status_code == 201, made
refused = webhook_endpoints_create.sync(client=client, body=WebhookEndpointWrite(url="http://10.0.0.1/"))
assert isinstance(refused, Problem) and refused.errors[0].pointer == "/url", refused
told = conversions_create.sync_detailed(client=client, body=ConversionWrite(order_id="o-9", amount="12.50", currency="EUR"))
assert told.status_code == 201 and told.parsed.amount == "12.50", told
again = conversions_create.sync_detailed(client=client, body=ConversionWrite(order_id="o-9", amount="12.50", currency="EUR"))
assert (again.status_code, again.parsed.id) == (200, told.parsed.id), again
found = searches_run.sync(client=client, platform="instagram")
assert found.total_estimate == 0 and found.facets is not None, found
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=tmp_path,
        env=os.environ | {"BASE": live_server.url, "KEY": cast.key, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
