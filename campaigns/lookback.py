"""Reading what came after: relations with people, debriefs, who should be asked again, what a creator has to do next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Prefetch
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import Creator
from campaigns.limits import BOUND
from campaigns.models import Contract, Debrief, Offer, Partnership, Payment, ProgrammeMember, Relation, UsageRight
from campaigns.services.relations import DEBRIEF_WITHIN
from matching.codes import in_eur

CENT = Decimal("0.01")
GOOD = 4


def readable_debriefs(actor: Actor, partnership: Partnership) -> list[Debrief]:
    """One's own, and the other side's once both have written."""
    rows = list(Debrief.visible_to(actor).filter(partnership=partnership))
    return rows if len(rows) == 2 else [row for row in rows if row.side == actor.side]


@dataclass(slots=True)
class Person:
    """One row of the relations page. value: agreed so far in euros, money and kind. kept: deadlines kept, of timed."""

    creator: Creator
    deals: int = 0
    completed: int = 0
    running: int = 0
    value: Decimal = Decimal(0)
    last_contact: datetime | None = None
    timed: int = 0
    kept: int = 0
    marks: list[int] = field(default_factory=list)
    again: bool | None = None
    relation: Relation | None = None
    programmes: list[str] = field(default_factory=list)

    @property
    def mark(self) -> float | None:
        return sum(self.marks) / len(self.marks) if self.marks else None

    @property
    def ask_again(self) -> bool:
        """Somebody who did well and has nothing running: relations last longer than campaigns."""
        barred = self.relation is not None and self.relation.do_not_contact
        good = self.again is not False and (self.mark is None or self.mark >= GOOD)
        on_time = self.timed == 0 or self.kept / self.timed >= 0.5
        return self.completed > 0 and not self.running and good and on_time and not barred


def people(actor: Actor) -> list[Person]:
    """Everybody this workspace has agreed something with, or keeps a note on; latest contact first."""
    found: dict[int, Person] = {}
    rows = Partnership.visible_to(actor).filter(state__in=BOUND).select_related("creator")
    for row in rows:
        person = found.setdefault(row.creator_id, Person(row.creator))
        person.deals += 1
        person.completed += row.state == "completed"
        person.running += row.state != "completed"
    contacts = Partnership.visible_to(actor).filter(creator__in=found).order_by().values("creator_id")
    for row in contacts.annotate(last=Max("state_changed_at")):
        found[row["creator_id"]].last_contact = row["last"]
    _values(actor, found)
    _debriefs(actor, found)
    for relation in Relation.visible_to(actor).select_related("creator"):
        found.setdefault(relation.creator_id, Person(relation.creator)).relation = relation
    members = ProgrammeMember.visible_to(actor).filter(left_on__isnull=True).select_related("programme")
    for member in members.filter(creator__in=found):
        found[member.creator_id].programmes.append(member.programme.name)
    return sorted(
        found.values(), key=lambda p: (p.last_contact is None, -(p.last_contact or timezone.now()).timestamp())
    )


def _values(actor: Actor, found: dict[int, Person]) -> None:
    offers = (
        Offer.visible_to(actor).filter(state="accepted", partnership__state__in=BOUND).select_related("partnership")
    )
    lives = _published(actor)
    today = timezone.now().date()
    for offer in offers:
        person = found[offer.partnership.creator_id]
        person.value += in_eur(offer.fee + offer.in_kind_value, offer.currency).quantize(CENT)
        live = lives.get(str(offer.partnership_id))
        if offer.due_on and (live or offer.due_on < today):
            person.timed += 1
            person.kept += bool(live and live.date() <= offer.due_on)


def _published(actor: Actor) -> dict[str, datetime]:
    from accounts.models import Event

    rows = Event.visible_to(actor).filter(object_type="partnership", kind="partnership.live")
    return dict(rows.order_by("-at").values_list("object_id", "at"))


def _debriefs(actor: Actor, found: dict[int, Person]) -> None:
    rows = Debrief.visible_to(actor).filter(side="brand").order_by("written_at").select_related("partnership")
    for row in rows:
        person = found.get(row.partnership.creator_id)
        if person is not None:
            person.marks.append(row.result)
            person.again = row.again


@dataclass(frozen=True, slots=True)
class Chapter:
    """One partnership in the story of a person. debriefs: those this reader may read. kept: out by the agreed day."""

    partnership: Partnership
    offer: Offer | None
    contract: Contract | None
    payments: list[Payment]
    rights: list[UsageRight]
    debriefs: list[Debrief]
    kept: bool | None


@dataclass(frozen=True, slots=True)
class Story:
    """A person's page: sums as in the list, every partnership newest first, memberships of programmes."""

    person: Person
    chapters: list[Chapter]
    memberships: list[ProgrammeMember]


