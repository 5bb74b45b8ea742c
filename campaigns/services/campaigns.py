"""A campaign from draft to closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import SYSTEM, Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.models import Brand
from accounts.permissions import require
from accounts.scope import reaches
from campaigns.limits import BOUND, RUNNING, WAITING
from campaigns.models import Brief, Campaign, ClosingCode, Partnership
from campaigns.services import closing
from campaigns.states import CAMPAIGN, advance
from campaigns.terms import Terms, read_amount, read_day
from campaigns.texts import clean, one_line
from matching.codes import EUR_PER_UNIT, country_code, language_code


class CampaignDetails(TypedDict, total=False):
    """Everything of a campaign beside brand and name. Dates as date or YYYY-MM-DD, budget as amount or text."""

    objective: str
    audience: str
    budget: Decimal | str | int | None
    currency: str
    starts_on: date | str | None
    ends_on: date | str | None
    countries: list[str]
    languages: list[str]
    places: int | None
    kpi_targets: dict[str, Any]
    external_id: str


class CampaignChanges(CampaignDetails, total=False):
    name: str
    brand: Brand


WHILE_ACTIVE = frozenset({"name", "audience", "budget", "places", "ends_on", "kpi_targets"})


def create_campaign(
    *, actor: Actor, brand: Brand, name: str, now: datetime | None = None, **details: Unpack[CampaignDetails]
) -> Campaign:
    """A draft for one of the actor's brands. Raises InvalidInput with every fault by field."""
    require(actor, "campaign.change")
    _own_brand(actor, brand)
    moment = now or timezone.now()
    campaign = Campaign(workspace_id=brand.workspace_id, brand=brand, created_by_id=actor.user_id, created_at=moment)
    campaign.currency = details.get("currency") or brand.workspace.currency
    _apply(campaign, {"name": name, **details})
    try:
        with transaction.atomic():
            campaign.save(force_insert=True)
            record_event("campaign.created", campaign, actor=actor, data={"name": campaign.name}, at=moment)
    except IntegrityError as error:
        raise _taken(campaign) from error
    return campaign


def update_campaign(
    *, actor: Actor, campaign: Campaign, now: datetime | None = None, **changes: Unpack[CampaignChanges]
) -> Campaign:
    """Changes a draft freely; of an active campaign only what nobody was promised."""
    require(actor, "campaign.change", campaign)
    if "brand" in changes:
        _own_brand(actor, changes["brand"])
    try:
        with transaction.atomic():
            row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
            if row.state not in ("draft", "active"):
                raise WrongState(_("This campaign is over and no longer changes."), code="campaign_over")
            before = {name: getattr(row, name) for name in changes}
            _apply(row, changes)
            changed = [name for name, value in before.items() if getattr(row, name) != value]
            _changeable(row, changed)
            if changed:
                row.save(update_fields=changed)
                record_event("campaign.changed", row, actor=actor, data={"fields": sorted(changed)}, at=now)
    except IntegrityError as error:
        raise _taken(campaign) from error
    campaign.refresh_from_db()
    return campaign


def _own_brand(actor: Actor, brand: Brand) -> None:
    if actor.kind != "system" and actor.workspace_id != brand.workspace_id:
        raise NotAllowed(_("This brand belongs to another workspace."))
    if not reaches(actor, brand):
        raise NotAllowed(_("You do not work for this brand."))


def _taken(campaign: Campaign) -> WrongState:
    message = _("A campaign with the identifier “%(id)s” already exists in this workspace.") % {
        "id": campaign.external_id
    }
    return WrongState(message, code="external_id_taken")


def _changeable(campaign: Campaign, changed: list[str]) -> None:
    fixed = sorted(set(changed) - WHILE_ACTIVE)
    if campaign.state == "active" and fixed:
        message = _("While the campaign is active this stays as creators were told.")
        raise InvalidInput(fields={name: [message] for name in fixed})


def _apply(campaign: Campaign, changes: Mapping[str, Any]) -> None:
    """Sets and checks. Amount, dates and codes are read the same way from page, API and demo."""
    faults: dict[str, list[str]] = {}
    for name, value in changes.items():
        try:
            setattr(campaign, name, _READERS.get(name, lambda same: same)(value))
        except InvalidInput as error:
            faults[name] = [error.message]
    try:
        campaign.full_clean(exclude=[*faults, "id", "workspace", "state"], validate_constraints=False)
    except ValidationError as error:
        faults |= {name: [str(text) for text in texts] for name, texts in error.message_dict.items()}
    if not faults:
        faults = _together(campaign)
    if faults:
        raise InvalidInput(fields=faults)


def _together(campaign: Campaign) -> dict[str, list[str]]:
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:
        return {"ends_on": [_("The end comes before the start. Swap the dates or change one.")]}
    if campaign.places is not None:
        taken = 0 if campaign._state.adding else Partnership.objects.filter(campaign=campaign, state__in=BOUND).count()
        if campaign.places < max(1, taken):
            message = (
                _("%(n)s creators have accepted: at least that many places.") if taken else _("At least one place.")
            )
            return {"places": [message % {"n": taken}]}
    return {}


