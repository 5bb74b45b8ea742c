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


PARTS = 8


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_generated_requests_find_nothing_and_reach_the_bodies(world: World, cast: Cast, part: int) -> None:
    """Together ten thousand; every part has reading and writing operations."""
    found = operations(application)
    mine = found[part::PARTS]
    run = fuzz(world, mine, cast.key, each=10_000 // (2 * len(found)) + 30, seed_number=11)
    print(f"{run.cases} requests, answers {dict(sorted(run.statuses.items()))}, carried out {dict(run.done)}")
    assert not run.found, said(run)
    assert run.cases >= 10_000 // PARTS
    assert run.done, "no write of this part was ever carried out"
