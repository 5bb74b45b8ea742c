"""Why this creator, why perhaps not, what would change it, and what is not known.

A reason is a code with parameters (worded in `matching.reasons`), the points of the total it moved, and
the very posts or comments behind it. Points come from the ranking itself: family points add up to
total − neutral, and a family's points are shared among its signals in proportion to what each moved.
Three reasons for and two against at most, one per signal; where nothing speaks against, what is thin in
the data is said instead, because "nothing against" is not the same as "nothing known".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from matching.contracts import FAMILIES, Evidence, Family, FamilyScore, Fit, Reason, Signal
from matching.ranking import ENGINE_VERSION
from matching.ranking.families import FAMILY_OF, SLOPE_AT_50, Standing, StandingOf, standings
from matching.ranking.pool import Pool, Wish
from matching.ranking.total import PROOFS_NEEDED, Ranking, family_points, point_scale

FOR, AGAINST, CHANGES = 3, 2, 3
ENOUGH_POSTS, ENOUGH_COMMENTS = 12, 20
STALE_DAYS = 120
NEAR = 0.5
"""Mean cosine of the closest posts from which they may be called near the brief. Short briefs on a subject of the index
reach 0.6 to 0.8 with somebody; briefs on a subject that nobody there writes about stay between 0.25 and 0.5."""
NOTABLE = 0.35
"""Points of the total below which a signal is not worth a line."""
JUDGED: tuple[Literal["audience", "posture", "reliability"], ...] = ("audience", "posture", "reliability")
SAYS: dict[str, tuple[float, float]] = {
    "disclosure_record": (0.9, 0.8),
    "selectivity": (0.3, 0.15),
    "reply_rate": (0.05, 1.0),
}
"""Signal → value from which it may be praised, value from which it may not be blamed: a place among
others is no reason by itself when nearly everybody does well, or badly."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is loaded for one leading candidate.

    posts: (post id, cosine with the brief) best first. on_topic: post ids among the last `recent` that are
    on the brief's subject (`subjects`: its niches). matched: words of the brief the creator uses. quiet_days:
    days between the last post and the last look; stale_days: since that look. competitor: (name, days ago, post) of
    the newest partnership with one.
    """

    signals: Mapping[str, Signal] = field(default_factory=dict)
    posts: Sequence[tuple[int, float]] = ()
    on_topic: Sequence[int] = ()
    recent: int = 0
    subjects: Sequence[str] = ()
    matched: Sequence[str] = ()
    comments: int = 0
    quiet_days: int | None = None
    stale_days: int | None = None
    fresh_at: str | None = None
    competitor: tuple[str, int, int] | None = None


def closeness(facts: Facts) -> float:
    """Mean cosine of the brief with the creator's closest posts, five at most; NaN where none was read."""
    best = [cosine for _post, cosine in facts.posts[:5]]
    return sum(best) / len(best) if best else math.nan


def near(facts: Facts) -> bool:
    return closeness(facts) >= NEAR


@dataclass(frozen=True, slots=True)
class _Case:
    """One candidate under explanation, every figure a plain float: reading arrays element by element cost more
    than all the rest. What is known of it, how each family stands, the points of the total by family."""

    ranking: Ranking
    facts: Facts
    wish: Wish
    standing: Mapping[Standing, StandingOf]
    pool: Mapping[str, float]
    told: Mapping[str, float]
    value: Mapping[Family, float]
    low: Mapping[Family, float]
    high: Mapping[Family, float]
    points: Mapping[Family, float]
    parts: Mapping[Family, Mapping[str, float]]

    def figure(self, name: str) -> float | None:
        return _maybe(self.pool[name])

    def shared(self, family: Family) -> dict[str, float]:
        """Points of the total by part of a family: the secant of its percentile, so that they add up."""
        parts = self.parts[family]
        moved = sum(parts.values())
        if abs(moved) > 0.05:
            points = self.points[family]
            return {name: points * value / moved for name, value in parts.items()}
        return {name: point_scale(self.ranking, family) * SLOPE_AT_50 * value for name, value in parts.items()}


_POOL = (
    "posts",
    "reliability",
    "risks",
    "min_fee",
    "wants_topic",
    "accepts_form",
    "accepts_in_kind",
    "price",
    "price_low",
    "price_high",
    "reward",
)
_TOLD = ("total", "total_low", "total_high", "p_top10", "brand_side", "acceptance")


