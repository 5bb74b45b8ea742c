"""How a row leads to the person it is about, read from the models, so that a new one is not forgotten."""

from __future__ import annotations

from collections import deque
from functools import cache
from typing import Any

from django.db import models

_NO_WAY = frozenset({"Workspace", "User", "Provenance", "Event", "Job", "MatchRun", "Brief", "Campaign", "MatchResult"})
# The brand's own words about a partnership: never shown to the creator (docs/privacy.md).
_OF_THE_BRAND = {
    "partnership": {"note", "invited_by", "created_by", "match_result", "reasons"},
    "deliverable": {"verified_by", "waived_by"},
    "message": {"held"},
}


def leaves_out(row: models.Model, field: str) -> bool:
    return field in _OF_THE_BRAND.get(str(row._meta.model_name), ())


@cache
def way_to_creator(model: type[models.Model]) -> str | None:
    """Lookups from the model to its creator's id, by the shortest way; None where none leads there."""
    queue: deque[tuple[Any, str, int]] = deque([(model, "", 0)])
    seen = {model}
    while queue:
        current, path, depth = queue.popleft()
        for field in current._meta.concrete_fields:
            other = field.related_model if field.is_relation else None
            if other is None or isinstance(other, str) or other in seen or depth > 3 or other.__name__ in _NO_WAY:
                continue
            step = f"{path}__{field.name}" if path else field.name
            if other.__name__ == "Creator":
                return step
            seen.add(other)
            queue.append((other, step, depth + 1))
    return None
