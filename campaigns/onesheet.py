"""A creator on one page (PDF): scores, audience, how people talk, labels, limits, price, and of when it all is."""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, KeepInFrame, PageTemplate, Paragraph, Spacer, Table, TableStyle

from accounts.actors import Actor
from accounts.models import Creator
from accounts.templatetags.figures import compact, day, interval, money, number, percent
from campaigns.reports.faces import drawable, family
from matching import audience_profile, creator_figures, label_record, profiles
from matching.contracts import Signal
from matching.models import CreatorIndex
from matching.plots.paper import drawing
from matching.plots.sheet import Figure
from matching.reasons import topic_label
from matching.services.choosing import voices

MARGIN = 16 * mm
WIDTH = A4[0] - 2 * MARGIN
GAP = 8 * mm
HALF = (WIDTH - GAP) / 2
INK, QUIET, SOFT = (colors.HexColor(code) for code in ("#1a1e1d", "#535b58", "#f4f6f5"))


def draw(actor: Actor, creator: Creator) -> bytes:
    """Bytes of the PDF, one page, in the active language."""
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=14 * mm, bottomMargin=14 * mm,
        title=creator.display_name, author="Resonance", invariant=1,
    )  # fmt: skip
    frame = Frame(MARGIN, 15 * mm, WIDTH, A4[1] - 28 * mm, 0, 0, 0, 0)
    row, signals = profiles.current_signals(actor, creator)
    foot = _foot_line(row)
    document.addPageTemplates(PageTemplate("page", [frame], onPage=lambda canvas, _doc: _foot(canvas, foot)))
    # whatever a creator's texts are, the sheet stays one page
    story = KeepInFrame(WIDTH, A4[1] - 29 * mm, _story(actor, creator, signals), mode="shrink")
    document.build([story])
    return out.getvalue()


def _style(size: float, colour: Any = INK, bold: bool = False, after: float = 0) -> ParagraphStyle:
    face = f"{family()}-Bold" if bold else family()
    return ParagraphStyle(
        f"s{size}{bold}{after}", fontName=face, fontSize=size, leading=size * 1.32, textColor=colour, spaceAfter=after
    )


def _p(text: Any, size: float = 9, colour: Any = INK, bold: bool = False, after: float = 0) -> Paragraph:
    return Paragraph(escape(drawable(str(text))), _style(size, colour, bold, after))


def _foot_line(row: Any) -> str:
    made = _("Made on %(day)s by Resonance") % {"day": day(timezone.now())}
    if row is None:
        return made
    versions = _("signals %(engine)s, priors %(priors)s, data of %(day)s") % {
        "engine": row.engine_version, "priors": row.priors_version or "–", "day": day(row.as_of),
    }  # fmt: skip
    return f"{made} · {versions}"


def _foot(canvas: Any, text: str) -> None:
    canvas.setFont(family(), 7)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, 9 * mm, drawable(text)[:150])


def _story(actor: Actor, creator: Creator, signals: dict[str, Signal]) -> list[Any]:
    index = CreatorIndex.visible_to(actor).filter(pk=creator.pk).first()
    story: list[Any] = [_p(creator.display_name, 20, bold=True, after=2), *_who(creator, index)]
    if index is None or not signals:
        story += [Spacer(1, 10), _p(_("No score yet: nothing was read from this creator."), 10)]
        return story
    story += [Spacer(1, 8), _tiles(actor, creator, index, signals), Spacer(1, 10)]
    posts = list(profiles.posts_of(actor, creator)[: profiles.SHOWN_POSTS])
    left = [creator_figures.engagement(posts), creator_figures.half_life(actor, creator, signals)]
    right = [creator_figures.comment_mix(signals), creator_figures.topics_over_time(actor, creator)]
    told = [one.figure for one in audience_profile.shares(actor, creator) if one.dimension in ("country", "age")]
    table = Table(
        [[_column([*left, *told[:1]]), _column([*right, *told[1:2]])]], colWidths=[HALF + GAP / 2, HALF + GAP / 2]
    )
    table.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), GAP / 2)]))  # fmt: skip
    return [*story, table, *_limits(creator, index)]


