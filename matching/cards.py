"""A creator as a result: the card shown by Discover, by a match and by a campaign alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts.actors import Actor
from matching.models import CreatorIndex
from matching.proofs import EvidenceBook, Proof
from matching.ranking.explain import NEAR
from matching.reasons import family_label, reason_text, topic_label, unknown_text


@dataclass(frozen=True, slots=True)
class CardReason:
    text: str
    points: float
    proofs: list[Proof]


@dataclass(frozen=True, slots=True)
class CardFamily:
    """term: the glossary word that explains the family."""

    name: str
    label: str
    value: float | None
    low: float | None
    high: float | None

    @property
    def term(self) -> str:
        return {"audience": "audience_quality"}.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class Card:
    """Everything `matching/result_card.html` draws. score is None where nothing was asked in words.

    explored: the place was given, not earned. moved: places gained since the answer by what was said of others.
    verdict: what a person said of this proposal.
    """

    index: CreatorIndex
    rank: int | None = None
    score: float | None = None
    low: float | None = None
    high: float | None = None
    p_top10: float | None = None
    families: list[CardFamily] = field(default_factory=list)
    reasons: list[CardReason] = field(default_factory=list)
    against: list[CardReason] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    result_id: int | None = None
    partnership: Any = None
    closeness: float | None = None
    explored: bool = False
    moved: int = 0
    verdict: Any = None


_REASONS = ("reasons_for", "reasons_against")
SHOWN_FAMILIES = ("affinity", "audience", "posture")


def cards(actor: Actor, found: Iterable[tuple[CreatorIndex, Mapping[str, Any] | None]]) -> list[Card]:
    """Cards of (index row, fit as JSON or None), proofs of all reasons read in two queries."""
    rows = list(found)
    claims = [reason for _index, fit in rows if fit for reason in (*fit["reasons_for"], *fit["reasons_against"])]
    book = EvidenceBook(actor, claims)
    return [_card(place, index, fit, book) for place, (index, fit) in enumerate(rows, start=1)]


def _card(place: int, index: CreatorIndex, fit: Mapping[str, Any] | None, book: EvidenceBook) -> Card:
    topics = [topic_label(slug) for slug in index.topics[:4]]
    if fit is None:
        return Card(index, topics=topics, families=standing(index))
    return Card(
        index,
        rank=place,
        score=fit["score"],
        low=fit["low"],
        high=fit["high"],
        p_top10=fit["p_top10"],
        families=[
            CardFamily(f["family"], family_label(f["family"]), f["value"], f["low"], f["high"])
            for f in fit["families"]
            if f["family"] in SHOWN_FAMILIES
        ],
        reasons=[_reason(reason, book) for reason in fit["reasons_for"]],
        against=[_reason(reason, book) for reason in fit["reasons_against"]],
        unknown=[unknown_text(code) for code in fit["unknown"]],
        topics=topics,
        closeness=_closeness(fit),
    )


def standing(index: CreatorIndex) -> list[CardFamily]:
    """Without a question: where the creator stands among comparable ones."""
    rows = (
        ("audience", index.audience_score, index.audience_low, index.audience_high),
        ("posture", index.posture_score, index.posture_low, index.posture_high),
    )
    return [CardFamily(name, family_label(name), value, low, high) for name, value, low, high in rows]  # type: ignore[arg-type]


def _reason(reason: Mapping[str, Any], book: EvidenceBook) -> CardReason:
    return CardReason(reason_text(reason), reason["contribution"], book.of(reason))  # type: ignore[arg-type]


def off_subject(found: Iterable[Card]) -> bool:
    """Whether a whole answer has nobody who writes near the brief: the nearest of a crowd that is elsewhere."""
    told = [card.closeness for card in found if card.closeness is not None]
    return bool(told) and max(told) < NEAR


def _closeness(fit: Mapping[str, Any]) -> float | None:
    """Mean cosine of the closest posts with the brief, where a reason of this answer tells it."""
    told = ((reason.get("params") or {}).get("closeness") for key in _REASONS for reason in fit[key])
    return next((value for value in told if value is not None), None)
