"""Several small voices under one budget: who brings which people that the others do not.

Expected deduplicated reach of a set S, over audience elements u of weight w_u (people each stands for):

    f(S) = Σ_u w_u · (1 − Π_{i∈S} (1 − p_iu))        p_iu: chance that creator i reaches u

f is monotone and submodular, so a greedy choice has a guarantee and any choice has a bound. Several are made and
the best is kept (by gain per cost, by gain, by reach per cost, the best single voice, every promising pair as a
start), then improved by exchanging one for one. Guarantees: max(ratio, plain greedy) ≥ ½(1 − 1/e) (Leskovec
2007); with the best single voice 1 − 1/√e (Khuller, Moss, Naor 1999). Bound of this very instance, for any set S:

    f(best) ≤ f(S) + the fractional knapsack, within the budget, of the gains that are left at S

the least over the sets tried, and never above the reach of everybody. Choice is made on expected values; P10 and
P90 come from draws of each creator's reach. Followers are never added up.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.ranking.scale import FloatArray, IntArray

BoolArray = NDArray[np.bool_]

VERSION = "portfolio-1"
SWAP_ROUNDS = 20
PAIR_SEEDS = 12
"""Voices (best by gain and by gain per cost) whose pairs are tried as starts."""
MOST_FOR_PAIRS, SWAP_WORK = 400, 40_000
"""Beyond so many creators pairs are left out, and so many gains computed end the exchanges: seconds would be lost
where the bound already says that little is left to win."""


@dataclass(frozen=True, slots=True)
class Audiences:
    """Of m creators. start: (m + 1,) into element and chance; element: which audience element; chance: p_iu in (0, 1].

    weight: (e,) people each element stands for.
    """

    start: IntArray
    element: IntArray
    chance: FloatArray
    weight: FloatArray

    def __len__(self) -> int:
        return len(self.start) - 1

    def of(self, creator: int) -> tuple[IntArray, FloatArray]:
        part = slice(int(self.start[creator]), int(self.start[creator + 1]))
        return self.element[part], self.chance[part]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of the creators of `members` (m,), for example of one tier or platform."""

    members: BoolArray
    most: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """chosen: row numbers in the order taken. reach: people. alone: (k,) reach of each by itself; brings: (k,) what
    would be lost without it. cost: spent. bound: no set within the budget and the limits reaches more.
    rule: which of the choices won. tried: rule → reach, of all of them."""

    chosen: tuple[int, ...]
    reach: float
    alone: FloatArray
    brings: FloatArray
    cost: float
    bound: float
    rule: str
    tried: dict[str, float]

    @property
    def certainty(self) -> float:
        """Share of the best possible reach that this choice surely has, 0..1 (1 where nothing can be reached)."""
        return 1.0 if self.bound <= 0 else min(self.reach / self.bound, 1.0)


class _Choice:
    """A set being built: `left` is, for each element, the chance that nobody has reached it yet."""

    def __init__(self, problem: _Problem, rows: Iterable[int] = ()) -> None:
        self.problem, self.cost, self.reach = problem, 0.0, 0.0
        self.rows: list[int] = []
        self.left = np.ones(len(problem.audiences.weight))
        self.counts = [0] * len(problem.limits)
        for row in rows:
            self.take(row)

    def gain(self, row: int) -> float:
        element, chance = self.problem.audiences.of(row)
        return float((self.problem.audiences.weight[element] * self.left[element] * chance).sum())

    def fits(self, row: int) -> bool:
        problem = self.problem
        if row in self.rows or self.cost + problem.cost[row] > problem.budget + 1e-9:
            return False
        return all(
            not limit.members[row] or count < limit.most
            for limit, count in zip(problem.limits, self.counts, strict=True)
        )

    def take(self, row: int) -> None:
        element, chance = self.problem.audiences.of(row)
        self.reach += self.gain(row)
        self.left[element] *= 1 - chance
        self.rows.append(row)
        self.cost += float(self.problem.cost[row])
        for place, limit in enumerate(self.problem.limits):
            self.counts[place] += bool(limit.members[row])


