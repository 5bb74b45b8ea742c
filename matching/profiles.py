"""What the pages of a creator show, read from data and signals; nothing is computed anew here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import Creator
from matching.contracts import Signal
from matching.models import Post, Signals
from matching.proofs import EvidenceBook

SHOWN_POSTS = 60
BASES = {"views": gettext_lazy("views"), "followers": gettext_lazy("followers")}


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One line of the scores table: the signal and the proofs behind it."""

    signal: Signal
    proofs: list[Any]


def current_signals(actor: Actor, creator: Creator) -> tuple[Signals | None, dict[str, Signal]]:
    row = Signals.visible_to(actor).filter(creator=creator, is_current=True).first()
    if row is None:
        return None, {}
    return row, {
        name: Signal.from_json(data) for name, data in row.payload.items() if isinstance(data, dict) and "unit" in data
    }


def signal_rows(actor: Actor, signals: dict[str, Signal]) -> list[SignalRow]:
    data = {name: signal.to_json() for name, signal in signals.items()}
    book = EvidenceBook(actor, data.values())
    return [SignalRow(signal, book.of(data[name])) for name, signal in signals.items()]


def rate(post: Post) -> tuple[float | None, str]:
    """(likes + comments) ÷ views where the network shows views, else ÷ followers; None when likes are hidden."""
    if post.likes is None:
        return None, ""
    base, name = (post.views, "views") if post.views else (post.account.followers, "followers")
    if not base:
        return None, ""
    return (post.likes + (post.comments_count or 0)) / base, name


def posts_of(actor: Actor, creator: Creator) -> QuerySet[Post]:
    return (
        Post.visible_to(actor).filter(account__creator=creator).select_related("account").order_by("-posted_at", "-pk")
    )


def topic_counts(posts: QuerySet[Post]) -> list[tuple[str, int]]:
    """Most used hashtags of the posts, as (tag, posts)."""
    tags: dict[str, int] = {}
    for (used,) in posts.values_list("hashtags")[:200]:
        for tag in set(used):
            tags[tag] = tags.get(tag, 0) + 1
    return sorted(tags.items(), key=lambda pair: (-pair[1], pair[0]))[:12]


def posts_by_kind(posts: QuerySet[Post]) -> dict[str, int]:
    return dict(posts.order_by().values_list("kind").annotate(n=Count("pk")))


@dataclass(frozen=True, slots=True)
class SignalGroup:
    title: str | Promise
    rows: list[SignalRow]


# signal → word of the glossary that explains it
TERMS = {
    "engagement_rate": "engagement_rate",
    "qualified_share": "qualified_engagement",
    "generic_share": "generic_comment",
    "question_share": "question",
    "reply_rate": "owner_reply_rate",
    "coherence": "coherence",
    "topics": "topic",
    "niche": "niche",
    "tenure": "continuity",
    "continuity": "drift",
    "sponsorship_load": "sponsorship_load",
    "growth": "growth",
    "half_life": "half_life",
    "comment_ratio": "comment_ratio",
    "audience_authenticity": "audience_authenticity",
    "reciprocity": "reciprocity",
    "returning_commenters": "returning_commenters",
    "deadlines": "deadlines_kept",
    "response_time": "response_time",
    "disputes": "disputes_record",
    "answer_rate": "answer_rate",
    "selectivity": "selectivity",
    "expected_price": "expected_price",
    "cost_per_qualified": "cost_per_qualified",
    "cost_per_click": "cpc",
    "nuance": "nuance",
    "pressure": "pressure",
    "values": "values_evidence",
    "objections_answered": "objections_answered",
    "disclosure_record": "disclosure",
}
AUDIENCE_SIGNALS = ("audience_authenticity", "returning_commenters", "reciprocity", "growth")
CONVERSATION_SIGNALS = (
    "qualified_share",
    "generic_share",
    "question_share",
    "reply_rate",
    "comment_ratio",
    "conversation",
)
_GROUPS = (
    (gettext_lazy("Audience and conversation"), ("engagement_rate", *CONVERSATION_SIGNALS, "half_life")),
    (gettext_lazy("Subject"), ("niche", "coherence", "concentration", "tenure", "continuity", "topics")),
    (gettext_lazy("Selectivity"), ("sponsorship_load", "disclosure_record", "selectivity")),
    (gettext_lazy("Posture"), ("nuance", "pressure", "values", "objections_answered")),
    (gettext_lazy("Authenticity"), ("audience_authenticity", "returning_commenters", "reciprocity")),
    (gettext_lazy("Growth and rhythm"), ("growth", "frequency", "posting_frequency")),
    (gettext_lazy("Economy"), ("expected_price", "cost_per_qualified", "cost_per_click")),
    (gettext_lazy("Reliability"), ("deadlines", "response_time", "disputes", "answer_rate")),
)


