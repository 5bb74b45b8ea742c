"""Choosing among creators: side by side, how far their audiences are the same people, and a set under a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.actors import Actor
from accounts.errors import InvalidInput
from accounts.permissions import require
from matching.codes import EUR_PER_UNIT, in_eur
from matching.models import AudienceSketch, CreatorIndex
from matching.ranking import portfolio as engine
from matching.ranking.coverage import audiences_of
from matching.ranking.economy import ANNOUNCED_LIFT, ANNOUNCED_SD, price_band
from matching.ranking.scale import Z90, hashed_normals
from matching.services.scoring import current_scoring
from matching.signals.overlap import Estimate, Overlaps, Sketch, overlaps
from matching.signals.pricing import OTHER_REACHED, REACHED

MOST_COMPARED = 10
MOST_PROPOSED = 400
DRAWS = 200
PRICE_AGREED = "agreed"
PRICE_ANNOUNCED = "announced"
PRICE_EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class Voice:
    """engaged, with its 90 % interval: people who react to one post; None unknown. Followers × engagement rate; where the
    rate is counted by views or reach, followers × the share that a post of the network reaches × rate.

    price in EUR with its band; price_basis: agreed (an offer), announced (the creator's minimum) or expected (the band
    of platform and audience); None where even that is unknown. sketch: of the commenters.
    """

    index: CreatorIndex
    engaged: float | None
    engaged_low: float | None
    engaged_high: float | None
    price: float | None
    price_low: float | None
    price_high: float | None
    price_basis: str
    sketch: Sketch | None

    @property
    def cost_per_engaged(self) -> float | None:
        return self.price / self.engaged if self.price is not None and self.engaged else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """overlap: of the commenters, in the order of `voices`. unique, frequency: of all who react, met twice counted once.

    unknown: creators whose overlap is unknown, counted as having none."""

    voices: tuple[Voice, ...]
    overlap: Overlaps
    total: float
    unique: float
    cost: float | None
    unknown: tuple[int, ...]

    @property
    def frequency(self) -> float | None:
        return self.total / self.unique if self.unique else None

    def shared(self, row: int, column: int) -> Estimate:
        return self.overlap.of_smaller[row][column]


@dataclass(frozen=True, slots=True)
class Member:
    """A creator of a proposed set. brings: people lost if this one drops out and the others stay."""

    voice: Voice
    alone: float
    brings: float
    pinned: bool
    overlap_known: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """members in the order chosen. low, high: P10 and P90 of the reach. left_out: (voice, why) of the others."""

    members: tuple[Member, ...]
    reach: float
    low: float
    high: float
    cost: float
    budget: float
    bound: float
    certainty: float
    rule: str
    tried: Mapping[str, float]
    left_out: tuple[tuple[Voice, str], ...]
    version: str = engine.VERSION

    @property
    def over_budget(self) -> bool:
        return self.cost > self.budget + 0.005


def compare(
    *, actor: Actor, creator_ids: Iterable[int], agreed: Mapping[int, tuple[Decimal, str]] | None = None
) -> Comparison:
    """At most 10 creators side by side. agreed: creator → (fee, currency) where an offer says it.

    Raises NotAllowed, or InvalidInput for fewer than two or more than ten creators that are in the index.
    """
    require(actor, "match.read")
    found = voices(actor, creator_ids, agreed or {})
    if not 2 <= len(found) <= MOST_COMPARED:
        raise InvalidInput(fields={"creator": [f"2–{MOST_COMPARED}"]})
    engaged = np.array([voice.engaged if voice.engaged is not None else np.nan for voice in found])
    people, known = audiences_of([voice.sketch for voice in found], engaged)
    prices = [voice.price for voice in found]
    return Comparison(
        voices=tuple(found),
        overlap=overlaps([voice.sketch or _NOBODY for voice in found]),
        total=float(np.nansum(engaged)),
        unique=engine.reach_of(people, range(len(found))),
        cost=None if None in prices else float(sum(price for price in prices if price is not None)),
        unknown=tuple(voice.index.pk for voice, sure in zip(found, known, strict=True) if not sure),
    )


def propose(
    *,
    actor: Actor,
    creator_ids: Iterable[int],
    budget: Decimal,
    currency: str = "EUR",
    pinned: Iterable[int] = (),
    refused: Iterable[int] = (),
    agreed: Mapping[int, tuple[Decimal, str]] | None = None,
    most_per_tier: int | None = None,
    most_per_platform: int | None = None,
) -> Proposal:
    """The set of these creators that reaches the most people once under the budget; pinned ones are always in.

    Creators without a price or a known engagement are left out with the reason. Raises NotAllowed or InvalidInput.
    """
    require(actor, "match.read")
    if currency not in EUR_PER_UNIT or not budget.is_finite() or budget < 0:
        raise InvalidInput(fields={"budget": ["≥ 0"]})
    pins, out = set(pinned), set(refused)
    found = voices(actor, list(creator_ids)[:MOST_PROPOSED], agreed or {})
    able = [voice for voice in found if voice.price is not None and voice.engaged is not None]
    left_out = [(voice, "price" if voice.price is None else "engagement") for voice in found if voice not in able]
    engaged, sizes = np.array([voice.engaged or 0.0 for voice in able]), current_scoring(actor.workspace_id).tiers
    people, known = audiences_of([voice.sketch for voice in able], engaged)
    chosen = engine.choose(
        people,
        np.array([voice.price or 0.0 for voice in able]),
        float(in_eur(budget, currency)),
        limits=[
            *_limits([sizes.of(voice.index.main_platform, voice.index.followers) for voice in able], most_per_tier),
            *_limits([voice.index.main_platform for voice in able], most_per_platform),
        ],
        pinned=[row for row, voice in enumerate(able) if voice.index.pk in pins],
        refused=[row for row, voice in enumerate(able) if voice.index.pk in out],
    )
    low, high = engine.spread(people, chosen.chosen, _factors([able[row] for row in chosen.chosen]))
    left_out += [
        (voice, "refused" if voice.index.pk in out else "not_chosen")
        for row, voice in enumerate(able)
        if row not in chosen.chosen
    ]
    return Proposal(
        members=tuple(
            Member(able[row], float(alone), float(brings), able[row].index.pk in pins, bool(known[row]))
            for row, alone, brings in zip(chosen.chosen, chosen.alone, chosen.brings, strict=True)
        ),
        reach=chosen.reach,
        low=low,
        high=high,
        cost=chosen.cost,
        budget=float(in_eur(budget, currency)),
        bound=chosen.bound,
        certainty=chosen.certainty,
        rule=chosen.rule,
        tried=chosen.tried,
        left_out=tuple(left_out),
    )


def voices(actor: Actor, creator_ids: Iterable[int], agreed: Mapping[int, tuple[Decimal, str]]) -> list[Voice]:
    """Those of the creators that are in the index, in the order asked."""
    order = list(dict.fromkeys(creator_ids))
    rows = CreatorIndex.visible_to(actor).filter(pk__in=order, creator__erased_at__isnull=True).in_bulk()
    sketches = {row.pk: row for row in AudienceSketch.visible_to(actor).filter(pk__in=order)}
    return [_voice(rows[pk], sketches.get(pk), agreed.get(pk)) for pk in order if pk in rows]


_NOBODY = Sketch(np.zeros(0, np.uint64), 0)


def _voice(row: CreatorIndex, sketch: Any, agreed: tuple[Decimal, str] | None) -> Voice:
    price, low, high, basis = _price(row, agreed)
    base = None if row.followers is None else float(row.followers)
    if base is not None and row.er_base not in ("", "followers"):
        base *= REACHED.get(row.main_platform, OTHER_REACHED)

    def people(rate: float | None) -> float | None:
        return None if base is None or rate is None else base * rate

    return Voice(
        index=row,
        engaged=people(row.er),
        engaged_low=people(row.er_low),
        engaged_high=people(row.er_high),
        price=price,
        price_low=low,
        price_high=high,
        price_basis=basis,
        sketch=None if sketch is None else Sketch(np.frombuffer(sketch.hashes, np.uint64), sketch.people),
    )


def _price(
    row: CreatorIndex, agreed: tuple[Decimal, str] | None
) -> tuple[float | None, float | None, float | None, str]:
    if agreed is not None and agreed[1] in EUR_PER_UNIT:
        fee = float(in_eur(*agreed))
        return fee, fee, fee, PRICE_AGREED
    if row.min_fee and row.fee_currency in EUR_PER_UNIT:
        least = float(in_eur(row.min_fee, row.fee_currency))
        width = float(np.exp(Z90 * ANNOUNCED_SD))
        middle = least * float(np.exp(ANNOUNCED_LIFT))
        return float(round(middle)), least, float(round(middle * width)), PRICE_ANNOUNCED
    if row.followers is None:
        return None, None, None, ""
    rate = np.array([np.nan if row.er is None else row.er])
    band = price_band(row.main_platform, np.array([float(row.followers)]), rate)
    # a band of this width in cents would be false precision
    middle, low, high = (float(round(value[0])) for value in band)
    return middle, low, high, PRICE_EXPECTED


def _limits(labels: Sequence[str], most: int | None) -> list[engine.Limit]:
    if most is None:
        return []
    return [engine.Limit(np.array([other == label for other in labels]), most) for label in sorted(set(labels))]


def _factors(chosen: Sequence[Voice]) -> engine.FloatArray:
    """(draws, k) of mean 1: how far the engagement of each may be from what is expected, from its interval."""
    if not chosen:
        return np.ones((DRAWS, 0))
    spread = np.array([_log_sd(voice) for voice in chosen])
    ids = np.array([voice.index.pk for voice in chosen], np.int64)
    normals = hashed_normals(ids, 1, DRAWS, seed=14)[:, :, 0]
    return np.asarray(np.exp(normals * spread - spread**2 / 2))


def _log_sd(voice: Voice) -> float:
    if not voice.engaged_low or not voice.engaged_high or voice.engaged_high <= voice.engaged_low:
        return 0.5
    return float(np.log(voice.engaged_high / voice.engaged_low) / (2 * Z90))
