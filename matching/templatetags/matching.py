"""`{% load matching %}`: how a signal is named and written."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from accounts.models import PlatformName
from accounts.templatetags.figures import interval, money, number, percent, with_unit
from accounts.templatetags.score import score
from matching.contracts import Signal
from matching.facts import facts_of
from matching.filters import FILTERS
from matching.plots.sheet import Figure
from matching.profiles import TERMS, signal_label
from matching.services.choosing import Comparison
from matching.verdicts import reason_label

register = template.Library()
_CELL_WORDS: dict[str, Any] = dict(PlatformName.choices) | {
    "nano": _("nano"),
    "micro": _("micro"),
    "mid": _("mid"),
    "macro": _("macro"),
    "unknown": _("unknown size"),
    "followers": _("by followers"),
    "views": _("by views"),
    "reach": _("by reach"),
}
_SHARES = {"share", "rate", "fraction", "%"}
# A cosine or another plain number between bounds has no unit that says anything: the glossary explains it.
_UNITS: dict[str, Any] = {
    "hours": _("h"),
    "posts/week": _("a week"),
    "per 100 words": _("per 100 words"),
}
MONEY = "EUR"


def _is_share(signal: Signal) -> bool:
    return signal.unit in _SHARES or signal.unit.startswith("share")


@register.filter
def signal_value(signal: Signal) -> str:
    if _is_share(signal):
        return percent(signal.value, 1)
    if signal.unit == MONEY:
        return money(_amount(signal.value), MONEY)
    return with_unit(number(signal.value, 2), str(_UNITS.get(signal.unit, "")))


def _amount(euros: float | None) -> float | None:
    """An estimate in whole euros from ten on: its cents would only look exact."""
    return euros if euros is None or euros < 10 else float(round(euros))


@register.filter
def signal_facts(signal: Signal) -> list[str]:
    """What stands beside the figure."""
    return facts_of(signal)


@register.filter
def signal_interval(signal: Signal) -> str:
    """The 90 % interval in the signal's own unit."""
    if signal.low is None or signal.high is None:
        return ""
    if signal.unit == MONEY:
        return interval(_amount(signal.low), _amount(signal.high), MONEY)
    return interval(signal.low, signal.high, "%", 1) if _is_share(signal) else interval(signal.low, signal.high, "", 2)


@register.filter
def signal_word(signal: Signal) -> str:
    """The glossary word that explains this signal, "" where there is none."""
    return TERMS.get(signal.name, "")


@register.filter(name="signal_label")
def label(signal: Signal) -> str:
    return signal_label(signal.name)


@register.filter
def signal_cell(signal: Signal) -> str:
    """Who the creator is compared with: "Instagram, 10k to 100k"."""
    parts = [part.strip() for part in signal.cell.split("×")]
    return " · ".join(str(_CELL_WORDS.get(part, part)) for part in parts if part)


@register.inclusion_tag("components/score.html")
def signal_strip(signal: Signal) -> dict[str, Any]:
    """The signal's place among comparable creators, 0 to 100."""
    low, high = signal.details.get("percentile_low"), signal.details.get("percentile_high")
    return score(signal.percentile, low, high, label=str(signal_label(signal.name)), size="md")


@register.simple_tag(takes_context=True)
def refreshable(context: Any, accounts: Any) -> set[int]:
    """Ids of the accounts that this member may have read anew: a key of the workspace or the creator's own consent."""
    from accounts.permissions import can
    from matching.models import Connection

    actor = getattr(context.get("request"), "actor", None)
    accounts = list(accounts or [])
    if actor is None or actor.workspace_id is None or not can(actor, "import.run") or not accounts:
        return set()
    keys = set(Connection.visible_to(actor).filter(kind="key", state="active").values_list("platform", flat=True))
    own = Connection.active_for(accounts)
    return {account.pk for account in accounts if account.platform in keys or account.pk in own}


@register.filter
def overlap_rows(comparison: Comparison) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Rows of the overlap matrix: text, shade 0..5 (x: itself, n: unknown) and the interval as the cell's title."""
    rows = []
    for row, voice in enumerate(comparison.voices):
        cells = []
        for column in range(len(comparison.voices)):
            shared = comparison.shared(row, column)
            if row == column:
                cells.append({"text": "", "step": "x"})
            elif not shared.known:
                cells.append({"text": "?", "step": "n"})
            else:
                title = interval(shared.low, shared.high, "%")
                cells.append({"text": percent(shared.value, 0), "step": min(5, int(shared.value * 10)), "title": title})
        rows.append((voice, cells))
    return rows


@register.filter
def pass_reason(code: str) -> str:
    """Why a proposal was passed over, in words."""
    return reason_label(code)


@register.filter
def size_label(name: str) -> str:
    """A size of creators by name: "Nano"."""
    return str(FILTERS["tier"].choice_label(name))


@register.inclusion_tag("components/plot.html")
def plot(id: str, figure: Figure) -> dict[str, Any]:
    """A figure drawn on the server, for wide and for narrow screens, with its table."""
    sheets = {name: figure.draw(width) for name, width in (("wide", 660.0), ("narrow", 350.0))}
    drawn = {name: (f"{s.width:.0f}", f"{s.height:.0f}", s.inner()) for name, s in sheets.items()}
    return {
        "id": id,
        "title": figure.title,
        "columns": figure.columns,
        "rows": figure.rows,
        "note": figure.note,
        "legend": figure.legend,
        **drawn,
    }
