"""Writing a brief together: either side suggests, the other answers, an accepted suggestion is a new version.

Before the agreement it is a suggestion, after it an amendment; both need both sides: whoever proposes has agreed,
the other accepts. The version that results belongs to this one partnership.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import InvalidInput, NotAllowed, WrongState
from accounts.events import record_event
from accounts.permissions import require
from campaigns.cowriting import SUGGESTIBLE, plain
from campaigns.limits import RUNNING, WAITING
from campaigns.models import Brief, Partnership, Suggestion
from campaigns.personal import leftover
from campaigns.services.briefs import KEPT, _apply, save_brief, version_for
from campaigns.services.invitations import lock
from campaigns.states import SUGGESTION, advance
from campaigns.texts import clean

OPEN_MOST = 10


def suggest(
    *,
    actor: Actor,
    partnership: Partnership,
    changes: Mapping[str, Any],
    reason: str = "",
    now: datetime | None = None,
) -> Suggestion:
    """Proposes other words. changes: field → value, of `SUGGESTIBLE`; what equals the version is left out.

    Raises InvalidInput (field, value, nothing changed), WrongState (over, ten open already, the same one open).
    """
    require(actor, "brief.suggest", partnership)
    moment = now or timezone.now()
    why = clean(reason, 1000)
    if mark := leftover(why):
        raise InvalidInput(
            fields={
                "reason": [
                    _("“%(mark)s” looks like a template that was not filled in. Replace it.") % {"mark": mark[:60]}
                ]
            }
        )
    with transaction.atomic():
        row = (
            Partnership.objects.select_for_update(of=("self",))
            .select_related("brief", "campaign")
            .get(pk=partnership.pk)
        )
        brief = _brief_of(row)
        differences = _read(brief, changes)
        waiting = Suggestion.objects.filter(partnership=row, state="open")
        if waiting.count() >= OPEN_MOST:
            raise WrongState(_("Ten suggestions are open. Answer some of them first."), code="too_many_open")
        if any(other.changes == differences and other.side == actor.side for other in waiting):
            raise WrongState(_("This very suggestion is open already."), code="duplicate")
        suggestion: Suggestion = Suggestion.objects.create(
            partnership=row,
            brief=brief,
            side=actor.side,
            author_id=actor.user_id,
            amendment=row.state in RUNNING,
            changes=differences,
            reason=why,
            created_at=moment,
        )
        record_event("suggestion.open", suggestion, actor=actor, data=_facts(suggestion), at=moment)
    return suggestion


def _brief_of(row: Partnership) -> Brief:
    if row.brief is None or row.state not in (*WAITING, *RUNNING):
        raise WrongState(
            _("The words can be changed together from the invitation until the end."), code="not_in_dialogue"
        )
    return row.brief


def _read(brief: Brief, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Checked and normalised by the brief's own rules: {field: {"from", "to"}} of what differs."""
    if strange := sorted(set(changes) - set(SUGGESTIBLE)):
        raise InvalidInput(
            fields={
                name: [_("Pay, items, dates and rights are proposed by a counter-offer, not here.")] for name in strange
            }
        )
    trial = Brief(campaign=brief.campaign, version=brief.version, **{name: getattr(brief, name) for name in KEPT})
    _apply(trial, changes)
    found = {
        name: {"from": plain(getattr(brief, name)), "to": plain(getattr(trial, name))}
        for name in SUGGESTIBLE
        if name in changes and getattr(brief, name) != getattr(trial, name)
    }
    if not found:
        raise InvalidInput(_("Nothing differs from the version you both read."), code="unchanged")
    return found


def _facts(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "partnership": str(suggestion.partnership_id),
        "side": suggestion.side,
        "fields": sorted(suggestion.changes),
        "amendment": suggestion.amendment,
    }


def accept_suggestion(
    *, actor: Actor, suggestion: Suggestion, for_later: bool = False, answer: str = "", now: datetime | None = None
) -> Suggestion:
    """The other side takes it over: the next version, for this partnership.

    for_later: the brand also puts the change into the brief of later invitations.
    Raises WrongState where a field was changed by another suggestion meanwhile (code "outdated").
    """
    require(actor, "brief.suggest", suggestion.partnership)
    moment = now or timezone.now()
    with transaction.atomic():
        row, found = _locked(actor, suggestion)
        brief = _brief_of(row)
        for name, change in found.changes.items():
            if plain(getattr(brief, name)) != change["from"]:
                raise WrongState(
                    _("This part was changed by another suggestion meanwhile. Propose it anew on the present words."),
                    code="outdated",
                )
        wanted = {name: change["to"] for name, change in found.changes.items()}
        result = version_for(
            partnership=row, changes=wanted, actor=actor, locked=row.accepted_at is not None, now=moment
        )
        Partnership.objects.filter(pk=row.pk).update(brief=result)
        changes = {"answered_at": moment, "answer": clean(answer, 1000), "result": result}
        _advance(found, "accept", actor, changes, moment, version=result.version)
        if for_later and actor.side == "brand" and row.campaign.state == "active":
            save_brief(actor=actor, campaign=row.campaign, now=moment, **wanted)  # type: ignore[arg-type]
    suggestion.refresh_from_db()
    return suggestion


def reject_suggestion(
    *, actor: Actor, suggestion: Suggestion, answer: str = "", now: datetime | None = None
) -> Suggestion:
    """The other side keeps the words as they are, with a word on why if it likes."""
    require(actor, "brief.suggest", suggestion.partnership)
    moment = now or timezone.now()
    with transaction.atomic():
        _row, found = _locked(actor, suggestion)
        _advance(found, "reject", actor, {"answered_at": moment, "answer": clean(answer, 1000)}, moment)
    suggestion.refresh_from_db()
    return suggestion


def withdraw_suggestion(*, actor: Actor, suggestion: Suggestion, now: datetime | None = None) -> Suggestion:
    """Whoever proposed it takes it back."""
    require(actor, "brief.suggest", suggestion.partnership)
    if actor.side != suggestion.side:
        raise NotAllowed(_("Only the side that suggested it takes it back."), code="other_side")
    moment = now or timezone.now()
    with transaction.atomic():
        _advance(suggestion, "withdraw", actor, {"answered_at": moment}, moment)
    return suggestion


def _locked(actor: Actor, suggestion: Suggestion) -> tuple[Partnership, Suggestion]:
    """Campaign, creator, partnership and suggestion locked in this order; refuses one's own suggestion."""
    if actor.side == suggestion.side:
        raise NotAllowed(_("The other side answers this suggestion."), code="other_side")
    campaign, creator = lock(suggestion.partnership)
    row = Partnership.objects.select_for_update(of=("self",)).select_related("brief").get(pk=suggestion.partnership_id)
    row.campaign, row.creator = campaign, creator
    if row.brief:
        row.brief.campaign = campaign
    found = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
    found.partnership = row
    if found.state == "open":
        _brief_of(row)
    return row, found


def _advance(
    suggestion: Suggestion, verb: str, actor: Actor, changes: Mapping[str, Any], moment: datetime, **data: Any
) -> None:
    """The event names the fields, never the words: those stand in the row, where they can be forgotten."""
    advance(suggestion, SUGGESTION, verb, actor=actor, changes=changes, data=_facts(suggestion) | data, at=moment)
