"""Events are append-only; reactions happen once, survive failures and lost leases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import events
from accounts.actors import SYSTEM
from accounts.models import Event, Reaction
from tests.cast import Cast


@pytest.fixture
def handled() -> Iterator[list[int]]:
    """A reaction to `test.*` that notes what it was given, and fails while told to."""
    seen: list[int] = []

    def note(event: Event) -> None:
        if event.data.get("fail") and len(seen) < 2:
            seen.append(-event.pk)
            raise RuntimeError("not now")
        seen.append(event.pk)

    events.reaction("test_note", "test.*")(note)
    yield seen
    del events._REGISTRY["test_note"]


def test_the_database_refuses_to_change_or_delete_an_event(cast: Cast) -> None:
    event = events.record_event("test.one", cast.alma, actor=SYSTEM, workspace_id=cast.alma.pk)
    for sql in ("UPDATE accounts_event SET kind = 'x' WHERE id = %s", "DELETE FROM accounts_event WHERE id = %s"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [event.pk])
    assert Event.objects.get(pk=event.pk).kind == "test.one"


def test_a_reaction_runs_once_however_often_it_is_drained(cast: Cast, handled: list[int]) -> None:
    event = events.record_event("test.one", cast.alma, actor=SYSTEM)
    for _ in range(5):
        events.drain()
    assert handled == [event.pk]
    assert Reaction.objects.get(event=event).state == "done"


def test_a_failing_reaction_is_tried_again_later_and_keeps_its_error(cast: Cast, handled: list[int]) -> None:
    event = events.record_event("test.one", cast.alma, actor=SYSTEM, data={"fail": True})
    events.drain()
    row = Reaction.objects.get(event=event)
    assert row.state == "pending"
    assert "not now" in row.error
    assert row.due_at > timezone.now()
    for _ in range(2):
        Reaction.objects.update(due_at=timezone.now() - timedelta(seconds=1))
        events.drain()
    assert handled == [-event.pk, -event.pk, event.pk]


def test_a_claim_of_a_killed_worker_is_taken_over_after_its_lease(cast: Cast, handled: list[int]) -> None:
    event = events.record_event("test.one", cast.alma, actor=SYSTEM)
    Reaction.objects.update(leased_until=timezone.now() + timedelta(minutes=4))
    events.drain()
    assert handled == []
    Reaction.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    events.drain()
    assert handled == [event.pk]


def test_an_event_of_a_rolled_back_use_case_never_happened(cast: Cast, handled: list[int]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        events.record_event("test.one", cast.alma, actor=SYSTEM)
        raise RuntimeError
    events.drain()
    assert handled == []
    assert not Event.objects.filter(kind="test.one").exists()
