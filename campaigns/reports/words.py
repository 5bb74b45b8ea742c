"""Names of figures, sentences for what is missing, and numbers as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.templatetags.figures import money, number, percent
from campaigns.models import Reason

TILES = ("cost", "revenue", "roi", "reach", "qualified", "clicks", "sales", "cost_per_sale")
MORE = (
    "unique_reach", "frequency", "views", "reach_estimated", "engagement", "engagement_rate", "comment_ratio", "qualified_share", "unique_clicks", "click_rate",
    "conversion_rate", "signups", "cost_per_click", "cost_per_signup", "cost_per_qualified", "cpm", "emv", "roi_with_emv",
)  # fmt: skip


def name_of(figure: str) -> str:
    names = {
        "reach": _("Measured reach"),
        "reach_estimated": _("Estimated reach, at most"),
        "views": _("Views"),
        "engagement": _("Engagement"),
        "engagement_rate": _("Engagement by views"),
        "qualified": _("Qualified comments"),
        "comment_ratio": _("Comments per like"),
        "clicks": _("Clicks"),
        "unique_clicks": _("Unique clicks"),
        "click_rate": _("Click rate"),
        "sales": _("Sales"),
        "signups": _("Sign-ups"),
        "conversion_rate": _("Conversion rate"),
        "revenue": _("Attributed revenue"),
        "cost": _("Cost"),
        "cost_per_click": _("Cost per click"),
        "cost_per_signup": _("Cost per sign-up"),
        "cost_per_sale": _("Cost per sale"),
        "cost_per_qualified": _("Cost per qualified comment"),
        "cpm": _("Cost per 1,000 views"),
        "roi": _("Return on investment"),
        "emv": _("Earned media value"),
        "roi_with_emv": _("Return with earned media value"),
        "unique_reach": _("People reached once"),
        "frequency": _("Times each was met"),
        "qualified_share": _("Share of qualified comments"),
    }
    return names.get(figure, figure)


def short_name_of(figure: str) -> str:
    """For narrow columns: no word longer than fits."""
    short = {
        "reach": _("Reach"),
        "qualified": pgettext("qualified comments, narrow", "Qualified"),
        "revenue": pgettext("attributed revenue, narrow", "Revenue"),
        "roi": pgettext("return on investment, narrow", "Return"),
    }
    return short.get(figure) or name_of(figure)


# Figure → word of the glossary that explains it.
TERMS = {
    "reach": "reach", "views": "impressions", "engagement": "engagement", "engagement_rate": "engagement_rate_by_views",
    "qualified": "qualified_engagement", "comment_ratio": "comment_ratio", "clicks": "click", "unique_clicks": "unique_click",
    "click_rate": "ctr", "sales": "conversion", "signups": "conversion", "conversion_rate": "conversion",
    "revenue": "attribution", "cost": "cost", "cost_per_click": "cpc", "cost_per_sale": "cpa", "cost_per_signup": "cpa",
    "cost_per_qualified": "qualified_engagement", "cpm": "cpm", "roi": "roi", "emv": "emv", "reach_estimated": "reach",
    "roi_with_emv": "emv", "unique_reach": "overlap", "frequency": "frequency", "qualified_share": "qualified_engagement",
}  # fmt: skip


def missing_words(code: str) -> str:
    words = {
        "not_measured": _("no measurement yet"),
        "nothing_to_estimate": _("nothing to estimate"),
        "no_content": _("no content yet"),
        "no_link": _("no tracked link"),
        "no_click": _("no click yet"),
        "no_sale": _("no sale credited yet"),
        "no_signup": _("no sign-up credited yet"),
        "no_cost": _("no cost noted"),
        "no_numerator": _("not known"),
        "no_denominator": _("nothing to divide by"),
        "rate_missing": _("without amounts whose currency has no rate"),
        "one_voice": _("needs two voices with measured reach"),
        "overlap_unknown": _("too few commenters known to tell who is met twice"),
        "overlap_partly": _("where the overlap is unknown, none is assumed: at most so many"),
        "thin": _("too few for an interval"),
        "more_hits_than_trials": _("more clicks than measured reach: reach is incomplete"),
    }
    return words.get(code, "")


def written(figure: Mapping[str, Any], currency: str) -> str:
    """The value as text; "–" when unknown."""
    return _written(figure.get("value"), figure.get("unit", ""), figure.get("formula", ""), currency)


def _written(value: Any, unit: str, formula: str, currency: str) -> str:
    if value is None:
        return "–"
    if unit == "money":
        return money(value, currency)
    if unit == "share":
        return number(value, 3) if formula == "comment_ratio" else percent(value)
    if unit == "times":
        return number(value, 2)
    return number(value)


def part(value: Any, formula: str, top: bool, currency: str) -> str:
    """A numerator or denominator: money where the figure is about money."""
    if value is None:
        return "–"
    as_money = formula.startswith("cost_per") or formula in ("cpm", "roi")
    if as_money and (top or formula == "roi"):
        return money(value, currency)
    return number(value)


def between(figure: Mapping[str, Any]) -> str:
    if figure.get("low") is None:
        return ""
    return f"{percent(figure['low'])} – {percent(figure['high'])}"


def reason_name(code: str) -> str:
    return str(Reason(code).label)


def summary(content: Mapping[str, Any]) -> list[str]:
    """What a director reads first: money in and out, who brought it, what is not known."""
    figures, currency = content["figures"], content["inputs"]["currency"]
    whole = figures["whole"]
    lines = []
    cost, revenue, roi = whole["cost"], whole["revenue"], whole["roi"]
    if roi["value"] is not None:
        lines.append(
            _("%(revenue)s of attributed revenue for %(cost)s spent: a return of %(roi)s.")
            % {"revenue": written(revenue, currency), "cost": written(cost, currency), "roi": written(roi, currency)}
        )
    elif cost["value"]:
        lines.append(_("%(cost)s spent so far.") % {"cost": written(cost, currency)})
    if line := _leader(figures):
        lines.append(line)
    attribution = figures["attribution"]
    loose = attribution["reasons"]["unattributed"]["n"]
    if attribution["told"]:
        lines.append(
            ngettext(
                "%(n)s of %(all)s conversions of the workspace could not be attributed to anybody.",
                "%(n)s of %(all)s conversions of the workspace could not be attributed to anybody.",
                loose,
            )
            % {"n": number(loose), "all": number(attribution["told"])}
        )
    unknown = [name_of(name) for name in TILES if whole[name]["value"] is None]
    if unknown:
        lines.append(_("Not known: %(names)s.") % {"names": ", ".join(unknown)})
    return lines


def _leader(figures: Mapping[str, Any]) -> str:
    """Who brought most, and with what share of the cost. Silent with fewer than two voices or few sales."""
    voices = [row for row in figures["contributions"] if row["shares"]["revenue"] is not None]
    if len(voices) < 2 or (figures["whole"]["sales"]["value"] or 0) < 10:
        return ""
    first = max(voices, key=lambda row: float(row["shares"]["revenue"]))
    return _("%(name)s brought %(part)s of it with %(cost)s of the cost.") % {
        "name": first["creator"], "part": percent(first["shares"]["revenue"]), "cost": percent(first["shares"]["cost"])
    }  # fmt: skip


def mood(content: Mapping[str, Any]) -> str:
    """What the comments say about sentiment, in a sentence; why it is withheld, where it is."""
    found = content["figures"].get("mood")
    if not found:
        return ""
    if found["told"]:
        text = (
            _("Under these contents people spoke better than under the same creators’ other posts of the same weeks")
            if found["value"] > 0
            else _(
                "Under these contents people spoke worse than under the same creators’ other posts of the same weeks"
            )
        )
        return _("%(text)s: %(value)s points of balance (90 %%: %(low)s to %(high)s).") % {
            "text": text, "value": points(found["value"]), "low": points(found["low"]), "high": points(found["high"]),
        }  # fmt: skip
    if found["missing"] == "thin":
        least = min(found["n"].values())
        return _("Sentiment is withheld: %(n)s comments on the smallest side, %(least)s are needed.") % {
            "n": number(least), "least": number(found["least"])
        }  # fmt: skip
    return _("No difference in sentiment can be told from the same creators’ other posts of the same weeks.")


def points(value: float | None) -> str:
    """A balance of -1 to 1 as signed points of a hundred."""
    if value is None:
        return "–"
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value) * 100, 0)}"


def calibration(content: Mapping[str, Any]) -> str:
    """How well the engagement of the voices was told beforehand."""
    found = content["figures"].get("calibration") or {}
    if not found.get("judged"):
        return ""
    text = ngettext(
        "%(inside)s of %(n)s voices came within the 90 %% interval told when it agreed",
        "%(inside)s of %(n)s voices came within the 90 %% interval told when they agreed",
        found["inside"],
    ) % {"inside": found["inside"], "n": found["judged"]}
    if found["ratio"] is not None and found["n"] >= 3:
        text += " · " + _("the middle one brought %(ratio)s times what was expected") % {
            "ratio": number(found["ratio"], 2)
        }
    return text


def hours(value: float | None, growing: bool | None = False) -> str:
    """ "3.2 h" or "2.5 d"; "≥" while the content still grows."""
    if value is None:
        return "–"
    # Outside of the f-string: the catalogue does not look into it.
    days = pgettext("days", "d")
    text = f"{number(value / 24, 1)}\u00a0{days}" if value >= 48 else f"{number(value, 1)}\u00a0h"
    return f"≥\u00a0{text}" if growing else text


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)
