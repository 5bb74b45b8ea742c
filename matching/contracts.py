"""The values that cross the engine's boundaries: what is asked, what is measured, what is answered.

Frozen dataclasses of the standard library only, so that scoring stays pure and callers never need the
ORM to understand an answer. `to_json` / `from_json` are the stored and published form of each value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Literal

Platform = Literal["instagram", "tiktok", "youtube", "x"]
PLATFORMS: tuple[Platform, ...] = ("instagram", "tiktok", "youtube", "x")

Family = Literal["affinity", "audience", "posture", "reliability", "economy", "willingness"]
FAMILIES: tuple[Family, ...] = ("affinity", "audience", "posture", "reliability", "economy", "willingness")

EvidenceKind = Literal["post", "comment", "follower_count", "terms", "partnership"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One datum a reader can open: `kind` names its table, `id` its primary key there."""

    kind: EvidenceKind
    id: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured property of a creator.

    value, low, high: in `unit`; low/high bound the 90 % interval. All None when nothing is known.
    n: observations used. coverage: 0..1, share of the observations wanted that were there.
    percentile: 0..100 among the `cell` of comparable creators, None when the cell is too small.
    details: further figures by name (shares, counts, flags), each a number, string, bool or None.
    """

    name: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    coverage: float
    version: str
    percentile: float | None = None
    cell: str = ""
    evidence: tuple[Evidence, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return self.value is not None

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"details": dict(self.details), "evidence": [asdict(e) for e in self.evidence]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Signal:
        # field by field: a match reads a thousand of these, and gathering them by name took twice as long
        return cls(
            data["name"],
            data["unit"],
            data["value"],
            data["low"],
            data["high"],
            data["n"],
            data["coverage"],
            data["version"],
            data.get("percentile"),
            data.get("cell", ""),
            tuple([Evidence(**item) for item in data.get("evidence", ())]),
            data.get("details", {}),
        )


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight of each family; they are normalised where they are used. Version names the published set."""

    affinity: float = 0.44
    audience: float = 0.20
    posture: float = 0.12
    reliability: float = 0.06
    economy: float = 0.09
    willingness: float = 0.09
    version: str = "w2"

    def normalised(self) -> dict[Family, float]:
        raw: dict[Family, float] = {name: max(0.0, float(getattr(self, name))) for name in FAMILIES}
        total = sum(raw.values()) or 1.0
        return {name: value / total for name, value in raw.items()}


@dataclass(frozen=True, slots=True)
class Brief:
    """What a brand asks of the engine. Empty collections and None mean "no wish".

    followers_min/max bound the largest account on the wanted platforms. budget_per_creator is the most
    the brand would pay one creator, in `currency`. sectors are the brand's own (a creator may refuse
    them). `hard` names the fields that exclude rather than lower: any of platforms, languages,
    countries, followers, budget, topics.
    """

    text: str
    language: str = ""
    product: str = ""
    audience: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    followers_min: int | None = None
    followers_max: int | None = None
    forms: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    values_wanted: tuple[str, ...] = ()
    values_refused: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    budget_per_creator: Decimal | None = None
    currency: str = "EUR"
    in_kind_only: bool = False
    exclude_creators: tuple[int, ...] = ()
    hard: tuple[str, ...] = ("platforms", "languages", "countries", "followers")
    weights: Weights = field(default_factory=Weights)

    def to_json(self) -> dict[str, Any]:
        data = asdict(self)
        data["budget_per_creator"] = None if self.budget_per_creator is None else str(self.budget_per_creator)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}


@dataclass(frozen=True, slots=True)
class FamilyScore:
    """0..100 among comparable creators, with a 90 % interval; coverage 0..1 of the signals it wants."""

    family: Family
    value: float
    low: float
    high: float
    coverage: float
    signals: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """A claim for or against, as a message code with parameters (translated where it is shown).

    contribution: signed points of the total score that this reason moved.
    """

    code: str
    sign: Literal[1, -1]
    family: Family
    contribution: float
    params: Mapping[str, Any] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """One creator's answer to one brief."""

    creator_id: int
    score: float
    low: float
    high: float
    p_top10: float | None
    families: tuple[FamilyScore, ...]
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    unknown: tuple[str, ...]
    would_change: tuple[Reason, ...]
    category_fit: float | None
    within_category_fit: float | None
    fresh_at: str | None
    engine_version: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A creator a hard limit kept out. `code` is a reason code; `shown` is False when the creator
    does not allow the brand to read the reason."""

    creator_id: int
    code: str
    shown: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
