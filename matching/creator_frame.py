"""What stands around every tab of a creator's page. The layer above adds tabs by their route's name alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import Creator
from accounts.permissions import can
from matching.models import CreatorIndex

# key, route, verb of who sees the tab; a route this installation does not have is left out
TABS = (
    ("scores", "creator_detail", "creator.read"),
    ("audience", "creator_audience", "creator.read"),
    ("content", "creator_content", "creator.read"),
    ("conversation", "creator_conversation", "creator.read"),
    ("compliance", "creator_compliance", "disclosure.read"),
    ("history", "creator_history", "campaign.read"),
    ("notes", "creator_notes", "note.read"),
)


def one_creator(request: HttpRequest, pk: int) -> Creator:
    rows = Creator.visible_to(request.actor).prefetch_related("accounts__source")  # type: ignore[attr-defined]
    found: Creator = get_object_or_404(rows, pk=pk)
    return found


def creator_frame(request: HttpRequest, creator: Creator, current: str) -> dict[str, Any]:
    """Context of `matching/creator_base.html`."""
    actor = request.actor  # type: ignore[attr-defined]
    accounts = sorted(creator.accounts.all(), key=lambda account: -(account.followers or 0))
    return {
        "creator": creator,
        "accounts": accounts,
        "index": CreatorIndex.visible_to(actor).filter(pk=creator.pk).first(),
        "tabs": _tabs(actor, creator),
        "current": current,
        "terms": getattr(creator, "terms", None),
    }


def _tabs(actor: Any, creator: Creator) -> list[tuple[str, str, str]]:
    labels = {
        "scores": _("Scores"),
        "audience": _("Audience"),
        "content": _("Content"),
        "conversation": _("Conversation"),
        "compliance": _("Compliance"),
        "history": _("History"),
        "notes": _("Notes"),
    }
    found = []
    for key, route, verb in TABS:
        try:
            if can(actor, verb):
                found.append((key, labels[key], reverse(route, args=[creator.pk])))
        except NoReverseMatch:
            continue
    return found
