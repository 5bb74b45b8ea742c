"""Numbers of the demo: follower histories, counters of posts, times. Shapes after SIGNALS (priors, decay).

Post value: log engagement ~ N(person's rate, 0.33); comments arrive lognormally with a median of about
four hours; a bought crowd does not engage, so the rate falls after the step.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.demo.persona import Handle, Person

DAYS = 364
SUDDEN = frozenset({"viral", "bought", "giveaway_burst", "purge"})
WITHIN = math.sqrt(0.33)
COMMENTS_PER_LIKE = ((10_000, 0.047), (100_000, 0.028), (500_000, 0.013), (math.inf, 0.007))
VIEWS = {"tiktok": (-0.75, 0.95), "youtube": (-1.55, 0.8), "instagram": (-1.0, 0.7), "x": (-1.35, 0.8)}


@dataclass(frozen=True, slots=True)
class History:
    """Followers at some moments, oldest first. engaged: those that were not bought. event: when it happened."""

    moments: tuple[datetime, ...]
    followers: tuple[int, ...]
    engaged: tuple[float, ...]
    following: tuple[int, ...]
    event: datetime

    def at(self, moment: datetime) -> tuple[int, float]:
        """(followers, engaged followers) at a moment; before the first count, its value."""
        place = max(0, bisect_right(self.moments, moment) - 1)
        return self.followers[place], self.engaged[place]


def history(person: Person, account: Handle, now: datetime) -> History:
    """A year of days that ends today at the account's followers, seen weekly, and daily around an event.

    What happened, happened on the person's first account; the others grow quietly.
    """
    growth = person.growth if account == person.accounts[0] or person.growth == "fading" else "organic"
    rng = person.rng(f"history:{account.platform}")
    calm = rng.uniform(-0.00007, 0.0013) if growth != "fading" else rng.uniform(-0.0007, -0.0002)
    size = rng.random()
    level, bought, levels, crowds = 1.0, 0.0, [1.0], [0.0]
    for day in range(1, DAYS + 1):
        level *= math.exp(rng.gauss(calm, 0.0013))
        step, bought = _event(growth, day - person.event_day, level, bought, size)
        level = max(0.05, level + step)
        levels.append(level)
        crowds.append(bought)
    scale = account.followers / (levels[-1] + crowds[-1])
    followers = [max(50, round((a + b) * scale)) for a, b in zip(levels, crowds, strict=True)]
    if growth == "bought":
        followers[person.event_day] = _rounded(followers[person.event_day - 1], followers[person.event_day])
    followers[-1] = account.followers
    close = range(person.event_day - 6, person.event_day + 12) if growth in SUDDEN else ()
    seen = sorted({*range(0, DAYS, 7), *close, DAYS} & set(range(DAYS + 1)))
    minutes = rng.randrange(1, 180)
    moments = [now - timedelta(days=DAYS - day, minutes=minutes if day < DAYS else 0) for day in range(DAYS + 1)]
    return History(
        moments=tuple(moments[day] for day in seen),
        followers=tuple(followers[day] for day in seen),
        engaged=tuple(levels[day] * scale for day in seen),
        following=tuple(_following(person, account, day, rng) for day in seen),
        event=moments[person.event_day],
    )


def _event(growth: str, since: int, level: float, bought: float, size: float) -> tuple[float, float]:
    """What a day adds to real followers, and the bought crowd after it. since: days after the event; size: 0..1."""
    if growth == "viral" and 0 <= since <= 5:
        return level * (0.18 + 0.3 * size) * (0.46, 0.24, 0.12, 0.08, 0.06, 0.04)[since], bought
    if growth == "bought":
        return 0.0, (0.3 + 0.25 * size) * level if since == 0 else bought * (0.9991 if since > 0 else 1.0)
    if growth == "follow_unfollow":
        return level * (0.0048 if since % 17 < 9 else -0.0036), bought
    if growth == "giveaway_burst" and 0 <= since <= 45:
        return level * ((0.09 + 0.07 * size) * (0.6, 0.4)[since] if since < 2 else -0.0016), bought
    if growth == "purge" and since == 0:
        return -level * (0.06 + 0.07 * size), bought
    return 0.0, bought


def _rounded(before: int, after: int) -> int:
    """Crowds are sold by the thousand (or the hundred, for small accounts): the jump is a round number."""
    jump = after - before
    unit = 5000 if jump > 20_000 else 1000 if jump > 2_500 else 500 if jump > 900 else 100
    return before + max(unit, round(jump / unit) * unit)


def _following(person: Person, account: Handle, day: int, rng: random.Random) -> int:
    if person.growth == "follow_unfollow":
        return max(0, account.following - (0, 900, 1700, 800)[day // 7 % 4] + rng.randrange(60))
    return max(0, account.following - (DAYS - day) // 21 + rng.randrange(3))


@dataclass(frozen=True, slots=True)
class Counters:
    likes: int | None
    comments: int
    shares: int | None
    saves: int | None
    views: int | None
    reach: int | None


def mature(age: timedelta) -> float:
    """Share of the engagement that has arrived: lognormal, median 5 h, wide; nearly all after a week."""
    hours = max(0.05, age.total_seconds() / 3600)
    return 0.5 * (1 + math.erf((math.log(hours) - math.log(5)) / (1.35 * math.sqrt(2))))


def counters(
    rng: random.Random,
    person: Person,
    account: Handle,
    kind: str,
    engaged: float,
    age: timedelta,
    *,
    boost: float = 1.0,
) -> Counters:
    """Counters of one post. boost: factor of a viral or giveaway post."""
    share = mature(age)
    filmed = kind in ("video", "short") or account.platform == "x"
    views = None
    base = engaged
    if filmed:
        mean, spread = VIEWS[account.platform]
        views = max(40, round(engaged * math.exp(rng.gauss(mean, spread)) * boost * (0.35 + 0.65 * share)))
        base = float(views)
    if account.platform == "instagram":
        base = engaged * boost  # likes of a reel still follow the followers, not the views
    rate = min(0.32, math.exp(rng.gauss(account.rate, WITHIN)))
    interactions = max(3.0, base * rate * share)
    ratio = next(value for limit, value in COMMENTS_PER_LIKE if account.followers < limit)
    ratio *= {"excellent": 1.5, "good": 1.2, "pod": 2.4, "shallow": 0.8}.get(person.conversation, 1.0)
    ratio *= {"tiktok": 0.45, "youtube": 2.6, "x": 1.6}.get(account.platform, 1.0)
    comments = round(interactions * ratio * math.exp(rng.gauss(0, 0.5)))
    likes = max(1, round(interactions - comments))
    return Counters(
        likes=None if account.hides_likes else likes,
        comments=comments,
        shares=round(likes * rng.uniform(0.02, 0.12)) if account.platform in ("tiktok", "x") else None,
        saves=round(likes * rng.uniform(0.03, 0.2))
        if account.shares_insights or account.platform == "tiktok"
        else None,
        views=views,
        reach=round(engaged * rng.uniform(0.25, 0.7) * boost)
        if account.shares_insights and account.platform == "instagram"
        else None,
    )


def moments(rng: random.Random, person: Person, n: int, now: datetime) -> list[datetime]:
    """n moments of posting, oldest first, over at most 18 months, at the person's usual hour."""
    span = min(540.0 - person.silent_days, n * rng.uniform(14.0, 26.0))
    gaps = [rng.gammavariate(1.6, 1.0) for _n in range(n)]
    scale = span / sum(gaps)
    days, found = float(person.silent_days) + rng.uniform(0.1, 3.0), []
    for gap in gaps:
        day = (now - timedelta(days=days)).replace(hour=person.hour, minute=0, second=0, microsecond=0)
        found.append(min(day + timedelta(minutes=rng.gauss(20, 50)), now - timedelta(minutes=rng.uniform(25, 200))))
        days += gap * scale
    return sorted(found)
