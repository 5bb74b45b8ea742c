"""The events of a partnership as people read them. The creator sees what concerns them, from the invitation on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Event
from accounts.templatetags.figures import moment, money
from campaigns import milestones
from campaigns.deliverables import described
from campaigns.models import Campaign, DeclineReason, Partnership
from campaigns.selectors import campaign_events
from campaigns.states import PARTNERSHIP

_NOT_FOR_CREATORS = ("shortlisted", "noted", "removed", "reminded", "scheduled", "unscheduled", "not_sent")


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    title: str
    text: str = ""
    who: str = ""
    icon: str = ""
    tone: str = "neutral"
    url: str = ""


def timeline(partnership: Partnership, actor: Actor) -> list[Entry]:
    """Newest first, with what happened to its papers, payments, pieces, parcels and suggestions.

    Names of the brand's people are not shown to the creator: the brand speaks.
    """
    own = Q(object_type="partnership", object_id=str(partnership.pk))
    rows = Event.visible_to(actor).filter(own | milestones.about(partnership, actor)).order_by("-at", "-id")
    brand = partnership.campaign.brand.name if actor.side == "creator" else ""
    pieces = {str(piece.pk): milestones.piece(piece) for piece in partnership.works.all()}
    return [
        _of_piece(_entry(event, partnership, brand), pieces.get(event.object_id))
        for event in rows
        if _told(event, actor)
    ]


def _of_piece(entry: Entry, piece: str | None) -> Entry:
    return replace(entry, title=f"{piece} · {entry.title}") if piece else entry


def _told(event: Event, actor: Actor) -> bool:
    if event.object_type != "partnership":
        return milestones.told(event.kind, actor)
    kind = event.kind.partition(".")[2]
    if kind == "contracted" and event.data.get("contract"):
        return False  # the contract's own event says so
    return not (actor.side == "creator" and kind in _NOT_FOR_CREATORS)


def _entry(event: Event, partnership: Partnership, brand: str) -> Entry:
    creator, kind = partnership.creator.display_name, event.kind.partition(".")[2]
    who = creator if event.actor_kind == "creator" else brand or event.actor_name
    if event.actor_kind == "system":
        who = ""
    if event.object_type != "partnership":
        title, icon, tone = milestones.words(event.kind, event.data)
        return Entry(event.at, str(title), milestones.detail(event.kind, event.data), who, icon, tone)
    title, text = _words(kind, event.data, creator, partnership.campaign.brand.name)
    badge = PARTNERSHIP.badges.get(kind)
    icon, tone = _EXTRA.get(kind, ("circle", "neutral"))
    return Entry(event.at, title, text, who, badge.icon if badge else icon, badge.tone if badge else tone)


_EXTRA = {"reminded": ("bell", "neutral"), "deadline_extended": ("clock-plus", "neutral"), "noted": ("note", "neutral")}
_EXTRA |= {
    "debriefed": ("message-star", "neutral"),
    "scheduled": ("clock", "info"),
    "unscheduled": ("clock-off", "neutral"),
    "not_sent": ("clock-x", "warn"),
}


def _words(kind: str, data: dict[str, Any], creator: str, brand: str) -> tuple[str, str]:
    by_brand = data.get("side") == "brand"
    plain: dict[str, Callable[[], str]] = {
        "shortlisted": lambda: _("Shortlisted"),
        "invited": lambda: _("Invitation sent"),
        "seen": lambda: _("Invitation opened"),
        "contracted": lambda: _("Goes on without a contract") if data.get("without") else _("Contract signed"),
        "live": lambda: _("Content published"),
        "completed": lambda: _("Completed"),
        "noted": lambda: _("Private note changed"),
        "unscheduled": lambda: _("Taken back before it was sent"),
        "not_sent": lambda: _("Not sent at its time"),
        "withdrawn": lambda: _("Invitation withdrawn"),
        "expired": lambda: _("Deadline passed without an answer"),
        "cancelled": lambda: _("Partnership ended"),
    }
    names = {"creator": creator, "brand": brand}
    if kind == "accepted":
        text = _("%(brand)s accepts") if by_brand else _("%(creator)s accepts")
        return text % names, ""
    if kind == "countered":
        text = _("%(brand)s proposes other terms") if by_brand else _("%(creator)s proposes other terms")
        return text % names, "\n".join(
            [*changes(data.get("changes") or {}, str(data.get("currency") or "EUR")), str(data.get("message") or "")]
        ).strip()
    if kind == "declined":
        reason = str(dict(DeclineReason.choices).get(str(data.get("reason")), ""))
        return _("%(creator)s declines") % names, "\n".join(filter(None, (reason, str(data.get("note") or ""))))
    if kind == "debriefed":
        return (_("%(brand)s looked back") if by_brand else _("%(creator)s looked back")) % names, ""
    if kind == "reminded":
        return _("Reminder %(n)s of 2 sent") % {"n": data.get("number", 1)}, ""
    if kind == "scheduled":
        when = parse_datetime(str(data.get("send_at") or ""))
        return _("Invitation scheduled"), _("For %(moment)s") % {"moment": moment(when)} if when else ""
    if kind == "deadline_extended":
        until = parse_datetime(str(data.get("to") or ""))
        return _("Deadline extended"), _("Until %(moment)s") % {"moment": moment(until)} if until else ""
    if kind == "shortlisted" and data.get("rank"):
        return _("Shortlisted"), _("Rank %(rank)s of a match, score %(score)s") % {
            "rank": data["rank"],
            "score": data["score"],
        }
    title = plain[kind]() if kind in plain else kind
    return title, str(data.get("message") or data.get("reason") or "")


def changes(differences: dict[str, list[Any]], currency: str = "EUR") -> list[str]:
    """What a counter-offer changed, one line each: "Fee: €400 → €480"."""
    labels = {
        "fee": _("Fee"),
        "in_kind": _("In kind"),
        "in_kind_value": _("Value in kind"),
        "rights": _("Usage rights"),
        "due_on": _("Publication by"),
        "deliverables": _("Deliverables"),
        "currency": _("Currency"),
    }
    lines = []
    for name, (before, after) in differences.items():
        shown = [_value(name, value, currency) for value in (before, after)]
        lines.append(
            _("%(label)s: %(before)s → %(after)s")
            % {"label": labels.get(name, name), "before": shown[0], "after": shown[1]}
        )
    return lines


def _value(name: str, value: Any, currency: str) -> str:
    if name in ("fee", "in_kind_value"):
        return money(value, currency)
    if name == "deliverables":
        return ", ".join(str(item["words"]) for item in described(value)) or "–"
    return str(value or "–")


def campaign_timeline(campaign: Campaign, actor: Actor) -> list[Entry]:
    """What happened in a campaign lately, each partnership's event with the creator's name."""
    events = campaign_events(actor, campaign)
    wanted = {event.object_id for event in events if event.object_type == "partnership"}
    rows = Partnership.visible_to(actor).filter(pk__in=wanted).select_related("creator", "campaign__brand")
    known = {str(row.pk): row for row in rows}
    entries = []
    for event in events:
        if event.object_type == "partnership" and event.object_id in known:
            row = known[event.object_id]
            entry = _entry(event, row, "")
            name = row.creator.display_name
            title = entry.title if name in entry.title else f"{name} · {entry.title}"
            who = "" if entry.who == name else entry.who
            entries.append(
                replace(entry, title=title, text="", who=who, url=reverse("partnership_detail", args=[row.pk]))
            )
        elif event.object_type != "partnership":
            title, icon = _campaign_words(event.kind, event.data)
            entries.append(Entry(event.at, title, str(event.data.get("reason") or ""), event.actor_name, icon))
    return entries


def _campaign_words(kind: str, data: dict[str, Any]) -> tuple[str, str]:
    words: dict[str, tuple[str, str]] = {
        "campaign.created": (_("Campaign created"), "plus"),
        "campaign.changed": (_("Campaign changed"), "pencil"),
        "campaign.active": (_("Campaign activated"), "player-play"),
        "campaign.closing": (_("Closing began"), "hourglass"),
        "campaign.closed": (_("Campaign closed"), "archive"),
        "campaign.cancelled": (_("Campaign cancelled"), "ban"),
        "brief.saved": (_("Brief saved, version %(n)s") % {"n": data.get("version", 1)}, "file-text"),
    }
    return words.get(kind, (kind, "circle"))
