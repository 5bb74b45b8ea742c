"""What one account published: how often, what for, how it was announced, and what it counted."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.demo import figures, material
from campaigns.demo.figures import Counters, History
from campaigns.demo.material import Language
from campaigns.demo.persona import Handle, Person
from campaigns.demo.writing import Caption, Writer

KINDS = {
    "instagram": (("image", "carousel", "video"), (46, 24, 30)),
    "tiktok": (("video",), (1,)),
    "youtube": (("video", "short"), (78, 22)),
    "x": (("text", "image"), (72, 28)),
}
LABELS = {  # how a person announces what is paid: always, mostly, rarely
    "always": (("labelled", "gifted", "hashtag"), (78, 14, 8)),
    "mostly": (("labelled", "gifted", "hashtag", "unlabelled"), (46, 10, 24, 20)),
    "rarely": (("labelled", "hashtag", "unlabelled"), (15, 20, 65)),
}
IDS = {"instagram": 11, "youtube": 11, "tiktok": 19, "x": 19}
RETRIES = 8
MARKS = "🌿✨🙂🤍☕🔥🌙🍂😅💛"


@dataclass(frozen=True, slots=True)
class Publication:
    """One post before it becomes a row."""

    person: Person
    account: Handle
    external_id: str
    at: datetime
    kind: str
    language: Language
    caption: Caption
    purpose: str
    sponsor: str
    declared: bool | None
    counters: Counters


class Press:
    """Publishes the posts of one account. seen, ids: captions and identifiers of the whole world, never repeated."""

    def __init__(
        self,
        person: Person,
        account: Handle,
        writers: Mapping[Language, Writer],
        past: History,
        now: datetime,
        seen: set[str],
        ids: set[str],
    ) -> None:
        self.person, self.account, self.writers, self.past, self.now = person, account, writers, past, now
        self.seen, self.ids = seen, ids
        self.rng = person.rng(f"posts:{account.platform}")

    def publish(self) -> Iterator[Publication]:
        first = self.account == self.person.accounts[0]
        share = 1.0 if first else self.rng.uniform(0.5, 0.8)
        times = figures.moments(self.rng, self.person, max(12, min(40, round(self.person.cadence * share))), self.now)
        star = _star(self.person, self.past, times) if first else -1
        for number, at in enumerate(times):
            yield self._publication(at, number == star)

    def _publication(self, at: datetime, star: bool) -> Publication:
        person, account, rng = self.person, self.account, self.rng
        language = person.languages[0] if rng.random() < 0.7 else person.languages[-1]
        kind = rng.choices(*KINDS[account.platform])[0]
        purpose, label = _purpose(person, rng, star)
        product = rng.choice(material.niche(person.niche).products)
        caption = self._new_caption(self.writers[language], at, purpose, label, product)
        declared = _declared(account.platform, purpose, label, rng)
        _followers, engaged = self.past.at(at)
        boost = self._boost(purpose, star)
        return Publication(
            person=person,
            account=account,
            external_id=_identifier(rng, account.platform, self.ids),
            at=at,
            kind=kind,
            language=language,
            caption=caption,
            purpose=purpose,
            sponsor=product.handle if purpose in ("sponsored", "giveaway") else "",
            declared=declared,
            counters=figures.counters(rng, person, account, kind, engaged, self.now - at, boost=boost),
        )

    def _boost(self, purpose: str, star: bool) -> float:
        if star:
            return self.rng.uniform(7, 18) if self.person.growth == "viral" else 2.5
        return 1.8 if purpose == "giveaway" else 1.0

    def _new_caption(
        self, writer: Writer, at: datetime, purpose: str, label: str, product: material.Product
    ) -> Caption:
        """One that nobody wrote before, if need be by a mark at its end."""
        for _attempt in range(RETRIES):
            caption = _caption(writer, at, self.account.platform, purpose, label, product)
            if caption.text not in self.seen:
                break
        while caption.text in self.seen:
            caption = replace(caption, text=f"{caption.text} {self.rng.choice(MARKS)}")
        self.seen.add(caption.text)
        return caption


def _star(person: Person, past: History, times: Sequence[datetime]) -> int:
    """The post that made the follower count jump is moved to the days of the jump."""
    if person.growth not in ("viral", "giveaway_burst"):
        return -1
    wanted = past.event - timedelta(hours=20)
    place = min(range(len(times)), key=lambda i: abs(times[i] - wanted))
    if isinstance(times, list):
        times[place] = wanted
    return place


def _purpose(person: Person, rng: random.Random, star: bool) -> tuple[str, str]:
    """(purpose, label) of the next post."""
    if star:
        return ("giveaway", "") if person.growth == "giveaway_burst" else ("subject", "")
    draw = rng.random()
    if person.minor:
        return ("life", "") if draw < 0.16 else ("subject", "")
    if draw < person.sponsored:
        labels, weights = LABELS[person.labels]
        return "sponsored", rng.choices(labels, weights)[0]
    if draw < person.sponsored + 0.025:
        return "subject", "own"
    if draw < person.sponsored + 0.025 + (0.13 if person.conversation == "giveaways" else 0.002):
        return "giveaway", ""
    return ("life", "") if rng.random() < 0.16 else ("subject", "")


def _caption(
    writer: Writer, at: datetime, platform: str, purpose: str, label: str, product: material.Product
) -> Caption:
    if purpose == "sponsored" or label == "own":
        return writer.sponsored(at, platform, product, label)
    if purpose == "giveaway":
        return writer.giveaway(at, platform, product)
    return writer.life(at, platform) if purpose == "life" else writer.about(at, platform)


def _declared(platform: str, purpose: str, label: str, rng: random.Random) -> bool | None:
    """The network's own partnership label; X shows none."""
    if platform == "x":
        return None
    if purpose == "sponsored" and label in ("labelled", "gifted", "hashtag"):
        return rng.random() < 0.72
    return False


def _identifier(rng: random.Random, platform: str, ids: set[str]) -> str:
    letters = string.digits if platform in ("tiktok", "x") else string.ascii_letters + string.digits + "-_"
    while True:
        first = rng.choice("123456789" if letters == string.digits else string.ascii_uppercase)
        found = first + "".join(rng.choices(letters, k=IDS[platform] - 1))
        if found not in ids:
            ids.add(found)
            return found
