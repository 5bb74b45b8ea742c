"""Pieces as pages show them: what they are, whose turn it is, drafts with their checks, what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Event
from accounts.permissions import can
from campaigns import milestones, publication_rules
from campaigns.disclosure.labels import Label, labels_for
from campaigns.disclosure.wording import ICONS, TO_CONFIRM, TONES, VERDICTS, Said, country_name, said
from campaigns.limits import RUNNING, Block
from campaigns.models import Deliverable, DisclosureCheck, Draft
from campaigns.services.checks import language_of, preview, targeted
from campaigns.services.deadlines import GRACE
from campaigns.services.publication import needed_ticks
from campaigns.states import DELIVERABLE
from campaigns.timeline import Entry


def deliverables(actor: Actor) -> QuerySet[Deliverable]:
    """What the actor may see, with what lists read of each."""
    rows = Deliverable.visible_to(actor).select_related(
        "partnership__campaign__brand", "partnership__campaign__workspace", "partnership__creator", "partnership__brief"
    )
    found: QuerySet[Deliverable] = rows.prefetch_related("checks", "drafts")
    return found


def with_everything(actor: Actor) -> QuerySet[Deliverable]:
    """For one piece's own page."""
    drafts = Prefetch("drafts", Draft.objects.prefetch_related("remarks", "files", "checks"))
    rows = deliverables(actor).prefetch_related(None)
    return rows.prefetch_related(drafts, "checks__screenshot", "files", "guest_links")


def words_of(row: Deliverable) -> str:
    """ "Post", "3 stories": the piece in words, numbered nowhere."""
    return milestones.piece(row)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One kept check with its findings in words, strictest first."""

    check: DisclosureCheck
    label: str
    tone: str
    icon: str
    findings: tuple[Said, ...]

    @property
    def first(self) -> Said | None:
        return self.findings[0] if self.findings else None


def verdict_of(check: DisclosureCheck | None, row: Deliverable) -> Verdict | None:
    """None without a check."""
    if check is None:
        return None
    order = {"missing": 0, "ambiguous": 1, "clear": 2}
    brand, language = row.partnership.campaign.brand.name, language_of(row)
    told = [
        (not country.get("pack"), said(finding, language=language, brand=brand, platform=row.platform))
        for country in check.findings
        for finding in country["findings"]
    ]
    # A country whose rules nobody has read decides nothing beside one whose rules are known: it is told last.
    told.sort(key=lambda pair: (pair[0], order[pair[1].verdict]))
    words = tuple(one for _unknown, one in told)
    return Verdict(check, str(VERDICTS[check.verdict]), TONES[check.verdict], ICONS[check.verdict], words)


@dataclass(frozen=True, slots=True)
class Work:
    """A piece for one reader. turn: "creator", "brand" or "". flagged: a published label that is not clear, not waived."""

    row: Deliverable
    words: str
    turn: str
    verdict: Verdict | None
    late: bool
    lateness: str

    @property
    def flagged(self) -> bool:
        check = self.verdict.check if self.verdict else None
        return bool(check and check.verdict != "clear" and not self.row.waived_at)


_TURN = {
    "planned": "creator",
    "changes_requested": "creator",
    "approved": "creator",
    "draft_submitted": "brand",
    "published": "brand",
}


def work_of(row: Deliverable, *, now: datetime | None = None) -> Work:
    moment = now or timezone.now()
    verdict = verdict_of(row.newest_check, row)
    turn = _TURN.get(row.state, "") if row.partnership.state in RUNNING else ""
    if row.state == "published" and verdict and verdict.check.verdict != "clear" and not row.waived_at:
        turn = "creator"
    past = row.due_on is not None and row.due_on < moment.date()
    late = past and row.state in ("planned", "changes_requested", "approved")
    return Work(row, words_of(row), turn, verdict, late, _until(row, moment.date()) if late else "")


def _until(row: Deliverable, today: date) -> str:
    left = (row.due_on + GRACE - today).days if row.due_on else 0
    return _("counts as missed in %(n)s days") % {"n": left + 1} if left >= 0 else ""


def works(rows: Iterable[Deliverable], *, now: datetime | None = None) -> list[Work]:
    return [work_of(row, now=now) for row in rows]


def page(actor: Actor, row: Deliverable, *, now: datetime | None = None) -> dict[str, Any]:
    """Everything the page of one piece shows, on either side."""
    moment = now or timezone.now()
    drafts = sorted(row.drafts.all(), key=lambda draft: -draft.number)
    published = row.state in ("published", "verified")
    return {
        "work": work_of(row, now=moment),
        "row": row,
        "partnership": row.partnership,
        "brand": row.partnership.campaign.brand,
        "creator": row.partnership.creator,
        "drafts": [shown_draft(draft, row) for draft in drafts],
        "screenshots": [file for file in row.files.all() if file.kind == "screenshot"],
        "labels": label_lines(row),
        "verbs": verbs(actor, row),
        "blocks": blocks(row, moment) if row.state in ("draft_submitted", "approved", "planned") else [],
        "ticks": [(name, TO_CONFIRM[name]) for name in needed_ticks(row, now=moment)] if published else [],
        "events": timeline(actor, row),
        "countries": [country_name(code) for code in targeted(row)],
    }


def shown_draft(draft: Draft, row: Deliverable) -> dict[str, Any]:
    newest = max(draft.checks.all(), key=lambda check: check.checked_at, default=None)
    return {
        "draft": draft,
        "verdict": verdict_of(newest, row),
        "files": list(draft.files.all()),
        "remarks": list(draft.remarks.all()),
    }


def label_lines(row: Deliverable) -> list[Label]:
    brief = row.partnership.brief
    chosen = brief.disclosure if brief else {}
    brand = row.partnership.campaign.brand.name
    lines = labels_for(countries=targeted(row), chosen=chosen, language=language_of(row), brand=brand)
    if len(lines) < 2:
        return lines
    # One line that every targeted country accepts is better than several: the first that does, else all labels in one.
    distinct = list({line.text.casefold(): line.text for line in lines}.values())
    together = replace(lines[0], line=f"{' / '.join(distinct)} – {brand}")
    for line in (*lines, together):
        verdict = preview(row, line.line)
        if all(found.code == "toggle_off" or found.verdict == "clear" for found in verdict.decisive.findings):
            return [replace(line, country_name=", ".join(one.country_name for one in lines))]
    return lines


def blocks(row: Deliverable, now: datetime) -> list[Block]:
    """What other parts (contracts, minors) hold against publishing."""
    return publication_rules.obstacles(row.partnership, now)


_PERMISSION = {"submit_draft": "deliverable.make", "publish": "deliverable.publish"}


def verbs(actor: Actor, row: Deliverable) -> list[str]:
    """What this actor may do now: buttons, and the API's `actions`."""
    if row.partnership.state not in (*RUNNING, "completed"):
        return []
    found = [
        step.verb
        for step in DELIVERABLE.open_to(row.state, actor.side)
        if can(actor, _PERMISSION.get(step.verb, "deliverable.review"), row)
    ]
    if "request_changes" in found and row.rounds_left <= 0:
        found.remove("request_changes")
    if "publish" in found and row.state == "planned" and row.rounds_allowed:
        shown = any(draft.answer == "approved" for draft in row.drafts.all())
        found = found if shown else [verb for verb in found if verb != "publish"]
    check = row.newest_check
    if "verify" in found and (check is None or check.verdict != "clear"):
        found.remove("verify")
        if row.waived_at is None and check is not None:
            found.append("waive")
    if row.state == "published" and can(actor, "deliverable.publish", row):
        found.append("correct")
    if row.state in ("published", "verified") and can(actor, "deliverable.review", row):
        found.append("recheck")
    return found


