"""A brief in versions: changed while nobody has read it, followed by a new version afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, WrongState
from accounts.events import record_event
from accounts.permissions import require
from campaigns.briefs import to_matching_brief
from campaigns.deliverables import last_due, read_deliverables
from campaigns.disclosure import read_labels
from campaigns.models import Brief, Campaign, Partnership, Suggestion
from campaigns.models.campaign import Use
from campaigns.personal import leftover
from campaigns.services.campaigns import _currency
from campaigns.terms import read_amount, read_day
from campaigns.texts import clean, one_line
from matching.codes import language_code


class BriefContent(TypedDict, total=False):
    """Every field of a brief (see docs/partnerships.md for the shapes)."""

    language: str
    product: str
    goal: str
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
    rights_uses: list[str]
    rights_months: int | None
    not_before: Any
    assets: list[dict[str, str]]
    link: str
    gives_code: bool
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
        current = Brief.objects.filter(campaign=row).current()
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
    """The row to write: the current version while it is nobody's yet, else a copy with the next number.

    Numbers run through all versions of a campaign, those made for one creator included.
    """
    if current and not is_fixed(current):
        current.campaign, current.saved_at = campaign, moment
        return current
    values: dict[str, Any] = {name: getattr(current, name) for name in KEPT} if current else {}
    if not current:
        values = {"currency": campaign.currency, "language": (campaign.languages or [campaign.workspace.language])[0]}
    return Brief(
        campaign=campaign,
        version=next_number(campaign),
        created_by_id=actor.user_id,
        created_at=moment,
        saved_at=moment,
        **values,
    )


def next_number(campaign: Campaign) -> int:
    """The number of the next version. Call with the campaign locked."""
    last = Brief.objects.filter(campaign=campaign).aggregate(last=Max("version"))["last"]
    return int(last or 0) + 1


def version_for(
    *, partnership: Partnership, changes: Mapping[str, Any], actor: Actor, locked: bool, now: datetime
) -> Brief:
    """The partnership's version with `changes`, as the next version for this one creator. Call with the campaign locked."""
    base = partnership.brief
    if base is None:
        raise WrongState(_("Nothing was sent to this creator yet: change the brief itself."), code="not_sent")
    values: dict[str, Any] = {name: getattr(base, name) for name in KEPT}
    brief = Brief(
        campaign=partnership.campaign,
        version=next_number(partnership.campaign),
        made_for=partnership,
        created_by_id=actor.user_id,
        created_at=now,
        saved_at=now,
        locked_at=now if locked else None,
        **values,
    )
    _apply(brief, changes)
    brief.save(force_insert=True)
    record_event(
        "brief.saved",
        brief,
        actor=actor,
        workspace_id=partnership.campaign.workspace_id,
        data={"version": brief.version, "made_for": str(partnership.pk)},
        at=now,
    )
    return brief


def is_fixed(brief: Brief) -> bool:
    """Whether this version was accepted, is in somebody's hands, or was until a suggestion replaced it."""
    return (
        brief.locked_at is not None
        or Partnership.objects.filter(brief=brief, invited_at__isnull=False).exists()
        or Suggestion.objects.filter(brief=brief).exists()
    )


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
            exclude=[*faults, "id", "campaign", "made_for", "matching", "disclosure", "deliverables", "assets"],
            validate_constraints=False,
            validate_unique=False,
        )
    except ValidationError as error:
        faults |= {name: [str(text) for text in texts] for name, texts in error.message_dict.items()}
    for name in ("product", "goal", "message", "must", "must_not"):
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
    if brief.rights_months and not brief.rights_uses:
        return {"rights_uses": [_("Say where the content may be used for that long.")]}
    if brief.rights_uses and not brief.rights_months:
        return {"rights_months": [_("Say for how long: without an end the law reads rights narrowly.")]}
    if brief.not_before and (end := last_due(brief.deliverables)) and brief.not_before > end:
        return {"not_before": [_("Everything is due before this day.")]}
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


ASSETS_MOST = 10


def read_assets(value: Any) -> list[dict[str, str]]:
    """[{label, url}] with web addresses only; a line of its own per fault."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes) or len(value) > ASSETS_MOST:
        raise InvalidInput(fields={"assets": [_("This must be a list of at most %(n)s items.") % {"n": ASSETS_MOST}]})
    found, faults = [], []
    for number, raw in enumerate(value, start=1):
        item = raw if isinstance(raw, Mapping) else {}
        label, url = one_line(item.get("label"), 120), read_link(item.get("url"))
        if not url:
            faults.append(_("Item %(number)s: give an address that begins with https://.") % {"number": number})
        found.append({"label": label or url, "url": url})
    if faults:
        raise InvalidInput(fields={"assets": faults})
    return found


_WEB = URLValidator(schemes=["https", "http"])


def read_link(value: Any) -> str:
    """A web address, "" for anything else: such links are shown to the other side."""
    url = one_line(value, 500)
    try:
        _WEB(url)
    except ValidationError:
        return ""
    return url


def _link(value: Any) -> str:
    if not one_line(value):
        return ""
    url = read_link(value)
    if not url:
        raise InvalidInput(_("Give an address that begins with https://."))
    return url


def _uses(value: Any) -> list[str]:
    chosen = list(dict.fromkeys(value)) if isinstance(value, list | tuple) else None
    if chosen is None or not set(chosen) <= set(Use.values):
        raise InvalidInput(_("Choose among: %(known)s.") % {"known": ", ".join(Use.values)})
    return sorted(chosen, key=Use.values.index)


def _months(value: Any) -> Any:
    return None if value in (None, "") else value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(_("This must be an object."))
    return dict(value)


def _amount(value: Any) -> Any:
    return None if value in (None, "") else read_amount(value)


_READERS: dict[str, Any] = {
    "language": _language,
    "product": one_line,
    "goal": one_line,
    "message": one_line,
    "must": clean,
    "must_not": clean,
    "deliverables": read_deliverables,
    "fee": _amount,
    "currency": _currency,
    "in_kind": one_line,
    "in_kind_value": _amount,
    "rights": one_line,
    "rights_uses": _uses,
    "rights_months": _months,
    "not_before": read_day,
    "assets": read_assets,
    "link": _link,
    "gives_code": bool,
    "disclosure": _object,
    "matching": _object,
}
