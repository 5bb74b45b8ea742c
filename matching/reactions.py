"""How creators look in messages to partner systems."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from accounts.actors import Actor
from accounts.models import Creator, CreatorRecord
from accounts.webhooks.messages import presents


@presents("creator")
def creator_of_message(actor: Actor, pk: str) -> dict[str, Any] | None:
    from matching.api.serializers import CreatorSerializer  # the API's modules need every model loaded

    mine = CreatorRecord.visible_to(actor)
    rows = (
        Creator.visible_to(actor)
        .select_related("index")
        .prefetch_related("accounts__source", Prefetch("records", queryset=mine, to_attr="own_records"))
    )
    creator = rows.filter(pk=pk).first()
    return dict(CreatorSerializer(creator).data) if creator else None
