"""The workspace's table of earned media value: off unless somebody wants it, a new version with every change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.errors import InvalidInput
from accounts.models import PlatformName
from accounts.permissions import can
from accounts.requests import PageRequest
from accounts.views.access import needs
from campaigns.models import EmvTable
from campaigns.services import results as service

COUNTERS = ("view", "like", "comment", "share", "save")


@needs("result.read", change="workspace.change", desk=True)
@require_http_methods(["GET", "HEAD", "POST"])
def emv_settings(request: PageRequest) -> HttpResponse:
    """One field per network and counter; what is left empty is worth nothing."""
    tables = list(EmvTable.visible_to(request.actor)[:20])
    newest = tables[0] if tables else None
    typed: dict[str, dict[str, str]] = dict(newest.rates) if newest else {}
    faults: list[str] = []
    if request.method == "POST":
        typed = {
            platform: {
                name: text for name in COUNTERS if (text := request.POST.get(f"{platform}-{name}", "").strip()[:20])
            }
            for platform in PlatformName.values
        }
        try:
            service.save_emv(
                actor=request.actor,
                workspace=request.workspace,
                rates={platform: row for platform, row in typed.items() if row},
                is_on="is_on" in request.POST,
                in_roi="in_roi" in request.POST,
            )
            messages.success(request, _("Saved as the next version. Frozen reports keep theirs."))
            return redirect("emv_settings")
        except InvalidInput as error:
            faults = [text for texts in error.fields.values() for text in texts]
    context: dict[str, Any] = {
        "rows": [
            (key, label, [(name, typed.get(key, {}).get(name, "")) for name in COUNTERS])
            for key, label in PlatformName.choices
        ],
        "names": [_("view"), _("like"), _("comment"), _("share"), _("save")],
        "newest": newest,
        "tables": tables,
        "faults": faults,
        "may_change": can(request.actor, "workspace.change"),
    }
    return render(request, "campaigns/emv_settings.html", context, status=422 if faults else 200)