def _codes(value: Any, lookup: Any) -> list[str]:
    found = []
    for item in value or []:
        code = lookup(one_line(item, 80))
        if code is None:
            raise InvalidInput(_("“%(value)s” is not known. Use a two-letter code.") % {"value": one_line(item, 40)})
        found.append(code)
    return list(dict.fromkeys(found))


def _name(value: Any) -> str:
    name = one_line(value)
    if not name:
        raise InvalidInput(_("Give the campaign a name."))
    return name


def _currency(value: Any) -> str:
    code = one_line(value, 10).upper()
    if code not in EUR_PER_UNIT:
        raise InvalidInput(_("Use one of: %(known)s.") % {"known": ", ".join(EUR_PER_UNIT)})
    return code


def _targets(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > 20:
        raise InvalidInput(_("This must be an object of at most 20 named targets."))
    return dict(value)


_READERS: dict[str, Any] = {
    "name": _name,
    "audience": lambda value: one_line(value),
    "external_id": lambda value: one_line(value),
    "budget": lambda value: None if value in (None, "") else read_amount(value),
    "currency": _currency,
    "starts_on": read_day,
    "ends_on": read_day,
    "countries": lambda value: _codes(value, country_code),
    "languages": lambda value: _codes(value, language_code),
    "kpi_targets": _targets,
}


def missing(campaign: Campaign, *, today: date | None = None) -> dict[str, list[str]]:
    """What a draft still needs before creators can be invited; by field, empty when it is ready."""
    brief = Brief.objects.filter(campaign=campaign).current()
    found: dict[str, list[str]] = {}
    if brief is None:
        found["brief"] = [_("Write the brief.")]
    else:
        if not brief.product:
            found["product"] = [_("Name the product or the idea.")]
        if not brief.message:
            found["message"] = [_("Say the message in one sentence.")]
        found |= Terms.of_brief(brief).lacks()
    if campaign.ends_on and campaign.ends_on < (today or timezone.now().date()):
        found["ends_on"] = [_("The end date has passed. Choose a later one.")]
    return found


def activate_campaign(*, actor: Actor, campaign: Campaign, now: datetime | None = None) -> Campaign:
    """Draft → active. Raises InvalidInput with what is missing."""
    require(actor, "campaign.change", campaign)
    with transaction.atomic():
        if campaign.state == "draft" and (faults := missing(campaign, today=(now or timezone.now()).date())):
            raise InvalidInput(fields=faults, code="incomplete")
        advance(campaign, CAMPAIGN, "activate", actor=actor, at=now)
    return campaign


def close_campaign(*, actor: Actor, campaign: Campaign, message: str = "", now: datetime | None = None) -> Campaign:
    """Active → closing: nobody new, and everyone still waiting gets a polite answer. → closed when nothing runs."""
    require(actor, "campaign.change", campaign)
    with transaction.atomic():
        row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if row.state != "closing":
            advance(row, CAMPAIGN, "start_closing", actor=actor, data={"message": clean(message, 1000)}, at=now)
            closing.answer_waiting(campaign=row, code=ClosingCode.CAMPAIGN_CLOSED, note=clean(message, 1000), now=now)
        running = Partnership.objects.filter(campaign=row, state__in=RUNNING).count()
        if not running:
            advance(row, CAMPAIGN, "close", actor=actor, at=now)
        elif campaign.state == "closing":
            raise WrongState(
                _("%(n)s partnerships are still running. The campaign closes by itself when the last one is completed.")
                % {"n": running},
                code="still_running",
            )
    campaign.refresh_from_db()
    return campaign


def cancel_campaign(*, actor: Actor, campaign: Campaign, reason: str, now: datetime | None = None) -> Campaign:
    """Draft or active → cancelled, with a reason everyone concerned reads. Refused while content is live."""
    require(actor, "campaign.change", campaign)
    reason = closing.read_reason(reason, "reason")
    with transaction.atomic():
        row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        live = Partnership.objects.filter(campaign=row, state="live").count()
        if live and row.state == "active":
            raise WrongState(
                _("%(n)s contents are live. Close the campaign instead.") % {"n": live}, code="content_live"
            )
        advance(row, CAMPAIGN, "cancel", actor=actor, data={"reason": reason}, at=now)
        closing.answer_waiting(campaign=row, code=ClosingCode.CAMPAIGN_CANCELLED, note=reason, now=now)
        closing.cancel_accepted(actor=actor, campaign=row, reason=reason, now=now)
    campaign.refresh_from_db()
    return campaign


def close_if_over(*, campaign_id: Any, now: datetime | None = None) -> None:
    """A closing campaign whose last partnership ended closes by itself. Call inside the ending transaction."""
    row = Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)
    left = Partnership.objects.filter(campaign=row, state__in=[*RUNNING, *WAITING]).exists()
    if row.state == "closing" and not left:
        advance(row, CAMPAIGN, "close", actor=SYSTEM, at=now)