def _who(creator: Creator, index: Any) -> list[Any]:
    accounts = sorted(creator.accounts.all(), key=lambda account: -(account.followers or 0))
    named = " · ".join(f"{a.get_platform_display()} @{a.handle} {compact(a.followers)}" for a in accounts[:5])
    place = ", ".join(part for part in (creator.city, creator.country) if part)
    topics = ", ".join(topic_label(slug) for slug in index.topics[:4]) if index else ""
    lines = [_p(" · ".join(part for part in (named, place) if part), 9, QUIET, after=2)]
    if topics:
        lines.append(_p(topics, 9, QUIET, after=2))
    if creator.bio:
        lines.append(_p(" ".join(creator.bio.split())[:260], 9.5, after=2))
    return lines


def _tiles(actor: Actor, creator: Creator, index: CreatorIndex, signals: dict[str, Signal]) -> Table:
    [voice] = voices(actor, [creator.pk], {}) or [None]
    record = label_record.label_record(actor, creator)
    families = creator_figures.families_of(signals)
    cells = [
        (_("Engagement rate"), percent(index.er), interval(index.er_low, index.er_high, "%")),
        (_("Qualified comments"), percent(index.qualified), interval(index.qualified_low, index.qualified_high, "%")),
        *((creator_figures.family_name(name), _score(families[name].score), _bounds(families[name].score)) for name in ("audience", "posture", "niche")),
        (_("Sponsored share"), percent(index.sponsored_share), ""),
        (_("Partnerships declared"), f"{number(sum(one.declared for one in record))}/{number(len(record))}" if record else "–", _("of posts that are or resemble one")),
        (_("Price of one post"), money(voice.price) if voice else "–", interval(voice.price_low, voice.price_high, "EUR") if voice and voice.price is not None else ""),
    ]  # fmt: skip
    drawn = [
        [_p(label, 7.5, QUIET), _p(value, 14, bold=True), _p(note or "\u00a0", 7, QUIET)]
        for label, value, note in cells
    ]
    table = Table([drawn[:4], drawn[4:]], colWidths=[WIDTH / 4] * 4)
    table.setStyle(
        TableStyle(
            [("BACKGROUND", (0, 0), (-1, -1), SOFT), ("INNERGRID", (0, 0), (-1, -1), 3, colors.white), ("VALIGN", (0, 0), (-1, -1), "TOP"),
             ("LEFTPADDING", (0, 0), (-1, -1), 7), ("TOPPADDING", (0, 0), (-1, -1), 6), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)]
        )
    )  # fmt: skip
    return table


def _score(score: Any) -> str:
    return number(score.value) if score is not None else "–"


def _bounds(score: Any) -> str:
    return interval(score.low, score.high, "", 0) if score is not None else _("not enough data")


def _column(figures: list[Figure | None]) -> list[Any]:
    parts: list[Any] = []
    for figure in figures:
        if figure is not None:
            parts += [_p(figure.title, 9, bold=True, after=3), drawing(figure.draw(HALF), family(), drawable)]
            parts += [Spacer(1, 3), _p(figure.note, 6.5, QUIET), Spacer(1, 8)] if figure.note else [Spacer(1, 8)]
    return parts or [_p("–")]


def _limits(creator: Creator, index: CreatorIndex) -> list[Any]:
    terms = getattr(creator, "terms", None)
    if terms is None:
        return [_p(_("Limits: none known. Creators set them once they claim their profile."), 8, QUIET)]
    parts = [
        (_("Sectors refused"), ", ".join(terms.refused_sectors) or "–"),
        (_("Values"), ", ".join(terms.values) or "–"),
        (_("Minimum fee"), money(index.min_fee, index.fee_currency) if index.min_fee is not None else "–"),
        (_("Capacity per month"), str(terms.capacity_per_month) if terms.capacity_per_month is not None else "–"),
    ]
    return [
        _p(" · ".join(_("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in parts), 8, QUIET)
    ]
