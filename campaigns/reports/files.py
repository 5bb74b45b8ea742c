"""A frozen report as PDF, XLSX and CSV, drawn from its frozen content alone, and the letter that brings it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.mail import queue_mail
from accounts.templatetags.figures import day
from campaigns.models import Report, ReportSchedule
from campaigns.reports import pdf, words

Content = Mapping[str, Any]
KINDS = ("pdf", "xlsx", "csv")


def draw_all(content: Content, languages: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """(kind, language, bytes) of every file of a report. Times in the files are UTC."""
    for language in languages:
        with translation.override(language), timezone.override(UTC):
            yield "pdf", language, pdf.draw(content)
            yield "xlsx", language, _xlsx(content)
            yield "csv", language, _csv(content)


def _head(content: Content) -> list[list[Any]]:
    """What a table must say about itself: which report, of when, by which formulas, of which facts."""
    campaign, rule = content["inputs"]["campaign"], content["figures"]["attribution"]["rule"]
    return [
        [_("Campaign"), campaign["name"]],
        [_("Brand"), campaign["brand"]],
        [_("Report"), content["number"]],
        [_("Frozen"), content["frozen_at"]],
        [_("Formulas"), content["formula"]],
        [
            _("Attribution rule"),
            f"{content['figures']['attribution']['formula']}, {rule['version']}, {rule['window_days']} d",
        ],
        [_("Facts (SHA-256)"), content["input_hash"]],
        [_("Filter"), _("all partnerships that were accepted")],
        [_("Currency"), content["inputs"]["currency"]],
    ]


FIGURE_HEADS = ("figure", "value", "unit", "low", "high", "n", "numerator", "denominator", "formula", "missing")


def _figure_rows(content: Content) -> list[list[Any]]:
    rows = []
    for name, row in content["figures"]["whole"].items():
        formula = content["formulas"].get(name, name)
        rows.append([words.name_of(name), row["value"], row["unit"], row["low"], row["high"], row["n"], row["numerator"],
                     row["denominator"], formula, words.missing_words(row["missing"])])  # fmt: skip
    return rows


VOICE_FIGURES = (
    "cost", "reach", "views", "engagement", "qualified", "clicks", "unique_clicks", "sales", "signups", "revenue",
    "cost_per_click", "cost_per_sale", "cost_per_qualified", "cpm", "roi",
)  # fmt: skip


VOICE_HEADS = (
    "creator", *VOICE_FIGURES, "people_only_here", "expected_of_one", "expected_low", "expected_high", "brought_by_one", "inside",
)  # fmt: skip


def _voice_rows(content: Content) -> list[list[Any]]:
    rows = []
    for row in content["figures"]["partnerships"]:
        after = row.get("after") or {}
        told = [after.get(name) for name in ("expected", "low", "high", "brought", "inside")]
        rows.append(
            [row["creator"], *(row["figures"][name]["value"] for name in VOICE_FIGURES), row.get("alone"), *told]
        )
    return rows


def _content_rows(content: Content) -> list[list[Any]]:
    rows = []
    for row in content["figures"]["contents"]:
        latest, curve = row["latest"], row["curve"]
        rows.append([row["creator"], row["platform"], row["url"], row["published_at"], *latest.values(), row["engagement"],
                     curve.get("t50"), curve.get("t90"), curve.get("growing"), curve.get("r7"), curve.get("r14"), curve.get("r30")])  # fmt: skip
    return rows


def _content_heads() -> list[str]:
    counters = ["views", "reach", "likes", "comments", "shares", "saves", "qualified"]
    return [
        "creator",
        "platform",
        "url",
        "published_at",
        *counters,
        "engagement",
        "t50_h",
        "t90_h",
        "still_growing",
        "r7",
        "r14",
        "r30",
    ]


def safe(value: Any) -> Any:
    """Text that no spreadsheet takes for a formula; numbers stay numbers."""
    if not isinstance(value, str):
        return value
    return (
        f"'{value}"
        if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") or value.lstrip()[:1] in ("=", "@")
        else value
    )


def _number(value: Any) -> Any:
    """Decimal text as a number cell; a negative amount is a number and no formula."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return safe(value)
    return value


def _csv(content: Content) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in _head(content):
        writer.writerow([safe(cell) for cell in row])
    for heads, rows in (
        (FIGURE_HEADS, _figure_rows(content)),
        (VOICE_HEADS, _voice_rows(content)),
        (_content_heads(), _content_rows(content)),
    ):
        writer.writerow([])
        writer.writerow(heads)
        for row in rows:
            writer.writerow(["" if cell is None else _number(cell) for cell in row])
    return ("\ufeff" + text.getvalue()).encode()


def _xlsx(content: Content) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    # The file's own dates are those of the report, so that drawing it twice gives the same file.
    frozen = datetime.fromisoformat(content["frozen_at"]).replace(tzinfo=None)
    book.properties.creator, book.properties.created, book.properties.modified = "Resonance", frozen, frozen
    first: Any = book.active
    first.title = _("Figures")
    sheets = [
        (first, [*_head(content), []], FIGURE_HEADS, _figure_rows(content)),
        (book.create_sheet(_("Creators")), [], VOICE_HEADS, _voice_rows(content)),
        (book.create_sheet(_("Contents")), [], _content_heads(), _content_rows(content)),
    ]
    for sheet, before, heads, rows in sheets:
        for row in before:
            sheet.append([safe(cell) for cell in row])
        sheet.append(list(heads))
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=True)
        for row in rows:
            sheet.append([_number(cell) for cell in row])
        sheet.column_dimensions["A"].width = 32
    return _same_bytes(book, frozen)


def _same_bytes(book: Any, frozen: datetime) -> bytes:
    """The archive written again with one date for all its members: openpyxl stamps the moment of writing."""
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist()):
            info = zipfile.ZipInfo(name, frozen.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            body = source.read(name)
            if name == "docProps/core.xml":
                body = _core(frozen)
            target.writestr(info, body)
    return out.getvalue()


def _core(frozen: datetime) -> bytes:
    stamp = frozen.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties '
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>Resonance</dc:creator>'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{stamp}</dcterms:modified></cp:coreProperties>'
    ).encode()


def mail(row: ReportSchedule, report: Report, token: str) -> None:
    """The figures that matter and the link, once per report and reader."""
    from campaigns.services.reports import read_frozen

    content = read_frozen(report)
    url = f"{settings.BASE_URL}{reverse('shared_report', args=[token])}"
    with translation.override(row.language):
        currency = content["inputs"]["currency"]
        whole = content["figures"]["whole"]
        tiles = [(words.name_of(name), words.written(whole[name], currency)) for name in words.TILES]
        params = {"campaign": report.campaign.name, "day": day(report.frozen_at)}
        context = {
            "lines": words.summary(content),
            "tiles": tiles,
            "url": url,
            "report": report,
            "campaign": report.campaign,
        }
        text = render_to_string("emails/report.txt", context)
        subject = _("Report of %(day)s: %(campaign)s") % params
    for address in row.recipients:
        queue_mail(
            dedupe_key=f"report:{report.pk}:{address}", kind="report", to=address, subject=subject, text=text,
            language=row.language, workspace_id=report.workspace_id, at=report.frozen_at,
        )  # fmt: skip
