"""Generated requests against the real application: schemathesis makes them, things of the matrix give the ids.

Every request runs in a savepoint that is taken back, so that the things it needs stay as they are. Addresses and
references in bodies mostly name real things: otherwise each request would end at a 404 and no body would be read.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode

from accounts.api import endpoint
from tests.cast import Cast
from tests.matrix import World

# What our dialect says beyond the tool's habits: 422 for what is well formed and cannot be, 412 for an old ETag,
# 304 for a known one; a known parameter with a value that does not exist is 400.
CONFIG = {
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", "304", "400", "401", "403", "404", "409", "412", "422", "429"]
        },
        "negative_data_rejection": {
            "expected-statuses": ["304", "400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "429"]
        },
    },
    # A bulk call has a result for each row: a row that cannot be is named in an answer 200, the others are stored.
    "operations": [
        {
            "include-path-regex": "/bulk$",
            "checks": {"negative_data_rejection": {"expected-statuses": ["200", "400", "401", "403", "422"]}},
        }
    ],
}
# Which of the matrix's things stands for {id} under an address, and for a reference in a body.
THINGS = {
    "brands": "brand", "jobs": "job", "events": "event", "creators": "creator", "accounts": "account", "posts": "post",
    "comments": "comment", "matches": "match", "campaigns": "campaign", "briefs": "brief", "partnerships": "partnership",
    "shortlists": "campaign", "webhook-endpoints": "endpoint", "webhook-deliveries": "delivery", "imports": "job",
    "scores": "scored", "offers": "offer", "drafts": "draft_version", "contracts": "contract", "payments": "payment",
    "deliverables": "deliverable", "disclosure-checks": "check", "links": "tracked_link", "codes": "promo_code",
    "conversions": "conversion", "contents": "content", "reports": "report", "suggestions": "suggestion",
    "messages": "message", "shipments": "parcel",
}  # fmt: skip
REFERENCES = {
    "brand": "brand", "campaign": "campaign", "creator": "creator", "creators": "creator", "partnership": "partnership",
}  # fmt: skip
KINDS = ("json", "pdf", "csv", "xlsx")


@dataclass
class Run:
    """cases: requests made. done: writes that were carried out, by operation. found: what checks said, by operation."""

    cases: int = 0
    done: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    found: dict[str, str] = field(default_factory=dict)


def operations(application: Any) -> list[Any]:
    config = SchemathesisConfig.from_dict(CONFIG)
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, config=config)
    return [result.ok() for result in schema.get_all_operations() if result.ok().path.startswith("/api/v1/")]


def fuzz(world: World, found_operations: Iterable[Any], key: str, *, each: int, seed_number: int = 7) -> Run:
    run = Run()
    for operation in found_operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _operation(run, world, operation, key, mode, each, seed_number)
    return run


def _operation(run: Run, world: World, operation: Any, key: str, mode: Any, each: int, number: int) -> None:
    name = f"{operation.method.upper()} {operation.path}"
    chance = random.Random(f"{number}{name}{mode}")

    @seed(number)
    @settings(
        max_examples=each,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        broken = _broken(case)
        _aim(world, case, chance, broken)
        bearer = {} if broken == {"header"} else {"Authorization": f"Bearer {key}"}
        run.cases += 1
        with transaction.atomic():
            response = case.call(headers=bearer)
            transaction.set_rollback(True)
        run.statuses[response.status_code] += 1
        if operation.method != "get" and response.status_code < 300:
            run.done[name] += 1
        with transaction.atomic():
            try:
                case.validate_response(response, headers=bearer)
            except FailureGroup as failures:
                run.found.setdefault(name, f"{mode.value}: {failures}")
            transaction.set_rollback(True)

    try:
        attempt()
    except Exception as failure:  # the generator itself may find nothing to break in an operation without input
        if "Unsatisfiable" not in type(failure).__name__ and "negative" not in str(failure).lower():
            run.found.setdefault(name, f"{mode}: {type(failure).__name__}: {failure}")


def _broken(case: Any) -> set[str]:
    """The parts of the request that the generator made wrong on purpose."""
    parts = case.meta.components if case.meta else {}
    return {part.value for part, info in parts.items() if info.mode == GenerationMode.NEGATIVE}


def _aim(world: World, case: Any, chance: random.Random, broken: set[str]) -> None:
    """Puts real ids where the request names things, four times in five, and leaves alone what is wrong on purpose."""
    thing = THINGS.get(case.operation.path.split("/")[3])
    if case.path_parameters and thing and "path" not in broken and chance.random() < 0.8:
        case.path_parameters = dict.fromkeys(case.path_parameters, str(world.ids[thing]))
        if "kind" in case.path_parameters:
            case.path_parameters["kind"] = chance.choice(KINDS)
    if not broken and isinstance(case.body, dict) and chance.random() < 0.8:
        for name, meant in REFERENCES.items():
            if name in case.body:
                value = world.ids[meant]
                value = value if isinstance(value, int) else str(value)
                case.body[name] = [value] if isinstance(case.body[name], list) else value
        case.body.pop("match", None)


def said(run: Run) -> str:
    return "\n\n".join(f"{name}\n{text[:1500]}" for name, text in run.found.items())


@pytest.fixture(name="world")
def fuzz_world(cast: Cast, settings: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The matrix's things; requests stay in the test's transaction, as with Django's own test client."""
    settings.API_REQUESTS_PER_MINUTE = 10_000_000
    monkeypatch.setattr(endpoint, "ANONYMOUS_PER_MINUTE", 10_000_000)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield World.of(cast)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
