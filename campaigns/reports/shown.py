"""A report's content, live or frozen, as pages show it: words and written numbers, nothing computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.figures import number, percent
from campaigns.reports import charts, words
from campaigns.reports.figures import CONTRIBUTED
from matching.sources import SOURCES


def presented(content: Mapping[str, Any]) -> dict[str, Any]:
    """A report's content (live or frozen) as the templates show it."""
    currency, figures = content["inputs"]["currency"], content["figures"]
    whole = figures["whole"]
    drawn = charts.all_charts(content)
    return {
        "summary": words.summary(content),
        "tiles": [tile(name, whole[name], currency, figures["pace"].get(name)) for name in words.TILES],
        "more": [tile(name, whole[name], currency, None) for name in words.MORE if name in whole],
        "voices": [_voice(row, currency) for row in figures["partnerships"]],
        "contributions": contributions(figures),
        "share_heads": [words.name_of(name) for name in CONTRIBUTED],
        "usual": usual(figures),
        "hindsight": hindsight(figures),
        "calibration": words.calibration(content),
        "mood": words.mood(content),
        "lessons": [
            row | {"creator": voice["creator"]} for voice in figures["partnerships"] if (row := voice.get("lesson"))
        ],
        "earned_rows": [content_row(row) for row in figures["earned"].get("rows", [])],
        "references": SOURCES,
        "contents": [content_row(row) for row in figures["contents"]],
        "charts": drawn,
        "has_mood_chart": any(chart["id"] == "mood" for chart in drawn),
        "rule": figures["attribution"]["rule"],
        "formula": content["formula"],
        "input_hash": content["input_hash"],
        "earned": figures["earned"],
        "missing": _missing(whole, figures),
    }


def so_far(content: Mapping[str, Any]) -> dict[str, Any]:
    """The overview's part: targets with their pace first, then what matters most; growth and spending as pictures."""
    currency, figures = content["inputs"]["currency"], content["figures"]
    whole, pace = figures["whole"], figures["pace"]
    names = [name for name in pace if name in whole]
    names += [name for name in ("clicks", "sales", "revenue", "roi", "qualified", "reach") if name not in names]
    drawn = {chart["id"]: chart for chart in charts.all_charts(content)}
    return {
        "tiles": [tile(name, whole[name], currency, pace.get(name)) for name in names[: max(4, len(pace))]],
        "charts": [drawn[name] for name in ("growth", "burn") if name in drawn],
        "missing": _missing(whole, figures),
        "measured": bool(figures["contents"]),
    }


def tile(name: str, figure: Mapping[str, Any], currency: str, pace: Mapping[str, Any] | None) -> dict[str, Any]:
    """One figure with its numerator and denominator, interval, and where it stands against its target."""
    divided = figure["numerator"] is not None and figure["unit"] in ("share", "money")
    return {
        "name": name,
        "label": words.name_of(name),
        "value": words.written(figure, currency),
        "between": words.between(figure),
        "missing": words.missing_words(figure["missing"]),
        "top": words.part(figure["numerator"], name, True, currency) if divided else "",
        "bottom": words.part(figure["denominator"], name, False, currency) if divided else "",
        "term": words.TERMS.get(name, name),
        "measured": _("%(n)s of %(all)s contents") % {"n": figure["n"], "all": figure["denominator"]}
        if name in ("reach", "views") and figure["denominator"]
        else "",
        "pace": _pace(pace),
    }


