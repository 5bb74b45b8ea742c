"""The one table of public event names. What is not in it never leaves the house."""

from __future__ import annotations

import fnmatch

# public name → kinds of recorded events (`accounts.events.record_event`), patterns allowed
PUBLIC: dict[str, tuple[str, ...]] = {
    "creator.updated": ("creators.updated", "creator.terms_changed", "creator.claimed"),
    "score.changed": ("scores.changed",),
    "partnership.invited": ("partnership.invited",),
    "partnership.seen": ("partnership.seen",),
    "partnership.accepted": ("partnership.accepted",),
    "partnership.declined": ("partnership.declined",),
    "partnership.countered": ("partnership.countered",),
    "partnership.expired": ("partnership.expired",),
    "partnership.withdrawn": ("partnership.withdrawn",),
    "partnership.contracted": ("partnership.contracted",),
    "partnership.live": ("partnership.live",),
    "partnership.completed": ("partnership.completed",),
    "partnership.cancelled": ("partnership.cancelled",),
    "deliverable.draft_submitted": ("deliverable.draft_submitted",),
    "deliverable.changes_requested": ("deliverable.changes_requested",),
    "deliverable.approved": ("deliverable.approved",),
    "deliverable.published": ("deliverable.published",),
    "deliverable.verified": ("deliverable.verified",),
    "deliverable.missed": ("deliverable.missed",),
    "contract.sent": ("contract.sent",),
    "contract.signed": ("contract.signed_by_one",),
    "contract.executed": ("contract.executed",),
    "disclosure.flagged": ("disclosure.flagged",),
    "disclosure.resolved": ("disclosure.resolved",),
    "link.clicks": ("link.clicks",),
    "conversion.created": ("conversion.created",),
    "conversion.reversed": ("conversion.reversed",),
    "payment.updated": ("payment.*",),
    "report.frozen": ("report.frozen",),
    "job.finished": ("job.finished",),
}
# Sent on request of the receiver's own people only, whatever they subscribed to.
TEST = "webhook.test"
KINDS: tuple[str, ...] = tuple(dict.fromkeys(kind for kinds in PUBLIC.values() for kind in kinds))


def public_name(kind: str) -> str | None:
    """The name under which an event leaves, or None."""
    for name, kinds in PUBLIC.items():
        if any(fnmatch.fnmatchcase(kind, pattern) for pattern in kinds):
            return name
    return None


def wants(events: list[str], name: str) -> bool:
    """Whether an endpoint with this list of names takes the event; an empty list takes all."""
    return not events or name in events
