"""Ten thousand generated bad requests: never a 500, never an answer that the description lacks."""

import pytest

from config.wsgi import application
from tests.cast import Cast
from tests.matrix import World
from tests.partners.fuzzing import fuzz, fuzz_world, operations, said  # noqa: F401  (a fixture)

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
