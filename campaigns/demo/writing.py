"""From phrases to texts: sentences finished, decks that do not repeat, and one person's captions."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.demo import calendar, material
from campaigns.demo.grammar import Voice, expand
from campaigns.demo.material import Language, Product, Scene, Tongue
from campaigns.demo.persona import Person

_ELISION = re.compile(r"\b([Dd]|[Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)e (?=(?:une?|ils?|elles?|on)\b|[AÀEÉÈÊIOUY][a-zé])")
_SPACES = re.compile(r" {2,}")
_BEFORE = re.compile(r" +([,.])")
_DOUBLED = re.compile(r"([.!?…])\.")
_START = re.compile(r"(^|[.!?] )([«“\"(]?)([a-zà-öø-ÿ])")
_ABBREVIATED = re.compile(r"(?:\betc|\bvs|\bSt|\bDr|\bMrs?|n°)\. $")
ADULT_LIVES = (3, 5, 6, 10)  # birthdays with an age, paperwork, moving house, deals
LIMITS = {"x": 280, "tiktok": 260}


def finish(text: str, language: Language) -> str:
    """One clean piece of text: elisions across slots, blanks, capitals at the start of sentences."""
    if language == "fr":
        text = _ELISION.sub(r"\1'", text)
    text = _DOUBLED.sub(r"\1", _BEFORE.sub(r"\1", _SPACES.sub(" ", text))).strip()
    return _START.sub(lambda m: m[1] + m[2] + m[3].upper() if not _ABBREVIATED.search(text[: m.end(1)]) else m[0], text)


def ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", ":", "»", '"', "🙏", "❤️", ")")) else text + "."


class Deck:
    """Draws without putting back, so that nothing returns before everything was used."""

    def __init__(self, items: Sequence[Any], rng: random.Random) -> None:
        self._items, self._rng, self._left = list(items), rng, list[Any]()

    def draw(self) -> Any:
        if not self._left:
            self._left = self._rng.sample(self._items, len(self._items))
        return self._left.pop()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a caption is about: a scene and one of its sights, or one line with things in its slots."""

    niche: str
    scene: Scene | None
    text: str


@dataclass(frozen=True, slots=True)
class Caption:
    text: str
    subject: Subject | None
    slots: Mapping[str, str]
    title: str
    tags: tuple[str, ...]