@dataclass(frozen=True, slots=True)
class _Problem:
    audiences: Audiences
    cost: FloatArray
    budget: float
    limits: Sequence[Limit]
    pinned: Sequence[int]
    free: Sequence[int]


def choose(
    audiences: Audiences,
    cost: FloatArray,
    budget: float,
    *,
    limits: Sequence[Limit] = (),
    pinned: Sequence[int] = (),
    refused: Sequence[int] = (),
) -> Portfolio:
    """The set of creators with the greatest expected deduplicated reach within `budget` and `limits`.

    cost: (m,) ≥ 0, in the budget's currency. pinned are always in (even where they break the budget or a limit: the
    caller says so), refused never. Deterministic; ties go to the lower row.
    Raises ValueError for costs or chances out of range.
    """
    cost = np.asarray(cost, np.float64)
    if len(cost) != len(audiences) or np.any(~np.isfinite(cost)) or np.any(cost < 0):
        raise ValueError("cost must be one finite amount of at least 0 per creator")
    if len(audiences.chance) and (audiences.chance.min() < 0 or audiences.chance.max() > 1):
        raise ValueError("chance must be from 0 to 1")
    pinned = tuple(dict.fromkeys(int(row) for row in pinned))
    out = {*pinned, *(int(row) for row in refused)}
    free = tuple(row for row in range(len(cost)) if row not in out)
    problem = _Problem(audiences, cost, float(budget), limits, pinned, free)
    tried = _tried(problem)
    rule, best = max(tried.items(), key=lambda item: (item[1].reach, -item[1].cost))
    improved = _swapped(problem, best)
    if improved.reach > best.reach * (1 + 1e-12):
        rule, best = f"{rule}+swap", improved
    bound = min(_bound(problem, each) for each in [*tried.values(), improved, _Choice(problem, pinned)])
    return Portfolio(
        chosen=tuple(best.rows),
        reach=best.reach,
        alone=np.array([_Choice(problem).gain(row) for row in best.rows]),
        brings=contributions(audiences, best.rows),
        cost=best.cost,
        bound=max(bound, best.reach),
        rule=rule,
        tried={name: choice.reach for name, choice in tried.items()},
    )


def reach_of(audiences: Audiences, rows: Iterable[int]) -> float:
    """f(S) of any set."""
    left = np.ones(len(audiences.weight))
    for row in rows:
        element, chance = audiences.of(row)
        left[element] *= 1 - chance
    return float((audiences.weight * (1 - left)).sum())


def contributions(audiences: Audiences, rows: Sequence[int]) -> FloatArray:
    """(k,) reach lost if that one drops out and the others stay."""
    whole = reach_of(audiences, rows)
    return np.array([whole - reach_of(audiences, [other for other in rows if other != row]) for row in rows])


def spread(audiences: Audiences, rows: Sequence[int], factors: FloatArray) -> tuple[float, float]:
    """P10 and P90 of the reach of a set. factors: (draws, k), each creator's reach in that draw over its expectation.

    A draw scales the people a creator reaches in every element; the element weighs what its greatest reacher does.
    """
    if not len(factors):
        return float("nan"), float("nan")
    parts = [audiences.of(row) for row in rows]
    reached = np.empty(len(factors))
    for draw, scale in enumerate(factors):
        weight, left = np.zeros(len(audiences.weight)), np.ones(len(audiences.weight))
        for (element, chance), factor in zip(parts, scale, strict=True):
            weight[element] = np.maximum(weight[element], audiences.weight[element] * chance * factor)
        for (element, chance), factor in zip(parts, scale, strict=True):
            people = audiences.weight[element] * chance * factor
            left[element] *= 1 - np.divide(
                people, weight[element], out=np.zeros(len(people)), where=weight[element] > 0
            )
        reached[draw] = (weight * (1 - left)).sum()
    low, high = np.percentile(reached, [10, 90])
    return float(low), float(high)


