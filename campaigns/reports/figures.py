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

from scipy.special import betaincinv

from campaigns.reports.curves import FORMULA as CURVE
from campaigns.reports.curves import curve

FORMULA = "report-1"
LEAST = 30
CENT, SIX = Decimal("0.01"), Decimal("0.000001")
Inputs = Mapping[str, Any]
Figure = dict[str, Any]

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
        whole["emv"] = emv(contents, inputs["emv"])
    rows = [
        {
            "id": row["id"],
            "creator": row["creator"],
            "figures": _figures(row["contents"], costs=row["costs"], clicks=row["clicks"], credited=row["credited"]),
            "expected": row.get("expected"),
        }
        for row in partnerships
    ]
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
        "earned": {"contents": len(inputs["earned"]), "engagement": _sum(_engagement(row) for row in inputs["earned"])},
    }


def figure(
    name: str,
    value: Any,
    *,
    unit: str = "count",
    numerator: Any = None,
    denominator: Any = None,
    missing: str = "",
    **more: Any,
) -> Figure:
    found = {"value": value, "unit": unit, "formula": name, "numerator": numerator, "denominator": denominator}
    return found | {"low": None, "high": None, "n": None, "missing": missing} | more


def ratio(
    name: str,
    top: Any,
    bottom: Any,
    *,
    unit: str = "share",
    times: int = 1,
    quantum: Decimal = SIX,
    why: str = "no_denominator",
) -> Figure:
    """top / bottom as decimal text; unknown where either is, or the bottom is 0."""
    a, b = _decimal(top), _decimal(bottom)
    shown = {"numerator": top, "denominator": bottom}
    if a is None or b is None:
        return figure(name, None, unit=unit, missing="no_numerator" if a is None else why, **shown)
    if b == 0:
        return figure(name, None, unit=unit, missing=why, **shown)
    return figure(name, str((a * times / b).quantize(quantum, ROUND_HALF_EVEN)), unit=unit, **shown)


def share(name: str, hits: int | None, trials: int | None) -> Figure:
    """A share of counts with its interval, from LEAST trials on."""
    found = ratio(name, hits, trials)
    found["n"] = trials
    if found["value"] is None or hits is None or trials is None:
        return found
    if hits > trials:
        return found | {"value": None, "missing": "more_hits_than_trials"}
    if trials < LEAST:
        return found | {"missing": "thin"}
    low, high = betaincinv(hits + 0.5, trials - hits + 0.5, [0.05, 0.95])
    return found | {"low": f"{low:.6f}", "high": f"{high:.6f}"}


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
    total_reach, total_views = _sum(reach), _sum(views)
    qualified = _sum(row["qualified"] for row in latest)
    counted, revenue = clicks["clicks"], credited["revenue"]
    spent = figure("cost", cost, unit="money", n=len(latest), missing="rate_missing" if lost else "")
    return {
        "reach": figure("reach", total_reach, n=_known(reach), denominator=len(latest), missing="" if total_reach is not None else "not_measured"),
        "reach_estimated": figure("reach_estimated", _sum(estimated), n=len(estimated), missing="" if estimated else "nothing_to_estimate"),
        "views": figure("views", total_views, n=_known(views), denominator=len(latest), missing="" if total_views is not None else "not_measured"),
        "engagement": figure("engagement", _sum(_engagement_of(row) for row in latest), n=len(latest), missing="" if latest else "no_content"),
        "engagement_rate": ratio("engagement_rate", _sum(_engagement_of(row) for row in with_views), _sum(row["views"] for row in with_views), why="not_measured"),
        "qualified": figure("qualified", qualified, n=_known([row["qualified"] for row in latest]), missing="" if qualified is not None else "not_measured"),
        "comment_ratio": ratio("comment_ratio", _sum(row["comments"] for row in rated), _sum(row["likes"] for row in rated)),
        "clicks": figure("clicks", counted, missing="" if counted is not None else "no_link"),
        "unique_clicks": figure("unique_clicks", clicks["unique"], missing="" if counted is not None else "no_link"),
        "click_rate": share("click_rate", counted, total_reach),
        "sales": figure("sales", credited["sales"]),
        "signups": figure("signups", credited["signups"]),
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
    a, b = _decimal(revenue), _decimal(cost)
    gain = None if a is None or b is None else str(a - b)
    return ratio("roi", gain, cost, why="no_cost")


def emv(contents: Sequence[Inputs], table: Inputs) -> Figure:
    """By the workspace's own table; apart from every other figure, and never inside ROI."""
    total = Decimal(0)
    names = {"view": "views", "like": "likes", "comment": "comments", "share": "shares", "save": "saves"}
    for content in contents:
        rates, latest = table["rates"].get(content["platform"], {}), _latest(content)
        for name, counter in names.items():
            if rates.get(name) is not None and latest[counter] is not None:
                total += Decimal(str(rates[name])) * latest[counter]
    return figure("emv", str(total.quantize(CENT)), unit="money", version=table["version"])


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
    return _sum(row[name] for name in ("likes", "comments", "shares", "saves"))


def _engagement(content: Inputs) -> int | None:
    return _engagement_of(_latest(content))


def points(content: Inputs) -> list[tuple[float, float]]:
    """(hours since publication, cumulative engagement) of the readings that have any."""
    begin = datetime.fromisoformat(content["published_at"])
    found = []
    for reading in content["series"]:
        value = _sum(reading.get(name) for name in ("likes", "comments", "shares", "saves"))
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


def _contributions(rows: Sequence[Inputs], whole: Inputs) -> list[dict[str, Any]]:
    """What share of the whole each voice brought. Shares are of known figures; null where a voice's is unknown."""
    found = []
    for row in rows:
        shares: dict[str, str | None] = {}
        for name in ("cost", "reach", "engagement", "qualified", "clicks", "sales", "revenue"):
            part, all_ = _decimal(row["figures"][name]["value"]), _decimal(whole[name]["value"])
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
        if name not in PACED or not _decimal(target):
            continue
        value, goal = _decimal(whole[name]["value"]), Decimal(str(target))
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
    return {name: _sum(row[name] for row in found) for name in ("clicks", "unique")}


def _add_credit(rows: Iterable[Inputs]) -> dict[str, Any]:
    found = list(rows)
    revenue, _lost = money_sum(row["revenue"] for row in found)
    counts = {name: sum(row[name] for row in found) for name in ("sales", "signups", "leads", "unconverted")}
    return counts | {"revenue": revenue}


def money_sum(amounts: Iterable[str | None]) -> tuple[str, int]:
    """(sum of the known amounts, how many were unknown)."""
    total, lost = Decimal(0), 0
    for amount in amounts:
        if amount is None:
            lost += 1
        else:
            total += Decimal(amount)
    return str(total.quantize(CENT)), lost


def _sum(values: Iterable[int | None]) -> int | None:
    """Sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _known(values: Iterable[Any]) -> int:
    return sum(value is not None for value in values)


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


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
