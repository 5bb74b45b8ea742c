"""Pictures of a campaign as plain data for ECharts, each with a title that says its finding."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


def stage_labels() -> dict[str, str]:
    return {
        "shortlisted": pgettext("funnel", "Considered"),
        "invited": pgettext("funnel", "Invited"),
        "seen": pgettext("funnel", "Opened"),
        "answered": pgettext("funnel", "Answered"),
        "accepted": pgettext("funnel", "Accepted"),
        "completed": pgettext("funnel", "Completed"),
    }


def funnel_chart(stages: list[tuple[str, int]]) -> dict[str, Any]:
    """Option, title and table of how many reached each stage. Empty when nobody is considered yet."""
    counts = dict(stages)
    if not counts.get("shortlisted"):
        return {}
    labels = stage_labels()
    names = [labels[name] for name, _count in stages]
    values = [count for _name, count in stages]
    option = {
        "grid": {"left": 8, "right": 36, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "show": False, "unit": "count"},
        "yAxis": {
            "type": "category",
            "data": names,
            "inverse": True,
            "axisTick": {"show": False},
            "axisLine": {"show": False},
        },
        "series": [
            {
                "type": "bar",
                "data": values,
                "barWidth": 14,
                "label": {"show": True, "position": "right"},
                "unit": "count",
            }
        ],
    }
    return {
        "option": option,
        "title": _finding(counts),
        "rows": list(zip(names, values, strict=True)),
        "columns": [_("Stage"), _("Creators")],
    }


def _finding(counts: dict[str, int]) -> str:
    invited, answered, accepted = counts["invited"], counts["answered"], counts["accepted"]
    if not invited:
        return ngettext(
            "%(n)s creator considered, nobody invited yet",
            "%(n)s creators considered, nobody invited yet",
            counts["shortlisted"],
        ) % {"n": counts["shortlisted"]}
    if not answered:
        return ngettext("%(n)s invitation sent, no answer yet", "%(n)s invitations sent, no answer yet", invited) % {
            "n": invited
        }
    return ngettext("%(accepted)s of %(n)s invited accepted", "%(accepted)s of %(n)s invited accepted", invited) % {
        "accepted": accepted,
        "n": invited,
    }
