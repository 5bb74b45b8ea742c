"""The contract as a PDF: the clauses, and after signing the certificate of completion. Same content, same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageBreak, PageTemplate, Paragraph, Spacer, Table, TableStyle
from reportlab.platypus.flowables import Flowable, HRFlowable

from campaigns.contracts import fonts
from campaigns.models import Contract, Evidence, Signature

INK, QUIET, LINE, ACCENT = HexColor("#16211f"), HexColor("#5a6663"), HexColor("#d8dedb"), HexColor("#0b5d57")
MARGIN = 22 * mm
CHUNK = 1500


@dataclass(frozen=True, slots=True)
class Styles:
    body: ParagraphStyle
    small: ParagraphStyle
    title: ParagraphStyle
    heading: ParagraphStyle
    label: ParagraphStyle
    code: ParagraphStyle


def _styles() -> Styles:
    face = fonts.family()
    base = {"fontName": face, "textColor": INK, "alignment": TA_LEFT, "splitLongWords": 1}
    return Styles(
        body=ParagraphStyle("body", fontSize=9.5, leading=14, spaceAfter=4, **base),
        small=ParagraphStyle("small", **(base | {"textColor": QUIET}), fontSize=8, leading=11.5),
        title=ParagraphStyle("title", **(base | {"fontName": f"{face}-Bold"}), fontSize=19, leading=24, spaceAfter=6),
        heading=ParagraphStyle(
            "heading",
            **(base | {"fontName": f"{face}-Bold"}),
            fontSize=10.5,
            leading=14,
            spaceBefore=11,
            spaceAfter=3,
            keepWithNext=1,
        ),
        label=ParagraphStyle("label", **(base | {"textColor": QUIET}), fontSize=8.5, leading=12),
        code=ParagraphStyle("code", **base, fontSize=7.5, leading=10.5, wordWrap="CJK"),
    )


def text_of(value: Any) -> str:
    """Anybody's text for a Paragraph: never read as markup, line breaks kept, nothing left out."""
    return escape(fonts.drawable(str(value))).replace("\n", "<br/>")


def render(contract: Contract, *, signatures: Sequence[Signature] = (), log: Sequence[Evidence] = ()) -> bytes:
    """The PDF in the contract's language: clauses, and with `signatures` the certificate of completion."""
    with translation.override(contract.language):
        styles = _styles()
        story = _contract(contract, styles)
        if signatures:
            story += [PageBreak(), *_certificate(contract, signatures, log, styles)]
        return _built(contract, story)


def _built(contract: Contract, story: list[Flowable]) -> bytes:
    out = io.BytesIO()
    brand, creator = contract.brand_party.get("name", ""), contract.creator_party.get("name", "")
    document = BaseDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=20 * mm,
        bottomMargin=22 * mm,
        title=fonts.drawable(f"{_title(contract)} · {brand} · {creator}"),
        author="Resonance",
        subject=contract.reference,
        lang=contract.language,
        invariant=1,
        initialFontName=fonts.family(),
    )
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0)
    foot = _("Contract %(reference)s") % {"reference": contract.reference}
    document.addPageTemplates(PageTemplate("page", [frame], onPage=lambda canvas, doc: _foot(canvas, doc, foot)))
    document.build(story)
    return out.getvalue()


def _foot(canvas: Canvas, document: BaseDocTemplate, words: str) -> None:
    canvas.saveState()
    canvas.setFont(fonts.family(), 7.5)
    canvas.setFillColor(QUIET)
    canvas.drawString(MARGIN, 12 * mm, words)
    canvas.drawRightString(A4[0] - MARGIN, 12 * mm, _("Page %(n)s") % {"n": document.page})
    canvas.restoreState()


def _title(contract: Contract) -> str:
    if contract.amends_id:
        return _("Amendment %(n)s") % {"n": contract.number - 1}
    return _("Partnership contract")


def _contract(contract: Contract, styles: Styles) -> list[Flowable]:
    between = _("Between %(brand)s and %(creator)s") % {
        "brand": contract.brand_party.get("name") or "–",
        "creator": contract.creator_party.get("name") or "–",
    }
    story: list[Flowable] = [
        Paragraph(text_of(_title(contract)), styles.title),
        Paragraph(text_of(between), styles.body),
        Spacer(0, 4),
        HRFlowable(width="100%", thickness=0.6, color=LINE, spaceAfter=4),
    ]
    for number, clause in enumerate((c for c in contract.clauses if c["text"].strip()), start=1):
        story.append(Paragraph(f"{number}. {text_of(clause['title'])}", styles.heading))
        story += _paragraphs(clause["text"], styles.body)
    return story


