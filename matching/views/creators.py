"""A creator's pages: scores with their proofs, content, conversation. Brands and the creator see the same."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.api.paging import page
from accounts.models import Creator
from accounts.services.privacy import note_look
from accounts.views.access import needs
from matching import comment_samples, creator_figures, profiles
from matching.creator_frame import creator_frame, one_creator
from matching.models import CreatorIndex
from matching.values_shown import values_shown
from matching.what_if import what_is_missing, what_would_change

POST_FILTERS = {"all": {}, "sponsored": {"is_sponsored": True}, "organic": {"is_sponsored": False}}


def _show(request: HttpRequest, creator: Creator, current: str, **context: Any) -> HttpResponse:
    return render(request, f"matching/creator_{current}.html", creator_frame(request, creator, current) | context)


@needs("creator.read")
@require_safe
def scores(request: HttpRequest, pk: int) -> HttpResponse:
    creator = one_creator(request, pk)
    note_look(actor=request.actor, creators=[creator.pk])
    row, signals = profiles.current_signals(request.actor, creator)
    groups = profiles.grouped(profiles.signal_rows(request.actor, signals))
    return _show(
        request,
        creator,
        "scores",
        computed=row,
        groups=groups,
        waterfalls=creator_figures.waterfalls(signals),
        changes=what_would_change(signals),
        history=creator_figures.history(request.actor, creator),
        growth=creator_figures.growth(request.actor, creator, signals),
        missing=what_is_missing(signals),
    )


@needs("creator.read")
@require_safe
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The side panel of a result: the same person in short."""
    creator = one_creator(request, pk)
    note_look(actor=request.actor, creators=[creator.pk])
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
    creator = one_creator(request, pk)
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
        figures=_content_figures(request, creator, everything),
        values=values_shown(request.actor, creator, profiles.current_signals(request.actor, creator)[1]),
    )


@needs("creator.read")
@require_safe
def conversation(request: HttpRequest, pk: int) -> HttpResponse:
    creator = one_creator(request, pk)
    row, signals = profiles.current_signals(request.actor, creator)
    names = profiles.CONVERSATION_SIGNALS
    rows = [entry for entry in profiles.signal_rows(request.actor, signals) if entry.signal.name in names]
    read = comment_samples.read_comments(request.actor, creator)
    return _show(
        request,
        creator,
        "conversation",
        computed=row,
        rows=rows,
        mix=creator_figures.comment_mix(signals),
        mood=comment_samples.mood_figure(read.moods),
        read=read,
    )


def _content_figures(request: HttpRequest, creator: Creator, posts: Any) -> list[tuple[str, Any]]:
    _row, signals = profiles.current_signals(request.actor, creator)
    recent = list(posts[: profiles.SHOWN_POSTS])
    drawn = (
        ("engagement", creator_figures.engagement(recent)),
        ("stream", creator_figures.topics_over_time(request.actor, creator)),
        ("half-life", creator_figures.half_life(request.actor, creator, signals)),
    )
    return [(name, figure) for name, figure in drawn if figure is not None]


class _Query:
    """Gives the API's paging the page's own parameters."""

    def __init__(self, request: HttpRequest) -> None:
        self.query_params = {name: request.GET[name] for name in ("cursor",) if name in request.GET} | {"limit": "24"}
