"""The audit log as people read it: who did what, when, from where, and what it was before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import Event

# The beginning of an event's kind → the area it is filed under.
AREAS: dict[str, str | Promise] = {
    "member": _("Members"),
    "workspace": _("Workspace"),
    "brand": _("Brands"),
    "api_key": _("API keys"),
    "webhook_endpoint": _("Webhooks"),
    "connection": _("Connectors"),
    "export": _("Exports"),
    "rule": _("Rules"),
    "retention": _("Retention"),
    "scoring": _("Scoring"),
    "attribution": _("Attribution"),
    "currency_rate": _("Currencies"),
    "emv": _("Earned media value"),
    "postback": _("Postbacks"),
    "campaign": _("Campaigns"),
    "brief": _("Briefs"),
    "partnership": _("Partnerships"),
    "contract": _("Contracts"),
    "payment": _("Payments"),
    "deliverable": _("Content"),
    "report": _("Reports"),
    "link": _("Links"),
    "code": _("Codes"),
    "conversion": _("Conversions"),
    "message": _("Messages"),
    "suggestion": _("Suggestions"),
    "shipment": _("Parcels"),
    "programme": _("Programmes"),
    "job": _("Jobs"),
    "import": _("Imports"),
    "match": _("Matches"),
}
ADMINISTRATION = (
    "member", "workspace", "brand", "api_key", "webhook_endpoint", "connection", "export", "rule", "retention",
    "scoring", "attribution", "currency_rate", "emv", "postback",
)  # fmt: skip
_SENTENCES: dict[str, str | Promise] = {
    "member.invited": _("Member invited"),
    "member.joined": _("Member joined"),
    "member.invitation_revoked": _("Invitation taken back"),
    "member.role_changed": _("Role changed"),
    "member.limited": _("Access limited or widened"),
    "member.suspended": _("Member suspended"),
    "member.restored": _("Member restored"),
    "member.removed": _("Member removed"),
    "member.ownership_transferred": _("Ownership handed over"),
    "workspace.created": _("Workspace opened"),
    "workspace.changed": _("Workspace settings changed"),
    "brand.created": _("Brand created"),
    "brand.changed": _("Brand changed"),
    "api_key.created": _("API key created"),
    "api_key.revoked": _("API key revoked"),
    "api_key.limited": _("Limit of an API key changed"),
    "export.downloaded": _("File downloaded"),
    "rule.edited": _("Rule pack edited"),
    "rule.withdrawn": _("Edited rule pack withdrawn"),
    "retention.changed": _("Retention changed"),
    "retention.ran": _("Retention applied"),
    "scoring.published": _("Scoring published"),
    "attribution.rule_changed": _("Attribution rule changed"),
    "connection.saved": _("Connector saved"),
    "connection.removed": _("Connector removed"),
}
_FIELDS: dict[str, str | Promise] = {
    "name": _("Name"),
    "email": _("E-mail"),
    "role": _("Role"),
    "language": _("Language"),
    "currency": _("Currency"),
    "timezone": _("Time zone"),
    "require_mfa": _("Two-step sign-in required"),
    "limited": _("Limited"),
    "brands": _("Brands"),
    "campaigns": _("Campaigns"),
    "scopes": _("Scopes"),
    "file": _("File"),
    "path": _("Page"),
    "description": _("Description"),
    "website": _("Website"),
    "fields": _("Fields"),
}
_SECRET = ("secret", "token", "password", "hash", "salt")
KINDS = ("member", "api", "creator", "staff", "system")


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what changed; None where there was nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    event: Event
    title: str
    area: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter, already checked: anything unknown is as if it had not been asked."""

    area: str = ""
    actor: str = ""
    text: str = ""
    since: str = ""
    until: str = ""
    all: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        def day(name: str) -> str:
            try:
                found = parse_date(query.get(name, "").strip())
            except ValueError:
                found = None
            return found.isoformat() if found else ""

        area, actor = query.get("area", ""), query.get("actor", "")
        return cls(
            area=area if area in AREAS else "",
            actor=actor if actor in KINDS else "",
            text=query.get("q", "").replace("\x00", "").strip()[:80],
            since=day("since"),
            until=day("until"),
            all=query.get("all") == "1",
        )

    def query(self) -> dict[str, str]:
        said = {"area": self.area, "actor": self.actor, "q": self.text, "since": self.since, "until": self.until}
        return {name: value for name, value in said.items() if value} | ({"all": "1"} if self.all else {})


