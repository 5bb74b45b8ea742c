"""The demo's creators drawn: names, homes, accounts, habits, limits. No ORM; the same seed, the same people."""

from __future__ import annotations

import math
import random
import re
import unicodedata
import zlib
from dataclasses import replace
from functools import cache
from typing import Any

from campaigns.demo import material
from campaigns.demo.grammar import expand
from campaigns.demo.material import Language
from campaigns.demo.persona import Handle, Person, Style, traits

FORMS = ("dedicated", "test", "co_creation", "event", "guide", "series", "ambassador")
EMOJI = ("", "", "🌿", "✨", "🙂", "🤍", "☕", "🔥", "🌙", "🍂", "😅", "🪴", "💛", "🏔️")
TONES = ("calm", "warm", "dry", "teacher", "poetic", "blunt")
MINORS_NICHES = ("sneakers", "board_games", "cats", "books")
ADULT_OBSESSIONS = (7,)  # the one about a child of one's own


def spread(rng: random.Random, weights: dict[str, float], n: int) -> list[str]:
    """n values whose counts follow the weights as closely as whole numbers allow, shuffled."""
    total = sum(weights.values())
    exact = {name: weight * n / total for name, weight in weights.items()}
    counts = {name: math.floor(value) for name, value in exact.items()}
    for name in sorted(exact, key=lambda k: counts[k] - exact[k])[: n - sum(counts.values())]:
        counts[name] += 1
    values = [name for name, count in counts.items() for _n in range(count)]
    rng.shuffle(values)
    return values


def people(seed: int, n: int) -> list[Person]:
    """n fictional creators. The same seed gives the same people; handles are unique per network."""
    rng = random.Random(f"people:{seed}:{n}")
    weights = {key: row.get("share", 1) for key, row in sorted(traits()["niches"].items())}
    plan = {
        "niche": spread(rng, weights, n),
        "language": spread(rng, {"fr": 55, "en": 35, "both": 10}, n),
        "tier": spread(rng, {tier: row[0] for tier, row in traits()["tiers"].items()}, n),
        "conversation": spread(rng, {k: v["share"] for k, v in traits()["conversation"].items()}, n),
        "growth": spread(rng, traits()["growth"], n),
    }
    used: set[str] = set()
    names: set[str] = set()
    found = [_person(seed, i, {key: values[i] for key, values in plan.items()}, used, names) for i in range(n)]
    return _with_pod(found, rng)


def _person(seed: int, index: int, plan: dict[str, str], used: set[str], names: set[str]) -> Person:
    key = zlib.crc32(f"{seed}:{index}".encode())
    rng = random.Random(f"{key}:who")
    language: Language = "en" if plan["language"] == "en" or (plan["language"] == "both" and index % 3 == 0) else "fr"
    second: Language = "en" if language == "fr" else "fr"
    languages = (language, second) if plan["language"] == "both" else (language,)
    feminine = rng.random() < 0.62
    first, name = _name(rng, language, feminine, names)
    country, city = _home(rng, language)
    minor = index % 110 == 37
    niche = MINORS_NICHES[index // 110 % len(MINORS_NICHES)] if minor else plan["niche"]
    accounts = _accounts(rng, first, name, niche, language, plan, used)
    growth = plan["growth"]
    style = _style(rng, language, minor=minor)
    person = Person(
        index=index, first=first, name=name, slug=_plain(name), feminine=feminine, languages=languages,
        country=country, city=city, niche=niche,
        second=rng.choice(traits()["neighbours"][niche]) if rng.random() < 0.3 else "",
        style=style, accounts=accounts, bio="", conversation=plan["conversation"], growth=growth,
        event_day=rng.randint(226, 338), sponsored=rng.choice((0.0, 0.02, 0.05, 0.08, 0.1, 0.12, 0.18, 0.3)),
        labels=rng.choices(("always", "mostly", "rarely"), (55, 30, 15))[0], cadence=rng.randint(12, 34),
        hour=rng.choice((7, 8, 12, 13, 17, 18, 19, 20, 21)),
        silent_days=rng.choices((0, 3, 12, 75), (50, 30, 15, 5))[0],
        minor=minor, claimed=index % 3 == 1 and not minor, key=key,
    )  # fmt: skip
    return _completed(person, rng)


def _completed(person: Person, rng: random.Random) -> Person:
    tongue = material.niche(person.niche).tongue(person.languages[0])
    slots = {name: rng.choice(values) for name, values in tongue.slots} | {"city": person.city}
    bio = expand(rng.choice(tongue.bio), rng=rng, voice=person.voice(person.languages[0]), slots=slots)
    if person.minor:
        school = {"fr": "Lycéenne" if person.feminine else "Lycéen", "en": "Still at school"}[person.languages[0]]
        bio = f"{school}, 16. {tongue.category}"
    bio = bio[0].upper() + bio[1:]
    based = (
        (f"Basée à {person.city}" if person.feminine else f"Basé à {person.city}")
        if person.languages[0] == "fr"
        else f"Based in {person.city}"
    )
    place = (f"📍 {person.city}", based, "")
    bio = ". ".join(part for part in (bio, rng.choice(place)) if part)
    return replace(person, bio=bio, terms=_terms(person, rng))


def _name(rng: random.Random, language: Language, feminine: bool, names: set[str]) -> tuple[str, str]:
    words = material.common(language)
    while True:
        first = rng.choice(words["first_f" if feminine else "first_m"])
        name = f"{first} {rng.choice(words['last']).replace('Le-', 'Le ').replace('DeVries', 'de Vries')}"
        if name not in names:
            names.add(name)
            return first, name


def _home(rng: random.Random, language: Language) -> tuple[str, str]:
    cities = material.common(language)["cities"]
    shares = {
        "FR": 78,
        "BE": 8,
        "CH": 6,
        "CA": 5,
        "LU": 2,
        "GB": 56,
        "IE": 9,
        "US": 13,
        "NL": 6,
        "DE": 5,
        "DK": 4,
        "SE": 4,
    }
    country = rng.choices(list(cities), [shares[c] for c in cities])[0]
    return country, rng.choice(cities[country])


@cache
def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"[^a-z]+", ".", "".join(c for c in folded if not unicodedata.combining(c))).strip(".")


