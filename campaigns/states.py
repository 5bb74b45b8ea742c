"""Transition tables as data: they feed the guard, the buttons, the API's `actions`, the badges and the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, WrongState
from accounts.events import record_event

Side = Literal["brand", "creator", "system"]
Tone = Literal["neutral", "info", "good", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Transition:
    """`verb` leads from any of `sources` to `target`, and may be done by the given sides."""

    verb: str
    sources: frozenset[str]
    target: str
    sides: frozenset[Side]
    label: Promise | str


@dataclass(frozen=True, slots=True)
class Badge:
    label: Promise | str
    tone: Tone
    icon: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One lifecycle: its states with their badges, and its transitions."""

    name: str
    badges: Mapping[str, Badge]
    transitions: tuple[Transition, ...]

    @property
    def states(self) -> list[str]:
        return list(self.badges)

    def transition(self, verb: str) -> Transition:
        return next(t for t in self.transitions if t.verb == verb)

    def open_to(self, state: str, side: Side) -> list[Transition]:
        return [t for t in self.transitions if state in t.sources and side in t.sides]


def _t(verb: str, sources: str, target: str, sides: str, label: Promise | str) -> Transition:
    return Transition(verb, frozenset(sources.split()), target, frozenset(sides.split()), label)  # type: ignore[arg-type]


CAMPAIGN = Machine(
    "campaign",
    {
        "draft": Badge(_("Draft"), "neutral", "pencil"),
        "active": Badge(_("Active"), "good", "player-play"),
        "closing": Badge(_("Closing"), "info", "hourglass"),
        "closed": Badge(_("Closed"), "neutral", "archive"),
        "cancelled": Badge(_("Cancelled"), "bad", "ban"),
    },
    (
        _t("activate", "draft", "active", "brand", _("Activate")),
        _t("start_closing", "active", "closing", "brand system", _("Start closing")),
        _t("close", "closing", "closed", "brand system", _("Close")),
        _t("cancel", "draft active", "cancelled", "brand", _("Cancel the campaign")),
    ),
)

PARTNERSHIP = Machine(
    "partnership",
    {
        "shortlisted": Badge(_("Shortlisted"), "neutral", "bookmark"),
        "invited": Badge(_("Invited"), "info", "send"),
        "seen": Badge(_("Seen"), "info", "eye"),
        "countered": Badge(_("Counter-offer"), "warn", "arrows-exchange"),
        "accepted": Badge(_("Accepted"), "good", "circle-check"),
        "contracted": Badge(_("Under contract"), "good", "signature"),
        "live": Badge(_("Live"), "good", "broadcast"),
        "completed": Badge(_("Completed"), "good", "flag"),
        "declined": Badge(_("Declined"), "neutral", "circle-x"),
        "withdrawn": Badge(_("Withdrawn"), "neutral", "arrow-back-up"),
        "expired": Badge(_("Expired"), "neutral", "clock-off"),
        "cancelled": Badge(_("Cancelled"), "bad", "ban"),
    },
    (
        _t("invite", "shortlisted", "invited", "brand", _("Invite")),
        _t("mark_seen", "invited", "seen", "creator system", _("Open")),
        _t("counter", "invited seen countered", "countered", "brand creator", _("Make a counter-offer")),
        _t("accept", "invited seen countered", "accepted", "brand creator", _("Accept")),
        _t("decline", "invited seen countered", "declined", "creator", _("Decline")),
        _t("withdraw", "invited seen countered", "withdrawn", "brand system", _("Withdraw")),
        _t("expire", "invited seen countered", "expired", "system", _("Expire")),
        _t("contract", "accepted", "contracted", "brand system", _("Contract signed")),
        _t("go_live", "accepted contracted", "live", "brand system", _("Content published")),
        _t("complete", "live", "completed", "brand system", _("Complete")),
        _t("cancel", "accepted contracted live", "cancelled", "brand creator", _("Cancel")),
    ),
)