def story(actor: Actor, creator: Creator) -> Story:
    """Nothing shared yet gives an empty story, not an error: the page then says how to begin."""
    person = next((one for one in people(actor) if one.creator.pk == creator.pk), Person(creator))
    rows = Partnership.visible_to(actor).filter(creator=creator, invited_at__isnull=False)
    rows = rows.select_related("campaign__brand", "brief").prefetch_related(
        Prefetch("offers", Offer.visible_to(actor).filter(state="accepted").order_by("-number")),
        Prefetch("contracts", Contract.visible_to(actor).order_by("-number")),
        "payments",
        "usage_rights",
        "debriefs",
    )
    lives = _published(actor)
    members = ProgrammeMember.visible_to(actor).filter(creator=creator).select_related("programme")
    chapters = [_chapter(actor, row, lives.get(str(row.pk))) for row in rows.order_by("-invited_at")]
    return Story(person, chapters, list(members))


def _chapter(actor: Actor, row: Partnership, live: datetime | None) -> Chapter:
    offer: Offer | None = next(iter(row.offers.all()), None)
    written = list(row.debriefs.all())
    return Chapter(
        partnership=row,
        offer=offer,
        contract=next((one for one in row.contracts.all() if one.state != "voided"), None),
        payments=list(row.payments.all()),
        rights=list(row.usage_rights.all()),
        debriefs=written if len(written) == 2 else [one for one in written if one.side == actor.side],
        kept=_kept(row, offer.due_on if offer else None, live),
    )


def _kept(row: Partnership, due_on: date | None, live: datetime | None) -> bool | None:
    """Whether it was out by the agreed day; None where none was agreed, or it still lies ahead."""
    if due_on is None or row.state not in BOUND or (live is None and due_on >= timezone.now().date()):
        return None
    return live is not None and live.date() <= due_on


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that waits. kind: unsigned, payment_due, disputed, debrief, rights."""

    kind: str
    partnership: Partnership
    since: datetime | None = None
    due: date | None = None
    amount: Decimal | None = None
    currency: str = "EUR"
    pk: Any = None


def lines(actor: Actor, now: datetime | None = None) -> list[Line]:
    """What comes after the agreement and waits for the brand."""
    moment = now or timezone.now()
    about = ("partnership__campaign__brand", "partnership__creator")
    found = [
        Line("unsigned", row.partnership, row.sent_at, pk=row.pk)
        for row in Contract.visible_to(actor).filter(state__in=["sent", "signed_by_one"]).select_related(*about)
    ]
    payments = Payment.visible_to(actor).filter(state__in=["due", "disputed"]).select_related(*about)
    found += [
        Line(
            "disputed" if row.state == "disputed" else "payment_due",
            row.partnership,
            due=row.due_on,
            amount=row.amount,
            currency=row.currency,
            pk=row.pk,
        )
        for row in payments.order_by("due_on")
    ]
    done = Partnership.visible_to(actor).filter(state="completed", state_changed_at__gte=moment - DEBRIEF_WITHIN)
    found += [
        Line("debrief", row, row.state_changed_at, (row.state_changed_at + DEBRIEF_WITHIN).date())
        for row in done.exclude(debriefs__side="brand").select_related("campaign__brand", "creator")
    ]
    ending = UsageRight.visible_to(actor).filter(warned_at__isnull=False, ended_at__isnull=True).select_related(*about)
    return found + [Line("rights", row.partnership, due=row.ends_on, pk=row.pk) for row in ending]
