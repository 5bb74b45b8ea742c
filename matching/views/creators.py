"""A creator's pages: scores with their proofs, content, conversation. Brands and the creator see the same."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.api.paging import page
from accounts.models import Creator
from accounts.views.access import needs
from matching import profiles
from matching.models import Comment, CreatorIndex

POST_FILTERS = {"all": {}, "sponsored": {"is_sponsored": True}, "organic": {"is_sponsored": False}}


def _creator(request: HttpRequest, pk: int) -> Creator:
    rows = Creator.visible_to(request.actor).prefetch_related("accounts__source")
    return get_object_or_404(rows, pk=pk)


def _show(request: HttpRequest, creator: Creator, current: str, **context: Any) -> HttpResponse:
    tabs = [
        ("scores", _("Scores"), reverse("creator_detail", args=[creator.pk])),
        ("content", _("Content"), reverse("creator_content", args=[creator.pk])),
        ("conversation", _("Conversation"), reverse("creator_conversation", args=[creator.pk])),
    ]
    accounts = sorted(creator.accounts.all(), key=lambda account: -(account.followers or 0))
    index = CreatorIndex.visible_to(request.actor).filter(pk=creator.pk).first()
    shown = {"creator": creator, "accounts": accounts, "index": index, "tabs": tabs, "current": current}
    template = f"matching/creator_{current}.html"
    return render(request, template, shown | {"terms": getattr(creator, "terms", None)} | context)


@needs("creator.read")
@require_safe
def scores(request: HttpRequest, pk: int) -> HttpResponse:
    creator = _creator(request, pk)
    row, signals = profiles.current_signals(request.actor, creator)
    recent = list(profiles.posts_of(request.actor, creator)[: profiles.SHOWN_POSTS])
    groups = profiles.grouped(profiles.signal_rows(request.actor, signals))
    return _show(
        request,
        creator,
        "scores",
        computed=row,
        groups=groups,
        engagement=profiles.engagement_chart(recent),
        growth=profiles.growth_chart(request.actor, creator),
    )


@needs("creator.read")
@require_safe
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The side panel of a result: the same person in short."""
    creator = _creator(request, pk)
    row, signals = profiles.current_signals(request.actor, creator)
    rows = [entry for entry in profiles.signal_rows(request.actor, signals) if entry.signal.known][:6]
    posts = profiles.posts_of(request.actor, creator)[:4]
    index = CreatorIndex.visible_to(request.actor).filter(pk=pk).first()
    accounts = sorted(creator.accounts.all(), key=lambda account: -(account.followers or 0))
    context = {"creator": creator, "index": index, "rows": rows, "posts": posts, "accounts": accounts, "computed": row}
    return render(request, "matching/creator_panel.html", context)


@needs("creator.read")
@require_safe
def content(request: HttpRequest, pk: int) -> HttpResponse:
    creator = _creator(request, pk)
    shown = request.GET.get("show", "all")
    everything = profiles.posts_of(request.actor, creator)
    rows = everything.filter(**POST_FILTERS.get(shown, {}))
    found = page(_Query(request), rows, lambda post: (post, profiles.rate(post)), by="posted_at")
    choices = [
        (key, label, f"?show={key}")
        for key, label in (("all", _("All")), ("organic", _("Organic")), ("sponsored", _("Sponsored")))
    ]
    return _show(
        request,
        creator,
        "content",
        posts=found["data"],
        next_cursor=found["next_cursor"],
        total=found["total_estimate"],
        choices=choices,
        shown=shown if shown in POST_FILTERS else "all",
        tags=profiles.topic_counts(everything),
    )


@needs("creator.read")
@require_safe
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    creator = _creator(request, pk)
    row, signals = profiles.current_signals(request.actor, creator)
    names = profiles.CONVERSATION_SIGNALS
    rows = [entry for entry in profiles.signal_rows(request.actor, signals) if entry.signal.name in names]
    kinds = profiles.comment_kinds(signals)
    samples = (
        Comment.visible_to(request.actor)
        .filter(post__account__creator=creator, is_owner=False)
        .select_related("post")
        .order_by("-posted_at", "-pk")[:20]
    )
    return _show(request, creator, "conversation", computed=row, rows=rows, kinds=kinds, samples=samples)


class _Query:
    """Gives the API's paging the page's own parameters."""

    def __init__(self, request: HttpRequest) -> None:
        self.query_params = {name: request.GET[name] for name in ("cursor",) if name in request.GET} | {"limit": "24"}
