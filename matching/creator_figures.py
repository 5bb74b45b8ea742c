"""The drawings of a creator's pages and one-sheet: each with the finding as its title and its figures as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from scipy.special import ndtr

from accounts.actors import Actor
from accounts.models import Creator
from accounts.templatetags.figures import compact, day, number, percent
from matching.contracts import Signal
from matching.models import Comment, FollowerCount, Post, PostVectors, Signals
from matching.plots.kinds import Bar, Course, Mark, Step, bars, over_time, stream, waterfall
from matching.plots.sheet import Figure
from matching.profiles import BASES, KINDS, rate, signal_label
from matching.ranking.families import INPUTS, Standing, StandingOf, standings
from matching.reasons import family_label, topic_label
from matching.semantics import topics as niches
from matching.signals.longevity import SIGMA

LEAST = 3
MOST_DELAYS = 4_000
CURVE_HOURS = (1.0, 6.0, 24.0, 72.0, 168.0, 720.0)
MOST_LAYERS = 6
MOST_VERSIONS = 24
A_DAY = timedelta(days=1)
_Z90 = 1.6449


def engagement(posts: Sequence[Post]) -> Figure | None:
    """Rate of each recent post; the band holds the middle half of the organic ones. None below 3 posts."""
    told = [(post, value, base) for post in reversed(posts) for value, base in [rate(post)] if value is not None]
    if len(told) < LEAST:
        return None
    plain = [value for post, value, _base in told if not post.is_sponsored]
    paid = [value for post, value, _base in told if post.is_sponsored]
    low, middle, high = (float(v) for v in np.quantile(plain or paid, [0.25, 0.5, 0.75]))
    marks = [
        Mark(post.posted_at.timestamp(), value, bool(post.is_sponsored), f"{day(post.posted_at)}: {percent(value, 1)}")
        for post, value, _base in told
    ]
    legend = [("dot", _("Organic")), ("band", _("middle half of organic posts")), ("median", _("median"))]
    return Figure(
        title=_engagement_title(plain, paid, len(told)),
        draw=over_time(marks=marks, level=(low, middle, high), write=lambda v: percent(v, 1)),
        columns=(_("Date"), _("Rate"), _("Base"), _("Kind")),
        rows=tuple(
            (day(post.posted_at), percent(value, 2), BASES[base], _("Sponsored") if post.is_sponsored else _("Organic"))
            for post, value, base in reversed(told)
        ),
        note=_("Reactions and comments divided by views where the network shows views, else by followers."),
        legend=tuple([legend[0], ("ring", _("Sponsored")), *legend[1:]] if paid else legend),
    )  # fmt: skip


def _engagement_title(plain: Sequence[float], paid: Sequence[float], n: int) -> str:
    if len(plain) >= LEAST and len(paid) >= LEAST:
        change = float(np.median(paid) / np.median(plain)) - 1
        words = {"share": percent(abs(change), 0), "n": number(len(paid))}
        if change <= -0.1:
            return _("%(n)s sponsored posts: %(share)s less engagement than the organic ones") % words
        if change >= 0.1:
            return _("%(n)s sponsored posts: %(share)s more engagement than the organic ones") % words
        return _("%(n)s sponsored posts hold the engagement of the organic ones") % words
    words = {"n": number(n), "median": percent(float(np.median([*plain, *paid])), 1)}
    return _("Half of the last %(n)s posts reach at least %(median)s") % words


def growth(actor: Actor, creator: Creator, signals: Mapping[str, Signal]) -> Figure | None:
    """Followers of the largest account with a history; steps are marked, those without a visible cause hollow."""
    steps = {item.id: item.note for item in signals["growth"].evidence} if "growth" in signals else {}
    for account in creator.accounts.order_by("-followers"):
        counts = list(FollowerCount.visible_to(actor).filter(account=account).order_by("observed_at"))
        if len(counts) < LEAST:
            continue
        points = [(row.observed_at.timestamp(), float(row.followers)) for row in counts]
        words = {
            "explained": _("a step that a publication explains"),
            "unexplained": _("an unusual step; its cause cannot be seen from here"),
        }
        marks = [
            Mark(
                row.observed_at.timestamp(),
                row.followers,
                steps[row.pk] != "explained",
                f"{day(row.observed_at)}: {words.get(steps[row.pk], '')}",
            )
            for row in counts
            if row.pk in steps
        ]
        change = counts[-1].followers / counts[0].followers - 1 if counts[0].followers else 0.0
        told = {
            "name": f"@{account.handle}",
            "share": percent(abs(change), 0),
            "days": number((counts[-1].observed_at - counts[0].observed_at).days),
        }
        title = (
            _("%(name)s gained %(share)s followers in %(days)s days")
            if change >= 0
            else _("%(name)s lost %(share)s followers in %(days)s days")
        ) % told
        known = {mark.ring for mark in marks}
        legend = ([("dot", words["explained"])] if False in known else []) + (
            [("ring", words["unexplained"])] if True in known else []
        )
        return Figure(
            title=title,
            draw=over_time(courses=[Course(points)], marks=marks, write=compact, floor=None),
            columns=(_("Date"), _("Followers"), _("Note")),
            rows=tuple((day(row.observed_at), number(row.followers), words.get(steps.get(row.pk, ""), "")) for row in _thinned(counts, steps)),
            legend=tuple(legend),
        )  # fmt: skip
    return None


def _thinned(counts: Sequence[FollowerCount], steps: Mapping[int, str]) -> list[FollowerCount]:
    """At most about thirty rows of the table, never without the steps."""
    every = max(1, len(counts) // 30)
    return [row for number_, row in enumerate(counts) if number_ % every == 0 or row.pk in steps or row is counts[-1]]


def half_life(actor: Actor, creator: Creator, signals: Mapping[str, Signal]) -> Figure | None:
    """How fast a post's comments arrive: the model with its 90 % band, and what was seen. None where unknown."""
    signal = signals.get("half_life")
    if signal is None or not signal.known or not signal.value or signal.low is None or signal.high is None:
        return None
    hours = np.exp(np.linspace(0.0, np.log(CURVE_HOURS[-1]), 40))
    middle, low, high = (_arrived(hours, value) for value in (signal.value, signal.high, signal.low))
    seen = _delays(actor, creator)
    courses = [
        Course(
            list(zip(hours.tolist(), middle.tolist(), strict=True)),
            band=list(zip(hours.tolist(), low.tolist(), high.tolist(), strict=True)),
        )
    ]
    if len(seen) >= 20:
        seen.sort()
        share = np.arange(1, len(seen) + 1) / len(seen)
        at = np.unique(np.linspace(0, len(seen) - 1, 60).astype(int))
        courses.append(Course(list(zip(np.maximum(seen, 1.0)[at].tolist(), share[at].tolist(), strict=True)), "quiet"))
    legend = [("line-accent", _("estimate")), ("soft", _("90 % interval"))]
    seen_words = _("the %(n)s comments seen") % {"n": number(len(seen))}
    return Figure(
        title=_("Half of the comments are there after %(hours)s") % {"hours": _span(signal.value)},
        draw=over_time(courses=courses, write=lambda v: percent(v, 0), ceiling=1.0, hours=CURVE_HOURS, write_hours=_span),
        columns=(_("After"), _("Comments arrived"), _("90 % interval")),
        rows=tuple(
            (_span(h), percent(float(_arrived(np.array([h]), signal.value)[0]), 0),
             f"{percent(float(_arrived(np.array([h]), signal.high)[0]), 0)} – {percent(float(_arrived(np.array([h]), signal.low)[0]), 0)}")
            for h in CURVE_HOURS
        ),
        note=_("Comments seen may leave out those that the network did not hand over; the estimate allows for posts still young."),
        legend=tuple([*legend, ("line-quiet", seen_words)] if len(courses) > 1 else legend),
    )  # fmt: skip


