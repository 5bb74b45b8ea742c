"""Bad requests by the hundred (by ten thousand in `make faults`): never a 500, never an answer the schema lacks."""

import pytest

from campaigns.services import campaigns
from config.wsgi import application
from tests.cast import Cast
from tests.matrix import World
from tests.partners.fuzzing import fuzz, fuzz_world, operations, said  # noqa: F401  (a fixture)


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
