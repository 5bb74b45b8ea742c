"""Comments under a post: threads of very different quality, the creator's answers, and when they come."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from campaigns.demo import material
from campaigns.demo.crowd import Audience, feminine, in_hand_of
from campaigns.demo.grammar import Voice, expand
from campaigns.demo.material import Language, Scene, Tongue
from campaigns.demo.persona import Person, traits
from campaigns.demo.writing import finish

MEDIAN_HOURS = 3.9  # over all posts; each post has its own (sd of its log: BETWEEN) and a spread around it
BETWEEN, WITHIN = 1.0, 1.7
SERIOUS = ("question", "use", "debate", "recommend")


@dataclass(frozen=True, slots=True)
class Talk:
    """What a thread needs to know of its post."""

    at: datetime
    language: Language
    scene: Scene | None
    tongue: Tongue | None
    slots: Mapping[str, str]
    purpose: str  # subject, life, sponsored or giveaway
    n: int


@dataclass(slots=True)
class Remark:
    """One comment. parent: place of the comment it answers, -1 for none."""

    author: str
    text: str
    at: datetime
    parent: int = -1
    owner: bool = False
    likes: int = 0


@dataclass(slots=True)
class Thread:
    """Writes the comments of one post, all by one stream of chance."""

    person: Person
    handle: str
    audience: Audience
    rng: random.Random
    pod: Sequence[str]
    talk: Talk
    said: list[Remark] = field(default_factory=list)
    heard: Counter[Any] = field(default_factory=Counter)
    used: set[Any] = field(default_factory=set)
    speaker: str = ""
    pace: float = 0.0

    def remarks(self) -> list[Remark]:
        """About `talk.n` comments, threads kept whole."""
        plan = traits()["conversation"][self.person.conversation]
        kinds, chance = dict(plan["kinds"]), plan["replies"]
        if self.talk.purpose == "giveaway":
            kinds = {"giveaway": 78, "tagonly": 10, "generic": 8, "spam": 4}
            chance = 0.01
        if self.talk.purpose == "sponsored":
            kinds["sponsored"] = 9
        names, weights = list(kinds), list(kinds.values())
        while len(self.said) < self.talk.n:
            kind = self.rng.choices(names, weights)[0]
            self.speaker = self._name()
            getattr(self, f"_{kind}")(chance)
        return self.said

    @property
    def words(self) -> dict[str, Any]:
        return material.common(self.talk.language)

    def _say(self, phrase: str, speaker: str = "") -> str:
        name = speaker or self.speaker
        woman = self.person.feminine if name == self.handle else feminine(name)
        slots = {**self.talk.slots, "fan": self._name(), "fan2": self._name(), "fan3": self._name(), "me": self.handle}
        voice = Voice(self.talk.language, woman, 0)
        return finish(expand(phrase, rng=self.rng, voice=voice, slots=slots), self.talk.language)

    def _name(self) -> str:
        return self.audience.someone(self.rng)

    def _when(self, after: datetime | None = None, median: float = 0.0) -> datetime:
        """Lognormal after the post, or after the remark that is answered."""
        self.pace = self.pace or math.exp(self.rng.gauss(math.log(MEDIAN_HOURS), BETWEEN))
        hours = math.exp(self.rng.gauss(math.log(median or self.pace), 1.2 if median else WITHIN))
        return (after or self.talk.at) + timedelta(hours=hours, seconds=self.rng.randrange(60))

    def _add(
        self, text: str, author: str = "", *, parent: int = -1, at: datetime | None = None, likes: float = 0.5
    ) -> int:
        name = author or self.speaker
        start = self.said[parent].at if parent >= 0 else None
        moment = at or self._when(start, 0.0 if parent < 0 else 2.6)
        owner = name == self.handle
        count = min(400, int(self.rng.expovariate(1 / likes))) if likes else 0
        self.said.append(Remark(name, text if owner else in_hand_of(name, text), moment, parent, owner, count))
        return len(self.said) - 1

    def _answer(self, phrase: str, parent: int, chance: float, median: float = 2.2) -> int:
        """The creator answers, at their own pace."""
        if self.rng.random() >= chance:
            return -1
        said = self.said[parent]
        pace = median * (0.4 + (self.person.index % 9) / 4)
        top = said.parent if said.parent >= 0 else parent
        text = self._say(phrase.replace("@<fan>", f"@{said.author}"), self.handle)
        return self._add(text, self.handle, parent=top, at=self._when(said.at, pace), likes=1.2)

    def _wrapped(self, text: str, kind: str) -> str:
        """The same question of two people is never worded quite alike."""
        words = self.words["qualified"]
        before = self._say(self.rng.choice(words[f"{kind}prefix"])) if self.rng.random() < 0.45 else ""
        after = self._say(self.rng.choice(words[f"{kind}suffix"])) if self.rng.random() < 0.45 else ""
        if before.endswith((":", ",", "but", "mais")) or before.startswith("@"):
            second = text[1:2]
            text = text[0].lower() + text[1:] if second.islower() or second in "' " else text
        if after and after[-1] not in ".!?🙏":
            after += "."
        return " ".join(part for part in (before, text, after) if part)

    def _fresh(self, kind: str, own: float) -> Any:
        """A phrase about this very scene, else about the niche, else about anything; None when it was just said.

        kind: qa, use or debate. own: chance of the nearest source there is. Under one person, what was said
        least often comes first.
        """
        talk = self.talk
        near = [getattr(source, kind) for source in (talk.scene, talk.tongue) if source is not None]
        sources = [*near, self.words["qualified"][kind]]
        weights = [own, *((1 - own) / (len(sources) - 1) for _s in sources[1:])] if len(sources) > 1 else [1.0]
        source = self.rng.choices(sources, weights)[0]
        least = min(self.heard[phrase] for phrase in source)
        found = self.rng.choice([phrase for phrase in source if self.heard[phrase] == least])
        if found in self.used:
            return None
        self.used.add(found)
        self.heard[found] += 1
        return found

    def _question(self, chance: float) -> None:
        pair = None if self.talk.purpose in ("life", "giveaway") else self._fresh("qa", 0.8)
        if pair is None:
            self._life(chance)
            return
        place = self._add(self._wrapped(self._say(pair[0]), "q"), likes=3.0)
        answered = self._answer(f"@<fan> {pair[1]}", place, min(0.92, chance * 1.7))
        if answered < 0 and self.rng.random() < 0.18 and (told := self._fresh("use", 0.5)):
            name = self._name()
            self._add(f"@{self.said[place].author} " + self._say(told, name), name, parent=place)

    def _use(self, chance: float) -> None:
        told = None if self.talk.purpose in ("life", "giveaway") else self._fresh("use", 0.75)
        if told is None:
            self._life(chance)
            return
        place = self._add(self._wrapped(self._say(told), "u"), likes=3.5)
        self._answer(self.rng.choice(self.words["comments"]["ownerthanks"]), place, chance)

    def _debate(self, chance: float) -> None:
        pair = None if self.talk.purpose in ("life", "giveaway") else self._fresh("debate", 0.75)
        if pair is None:
            self._generic(chance)
            return
        claim = self._say(pair[0])
        top = self._add(claim, likes=6.0)
        first, other = self.said[top].author, self._name()
        second = self._add(f"@{first} {self._say(pair[1], other)}", other, parent=top, likes=4.0)
        if self.rng.random() < 0.55:
            author = first if self.rng.random() < 0.6 else self._name()
            follow = self.rng.choice(self.words["comments"]["followup"]).replace(
                "@<fan>", f"@{self.said[second].author}"
            )
            self._add(self._say(follow, author), author, parent=top, likes=2.0)
        self._answer(self.rng.choice(self.words["comments"]["ownerdebate"]), top, chance * 1.2, 6.0)

    def _recommend(self, chance: float) -> None:
        place = self._add(self._say(self.rng.choice(self.words["comments"]["recommend"])), likes=1.0)
        if self.rng.random() < 0.3:
            tagged = self.said[place].text.split("@")[-1].split(" ")[0].rstrip(".,:")
            thanks = self._say(self.rng.choice(self.words["comments"]["generic"]), tagged)
            self._add(f"@{self.said[place].author} {thanks}", tagged, parent=place)
        self._answer(self.rng.choice(self.words["comments"]["ownershort"]), place, chance * 0.3)

    def _life(self, chance: float) -> None:
        place = self._add(self._say(self.rng.choice(self.words["qualified"]["life"])), likes=1.5)
        self._answer(self.rng.choice(self.words["comments"]["ownerthanks"]), place, chance)

    def _sponsored(self, chance: float) -> None:
        place = self._add(self._say(self.rng.choice(self.words["qualified"]["sponsored"])), likes=2.5)
        self._answer(self.rng.choice(self.words["comments"]["ownerthanks"]), place, chance * 0.8)

    def _generic(self, chance: float) -> None:
        place = self._add(self._say(self.rng.choice(self.words["comments"]["generic"])), likes=0.3)
        self._answer(self.rng.choice(self.words["comments"]["ownershort"]), place, chance * 0.5)

    def _emoji(self, chance: float) -> None:
        self._add(self._say(self.rng.choice(self.words["comments"]["emoji"])), likes=0.15)

    def _tagonly(self, chance: float) -> None:
        self._add(self._say(self.rng.choice(self.words["comments"]["tagonly"])), likes=0)

    def _spam(self, chance: float) -> None:
        bot = f"{self.rng.choice(('user', 'promo', 'vip', 'official', 'info'))}{self.rng.randrange(10**6, 10**8)}"
        self._add(self._say(self.rng.choice(self.words["comments"]["spam"])), bot, likes=0)

    def _giveaway(self, chance: float) -> None:
        self._add(self._say(self.rng.choice(self.words["giveaway"]["comment"])), likes=0)

    def _pod(self, chance: float) -> None:
        """Fellow creators of the clique, within the first half hour."""
        at = self.talk.at + timedelta(minutes=self.rng.uniform(1.5, 32))
        fellow = self.rng.choice(self.pod or [self._name()])
        place = self._add(self._say(self.rng.choice(self.words["comments"]["pod"]), fellow), fellow, at=at, likes=0.8)
        self._answer(self.rng.choice(self.words["comments"]["ownershort"]), place, chance * 0.6, 0.2)


def rows(thread: Sequence[Remark], platform: str, post: str, now: datetime) -> Iterator[dict[str, Any]]:
    """Canonical comment rows of what was said until now. An answer is always later than what it answers."""
    for place, remark in enumerate(thread):
        if remark.at > now:
            continue
        yield {
            "platform": platform,
            "post_external_id": post,
            "external_id": f"{post}c{place}",
            "parent_external_id": f"{post}c{remark.parent}" if remark.parent >= 0 else None,
            "author": remark.author,
            "is_owner": remark.owner,
            "posted_at": iso(remark.at),
            "likes": remark.likes,
            "text": remark.text,
        }


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