def _arrived(hours: Any, half: float) -> Any:
    return ndtr((np.log(hours) - np.log(half)) / SIGMA)


def _delays(actor: Actor, creator: Creator) -> Any:
    rows = Comment.visible_to(actor).filter(post__account__creator=creator, is_owner=False, posted_at__isnull=False)
    pairs = rows.order_by("-posted_at").values_list("posted_at", "post__posted_at")[:MOST_DELAYS]
    hours = np.array([(at - post).total_seconds() / 3600 for at, post in pairs])
    return hours[hours > 0]


def _span(hours: float) -> str:
    if hours < 48:
        return _("%(n)s h") % {"n": number(hours, 0 if hours >= 10 else 1)}
    return _("%(n)s d") % {"n": number(hours / 24, 0 if hours >= 240 else 1)}


def topics_over_time(actor: Actor, creator: Creator) -> Figure | None:
    """Share of each subject among the posts of a month (of two or three where few are published)."""
    row = PostVectors.objects.filter(creator__in=Creator.visible_to(actor).filter(pk=creator.pk)).first()
    if row is None or len(row.post_ids) < 2 * LEAST:
        return None
    vectors = np.frombuffer(row.vectors, np.float16).reshape(len(row.post_ids), -1).astype(np.float32)
    about = dict(zip(row.post_ids, niches.assign_topics(vectors).tolist(), strict=True))
    dated = list(
        Post.visible_to(actor).filter(pk__in=row.post_ids).order_by("posted_at").values_list("pk", "posted_at")
    )
    periods = periods_of([at for _pk, at in dated])
    if len(periods) < 2:
        return None
    slugs = niches.slugs()
    counts: list[dict[str, int]] = [{} for _period in periods]
    for pk, at in dated:
        place = max(k for k, begin in enumerate(periods) if begin <= at)
        name = slugs[about[pk]] if about.get(pk, -1) >= 0 else ""
        counts[place][name] = counts[place].get(name, 0) + 1
    counts, periods = _filled(counts, periods)
    total: dict[str, int] = {}
    for tally in counts:
        for name, n in tally.items():
            total[name] = total.get(name, 0) + n
    named = [name for name in sorted(total, key=lambda slug: (-total[slug], slug)) if name][: MOST_LAYERS - 1]
    layers = [(topic_label(name), [tally.get(name, 0) / sum(tally.values()) for tally in counts]) for name in named]
    rest = [1.0 - sum(shares[k] for _name, shares in layers) for k in range(len(counts))]
    if max(rest) > 0.001:
        layers.append((_("Other or no subject told"), [max(value, 0.0) for value in rest]))
    if not named:
        return None
    return Figure(
        title=_stream_title(named[0], layers[0][1]),
        draw=stream([at.timestamp() for at in periods], layers),
        columns=(_("From"), *(name for name, _shares in layers), _("Posts")),
        rows=tuple(
            (day(at), *(percent(shares[k], 0) for _name, shares in layers), number(sum(counts[k].values())))
            for k, at in enumerate(periods)
        ),
        note=_("Share of the posts of each period, in %. A subject is named only where a caption tells it."),
        legend=tuple((f"layer-{min(k, 6)}", name) for k, (name, _shares) in enumerate(layers)),
    )  # fmt: skip


