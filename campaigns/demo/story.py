"""What brands and creators of the demo did together: played in order of time through the real services.

Every step carries its own moment, so that timelines, deadlines and limits are those of a lived year.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.demo import papers
from campaigns.demo.cast import Cast, scenario
from campaigns.demo.chapter import Chapter
from campaigns.demo.world import World
from matching.briefs import parse_brief
from matching.services.match import run_match


@dataclass(order=True, slots=True)
class Step:
    """Something that happens at a moment; `number` keeps the order of what is written first."""

    at: datetime
    number: int
    play: Callable[[datetime], None] = field(compare=False)


class Story:
    """Builds the steps of every campaign, then plays them all by the clock."""

    def __init__(self, cast: Cast, titles: dict[int, list[tuple[str, str]]], now: datetime, seed: int) -> None:
        self.cast, self.titles, self.now = cast, titles, now
        self.rng = random.Random(f"story:{seed}")
        self.steps: list[Step] = []
        self.used: dict[str, dict[int, datetime]] = {}
        self.sentences: dict[str, list[str]] = {}
        self.persons = {row.pk: index for index, row in cast.creators.items()}

    def play(self, report: Callable[[int, int], None]) -> None:
        for spec in scenario()["campaigns"]:
            Chapter(self, spec).plan()
        for done, step in enumerate(sorted(self.steps), start=1):
            step.play(step.at)
            report(done, len(self.steps))
        papers.circle(self.cast, self.now)
        for wish in scenario()["matches"]:
            actor = self.cast.actors[wish["workspace"]][""]
            run_match(actor=actor, brief=parse_brief({"text": wish["text"], "language": wish["language"]}), limit=50)

    def at(self, moment: datetime, play: Callable[[datetime], None]) -> None:
        self.steps.append(Step(min(moment, self.now - timedelta(minutes=5)), len(self.steps), play))


def titles_of(world: World) -> dict[int, list[tuple[str, str]]]:
    """Person → (niche, title) of what they published in their first language."""
    found: dict[int, list[tuple[str, str]]] = {}
    for post in world.publications:
        subject = post.caption.subject
        if post.caption.title and subject and post.language == post.person.languages[0]:
            kept = found.setdefault(post.person.index, [])
            if (subject.niche, post.caption.title) not in kept:
                kept.append((subject.niche, post.caption.title))
    return found