def timeline(actor: Actor, row: Deliverable) -> list[Entry]:
    """Newest first; the brand's people are the brand for the creator."""
    brand = row.partnership.campaign.brand.name if actor.side == "creator" else ""
    events = Event.visible_to(actor).filter(object_type="deliverable", object_id=str(row.pk)).order_by("-at", "-id")
    return [_entry(event, row, brand) for event in events]


def _entry(event: Event, row: Deliverable, brand: str) -> Entry:
    who = row.partnership.creator.display_name if event.actor_kind == "creator" else brand or event.actor_name
    title, icon, tone = milestones.words(event.kind, event.data)
    text = str(event.data.get("note") or event.data.get("reason") or "")
    return Entry(event.at, str(title), text, "" if event.actor_kind == "system" else who, icon, tone)


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    inside: bool
    today: bool
    works: Sequence[Work]


def month(actor: Actor, first: date, today: date) -> list[list[Day]]:
    """Weeks from Monday to Sunday that cover the month, each day with the pieces due on it."""
    begin = first - timedelta(days=first.weekday())
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    weeks = -(-(after - begin).days // 7)
    end = begin + timedelta(days=7 * weeks)
    rows = deliverables(actor).filter(due_on__gte=begin, due_on__lt=end).exclude(state="cancelled")
    by_day: dict[date, list[Work]] = {}
    for work in works(rows.order_by("due_on", "partnership__creator__display_name", "number")):
        if work.row.due_on:
            by_day.setdefault(work.row.due_on, []).append(work)
    days = [begin + timedelta(days=number) for number in range(7 * weeks)]
    shown = [Day(day, day.month == first.month, day == today, by_day.get(day, [])) for day in days]
    return [shown[start : start + 7] for start in range(0, len(shown), 7)]


def waiting_for_brand(actor: Actor, *, now: datetime | None = None) -> list[Work]:
    """Drafts to answer, publications to confirm, flags open, pieces missed: oldest first."""
    rows = deliverables(actor).filter(
        state__in=["draft_submitted", "published", "missed"], partnership__state__in=RUNNING
    )
    return works(rows.order_by("state_changed_at"), now=now)


def of_partnership(actor: Actor, partnership: Any) -> list[Work]:
    return works(deliverables(actor).filter(partnership=partnership).order_by("number"))


def to_do(actor: Actor, *, limit: int = 30) -> list[Work]:
    """A creator's pieces that wait for them, the earliest day first."""
    rows = deliverables(actor).filter(partnership__state__in=RUNNING)
    rows = rows.filter(state__in=["planned", "changes_requested", "approved", "published"])
    return [work for work in works(rows.order_by("due_on", "number")) if work.turn == "creator"][:limit]
