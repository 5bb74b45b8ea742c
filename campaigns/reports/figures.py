"""Every figure of a report from its inputs: pure, so that the same inputs and the same version give the same bytes.

A figure is {value, numerator, denominator, unit, formula, low, high, n, missing}. Amounts are decimal text, shares and
rates decimal text of six digits. What is unknown is null with the reason in `missing`; it is never 0. Shares of counts
carry a 90 % interval (Beta with Jeffreys' prior), from LEAST trials on; below, nothing is claimed.
Cost is all that was spent: fee, in kind at its public price, shipping, hours, boosts. ROI = (revenue - cost) / cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from campaigns.reports.curves import FORMULA as CURVE
from campaigns.reports.curves import curve
from campaigns.reports.hindsight import after_the_fact, against_usual, calibration, emv, roi_with_emv, unique_reach
from campaigns.reports.values import CENT, SIX, Figure, decimal, figure, known, money_sum, ratio, share, total

FORMULA = "report-2"
Inputs = Mapping[str, Any]

FORMULAS = {
    "reach": "sum of reach measured by the networks over contents that have it",
    "reach_estimated": "sum of views of contents without measured reach: at most so many people",
    "views": "sum of the latest views",
    "engagement": "likes + comments + shares + saves, latest of each content",
    "engagement_rate": "engagement / views of the contents whose views are known",
    "qualified": "sum of qualified comments (questions, testimonies, arguments, recommendations)",
    "comment_ratio": "comments / likes of the contents where both are known",
    "clicks": "clicks of people on tracked links",
    "unique_clicks": "clicks, at most one per network, device and hour",
    "click_rate": "clicks / measured reach",
    "sales": "credited sales not wholly taken back",
    "signups": "credited sign-ups not wholly taken back",
    "conversion_rate": "credited sales / clicks",
    "revenue": "credited amounts less what was given back",
    "cost": "fee + in kind + shipping + hours + boosts + other",
    "cost_per_click": "cost / clicks",
    "cost_per_signup": "cost / sign-ups",
    "cost_per_sale": "cost / sales",
    "cost_per_qualified": "cost / qualified comments",
    "cpm": "cost / views x 1000",
    "roi": "(revenue - cost) / cost",
    "unique_reach": "measured reach, people met through several voices once (sketches of commenters)",
    "frequency": "sum of measured reach of the voices / unique reach",
    "qualified_share": "qualified comments / comments of the contents where both are known",
    "roi_with_emv": "(revenue + emv - cost) / cost, only where the workspace asks for it",
    "emv": "sum over networks of counter x rate of the workspace's table",
}


def compute(inputs: Inputs) -> dict[str, Any]:
    """All figures: of the whole, per partnership, per content, and who brought what share."""
    partnerships = list(inputs["partnerships"])
    contents = [content for row in partnerships for content in row["contents"]]
    extra = list(inputs["campaign_costs"])
    whole = _figures(
        contents,
        costs=[cost for row in partnerships for cost in row["costs"]] + extra,
        clicks=_add_clicks([row["clicks"] for row in partnerships] + [inputs["campaign_clicks"]]),
        credited=_add_credit([row["credited"] for row in partnerships] + [inputs["campaign_credited"]]),
    )
    if inputs.get("emv"):
        whole["emv"] = emv([(content["platform"], _latest(content)) for content in contents], inputs["emv"])
        if inputs["emv"].get("in_roi"):
            whole["roi_with_emv"] = roi_with_emv(whole)
    whole |= unique_reach(inputs.get("unique"))
    rows = [_voice(row, inputs.get("unique")) for row in partnerships]
    return {
        "formula": FORMULA,
        "curve_formula": CURVE,
        "whole": whole,
        "partnerships": rows,
        "contributions": _contributions(rows, whole),
        "contents": [_content(content, inputs["asof"]) for content in contents],
        "attribution": _attribution(inputs["attribution"]),
        "growth": cumulative(contents),
        "spent": burn(partnerships, extra),
        "pace": _pace(inputs, whole),
        "earned": {
            "contents": len(inputs["earned"]),
            "engagement": total(_engagement(row) for row in inputs["earned"]),
            "rows": [_content(content, inputs["asof"]) for content in inputs["earned"]],
        },
        "calibration": calibration([row["after"] for row in rows]),
        "mood": inputs.get("mood"),
    }


def _voice(row: Inputs, unique: Inputs | None) -> dict[str, Any]:
    """One partnership: its figures, what was expected of it, and what is usual for its creator."""
    figures = _figures(row["contents"], costs=row["costs"], clicks=row["clicks"], credited=row["credited"])
    counts = _engagements(row)
    return {
        "id": row["id"],
        "creator": row["creator"],
        "figures": figures,
        "expected": row.get("expected"),
        "usual": against_usual(row.get("expected"), figures, counts, row.get("followers")),
        "after": after_the_fact(row.get("expectation"), counts),
        "alone": ((unique or {}).get("alone") or {}).get(row["id"]),
        "lesson": row.get("lesson"),
    }


def _figures(
    contents: Sequence[Inputs], *, costs: Iterable[Inputs], clicks: Inputs, credited: Inputs
) -> dict[str, Figure]:
    latest = [_latest(content) for content in contents]
    cost, lost = money_sum(row["amount"] for row in costs)
    views = [row["views"] for row in latest]
    reach = [row["reach"] for row in latest]
    estimated = [row["views"] for row in latest if row["reach"] is None and row["views"] is not None]
    with_views = [row for row in latest if row["views"]]
    rated = [row for row in latest if row["likes"] is not None and row["comments"] is not None]
    talked = [row for row in latest if row["qualified"] is not None and row["comments"] is not None]
    total_reach, total_views = total(reach), total(views)
    qualified = total(row["qualified"] for row in latest)
    counted, revenue = clicks["clicks"], credited["revenue"]
    spent = figure("cost", cost, unit="money", n=len(latest), missing="rate_missing" if lost else "")
    return {
        "reach": figure("reach", total_reach, n=known(reach), denominator=len(latest), missing="" if total_reach is not None else "not_measured"),
        "reach_estimated": figure("reach_estimated", total(estimated), n=len(estimated), missing="" if estimated else "nothing_to_estimate"),
        "views": figure("views", total_views, n=known(views), denominator=len(latest), missing="" if total_views is not None else "not_measured"),
        "engagement": figure("engagement", total(_engagement_of(row) for row in latest), n=len(latest), missing="" if latest else "no_content"),
        "engagement_rate": ratio("engagement_rate", total(_engagement_of(row) for row in with_views), total(row["views"] for row in with_views), why="not_measured"),
        "qualified": figure("qualified", qualified, n=known([row["qualified"] for row in latest]), missing="" if qualified is not None else "not_measured"),
        "comment_ratio": ratio("comment_ratio", total(row["comments"] for row in rated), total(row["likes"] for row in rated)),
        "clicks": figure("clicks", counted, missing="" if counted is not None else "no_link"),
        "unique_clicks": figure("unique_clicks", clicks["unique"], missing="" if counted is not None else "no_link"),
        "click_rate": share("click_rate", counted, total_reach),
        "sales": figure("sales", credited["sales"]),
        "signups": figure("signups", credited["signups"]),
        "qualified_share": share("qualified_share", total(row["qualified"] for row in talked), total(row["comments"] for row in talked)),
        "conversion_rate": share("conversion_rate", credited["sales"], counted),
        "revenue": figure("revenue", revenue, unit="money", missing="rate_missing" if credited["unconverted"] else ""),
        "cost": spent,
        "cost_per_click": ratio("cost_per_click", cost, counted, unit="money", quantum=CENT, why="no_click"),
        "cost_per_signup": ratio("cost_per_signup", cost, credited["signups"], unit="money", quantum=CENT, why="no_signup"),
        "cost_per_sale": ratio("cost_per_sale", cost, credited["sales"], unit="money", quantum=CENT, why="no_sale"),
        "cost_per_qualified": ratio("cost_per_qualified", cost, qualified, unit="money", quantum=CENT, why="not_measured"),
        "cpm": ratio("cpm", cost, total_views, unit="money", times=1000, quantum=CENT, why="not_measured"),
        "roi": _roi(revenue, cost),
    }  # fmt: skip


def _roi(revenue: str | None, cost: str | None) -> Figure:
    a, b = decimal(revenue), decimal(cost)
    gain = None if a is None or b is None else str(a - b)
    return ratio("roi", gain, cost, why="no_cost")


COUNTERS = ("views", "reach", "likes", "comments", "shares", "saves", "qualified")


def _latest(content: Inputs) -> dict[str, int | None]:
    """The newest known value of each counter; a later reading that leaves one out does not erase it."""
    found: dict[str, int | None] = dict.fromkeys(COUNTERS)
    for reading in content["series"]:
        for name in COUNTERS:
            if reading.get(name) is not None:
                found[name] = reading[name]
    return found


def _engagement_of(row: Mapping[str, int | None]) -> int | None:
    return total(row[name] for name in ("likes", "comments", "shares", "saves"))


def _engagements(row: Inputs) -> list[int]:
    return [value for value in (_engagement(content) for content in row["contents"]) if value is not None]


def _engagement(content: Inputs) -> int | None:
    return _engagement_of(_latest(content))


def points(content: Inputs) -> list[tuple[float, float]]:
    """(hours since publication, cumulative engagement) of the readings that have any."""
    begin = datetime.fromisoformat(content["published_at"])
    found = []
    for reading in content["series"]:
        value = total(reading.get(name) for name in ("likes", "comments", "shares", "saves"))
        if value is not None:
            found.append(((datetime.fromisoformat(reading["at"]) - begin).total_seconds() / 3600, float(value)))
    return found


def _content(content: Inputs, asof: str) -> dict[str, Any]:
    line = points(content)
    shape = curve(line) if line else {}
    return {
        "id": content["id"],
        "creator": content["creator"],
        "platform": content["platform"],
        "url": content["url"],
        "published_at": content["published_at"],
        "latest": _latest(content),
        "engagement": _engagement(content),
        "readings": len(line),
        "curve": {name: round(v, 4) if isinstance(v, float) else v for name, v in shape.items()},
        "conversation": content.get("conversation"),
        "usual": content.get("usual"),
    }


def cumulative(contents: Sequence[Inputs]) -> list[list[Any]]:
    """[day, engagement of all contents up to that day], each by its last reading of the day or before."""
    days = sorted({reading["at"][:10] for content in contents for reading in content["series"]})
    found = []
    for day in days:
        total = 0
        for content in contents:
            so_far = {"series": [reading for reading in content["series"] if reading["at"][:10] <= day]}
            total += _engagement(so_far) or 0
        found.append([day, total])
    return found


def burn(partnerships: Sequence[Inputs], extra: Sequence[Inputs]) -> list[list[Any]]:
    """[day, spent up to that day]."""
    rows = sorted(
        (cost["on"], cost["amount"])
        for owner in [*partnerships, {"costs": extra}]
        for cost in owner["costs"]
        if cost["amount"]
    )
    total, found = Decimal(0), dict[str, str]()
    for day, amount in rows:
        total += Decimal(amount)
        found[day] = str(total)
    return [[day, amount] for day, amount in found.items()]


CONTRIBUTED = ("cost", "reach", "engagement", "qualified", "clicks", "sales", "revenue")


def _contributions(rows: Sequence[Inputs], whole: Inputs) -> list[dict[str, Any]]:
    """What share of the whole each voice brought. Shares are of known figures; null where a voice's is unknown."""
    found = []
    for row in rows:
        shares: dict[str, str | None] = {}
        for name in CONTRIBUTED:
            part, all_ = decimal(row["figures"][name]["value"]), decimal(whole[name]["value"])
            shares[name] = None if part is None or not all_ else str((part / all_).quantize(SIX, ROUND_HALF_EVEN))
        found.append({"id": row["id"], "creator": row["creator"], "shares": shares})
    return found


