"""What a message says: thin, with the object as it stands and what it was before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework.utils.encoders import JSONEncoder

from accounts.actors import Actor
from accounts.events import reaction
from accounts.models import CreatorRecord, Event, WebhookDelivery, WebhookEndpoint
from accounts.permissions import SCOPES
from accounts.webhooks.names import KINDS, public_name, wants

# (actor, id) → the object as the API shows it, or None where this workspace may not see it (any more)
Presenter = Callable[[Actor, str], Mapping[str, Any] | None]
# creator ids → (creator id, workspace id) of the workspaces that work with them
Interest = Callable[[Iterable[int]], Iterable[tuple[int, Any]]]

REACTION = "webhooks"
_PRESENTERS: dict[str, Presenter] = {}
_INTERESTS: list[Interest] = []


def presents(object_type: str) -> Callable[[Presenter], Presenter]:
    """Registers how the objects of this type look in messages; a type without presenter goes out by its id alone."""

    def register(present: Presenter) -> Presenter:
        _PRESENTERS[object_type] = present
        return present

    return register


def interest(find: Interest) -> Interest:
    """Registers who is told about changes of creators, whose index all workspaces share."""
    _INTERESTS.append(find)
    return find


@interest
def _recorded(creator_ids: Iterable[int]) -> Iterable[tuple[int, Any]]:
    rows = CreatorRecord.objects.filter(creator_id__in=creator_ids)
    return rows.values_list("creator_id", "workspace_id")


def interested(creator_ids: Iterable[int], *, only: set[Any] | None = None) -> dict[Any, set[int]]:
    """workspace → those of its creators that are among these. only: of these workspaces."""
    ids = list(creator_ids)
    found: dict[Any, set[int]] = {}
    for find in _INTERESTS:
        for creator, workspace in find(ids):
            if only is None or workspace in only:
                found.setdefault(workspace, set()).add(creator)
    return found


def endpoints_for(name: str, workspace_ids: Iterable[Any] | None = None) -> list[WebhookEndpoint]:
    rows = WebhookEndpoint.objects.select_related("workspace")
    if workspace_ids is not None:
        rows = rows.filter(workspace_id__in=list(workspace_ids))
    return [row for row in rows if wants(row.events, name)]


def anybody_wants(name: str) -> bool:
    """Asked before an event is recorded only for the sake of webhooks."""
    return bool(endpoints_for(name))


def reader_of(workspace_id: Any) -> Actor:
    """Reads what the workspace's keys may read, and can do nothing."""
    scopes = frozenset(scope for scope in SCOPES if scope.endswith(":read"))
    return Actor(kind="api", id="webhooks", workspace_id=workspace_id, role="api", scopes=scopes)


@reaction(REACTION, *KINDS)
def write_messages(event: Event) -> None:
    """One message per endpoint and object. A second run finds them written."""
    name = public_name(event.kind)
    if name is None:
        return
    if "creator_ids" in event.data:
        _about_creators(event, name)
    elif event.object_type == "creator" and event.workspace_id is None:
        _write(event, name, interested([int(event.object_id)]))
    elif event.workspace_id is not None:
        rows = [_message(event, name, endpoint) for endpoint in endpoints_for(name, [event.workspace_id])]
        WebhookDelivery.objects.bulk_create([row for row in rows if row], ignore_conflicts=True)


def _about_creators(event: Event, name: str) -> None:
    """Events of many creators become one message each, for those that a workspace works with."""
    listening = {endpoint.workspace_id for endpoint in endpoints_for(name)}
    if listening:
        _write(event, name, interested(event.data["creator_ids"], only=listening))


def _write(event: Event, name: str, creators: Mapping[Any, set[int]]) -> None:
    for endpoint in endpoints_for(name, creators):
        rows = [_message(event, name, endpoint, "creator", str(pk)) for pk in sorted(creators[endpoint.workspace_id])]
        WebhookDelivery.objects.bulk_create([row for row in rows if row], ignore_conflicts=True, batch_size=500)


def _message(
    event: Event, name: str, endpoint: WebhookEndpoint, object_type: str = "", object_id: str = ""
) -> WebhookDelivery | None:
    object_type, object_id = object_type or event.object_type, object_id or event.object_id
    present = _PRESENTERS.get(object_type)
    shown: Mapping[str, Any] | None = {"id": object_id}
    if present is not None:
        shown = present(reader_of(endpoint.workspace_id), object_id)
        if shown is None:
            return None
    return compose(
        event,
        endpoint,
        name=name,
        object_type=object_type,
        object_id=object_id,
        shown=shown,
        before=previous(event.data, object_id),
    )


def previous(data: Mapping[str, Any], object_id: str = "") -> dict[str, Any]:
    """What the event says the object was before it, under the names of the API.

    An event about many objects says it in "previous", by their ids.
    """
    if isinstance(data.get("previous"), Mapping):
        return dict(data["previous"].get(object_id) or {})
    before = dict(data.get("before") or {}) if isinstance(data.get("before"), Mapping) else {}
    if "from" in data and "to" in data:
        before["state"] = data["from"]
    return before


def compose(
    event: Event,
    endpoint: WebhookEndpoint,
    *,
    name: str,
    object_type: str,
    object_id: str,
    shown: Mapping[str, Any] | None,
    before: Mapping[str, Any],
) -> WebhookDelivery:
    """The row with its final bytes: every attempt and replay sends the same."""
    now = timezone.now()
    shown = {key: value for key, value in (shown or {}).items() if key != "actions"}
    body: dict[str, Any] = {
        "type": name,
        "timestamp": event.at,
        "sequence": event.pk,
        "workspace": endpoint.workspace.slug,
        "data": {
            "object_type": object_type,
            "object_id": object_id,
            "object": shown,
            "previous_attributes": dict(before),
        },
    }
    if isinstance(event.data.get("batch"), Mapping):
        body["data"]["batch"] = event.data["batch"]
    return WebhookDelivery(
        endpoint=endpoint,
        event=event,
        kind=name,
        object_type=object_type,
        object_id=object_id,
        sequence=event.pk,
        body=json.dumps(body, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")),
        due_at=now,
    )


def test_message(event: Event, endpoint: WebhookEndpoint) -> WebhookDelivery:
    """A message that says it is a test, sent like any other."""
    with transaction.atomic():
        row = compose(
            event,
            endpoint,
            name="webhook.test",
            object_type="webhookendpoint",
            object_id=str(endpoint.pk),
            shown={"id": str(endpoint.pk), "url": endpoint.url, "events": endpoint.events},
            before={},
        )
        row.save(force_insert=True)
    return row
