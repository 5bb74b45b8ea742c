"""Which part of a workspace a member is limited to: brands, campaigns, and everything that belongs to them.

The way from a model to its campaign (or brand) is read from the models themselves, so that a new one is limited
without being told; one that leads nowhere shows a limited member nothing, unless it is named here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from django.db import models

from accounts.actors import Actor

# Rows that lead through these say nothing about whose work they are.
_NO_WAY = frozenset(
    {
        "Workspace",
        "User",
        "Creator",
        "SocialAccount",
        "Provenance",
        "Event",
        "Job",
        "MatchResult",
        "Brief",
        "ReviewFile",
    }
)
# What every member of the workspace may read: colleagues, rates and rules that no campaign owns.
_OF_ALL = frozenset(
    {"Workspace", "Membership", "CurrencyRate", "AttributionRule", "AttributionRun", "EmvTable", "ScoringVersion"}
)
# What only its author reads there; the field that holds the author's id.
_OF_AUTHOR = {"Job": "created_by_id", "ImportDraft": "created_by_id", "MatchRun": "author_id"}
# Verbs about the whole workspace, whoever's role allows them.
WHOLE_ONLY = frozenset(
    {
        "workspace.change", "member.change", "key.read", "key.change", "webhook.read", "webhook.change",
        "connection.read", "connection.change", "import.read", "import.run", "creator.change", "conversion.write",
        "scoring.publish", "audit.read", "retention.read", "retention.change", "rule.change", "register.read", "health.read",
    }
)  # fmt: skip


# Who above knows campaigns tells which ones a member may be limited to: actor → [(id, name), …].
_CAMPAIGNS: list[Callable[[Actor], list[tuple[str, str]]]] = []


def offers_campaigns(offer: Callable[[Actor], list[tuple[str, str]]]) -> Callable[[Actor], list[tuple[str, str]]]:
    """Registers what lists the campaigns of an actor's workspace; this layer does not know them."""
    _CAMPAIGNS.append(offer)
    return offer


def campaign_choices(actor: Actor) -> list[tuple[str, str]]:
    return [choice for offer in _CAMPAIGNS for choice in offer(actor)]


class Way(NamedTuple):
    """`path`: lookups to the target, "" for the model itself."""

    target: str
    path: str


@cache
def way_of(model: type[models.Model]) -> Way | None:
    """The shortest way over forward relations to a campaign, else to a brand."""
    found: Way | None = None
    queue: deque[tuple[type[models.Model], str, int]] = deque([(model, "", 0)])
    seen = {model}
    while queue:
        current, path, depth = queue.popleft()
        if current.__name__ == "Campaign":
            return Way("campaign", path)
        if current.__name__ == "Brand" and found is None:
            found = Way("brand", path)
        if depth == 4:
            continue
        steps = [f for f in current._meta.concrete_fields if f.is_relation and f.related_model is not None]
        for field in sorted(steps, key=lambda f: f.null):
            other: Any = field.related_model
            if not isinstance(other, str) and other not in seen and other.__name__ not in _NO_WAY:
                seen.add(other)
                queue.append((other, f"{path}__{field.name}" if path else field.name, depth + 1))
    return found


def scope_q(model: type[models.Model], actor: Actor, path: str = "") -> models.Q:
    """The condition that keeps a limited member within their part; everything for everybody else.

    path: lookups from the queried rows to `model`, where that is known to lead there.
    """
    if not actor.limited:
        return models.Q()
    way = way_of(model)
    if way is None:
        return _without_way(model, actor)
    full = "__".join(part for part in (path, way.path) if part)
    before = f"{full}__" if full else ""
    if way.target == "campaign":
        return models.Q(**{f"{before}pk__in": actor.campaigns}) | models.Q(**{f"{before}brand_id__in": actor.brands})
    return models.Q(**{f"{before}pk__in": actor.brands})


def _without_way(model: type[models.Model], actor: Actor) -> models.Q:
    if model.__name__ in _OF_ALL:
        return models.Q()
    if model.__name__ in _OF_AUTHOR:
        return models.Q(**{_OF_AUTHOR[model.__name__]: actor.user_id})
    if model.__name__ == "MatchResult":
        return models.Q(run__author_id=actor.user_id)
    return models.Q(pk__in=[])


def owner_of(obj: models.Model) -> tuple[Any, Any]:
    """(campaign id, brand id) that a row belongs to, None where it belongs to none."""
    way = way_of(type(obj))
    if way is None:
        return None, None
    holder: Any = obj
    for name in way.path.split("__") if way.path else ():
        holder = getattr(holder, name, None)
        if holder is None:
            return None, None
    return (holder.pk, holder.brand_id) if way.target == "campaign" else (None, holder.pk)


def reaches(actor: Actor, obj: Any) -> bool:
    """Whether the row is inside the part of the workspace this actor may work on."""
    if not actor.limited or not isinstance(obj, models.Model):
        return True
    if way_of(type(obj)) is None:
        return type(obj).__name__ in _OF_ALL | {"Creator", "SocialAccount"} or _is_author(actor, obj)
    campaign, brand = owner_of(obj)
    return campaign in actor.campaigns or brand in actor.brands


def _is_author(actor: Actor, obj: models.Model) -> bool:
    field = _OF_AUTHOR.get(type(obj).__name__)
    return field is not None and getattr(obj, field) == actor.user_id
