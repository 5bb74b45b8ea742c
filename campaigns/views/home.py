"""The first page after signing in: what needs you."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import Brand
from accounts.permissions import can
from accounts.requests import PageRequest
from campaigns import lookback, selectors
from campaigns.models import Partnership
from campaigns.waiting import dialogue_needs, leak_needs
from matching.models import CreatorIndex


@require_safe
def home(request: PageRequest) -> HttpResponse:
    """Brand members: what waits for them. Creators: their deals. Strangers: the sign-in."""
    actor = request.actor
    if not request.user.is_authenticated:
        return redirect("account_login")
    if actor.creator_id is not None:
        return redirect("deal_list")
    if actor.kind == "staff":
        return redirect("staff_home")
    if actor.workspace_id is None:
        return render(request, "campaigns/home_without_workspace.html")
    return render(request, "campaigns/home.html", _context(actor))


def _context(actor: Any) -> dict[str, Any]:
    campaigns = list(selectors.running(actor)[:12])
    money = selectors.spending(actor, campaigns)
    steps = {
        "creators": CreatorIndex.visible_to(actor).exists(),
        "brand": Brand.visible_to(actor).exists(),
        "campaign": selectors.campaigns(actor).exists(),
        "invited": Partnership.visible_to(actor).filter(invited_at__isnull=False).exists(),
    }
    needs = [*leak_needs(actor), *selectors.needs(actor), *dialogue_needs(actor)]
    return {
        "needs": needs[:30],
        "after": lookback.lines(actor)[:20] if can(actor, "contract.read") else [],
        "more": max(0, len(needs) - 30),
        "campaigns": [(campaign, money[campaign.pk]) for campaign in campaigns],
        "steps": steps,
        "is_new": not steps["invited"],
        "may_change": can(actor, "campaign.change"),
    }
