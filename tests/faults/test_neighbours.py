"""Ids of another workspace in every route, filter, include and body of the API: answered as if they were nowhere."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Event
from tests.cast import Cast
from tests.matrix import World

SCHEMA = yaml.load((Path(__file__).parents[2] / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
PREFIX = "/api/v1/"
# What a name in a query or a body refers to: the matrix's thing of the first workspace.
NAMED = {
    "brand": "brand", "campaign": "campaign", "partnership": "partnership", "brief": "brief", "match": "match",
    "deliverable": "deliverable", "link": "tracked_link", "offer": "offer", "click": "conversion", "object_id": "campaign",
    "check_id": "check", "order_id": "order", "external_id": "order", "kind": "kind",
}  # fmt: skip
OWNED = {
    "brands": "brand", "jobs": "job", "events": "event", "matches": "match", "campaigns": "campaign", "briefs": "brief",
    "partnerships": "partnership", "shortlists": "campaign", "webhook-endpoints": "endpoint",
    "webhook-deliveries": "delivery", "imports": "job", "offers": "offer", "drafts": "draft_version",
    "contracts": "contract", "payments": "payment", "deliverables": "deliverable", "disclosure-checks": "check",
    "links": "tracked_link", "codes": "promo_code", "conversions": "conversion", "contents": "content",
    "reports": "report", "suggestions": "suggestion", "messages": "message", "shipments": "parcel",
    "lists": "list", "saved-searches": "saved_search",
}  # fmt: skip
SHARED = {"creators", "accounts", "posts", "comments", "scores"}  # one index for all workspaces


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in SCHEMA["paths"].items():
        if path.startswith(PREFIX):
            yield from ((path, method, given) for method, given in methods.items())


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolved(SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for part in ("allOf", "oneOf", "anyOf"):
        if part in schema:
            return resolved(schema[part][0])
    return schema


EXAMPLES = {
    "email": "a@example.org",
    "date": "2027-03-01",
    "date-time": "2027-03-01T00:00:00Z",
    "uri": "https://example.org/",
}


def example(schema: dict[str, Any], name: str, ids: dict[str, Any]) -> Any:
    """A value that the schema takes; where the name refers to something, the neighbour's."""
    schema = resolved(schema)
    if name in NAMED and NAMED[name] in ids and schema.get("format") == "uuid":
        return str(ids[NAMED[name]])
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        fields = schema.get("properties", {})
        wanted = set(schema.get("required", ())) | (set(fields) & set(NAMED))
        return {field: example(fields[field], field, ids) for field in wanted if field in fields}
    if kind == "array":
        return [example(schema.get("items", {}), name, ids)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if schema.get("format") == "uuid":
        return str(uuid.uuid4())
    if schema.get("format") == "decimal":
        return "10.00"
    return EXAMPLES.get(
        schema.get("format", ""), {"^[A-Z]{2}$": "FR", "^[A-Z]{3}$": "EUR"}.get(schema.get("pattern", ""), "text")
    )


@pytest.fixture
def scene(cast: Cast, settings: Any) -> tuple[World, Any, dict[str, Any]]:
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    cache.clear()
    world = World.of(cast)
    return world, cast.api(cast.other_key), world.ids | {"order": "o-1", "kind": "campaign.created"}


def secrets_of(ids: dict[str, Any]) -> set[str]:
    """What may not appear in any answer to the neighbour, unless the neighbour said it first."""
    return {str(value) for value in ids.values() if isinstance(value, uuid.UUID)} | {"Signed", "spring-lea", "LEA10"}


def leaked(text: str, ids: dict[str, Any], said: str) -> set[str]:
    return {secret for secret in secrets_of(ids) if secret in text and secret not in said}


def test_every_route_answers_as_for_an_id_that_is_nowhere(scene: tuple[World, Any, dict[str, Any]]) -> None:
    _world, neighbour, ids = scene
    tried, events = 0, Event.objects.filter(workspace__slug="alma").count()
    for path, method, operation in operations():
        thing = OWNED.get(path.split("/")[3])
        if "{id}" not in path or thing is None:
            assert "{id}" not in path or path.split("/")[3] in SHARED, f"say whose {path} is"
            continue
        own = ids[thing]
        nowhere = uuid.uuid4() if isinstance(own, uuid.UUID) else 2**40
        answers = []
        for pk in (own, nowhere):
            address = path.replace("{id}", str(pk)).replace("{kind}", "csv")
            with (
                CaptureQueriesContext(
                    connection,
                ) as queries,
                transaction.atomic(),
            ):
                answer = call(neighbour, method, address, body_of(operation, ids))
                transaction.set_rollback(True)
            answers.append((answer.status_code, said_by(answer), len(queries)))
        assert answers[0] == answers[1], (method, path, "another answer, or more work, than for an id that is nowhere")
        assert answers[0][0] in (403, 404, 422), (method, path, answers[0])
        tried += 1
    assert tried >= 80, tried
    assert Event.objects.filter(workspace__slug="alma").count() == events


def test_filters_and_includes_show_nothing_of_the_neighbours(scene: tuple[World, Any, dict[str, Any]]) -> None:
    _world, neighbour, ids = scene
    tried = 0
    for path, method, operation in operations():
        if method != "get" or "{" in path:
            continue
        names = [given["name"] for given in operation.get("parameters", ()) if given["in"] == "query"]
        asked: list[dict[str, str]] = [{}]
        asked += [{name: str(ids[NAMED[name]])} for name in names if name in NAMED]
        for query in asked:
            answer = neighbour.get(path, query)
            assert answer.status_code in (200, 400), (path, query, answer.content)
            assert not leaked(answer.content.decode(), ids, json.dumps(query)), (path, query)
            tried += 1
        for include in ("explanation", "partnerships,contracts", "*"):
            answer = neighbour.get(path, {"include": include})
            assert not leaked(answer.content.decode(), ids, ""), (path, include)
    assert tried > 60, tried


def test_bodies_that_name_the_neighbours_things_change_nothing(scene: tuple[World, Any, dict[str, Any]]) -> None:
    _world, neighbour, ids = scene
    events, reached = Event.objects.filter(workspace__slug="alma").count(), 0
    for path, method, operation in operations():
        body = body_of(operation, ids)
        told = json.dumps(body)
        if (
            method == "get"
            or "{" in path
            or not any(str(ids[thing]) in told for thing in NAMED.values() if thing in ids)
        ):
            continue
        with transaction.atomic():
            answer = call(neighbour, method, path, body)
            transaction.set_rollback(True)
        assert not leaked(answer.content.decode(), ids, told), (method, path)
        if answer.status_code < 300:
            assert path.endswith("/conversions"), (method, path, "a thing of the neighbours was taken")
        else:
            assert answer.status_code in (404, 422), (method, path, answer.content)
            reached += any(error["pointer"].split("/")[1] in NAMED for error in answer.json()["errors"])
    assert reached >= 8, "the references were hardly read"
    assert Event.objects.filter(workspace__slug="alma").count() == events


def body_of(operation: dict[str, Any], ids: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return example(content["schema"], "", ids) if content else {}


def call(client: Any, method: str, address: str, body: Any) -> Any:
    if method in ("get", "delete"):
        return getattr(client, method)(address)
    return getattr(client, method)(address, body, content_type="application/json")


def said_by(answer: Any) -> str:
    data = json.loads(answer.content or b"{}")
    data.pop("request_id", None)
    return json.dumps(data, sort_keys=True)