def _handle(rng: random.Random, first: str, name: str, niche: str, language: Language, used: set[str]) -> str:
    word = rng.choice(traits()["niches"][niche][language].split())
    plain, last = _plain(first), _plain(name.split(" ")[-1])
    with_and = f"{plain}_{'et' if language == 'fr' else 'and'}_{word}"
    forms = (
        f"{plain}.{word}", f"{word}.{plain}", f"{plain}_{word}", f"{plain}{last}", f"{plain}.{last}",
        with_and, f"{last}.{word}", f"{plain[0]}.{last}_{word}", f"{plain}.{last}.{word}", f"{plain}_{last}",
    )  # fmt: skip
    for form in rng.sample(forms, len(forms)):
        if form not in used:
            used.add(form)
            return form
    used.add(fallback := f"{plain}.{last}.{word}{len(used)}")
    return fallback


def _accounts(
    rng: random.Random, first: str, name: str, niche: str, language: Language, plan: dict[str, str], used: set[str]
) -> tuple[Handle, ...]:
    weights = dict(traits()["niches"][niche]["platforms"])
    n = rng.choices((1, 2, 3), (69, 24, 7))[0]
    low, high = traits()["tiers"][plan["tier"]][1:]
    handle = _handle(rng, first, name, niche, language, used)
    found: list[Handle] = []
    size = math.exp(rng.uniform(math.log(low), math.log(high)))
    for _n in range(n):
        platform = rng.choices(list(weights), list(weights.values()))[0]
        weights.pop(platform)
        followers = max(210, round(size * (1.0 if not found else rng.uniform(0.04, 0.75))))
        found.append(_account(rng, platform, handle, followers, plan))
    return tuple(found)


RATES = {  # platform: mean log engagement per (followers or views) at 10,000 followers, slope per log follower
    "instagram": (-3.72, -0.10),
    "tiktok": (-2.98, 0.03),
    "youtube": (-3.25, -0.05),
    "x": (-4.05, -0.04),
}


def _account(rng: random.Random, platform: str, handle: str, followers: int, plan: dict[str, str]) -> Handle:
    mean, slope = RATES[platform]
    rate = mean + slope * (math.log(followers) - math.log(10_000)) + max(-1.1, min(1.0, rng.gauss(0, 0.55)))
    rate += {"excellent": 0.18, "shallow": -0.12, "pod": 0.35}.get(plan["conversation"], 0.0)
    following = round(math.exp(rng.gauss(6.2, 0.7)))
    if plan["growth"] == "follow_unfollow":
        following = rng.randint(4200, 7400)
    return Handle(
        platform=platform,
        name=handle,
        followers=followers,
        following=min(following, 7500),
        posts_count=rng.randint(60, 1900),
        rate=rate,
        hides_likes=platform == "instagram" and rng.random() < 0.07,
        shares_insights=rng.random() < 0.15,
    )