def _tried(problem: _Problem) -> dict[str, _Choice]:
    start = _Choice(problem, problem.pinned)
    gains = {row: start.gain(row) for row in problem.free}
    worth = {row: gains[row] / problem.cost[row] if problem.cost[row] > 0 else np.inf for row in problem.free}
    tried = {
        "gain per cost": _greedy(problem, problem.pinned, per_cost=True),
        "gain": _greedy(problem, problem.pinned, per_cost=False),
        "reach per cost": _in_order(problem, sorted(problem.free, key=lambda row: (-worth[row], row))),
        "size": _in_order(problem, sorted(problem.free, key=lambda row: (-gains[row], row))),
        "single": _in_order(problem, sorted(problem.free, key=lambda row: (-gains[row], row)), most=1),
    }
    leaders = (heapq.nlargest(PAIR_SEEDS // 2, problem.free, key=each.__getitem__) for each in (gains, worth))
    leading = dict.fromkeys(row for rows in leaders for row in rows)
    pairs = [(a, b) for a in leading for b in leading if a < b]
    starts = [
        choice for pair in pairs if len(problem.cost) <= MOST_FOR_PAIRS if (choice := _start(problem, pair)) is not None
    ]
    if starts:
        ends = [_greedy(problem, choice.rows, per_cost=True) for choice in starts]
        tried["pair"] = max(ends, key=lambda choice: choice.reach)
    return tried


def _start(problem: _Problem, rows: Sequence[int]) -> _Choice | None:
    choice = _Choice(problem, problem.pinned)
    for row in rows:
        if not choice.fits(row):
            return None
        choice.take(row)
    return choice


def _greedy(problem: _Problem, begin: Sequence[int], *, per_cost: bool) -> _Choice:
    """Lazy greedy: gains only fall, so an old one is an upper bound and most are never computed again."""
    choice = _Choice(problem, begin)

    def key(row: int) -> float:
        gain = choice.gain(row)
        return gain / max(float(problem.cost[row]), 1e-9) if per_cost else gain

    heap = [(-key(row), row, len(choice.rows)) for row in problem.free if row not in begin]
    heapq.heapify(heap)
    while heap:
        value, row, seen = heapq.heappop(heap)
        if not choice.fits(row):
            continue
        if seen != len(choice.rows):
            heapq.heappush(heap, (-key(row), row, len(choice.rows)))
        elif value >= 0:
            break  # nobody left brings anything
        else:
            choice.take(row)
    return choice


def _in_order(problem: _Problem, order: Sequence[int], most: int | None = None) -> _Choice:
    choice = _Choice(problem, problem.pinned)
    for row in order:
        if most is not None and len(choice.rows) - len(problem.pinned) >= most:
            break
        if choice.fits(row):
            choice.take(row)
    return choice


def _swapped(problem: _Problem, best: _Choice) -> _Choice:
    """One out, one in, then whatever still fits, as long as it helps."""
    work = 0
    for _round in range(SWAP_ROUNDS):
        found = None
        work += len(best.rows) * len(problem.free)
        if work > SWAP_WORK:
            return best
        for out in best.rows[len(problem.pinned) :]:
            rest = _Choice(problem, [row for row in best.rows if row != out])
            gains = [(rest.gain(row), -row) for row in problem.free if row != out and rest.fits(row)]
            if gains:
                gain, negative = max(gains)
                if rest.reach + gain > (found.reach if found else best.reach) * (1 + 1e-9):
                    rest.take(-negative)
                    found = rest
        if found is None:
            return best
        best = _greedy(problem, found.rows, per_cost=True)
    return best


def _bound(problem: _Problem, choice: _Choice) -> float:
    """No set within the budget reaches more: what `choice` has, and the best that could be bought beside it."""
    rows = [row for row in problem.free if row not in choice.rows and problem.cost[row] <= problem.budget + 1e-9]
    gains = np.array([choice.gain(row) for row in rows])
    cost = problem.cost[rows] if rows else np.array([])
    # the others may be bought with the whole budget that the pinned ones leave: the best set may lack all of `choice`
    room = max(problem.budget - sum(float(problem.cost[row]) for row in problem.pinned), 0.0)
    bound = choice.reach
    for place in np.lexsort((np.arange(len(rows)), -gains / np.maximum(cost, 1e-9))):
        part = 1.0 if cost[place] <= room else room / cost[place]
        bound += part * gains[place]
        room -= part * cost[place]
        if room <= 0:
            break
    return float(bound)
