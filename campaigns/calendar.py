"""A creator's calendar: everything with a date in their deals, as rows for the page and as iCalendar (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.templatetags.figures import money
from campaigns.limits import RUNNING
from campaigns.models import Contract, Deliverable, Offer, Partnership, Payment, UsageRight
from campaigns.services.relations import DEBRIEF_WITHIN
from campaigns.works import words_of

TITLES: dict[str, Promise | str] = {
    "answer": _("Answer by then"),
    "sign": _("Contract to sign, sent"),
    "publish": pgettext_lazy("calendar", "Publish"),
    "payment": _("Payment"),
    "debrief": _("Look back until then"),
    "rights": _("Usage rights end"),
}
_OPEN_WORK = ("planned", "draft_submitted", "changes_requested", "approved")
_LINE = 75  # octets of a folded line, RFC 5545 section 3.1


@dataclass(frozen=True, slots=True)
class Date:
    """One entry. kind: a key of TITLES. key: what it is about, stable, for the feed's UID. work: the piece to publish."""

    on: date
    kind: str
    key: str
    partnership: Partnership
    text: str = ""
    amount: Decimal | None = None
    currency: str = "EUR"
    work: Deliverable | None = None

    @property
    def title(self) -> str:
        found = str(TITLES[self.kind])
        return f"{found} {money(self.amount, self.currency)}" if self.amount is not None else found

    @property
    def late(self) -> bool:
        return self.kind in ("publish", "payment") and self.on < timezone.now().date()


def calendar(actor: Actor) -> list[Date]:
    """Everything that lies ahead or is late, the nearest first; what is over is left out."""
    return sorted([*_answers(actor), *_pieces(actor), *_papers(actor)], key=lambda one: (one.on, one.kind, one.key))


def _answers(actor: Actor) -> Iterable[Date]:
    today = timezone.now().date()
    for row in Partnership.visible_to(actor).select_related("campaign__brand", "brief").prefetch_related("debriefs"):
        if row.state in ("invited", "seen", "countered") and row.expires_at:
            yield Date(row.expires_at.date(), "answer", str(row.pk), row)
        recent = row.state == "completed" and row.state_changed_at.date() >= today - DEBRIEF_WITHIN
        if recent and not any(one.side == "creator" for one in row.debriefs.all()):
            yield Date((row.state_changed_at + DEBRIEF_WITHIN).date(), "debrief", str(row.pk), row)


def _pieces(actor: Actor) -> Iterable[Date]:
    """Each piece on its own day; the offer's day only where there are no pieces with one."""
    about = ("partnership__campaign__brand", "partnership__brief")
    dated = Deliverable.visible_to(actor).filter(due_on__isnull=False, partnership__state__in=RUNNING)
    known = set()
    for work in dated.select_related(*about):
        known.add(work.partnership_id)
        if work.state in _OPEN_WORK:
            yield Date(work.due_on, "publish", str(work.pk), work.partnership, words_of(work), work=work)
    offers = Offer.visible_to(actor).filter(state="accepted", partnership__state__in=["accepted", "contracted"])
    for offer in offers.filter(due_on__isnull=False).exclude(partnership__in=known).select_related(*about):
        yield Date(offer.due_on, "publish", str(offer.pk), offer.partnership)


def _papers(actor: Actor) -> Iterable[Date]:
    about = ("partnership__campaign__brand", "partnership__brief")
    waiting = Contract.visible_to(actor).filter(state__in=["sent", "signed_by_one"]).exclude(signatures__side="creator")
    for contract in waiting.select_related(*about):
        yield Date(contract.sent_at.date(), "sign", str(contract.pk), contract.partnership)
    owed = Payment.visible_to(actor).exclude(state="received").filter(due_on__isnull=False)
    for payment in owed.select_related(*about):
        yield Date(
            payment.due_on, "payment", str(payment.pk), payment.partnership, "", payment.amount, payment.currency
        )
    rights = UsageRight.visible_to(actor).filter(ends_on__gte=timezone.now().date()).select_related(*about)
    for right in rights:
        yield Date(right.ends_on, "rights", str(right.pk), right.partnership, right.scope)


# --- the feed


def as_ics(dates: Iterable[Date], *, name: str, now: datetime) -> bytes:
    """iCalendar in UTF-8 with CRLF and folded lines: whole-day entries that take no time from the day."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Resonance//Calendar//EN", "CALSCALE:GREGORIAN"]
    lines += ["METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT6H"]
    for one in dates:
        brand = one.partnership.campaign.brand.name
        uid = hashlib.sha256(f"{one.kind}:{one.key}".encode()).hexdigest()[:32]
        about = " · ".join(filter(None, (one.text, one.partnership.campaign.name)))
        lines += ["BEGIN:VEVENT", f"UID:{uid}@resonance", f"DTSTAMP:{stamp}"]
        lines += [f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}", f"DTEND;VALUE=DATE:{one.on + timedelta(days=1):%Y%m%d}"]
        lines += [f"SUMMARY:{_escaped(f'{brand} · {one.title}')}", f"DESCRIPTION:{_escaped(about)}"]
        lines += ["TRANSP:TRANSPARENT", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _escaped(text: str) -> str:
    """TEXT of RFC 5545, 3.3.11; control characters that no calendar takes are dropped."""
    kept = "".join(sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if sign >= " " or sign == "\n")
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterable[str]:
    """At most 75 octets a line, never inside a character; continuations begin with a blank."""
    part, size = "", 0
    for sign in line:
        width = len(sign.encode())
        if size + width > _LINE:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + width
    yield part


def feed_name() -> str:
    return gettext("My deals")
