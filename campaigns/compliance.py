"""The disclosure register of a workspace: every publication × rule, flags, and the rate over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.actors import Actor
from accounts.permissions import can
from campaigns.disclosure.wording import Said, country_name
from campaigns.models import Deliverable, DisclosureCheck
from campaigns.works import Work, deliverables, words_of, works

WEEKS = 12
# Rules as columns: (key, codes of findings that break it)
_RULES: tuple[tuple[str, frozenset[str]], ...] = (
    ("label", frozenset({"nothing", "denied", "toggle_only", "banned_sector"})),
    ("wording", frozenset({"vague", "foreign_label", "gift_label", "no_pack", "contradicted", "asked", "unreal", "in_sentence", "language"})),
    ("place", frozenset({"not_first", "after_fold", "buried", "disguised", "presentation"})),
    ("toggle", frozenset({"toggle_off"})),
    ("notices", frozenset({"notice_missing", "banned_sector"})),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One rule on one post. state: yes, no, waived, unknown ("–")."""

    key: str
    state: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One post on the board. seen: whether a person confirmed what text cannot show."""

    work: Work
    cells: tuple[Cell, ...]
    state: str

    @property
    def said(self) -> Said | None:
        return self.work.verdict.first if self.work.verdict else None


def labels() -> dict[str, str]:
    return {
        "label": _("Label there"),
        "wording": _("Exact words"),
        "place": _("First and visible"),
        "toggle": _("Network’s setting"),
        "notices": _("Notices"),
        "person": _("Seen by a person"),
    }


def published(actor: Actor) -> QuerySet[Deliverable]:
    return deliverables(actor).filter(state__in=["published", "verified"]).order_by("-published_at", "-pk")


def _codes(countries: Iterable[Mapping[str, Any]]) -> set[str]:
    """Of the countries whose rules are known; of the others only where there is none, as the verdict itself does."""
    found = list(countries)
    known = [one for one in found if one.get("pack")] or found
    return {str(finding.get("code")) for one in known for finding in one["findings"]}


def line_of(work: Work) -> Line:
    row, verdict = work.row, work.verdict
    codes = _codes(verdict.check.findings) if verdict else set()
    cells = []
    for key, broken in _RULES:
        bad = codes & broken
        state = "no" if bad else "yes"
        if not verdict or (key == "toggle" and row.toggle is None):
            state = "unknown"
        elif key in ("wording", "place") and codes & _RULES[0][1]:
            state = "unknown"  # without a label there is nothing to read its words or place of
        elif key == "notices" and not codes & {"notice_present", "notice_missing", "banned_sector"}:
            state = "unknown"
        cells.append(Cell(key, "waived" if state == "no" and row.waived_at else state, labels()[key]))
    cells.append(Cell("person", "yes" if row.state == "verified" else "no", labels()["person"]))
    if row.waived_at:
        whole = "waived"
    elif work.flagged:
        whole = "flagged"
    else:
        whole = "verified" if row.state == "verified" else "to_confirm"
    return Line(work, tuple(cells), whole)


STATES = ("flagged", "to_confirm", "verified", "waived")


def board(rows: Iterable[Deliverable]) -> list[Line]:
    """Flags first, then what waits for a person, then the rest; newest first within each."""
    lines = [line_of(work) for work in works(rows)]
    lines.sort(key=lambda line: STATES.index(line.state))
    return lines


def state_labels() -> dict[str, tuple[str, str, str]]:
    """state → label, tone, icon."""
    return {
        "flagged": (_("To mend"), "bad", "alert-triangle"),
        "to_confirm": (_("To confirm"), "info", "eye-check"),
        "verified": (pgettext("a publication", "Verified"), "good", "shield-check"),
        "waived": (_("Let pass"), "neutral", "flag"),
    }


def flags(actor: Actor, **where: Any) -> int:
    """Open flags: published, label not clear, not let pass. where: filters, such as partnership__creator=…"""
    rows = deliverables(actor).filter(state="published", waived_at__isnull=True, **where)
    return sum(work.flagged for work in works(rows))


@dataclass(frozen=True, slots=True)
class Rate:
    """Clear among checked, by the week of publication. option, columns, rows: for the chart and its table."""

    clear: int
    total: int
    option: dict[str, Any]
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def share(self) -> float | None:
        return self.clear / self.total if self.total else None


def rate(lines: Iterable[Line], *, now: datetime | None = None) -> Rate:
    """Share of publications whose newest check is clear, by week, over 12 weeks; weeks without a post stay empty."""
    today = (now or timezone.now()).date()
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    counts: dict[date, list[int]] = {week: [0, 0] for week in weeks}
    for line in lines:
        at = line.work.row.published_at
        verdict = line.work.verdict
        if at is None or verdict is None:
            continue
        week = at.date() - timedelta(days=at.date().weekday())
        if week in counts:
            counts[week][1] += 1
            counts[week][0] += verdict.check.verdict == "clear"
    clear, total = (sum(count[place] for count in counts.values()) for place in (0, 1))
    shares = [round(good / of, 4) if of else None for good, of in counts.values()]
    names = [f"{week:%d/%m}" for week in weeks]
    option = {
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "min": 0, "max": 1, "unit": "%"},
        "series": [
            {
                "type": "line",
                "name": _("Clear labels"),
                "data": shares,
                "unit": "%",
                "connectNulls": True,
                "symbolSize": 8,
            }
        ],
    }
    rows = [
        [name, f"{100 * share:.0f}" if share is not None else "–", counts[week][1]]
        for name, share, week in zip(names, shares, weeks, strict=True)
    ]
    return Rate(clear, total, option, (_("Week of"), _("Clear, in %"), _("Posts")), rows)


def register_heads() -> list[str]:
    return [
        _("Campaign"), _("Creator"), _("Piece"), _("Network"), _("Published"), _("Address"), _("Countries"), _("Verdict"),
        _("Rule"), _("Finding"), _("Source"), _("Packs"), _("Checked"), _("SHA-256 of the caption"),
        _("SHA-256 of the screenshot"), _("Network’s setting"), _("Confirmed by"), _("Confirmed on"), _("Let pass by"), _("Reason"), _("Caption"),
    ]  # fmt: skip


def register_row(line: Line) -> list[Any]:
    """One post as the register keeps it: what was found, by which rule, when, and who looked."""
    row, verdict = line.work.row, line.work.verdict
    check: DisclosureCheck | None = verdict.check if verdict else None
    told = line.said
    shot = check.screenshot.sha256 if check and check.screenshot else ""
    return [
        row.partnership.campaign.name, row.partnership.creator.display_name, words_of(row), row.get_platform_display(),
        _moment(row.published_at), row.published_url,
        ", ".join(country_name(code) for code in check.countries) if check else "",
        verdict.label if verdict else "", told.rule if told else "", told.title if told else "", told.url if told else "",
        check.packs if check else "", _moment(check.checked_at) if check else "", check.text_hash if check else "", shot,
        {True: _("on"), False: _("off"), None: ""}[row.toggle], check.confirmed_by if check else "",
        _moment(check.confirmed_at) if check else "", row.waived_by, row.waiver_reason, row.caption,
    ]  # fmt: skip


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if value else ""


def may_act(actor: Actor) -> bool:
    return can(actor, "deliverable.review")