def _attribution(rows: Inputs) -> dict[str, Any]:
    total = sum(row["n"] for row in rows["reasons"].values())
    return {
        "reasons": rows["reasons"],
        "total": total,
        "told": rows["told"],
        "rule": rows["rule"],
        "run": rows["run"],
        "formula": rows["formula"],
    }


PACED = ("reach", "clicks", "sales", "signups", "revenue", "engagement", "qualified")


def _pace(inputs: Inputs, whole: Inputs) -> dict[str, Any]:
    """Per target: where it stands, and where it should by the share of the campaign's time that has passed."""
    elapsed = _elapsed(inputs)
    found = {}
    for name, target in inputs["campaign"]["kpi_targets"].items():
        if name not in PACED or not decimal(target):
            continue
        value, goal = decimal(whole[name]["value"]), Decimal(str(target))
        found[name] = {
            "target": str(target),
            "value": whole[name]["value"],
            "done": None if value is None else str((value / goal).quantize(SIX)),
            "elapsed": elapsed,
        }
    return found


def _elapsed(inputs: Inputs) -> str | None:
    begin, end = inputs["campaign"]["starts_on"], inputs["campaign"]["ends_on"]
    if not begin or not end:
        return None
    first, last, now = date.fromisoformat(begin), date.fromisoformat(end), date.fromisoformat(inputs["asof"][:10])
    passed = Decimal((now - first).days + 1) / Decimal((last - first).days + 1)
    return str(max(Decimal(0), min(Decimal(1), passed)).quantize(SIX))


def _add_clicks(rows: Iterable[Inputs]) -> dict[str, Any]:
    found = list(rows)
    return {name: total(row[name] for row in found) for name in ("clicks", "unique")}


def _add_credit(rows: Iterable[Inputs]) -> dict[str, Any]:
    found = list(rows)
    revenue, _lost = money_sum(row["revenue"] for row in found)
    counts = {name: sum(row[name] for row in found) for name in ("sales", "signups", "leads", "unconverted")}
    return counts | {"revenue": revenue}


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any], walk: Callable[[str], str] = str
) -> list[dict[str, Any]]:
    """Figures of the whole that differ between two sets: [{figure, before, after}]."""
    found = []
    for name in sorted(set(before["whole"]) | set(after["whole"])):
        old, new = before["whole"].get(name, {}), after["whole"].get(name, {})
        if old.get("value") != new.get("value"):
            found.append(
                {
                    "figure": walk(name),
                    "before": old.get("value"),
                    "after": new.get("value"),
                    "unit": (new or old).get("unit"),
                }
            )
    return found
