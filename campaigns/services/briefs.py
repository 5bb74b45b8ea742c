"""A brief in versions: changed while nobody has read it, followed by a new version afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.permissions import require
from campaigns.briefs import to_matching_brief
from campaigns.deliverables import read_deliverables
from campaigns.disclosure import read_labels
from campaigns.models import Brief, Campaign, Partnership
from campaigns.personal import leftover
from campaigns.services.campaigns import _currency
from campaigns.terms import read_amount
from campaigns.texts import clean, one_line
from matching.codes import language_code


class BriefContent(TypedDict, total=False):
    """Every field of a brief (see docs/partnerships.md for the shapes)."""

    language: str
    product: str
    message: str
    must: str
    must_not: str
    freedom: int
    deliverables: list[dict[str, Any]]
    fee: Any
    currency: str
    in_kind: str
    in_kind_value: Any
    rights: str
    disclosure: dict[str, str]
    review_rounds: int
    answer_days: int
    matching: dict[str, Any]


KEPT = tuple(BriefContent.__annotations__)


def save_brief(
    *,
    actor: Actor,
    campaign: Campaign,
    based_on: datetime | None = None,
    now: datetime | None = None,
    **content: Unpack[BriefContent],
) -> Brief:
    """The current version changed, or the next one where the current is locked or was sent to somebody.

    Fields left out keep their value. based_on: the `saved_at` this change was written against; when somebody
    saved meanwhile, WrongState instead of overwriting their work.
    """
    require(actor, "campaign.change", campaign)
    moment = now or timezone.now()
    with transaction.atomic():
        row = Campaign.objects.select_for_update(no_key=True).select_related("brand__workspace").get(pk=campaign.pk)
        if row.state not in ("draft", "active"):
            raise WrongState(_("This campaign is over: its brief no longer changes."), code="campaign_over")
        current = Brief.objects.filter(campaign=row).order_by("-version").first()
        if based_on and current and current.saved_at != based_on:
            raise WrongState(
                _("Somebody saved this brief while you were writing. Compare with their version, then save again."),
                code="stale",
            )
        brief = _next(row, current, actor, moment)
        _apply(brief, content)
        if brief._state.adding:
            brief.save(force_insert=True)
        else:
            brief.save(update_fields=[*KEPT, "saved_at"])
        record_event(
            "brief.saved", brief, actor=actor, workspace_id=row.workspace_id, data={"version": brief.version}, at=moment
        )
    return brief


def _next(campaign: Campaign, current: Brief | None, actor: Actor, moment: datetime) -> Brief:
    """The row to write: the current version while it is nobody's yet, else a copy with the next number."""
    if current and not is_fixed(current):
        current.campaign, current.saved_at = campaign, moment
        return current
    values: dict[str, Any] = {name: getattr(current, name) for name in KEPT} if current else {}
    if not current:
        values = {"currency": campaign.currency, "language": (campaign.languages or [campaign.workspace.language])[0]}
    number = current.version + 1 if current else 1
    return Brief(
        campaign=campaign, version=number, created_by_id=actor.user_id, created_at=moment, saved_at=moment, **values
    )


def is_fixed(brief: Brief) -> bool:
    """Whether this version was accepted or is in somebody's hands."""
    return brief.locked_at is not None or Partnership.objects.filter(brief=brief, invited_at__isnull=False).exists()


def lock_brief(*, brief_id: Any, now: datetime) -> None:
    """At the first acceptance. Call inside the accepting transaction."""
    Brief.objects.filter(pk=brief_id, locked_at__isnull=True).update(locked_at=now)


def _apply(brief: Brief, content: Mapping[str, Any]) -> None:
    faults: dict[str, list[str]] = {}
    for name, value in content.items():
        if name not in KEPT:
            faults[name] = [_("There is no such field.")]
            continue
        try:
            setattr(brief, name, _READERS.get(name, lambda same: same)(value))
        except InvalidInput as error:
            faults |= error.fields or {name: [error.message]}
    try:
        brief.full_clean(
            exclude=[*faults, "id", "campaign", "matching", "disclosure", "deliverables"],
            validate_constraints=False,
            validate_unique=False,
        )
    except ValidationError as error:
        faults |= {name: [str(text) for text in texts] for name, texts in error.message_dict.items()}
    for name in ("product", "message", "must", "must_not"):
        if mark := leftover(getattr(brief, name)):
            faults.setdefault(
                name, [_("“%(mark)s” looks like a template that was not filled in. Replace it.") % {"mark": mark[:60]}]
            )
    if not faults:
        faults = _together(brief)
    if faults:
        raise InvalidInput(fields=faults)


def _together(brief: Brief) -> dict[str, list[str]]:
    if brief.in_kind and not brief.in_kind_value:
        return {"in_kind_value": [_("Give the value of what is given in kind: the law counts it like money.")]}
    try:
        brief.disclosure = read_labels(brief.disclosure, brief.campaign.countries, brief.language)
        to_matching_brief(brief.campaign, brief, allow_empty=True)
    except InvalidInput as error:
        return dict(error.fields) or {"matching": [error.message]}
    return {}


def _language(value: Any) -> str:
    code = language_code(one_line(value, 20))
    if code is None:
        raise InvalidInput(_("Use a two-letter language code, such as fr."))
    return code


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(_("This must be an object."))
    return dict(value)


def _amount(value: Any) -> Any:
    return None if value in (None, "") else read_amount(value)


_READERS: dict[str, Any] = {
    "language": _language,
    "product": one_line,
    "message": one_line,
    "must": clean,
    "must_not": clean,
    "deliverables": read_deliverables,
    "fee": _amount,
    "currency": _currency,
    "in_kind": one_line,
    "in_kind_value": _amount,
    "rights": one_line,
    "disclosure": _object,
    "matching": _object,
}