def _pace(pace: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if pace is None or pace["done"] is None:
        return None
    done, due = float(pace["done"]), float(pace["elapsed"]) if pace["elapsed"] is not None else None
    text = _("%(done)s of the target") % {"done": percent(done, 0)}
    if due is not None:
        text += " · " + _("%(due)s of the time") % {"due": percent(due, 0)}
    return {"done": f"{min(1.0, done):.3f}", "text": text, "late": due is not None and done < due * 0.8}


VOICE = ("cost", "reach", "qualified", "clicks", "sales", "revenue", "cost_per_sale", "roi")


def _voice(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "id": row["id"],
        "creator": row["creator"],
        "cells": [words.written(row["figures"][name], currency) for name in VOICE],
    }


def contributions(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What share of the whole each voice brought, and whom only this voice reached."""
    alone = {row["id"]: row.get("alone") for row in figures["partnerships"]}
    return [
        {
            "creator": row["creator"],
            "id": row["id"],
            "shares": [percent(row["shares"].get(name), 0) for name in CONTRIBUTED],
            "alone": number(alone.get(row["id"])),
        }
        for row in figures["contributions"]
    ]


def usual(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Voices with what is usual for them: (name, now, from, to, percentile among their size)."""
    names = {
        "engagement_rate": _("Engagement rate"),
        "comment_ratio": _("Comments per like"),
        "qualified_share": _("Share of qualified comments"),
    }
    rows = []
    for voice in figures["partnerships"]:
        for row in voice.get("usual") or []:
            write = (lambda v: number(v, 3)) if row["signal"] == "comment_ratio" else percent
            rows.append(
                {
                    "creator": voice["creator"],
                    "name": names[row["signal"]],
                    "now": write(row["now"]),
                    "low": write(row["low"]),
                    "high": write(row["high"]),
                    "percentile": number(row["percentile"], 0),
                    "cell": row.get("cell") or "",
                    "n": row["n"],
                    "place": _place(row),
                }
            )
    return rows


def _place(row: Mapping[str, Any]) -> str:
    if row["now"] is None or row["low"] is None or row["high"] is None:
        return ""
    now = float(row["now"])
    return "up" if now > row["high"] else "down" if now < row["low"] else "same"


def hindsight(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each voice was expected to engage by one content when it agreed, and what came."""
    rows = []
    for voice in figures["partnerships"]:
        row = voice.get("after")
        if row:
            rows.append(
                {
                    "creator": voice["creator"],
                    "expected": number(row["expected"], 0),
                    "low": number(row["low"], 0),
                    "high": number(row["high"], 0),
                    "brought": number(row["brought"], 0),
                    "contents": row["contents"],
                    "inside": row["inside"],
                    "above": row["high"] is not None and float(row["brought"]) > row["high"],
                    "brings": number(row["brings"], 0),
                    "at": words.moment_of(row["at"]),
                }
            )
    return rows


def content_row(row: Mapping[str, Any]) -> dict[str, Any]:
    curve, talk = row["curve"], row["conversation"]
    return dict(row) | {
        "at": words.moment_of(row["published_at"]),
        "t50": words.hours(curve.get("t50"), curve.get("growing")),
        "t90": words.hours(curve.get("t90"), curve.get("growing")),
        "r7": percent(curve.get("r7")),
        "talk": f"{words.hours(talk['half_life'])} ({words.hours(talk['low'])} – {words.hours(talk['high'])})"
        if talk
        else "–",
        "rests": [rest(days, curve, talk) for days in (7, 14, 30)],
    }


def rest(days: int, curve: Mapping[str, Any], talk: Mapping[str, Any] | None) -> dict[str, Any]:
    """What came after so many days: of the engagement (read), and of the comments (fitted, with its interval)."""
    low, high = (talk or {}).get(f"r{days}_low"), (talk or {}).get(f"r{days}_high")
    return {
        "days": days,
        "engagement": percent(curve.get(f"r{days}")),
        "comments": percent((talk or {}).get(f"r{days}")),
        "between": f"{percent(low)} – {percent(high)}" if low is not None and high is not None else "",
    }


def _missing(whole: Mapping[str, Any], figures: Mapping[str, Any]) -> list[str]:
    """What the reader could add to know more."""
    found = []
    if not figures["contents"]:
        found.append(_("First data after publication: add the contents that are out."))
    elif whole["reach"]["value"] is None:
        found.append(_("Reach is not measured: ask creators for their statistics, with a screenshot."))
    if whole["clicks"]["value"] is None:
        found.append(_("No tracked link: make them for everybody who accepted."))
    if not figures["attribution"]["total"]:
        found.append(_("No conversion was told: connect the shop, or import its orders."))
    return found
