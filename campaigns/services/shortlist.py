"""Whom a campaign considers, with the reasons of the match kept as they were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import WrongState
from accounts.events import record_event
from accounts.models import Creator
from accounts.permissions import require
from campaigns.models import Campaign, Partnership
from campaigns.texts import clean
from matching.models import MatchResult


def shortlist_creators(
    *,
    actor: Actor,
    campaign: Campaign,
    creators: Iterable[Creator] = (),
    results: Iterable[MatchResult] = (),
    now: datetime | None = None,
) -> list[Partnership]:
    """One partnership per creator, new or as it already is. `results` bring their reasons and their run."""
    require(actor, "campaign.change", campaign)
    if campaign.state not in ("draft", "active"):
        raise WrongState(_("This campaign takes no more creators."), code="campaign_over")
    wanted: dict[int, MatchResult | None] = {creator.pk: None for creator in creators if creator.erased_at is None}
    wanted |= {result.creator_id: result for result in results if result.creator.erased_at is None}
    return [
        _shortlist(actor, campaign, creator_id, result, now or timezone.now()) for creator_id, result in wanted.items()
    ]


def _shortlist(
    actor: Actor, campaign: Campaign, creator_id: int, result: MatchResult | None, moment: datetime
) -> Partnership:
    with transaction.atomic():
        fresh = Partnership(
            campaign=campaign,
            creator_id=creator_id,
            state="shortlisted",
            state_changed_at=moment,
            created_at=moment,
            created_by_id=actor.user_id,
            match_result=result,
            reasons=reasons_of(result) if result else [],
        )
        Partnership.objects.bulk_create([fresh], ignore_conflicts=True)
        row = Partnership.objects.get(campaign=campaign, creator_id=creator_id)
        if row.pk == fresh.pk:
            data = {"rank": result.rank, "score": round(result.score, 1), "run": str(result.run_id)} if result else {}
            record_event("partnership.shortlisted", row, actor=actor, data=data, at=moment)
        elif result and not row.reasons:
            Partnership.objects.filter(pk=row.pk).update(match_result=result, reasons=reasons_of(result))
            row.refresh_from_db()
    return row


def reasons_of(result: MatchResult) -> list[dict[str, Any]]:
    """For and against, as the engine said them: `Reason` JSON with its sign."""
    return [*result.fit.get("reasons_for", []), *result.fit.get("reasons_against", [])]


def remove_from_shortlist(*, actor: Actor, partnership: Partnership, now: datetime | None = None) -> None:
    """Only while nobody was contacted: an invitation is withdrawn, not removed."""
    require(actor, "partnership.change", partnership)
    with transaction.atomic():
        record_event("partnership.removed", partnership, actor=actor, at=now)
        count, _by_model = Partnership.objects.filter(pk=partnership.pk, state="shortlisted").delete()
        if not count:
            raise WrongState(_("This creator was already invited. Withdraw the invitation instead."))


def annotate(*, actor: Actor, partnership: Partnership, note: str, now: datetime | None = None) -> Partnership:
    """The brand's own note; the creator never sees it."""
    require(actor, "partnership.change", partnership)
    with transaction.atomic():
        Partnership.objects.filter(pk=partnership.pk).update(note=clean(note, 4000))
        record_event("partnership.noted", partnership, actor=actor, at=now)
    partnership.refresh_from_db()
    return partnership
