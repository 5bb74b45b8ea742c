"""A campaign with a brief, and partnerships in any state, on the common cast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actors import Actor, creator_actor
from accounts.models import Creator
from campaigns.models import Brief, Campaign, Partnership
from campaigns.services.briefs import save_brief
from campaigns.services.campaigns import activate_campaign, create_campaign
from campaigns.services.invitations import invite
from campaigns.services.shortlist import shortlist_creators
from tests.cast import Cast

DELIVERABLES = [
    {"form": "dedicated", "format": "short_video", "platform": "instagram", "quantity": 1, "due_on": "2030-05-20"},
    {"form": "dedicated", "format": "story", "platform": "instagram", "quantity": 3, "due_on": "2030-05-25"},
]
SENTENCES = [
    "Your post about washing with cold water and no foam is why I write to you today.",
    "The way you answered every question under the March routine made our whole lab smile.",
    "I read your comparison of three rosehip oils twice before sending it to a colleague.",
    "Nobody else showed the empty jars after ninety days; that honesty is what we look for.",
    "Your mother's soap recipe, and the disagreement about lye below it, stayed with us.",
    "That reel where the cream curdles and you keep filming is the best review we ever saw.",
    "You said no to plastic refills last autumn, and explained it better than we could.",
    "Twelve winters of hand care in the mountains: you know our subject from the inside.",
    "The thread on scent allergies you keep pinned has helped people in our own families.",
]


@dataclass
class Stage:
    """An active campaign of Alma with a complete brief, and the people around it."""

    cast: Cast
    campaign: Campaign
    brief: Brief
    owner: Actor

    def shortlist(self, creator: Creator) -> Partnership:
        return shortlist_creators(actor=self.owner, campaign=self.campaign, creators=[creator])[0]

    def invite(self, creator: Creator, sentence: str = SENTENCES[0], **options: Any) -> Partnership:
        return invite(actor=self.owner, partnership=self.shortlist(creator), personal_sentence=sentence, **options)

    def link_actor(self, partnership: Partnership) -> Actor:
        return creator_actor(partnership.creator, partnership_id=partnership.pk)


def build(cast: Cast, **details: Any) -> Stage:
    owner = cast.actor(cast.owner)
    campaign = create_campaign(
        actor=owner,
        brand=cast.brand,
        name="Spring serum",
        countries=["FR"],
        languages=["fr"],
        budget="5000",
        starts_on="2026-01-01",
        ends_on="2030-06-30",
        **details,
    )
    brief = save_brief(
        actor=owner,
        campaign=campaign,
        product="A rosehip serum",
        message="One ingredient, nothing hidden.",
        must="The bottle is refillable.",
        deliverables=DELIVERABLES,
        fee="400",
        in_kind="Two bottles",
        in_kind_value="60",
        rights="Instagram, 6 months",
    )
    activate_campaign(actor=owner, campaign=campaign)
    return Stage(cast, campaign, brief, owner)


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return build(cast)


@pytest.fixture
def many(cast: Cast) -> Callable[[int], list[Creator]]:
    """n more creators with an address each."""

    def make(n: int) -> list[Creator]:
        return [
            Creator.objects.create(
                display_name=f"Person {number}",
                contact_email=f"person{number}@example.org",
                languages=["en"],
                source=cast.source,
            )
            for number in range(n)
        ]

    return make


def days(n: float) -> timedelta:
    return timedelta(days=n)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.fixture
def told(stage: Stage) -> Any:
    """The campaign worked out by hand (`tests.campaigns.hand.Told`)."""
    from tests.campaigns.hand import tell  # it reads this module

    return tell(stage)
