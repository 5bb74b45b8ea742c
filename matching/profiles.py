"""What the pages of a creator show, read from data and signals; nothing is computed anew here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.models import Creator
from accounts.templatetags.figures import day, number, percent
from matching.contracts import Signal
from matching.models import FollowerCount, Post, Signals
from matching.proofs import EvidenceBook

SHOWN_POSTS = 60
_BASES = {"views": gettext_lazy("views"), "followers": gettext_lazy("followers")}


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


def engagement_chart(posts: list[Post]) -> dict[str, Any] | None:
    """Rate of each recent post with the median, as an ECharts option and a table; None below 3 posts."""
    points = [(post, value, base) for post in reversed(posts) for value, base in [rate(post)] if value is not None]
    if len(points) < 3:
        return None
    median = float(np.median([value for _post, value, _base in points]))
    paid = [bool(post.is_sponsored) for post, _value, _base in points]
    series = [
        _dots(_("Organic"), [p for p, is_paid in zip(points, paid, strict=True) if not is_paid]),
        _dots(_("Sponsored"), [p for p, is_paid in zip(points, paid, strict=True) if is_paid]),
    ]
    series[0]["markLine"] = {
        "symbol": "none",
        "silent": True,
        "data": [{"yAxis": round(median, 4), "name": _("median")}],
        "label": {"formatter": percent(median, 1), "position": "insideEndTop"},
    }
    option = {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "unit": "%", "min": 0},
        "legend": {"show": any(paid)},
        "series": [entry for entry in series if entry["data"]],
    }
    rows = [[day(post.posted_at), percent(value, 2), _BASES[base]] for post, value, base in reversed(points)]
    columns = [_("Date"), _("Rate"), _("Base")]
    return {"option": option, "columns": columns, "rows": rows, "median": median, "n": len(points)}


def _dots(name: str, points: list[tuple[Post, float, str]]) -> dict[str, Any]:
    return {
        "name": name,
        "type": "scatter",
        "unit": "%",
        "symbolSize": 9,
        "data": [[post.posted_at.isoformat(), round(value, 4)] for post, value, _base in points],
    }


def growth_chart(actor: Actor, creator: Creator) -> dict[str, Any] | None:
    """Followers over time for each account with at least 3 counts."""
    accounts = list(creator.accounts.order_by("-followers"))
    handles = [account.handle for account in accounts]
    series, rows = [], []
    for account in accounts:
        counts = list(
            FollowerCount.objects.filter(account=account)
            .order_by("observed_at")
            .values_list("observed_at", "followers")
        )
        if len(counts) < 3:
            continue
        name = f"@{account.handle}"
        if handles.count(account.handle) > 1:  # the legend would take two networks for one line
            name = f"{name} · {account.get_platform_display()}"
        data = [[at.isoformat(), followers] for at, followers in counts]
        series.append({"name": name, "type": "line", "showSymbol": False, "data": data})
        rows += [[day(at), name, number(followers)] for at, followers in counts[-12:]]
    if not series:
        return None
    option = {
        "xAxis": {"type": "time"},
        "yAxis": {"type": "value", "unit": "count", "scale": True},
        "legend": {"show": len(series) > 1},
        "series": series,
    }
    return {"option": option, "columns": [_("Date"), _("Account"), _("Followers")], "rows": rows}


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


def comment_kinds(signals: dict[str, Signal]) -> dict[str, Any] | None:
    """Shares of each kind of comment as a bar chart; None when no comment could be classified."""
    signal = signals.get("qualified_share")
    kinds = (signal.details.get("kinds") if signal else None) or {}
    rows = [(KINDS.get(name, name), share) for name, share in sorted(kinds.items(), key=lambda pair: -pair[1]) if share]
    if not rows or signal is None:
        return None
    option = {
        "xAxis": {"type": "value", "unit": "%"},
        "yAxis": {"type": "category", "inverse": True, "data": [str(label) for label, _share in rows]},
        "series": [{"type": "bar", "unit": "%", "data": [round(share, 4) for _label, share in rows]}],
    }
    table = [[label, percent(share, 1)] for label, share in rows]
    return {"option": option, "columns": [_("Kind"), _("Share")], "rows": table, "n": signal.n}


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
