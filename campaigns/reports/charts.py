"""Pictures of a campaign's results for pages, each with a title that says its finding and the table it was drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.templatetags.figures import day, money, number, percent
from campaigns.reports import words

Chart = dict[str, Any]
Content = Mapping[str, Any]


def all_charts(content: Content) -> list[Chart]:
    """Those that have something to show, in reading order."""
    made = [
        _growth(content),
        _cost_result(content),
        _funnel(content),
        _burn(content),
        _attribution(content),
        _mood(content),
    ]
    return [chart for chart in made if chart]


def _growth(content: Content) -> Chart | None:
    points = content["figures"]["growth"]
    if len(points) < 3 or not points[-1][1]:
        return None
    total = points[-1][1]
    half, most = (next(at for at, value in points if value >= total * share) for share in (0.5, 0.9))
    marks = [
        {"xAxis": half, "name": "t50", "label": {"formatter": "t50"}},
        {"xAxis": most, "name": "t90", "label": {"formatter": "t90"}},
    ]
    return {
        "id": "growth",
        "title": _("Half of the engagement by %(half)s, nine tenths by %(most)s")
        % {"half": day(words.moment_of(half)), "most": day(words.moment_of(most))},
        "option": {
            "xAxis": {"type": "time"},
            "yAxis": {"type": "value", "unit": "count"},
            "tooltip": {"trigger": "axis"},
            "series": [
                {"type": "line", "name": words.name_of("engagement"), "unit": "count", "data": points, "areaStyle": {"opacity": 0.08},
                 "markLine": {"symbol": "none", "silent": True, "data": marks}}
            ],
        },
        "columns": [_("Day"), words.name_of("engagement")],
        "rows": [(day(words.moment_of(at)), number(value)) for at, value in points],
    }  # fmt: skip


def _cost_result(content: Content) -> Chart | None:
    currency = content["inputs"]["currency"]
    rows = [
        (row["creator"], float(row["figures"]["cost"]["value"]), float(row["figures"]["revenue"]["value"]))
        for row in content["figures"]["partnerships"]
        if row["figures"]["cost"]["value"] is not None and row["figures"]["revenue"]["value"] is not None
    ]
    if len(rows) < 2 or not any(revenue for _n, _c, revenue in rows):
        return None
    above = sum(revenue >= cost for _n, cost, revenue in rows)
    most = max(max(cost, revenue) for _n, cost, revenue in rows)
    return {
        "id": "cost-result",
        "title": ngettext(
            "%(n)s of %(all)s creators brought more than they cost", "%(n)s of %(all)s creators brought more than they cost", above
        )
        % {"n": above, "all": len(rows)},
        "option": {
            "xAxis": {"type": "value", "unit": currency, "name": words.name_of("cost"), "nameLocation": "middle", "nameGap": 28},
            "yAxis": {"type": "value", "unit": currency, "name": words.name_of("revenue"), "nameTextStyle": {"align": "left"}},
            "grid": {"bottom": 24, "top": 30, "right": 70},
            "series": [
                {"type": "scatter", "symbolSize": 12, "data": [{"name": name, "value": [cost, revenue]} for name, cost, revenue in rows],
                 "label": {"show": True, "position": "top", "formatter": "{b}", "fontSize": 11}, "labelLayout": {"hideOverlap": True},
                 "markLine": {"symbol": "none", "silent": True, "label": {"show": False},
                              "data": [[{"coord": [0, 0]}, {"coord": [most, most]}]]}}
            ],
        },
        "columns": [_("Creator"), words.name_of("cost"), words.name_of("revenue")],
        "rows": [(name, money(cost, currency), money(revenue, currency)) for name, cost, revenue in rows],
        "note": _("The line is where revenue equals cost."),
    }  # fmt: skip


def _funnel(content: Content) -> Chart | None:
    whole = content["figures"]["whole"]
    stages = [
        (name, whole[name]["value"])
        for name in ("views", "reach", "clicks", "sales")
        if whole[name]["value"] is not None
    ]
    if len(stages) < 2 or not stages[0][1]:
        return None
    rate = whole["click_rate"] if whole["click_rate"]["value"] else whole["conversion_rate"]
    title = f"{words.name_of(rate['formula'])}{pgettext('before a value', ': ')}{words.written(rate, '')}"
    if bounds := words.between(rate):
        title += f" ({bounds})"
    return {
        "id": "results-funnel",
        "title": title,
        "option": {
            "grid": {"left": 8, "right": 56, "top": 4, "bottom": 4},
            # A logarithmic axis: between views and sales lie orders of magnitude.
            "xAxis": {"type": "log", "show": False, "unit": "count", "min": 1},
            "yAxis": {"type": "category", "inverse": True, "data": [words.name_of(n) for n, _v in stages], "axisLine": {"show": False}},
            "series": [{"type": "bar", "barWidth": 16, "unit": "count", "data": [max(1, v) for _n, v in stages],
                        "label": {"show": True, "position": "right"}}],
        },
        "columns": [_("Stage"), _("Number")],
        "rows": [(words.name_of(name), number(value)) for name, value in stages],
        "note": _("Logarithmic scale."),
        "height": "sm",
    }  # fmt: skip


def _burn(content: Content) -> Chart | None:
    points = [[at, float(value)] for at, value in content["figures"]["spent"]]
    campaign, currency = content["inputs"]["campaign"], content["inputs"]["currency"]
    if not points:
        return None
    budget = float(campaign["budget"]) if campaign["budget"] and campaign["budget_currency"] == currency else None
    spent = money(points[-1][1], currency)
    title = (
        _("%(spent)s spent, %(share)s of the budget") % {"spent": spent, "share": percent(points[-1][1] / budget, 0)}
        if budget
        else _("%(spent)s spent so far") % {"spent": spent}
    )
    series: dict[str, Any] = {
        "type": "line",
        "step": "end",
        "name": words.name_of("cost"),
        "unit": currency,
        "data": points,
    }
    if budget:
        series["markLine"] = {
            "symbol": "none",
            "silent": True,
            "data": [{"yAxis": budget, "label": {"formatter": _("budget")}}],
        }
    return {
        "id": "burn",
        "title": title,
        "option": {
            "xAxis": {"type": "time"},
            "yAxis": {"type": "value", "unit": currency, "max": max(budget or 0, points[-1][1]) * 1.1},
            "tooltip": {"trigger": "axis"},
            "grid": {"right": 56},
            "series": [series],
        },
        "columns": [_("Day"), words.name_of("cost")],
        "rows": [(day(words.moment_of(at)), money(value, currency)) for at, value in points],
    }


def _attribution(content: Content) -> Chart | None:
    found = content["figures"]["attribution"]
    rows = [(words.reason_name(code), row["n"], row["amount"]) for code, row in found["reasons"].items() if row["n"]]
    if not rows:
        return None
    loose = found["reasons"]["unattributed"]["n"]
    return {
        "id": "attribution",
        "title": _("%(part)s of the workspace’s conversions are unattributed") % {"part": percent(loose / max(1, found["told"]), 0)},
        "option": {
            "grid": {"left": 8, "right": 48, "top": 4, "bottom": 4},
            "xAxis": {"type": "value", "show": False, "unit": "count"},
            "yAxis": {"type": "category", "inverse": True, "data": [name for name, _n, _a in rows], "axisLine": {"show": False}},
            "series": [{"type": "bar", "barWidth": 16, "unit": "count", "data": [n for _name, n, _a in rows], "label": {"show": True, "position": "right"}}],
        },
        "columns": [_("Reason"), _("Entries"), _("Amount")],
        "rows": [(name, number(n), money(amount, content["inputs"]["currency"])) for name, n, amount in rows],
        "height": "sm",
    }  # fmt: skip


def _mood(content: Content) -> Chart | None:
    found = content["figures"].get("mood")
    trend = (found or {}).get("trend") or []
    if not found or len(trend) < 2:
        return None
    names = [_("Under these contents"), _("Under their other posts")]
    series = [
        {
            "type": "line", "name": name, "unit": "count", "connectNulls": False,
            "data": [[row[0], None if row[at] is None else round(row[at] * 100, 1)] for row in trend],
        }
        for name, at in zip(names, (1, 3), strict=True)
    ]  # fmt: skip
    return {
        "id": "mood",
        "title": words.mood(content).rstrip("."),
        "option": {
            "legend": {"data": names},
            "xAxis": {"type": "time"},
            "yAxis": {"type": "value", "unit": "count"},
            "grid": {"top": 34},
            "tooltip": {"trigger": "axis"},
            "series": series,
        },
        "columns": [_("Week"), names[0], _("Comments"), names[1], _("Comments")],
        "rows": [
            (day(words.moment_of(row[0])), words.points(row[1]), number(row[2]), words.points(row[3]), number(row[4]))
            for row in trend
        ],
        "note": _("positive − negative, in points")
        + ". "
        + _("Shares corrected for the classifier’s errors; weeks with fewer than 30 comments are left out."),
    }