KINDS: dict[str, str | Promise] = {
    "question": gettext_lazy("Precise question"),
    "testimony": gettext_lazy("Testimony of use"),
    "debate": gettext_lazy("Argued debate"),
    "recommendation": gettext_lazy("Recommendation between followers"),
    "remark": gettext_lazy("Other remark"),
    "generic": gettext_lazy("Generic"),
    "emoji": gettext_lazy("Emoji only"),
    "tag": gettext_lazy("Tag only"),
    "giveaway": gettext_lazy("Giveaway entry"),
    "spam": gettext_lazy("Spam"),
    "unclassified": gettext_lazy("Other language, not judged"),
}


def grouped(rows: list[SignalRow]) -> list[SignalGroup]:
    """The rows under the questions they answer; what no group names comes last."""
    left = {row.signal.name: row for row in rows}
    groups = []
    for title, names in _GROUPS:
        found = [left.pop(name) for name in names if name in left]
        if found:
            groups.append(SignalGroup(title, found))
    if left:
        groups.append(SignalGroup(_("Further signals"), list(left.values())))
    return groups


_LABELS: dict[str, str | Promise] = {
    "engagement_rate": gettext_lazy("Engagement rate"),
    "qualified_share": gettext_lazy("Qualified comments"),
    "generic_share": gettext_lazy("Generic comments"),
    "question_share": gettext_lazy("Questions"),
    "reply_rate": gettext_lazy("Replies by the creator"),
    "conversation": gettext_lazy("Conversation"),
    "niche": gettext_lazy("Niche"),
    "coherence": gettext_lazy("Coherence"),
    "concentration": gettext_lazy("Concentration"),
    "tenure": gettext_lazy("Time on the subject"),
    "continuity": gettext_lazy("Steadiness of the subject"),
    "topics": gettext_lazy("Topics"),
    "sponsorship_load": gettext_lazy("Sponsorship load"),
    "disclosure_record": gettext_lazy("Disclosure record"),
    "selectivity": gettext_lazy("Selectivity"),
    "growth": gettext_lazy("Growth"),
    "audience_authenticity": gettext_lazy("Audience authenticity"),
    "returning_commenters": gettext_lazy("Commenters who return"),
    "reciprocity": gettext_lazy("Creators who comment each other"),
    "comment_ratio": gettext_lazy("Comments per reaction"),
    "expected_price": gettext_lazy("Expected price of one post"),
    "cost_per_qualified": gettext_lazy("Expected cost per qualified comment"),
    "cost_per_click": gettext_lazy("Expected cost per click"),
    "nuance": gettext_lazy("Nuance"),
    "pressure": gettext_lazy("Pressure and superlatives"),
    "values": gettext_lazy("Captions that speak of values"),
    "objections_answered": gettext_lazy("Objections answered"),
    "deadlines": gettext_lazy("Deadlines kept"),
    "response_time": gettext_lazy("Reply time to brands"),
    "disputes": gettext_lazy("Partnerships that ended badly"),
    "answer_rate": gettext_lazy("Proposals answered"),
    "frequency": gettext_lazy("Posting frequency"),
    "posting_frequency": gettext_lazy("Posting frequency"),
    "half_life": gettext_lazy("Half-life"),
}


def signal_label(name: str) -> str:
    return str(_LABELS.get(name, name.replace("_", " ").capitalize()))