def _columns(rows: Sequence[int], arrays: Mapping[Any, Any]) -> list[dict[Any, float]]:
    """Name → (n,) array as one dictionary of floats per row asked."""
    index = np.asarray(rows, dtype=np.int64)
    lists = [np.asarray(values)[index].tolist() for values in arrays.values()]
    return [dict(zip(arrays, line, strict=True)) for line in zip(*lists, strict=True)] if lists else [{} for _ in rows]


def explain(ranking: Ranking, pool: Pool, rows: Sequence[int], facts: Sequence[Facts], wish: Wish) -> tuple[Fit, ...]:
    """The whole answer about the candidates at `rows` of the pool, in that order; facts[k] belongs to rows[k]."""
    stands = standings([fact.signals for fact in facts])
    told = {name: getattr(ranking, name) for name in _TOLD}
    told |= {"category": ranking.affinity.category, "within": ranking.affinity.within}
    told |= {f"coverage {name}": ranking.families[name].coverage for name in FAMILIES}
    told["logit"] = ranking.families["willingness"].z
    figures = _columns(rows, {name: getattr(pool, name) for name in ("creator_id", *_POOL)})
    bounds = [_columns(rows, values) for values in (ranking.value, ranking.low, ranking.high)]
    parts = {name: _columns(rows, ranking.families[name].parts) for name in FAMILIES}
    fits = []
    for k, (row, known, line) in enumerate(zip(rows, facts, _columns(rows, told), strict=True)):
        value, low, high = (part[k] for part in bounds)
        points = {name: family_points(ranking, name, int(row)) for name in FAMILIES}
        moved = {name: parts[name][k] for name in FAMILIES}
        case = _Case(ranking, known, wish, stands[k], figures[k], line, value, low, high, points, moved)
        fits.append(_fit(case))
    return tuple(fits)


def _fit(case: _Case) -> Fit:
    told = case.told
    reasons = [
        reason for reasons in (_affinity(case), _judged(case), _economy(case), _willingness(case)) for reason in reasons
    ]
    families = tuple(_family_score(case, name) for name in FAMILIES)
    return Fit(
        creator_id=int(case.pool["creator_id"]),
        score=_round(told["total"]),
        low=_round(told["total_low"]),
        high=_round(told["total_high"]),
        p_top10=None if math.isnan(told["p_top10"]) else round(told["p_top10"], 3),
        families=families,
        reasons_for=_pick((r for r in reasons if r.sign > 0), FOR),
        reasons_against=_against(case, [r for r in reasons if r.sign < 0]),
        unknown=_unknown(case),
        would_change=_would_change(case, families),
        category_fit=_maybe(told["category"]),
        within_category_fit=_maybe(told["within"]),
        fresh_at=case.facts.fresh_at,
        engine_version=ENGINE_VERSION,
    )


def _family_score(case: _Case, name: Family) -> FamilyScore:
    details: dict[str, Any] = {"points": _round(case.points[name])}
    coverage = case.told[f"coverage {name}"]
    signals = tuple(part for part, moved in case.parts[name].items() if abs(moved) > 1e-9)
    if name == "audience" or name == "posture" or name == "reliability":
        kept = case.standing[name].score
        coverage, signals = (kept.coverage, kept.signals) if kept else (0.0, ())
        details["parts"] = kept.details["parts"] if kept else {}
    if name == "willingness":
        details["chance"] = round(case.told["acceptance"], 3)
        fitted = case.wish.calibration
        # before calibration: what later answers are compared with, lest a fit be fitted upon
        details["logit"] = round((case.told["logit"] - fitted.shift) / fitted.slope, 3)
        details["answers"] = fitted.n
    if name == "audience" and case.pool["risks"] >= PROOFS_NEEDED:
        details["capped"] = True
    value, low, high = (_round(values[name]) for values in (case.value, case.low, case.high))
    return FamilyScore(name, value, low, high, round(coverage, 3), signals, details)


