"""Lists with triage: creators put together, sorted one by one with a reason, summed up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.models import Creator
from accounts.permissions import require
from accounts.texts import clean, one_line
from matching.codes import EUR_PER_UNIT
from matching.filters import TIERS
from matching.models import Shortlist, ShortlistEntry
from matching.models.choosing import Flag, PassReason, Triage
from matching.ranking import portfolio as engine
from matching.ranking.coverage import audiences_of
from matching.services.choosing import Voice, voices
from matching.services.scoring import current_scoring

MOST_ENTRIES = 1000
MOST_LISTS = 500
MOST_SUMMED = 400


def create_list(
    *,
    actor: Actor,
    name: str,
    note: str = "",
    budget: Decimal | None = None,
    currency: str = "EUR",
    now: datetime | None = None,
) -> Shortlist:
    """Raises InvalidInput for an empty name, a currency without a rate or a negative budget."""
    require(actor, "list.change")
    values = _checked(name, note, budget, currency)
    if Shortlist.visible_to(actor).count() >= MOST_LISTS:
        raise WrongState(_("Enough lists exist. Archive some first."), code="too_many")
    with transaction.atomic():
        made: Shortlist = Shortlist.objects.create(
            workspace_id=actor.workspace_of_own(),
            created_by_id=actor.user_id,
            created_at=now or timezone.now(),
            **values,
        )
        record_event("list.created", made, actor=actor, data={"name": made.name}, at=now)
    return made


def change_list(
    *,
    actor: Actor,
    shortlist: Shortlist,
    name: str,
    note: str = "",
    budget: Decimal | None = None,
    currency: str = "EUR",
) -> Shortlist:
    require(actor, "list.change", shortlist)
    values = _checked(name, note, budget, currency)
    with transaction.atomic():
        Shortlist.objects.filter(pk=shortlist.pk).update(**values)
        record_event("list.changed", shortlist, actor=actor, data={"name": values["name"]})
    shortlist.refresh_from_db()
    return shortlist


def archive_list(*, actor: Actor, shortlist: Shortlist, now: datetime | None = None) -> None:
    """Takes a list out of sight and closes its links; a second time changes nothing."""
    require(actor, "list.change", shortlist)
    moment = now or timezone.now()
    with transaction.atomic():
        if Shortlist.objects.filter(pk=shortlist.pk, archived_at__isnull=True).update(archived_at=moment):
            shortlist.links.filter(revoked_at__isnull=True).update(revoked_at=moment)
            record_event("list.archived", shortlist, actor=actor, at=moment)


def _checked(name: str, note: str, budget: Decimal | None, currency: str) -> dict[str, Any]:
    faults: dict[str, list[str]] = {}
    title = one_line(name, 120)
    if not title:
        faults["name"] = [_("Give the list a name.")]
    if budget is not None and (not budget.is_finite() or not 0 <= budget < 10**10):
        faults["budget"] = [_("Give an amount of 0 or more.")]
    if currency not in EUR_PER_UNIT:
        faults["currency"] = [_("Choose one of the currencies.")]
    if faults:
        raise InvalidInput(fields=faults)
    return {"name": title, "note": clean(note, 2000), "budget": budget, "currency": currency}


def add_creators(
    *, actor: Actor, shortlist: Shortlist, creators: Iterable[Creator], now: datetime | None = None
) -> list[ShortlistEntry]:
    """Puts creators on the list, unsorted; who is there already stays as they are. Returns the new ones."""
    require(actor, "list.change", shortlist)
    wanted = list({creator.pk: creator for creator in creators if creator.erased_at is None})
    moment = now or timezone.now()
    with transaction.atomic():
        row = Shortlist.objects.select_for_update().get(pk=shortlist.pk)
        if row.archived_at is not None:
            raise WrongState(_("This list is archived."), code="archived")
        there = set(row.entries.values_list("creator_id", flat=True))
        new = [pk for pk in wanted if pk not in there]
        if len(there) + len(new) > MOST_ENTRIES:
            raise WrongState(_("A list holds at most %(most)s creators.") % {"most": MOST_ENTRIES}, code="too_many")
        made = ShortlistEntry.objects.bulk_create(
            ShortlistEntry(shortlist=row, creator_id=pk, added_at=moment) for pk in new
        )
        if new:
            record_event("list.added", row, actor=actor, data={"count": len(new)}, at=moment)
    return list(made)


def remove_entry(*, actor: Actor, entry: ShortlistEntry) -> None:
    require(actor, "list.change", entry.shortlist)
    with transaction.atomic():
        count, _by_model = ShortlistEntry.objects.filter(pk=entry.pk).delete()
        if count:
            record_event("list.removed", entry.shortlist, actor=actor, data={"about": entry.creator_id})


def triage(
    *,
    actor: Actor,
    entry: ShortlistEntry,
    state: str,
    reason: str = "",
    expected: str | None = None,
    now: datetime | None = None,
) -> ShortlistEntry:
    """Sorts one creator. Passing needs a reason. expected: the state the reader saw; another one raises WrongState,
    so that two people who sort the same list do not overwrite each other unseen."""
    require(actor, "list.change", entry.shortlist)
    if state not in Triage.values:
        raise InvalidInput(fields={"state": [_("Choose one of the states.")]})
    if state == Triage.PASSED and reason not in PassReason.values:
        raise InvalidInput(fields={"reason": [_("Say why: it helps the next search.")]})
    moment = now or timezone.now()
    rows = ShortlistEntry.objects.filter(pk=entry.pk)
    if expected:
        rows = rows.filter(state=expected)
    with transaction.atomic():
        changed = rows.update(
            state=state, pass_reason=reason if state == Triage.PASSED else "", decided_by=actor.name[:160], decided_at=moment
        )  # fmt: skip
        if not changed:
            raise WrongState(_("Somebody sorted this creator meanwhile. Look again."), code="changed")
        data = {"about": entry.creator_id, "state": state} | ({"reason": reason} if state == Triage.PASSED else {})
        record_event("list.sorted", entry.shortlist, actor=actor, data=data, at=moment)
    entry.refresh_from_db()
    return entry


def mark(*, actor: Actor, entry: ShortlistEntry, flags: Sequence[str] = (), note: str = "") -> ShortlistEntry:
    """Flags and a short note of the list's own."""
    require(actor, "list.change", entry.shortlist)
    kept = [flag for flag in Flag.values if flag in flags]
    with transaction.atomic():
        ShortlistEntry.objects.filter(pk=entry.pk).update(flags=kept, note=one_line(note, 500))
        record_event("list.marked", entry.shortlist, actor=actor, data={"about": entry.creator_id, "flags": kept})
    entry.refresh_from_db()
    return entry


