"""Who a demo creator is: accounts, habits of writing, profiles. Values only; people.py draws them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from campaigns.demo.grammar import Voice
from campaigns.demo.material import Language


@cache
def traits() -> dict[str, Any]:
    return yaml.safe_load((Path(__file__).resolve().parent / "traits.yaml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Handle:
    """One account of a person. followers: today's. rate: the person's typical log engagement there."""

    platform: str
    name: str
    followers: int
    following: int
    posts_count: int
    rate: float
    hides_likes: bool
    shares_insights: bool


@dataclass(frozen=True, slots=True)
class Style:
    """Habits of writing, so that two people of one niche read differently. Chances are 0..1."""

    tone: str
    opening: int  # which of the signatures of any language; -1 for none
    closing: int
    obsession: int
    emoji: tuple[str, ...]
    hashtags: int
    asks: float
    thinks: float
    opens: float
    closes: float
    quirk: float
    breaks: str
    lowercase: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional creator. `index` is also the order in which people are generated."""

    index: int
    first: str
    name: str
    slug: str
    feminine: bool
    languages: tuple[Language, ...]
    country: str
    city: str
    niche: str
    second: str
    style: Style
    accounts: tuple[Handle, ...]
    bio: str
    conversation: str
    growth: str
    event_day: int  # of the year that ends today
    sponsored: float
    labels: str
    cadence: int
    hour: int
    silent_days: int
    minor: bool
    claimed: bool
    key: int
    terms: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def email(self) -> str:
        """A contact address under a name that can never exist (RFC 2606)."""
        return f"{'bonjour' if self.languages[0] == 'fr' else 'hello'}@{self.slug.replace('.', '-')}.example"

    def voice(self, language: Language) -> Voice:
        return Voice(language, self.feminine, self.key)

    def rng(self, part: str) -> random.Random:
        """A stream of chance of its own per person and part: adding a creator changes no other."""
        return random.Random(f"{self.key}:{part}")
