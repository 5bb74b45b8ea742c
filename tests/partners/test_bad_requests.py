"""Bad requests by the hundred (by ten thousand in `make faults`): never a 500, never an answer the schema lacks."""

from collections.abc import Iterator

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from accounts.api import endpoint
from campaigns.services import campaigns
from config.wsgi import application
from tests.cast import Cast
from tests.matrix import World
from tests.partners.fuzzing import Run, fuzz, operations


def said(run: Run) -> str:
    return "\n\n".join(f"{name}\n{text[:1500]}" for name, text in run.found.items())


@pytest.fixture
def world(cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The matrix's things; requests stay in the test's transaction, as with Django's own test client."""
    settings.API_REQUESTS_PER_MINUTE = 10_000_000
    monkeypatch.setattr(endpoint, "ANONYMOUS_PER_MINUTE", 10_000_000)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield World.of(cast)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_a_few_hundred_generated_requests_find_nothing(world: World, cast: Cast) -> None:
    run = fuzz(world, operations(application), cast.key, each=1)
    assert not run.found, said(run)
    assert run.cases >= 200, run.cases
    assert 500 not in run.statuses


def test_a_planted_fault_behind_a_body_is_found(world: World, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary: a fault deep in a use-case that only a good body reaches. Were it not found, the rest says nothing."""

    def broken(**_given: object) -> None:
        raise ZeroDivisionError("canary")

    monkeypatch.setattr(campaigns, "create_campaign", broken)
    wanted = [one for one in operations(application) if (one.method, one.path) == ("post", "/api/v1/campaigns")]
    run = fuzz(world, wanted, cast.key, each=1)
    assert "canary" in said(run) or "Server error" in said(run), run


@pytest.mark.slow
def test_ten_thousand_generated_requests_find_nothing_and_reach_every_body(world: World, cast: Cast) -> None:
    found = operations(application)
    run = fuzz(world, found, cast.key, each=10_000 // (2 * len(found)) + 1, seed_number=11)
    print(f"{run.cases} requests, answers {dict(sorted(run.statuses.items()))}")
    assert not run.found, said(run)
    assert run.cases >= 10_000
    writes = {f"{one.method.upper()} {one.path}" for one in found if one.method != "get" and one.body}
    assert {"POST /api/v1/campaigns", "POST /api/v1/brands", "POST /api/v1/webhook-endpoints"} <= set(run.done)
    assert len(writes & set(run.done)) >= len(writes) // 2, sorted(writes - set(run.done))