SUGGESTION = Machine(
    "suggestion",
    {
        "open": Badge(pgettext_lazy("a ticket", "Open"), "info", "message-question"),
        "accepted": Badge(_("Accepted"), "good", "circle-check"),
        "rejected": Badge(_("Not taken over"), "neutral", "circle-x"),
        "withdrawn": Badge(_("Withdrawn"), "neutral", "arrow-back-up"),
    },
    (
        _t("accept", "open", "accepted", "brand creator", _("Accept")),
        _t("reject", "open", "rejected", "brand creator", _("Decline")),
        _t("withdraw", "open", "withdrawn", "brand creator system", _("Withdraw")),
    ),
)

SHIPMENT = Machine(
    "shipment",
    {
        "asked": Badge(_("Address asked"), "warn", "map-pin-question"),
        "ready": Badge(_("Ready to send"), "info", "package"),
        "shipped": Badge(_("On its way"), "info", "truck-delivery"),
        "problem": Badge(_("Problem"), "bad", "package-off"),
        "received": Badge(_("Received"), "good", "package-import"),
        "cancelled": Badge(_("Cancelled"), "neutral", "ban"),
    },
    (
        _t("give_address", "asked ready problem", "ready", "creator", _("Give the address")),
        _t("ship", "ready", "shipped", "brand", _("Note as sent")),
        _t("report", "shipped", "problem", "creator", _("Report a problem")),
        _t("receive", "shipped problem", "received", "creator brand", _("Received")),
        _t("cancel", "asked ready problem", "cancelled", "brand system", _("Cancel")),
    ),
)

CONTRACT = Machine(
    "contract",
    {
        "draft": Badge(_("Draft"), "neutral", "pencil"),
        "sent": Badge(_("Sent for signature"), "info", "send"),
        "signed_by_one": Badge(_("Signed by one"), "warn", "pencil-check"),
        "executed": Badge(_("Signed by both"), "good", "signature"),
        "voided": Badge(_("Voided"), "neutral", "ban"),
        "terminated": Badge(_("Terminated"), "bad", "file-off"),
    },
    (
        _t("send", "draft", "sent", "brand", _("Send for signature")),
        _t("sign_first", "sent", "signed_by_one", "brand creator", _("Sign")),
        _t("sign_second", "signed_by_one", "executed", "brand creator", _("Sign")),
        _t("void", "draft sent signed_by_one", "voided", "brand creator", _("Void")),
        _t("terminate", "executed", "terminated", "brand creator", _("Terminate")),
    ),
)

PAYMENT = Machine(
    "payment",
    {
        "agreed": Badge(pgettext_lazy("a payment", "Agreed"), "neutral", "circle-check"),
        "due": Badge(_("Due"), "warn", "calendar-due"),
        "sent": Badge(_("Sent"), "info", "send"),
        "received": Badge(_("Received"), "good", "check"),
        "disputed": Badge(_("Disputed"), "bad", "message-exclamation"),
    },
    (
        _t("fall_due", "agreed", "due", "brand system", _("Mark as due")),
        _t("send", "agreed due disputed", "sent", "brand", _("Mark as paid")),
        _t("receive", "sent disputed", "received", "creator", _("Confirm receipt")),
        _t("dispute", "due sent", "disputed", "creator", _("Dispute")),
    ),
)

# Tracked links and promo codes: paused ones answer with a page that says so.
LINK = Machine(
    "link",
    {
        "active": Badge(pgettext_lazy("a link or a code", "Active"), "good", "player-play"),
        "paused": Badge(_("Paused"), "warn", "player-pause"),
    },
    (
        _t("pause", "active", "paused", "brand system", _("Pause")),
        _t("resume", "paused", "active", "brand system", _("Resume")),
    ),
)

