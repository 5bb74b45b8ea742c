"""One table of who may do what. Services enforce it with `require`, templates ask it with `can`."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed
from accounts.scope import WHOLE_ONLY, reaches

_ALL = frozenset({"owner", "admin", "manager", "reviewer", "finance", "analyst", "guest"})
_READ = _ALL
_WORK = frozenset({"owner", "admin", "manager"})
_ADMIN = frozenset({"owner", "admin"})
_PAY = _WORK | {"finance"}
_ANALYSE = _WORK | {"analyst", "reviewer", "finance"}

# verb → (member roles, scope an API key needs, may a creator do it to what is theirs)
VERBS: dict[str, tuple[frozenset[str], str | None, bool]] = {
    "workspace.read": (_READ, "workspace:read", False),
    "workspace.change": (_ADMIN, None, False),
    "member.read": (_READ, None, False),
    "member.change": (_ADMIN, None, False),
    "key.read": (_ADMIN, None, False),
    "key.change": (_ADMIN, None, False),
    "webhook.read": (_ADMIN, "webhooks:read", False),
    "webhook.change": (_ADMIN, "webhooks:write", False),
    "connection.read": (_ADMIN, None, False),
    "connection.change": (_ADMIN, None, False),
    "brand.read": (_READ, "campaigns:read", False),
    "brand.change": (_WORK, "campaigns:write", False),
    "creator.read": (_READ, "creators:read", True),
    "creator.change": (_WORK, "creators:write", False),
    "creator.own": (frozenset(), None, True),
    "import.read": (_ANALYSE, "creators:read", False),
    "import.run": (_WORK, "creators:write", False),
    "job.read": (_READ, "jobs:read", False),
    "job.cancel": (_WORK, "jobs:write", False),
    "match.read": (_READ, "matches:read", False),
    "match.run": (_ANALYSE, "matches:write", False),
    "match.judge": (_WORK | {"reviewer"}, "matches:write", False),
    # How a workspace scores changes every later answer: administrators publish, everybody reads. Never by a key.
    "scoring.read": (_READ, "matches:read", False),
    "scoring.publish": (_ADMIN, None, False),
    "dispute.read": (_ANALYSE, None, True),
    "dispute.open": (frozenset(), None, True),
    "dispute.answer": (_WORK, None, False),
    # Notes, and searches kept with their alerts, belong to those who work: a guest reads neither.
    "note.read": (_ANALYSE, None, False),
    "note.write": (_ANALYSE, None, False),
    "search.read": (_ANALYSE, "searches:read", False),
    "search.change": (_ANALYSE, "searches:write", False),
    "list.read": (_READ, "lists:read", False),
    "list.change": (_WORK, "lists:write", False),
    "campaign.read": (_READ, "campaigns:read", False),
    "campaign.change": (_WORK, "campaigns:write", False),
    "partnership.read": (_READ, "partnerships:read", True),
    "partnership.change": (_WORK, "partnerships:write", False),
    "partnership.answer": (_WORK, "partnerships:write", True),
    "brief.suggest": (_WORK | {"reviewer"}, "partnerships:write", True),
    "message.read": (_ANALYSE, "messages:read", True),
    "message.write": (_WORK | {"reviewer"}, "messages:write", True),
    "message.sort": (_WORK | {"reviewer"}, "messages:write", False),
    "shipment.read": (_READ, "shipments:read", True),
    "shipment.send": (_WORK, "shipments:write", False),
    "shipment.address": (_WORK, "shipments:write", False),
    "shipment.own": (frozenset(), None, True),
    # Contracts hold addresses and sums: not for guests. A person signs; a key never does.
    "contract.read": (_ANALYSE, "contracts:read", True),
    "contract.desk": (_ANALYSE, None, False),  # the brand's own pages; a creator reads theirs under /deals/
    "contract.change": (_WORK, "contracts:write", False),
    "contract.sign": (_WORK, None, True),
    "payment.read": (_ANALYSE, "payments:read", True),
    "payment.change": (_PAY, "payments:write", False),
    "payment.answer": (frozenset(), None, True),
    "link.read": (_READ, "links:read", True),
    "link.change": (_WORK, "links:write", False),
    "conversion.read": (_ANALYSE, "conversions:read", False),
    "conversion.write": (_WORK | {"finance"}, "conversions:write", False),
    "result.read": (_READ, "reports:read", False),
    "result.change": (_WORK | {"finance", "analyst"}, "reports:write", False),
    "deliverable.read": (_READ, "deliverables:read", True),
    "deliverable.review": (_WORK | {"reviewer"}, "deliverables:write", False),
    "deliverable.publish": (_WORK, "deliverables:write", True),
    "deliverable.make": (frozenset(), None, True),
    "disclosure.read": (_READ, "disclosure:read", False),
    "disclosure.check": (_ANALYSE, "disclosure:write", False),
    # The audit log, exports of it, what is kept for how long, and the register: whole-workspace matters.
    "audit.read": (_ADMIN, None, False),
    "retention.read": (_ADMIN, None, False),
    "retention.change": (_ADMIN, None, False),
    "rule.read": (_READ, None, False),
    "rule.change": (_ADMIN, None, False),
    "register.read": (_ADMIN, None, False),
    "event.read": (_READ, "events:read", True),
    "health.read": (_ADMIN, None, False),
    "workspace.open": (frozenset(), None, False),
    "claim.confirm": (frozenset(), None, False),
    "index.recompute": (frozenset(), None, False),
}
# Staff look after the installation and read no tenant's data by that role.
STAFF_VERBS = frozenset(
    {"health.read", "workspace.open", "claim.confirm", "index.recompute", "dispute.read", "dispute.answer"}
)

SCOPES: tuple[str, ...] = tuple(sorted({scope for _roles, scope, _own in VERBS.values() if scope}))


def can(actor: Actor, verb: str, obj: Any = None) -> bool:
    """Whether the actor's role allows the verb. Which rows they may reach is `visible_to`'s part."""
    roles, scope, own = VERBS[verb]
    if actor.kind == "system":
        return True
    if actor.kind == "member":
        return actor.role in roles and (not actor.limited or (verb not in WHOLE_ONLY and reaches(actor, obj)))
    if actor.kind == "api":
        return scope is not None and scope in actor.scopes
    if actor.kind == "staff":
        return verb in STAFF_VERBS
    if actor.kind == "creator":
        return own and _concerns(actor, obj)
    return False


def _concerns(actor: Actor, obj: Any) -> bool:
    """A creator acts only on what is theirs; a link holder only on the one partnership of the link."""
    if obj is None:
        return True
    if actor.partnership_id is not None and type(obj).__name__ == "Partnership" and obj.pk != actor.partnership_id:
        return False
    owner = obj.pk if type(obj).__name__ == "Creator" else getattr(obj, "creator_id", None)
    return owner is None or owner == actor.creator_id


def require(actor: Actor, verb: str, obj: Any = None) -> None:
    """Raises NotAllowed (403) with a sentence that says what is missing."""
    if can(actor, verb, obj):
        return
    if actor.kind == "api":
        raise NotAllowed(
            _("This key lacks the scope “%(scope)s”.") % {"scope": VERBS[verb][1] or "–"}, code="scope_missing"
        )
    raise NotAllowed(_("Your role does not allow this. Ask an owner or an administrator of the workspace."))