def _affinity(case: _Case) -> Iterable[Reason]:
    shared, facts = case.shared("affinity"), case.facts
    points = sum(shared.get(part, 0.0) for part in ("category", "within", "proof"))
    closest = _posts(post for post, _cosine in facts.posts[:3])
    params: dict[str, Any] = {
        "k": len(facts.on_topic),
        "n": facts.recent,
        "subjects": list(facts.subjects),
        "terms": list(facts.matched[:5]),
        "category": _maybe(case.told["category"]),
        "within": _maybe(case.told["within"]),
        "closeness": _maybe(closeness(facts)),
    }
    if points > -NOTABLE and facts.on_topic:  # the posts are there, whatever few peers leave to compare with
        code = "affinity.on_subject" if facts.recent > 1 else "affinity.only_post"
        yield Reason(code, 1, "affinity", _round(points), params, _posts(facts.on_topic[:5]))
    elif facts.posts and not facts.on_topic and not near(facts):
        # Somebody is always the nearest: to be ahead of the others is not to be on the subject.
        yield Reason("affinity.far", -1, "affinity", _round(min(points, 0.0)), params, closest)
    elif points > 0:
        yield Reason("affinity.close_posts", 1, "affinity", _round(points), params, closest)
    elif points < -NOTABLE:
        code = "affinity.few_on_subject" if facts.recent else "affinity.far"
        yield Reason(code, -1, "affinity", _round(points), params, closest)
    for name, moved in shared.items():
        if name.startswith("wish:") and moved < 0:
            yield Reason(f"wish.{name[5:]}", -1, "affinity", _round(moved))
    parts = [part for part in case.standing["niche"].parts if part.known]
    total = sum(abs(part.points) for part in parts)
    for part in parts:
        share = abs(part.points) / total if total else 0.0
        yield from _signal_reason(facts.signals[part.signal], "affinity", shared.get("niche", 0.0) * share)


def _judged(case: _Case) -> Iterable[Reason]:
    """Reasons of the families that do not depend on the brief, signal by signal."""
    for name in JUDGED:
        if name not in case.ranking.weights:
            continue
        if name == "audience" and case.pool["risks"] >= PROOFS_NEEDED:
            proofs, evidence = {"n": int(case.pool["risks"])}, _unexplained_steps(case.facts)
            yield Reason("audience.unusual", -1, name, _round(case.points[name]), proofs, evidence)
        scale = point_scale(case.ranking, name)
        if name == "posture" and case.facts.competitor is not None:
            competitor, days, post = case.facts.competitor
            moved = case.parts[name]["competitor"] * SLOPE_AT_50 * scale
            params = {"competitor": competitor, "n": days}
            yield Reason("selectivity.competitor", -1, name, _round(moved), params, _posts([post]))
        for part in case.standing[name].parts:
            if part.known:
                yield from _signal_reason(case.facts.signals[part.signal], name, part.points * scale)


def _signal_reason(signal: Signal, family: Family, points: float) -> Iterable[Reason]:
    """One line about one signal when it stands out and moved the total."""
    if abs(points) < NOTABLE or signal.percentile is None or signal.value is None:
        return
    praised, blamed = SAYS.get(signal.name, (-math.inf, math.inf))
    if signal.value < praised if points > 0 else signal.value >= blamed:
        return
    params = {
        "value": signal.value,
        "low": signal.low,
        "high": signal.high,
        "n": signal.n,
        "percentile": signal.percentile,
        "cell": signal.cell,
        "unit": signal.unit,
    }
    sign: Literal[1, -1] = 1 if points > 0 else -1
    code = f"{signal.name}.{'good' if sign > 0 else 'poor'}"
    yield Reason(code, sign, family, _round(points), params, signal.evidence[:6])


def _economy(case: _Case) -> Iterable[Reason]:
    shared, wish = case.shared("economy"), case.wish
    fee = case.figure("min_fee")
    price = {"fee": fee, "budget": wish.budget} | {
        name: case.figure(column) for name, column in (("price", "price"), ("low", "price_low"), ("high", "price_high"))
    }
    affordable = shared.get("affordable", 0.0)
    if affordable > NOTABLE:
        evidence = (Evidence("terms", int(case.pool["creator_id"])),) if fee else ()
        code = "economy.in_kind" if wish.in_kind_only else "economy.affordable"
        yield Reason(code, 1, "economy", _round(affordable), price, evidence)
    elif affordable < -NOTABLE and not wish.in_kind_only:
        yield Reason("economy.expensive", -1, "economy", _round(affordable), price)
    cost = shared.get("cost_per_engagement", 0.0)
    if abs(cost) >= NOTABLE:
        code = f"economy.{'cheap' if cost > 0 else 'dear'}_engagement"
        yield Reason(code, 1 if cost > 0 else -1, "economy", _round(cost), price | {"reward": case.figure("reward")})


