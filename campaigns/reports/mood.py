"""How people speak under the contents, against the same creators' other posts: difference in differences, by counts
corrected for the classifier's own errors (`matching.signals.sentiment`). A bridge: reads comments, gives plain JSON.

    change of the contents   balance under the contents − balance under the creators' posts of the weeks before
    change of the others     balance under the creators' other posts of the same weeks − the same posts before
    shift                    the first less the second, with the interval of what is compared at the same time

Balance: positive less negative share, −1 to 1. The posts before are the same in both changes, so that the shift is the
contents against the other posts of the same weeks. Told from LEAST comments on each side on and where the interval
leaves 0 out; else withheld with the numbers that are missing. Failure: irony; one language, the one most spoken under
the contents; creators with many comments weigh more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from accounts.actors import Actor
from campaigns.models import Content
from matching.models import Comment
from matching.signals.comments import ENGLISH, FRENCH, comment_languages
from matching.signals.sentiment import LEAST, VERSION, Side, balance, chances, confusion, shift
from matching.signals.text import TextColumn, words_of

BEFORE = timedelta(weeks=8)
MOST_COMMENTS = 6000
LEAST_WEEK = 30
NAMES = {FRENCH: "fr", ENGLISH: "en"}
CODES = {"fr": FRENCH, "en": ENGLISH}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Comments of one group: chances (n, 3), author, post, language and week of each."""

    chance: Any
    author: Any
    language: Any
    week: Any

    def side(self, language: int) -> Side:
        here = (self.language == language) & ~np.isnan(self.chance[:, 0])
        return Side(self.chance[here], self.author[here])


def mood(actor: Actor, contents: Sequence[Content], *, asof: datetime) -> dict[str, Any] | None:
    """None where no content is tied to an observed post."""
    tied = [row for row in contents if row.post_id is not None and not row.earned]
    if not tied:
        return None
    begin = min(row.published_at for row in tied)
    own = {row.post_id for row in tied}
    creators = {row.creator_id for row in tied}
    theirs = Comment.visible_to(actor).filter(post__account__creator__in=creators, is_owner=False).exclude(text="")
    apart = theirs.exclude(post__in=own)
    after = _read(theirs.filter(post__in=own, posted_at__lte=asof))
    others = _read(apart.filter(post__posted_at__gte=begin, post__posted_at__lte=asof, posted_at__lte=asof))
    before = _read(apart.filter(post__posted_at__gte=begin - BEFORE, post__posted_at__lt=begin, posted_at__lt=begin))
    language = max(NAMES, key=lambda code: int((after.language == code).sum()))
    sides = {"after": after.side(language), "others": others.side(language), "before": before.side(language)}
    found = shift(sides["others"], sides["after"], language)
    told = found.told and sides["before"].n >= LEAST
    base = _balance(sides["before"], language)
    return {
        "formula": VERSION,
        "language": NAMES[language],
        "n": {name: side.n for name, side in sides.items()},
        "least": LEAST,
        "told": told,
        "value": _round(found.value) if told else None,
        "low": _round(found.low) if told else None,
        "high": _round(found.high) if told else None,
        "contents_change": _difference(_balance(sides["after"], language), base) if told else None,
        "others_change": _difference(_balance(sides["others"], language), base) if told else None,
        "missing": "" if told else "thin" if min(side.n for side in sides.values()) < LEAST else "no_difference",
        "trend": _trend(after, others, language),
    }


def _read(rows: Any) -> Spoken:
    found = list(
        rows.order_by("posted_at", "pk").values_list("text", "author_hash", "posted_at", "post__language")[
            :MOST_COMMENTS
        ]
    )
    texts = TextColumn.of(row[0] for row in found)
    posts = np.array([CODES.get(row[3], 0) for row in found], np.int8)
    language = comment_languages(words_of(texts), posts) if found else np.zeros(0, np.int8)
    return Spoken(
        chance=chances(texts, language) if found else np.zeros((0, 3)),
        author=np.unique([row[1] for row in found], return_inverse=True)[1].astype(np.int64),
        language=language,
        week=np.array([_week(row[2]) for row in found]),
    )


def _week(moment: datetime | None) -> str:
    """The Monday of the week, as text."""
    return "" if moment is None else (moment.date() - timedelta(days=moment.weekday())).isoformat()


def _trend(after: Spoken, others: Spoken, language: int) -> list[list[Any]]:
    """[Monday, balance under the contents, n, balance under the other posts, n]; null below LEAST_WEEK comments."""
    weeks = sorted({str(week) for week in _weeks(after)} | {str(week) for week in _weeks(others)})
    found = []
    for week in weeks:
        row: list[Any] = [week]
        for spoken in (after, others):
            here = (spoken.week == week) & (spoken.language == language) & ~np.isnan(spoken.chance[:, 0])
            n = int(here.sum())
            side = Side(spoken.chance[here], spoken.author[here])
            row += [_round(_balance(side, language)) if n >= LEAST_WEEK else None, n]
        found.append(row)
    return [row for row in found if row[1] is not None or row[3] is not None]


def _weeks(spoken: Spoken) -> Iterable[str]:
    return [week for week in np.unique(spoken.week) if week] if len(spoken.week) else []


def _balance(side: Side, language: int) -> float | None:
    return balance(side.chance, confusion(language)) if side.n else None


def _difference(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else _round(a - b)


def _round(value: float | None) -> float | None:
    return None if value is None or value != value else round(value, 4)