class Writer:
    """One person in one language."""

    def __init__(self, person: Person, language: Language) -> None:
        self.person, self.language = person, language
        self.voice: Voice = person.voice(language)
        self.rng = person.rng(f"writer:{language}")
        self.words = material.common(language)
        self.decks = [Deck(_subjects(person.niche, language), self.rng)]
        if person.second:
            self.decks.append(Deck(_subjects(person.second, language), self.rng))
        self.lives = Deck(
            [
                line
                for i, told in enumerate(self.words["life"])
                if not (person.minor and i in ADULT_LIVES)
                for line in told
            ],
            self.rng,
        )
        self.count = 0

    def slots(self, niche: str, moment: datetime) -> dict[str, str]:
        """Everything a phrase of this niche may name, fixed for one caption."""
        self.count += 1
        tongue = self._tongue(niche)
        chosen = {name: self.rng.choice(values) for name, values in tongue.slots}
        pronoun = {"fr": ("il", "elle"), "en": ("he", "she")}[self.language][self.person.feminine]
        chosen |= calendar.words(moment, self.language) | {
            "city": self.person.city,
            "ici": "ici" if self.language == "fr" else "here",
            "n": str(self.count * 3 + self.person.index % 40),
            "me": self.person.first,
            "name": self.person.first,
            "il": pronoun, "Il": pronoun.capitalize(), "he": pronoun, "He": pronoun.capitalize(),
            "his": "her" if self.person.feminine else "his",
        }  # fmt: skip
        return {name: self._plainly(value, chosen) for name, value in chosen.items()}

    def _plainly(self, value: str, others: Mapping[str, str]) -> str:
        """A slot's own slots: "the <city> market"."""
        return expand(value, rng=self.rng, voice=self.voice, slots=others) if "<" in value else value

    def say(self, template: str, slots: Mapping[str, str]) -> str:
        return finish(expand(template, rng=self.rng, voice=self.voice, slots=slots), self.language)

    def pick(self, phrases: Sequence[str], slots: Mapping[str, str]) -> str:
        return self.say(self.rng.choice(phrases), slots)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def subject(self, moment: datetime, *, main: bool = False) -> Subject:
        """The next subject that fits the season; main: of the person's first niche."""
        deck = self.decks[1] if len(self.decks) > 1 and not main and self.chance(0.22) else self.decks[0]
        season = calendar.season(moment)
        for _attempt in range(12):
            found: Subject = deck.draw()
            if found.scene is None or not found.scene.seasons or season in found.scene.seasons:
                return found
        return found

    def about(self, moment: datetime, platform: str) -> Caption:
        """A caption on one of the person's subjects, in the form of the network."""
        subject = self.subject(moment)
        slots = self.slots(subject.niche, moment)
        title = self.pick(subject.scene.title, slots) if subject.scene else ""
        parts = self._parts(subject, slots, title, platform)
        tags = self._tags(subject, platform)
        return Caption(self._joined(parts, tags, platform), subject, slots, title, tags)

    def _parts(self, subject: Subject, slots: Mapping[str, str], title: str, platform: str) -> list[str]:
        seen, scene, style = self.say(subject.text, slots), subject.scene, self.person.style
        if platform == "x":
            extra = self.pick(scene.think, slots) if scene and self.chance(0.4) else ""
            return [seen, extra] if len(seen) + len(extra) < LIMITS["x"] else [seen]
        if platform == "tiktok":
            return [title if title and self.chance(0.5) else "", self._first(seen)]
        other = [see for see in scene.see if see != subject.text] if scene else []
        more = self.pick(other, slots) if other and (platform == "youtube" or self.chance(0.35)) else ""
        thought = self.pick(scene.think, slots) if scene and self.chance(style.thinks) else ""
        asked = self._asked(scene, slots)
        parts = [seen, more, thought, self._quirk(slots), asked]
        if platform == "youtube":
            return [self._video_title(title, seen), *parts, self._closing(slots)]
        hook = title if title and self.chance(0.3) else self._opening(slots)
        return [hook, *parts, self._closing(slots)]

    def _video_title(self, title: str, seen: str) -> str:
        """The subject's title, or what stands before the first colon or stop; numbered now and then."""
        clause = re.split(r" ?[:;.?!](?: |$)", seen)[0].rstrip(",")
        found = title or (clause if len(clause) > 15 else self._first(seen).rstrip("."))
        return f"{found} #{1 + self.count // 2}" if title and self.chance(0.3) and not found.endswith("?") else found

    def _asked(self, scene: Scene | None, slots: Mapping[str, str]) -> str:
        if not self.chance(self.person.style.asks):
            return ""
        return self.pick(scene.ask if scene else self.words["asks"], slots)

    def _first(self, text: str) -> str:
        """The first sentence, or two when the first is short."""
        sentences = re.split(r"(?<=[.!?]) ", text)
        return sentences[0] if len(sentences[0]) > 60 or len(sentences) == 1 else " ".join(sentences[:2])

    def _opening(self, slots: Mapping[str, str]) -> str:
        style = self.person.style
        if not self.chance(style.opens):
            return ""
        if style.opening >= 0 and self.chance(0.5):
            return self.say(self.words["signatures"]["open"][style.opening], slots)
        return self.pick(self.words["tones"][style.tone]["open"], slots)

    def _closing(self, slots: Mapping[str, str]) -> str:
        style = self.person.style
        if not self.chance(style.closes):
            return ""
        if style.closing >= 0 and self.chance(0.6):
            return self.say(self.words["signatures"]["close"][style.closing], slots)
        return self.pick(self.words["tones"][style.tone]["close"], slots)

    def _quirk(self, slots: Mapping[str, str]) -> str:
        style = self.person.style
        return self.pick(self.words["obsessions"][style.obsession], slots) if self.chance(style.quirk) else ""

    def _tags(self, subject: Subject | None, platform: str) -> tuple[str, ...]:
        style = self.person.style
        wanted = {"x": min(2, style.hashtags), "youtube": min(3, style.hashtags)}.get(platform, style.hashtags)
        if subject is None:
            wanted = min(2, wanted)
        niche = self._tongue(subject.niche if subject else self.person.niche)
        own = subject.scene.tags if subject and subject.scene else ()
        return tuple(dict.fromkeys([*own[:wanted], *self.rng.sample(niche.tags, min(len(niche.tags), wanted))]))[
            :wanted
        ]

    def _tongue(self, niche: str) -> Tongue:
        return material.niche(niche).tongue(self.language)

    def _joined(self, parts: Sequence[str], tags: Sequence[str], platform: str) -> str:
        style = self.person.style
        kept = [ended(part) if platform != "youtube" or i else part for i, part in enumerate(parts) if part]
        if style.emoji and self.chance(0.6):
            place = self.rng.randrange(len(kept))
            kept[place] = f"{kept[place]} {self.rng.choice(style.emoji)}".strip()
        gap = " " if platform in ("x", "tiktok") else "\n\n" if platform == "youtube" else style.breaks
        text = gap.join(kept)
        if style.lowercase and platform != "youtube":
            text = text.lower()
        marks = " ".join(f"#{tag}" for tag in tags)
        if platform in ("x", "tiktok"):
            joined = f"{text} {marks}".strip()
            return joined if len(joined) <= LIMITS[platform] + 60 * (platform == "tiktok") else text
        return f"{text}\n\n{marks}".strip()

    def life(self, moment: datetime, platform: str) -> Caption:
        """Something of the person's days, beside the subject."""
        slots = self.slots(self.person.niche, moment)
        told = self.say(self.lives.draw(), slots)
        parts = (
            [told]
            if platform in ("x", "tiktok")
            else [self._opening(slots), told, self._quirk(slots), self._closing(slots)]
        )
        if platform == "youtube":
            parts = [self._video_title("", told), *parts]
        tags = self._tags(None, platform)
        return Caption(self._joined(parts, tags, platform), None, slots, "", tags)

    def sponsored(self, moment: datetime, platform: str, product: Product, label: str) -> Caption:
        """label: labelled, gifted, hashtag (buried at the end), unlabelled, own (bought) or none."""
        phrases = self.words["sponsored"]
        subject = self.subject(moment, main=True)
        slots = self.slots(subject.niche, moment) | self._product(product)
        seen = self._first(self.say(subject.text, slots))
        first = self.pick(phrases[label], slots) if label in ("labelled", "gifted", "unlabelled") else ""
        body = self.pick(phrases["own" if label == "own" else "body"], slots)
        if label == "hashtag":
            body = f"{body} @{product.handle}"
        code = self.pick(phrases["code"], slots) if label in ("labelled", "hashtag") and self.chance(0.35) else ""
        denial = self.pick(phrases["negation"], slots) if label == "own" else ""
        short = platform in ("x", "tiktok")
        parts = [first, "" if short else seen, body, "" if short else code, denial]
        if platform == "youtube":
            parts = [self._video_title("", seen), *parts]
        tags = self._tags(subject, platform)
        if label == "hashtag":
            tags = (*tags, self.pick(phrases["hashtag"], slots).lstrip("#"))
        return Caption(self._joined(parts, tags, platform), subject, slots, "", tags)

    def giveaway(self, moment: datetime, platform: str, product: Product) -> Caption:
        slots = self.slots(self.person.niche, moment) | self._product(product)
        tags = ("concours", "jeuconcours") if self.language == "fr" else ("giveaway", "win")
        text = self.pick(self.words["giveaway"]["post"], slots)
        return Caption(self._joined([text], tags, platform), None, slots, "", tags)

    def _product(self, product: Product) -> dict[str, str]:
        code = f"{self.person.first[:6]}10".upper().replace("É", "E").replace("Ë", "E").replace("Ï", "I")
        return {
            "brand": product.brand, "brandhandle": product.handle, "product": product.name(self.language), "CODE": code,
        }  # fmt: skip


def _subjects(niche: str, language: Language) -> list[Subject]:
    tongue = material.niche(niche).tongue(language)
    scenes = [Subject(niche, scene, see) for scene in tongue.scenes for see in scene.see]
    # Lines with things in their slots vary with every thing: each may come back with another one.
    return scenes + [Subject(niche, None, line) for line in tongue.lines] * 2
