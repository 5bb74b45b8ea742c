"""The report as a PDF of a few pages: what matters first, then charts, people, contents, and how it was counted.

Drawn by ReportLab with its own invariant dates, so that the same content gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.graphics.shapes import Drawing, Line, PolyLine, Rect, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, KeepTogether, PageTemplate, Paragraph, Spacer, Table, TableStyle

from accounts.templatetags.figures import compact, day, money, number, percent
from campaigns.reports import words
from campaigns.reports.faces import drawable, family

Content = Mapping[str, Any]
WIDTH = A4[0] - 36 * mm
INK, QUIET, ACCENT, SIGNAL = (colors.HexColor(code) for code in ("#17201e", "#5b6562", "#0e6f66", "#e0563b"))
RULE, SOFT, BAND = (colors.HexColor(code) for code in ("#dfe3e1", "#f4f6f5", "#cfe3e0"))


@cache
def _styles() -> dict[str, ParagraphStyle]:
    plain, bold = family(), f"{family()}-Bold"

    def style(
        name: str, font: str, size: float, colour: Any = INK, after: float = 0, lead: float = 1.35
    ) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=font, fontSize=size, leading=size * lead, textColor=colour, spaceAfter=after
        )

    return {
        "title": style("title", bold, 20, after=3, lead=1.15),
        "lead": style("lead", plain, 9.5, QUIET, 12),
        "h2": style("h2", bold, 12.5, after=6),
        "text": style("text", plain, 10.5, after=3, lead=1.4),
        "label": style("label", plain, 8, QUIET),
        "figure": style("figure", bold, 15, lead=1.2),
        "note": style("note", plain, 7.5, QUIET),
        "cell": style("cell", plain, 8.5, lead=1.25),
        "head": style("head", plain, 7.5, QUIET, lead=1.2),
    }


def _p(text: Any, name: str) -> Paragraph:
    return Paragraph(escape(drawable(str(text))), _styles()[name])


def draw(content: Content) -> bytes:
    """Bytes of the PDF in the active language."""
    out = io.BytesIO()
    campaign = content["inputs"]["campaign"]
    document = BaseDocTemplate(
        out, pagesize=A4, leftMargin=18 * mm, rightMargin=18 * mm, topMargin=16 * mm, bottomMargin=18 * mm,
        title=f"{campaign['name']} · {content['number']}", author="Resonance", subject=campaign["brand"], invariant=1,
    )  # fmt: skip
    frame = Frame(18 * mm, 18 * mm, WIDTH, A4[1] - 34 * mm, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [frame], onPage=lambda canvas, doc: _foot(canvas, doc, content)))
    document.build(_story(content))
    return out.getvalue()


def _foot(canvas: Any, document: Any, content: Content) -> None:
    canvas.setFont(family(), 7.5)
    canvas.setFillColor(QUIET)
    left = f"{content['inputs']['campaign']['brand']} · {content['inputs']['campaign']['name']}"
    canvas.drawString(18 * mm, 10 * mm, drawable(left)[:110])
    canvas.drawRightString(A4[0] - 18 * mm, 10 * mm, str(document.page))


def _story(content: Content) -> list[Any]:
    campaign, figures = content["inputs"]["campaign"], content["figures"]
    currency = content["inputs"]["currency"]
    frozen = words.moment_of(content["frozen_at"])
    lead = [campaign["brand"], _("report %(n)s, frozen %(day)s") % {"n": content["number"], "day": day(frozen)}]
    story: list[Any] = [_p(campaign["name"], "title"), _p(" · ".join(lead), "lead")]
    story += [_p(line, "text") for line in words.summary(content)]
    if sentence := words.mood(content):
        story.append(_p(sentence, "text"))
    if content.get("note"):
        story.append(_p(content["note"], "text"))
    story += [Spacer(1, 8), _tiles(figures["whole"], currency), Spacer(1, 12)]
    story += _charts(content)
    story += _people(content)
    story += _hindsight(content)
    story += _contents(content)
    story += _everything(content)
    story += _method(content)
    return story


def _tiles(whole: Mapping[str, Any], currency: str) -> Table:
    cells = []
    for name in words.TILES:
        figure = whole[name]
        note = words.between(figure) or words.missing_words(figure["missing"])
        if figure["numerator"] is not None and figure["value"] is not None and not note:
            top, bottom = (
                words.part(figure[k], name, k == "numerator", currency) for k in ("numerator", "denominator")
            )
            note = f"{top} / {bottom}"
        cells.append(
            [
                _p(words.name_of(name), "label"),
                _p(words.written(figure, currency), "figure"),
                _p(note or "\u00a0", "note"),
            ]
        )
    rows = [cells[:4], cells[4:]]
    table = Table(rows, colWidths=[WIDTH / 4] * 4)
    table.setStyle(
        TableStyle(
            [("BACKGROUND", (0, 0), (-1, -1), SOFT), ("INNERGRID", (0, 0), (-1, -1), 3, colors.white), ("VALIGN", (0, 0), (-1, -1), "TOP"),
             ("LEFTPADDING", (0, 0), (-1, -1), 8), ("TOPPADDING", (0, 0), (-1, -1), 7), ("BOTTOMPADDING", (0, 0), (-1, -1), 7)]
        )
    )  # fmt: skip
    return table


def _charts(content: Content) -> list[Any]:
    figures, currency = content["figures"], content["inputs"]["currency"]
    story: list[Any] = []
    growth = figures["growth"]
    if len(growth) > 2:
        total = growth[-1][1]
        half = next(at for at, value in growth if value >= total / 2)
        title = _("Half of the engagement was there on %(day)s") % {"day": day(words.moment_of(half))}
        story += [KeepTogether([_p(title, "h2"), _line(growth), Spacer(1, 12)])]
    rows = [
        (row["creator"], row["shares"]["cost"], row["shares"]["revenue"])
        for row in figures["contributions"]
        if row["shares"]["revenue"] is not None
    ]
    if rows:
        title = _("Share of the cost beside share of the revenue")
        story += [KeepTogether([_p(title, "h2"), _pairs(rows), Spacer(1, 12)])]
    reasons = [
        (words.reason_name(code), row["n"], row["amount"])
        for code, row in figures["attribution"]["reasons"].items()
        if row["n"]
    ]
    if reasons:
        rows_ = [
            [_p(name, "cell"), _p(number(n), "cell"), _p(money(amount, currency), "cell")]
            for name, n, amount in reasons
        ]
        heads = [_("Attribution"), _("Entries"), _("Amount")]
        story += [
            KeepTogether(
                [_p(_("Why each conversion was credited"), "h2"), _table(heads, rows_, [0.5, 0.2, 0.3]), Spacer(1, 12)]
            )
        ]
    return story


def _line(points: Sequence[Sequence[Any]]) -> Drawing:
    height, left, base = 120.0, 34.0, 16.0
    drawing = Drawing(WIDTH, height)
    top = max(value for _at, value in points) or 1
    days = [words.moment_of(at).toordinal() for at, _v in points]
    span = max(1, days[-1] - days[0])
    for share in (0, 0.5, 1):
        y = base + share * (height - base - 10)
        drawing.add(Line(left, y, WIDTH, y, strokeColor=RULE, strokeWidth=0.5))
        drawing.add(
            String(
                left - 5,
                y - 3,
                drawable(str(compact(top * share))),
                fontName=family(),
                fontSize=7,
                fillColor=QUIET,
                textAnchor="end",
            )
        )
    line: list[float] = []
    for at, (_day, value) in zip(days, points, strict=True):
        line += [left + (at - days[0]) / span * (WIDTH - left - 6), base + value / top * (height - base - 10)]
    drawing.add(PolyLine(line, strokeColor=ACCENT, strokeWidth=1.8))
    for number_, anchor in ((0, "start"), (-1, "end")):
        text = drawable(day(words.moment_of(points[number_][0])))
        x = left if number_ == 0 else WIDTH
        drawing.add(String(x, 3, text, fontName=family(), fontSize=7, fillColor=QUIET, textAnchor=anchor))
    return drawing


def _pairs(rows: Sequence[tuple[str, str | None, str]]) -> Drawing:
    rows = sorted(rows, key=lambda row: -float(row[2]))[:12]
    step, left = 26.0, 130.0
    height = step * len(rows) + 16
    drawing = Drawing(WIDTH, height)
    most = max([float(value) for row in rows for value in row[1:] if value is not None] + [0.01])
    for place, (name, cost, revenue) in enumerate(rows):
        y = height - 16 - step * (place + 1) + 6
        drawing.add(
            String(left - 8, y + 5, drawable(name)[:26], fontName=family(), fontSize=8, fillColor=INK, textAnchor="end")
        )
        for offset, value, colour in ((9, revenue, ACCENT), (0, cost, BAND)):
            if value is None:
                continue
            length = max(0.0, float(value)) / most * (WIDTH - left - 50)
            drawing.add(Rect(left, y + offset, max(0.6, length), 7, fillColor=colour, strokeColor=None))
            drawing.add(
                String(
                    left + length + 4,
                    y + offset + 1,
                    drawable(percent(value)),
                    fontName=family(),
                    fontSize=7,
                    fillColor=QUIET,
                )
            )
    for x, colour, text in ((left, ACCENT, _("revenue")), (left + 80, BAND, _("cost"))):
        drawing.add(Rect(x, height - 9, 7, 7, fillColor=colour, strokeColor=None))
        drawing.add(String(x + 11, height - 8, drawable(text), fontName=family(), fontSize=7.5, fillColor=QUIET))
    return drawing


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]], shares: Sequence[float]) -> Table:
    table = Table(
        [[_p(head, "head") for head in heads], *rows], colWidths=[WIDTH * share for share in shares], repeatRows=1
    )
    table.setStyle(
        TableStyle(
            [("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE), ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
             ("RIGHTPADDING", (0, 0), (-1, -1), 6), ("TOPPADDING", (0, 0), (-1, -1), 4), ("BOTTOMPADDING", (0, 0), (-1, -1), 4)]
        )
    )  # fmt: skip
    return table


def _people(content: Content) -> list[Any]:
    currency = content["inputs"]["currency"]
    names = ("cost", "reach", "qualified", "clicks", "sales", "revenue", "roi")
    rows = [
        [_p(row["creator"], "cell"), *(_p(words.written(row["figures"][name], currency), "cell") for name in names)]
        for row in content["figures"]["partnerships"]
    ]
    if not rows:
        return []
    heads = [_("Creator"), *(words.short_name_of(name) for name in names)]
    return [_p(_("Per creator"), "h2"), _table(heads, rows, [0.23, *([0.11] * 7)]), Spacer(1, 12)]


def _hindsight(content: Content) -> list[Any]:
    """Expected and brought, whom only this voice reached, and what was learned."""
    story: list[Any] = []
    rows = []
    for row in content["figures"]["partnerships"]:
        after = row.get("after")
        if not after:
            continue
        inside = {True: _("inside the interval"), False: _("outside it"), None: "–"}[after["inside"]]
        cells = [
            row["creator"], number(after["expected"], 0), f"{number(after['low'], 0)} – {number(after['high'], 0)}",
            number(after["brought"], 0), inside, number(row.get("alone")),
        ]  # fmt: skip
        rows.append([_p(cell, "cell") for cell in cells])
    if rows:
        heads = [_("Creator"), _("Expected of one content"), _("90 % interval or remark"), _("Brought on average"), _("Told beforehand"), _("People only this voice reached")]  # fmt: skip
        note = words.calibration(content)
        part = [_p(_("Expected and brought"), "h2"), _table(heads, rows, [0.26, 0.14, 0.18, 0.14, 0.14, 0.14])]
        story += [KeepTogether([*part, *([_p(note, "note")] if note else []), Spacer(1, 12)])]
    learned = [
        (row["creator"], row["lesson"]["text"])
        for row in content["figures"]["partnerships"]
        if (row.get("lesson") or {}).get("text")
    ]
    if learned:
        lines = [_p(f"{name}{pgettext('before a value', ': ')}{text}", "text") for name, text in learned]
        story += [KeepTogether([_p(_("Lessons"), "h2"), *lines, Spacer(1, 12)])]
    return story


def _contents(content: Content) -> list[Any]:
    rows = []
    for row in content["figures"]["contents"]:
        curve = row["curve"]
        cells = [
            row["creator"], row["platform"], day(words.moment_of(row["published_at"])), number(row["engagement"]),
            words.hours(curve.get("t50"), curve.get("growing")), words.hours(curve.get("t90"), curve.get("growing")),
        ]  # fmt: skip
        rows.append([_p(cell, "cell") for cell in cells])
    if not rows:
        return []
    heads = [
        _("Content of"),
        _("Network"),
        _("Published"),
        _("Engagement"),
        _("Half reached after"),
        _("90 % reached after"),
    ]
    return [_p(_("Contents"), "h2"), _table(heads, rows, [0.26, 0.14, 0.17, 0.13, 0.15, 0.15]), Spacer(1, 12)]


def _everything(content: Content) -> list[Any]:
    whole, currency = content["figures"]["whole"], content["inputs"]["currency"]
    rows = []
    for name in (*words.TILES, *words.MORE):
        figure = whole.get(name)
        if figure is None or (figure["value"] is None and name == "emv"):
            continue
        division = ""
        if figure["unit"] in ("share", "money") and figure["numerator"] is not None:
            top, bottom = (
                words.part(figure[k], name, k == "numerator", currency) for k in ("numerator", "denominator")
            )
            division = f"{top} / {bottom}"
        note = words.between(figure) or words.missing_words(figure["missing"])
        rows.append(
            [_p(text, "cell") for text in (words.name_of(name), words.written(figure, currency), division, note)]
        )
    heads = [_("Figure"), _("Value"), _("Numerator / denominator"), _("90 % interval or remark")]
    return [_p(_("Every figure"), "h2"), _table(heads, rows, [0.27, 0.18, 0.27, 0.28]), Spacer(1, 12)]


def _method(content: Content) -> list[Any]:
    rule = content["figures"]["attribution"]["rule"]
    lines = [
        _("Formulas %(formula)s; attribution rule %(version)s: last touch, %(days)s days, %(order)s.")
        % {
            "formula": content["formula"], "version": rule["version"], "days": rule["window_days"],
            "order": _("a code counts before a link") if rule["code_beats_link"] else _("a link counts before a code"),
        },
        _("Cost is all that was spent: fee, goods at their public price, shipping, hours, boosts. ROI = (revenue − cost) / cost."),
        _("Clicks are people's; machines are recognised by their user agent and left out. Intervals hold 90 % (Beta, Jeffreys)."),
        _("Facts: SHA-256 %(hash)s. A later computation never changes this document; it stands beside it.") % {"hash": content["input_hash"]},
    ]  # fmt: skip
    return [KeepTogether([_p(_("How this was counted"), "h2"), *(_p(line, "note") for line in lines)])]
