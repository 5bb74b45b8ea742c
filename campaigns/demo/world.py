"""The whole demo world as canonical import rows (docs/importing.md): pure, and the same for the same seed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any

from campaigns.demo import figures, material, talking
from campaigns.demo.crowd import Audience, crowd
from campaigns.demo.figures import History
from campaigns.demo.people import people
from campaigns.demo.persona import Handle, Person
from campaigns.demo.press import Press, Publication
from campaigns.demo.talking import iso
from campaigns.demo.writing import Writer

Row = dict[str, Any]


class World:
    """Fictional creators and everything observed of them. Each method may be called again and gives the same."""

    def __init__(self, seed: int, creators: int, now: datetime) -> None:
        self.seed, self.now = seed, now.replace(microsecond=0)
        self.people = people(seed, creators)

    def accounts(self) -> Iterator[Row]:
        for person in self.people:
            tongue = material.niche(person.niche).tongue(person.languages[0])
            for account in person.accounts:
                yield {
                    "platform": account.platform,
                    "handle": account.name,
                    "display_name": person.name,
                    "bio": person.bio,
                    "country": person.country,
                    "city": person.city,
                    "languages": list(person.languages),
                    "category": tongue.category,
                    "followers": account.followers,
                    "following": account.following,
                    "posts_count": account.posts_count,
                    "is_verified": account.followers > 300_000,
                    "contact_email": person.email if person.index % 8 != 3 else "",
                    "observed_at": iso(self.now),
                }

    def posts(self) -> Iterator[Row]:
        for post in self.publications:
            yield {
                "platform": post.account.platform,
                "handle": post.account.name,
                "external_id": post.external_id,
                "posted_at": iso(post.at),
                "kind": post.kind,
                "caption": post.caption.text,
                "language": post.language,
                "likes": post.counters.likes,
                "comments": post.counters.comments,
                "shares": post.counters.shares,
                "saves": post.counters.saves,
                "views": post.counters.views,
                "reach": post.counters.reach,
                "sponsors": [post.sponsor] if post.declared else [],
                "is_sponsored": post.declared,
                "alt_text": post.caption.title if post.kind in ("image", "carousel") else "",
                "location": post.person.city
                if post.account.platform == "instagram" and post.at.minute % 4 == 0
                else "",
                "tagged": [post.sponsor] if post.sponsor else [],
                "observed_at": iso(self.now),
            }

    def comments(self) -> Iterator[Row]:
        members = [p.accounts[0].name for p in self.people if p.conversation == "pod"]
        everyone = crowd(self.seed)
        audiences: dict[tuple[int, str], Audience] = {}
        heard: dict[tuple[int, str], Counter[Any]] = defaultdict(Counter)
        for post in self.publications:
            audience = audiences.setdefault(
                (post.person.index, post.language), Audience(post.person, everyone, post.language)
            )
            thread = talking.Thread(
                person=post.person,
                handle=post.account.name,
                audience=audience,
                rng=post.person.rng(f"thread:{post.external_id}"),
                pod=[name for name in members if name != post.account.name],
                talk=_talk(post),
                heard=heard[post.person.index, post.language],
            )
            yield from talking.rows(thread.remarks(), post.account.platform, post.external_id, self.now)

    def follower_counts(self) -> Iterator[Row]:
        for person in self.people:
            for account in person.accounts:
                past = self.history(person, account)
                for moment, followers, following in zip(past.moments, past.followers, past.following, strict=True):
                    yield {
                        "platform": account.platform,
                        "handle": account.name,
                        "observed_at": iso(moment),
                        "followers": followers,
                        "following": following,
                    }

    def history(self, person: Person, account: Handle) -> History:
        return figures.history(person, account, self.now)

    @cached_property
    def publications(self) -> list[Publication]:
        """Every post, by person and time; no two captions are alike."""
        seen: set[str] = set()
        ids: set[str] = set()
        return [post for person in self.people for post in self._of(person, seen, ids)]

    def _of(self, person: Person, seen: set[str], ids: set[str]) -> Iterator[Publication]:
        writers = {language: Writer(person, language) for language in person.languages}
        for account in person.accounts:
            yield from Press(person, account, writers, self.history(person, account), self.now, seen, ids).publish()


def _talk(post: Publication) -> talking.Talk:
    rng = post.person.rng(f"talk:{post.external_id}")
    cap = math.exp(rng.gauss(math.log(6.2), 0.62)) * (2.2 if post.purpose == "giveaway" else 1.0)
    subject = post.caption.subject
    return talking.Talk(
        at=post.at,
        language=post.language,
        scene=subject.scene if subject else None,
        tongue=material.niche(subject.niche).tongue(post.language) if subject else None,
        slots=post.caption.slots,
        purpose=post.purpose,
        n=min(post.counters.comments, 42, round(cap)),
    )
