"""A creator's newest comments, each read: what kind it is, in which language, in which mood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import Creator
from accounts.templatetags.figures import number, percent
from matching import repository
from matching.models import Comment
from matching.plots.kinds import Bar, bars
from matching.plots.sheet import Figure
from matching.profiles import KINDS
from matching.signals import sentiment
from matching.signals.comments import ENGLISH, FRENCH, LANGUAGES, CommentContext, classify_comments
from matching.signals.comments import KINDS as ORDER
from matching.signals.text import TextColumn

READ = 400
SHOWN_PER_KIND = 3
TOLD_FIRST = (
    "question",
    "testimony",
    "debate",
    "recommendation",
    "remark",
    "generic",
    "emoji",
    "tag",
    "giveaway",
    "spam",
)
LEAST_MOOD = 30


@dataclass(frozen=True, slots=True)
class Said:
    comment: Comment
    kind: str
    language: str
    critical: bool
    quality: float


@dataclass(frozen=True, slots=True)
class Kind:
    """samples: the fullest of this kind among those read."""

    name: str
    label: str
    count: int
    share: float
    samples: list[Said]


@dataclass(frozen=True, slots=True)
class Readings:
    said: list[Said]
    moods: dict[str, tuple[float, int]]
    """class → (corrected share, comments it rests on); empty below 30 comments."""

    @property
    def kinds(self) -> list[Kind]:
        found = []
        for name in TOLD_FIRST:
            mine = [one for one in self.said if one.kind == name]
            if mine:
                best = sorted(mine, key=lambda one: -one.quality)[:SHOWN_PER_KIND]
                found.append(Kind(name, str(KINDS[name]), len(mine), len(mine) / len(self.said), best))
        return found

    @property
    def arguments(self) -> list[Said]:
        """Objections and argued comments: what a brand would have to answer."""
        pointed = [one for one in self.said if one.critical or one.kind == "debate"]
        return sorted(pointed, key=lambda one: (not one.critical, -one.quality))[:6]

    @property
    def languages(self) -> list[tuple[str, int]]:
        """(code or "" where not told, comments), the most frequent first."""
        return Counter(one.language for one in self.said).most_common()


def read_comments(actor: Actor, creator: Creator) -> Readings:
    """The newest followers' comments of a creator, at most `READ`, classified by the rules of the signals."""
    rows = Comment.visible_to(actor).filter(post__account__creator=creator, is_owner=False).exclude(text="")
    newest = list(rows.select_related("post").order_by("-posted_at", "-pk")[:READ])
    if not newest:
        return Readings([], {})
    texts = TextColumn.of([comment.text for comment in newest])
    context = CommentContext(
        is_reply=np.array([bool(c.parent_external_id) for c in newest]), common=repository.current_priors().common
    )
    read = classify_comments(texts, context)
    names = [LANGUAGES[code] if 0 <= code < len(LANGUAGES) else "" for code in read.language.tolist()]
    said = [
        Said(comment, ORDER[kind], name, bool(critical), float(quality))
        for comment, kind, name, critical, quality in zip(
            newest, read.kind.tolist(), names, read.critical.tolist(), read.quality.tolist(), strict=True
        )
    ]
    return Readings(said, _moods(texts, read.language))


def _moods(texts: TextColumn, language: Any) -> dict[str, tuple[float, int]]:
    chance = sentiment.chances(texts, language)
    total, n = np.zeros(3), 0
    for code in (FRENCH, ENGLISH):
        mine = chance[language == code]
        if len(mine) >= LEAST_MOOD:
            total += sentiment.shares(mine.mean(axis=0), sentiment.confusion(code)) * len(mine)
            n += len(mine)
    return {name: (float(share / n), n) for name, share in zip(sentiment.CLASSES, total, strict=True)} if n else {}


def mood_figure(moods: dict[str, tuple[float, int]]) -> Figure | None:
    if not moods:
        return None
    words = {"negative": _("negative"), "neutral": _("neutral"), "positive": _("positive")}
    rows = [(words[name], share) for name, (share, _n) in reversed(moods.items())]
    share, n = moods["positive"]
    return Figure(
        title=_("%(share)s of the comments sound positive") % {"share": percent(share, 0)},
        draw=bars([Bar(label, value, text=percent(value, 0)) for label, value in rows], most=1.0),
        columns=(_("Mood"), _("Share")),
        rows=tuple((label, percent(value, 0)) for label, value in rows),
        note=_("%(n)s French and English comments, corrected for the errors of the classifier. Irony escapes it.") % {"n": number(n)},
    )  # fmt: skip


def words_of_languages(found: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Only those told, by code."""
    return [(code, n) for code, n in found if code in ("fr", "en", "other")]
