"""How openly a creator's own posts declare partnerships: the record with its evidence, and the rate over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from scipy.special import betaincinv

from accounts.actors import Actor
from accounts.models import Creator
from accounts.templatetags.figures import day, number, percent
from matching.creator_figures import periods_of
from matching.models import Post, PostVectors
from matching.plots.kinds import Course, Mark, over_time
from matching.plots.sheet import Figure
from matching.signals.captions import PACKED, Captions
from matching.signals.sponsorship import RESEMBLES

HOW = ("label", "words", "tag", "resembles")
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Labelled:
    """One post that is, or resembles, a partnership. how: by the network's label, words of the caption, an account
    tagged as partner, or "resembles": not declared, and perhaps none."""

    post: Post
    how: str

    @property
    def declared(self) -> bool:
        return self.how != "resembles"

    @property
    def words(self) -> str:
        return {
            "label": _("the network’s own label"),
            "words": _("words of the caption"),
            "tag": _("the network names a partner"),
            "resembles": _("resembles a partnership, nothing declared"),
        }[self.how]


def label_record(actor: Actor, creator: Creator) -> list[Labelled]:
    """Of the posts read, newest first. A person must judge those that only resemble one: the rule errs."""
    row = PostVectors.objects.filter(creator__in=Creator.visible_to(actor).filter(pk=creator.pk)).first()
    if row is None or not row.captions:
        return []
    packed = np.frombuffer(row.captions, PACKED)
    if len(packed) != len(row.post_ids):
        return []
    read = Captions.unpacked(packed)
    posts = Post.visible_to(actor).filter(pk__in=row.post_ids).in_bulk()
    found = []
    for place, pk in enumerate(row.post_ids):
        post = posts.get(pk)
        how = _how(read, place, post)
        if post is not None and how:
            found.append(Labelled(post, how))
    return sorted(found, key=lambda one: (-one.post.posted_at.timestamp(), -one.post.pk))


def _how(read: Captions, place: int, post: Post | None) -> str:
    if post is not None and post.is_sponsored:
        return "label"
    if read.declared[place] and not read.denied[place]:
        return "words"
    if read.partner[place]:
        return "tag"
    return "resembles" if read.score[place] > RESEMBLES and not read.denied[place] else ""


def rate_over_time(record: list[Labelled]) -> Figure | None:
    """Share declared of what is or resembles a partnership, by period, with its 90 % interval. None below 5."""
    if len(record) < 5:
        return None
    periods = periods_of(sorted(one.post.posted_at for one in record))
    tallies = [
        (at, *_tally(record, at, periods[k + 1] if k + 1 < len(periods) else None)) for k, at in enumerate(periods)
    ]
    told = [(at, declared, n) for at, declared, n in tallies if n]
    if len(told) < 2:
        return None
    bounds = [
        (float(betaincinv(d + 0.5, n - d + 0.5, 0.05)), float(betaincinv(d + 0.5, n - d + 0.5, 0.95)))
        for _at, d, n in told
    ]
    points = [(at.timestamp(), declared / n) for at, declared, n in told]
    band = [(at.timestamp(), low, high) for (at, _d, _n), (low, high) in zip(told, bounds, strict=True)]
    declared, n = sum(one.declared for one in record), len(record)
    return Figure(
        title=_("%(k)s of %(n)s posts that are or resemble partnerships say so") % {"k": number(declared), "n": number(n)},
        draw=over_time(
            courses=[Course(points, band=band)],
            marks=[Mark(at, value, text=percent(value, 0)) for at, value in points],
            write=lambda v: percent(v, 0), ceiling=1.0, height=200.0,
        ),
        columns=(_("From"), _("Declared"), _("Of"), _("90 % interval")),
        rows=tuple(
            (day(at), number(d), number(k), f"{percent(low, 0)} – {percent(high, 0)}")
            for (at, d, k), (low, high) in zip(told, bounds, strict=True)
        ),
        note=_("Read from captions and labels; a post that resembles a partnership may be none."),
        legend=(("soft", _("90 % interval")),),
    )  # fmt: skip


def _tally(record: list[Labelled], start: object, end: object) -> tuple[int, int]:
    inside = [one for one in record if one.post.posted_at >= start and (end is None or one.post.posted_at < end)]
    return sum(one.declared for one in inside), len(inside)