def _style(rng: random.Random, language: Language, *, minor: bool) -> Style:
    words = material.common(language)
    return Style(
        tone=rng.choice(TONES),
        opening=rng.randrange(len(words["signatures"]["open"])) if rng.random() < 0.45 else -1,
        closing=rng.randrange(len(words["signatures"]["close"])) if rng.random() < 0.45 else -1,
        obsession=rng.choice([i for i in range(len(words["obsessions"])) if not (minor and i in ADULT_OBSESSIONS)]),
        emoji=tuple(rng.sample(EMOJI, 3)) if rng.random() < 0.55 else (),
        hashtags=rng.choices((0, 2, 4, 7, 11), (15, 20, 30, 25, 10))[0],
        asks=rng.choice((0.1, 0.3, 0.55, 0.8)),
        thinks=rng.choice((0.25, 0.5, 0.75)),
        opens=rng.choice((0.15, 0.4, 0.65)),
        closes=rng.choice((0.05, 0.2, 0.4)),
        quirk=rng.choice((0.05, 0.12, 0.25)),
        breaks=rng.choice(("\n\n", "\n\n", "\n", " ", " ")),
        lowercase=rng.random() < 0.06,
    )


def _terms(person: Person, rng: random.Random) -> dict[str, Any]:
    """What the person accepts; fees follow size, in the money of the country."""
    language = person.languages[0]
    topic = material.niche(person.niche).tongue(language).category.lower()
    followers = max(account.followers for account in person.accounts)
    base = 40 + 0.012 * followers**0.94
    fee = max(0, round(base * math.exp(rng.gauss(0, 0.35)) / 10) * 10)
    gives = rng.random() < 0.55
    fees = (
        {} if not gives else {"*": str(fee), "ambassador": str(round(fee * 3, -1)), "event": str(round(fee * 1.4, -1))}
    )
    words = material.common(language)["editorial"]
    line = expand(rng.choice(words), rng=rng, voice=person.voice(language), slots={"topic": topic}).replace("  ", " ")
    line = line[0].upper() + line[1:]
    money = {"GB": "GBP", "US": "USD", "CA": "CAD", "CH": "CHF", "DK": "DKK", "SE": "SEK"}.get(person.country, "EUR")
    rates = {"GBP": 0.88, "USD": 1.16, "CAD": 1.6, "CHF": 0.93, "DKK": 7.5, "SEK": 11.0}
    return {
        "editorial_line": line,
        "topics": [traits()["niches"][key]["topic"] for key in (person.niche, person.second) if key],
        "refused_sectors": rng.sample(traits()["refused"][language], rng.choice((0, 1, 2, 3, 4))),
        "values": rng.sample(traits()["values"][language], rng.randint(2, 4)),
        "forms": sorted(rng.sample(FORMS, rng.randint(2, 6))),
        "minimum_fee": {
            form: str(round(int(float(v)) * rates.get(money, 1.0), -1)).split(".")[0] for form, v in fees.items()
        },
        "currency": money,
        "accepts_in_kind": rng.choices((True, False, None), (50, 35, 15))[0],
        "capacity_per_month": rng.choices((None, 1, 2, 3, 4), (25, 25, 25, 15, 10))[0],
        "unavailable_days": rng.choices((0, 12, 40), (86, 8, 6))[0],
        "tax_country": person.country,
        "responsible_certificate": person.country == "FR" and rng.random() < 0.22,
        "shows_reasons": rng.random() < 0.9,
    }


def _with_pod(found: list[Person], rng: random.Random) -> list[Person]:
    """Ten French-speaking creators of mixed niches comment each other within minutes."""
    able = [
        p
        for p in found
        if p.languages[0] == "fr" and p.conversation in ("shallow", "ordinary") and p.growth == "organic"
    ]
    able = [p for p in able if p.accounts[0].platform == "instagram" and 4_000 < p.accounts[0].followers < 90_000]
    chosen = {p.index for p in rng.sample(able, min(10, len(able)))}
    return [replace(p, conversation="pod") if p.index in chosen else p for p in found]
