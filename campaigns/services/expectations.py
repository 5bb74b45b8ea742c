"""What a voice was expected to bring, written down when it agreed: before anything was published, and never changed."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from django.utils import timezone

from accounts.actors import SYSTEM, Actor
from campaigns.limits import BOUND
from campaigns.models import Expectation, Partnership
from matching.models import Signals
from matching.ranking import portfolio
from matching.ranking.coverage import audiences_of
from matching.services.choosing import voices


def record_expectation(*, partnership: Partnership, now: datetime | None = None) -> Expectation | None:
    """By the index of this moment. The second time changes nothing. None where the index does not know the creator."""
    known = Expectation.objects.filter(partnership=partnership).first()
    if known is not None:
        return known
    actor = Actor(kind="system", id="system", name=SYSTEM.name, workspace_id=partnership.campaign.workspace_id)
    before = Partnership.objects.filter(
        campaign=partnership.campaign_id, state__in=BOUND, accepted_at__lt=partnership.accepted_at or timezone.now()
    ).exclude(pk=partnership.pk)
    found = voices(actor, [partnership.creator_id, *before.values_list("creator_id", flat=True)], {})
    if not found or found[0].index.pk != partnership.creator_id:
        return None
    engaged = np.array([voice.engaged if voice.engaged is not None else np.nan for voice in found])
    people, sure = audiences_of([voice.sketch for voice in found], engaged)
    others = list(range(1, len(found)))
    brings = portfolio.reach_of(people, range(len(found))) - portfolio.reach_of(people, others)
    voice = found[0]
    scored = Signals.visible_to(actor).filter(creator_id=partnership.creator_id, is_current=True).first()
    row, _created = Expectation.objects.get_or_create(
        partnership=partnership,
        defaults={
            "engaged": voice.engaged,
            "engaged_low": voice.engaged_low,
            "engaged_high": voice.engaged_high,
            "brings": float(brings) if voice.engaged is not None else None,
            "overlap_known": bool(sure[0]),
            "engine": scored.engine_version if scored else "",
            "at": now or timezone.now(),
        },
    )
    return row