@dataclass(frozen=True, slots=True)
class RollUp:
    """Of the creators shortlisted, or of all not passed while nobody is. reached: people who react to a post, met twice
    counted once; unknown: creators whose audience or price is not known and counts as none. cost in EUR.
    tiers: (tier, creators)."""

    count: int
    counted: str
    reached: float | None
    total: float | None
    overlap_unknown: int
    cost: float | None
    cost_low: float | None
    cost_high: float | None
    unpriced: int
    tiers: tuple[tuple[str, int], ...]
    states: dict[str, int]


def roll_up(*, actor: Actor, shortlist: Shortlist) -> RollUp:
    require(actor, "list.read", shortlist)
    rows = ShortlistEntry.visible_to(actor).filter(shortlist=shortlist, creator__erased_at__isnull=True)
    states = dict.fromkeys(Triage.values, 0) | dict(rows.order_by().values_list("state").annotate(n=models.Count("pk")))
    counted = Triage.SHORTLISTED if states[Triage.SHORTLISTED] else ""
    chosen = rows.filter(state=counted) if counted else rows.exclude(state=Triage.PASSED)
    found = voices(actor, list(chosen.values_list("creator_id", flat=True)[:MOST_SUMMED]), {})
    engaged = np.array([voice.engaged if voice.engaged is not None else np.nan for voice in found])
    people, known = audiences_of([voice.sketch for voice in found], engaged) if found else (None, ())
    priced = [voice for voice in found if voice.price is not None]
    lines = current_scoring(actor.workspace_id).tiers
    sizes = [lines.of(voice.index.main_platform, voice.index.followers) for voice in found]
    anything = bool(found) and not bool(np.isnan(engaged).all())
    return RollUp(
        count=len(found),
        counted=counted,
        reached=float(engine.reach_of(people, range(len(found)))) if anything and people is not None else None,
        total=float(np.nansum(engaged)) if anything else None,
        overlap_unknown=sum(not sure for sure in known),
        cost=_sum(priced, "price"),
        cost_low=_sum(priced, "price_low"),
        cost_high=_sum(priced, "price_high"),
        unpriced=len(found) - len(priced),
        tiers=tuple((tier, n) for tier in TIERS if (n := sizes.count(tier))),
        states=states,
    )


def _sum(found: Sequence[Voice], name: str) -> float | None:
    values = [getattr(voice, name) for voice in found]
    known = [value for value in values if value is not None]
    return float(sum(known)) if known else None
