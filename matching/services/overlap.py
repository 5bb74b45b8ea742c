"""Overlap of the people who comment several creators, from the sketches kept with their scores."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actors import Actor
from accounts.errors import InvalidInput
from matching.models import CreatorIndex
from matching.repository.further import read_sketches
from matching.signals.overlap import Overlaps, overlaps

MOST = 100


def overlap_of(*, actor: Actor, creator_ids: Sequence[int]) -> Overlaps:
    """Overlaps of up to MOST creators the actor may see, in the order given; who has no sketch is unknown.

    Raises InvalidInput for too many or repeated creators; ids the actor may not see count as creators nobody
    comments, so that their existence is not told.
    """
    ids = list(creator_ids)
    if len(ids) > MOST or len(set(ids)) != len(ids):
        raise InvalidInput(fields={"creators": [f"1–{MOST}"]})
    seen = set(CreatorIndex.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True))
    return overlaps(read_sketches([pk if pk in seen else 0 for pk in ids]))
