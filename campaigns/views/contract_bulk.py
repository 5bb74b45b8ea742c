"""Several contracts at once at the brand's desk: a preview with a reason per row, then sent or reminded; a ZIP of the files."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.models import Contract
from campaigns.services import contract_bulk as bulk
from campaigns.states import CONTRACT
from campaigns.views.contracts import rows


def _chosen(request: PageRequest, given: Any) -> list[Contract]:
    keys = set()
    for text in given.getlist("pk")[: bulk.MOST]:
        try:
            keys.add(uuid.UUID(text))
        except ValueError:
            continue
    return list(rows(request).filter(pk__in=keys).order_by("created_at"))


@needs("contract.change")
@require_http_methods(["GET", "HEAD", "POST"])
def contract_bulk(request: PageRequest) -> HttpResponse:
    """GET ?do=send&pk=…: what would happen to each. POST: does it, and shows what was refused."""
    given = request.POST if request.method == "POST" else request.GET
    step = given.get("do", "")
    if step not in bulk.STEPS:
        raise Http404
    chosen = _chosen(request, given)
    if not chosen:
        messages.warning(request, bulk.nothing_chosen())
        return redirect("contract_list")
    done = request.method == "POST"
    lines = (bulk.perform if done else bulk.preview)(actor=request.actor, contracts=chosen, step=step)
    count = sum(not line.refusal for line in lines)
    if done:
        _say(request, step, count)
        if count == len(lines):
            return redirect("contract_list")
    context = {"lines": lines, "step": step, "count": count, "done": done}
    return render(request, "campaigns/contract_bulk.html", context)


def _say(request: PageRequest, step: str, count: int) -> None:
    if not count:
        messages.warning(request, _("Nothing was sent. Each row says why."))
    elif step == "send":
        text = ngettext("%(n)s contract sent for signature.", "%(n)s contracts sent for signature.", count)
        messages.success(request, text % {"n": count})
    else:
        text = ngettext("%(n)s reminder is on its way.", "%(n)s reminders are on their way.", count)
        messages.success(request, text % {"n": count})


@needs("contract.desk")
@require_safe
def contract_zip(request: PageRequest) -> Any:
    """Files of the chosen contracts, or of a state's, or of all; the newest FILES_MOST."""
    found = rows(request).prefetch_related("files").order_by("-created_at")
    state = request.GET.get("state", "")
    if "pk" in request.GET:
        found = found.filter(pk__in=[row.pk for row in _chosen(request, request.GET)])
    elif state in CONTRACT.states:
        found = found.filter(state=state)
    answer = FileResponse(bulk.archive(found[: bulk.FILES_MOST]), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="contracts.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer
