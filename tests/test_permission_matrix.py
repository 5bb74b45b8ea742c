"""Every route × every kind of reader, both ways, and no route of the URLconf left out."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse

from tests.cast import make_cast
from tests.matrix import NOBODY, ROWS, World
from tests.routes import our_routes

READERS = ("anonymous", "owner", "viewer", "other", "creator", "other_creator", "staff")


def test_no_route_is_missing_from_the_matrix() -> None:
    named = {route.name for route in our_routes()}
    assert named - set(ROWS) == set(), "describe these routes in tests/matrix.py"
    assert set(ROWS) - named == set(), "these routes are gone"


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Everything is made once; every test takes back what it did."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World.of(make_cast())
        transaction.set_rollback(True)


@pytest.fixture
def world(made: World, db: None) -> World:
    cache.clear()  # the limits of the tests before must not answer for the permission
    return deepcopy(made)  # with its clients: signing out belongs to the test that did it


def seen(response: HttpResponse) -> str:
    if response.status_code == 302 and "/account/login" in response["Location"]:
        return "sign-in"
    assert response.status_code < 500, response.content
    return str(response.status_code) if response.status_code in (401, 403, 404, 405, 429) else "in"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_reader_gets_what_the_matrix_says(world: World, name: str, method: str) -> None:
    row = ROWS[name]
    expected = getattr(row, method)
    found = [seen(world.ask(reader, method, name, row)) for reader in READERS]
    if expected == NOBODY:
        assert "in" not in found, dict(zip(READERS, found, strict=True))
    else:
        pairs = zip(READERS, found, expected.split(), strict=True)
        assert [(reader, got, want) for reader, got, want in pairs if got != want] == []
