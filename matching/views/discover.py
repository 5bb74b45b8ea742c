"""Discover: one box, facets with live counts, cards with their reasons; and the answers that were kept."""

from __future__ import annotations

from dataclasses import asdict, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import can
from accounts.views.access import needs
from matching.cards import cards, off_subject
from matching.discover_figures import score_by_price
from matching.filters import SearchQuery
from matching.models import CreatorIndex, MatchRun
from matching.search import search
from matching.services import searches


def address(query: SearchQuery) -> str:
    return f"{reverse('discover')}?{urlencode(query.parameters())}"


@needs("creator.read")
@require_safe
def discover(request: HttpRequest) -> HttpResponse:
    query = SearchQuery.parse(request.GET)
    page = search(actor=request.actor, query=query)
    found = cards(request.actor, ((row.index, asdict(row.fit) if row.fit else None) for row in page.rows))
    context = {
        "query": query,
        "page": page,
        "cards": found,
        "chips": [{"label": f"{a.label}: {a.text}", "remove_url": address(a.without)} for a in page.active],
        "relaxations": [(r, address(r.query)) for r in page.relaxations],
        "suggestions": [(suggestion, address(suggestion.query)) for suggestion in page.suggestions],
        "suggested": address(page.suggested) if page.suggested and len(page.suggestions) > 1 else "",
        "scatter": score_by_price(request.actor, found) if not query.cursor else None,
        "asked": urlencode(query.parameters()),
        "fresh_searches": sum(searches.unread(request.actor).values()) if can(request.actor, "search.read") else 0,
        "off_subject": off_subject(found) and "cursor" not in request.GET,
        "index_is_empty": not found and not query.filters and not CreatorIndex.visible_to(request.actor).exists(),
    }
    part = request.htmx and not request.htmx.boosted
    response = render(request, "matching/discover_results.html" if part else "matching/discover.html", context)
    response["Vary"] = "HX-Request, Cookie, Accept-Language"
    return response


@needs("match.read")
@require_safe
def match_detail(request: HttpRequest, pk: str) -> HttpResponse:
    """An answer as it was kept, with the brief, the engine's version and what was excluded."""
    run = get_object_or_404(MatchRun.visible_to(request.actor), pk=pk)
    rows = run.results.select_related("creator__index").filter(creator__erased_at__isnull=True).order_by("rank")
    results = [row for row in rows if hasattr(row.creator, "index")]
    drawn = cards(request.actor, ((row.creator.index, row.fit) for row in results))
    found = [replace(card, rank=row.rank, explored=row.explored) for card, row in zip(drawn, results, strict=True)]
    return render(
        request, "matching/match_detail.html", {"run": run, "cards": found, "off_subject": off_subject(found)}
    )
