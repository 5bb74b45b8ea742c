"""Creators as CSV or XLSX: the set as it was filtered, with the filter, the order and the versions in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from accounts.actors import Actor
from accounts.tables import neutral
from matching.models import CreatorIndex
from matching.reasons import topic_label
from matching.services.choosing import voices

MOST = 10_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Meta = Sequence[tuple[str, Any]]


def head() -> list[str]:
    people = [_("Creator"), _("Number"), _("Accounts"), _("Networks"), _("Followers"), _("Size"), _("Languages")]
    place = [_("Country"), _("City"), _("Topics")]
    rates = [_("Engagement rate"), _("low"), _("high"), _("Base"), _("Qualified comments"), _("Sponsored share")]
    scores = [_("Audience quality"), _("Editorial posture"), _("Reliability"), _("Fit")]
    price = [_("Price (EUR)"), _("low"), _("high"), _("Basis")]
    return [*people, *place, *rates, *scores, *price, _("Last post"), _("Data of"), _("Signals version")]


def lines(actor: Actor, ids: Sequence[int], fits: Sequence[float | None] = ()) -> list[list[Any]]:
    """One row per creator the actor may see, in the order given; unknown stays empty, never 0."""
    rows = CreatorIndex.visible_to(actor).in_bulk(list(ids))
    fit = dict(zip(ids, fits, strict=False))
    priced = {voice.index.pk: voice for voice in voices(actor, ids, {})}
    return [_line(rows[pk], priced.get(pk), fit.get(pk)) for pk in ids if pk in rows]


def _line(i: CreatorIndex, voice: Any, fit: float | None) -> list[Any]:
    money = [voice.price, voice.price_low, voice.price_high, voice.price_basis] if voice else [None] * 4
    return [
        i.display_name, i.pk, " ".join(i.handles), " ".join(i.platforms), i.followers, i.tier, " ".join(i.languages),
        i.country, i.city, ", ".join(topic_label(slug) for slug in i.topics),
        _round(i.er, 4), _round(i.er_low, 4), _round(i.er_high, 4), i.er_base, _round(i.qualified, 4), _round(i.sponsored_share, 4),
        _round(i.audience_score, 1), _round(i.posture_score, 1), _round(i.reliability_score, 1), _round(fit, 1),
        *money, _day(i.last_post_at), _day(i.fresh_at), i.signals_version,
    ]  # fmt: skip


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(float(value), digits)


def _day(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def as_csv(name: str, meta: Meta, rows: Sequence[Sequence[Any]]) -> HttpResponse:
    """UTF-8 with a mark so that spreadsheets read accents; what the file holds stands above it, lines with #."""
    out = io.StringIO()
    writer = csv.writer(out)
    for label, value in meta:
        writer.writerow([f"# {label}", neutral(value)])
    writer.writerow(head())
    writer.writerows([_cell(value) for value in row] for row in rows)
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    return _named(response, name, "csv")


def _cell(value: Any) -> Any:
    return neutral(value) if isinstance(value, str) else "" if value is None else value


def as_xlsx(name: str, meta: Meta, rows: Sequence[Sequence[Any]]) -> HttpResponse:
    book = Workbook()
    sheet = book.active
    sheet.title = _("Creators")
    sheet.append(head())
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_clean(value) for value in row])
    sheet.freeze_panes = "B2"
    about = book.create_sheet(_("About this file"))
    for label, value in meta:
        about.append([label, _clean(str(value))])
    out = io.BytesIO()
    book.save(out)
    return _named(HttpResponse(out.getvalue(), content_type=_XLSX), name, "xlsx")


def _clean(value: Any) -> Any:
    """What a workbook can hold: no control characters, no formulas."""
    return neutral("".join(c for c in value if c.isprintable() or c == "\n")) if isinstance(value, str) else value


def _named(response: HttpResponse, name: str, kind: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.now():%Y%m%d}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response