def _paragraphs(text: str, style: ParagraphStyle) -> list[Flowable]:
    """One per line, very long ones in pieces, so that a page break can always be found."""
    found: list[Flowable] = []
    for line in filter(str.strip, text.splitlines()):
        while line:
            cut = len(line) if len(line) <= CHUNK else (line.rfind(" ", 0, CHUNK) + 1 or CHUNK)
            found.append(Paragraph(text_of(line[:cut]), style))
            line = line[cut:]
    return found


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _certificate(
    contract: Contract, signatures: Sequence[Signature], log: Sequence[Evidence], styles: Styles
) -> list[Flowable]:
    story: list[Flowable] = [
        Paragraph(text_of(_("Certificate of completion")), styles.title),
        Paragraph(
            text_of(
                _(
                    "Simple electronic signature with evidence. The fingerprint below is that of the document both "
                    "parties received and signed; each line of the log contains the fingerprint of the one before."
                )
            ),
            styles.body,
        ),
        Spacer(0, 6),
        _facts(
            [
                (_("Contract"), str(contract.pk)),
                (_("Document signed (SHA-256)"), contract.document_sha256),
                (_("Rules and clauses of"), contract.pack),
            ],
            styles,
        ),
    ]
    for signature in signatures:
        side = _("For the advertiser") if signature.side == "brand" else _("The creator")
        story.append(Paragraph(text_of(side), styles.heading))
        rows = [
            (_("Name"), signature.name),
            (_("Capacity"), signature.capacity),
            (_("E-mail address, proved by a one-time code"), signature.email),
            (_("Code sent"), _utc(signature.code_sent_at)),
            (_("Signed"), _utc(signature.signed_at)),
            (_("Network address"), signature.address or "–"),
            (_("Browser"), signature.agent or "–"),
            (_("Declaration"), signature.consent_text),
            (_("Declaration (SHA-256)"), signature.consent_sha256),
        ]
        story.append(_facts(rows, styles))
    story.append(Paragraph(text_of(_("Log")), styles.heading))
    story.append(_log(log, styles))
    return story


def _is_hash(text: str) -> bool:
    return len(text) == 64 and " " not in text


def _facts(rows: list[tuple[str, str]], styles: Styles) -> Table:
    cells = [
        [Paragraph(text_of(a), styles.label), Paragraph(text_of(b), styles.code if _is_hash(b) else styles.body)]
        for a, b in rows
    ]
    width = A4[0] - 2 * MARGIN
    table = Table(cells, colWidths=[width * 0.3, width * 0.7], hAlign="LEFT", splitInRow=1)
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), fonts.family()),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("LINEBELOW", (0, 0), (-1, -2), 0.4, LINE),
            ]
        )
    )
    return table


def log_words(kind: str) -> str:
    words = {
        "sent": _("Sent for signature"),
        "opened": _("Opened"),
        "code_sent": _("Code sent"),
        "code_refused": _("Wrong code"),
        "signed": _("Signed"),
        "executed": _("Signed by both"),
        "sealed": _("Sealed"),
        "voided": _("Voided"),
        "terminated": _("Terminated"),
        "reminded": _("Reminder sent"),
        "copied": _("Copy sent"),
    }
    return words.get(kind, kind)


def _log(log: Sequence[Evidence], styles: Styles) -> Table:
    width = A4[0] - 2 * MARGIN
    cells: list[list[Any]] = [
        [Paragraph(text_of(words), styles.label) for words in ("#", _("Time (UTC)"), _("Event"), "SHA-256")]
    ]
    cells += [
        [
            Paragraph(str(line.sequence), styles.small),
            Paragraph(_utc(line.at), styles.small),
            Paragraph(text_of(log_words(line.kind)), styles.small),
            Paragraph(line.hash, styles.code),
        ]
        for line in log
    ]
    table = Table(cells, colWidths=[width * part for part in (0.06, 0.24, 0.2, 0.5)], repeatRows=1, hAlign="LEFT")
    rules: list[Any] = [("FONTNAME", (0, 0), (-1, -1), fonts.family()), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    rules += [("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE)]
    table.setStyle(TableStyle([*rules, ("LEFTPADDING", (0, 0), (-1, -1), 0)]))
    return table
