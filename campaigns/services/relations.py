"""People beyond one campaign: looking back, the next step, do-not-contact, ambassador programmes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Brand, Creator
from accounts.permissions import require
from campaigns.models import (
    Brief,
    Campaign,
    Debrief,
    Partnership,
    Programme,
    ProgrammeMember,
    ProgrammeRound,
    Relation,
)
from campaigns.services.briefs import save_brief
from campaigns.services.campaigns import create_campaign
from campaigns.services.shortlist import shortlist_creators
from campaigns.terms import read_day
from campaigns.texts import clean, one_line

DEBRIEF_WITHIN = timedelta(days=14)
TIERS_MOST = 6


def write_debrief(
    *,
    actor: Actor,
    partnership: Partnership,
    result: int,
    cooperation: int,
    again: bool,
    lesson: str = "",
    now: datetime | None = None,
) -> Debrief:
    """One short debrief per side after the end; it may be corrected for two weeks. Marks from 1 to 5."""
    require(actor, "partnership.answer", partnership)
    moment = now or timezone.now()
    if actor.side not in ("brand", "creator"):
        raise NotAllowed(_("Brand and creator look back, nobody else."), code="other_side")
    if partnership.state != "completed":
        raise WrongState(_("The debrief comes when the partnership is completed."), code="not_completed")
    faults = {
        name: [_("Choose from 1 to 5.")]
        for name, mark in (("result", result), ("cooperation", cooperation))
        if isinstance(mark, bool) or mark not in (1, 2, 3, 4, 5)
    }
    if faults:
        raise InvalidInput(fields=faults)
    values = {"result": result, "cooperation": cooperation, "again": bool(again), "lesson": clean(lesson, 1000)}
    with transaction.atomic():
        Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
        row = Debrief.objects.filter(partnership=partnership, side=actor.side).first()
        if row is not None and row.written_at < moment - DEBRIEF_WITHIN:
            raise WrongState(_("A debrief can be corrected for two weeks."), code="debrief_closed")
        if row is None:
            row = Debrief.objects.create(partnership=partnership, side=actor.side, written_at=moment, **values)
        else:
            Debrief.objects.filter(pk=row.pk).update(**values)
            row.refresh_from_db()
        data = {"side": actor.side, "again": bool(again), "result": result}
        record_event("partnership.debriefed", partnership, actor=actor, data=data, at=moment)
    return row


def save_relation(
    *,
    actor: Actor,
    creator: Creator,
    next_step: str = "",
    next_on: date | str | None = None,
    do_not_contact: bool = False,
    reason: str = "",
    now: datetime | None = None,
) -> Relation:
    """What is next with this person, or that this workspace no longer writes to them."""
    require(actor, "creator.change")
    moment = now or timezone.now()
    why = one_line(reason, 300)
    if do_not_contact and not why:
        raise InvalidInput(fields={"reason": [_("Say why, for whoever works here next year.")]})
    values = {"next_step": one_line(next_step, 200), "next_on": read_day(next_on), "updated_at": moment}
    with transaction.atomic():
        row, _made = Relation.objects.update_or_create(
            workspace_id=actor.workspace_of_own(),
            creator=creator,
            defaults=values | {"do_not_contact": bool(do_not_contact), "reason": why},
        )
        record_event(
            "relation.changed",
            row,
            actor=actor,
            data={"do_not_contact": row.do_not_contact, "reason": why},
            workspace_id=row.workspace_id,
            creator_id=None,
            at=moment,
        )
    return row


def is_barred(workspace_id: Any, creator_id: int) -> str:
    """Why this workspace does not write to this person, "" when it may."""
    row = Relation.objects.filter(workspace_id=workspace_id, creator_id=creator_id, do_not_contact=True).first()
    return row.reason if row else ""


# --- ambassador programmes


def create_programme(
    *,
    actor: Actor,
    brand: Brand,
    name: str,
    promise: str = "",
    tiers: Iterable[Mapping[str, str]] = (),
    every_months: int = 3,
    now: datetime | None = None,
) -> Programme:
    """tiers: [{name, benefit}], at most six; without any there is one."""
    require(actor, "campaign.change")
    moment, title = now or timezone.now(), one_line(name, 120)
    faults: dict[str, list[str]] = {}
    if len(title) < 3:
        faults["name"] = [_("Give it a name.")]
    if not 1 <= every_months <= 24:
        faults["every_months"] = [_("From 1 to 24 months.")]
    steps = [
        {"name": one_line(tier.get("name"), 60), "benefit": one_line(tier.get("benefit"), 200)}
        for tier in tiers
        if one_line(tier.get("name"), 60)
    ]
    if len(steps) > TIERS_MOST:
        faults["tiers"] = [_("At most %(n)s tiers.") % {"n": TIERS_MOST}]
    if faults:
        raise InvalidInput(fields=faults)
    with transaction.atomic():
        row = Programme.objects.create(
            workspace_id=actor.workspace_of_own(),
            brand=brand,
            name=title,
            promise=one_line(promise, 400),
            tiers=steps or [{"name": str(_("Ambassador")), "benefit": ""}],
            every_months=every_months,
            created_at=moment,
        )
        record_event("programme.created", row, actor=actor, at=moment)
    return row


def join_programme(
    *, actor: Actor, programme: Programme, creator: Creator, tier: int = 0, now: datetime | None = None
) -> ProgrammeMember:
    """Only people who completed a partnership with this workspace: an ambassador is chosen for what they did."""
    require(actor, "campaign.change")
    moment = now or timezone.now()
    if programme.ended_at:
        raise WrongState(_("This programme has ended."), code="ended")
    if not 0 <= tier < len(programme.tiers):
        raise InvalidInput(fields={"tier": [_("There is no such tier.")]})
    done = Partnership.visible_to(actor).filter(creator=creator, state="completed")
    if not done.exists():
        raise WrongState(
            _("An ambassador has completed a partnership with you first. Start with one campaign."), code="no_history"
        )
    with transaction.atomic():
        row, made = ProgrammeMember.objects.get_or_create(
            programme=programme, creator=creator, left_on=None, defaults={"tier": tier, "joined_on": moment.date()}
        )
        if not made and row.tier != tier:
            ProgrammeMember.objects.filter(pk=row.pk).update(tier=tier)
            row.tier = tier
        data = {"creator": creator.pk, "tier": tier}
        record_event("programme.member", programme, actor=actor, data=data, at=moment)
    return row


def leave_programme(*, actor: Actor, member: ProgrammeMember, now: datetime | None = None) -> None:
    require(actor, "campaign.change")
    moment = now or timezone.now()
    with transaction.atomic():
        if ProgrammeMember.objects.filter(pk=member.pk, left_on__isnull=True).update(left_on=moment.date()):
            data = {"creator": member.creator_id}
            record_event("programme.left", member.programme, actor=actor, data=data, at=moment)


def open_round(*, actor: Actor, programme: Programme, now: datetime | None = None) -> ProgrammeRound:
    """The next recurring brief: a draft campaign with the last brief of the brand, its members on the shortlist."""
    require(actor, "campaign.change")
    moment = now or timezone.now()
    with transaction.atomic():
        row = Programme.objects.select_for_update().select_related("brand").get(pk=programme.pk)
        if row.ended_at:
            raise WrongState(_("This programme has ended."), code="ended")
        last = ProgrammeRound.objects.filter(programme=row).order_by("-number").first()
        number = last.number + 1 if last else 1
        before = (
            Brief.objects.filter(campaign__brand=row.brand, **({"campaign": last.campaign_id} if last else {}))
            .select_related("campaign")
            .order_by("-saved_at")
            .first()
        )
        details = _repeated(before.campaign) if before else {}
        campaign = create_campaign(
            actor=actor, brand=row.brand, name=f"{row.name} · {number}"[:120], now=moment, **details
        )
        if before:
            save_brief(actor=actor, campaign=campaign, now=moment, **_content(before))
        people = Creator.objects.filter(programmes__programme=row, programmes__left_on__isnull=True, erased_at=None)
        shortlist_creators(actor=actor, campaign=campaign, creators=list(people), now=moment)
        made: ProgrammeRound = ProgrammeRound.objects.create(
            programme=row, campaign=campaign, number=number, opened_at=moment
        )
        record_event("programme.round", row, actor=actor, data={"number": number}, at=moment)
    return made


def _repeated(campaign: Campaign) -> dict[str, Any]:
    names = ("objective", "audience", "currency", "countries", "languages")
    return {name: getattr(campaign, name) for name in names}


def _content(brief: Brief) -> dict[str, Any]:
    """The last brief without its dates: they belong to the round before."""
    names: tuple[str, ...] = (
        "language",
        "product",
        "message",
        "must",
        "must_not",
        "freedom",
        "fee",
        "currency",
        "in_kind",
    )
    names += ("in_kind_value", "rights", "disclosure", "review_rounds", "answer_days")
    content = {name: getattr(brief, name) for name in names}
    return content | {"deliverables": [dict(item) | {"due_on": None} for item in brief.deliverables]}
