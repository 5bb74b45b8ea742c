"""What messages say of each thing is what GET answers about it, and clicks are told in batches."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import resolve

from accounts import events
from accounts.events import record_event
from accounts.models import Brand, Event, WebhookDelivery, WebhookEndpoint
from accounts.services import webhooks
from accounts.webhooks.messages import _PRESENTERS, write_messages
from accounts.webhooks.names import PUBLIC
from campaigns import models as m
from campaigns.links.telling import tell_clicks
from campaigns.models import Campaign, Click, TrackedLink
from campaigns.services.tracking import create_link
from tests.cast import Cast
from tests.matrix import World

# public event → (thing of the matrix, its model, its address): one of each kind of object
THINGS: dict[str, tuple[str, Any, str]] = {
    "partnership.seen": ("partnership", m.Partnership, "partnerships"),
    "deliverable.published": ("deliverable", m.Deliverable, "deliverables"),
    "disclosure.flagged": ("deliverable", m.Deliverable, "deliverables"),
    "contract.signed": ("contract", m.Contract, "contracts"),
    "link.clicks": ("tracked_link", m.TrackedLink, "links"),
    "conversion.created": ("conversion", m.Conversion, "conversions"),
    "payment.updated": ("payment", m.Payment, "payments"),
    "report.frozen": ("report", m.Report, "reports"),
}
RECORDED = {"contract.signed": "contract.signed_by_one", "payment.updated": "payment.due"}
LISTS = (
    "campaigns partnerships deliverables contracts payments links codes suggestions shipments shortlists jobs"
    " webhook-endpoints webhook-deliveries"
).split()


@pytest.fixture
def world(cast: Cast) -> World:
    return World.of(cast)


def test_messages_say_what_get_answers_and_listed_actions_have_an_address(world: World, cast: Cast) -> None:
    webhooks.create_endpoint(actor=cast.actor(cast.other_owner), changes={"url": "https://example.net/hook"})
    mine, stranger = cast.api(cast.key), cast.api(cast.other_key)
    for name, (thing, model, path) in THINGS.items():
        row = model.objects.get(pk=world.ids[thing])
        event = record_event(RECORDED.get(name, name), row, actor=cast.actor(cast.owner))
        assert event.workspace_id == cast.alma.pk, name
        write_messages(event)
        message = WebhookDelivery.objects.get(event=event)
        assert message.endpoint.workspace_id == cast.alma.pk
        body = json.loads(message.body)
        assert body["type"] == name
        address = f"/api/v1/{path}/{world.ids[thing]}"
        answered = mine.get(address).json()
        for left_out in ("actions", "content"):  # a report's content is read from its own address
            answered.pop(left_out, None)
        assert body["data"]["object"] == answered, name
        assert len(answered) > 5, name
        assert stranger.get(address).status_code == 404
    every_action_has_an_address(mine)


def every_action_has_an_address(api: Any) -> None:
    """API.md: every thing lists the actions open to this key, each at POST /<things>/{id}/<action>."""
    seen = 0
    for path in LISTS:
        rows = api.get(f"/api/v1/{path}").json()["data"]
        assert rows, path
        pairs = {(row["id"], action) for row in rows for action in row["actions"]}
        seen += len(pairs)
        found = {(path, verb): resolve(f"/api/v1/{path}/{pk}/{verb}").url_name for pk, verb in pairs}
        assert [pair for pair, name in found.items() if name == "api_missing"] == []
    assert seen > 25


def test_every_kind_of_object_that_is_told_has_a_full_look() -> None:
    assert {name.split(".")[0] for name in PUBLIC} - {"link", "score", "disclosure"} <= set(_PRESENTERS)
    assert "trackedlink" in _PRESENTERS


def _link(brand: Brand, actor: Any, begin: datetime, name: str) -> TrackedLink:
    campaign = Campaign.objects.create(workspace=brand.workspace, brand=brand, name=name, state="active")
    return create_link(
        actor=actor, campaign=campaign, destination="https://shop.example.com/", slug=name, resolve=False, now=begin
    )


def _click(link: TrackedLink, minute: datetime, **more: Any) -> None:
    Click.objects.create(link=link, minute=minute, hour=minute.replace(minute=0), **more)


def test_clicks_are_told_in_batches_once_and_to_listeners_only(cast: Cast) -> None:
    begin = datetime(2026, 6, 1, 12, 0, 30, tzinfo=UTC)
    minute = begin.replace(second=0)
    mine = _link(cast.brand, cast.actor(cast.owner), begin, "spring")
    other = Brand.objects.create(workspace=cast.nord, name="N")
    theirs = _link(other, cast.actor(cast.other_owner), begin, "theirs")
    TrackedLink.objects.update(created_at=begin)
    for link in (mine, theirs):
        _click(link, minute)
    assert tell_clicks(now=begin + timedelta(minutes=5)) == 0, "nobody listens"

    changes = {"url": "https://example.org/h", "events": ["link.clicks"]}
    webhooks.create_endpoint(actor=cast.actor(cast.owner), changes=changes)
    WebhookEndpoint.objects.update(created_at=begin)
    first = Click.objects.get(link=mine)
    _click(mine, minute + timedelta(minutes=1), dedup_of=first.pk)
    _click(mine, minute + timedelta(minutes=1), is_bot=True, bot_reason="agent")
    _click(mine, minute + timedelta(minutes=4))  # this minute is not over for long enough
    now = begin + timedelta(minutes=4)
    assert tell_clicks(now=now) == 1
    assert tell_clicks(now=now) == 0, "told once"
    while events.drain():
        pass
    body = json.loads(WebhookDelivery.objects.get().body)
    until = (minute + timedelta(minutes=3)).isoformat()
    assert body["data"]["batch"] == {
        "from": minute.isoformat(),
        "until": until,
        "clicks": 2,
        "unique": 1,
        "machines": 1,
    }
    assert body["data"]["object"]["slug"] == "spring"
    assert tell_clicks(now=now + timedelta(minutes=2)) == 1
    told = [event.data["batch"]["clicks"] for event in Event.objects.filter(kind="link.clicks").order_by("pk")]
    assert told == [2, 1]
    assert sum(told) == Click.objects.filter(link=mine, is_bot=False).count(), "every click is in one batch"
    assert not Event.objects.filter(kind="link.clicks", object_id=str(theirs.pk)).exists()
