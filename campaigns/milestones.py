"""Events of what belongs to a partnership (papers, money, pieces, parcels, suggestions) as its timeline tells them."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.permissions import can
from accounts.templatetags.figures import day, money
from campaigns.deliverables import described
from campaigns.models import Contract, Deliverable, Partnership, Payment, Shipment, Suggestion, UsageRight

Words = tuple[Promise | str, str, str]

# kind → (title, icon, tone). What is not here is not told.
WORDS: dict[str, Words] = {
    "contract.drafted": (_("Contract drafted"), "file-pencil", "neutral"),
    "contract.sent": (_("Contract sent for signature"), "send", "info"),
    "contract.reminded": (_("Asked again for a signature"), "bell", "neutral"),
    "contract.signed_by_one": (_("Contract signed by one side"), "pencil-check", "info"),
    "contract.executed": (_("Contract signed by both"), "signature", "good"),
    "contract.sealed": (_("Signed contract sealed, copies sent to both"), "lock", "neutral"),
    "contract.voided": (_("Contract taken back or refused"), "ban", "warn"),
    "contract.terminated": (_("Contract ended"), "file-off", "bad"),
    "payment.agreed": (_("Payment agreed"), "cash", "neutral"),
    "payment.due": (_("Payment due"), "calendar-due", "warn"),
    "payment.late": (_("Payment late, reminder sent"), "bell", "warn"),
    "payment.sent": (_("Payment sent"), "send", "info"),
    "payment.received": (_("Payment received"), "cash", "good"),
    "payment.disputed": (_("Payment disputed"), "message-exclamation", "bad"),
    "right.ending": (_("Usage rights end soon"), "clock", "warn"),
    "right.ended": (_("Usage rights ended"), "clock-off", "neutral"),
    "shipment.asked": (_("Address asked for a parcel"), "map-pin-question", "neutral"),
    "shipment.ready": (_("Address given"), "package", "neutral"),
    "shipment.shipped": (_("Parcel sent"), "truck-delivery", "info"),
    "shipment.problem": (_("Problem with the parcel"), "package-off", "bad"),
    "shipment.received": (_("Parcel received"), "package-import", "good"),
    "shipment.cancelled": (_("Parcel cancelled"), "ban", "neutral"),
    "suggestion.open": (_("Other words suggested for the brief"), "message-question", "info"),
    "suggestion.accepted": (_("Suggestion taken over"), "circle-check", "good"),
    "suggestion.rejected": (_("Suggestion not taken over"), "circle-x", "neutral"),
    "suggestion.withdrawn": (_("Suggestion taken back"), "arrow-back-up", "neutral"),
    "deliverable.draft_submitted": (_("Draft %(n)s shown"), "eye-check", "info"),
    "deliverable.changes_requested": (_("Changes asked"), "message-circle", "warn"),
    "deliverable.approved": (_("Approved"), "thumb-up", "good"),
    "deliverable.published": (_("Published"), "broadcast", "info"),
    "deliverable.verified": (_("Verified by a person"), "shield-check", "good"),
    "deliverable.late": (_("Past its day"), "clock", "warn"),
    "deliverable.missed": (_("Missed"), "calendar-off", "bad"),
    "deliverable.planned": (_("New date set"), "calendar-event", "neutral"),
    "deliverable.cancelled": (_("Taken off"), "ban", "neutral"),
    "disclosure.flagged": (_("The label is not clear"), "alert-triangle", "warn"),
    "disclosure.resolved": (_("The label is clear now"), "circle-check", "good"),
}
_NOT_FOR_CREATORS = frozenset({"contract.drafted", "payment.late"})
_GUARDED = (("contract.read", Contract), ("payment.read", Payment), ("shipment.read", Shipment))
_PLAIN: tuple[type[Model], ...] = (Suggestion, Deliverable, UsageRight)


def about(partnership: Partnership, actor: Actor) -> Q:
    """Which events belong in the timeline beside the partnership's own. Guests are told nothing of papers and money."""
    models = [*_PLAIN, *(model for verb, model in _GUARDED if can(actor, verb, partnership))]
    found = Q(pk__in=[])
    for model in models:
        rows = model.visible_to(actor).filter(partnership_id=partnership.pk)  # type: ignore[attr-defined]
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        found |= Q(object_type=model._meta.model_name, object_id__in=ids)
    return found


def piece(row: Deliverable) -> str:
    """ "3 stories": which piece an event is about."""
    return str(described([{"format": row.format, "quantity": row.quantity, "platform": row.platform}])[0]["words"])


def told(kind: str, actor: Actor) -> bool:
    return kind in WORDS and not (actor.side == "creator" and kind in _NOT_FOR_CREATORS)


def words(kind: str, data: dict[str, Any]) -> Words:
    """Title, icon and tone of one event; data: the event's."""
    title, icon, tone = WORDS.get(kind, (kind, "circle", "neutral"))
    if kind == "disclosure.resolved" and data.get("waived"):
        title = gettext("Let pass with a reason")
    return str(title).replace("%(n)s", str(data.get("draft", ""))), icon, tone


def detail(kind: str, data: dict[str, Any]) -> str:
    """The second line: the sum, the reference, the reason given."""
    given = [str(data[name]) for name in ("reason", "note") if data.get(name)]
    if kind.startswith("payment.") and data.get("amount"):
        given.insert(0, money(data["amount"], str(data.get("currency") or "EUR")))
    elif kind.startswith("contract.") and data.get("reference"):
        given.insert(0, str(data["reference"]))
    elif kind.startswith("right.") and data.get("ends_on"):
        given.insert(0, gettext("Until %(moment)s") % {"moment": day(parse_date(str(data["ends_on"])))})
    return "\n".join(given)