def _stream_title(first: str, shares: Sequence[float]) -> str:
    words = {"topic": topic_label(first), "share": percent(float(np.mean(shares)), 0)}
    recent, before = float(np.mean(shares[-2:])), float(np.mean(shares[:-2] or shares))
    if len(shares) >= 4 and recent < before - 0.2:
        return _("%(topic)s carries %(share)s of the posts, less of late") % words
    if len(shares) >= 4 and recent > before + 0.2:
        return _("%(topic)s carries %(share)s of the posts, more of late") % words
    return _("%(topic)s carries %(share)s of the posts, steadily") % words


def periods_of(dates: Sequence[datetime]) -> list[datetime]:
    """First days of 1, 2, 3 or 6 months, so that there are at most a dozen."""
    if not dates:
        return []
    first, last = dates[0], dates[-1]
    span = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next(k for k in (1, 2, 3, 6, 12, 120) if span / k <= 12 or k == 120)
    start = first.year * 12 + first.month - 1
    return [datetime(m // 12, m % 12 + 1, 1, tzinfo=UTC) for m in range(start, start + span, step)]


def _filled(counts: list[dict[str, int]], periods: list[datetime]) -> tuple[list[dict[str, int]], list[datetime]]:
    kept = [(tally, at) for tally, at in zip(counts, periods, strict=True) if tally]
    return [tally for tally, _at in kept], [at for _tally, at in kept]


def comment_mix(signals: Mapping[str, Signal]) -> Figure | None:
    """Shares of each kind of comment; None when no comment could be classified."""
    signal = signals.get("qualified_share")
    kinds = (signal.details.get("kinds") if signal else None) or {}
    rows = [
        (str(KINDS.get(name, name)), share) for name, share in sorted(kinds.items(), key=lambda pair: -pair[1]) if share
    ]
    if not rows or signal is None:
        return None
    useful = sum(kinds.get(name, 0.0) for name in ("question", "testimony", "debate", "recommendation"))
    return Figure(
        title=_("%(share)s of what followers write is a question, an experience or an argument") % {"share": percent(useful, 0)},
        draw=bars([Bar(label, share, text=percent(share, 1)) for label, share in rows]),
        columns=(_("Kind"), _("Share")),
        rows=tuple((label, percent(share, 1)) for label, share in rows),
        note=_("%(n)s comments, one vote per person and post. Other languages than French and English are not judged.") % {"n": number(signal.n)},
    )  # fmt: skip


def families_of(signals: Mapping[str, Signal]) -> dict[Standing, StandingOf]:
    return standings([signals])[0]


def family_name(family: Standing) -> str:
    return _("Subject") if family == "niche" else str(family_label(family))


def waterfalls(signals: Mapping[str, Signal]) -> list[tuple[Standing, Figure]]:
    """Per family: from the typical creator (50) to this one, signal by signal."""
    found = []
    for family, standing in families_of(signals).items():
        if standing.score is None:
            continue
        steps = [
            Step(
                signal_label(part.signal),
                part.points if part.known else None,
                _signed(part.points) if part.known else "–",
            )
            for part in sorted(standing.parts, key=lambda part: (not part.known, -abs(part.points)))
        ]
        value = standing.score.value
        title = _("%(family)s: %(value)s of 100, more than %(value)s%% of comparable creators") % {
            "family": family_name(family),
            "value": number(value),
        }
        rows = tuple(
            (
                signal_label(part.signal),
                _signed(part.points) if part.known else "–",
                percent(INPUTS[family][part.signal].weight, 0),
            )
            for part in standing.parts
        )
        figure = Figure(
            title=title,
            draw=waterfall(50.0, steps, value, first=_("Typical creator"), last=_("This creator")),
            columns=(_("Signal"), _("Points"), _("Weight")),
            rows=rows,
            note=_("90 %% interval: %(low)s to %(high)s. A dashed step is not known and moves nothing.") % {"low": number(standing.score.low), "high": number(standing.score.high)},
        )  # fmt: skip
        found.append((family, figure))
    return found


def _signed(points: float) -> str:
    return f"{'+' if points >= 0 else '−'}{number(abs(points), 1)}"


def history(actor: Actor, creator: Creator) -> Figure | None:
    """Families over the versions that were computed; None with fewer than two, or all of one day."""
    rows = list(Signals.visible_to(actor).filter(creator=creator).order_by("-computed_at")[:MOST_VERSIONS])[::-1]
    if len(rows) < 2 or rows[-1].computed_at - rows[0].computed_at < A_DAY:
        return None
    read = [
        {
            name: Signal.from_json(data)
            for name, data in row.payload.items()
            if isinstance(data, dict) and "unit" in data
        }
        for row in rows
    ]
    people = standings(read)
    courses, table = [], []
    names: tuple[tuple[Standing, str], ...] = (("audience", "accent"), ("posture", "signal"), ("niche", "quiet"))
    for family, role in names:
        scores = [(row.computed_at.timestamp(), kept[family].score) for row, kept in zip(rows, people, strict=True)]
        points = [(at, score.value) for at, score in scores if score is not None]
        if len(points) > 1:
            courses.append(Course(points, role, name=family_name(family)))
    for row, kept in zip(reversed(rows), reversed(people), strict=True):
        values = [number(kept[family].score.value) if kept[family].score else "–" for family, _role in names]  # type: ignore[union-attr]
        table.append((day(row.computed_at), *values, row.engine_version, row.priors_version))
    if not courses:
        return None
    first, last = courses[0].points[0][1], courses[0].points[-1][1]
    words = {"family": courses[0].name, "from": number(first), "to": number(last), "n": number(len(rows))}
    told = _("%(family)s went from %(from)s to %(to)s over %(n)s versions")
    if abs(last - first) < 1.5:
        told = _("%(family)s holds at %(to)s over %(n)s versions")
    return Figure(
        title=told % words,
        draw=over_time(courses=courses, write=number, ceiling=100.0, height=190.0),
        columns=(_("Computed"), *(family_name(family) for family, _role in names), _("Engine"), _("Priors")),
        rows=tuple(table),
        legend=tuple((f"line-{course.role}", course.name) for course in courses),
    )  # fmt: skip
