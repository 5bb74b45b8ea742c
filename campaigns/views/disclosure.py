"""The disclosure board: every publication by rule, the rate over time, the register as a file."""

from __future__ import annotations

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import PageRequest
from accounts.tables import neutral
from accounts.views.access import needs
from campaigns import compliance
from campaigns.disclosure.packs import COUNTRIES, all_packs
from campaigns.disclosure.wording import country_name
from campaigns.models import Campaign

SHOWN_MOST = 300


def _filters(request: PageRequest) -> dict[str, str]:
    """What the address asks for; anything unknown is as if it were not there."""
    asked = {name: request.GET.get(name, "").strip() for name in ("campaign", "country", "state")}
    known = {str(pk) for pk in Campaign.visible_to(request.actor).values_list("pk", flat=True)}
    asked["campaign"] = asked["campaign"] if asked["campaign"] in known else ""
    asked["country"] = asked["country"].upper() if asked["country"].upper() in COUNTRIES else ""
    asked["state"] = asked["state"] if asked["state"] in compliance.STATES else ""
    return asked


def _lines(request: PageRequest, asked: dict[str, str]) -> list[compliance.Line]:
    rows = compliance.published(request.actor).prefetch_related("checks__screenshot")
    if asked["campaign"]:
        rows = rows.filter(partnership__campaign_id=asked["campaign"])
    lines = compliance.board(rows)
    if asked["country"]:
        lines = [line for line in lines if line.work.verdict and asked["country"] in line.work.verdict.check.countries]
    return lines


@needs("disclosure.read")
@require_safe
def disclosure_board(request: PageRequest) -> HttpResponse:
    asked = _filters(request)
    found = _lines(request, asked)
    shown = [line for line in found if not asked["state"] or line.state == asked["state"]]
    counts = {state: sum(line.state == state for line in found) for state in compliance.STATES}
    rate = compliance.rate(found)
    context: dict[str, Any] = {
        "asked": asked,
        "lines": shown[:SHOWN_MOST],
        "all": len(found),
        "shown": len(shown),
        "counts": [(state, *compliance.state_labels()[state], counts[state]) for state in compliance.STATES],
        "badges": {state: compliance.state_labels()[state] for state in compliance.STATES},
        "heads": compliance.labels(),
        "rate": rate,
        "rate_percent": round(100 * rate.share) if rate.share is not None else None,
        "campaigns": Campaign.visible_to(request.actor).order_by("name"),
        "countries": [(code, country_name(code)) for code in COUNTRIES],
        "packs": [(country_name(p.country), p.version, p.checked_on) for p in all_packs()],
        "query": "&".join(f"{name}={value}" for name, value in asked.items() if value),
        "last": max((line.work.verdict.check.checked_at for line in found if line.work.verdict), default=None),
        "may_review": compliance.may_act(request.actor),
    }
    return render(request, "campaigns/disclosure_board.html", context)


@needs("disclosure.read")
@require_safe
def disclosure_csv(request: PageRequest) -> HttpResponse:
    """The register of what the board shows, with the same filters."""
    asked = _filters(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="disclosure-{timezone.now():%Y%m%d}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(compliance.register_heads())
    for line in _lines(request, asked):
        if not asked["state"] or line.state == asked["state"]:
            writer.writerow([neutral(value) for value in compliance.register_row(line)])
    return response
