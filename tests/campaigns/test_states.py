"""The transition tables: whatever verbs are tried in whatever order, rows only move along them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import SYSTEM, Actor, creator_actor
from accounts.errors import DomainError, NotAllowed, WrongState
from accounts.models import Event
from campaigns.models import Campaign, Partnership, TrackedLink
from campaigns.states import CAMPAIGN, LINK, MACHINES, PARTNERSHIP, Machine, advance
from tests.campaigns.conftest import Stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_a_table_is_closed_and_everything_can_be_reached(machine: Machine) -> None:
    states = set(machine.states)
    for step in machine.transitions:
        assert step.sources <= states and step.target in states and step.sides
    assert len({step.verb for step in machine.transitions}) == len(machine.transitions)
    reached, edge = {machine.states[0]}, {machine.states[0]}
    while edge:
        edge = {step.target for step in machine.transitions if step.sources & edge} - reached
        reached |= edge
    assert reached == states


ENDS = {"completed", "declined", "withdrawn", "expired", "cancelled", "closed"}


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_an_end_is_an_end(machine: Machine) -> None:
    for state in ENDS & set(machine.states):
        assert not [step for step in machine.transitions if state in step.sources], state


def actors(stage: Stage, partnership: Partnership) -> dict[str, Actor]:
    return {"brand": stage.owner, "creator": stage.link_actor(partnership), "system": SYSTEM}


@pytest.mark.parametrize("state", PARTNERSHIP.states)
@pytest.mark.parametrize("verb", [step.verb for step in PARTNERSHIP.transitions])
def test_every_verb_from_every_state_by_every_side(stage: Stage, state: str, verb: str) -> None:
    step = PARTNERSHIP.transition(verb)
    partnership = stage.shortlist(stage.cast.lea)
    for side, actor in actors(stage, partnership).items():
        Partnership.objects.filter(pk=partnership.pk).update(state=state)
        before = Event.objects.count()
        allowed = side in step.sides and state in step.sources
        try:
            advance(partnership, PARTNERSHIP, verb, actor=actor, changes={"state_changed_at": timezone.now()})
            moved = True
        except NotAllowed:
            moved = False
            assert side not in step.sides
        except WrongState as refusal:
            moved = False
            assert side in step.sides and state not in step.sources
            assert refusal.params == {"state": state, "verb": verb}
        assert moved is allowed
        partnership.refresh_from_db()
        assert partnership.state == (step.target if moved else state)
        events = Event.objects.order_by("-id")[: Event.objects.count() - before]
        assert [(e.kind, e.data["from"], e.data["to"]) for e in events] == (
            [(f"partnership.{step.target}", state, step.target)] if moved else []
        )


@pytest.mark.parametrize("state", CAMPAIGN.states)
@pytest.mark.parametrize("verb", [step.verb for step in CAMPAIGN.transitions])
def test_every_verb_of_a_campaign_from_every_state_by_every_side(stage: Stage, state: str, verb: str) -> None:
    _every_side(stage, stage.campaign, CAMPAIGN, state, verb)


@pytest.mark.parametrize("state", LINK.states)
@pytest.mark.parametrize("verb", [step.verb for step in LINK.transitions])
def test_every_verb_of_a_link_from_every_state_by_every_side(stage: Stage, state: str, verb: str) -> None:
    link = TrackedLink.objects.create(
        workspace=stage.campaign.workspace,
        campaign=stage.campaign,
        slug="spring",
        destination="https://alma.example/",
        target="https://alma.example/",
    )
    _every_side(stage, link, LINK, state, verb)


def _every_side(stage: Stage, row: Campaign | TrackedLink, machine: Machine, state: str, verb: str) -> None:
    step = machine.transition(verb)
    sides = {"brand": stage.owner, "creator": creator_actor(stage.cast.lea), "system": SYSTEM}
    for side, actor in sides.items():
        type(row).objects.filter(pk=row.pk).update(state=state)
        if side not in step.sides:
            with pytest.raises(NotAllowed):
                advance(row, machine, verb, actor=actor)
        elif state not in step.sources:
            with pytest.raises(WrongState):
                advance(row, machine, verb, actor=actor)
        else:
            advance(row, machine, verb, actor=actor)
        row.refresh_from_db()
        assert row.state == (step.target if side in step.sides and state in step.sources else state)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([t.verb for t in CAMPAIGN.transitions]), st.sampled_from(["brand", "system"])))
)
def test_campaigns_move_only_along_their_table(stage: Stage, tries: list[tuple[str, str]]) -> None:
    Campaign.objects.filter(pk=stage.campaign.pk).update(state="draft")
    path = ["draft"]
    for verb, side in tries:
        row = Campaign.objects.get(pk=stage.campaign.pk)
        actor = stage.owner if side == "brand" else SYSTEM
        try:
            advance(row, CAMPAIGN, verb, actor=actor)
        except DomainError:
            assert Campaign.objects.get(pk=row.pk).state == path[-1]
        else:
            path.append(row.state)
    edges = {(source, step.target) for step in CAMPAIGN.transitions for source in step.sources}
    assert set(pairwise(path)) <= edges