def entries(actor: Actor, asked: Asked) -> QuerySet[Event]:
    """Newest first. Without an area and without `all`: administration and exports only."""
    rows = Event.visible_to(actor)
    if asked.area:
        rows = rows.filter(kind__startswith=f"{asked.area}.")
    elif not asked.all:
        wanted = Q()
        for area in ADMINISTRATION:
            wanted |= Q(kind__startswith=f"{area}.")
        rows = rows.filter(wanted)
    if asked.actor:
        rows = rows.filter(actor_kind=asked.actor)
    if asked.since:
        rows = rows.filter(at__gte=_start(asked.since))
    if asked.until:
        rows = rows.filter(at__lte=datetime.combine(_start(asked.until).date(), time.max, UTC))
    if asked.text:
        said = Q(actor_name__icontains=asked.text) | Q(kind__icontains=asked.text) | Q(object_id=asked.text)
        rows = rows.filter(said | Q(data__icontains=asked.text) | Q(ip__startswith=asked.text))
    found: QuerySet[Event] = rows.order_by("-pk")
    return found


def _start(day: str) -> datetime:
    return datetime.combine(datetime.fromisoformat(day).date(), time.min, UTC)


def entry(event: Event) -> Entry:
    area = event.kind.partition(".")[0]
    label = str(AREAS.get(area, area.replace("_", " ")))
    sentence = _SENTENCES.get(event.kind)
    title = str(sentence) if sentence else f"{label}: {event.kind.partition('.')[2].replace('_', ' ')}"
    return Entry(event, title, label, list(changes(event.data)))


def changes(data: Mapping[str, Any]) -> Iterator[Change]:
    """The event's own words; before and after side by side, and only what differs."""
    before, after = data.get("before"), data.get("after")
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = before or {}, after or {}
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield Change(_field(name), _text(name, old.get(name)), _text(name, new.get(name)))
    elif "before" in data or "after" in data:
        yield Change("", _text("", before), _text("", after))
    elif "from" in data and "to" in data:
        yield Change("", _text("", data["from"]), _text("", data["to"]))
    for name, value in data.items():
        if name not in ("before", "after", "from", "to", "fields") and value not in (None, "", [], {}):
            yield Change(_field(name), None, _text(name, value))


def _field(name: str) -> str:
    return str(_FIELDS.get(name, name.replace("_", " ")))


def _text(name: str, value: Any) -> str | None:
    if value is None or value == "" or value == []:
        return None
    if any(word in name for word in _SECRET):
        return "•••"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)[:400]
    return str(value)[:400]


def csv_heads() -> list[str]:
    labels = (
        _("When"),
        _("Who"),
        _("Kind of actor"),
        _("IP address"),
        _("What"),
        _("Event"),
        _("Object"),
        _("Before"),
        _("After"),
    )
    return [str(label) for label in labels]


def csv_row(event: Event) -> list[str]:
    told = entry(event)
    named = [(f"{change.field}: " if change.field else "", change) for change in told.changes]
    return [
        event.at.astimezone(UTC).isoformat(timespec="seconds"),
        event.actor_name,
        event.actor_kind,
        event.ip or "",
        told.title,
        event.kind,
        f"{event.object_type} {event.object_id}",
        "; ".join(f"{field}{change.before}" for field, change in named if change.before is not None),
        "; ".join(f"{field}{change.after}" for field, change in named if change.after is not None),
    ]