def _willingness(case: _Case) -> Iterable[Reason]:
    params = {"chance": round(case.told["acceptance"], 3), "n": case.facts.quiet_days}
    for part, points in case.shared("willingness").items():
        if abs(points) >= NOTABLE:
            sign: Literal[1, -1] = 1 if points > 0 else -1
            yield Reason(
                f"willingness.{part}.{'good' if sign > 0 else 'poor'}", sign, "willingness", _round(points), params
            )


def _pick(reasons: Iterable[Reason], most: int) -> tuple[Reason, ...]:
    """The strongest; ties by code, so that the same data give the same lines."""
    return tuple(sorted(reasons, key=lambda r: (-abs(r.contribution), r.code))[:most])


def _against(case: _Case, reasons: list[Reason]) -> tuple[Reason, ...]:
    """The strongest; that a person does not speak of the brief at all is said before anything else."""
    far = [reason for reason in reasons if reason.code == "affinity.far"]
    chosen = (*far, *_pick((reason for reason in reasons if reason not in far), AGAINST - len(far)))
    return chosen + tuple(_thin(case))[: AGAINST - len(chosen)]


def _thin(case: _Case) -> Iterable[Reason]:
    """What weakens the answer itself."""
    facts, posts = case.facts, int(case.pool["posts"])
    if posts < ENOUGH_POSTS:
        params = {"n": posts, "wanted": ENOUGH_POSTS}
        yield Reason("data.few_posts", -1, "affinity", 0.0, params, _posts(post for post, _cosine in facts.posts))
    if facts.comments < ENOUGH_COMMENTS:
        yield Reason("data.few_comments", -1, "audience", 0.0, {"n": facts.comments, "wanted": ENOUGH_COMMENTS})
    if facts.stale_days is not None and facts.stale_days > STALE_DAYS:
        yield Reason("data.stale", -1, "affinity", 0.0, {"n": facts.stale_days})
    if math.isnan(case.pool["reliability"]):
        yield Reason("data.no_history", -1, "reliability", 0.0)
    if not case.pool["min_fee"] > 0:
        yield Reason("data.no_fee", -1, "economy", 0.0)


def _unknown(case: _Case) -> tuple[str, ...]:
    """Codes of what the engine did not know: signals first, then terms."""
    known = {name for name, signal in case.facts.signals.items() if signal.known}
    terms = {
        "fee": not case.pool["min_fee"] > 0,
        "wants_topic": case.figure("wants_topic") is None,
        "accepts_form": case.figure("accepts_form") is None,
        "accepts_in_kind": case.wish.in_kind_only and case.figure("accepts_in_kind") is None,
    }
    return (*(name for name in FAMILY_OF if name not in known), *(name for name, absent in terms.items() if absent))


def _would_change(case: _Case, families: Sequence[FamilyScore]) -> tuple[Reason, ...]:
    """Data or facts that could move the total most: half the interval of a family, in points of the total."""
    weights, exponent, found = case.ranking.weights, case.ranking.exponent, []
    weight = case.told["acceptance"] ** exponent
    for score in families:
        if score.family == "willingness":
            span = (score.high / 100) ** exponent - (score.low / 100) ** exponent
            moved = case.told["brand_side"] * span / 2
        else:
            share = weights.get(score.family, 0.0) * weight
            moved = share * (score.high - score.low) / 2
        if moved >= NOTABLE:
            scale, unit = (100, "share") if score.family == "willingness" else (1, "points")
            params = {
                "low": round(score.low / scale, 3),
                "high": round(score.high / scale, 3),
                "unit": unit,
                "posts": int(case.pool["posts"]),
                "comments": case.facts.comments,
                "coverage": score.coverage,
            }
            found.append(Reason(f"change.{score.family}", 1, score.family, _round(moved), params))
    return _pick(found, CHANGES)


def _unexplained_steps(facts: Facts) -> tuple[Evidence, ...]:
    """The follower counts at the steps that nothing explains."""
    growth = facts.signals.get("growth")
    return tuple(item for item in growth.evidence if item.note != "explained")[:6] if growth else ()


def _posts(ids: Iterable[int]) -> tuple[Evidence, ...]:
    return tuple(Evidence("post", int(post)) for post in ids)


def _round(value: float) -> float:
    return round(value, 2)


def _maybe(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 2)