DELIVERABLE = Machine(
    "deliverable",
    {
        "planned": Badge(_("To make"), "neutral", "calendar-event"),
        "draft_submitted": Badge(_("In review"), "info", "eye-check"),
        "changes_requested": Badge(_("Changes asked"), "warn", "message-circle"),
        "approved": Badge(_("Approved"), "good", "thumb-up"),
        "published": Badge(_("Published"), "info", "broadcast"),
        "verified": Badge(pgettext_lazy("a publication", "Verified"), "good", "shield-check"),
        "missed": Badge(_("Missed"), "bad", "calendar-off"),
        "cancelled": Badge(_("Cancelled"), "neutral", "ban"),
    },
    (
        _t("submit_draft", "planned changes_requested", "draft_submitted", "creator", _("Show a draft")),
        _t("request_changes", "draft_submitted", "changes_requested", "brand", _("Ask for changes")),
        _t("approve", "draft_submitted", "approved", "brand", _("Approve")),
        _t("reject", "draft_submitted", "cancelled", "brand", _("Reject")),
        # From "planned" only where nothing is left to review (services/publication.py).
        _t("publish", "planned approved", "published", "creator brand", _("Enter the publication")),
        _t("verify", "published", "verified", "brand", _("Verify")),
        _t("miss", "planned changes_requested approved", "missed", "system", _("Missed")),
        _t("reopen", "missed", "planned", "brand", _("Give a new date")),
        _t(
            "cancel",
            "planned draft_submitted changes_requested approved missed",
            "cancelled",
            "brand system",
            _("Cancel"),
        ),
    ),
)

# A creator contests a datum or a score. Whoever brought it answers; a decision needs an answer first.
DISPUTE = Machine(
    "dispute",
    {
        "open": Badge(pgettext_lazy("a ticket", "Open"), "warn", "message-report"),
        "answered": Badge(_("Answered"), "info", "message-check"),
        "accepted": Badge(pgettext_lazy("a ticket", "Put right"), "good", "circle-check"),
        "rejected": Badge(_("Stays as it is"), "neutral", "circle-x"),
    },
    (
        _t("answer", "open", "answered", "brand system", _("Answer")),
        _t("accept", "answered", "accepted", "brand system", _("Put it right")),
        _t("reject", "answered", "rejected", "brand system", _("Leave it as it is")),
    ),
)

MACHINES = (CAMPAIGN, PARTNERSHIP, SUGGESTION, SHIPMENT, CONTRACT, PAYMENT, LINK, DELIVERABLE, DISPUTE)


def advance(
    row: models.Model,
    machine: Machine,
    verb: str,
    *,
    actor: Actor,
    changes: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
    only_from: Iterable[str] | None = None,
    at: datetime | None = None,
) -> None:
    """Moves `row` by one conditional UPDATE and records the event in the same transaction.

    The UPDATE carries the expected states, so of any number of callers exactly one wins.
    only_from narrows the transition's own sources. at: the event's time (default now).
    Raises WrongState (409) for every loser, NotAllowed (403) where the actor's side has no such verb.
    """
    step = machine.transition(verb)
    if actor.side not in step.sides:
        raise NotAllowed(gettext("This is not yours to do: it belongs to the other side."), code="other_side")
    sources = step.sources & set(only_from) if only_from is not None else step.sources
    with transaction.atomic():
        rows = type(row)._default_manager.filter(pk=row.pk)  # type: ignore[attr-defined]
        # Locked before it is read: the event must name the state really left, not the one last seen.
        before = rows.select_for_update().values_list("state", flat=True).first()
        moved = rows.filter(state__in=sources).update(state=step.target, **dict(changes or {}))
        row.refresh_from_db()
        if not moved:
            badge = machine.badges[row.state]  # type: ignore[attr-defined]
            raise WrongState(
                gettext("This is no longer possible: the state is now “%(state)s”.") % {"state": badge.label},
                params={"state": row.state, "verb": verb},  # type: ignore[attr-defined]
            )
        record_event(
            f"{machine.name}.{step.target}",
            row,
            actor=actor,
            data={"from": before, "to": step.target, "verb": verb} | dict(data or {}),
            at=at,
        )
