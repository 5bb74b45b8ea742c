"""The pipeline of a campaign: the same people as a board, as a table, and as a file."""

from __future__ import annotations

import csv
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import PageRequest
from accounts.services.privacy import note_look
from accounts.tables import neutral
from accounts.views.access import needs
from campaigns import selectors
from campaigns.letters import asked
from campaigns.states import PARTNERSHIP
from campaigns.views.campaigns import frame, one

COLUMN_LABELS = ("shortlisted", "invited", "countered", "accepted", "contracted", "live", "completed")


@needs("campaign.read")
@require_safe
def campaign_pipeline(request: PageRequest, pk: Any) -> HttpResponse:
    campaign = one(request, pk)
    view = "table" if request.GET.get("view") == "table" else "board"
    sort = _sort(request)
    found = selectors.rows(request.actor, selectors.sorted_partnerships(request.actor, campaign, sort))
    context = frame(request, campaign, "pipeline") | {
        "view": view,
        "sort": sort,
        "heads": heads(sort),
        "rows": found,
        "columns": [(name, column_label(name), rows) for name, rows in selectors.board(found)],
    }
    return render(request, "campaigns/campaign_pipeline.html", context)


def _sort(request: PageRequest) -> str:
    sort = request.GET.get("sort", "changed")
    return sort if sort.lstrip("-") in selectors.SORTS and sort.count("-") <= 1 else "changed"


def column_label(name: str) -> str:
    if name == "ended":
        return _("Ended")
    return str(PARTNERSHIP.badges[name].label) if name in COLUMN_LABELS else name


def heads(sort: str) -> list[dict[str, Any]]:
    """Column heads that sort: a second click turns the order."""
    labels = {
        "name": _("Creator"),
        "state": _("State"),
        "score": _("Match"),
        "fee": _("Fee"),
        "deadline": _("Answer by"),
        "changed": _("Last change"),
    }
    found = []
    for key, label in labels.items():
        active = sort.lstrip("-") == key
        turned = active and not sort.startswith("-")
        order = ("descending" if selectors.descends(sort) else "ascending") if active else ""
        found.append({"key": key, "label": label, "query": f"-{key}" if turned else key, "order": order})
    return found


@needs("campaign.read")
@require_safe
def campaign_pipeline_csv(request: PageRequest, pk: Any) -> HttpResponse:
    """The table as it is sorted, UTF-8 with a mark so that spreadsheets read accents."""
    campaign = one(request, pk)
    found = selectors.rows(request.actor, selectors.sorted_partnerships(request.actor, campaign, _sort(request)))
    found = list(found)
    note_look(actor=request.actor, creators=[row.partnership.creator_id for row in found], exported=True)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="pipeline-{timezone.now():%Y%m%d}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(_csv_heads())
    for row in found:
        writer.writerow([neutral(value) for value in _cells(campaign, row)])
    return response


def _csv_heads() -> list[str]:
    offer = [_("Fee"), _("Currency"), _("In kind"), _("Value in kind"), _("Deliverables")]
    days = [_("Invited"), _("Answer by"), _("Last change")]
    return [_("Campaign"), _("Creator"), _("Accounts"), _("State"), _("Match"), *offer, *days, _("Reason"), _("Note")]


def _cells(campaign: Any, row: selectors.Row) -> list[Any]:
    one_, offer = row.partnership, row.table
    handles = " ".join(f"{account.platform}:{account.handle}" for account in one_.creator.accounts.all())
    days = [f"{value:%Y-%m-%d}" if value else "" for value in (one_.invited_at, one_.expires_at, one_.state_changed_at)]
    return [
        campaign.name,
        one_.creator.display_name,
        handles,
        one_.badge.label,
        f"{row.score:.0f}" if row.score is not None else "",
        offer.fee if offer else "",
        offer.currency if offer else "",
        offer.in_kind if offer else "",
        offer.in_kind_value if offer else "",
        asked(offer) if offer else "",
        *days,
        one_.get_decline_reason_display() or one_.get_closing_code_display(),
        one_.note,
    ]
